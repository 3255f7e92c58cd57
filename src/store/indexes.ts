/** Look-up tables and the text index, derived from records; the unit of work keeps them up to date. */
import { fold, foldedWords } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import { isUniqueViolation, type Row, type Sql } from './sql.ts';
import type { TrackedTable } from './tables.ts';

const listOf = (json: unknown): readonly unknown[] =>
  typeof json === 'string' ? (JSON.parse(json) as unknown[]) : [];

const wordsOf = (patient: Row): ReadonlySet<string> =>
  new Set(
    [patient['name'], patient['goes_by'], patient['handle'], ...listOf(patient['aliases'])].flatMap((name) =>
      typeof name === 'string' ? foldedWords(name) : [],
    ),
  );

const fewTexts = 1000;
/** A rebuild costs about a twentieth of indexing the same texts one by one, and far less of removing them. */
const rebuildShare = 20;

export class Indexes {
  readonly #sql: Sql;
  #texts = 0;
  #rebuilds = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  follow(table: TrackedTable, before: Row | undefined, after: Row | undefined): void {
    if (table.name === 'patient') this.#followPatient(before, after);
    else if (table.name === 'note') this.#followText(before, after, 'answer');
    else if (table.name === 'commitment') this.#followText(before, after, 'how');
  }

  begin(): void {
    this.#texts = 0;
    this.#rebuilds = false;
  }

  expect(texts: number): void {
    if (this.#rebuilds || texts < fewTexts) return;
    const all = this.#sql.get<{ records: number }>('SELECT max(number) AS records FROM ref');
    this.#rebuilds = texts * rebuildShare >= (all?.records ?? 0);
  }

  /** After an erasure: a plain delete leaves the words in the FTS5 index. */
  rebuildText(): void {
    this.#rebuilds = true;
  }

  finish(): void {
    if (this.#rebuilds) this.#sql.run("INSERT INTO text_index (text_index) VALUES ('rebuild')");
  }

  #followText(before: Row | undefined, after: Row | undefined, outcome: 'answer' | 'how'): void {
    if (before && after && before['text'] === after['text'] && before[outcome] === after[outcome]) return;
    this.#texts += 1;
    if (this.#texts % fewTexts === 0) this.expect(this.#texts);
    if (this.#rebuilds) return;
    if (before)
      this.#sql.run(
        "INSERT INTO text_index (text_index, rowid, text, outcome) VALUES ('delete', ?, ?, ?)",
        before['number'] ?? null,
        before['text'] ?? null,
        before[outcome] ?? '',
      );
    if (after)
      this.#sql.run(
        'INSERT INTO text_index (rowid, text, outcome) VALUES (?, ?, ?)',
        after['number'] ?? null,
        after['text'] ?? null,
        after[outcome] ?? '',
      );
  }

  #followPatient(before: Row | undefined, after: Row | undefined): void {
    if (before) {
      const id = before['id'] ?? null;
      this.#sql.run('DELETE FROM patient_handle WHERE handle = ?', fold(String(before['handle'])));
      this.#sql.run('DELETE FROM patient_word WHERE patient_id = ?', id);
      for (const { system, value } of this.#identifiers(before))
        this.#sql.run(
          'DELETE FROM patient_identifier WHERE system = ? AND value = ? AND patient_id = ?',
          system,
          value,
          id,
        );
    }
    if (after) {
      const id = after['id'] ?? null;
      this.#takeHandle(fold(String(after['handle'])), id);
      for (const word of wordsOf(after))
        this.#sql.run('INSERT INTO patient_word (word, patient_id) VALUES (?, ?)', word, id);
      for (const { system, value } of this.#identifiers(after))
        this.#sql.run(
          'INSERT OR IGNORE INTO patient_identifier (system, value, patient_id) VALUES (?, ?, ?)',
          system,
          value,
          id,
        );
    }
  }

  #identifiers(patient: Row): readonly { readonly system: string; readonly value: string }[] {
    return listOf(patient['identifiers']) as { system: string; value: string }[];
  }

  #takeHandle(handle: string, id: Row[string]): void {
    try {
      this.#sql.run('INSERT INTO patient_handle (handle, patient_id) VALUES (?, ?)', handle, id ?? null);
    } catch (error) {
      if (isUniqueViolation(error))
        throw conflict('this handle belongs to another patient', 'rapport patient list');
      throw error;
    }
  }
}
