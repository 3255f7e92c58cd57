/** Patients, and how they are found: by handle, by the beginnings of folded words, by identifier. */
import { createHmac } from 'node:crypto';
import type { Patient } from '../domain/records.ts';
import { fold } from '../domain/text.ts';
import { eraseAll } from './erasing.ts';
import { type Parts, RecordRepository } from './repository.ts';
import { quoted } from './sql.ts';
import type { PatientFilter, Patients } from './store.ts';
import { tables } from './tables.ts';

/** Above every character, so that [word, word + this) holds all that begin with the word. */
const above = '\u{10ffff}';

export class PatientRepository extends RecordRepository<Patient> implements Patients {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(parts, tables.patient);
    this.#parts = parts;
  }

  all(filter: PatientFilter = {}): readonly Patient[] {
    const conditions = [
      ...(filter.inTouch ? ['cadence_days IS NOT NULL'] : []),
      ...(filter.status === undefined ? [] : [`status IN (${quoted(filter.status)})`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.select(`${where} ORDER BY handle, number`);
  }

  byHandle(handle: string): Patient | undefined {
    const found = this.sql.get<{ patient_id: string }>(
      'SELECT patient_id FROM patient_handle WHERE handle = ?',
      fold(handle),
    );
    return found === undefined ? undefined : this.byId(found.patient_id);
  }

  withWords(words: readonly string[]): readonly Patient[] {
    if (words.length === 0) return [];
    const one = 'SELECT patient_id FROM patient_word WHERE word >= ? AND word < ?';
    return this.select(
      `WHERE id IN (${words.map(() => one).join(' INTERSECT ')}) ORDER BY handle, number`,
      ...words.flatMap((word) => [word, word + above]),
    );
  }

  byIdentifier(system: string, value: string): Patient | undefined {
    return this.select(
      'WHERE id IN (SELECT patient_id FROM patient_identifier WHERE system = ? AND value = ?) ORDER BY number LIMIT 1',
      system,
      value,
    )[0];
  }

  remove(id: string): void {
    this.journal.remove(this.table, this.numberOf(id));
  }

  forget(id: string): void {
    const number = this.numberOf(id);
    const patient = this.byId(id);
    if (patient === undefined) return;
    eraseAll(this.#parts, patient, number);
    this.sql.run(
      'INSERT OR IGNORE INTO forgotten (mark, at) VALUES (?, ?)',
      this.#markOf(patient.name, patient.birth_date, this.#markKey()),
      this.#parts.needs.instant(),
    );
  }

  wasForgotten(name: string, birthDate: string | null): boolean {
    const key = this.sql.get<{ value: string }>("SELECT value FROM meta WHERE key = 'forgotten_key'");
    if (key === undefined) return false;
    const mark = this.#markOf(name, birthDate, key.value);
    return this.sql.get('SELECT 1 FROM forgotten WHERE mark = ?', mark) !== undefined;
  }

  /** A key of the vault's own, so that marks outlive a change of the master key. */
  #markKey(): string {
    const { newId } = this.#parts.needs;
    this.sql.run(
      "INSERT OR IGNORE INTO meta (key, value) VALUES ('forgotten_key', ?)",
      newId() + newId() + newId(),
    );
    return this.sql.get<{ value: string }>("SELECT value FROM meta WHERE key = 'forgotten_key'")?.value ?? '';
  }

  #markOf(name: string, birthDate: string | null, key: string): string {
    return createHmac('sha256', key)
      .update(JSON.stringify([fold(name).trim(), birthDate]))
      .digest('hex');
  }
}
