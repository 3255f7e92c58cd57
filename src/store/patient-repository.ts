/** Patients, found by handle, beginnings of folded words, or identifier; and the people around them. */
import type { Patient, PatientStatus, Person } from '../domain/records.ts';
import { fold } from '../domain/text.ts';
import { above } from './completions.ts';
import { eraseAll, ForgottenMarks } from './erasure.ts';
import { type Parts, RecordRepository } from './record-repository.ts';
import { quoted } from './sql.ts';
import { decode, tables } from './tables.ts';

interface PatientFilter {
  readonly status?: readonly PatientStatus[];
  readonly inTouch?: true;
}

export class PatientRepository extends RecordRepository<Patient> {
  readonly #parts: Parts;
  readonly #marks: ForgottenMarks;

  constructor(parts: Parts) {
    super(parts, tables.patient);
    this.#parts = parts;
    this.#marks = new ForgottenMarks(parts);
  }

  all(filter: PatientFilter = {}): readonly Patient[] {
    const conditions = [
      ...(filter.inTouch ? ['cadence_days IS NOT NULL'] : []),
      ...(filter.status === undefined ? [] : [`status IN (${quoted(filter.status)})`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.select(`${where} ORDER BY handle, number`);
  }

  isEmpty(): boolean {
    return this.sql.get('SELECT number FROM patient WHERE number >= 0 LIMIT 1') === undefined;
  }

  some(status: PatientStatus | undefined, limit: number, offset: number): readonly Patient[] {
    return this.sql.map(
      `SELECT patient.* FROM patient_handle CROSS JOIN patient ON patient.id = patient_handle.patient_id
        ${status === undefined ? '' : `WHERE patient.status = ${quoted([status])}`}
        ORDER BY patient_handle.handle LIMIT ? OFFSET ?`,
      (row) => decode(this.table, row),
      limit,
      offset,
    );
  }

  byHandle(handle: string): Patient | undefined {
    const found = this.sql.get<{ patient_id: string }>(
      'SELECT patient_id FROM patient_handle WHERE handle = ?',
      fold(handle),
    );
    return found === undefined ? undefined : this.byId(found.patient_id);
  }

  /** Every word must begin some word of name, goes_by, handle or alias. */
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

  /** Ends a merge, when all records belong to the other patient. Drafts move along; undo returns them. */
  join(id: string, into: string): void {
    this.#parts.merges.join(this.unit.operation, id, into);
    this.unit.remove(this.table, this.numberOf(id));
  }

  /** Log rows and keyed marks without the name stay. Only in a `write` that is not undoable. @throws conflict (hold) */
  forget(id: string): void {
    const number = this.numberOf(id);
    const patient = this.byId(id);
    if (patient === undefined) return;
    eraseAll(this.#parts, patient, number);
    this.#marks.add(patient);
  }

  /** Whether somebody of that name or alias was forgotten whose birth year does not contradict it. */
  wasForgotten(name: string, birthDate: string | null): boolean {
    return this.#marks.has(name, birthDate);
  }
}

export class PersonRepository extends RecordRepository<Person> {
  constructor(parts: Parts) {
    super(parts, tables.person);
  }

  of(patientId: string): readonly Person[] {
    return this.select('WHERE patient_id = ? ORDER BY number', patientId);
  }

  /** For a person to whom no record refers any more, as after a merge. */
  remove(id: string): void {
    this.unit.remove(this.table, this.numberOf(id));
  }
}
