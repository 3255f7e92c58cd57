/**
 * Marks of forgotten people, so that an import notices when one comes back: an HMAC of each name with the year of
 * birth, under a key of the vault's own that survives a change of the master key.
 */
import { createHmac } from 'node:crypto';
import type { Patient } from '../domain/records.ts';
import { foldedWords } from '../domain/text.ts';
import type { Parts } from './record-repository.ts';

const keyOf = 'forgotten_key';

const anyYear = 'any';
const noYear = 'none';
const yearOf = (birthDate: string | null): string => birthDate?.slice(0, 4) ?? noYear;

export class ForgottenMarks {
  readonly #parts: Pick<Parts, 'sql' | 'needs'>;

  constructor(parts: Pick<Parts, 'sql' | 'needs'>) {
    this.#parts = parts;
  }

  add(patient: Pick<Patient, 'name' | 'aliases' | 'birth_date'>): void {
    const { sql, needs } = this.#parts;
    const key = this.#madeKey();
    const at = needs.instant();
    for (const name of [patient.name, ...patient.aliases])
      for (const year of [anyYear, yearOf(patient.birth_date)])
        sql.run(
          'INSERT OR IGNORE INTO forgotten (mark, at) VALUES (?, ?)',
          this.#markOf(name, year, key),
          at,
        );
  }

  has(name: string, birthDate: string | null): boolean {
    const key = this.#key();
    if (key === undefined) return false;
    const years = birthDate === null ? [anyYear] : [yearOf(birthDate), noYear];
    return years.some(
      (year) =>
        this.#parts.sql.get('SELECT 1 FROM forgotten WHERE mark = ?', this.#markOf(name, year, key)) !==
        undefined,
    );
  }

  #key(): string | undefined {
    return this.#parts.sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', keyOf)?.value;
  }

  #madeKey(): string {
    const { sql, needs } = this.#parts;
    sql.run(
      'INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)',
      keyOf,
      needs.newId() + needs.newId() + needs.newId(),
    );
    return this.#key() ?? '';
  }

  #markOf(name: string, year: string, key: string): string {
    const words = foldedWords(name);
    const called = words.length > 0 ? words.join(' ') : name.trim();
    return createHmac('sha256', key)
      .update(JSON.stringify([called, year]))
      .digest('hex');
  }
}
