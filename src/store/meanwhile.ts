/** Why a record is no longer as it was shown. No message holds a patient's text. */
import { printable } from '../domain/text.ts';
import { ChangedMeanwhile, conflict, type Failure } from '../errors.ts';
import type { Merges } from './merges.ts';
import type { Sql } from './sql.ts';
import type { RecordTable } from './tables.ts';

/** A patient's own record has no `patient_id`. */
export interface Seen {
  readonly id: string;
  readonly ref: string;
  readonly patient_id?: string;
  readonly sensitive?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const wordsOf = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : printable(String(value));

/** Fields that differ from what was shown, lists left out: they are appended to. */
export const differing = <R extends object>(
  { columns }: Pick<RecordTable<R>, 'columns'>,
  seen: R,
  now: R,
): readonly string[] =>
  Object.entries(columns).flatMap(([field, kind]) =>
    kind !== 'json' && (seen as Fields)[field] !== (now as Fields)[field] ? [field] : [],
  );

/** @param now shown on the terminal only */
export function changedMeanwhile(now: Seen, fields: readonly string[]): Failure {
  const says = (field: string): string => wordsOf((now as unknown as Fields)[field]);
  const called = fields.map((field) => field.replaceAll('_', ' '));
  const named = called.map((name, place) => (name === 'status' ? `now ${says(fields[place] ?? '')}` : name));
  return new ChangedMeanwhile(
    `${now.ref} was changed by another command meanwhile (${named.join(', ')})`,
    ['run this again to see it as it is now'],
    now.sensitive ? [] : fields.map((field, place) => `${now.ref} now, ${called[place]}: ${says(field)}`),
  );
}

export class Meanwhile {
  readonly #sql: Sql;
  readonly #merges: Merges;

  constructor(sql: Sql, merges: Merges) {
    this.#sql = sql;
    this.#merges = merges;
  }

  ofPatient(id: string): Failure | undefined {
    if (this.#has('SELECT 1 FROM patient WHERE id = ?', id)) return undefined;
    const kept = this.#merges.keptFor(id);
    if (kept !== undefined) {
      const handle = this.#sql.get<{ handle: string }>(
        'SELECT handle FROM patient WHERE id = ?',
        kept,
      )?.handle;
      return conflict(
        'the patient became part of another one meanwhile',
        ...(handle === undefined ? [] : [`all of theirs is there now: rapport patient show ${handle}`]),
      );
    }
    return this.#has(`SELECT 1 FROM change WHERE patient_id = ? AND record = 'patient'`, id)
      ? conflict('the patient was taken out by an undo meanwhile', 'rapport undo --list')
      : conflict('the patient was forgotten meanwhile');
  }

  of(table: RecordTable<never>['name'], { id, ref, patient_id = id }: Seen): Failure {
    const patient = this.ofPatient(patient_id);
    if (patient !== undefined) return patient;
    if (this.#has(`SELECT 1 FROM ${table} WHERE id = ?`, id))
      return conflict(
        `${ref} was moved to another patient meanwhile`,
        'run this again if it is to be changed there',
      );
    return this.#has('SELECT 1 FROM ref WHERE ref = ?', ref)
      ? conflict(`${ref} was taken out by an undo meanwhile`, 'rapport undo --list')
      : conflict(`${ref} was erased meanwhile`);
  }

  #has(question: string, value: string): boolean {
    return this.#sql.get(question, value) !== undefined;
  }
}
