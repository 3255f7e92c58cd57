/**
 * What a merge leaves besides its records' history: which patient became part of which, and the draft that went along.
 * Kept under the number of its operation, so that an undo gives the draft back, a redo takes it again, and whoever is
 * forgotten later takes along those who became part of them. Ids and line numbers only, no text.
 */
import { conflict } from '../errors.ts';
import type { Sql } from './sql.ts';

interface Merge {
  readonly gone: string;
  readonly kept: string;
  /** Numbers of the draft's lines that went along. */
  readonly lines: readonly number[];
  /** Of an undo: the lines went back to the patient who is there again. */
  readonly isBack: boolean;
}

const prefix = 'merge:';
/** The character after the prefix's last: keys from the prefix up to it are all of ours. */
const end = 'merge;';

export class Merges {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Gives a patient's draft to the one they become part of, and remembers who that is.
   * @throws conflict where both have a draft
   */
  join(operation: number, gone: string, kept: string): void {
    this.#write(operation, { gone, kept, lines: this.#giveDraft(gone, kept), isBack: false });
  }

  /** After an operation was taken back by another: its draft goes the other way. */
  reverse(operation: number, by: number): void {
    const merge = this.#of(operation);
    if (merge === undefined) return;
    const { gone, kept, isBack } = merge;
    const lines = isBack ? this.#giveDraft(gone, kept) : this.#returnLines(merge);
    this.#write(by, { gone, kept, lines, isBack: !isBack });
  }

  /** Those who became part of a patient, by way of others too. */
  partsOf(patientId: string): readonly string[] {
    const found = new Set<string>();
    const standing = this.#standing();
    const follow = (kept: string): void => {
      for (const merge of standing) {
        if (merge.kept !== kept || merge.gone === patientId || found.has(merge.gone)) continue;
        found.add(merge.gone);
        follow(merge.gone);
      }
    };
    follow(patientId);
    return [...found];
  }

  /** Whom a patient who is gone became part of, by way of others too. */
  keptFor(patientId: string): string | undefined {
    const standing = this.#standing();
    const passed = [patientId];
    for (;;) {
      const kept = standing.find(({ gone }) => gone === passed.at(-1))?.kept;
      if (kept === undefined || passed.includes(kept)) return passed[1] && passed.at(-1);
      passed.push(kept);
    }
  }

  forget(patientIds: readonly string[]): void {
    for (const [key, { gone, kept }] of this.#all())
      if (patientIds.includes(gone) || patientIds.includes(kept))
        this.#sql.run('DELETE FROM meta WHERE key = ?', key);
  }

  #giveDraft(from: string, to: string): readonly number[] {
    const draft = this.#sql.get<{ on: string }>('SELECT "on" FROM draft WHERE patient_id = ?', from);
    if (draft === undefined) return [];
    if (this.#sql.get('SELECT 1 FROM draft WHERE patient_id = ?', to) !== undefined)
      throw conflict('both patients have a draft that is not saved yet', 'rapport commit goes on with one');
    const lines = this.#sql.all<{ number: number }>(
      'SELECT number FROM draft_line WHERE patient_id = ? ORDER BY number',
      from,
    );
    this.#sql.run('INSERT INTO draft (patient_id, "on") VALUES (?, ?)', to, draft.on);
    this.#sql.run('UPDATE draft_line SET patient_id = ? WHERE patient_id = ?', to, from);
    this.#sql.run('DELETE FROM draft WHERE patient_id = ?', from);
    return lines.map(({ number }) => number);
  }

  /** Lines that were saved or dropped since are gone; those typed since stay where they were typed. */
  #returnLines({ gone, kept, lines }: Merge): readonly number[] {
    const left = lines.filter(
      (number) =>
        this.#sql.get('SELECT 1 FROM draft_line WHERE number = ? AND patient_id = ?', number, kept) !==
        undefined,
    );
    if (left.length === 0) return [];
    this.#sql.run(
      'INSERT INTO draft (patient_id, "on") SELECT ?, "on" FROM draft WHERE patient_id = ?',
      gone,
      kept,
    );
    for (const number of left)
      this.#sql.run('UPDATE draft_line SET patient_id = ? WHERE number = ?', gone, number);
    this.#sql.run(
      'DELETE FROM draft WHERE patient_id = ? AND NOT EXISTS (SELECT 1 FROM draft_line WHERE patient_id = draft.patient_id)',
      kept,
    );
    return left;
  }

  #write(operation: number, merge: Merge): void {
    this.#sql.run('INSERT INTO meta (key, value) VALUES (?, ?)', prefix + operation, JSON.stringify(merge));
  }

  #of(operation: number): Merge | undefined {
    const row = this.#sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', prefix + operation);
    return row && (JSON.parse(row.value) as Merge);
  }

  #all(): readonly (readonly [key: string, merge: Merge])[] {
    return this.#sql
      .all<{ key: string; value: string }>(
        'SELECT key, value FROM meta WHERE key > ? AND key < ?',
        prefix,
        end,
      )
      .map(({ key, value }) => [key, JSON.parse(value) as Merge]);
  }

  /** The merges that were not taken back. */
  #standing(): readonly Merge[] {
    return this.#all().flatMap(([key, merge]) => {
      const stands = this.#sql.get(
        'SELECT 1 FROM operation WHERE number = ? AND undoes IS NULL AND undone = 0',
        Number(key.slice(prefix.length)),
      );
      return stands === undefined ? [] : [merge];
    });
  }
}
