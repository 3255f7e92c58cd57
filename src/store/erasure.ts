/** Erases a note, or a patient with everything. `secure_delete` overwrites what this frees; nothing brings it back. */

import { createHmac } from 'node:crypto';
import type { Patient } from '../domain/records.ts';
import { foldedWords } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import type { Parts } from './record-repository.ts';
import type { Sql } from './sql.ts';
import { tables } from './tables.ts';

const onHold = (): Error =>
  conflict(
    'this patient is on hold, so nothing of theirs may be erased',
    'rapport patient hold PATIENT --off',
  );

function dropHistory(sql: Sql, record: string, number: number): void {
  sql.run('DELETE FROM change WHERE number = ? AND record = ?', number, record);
  sql.run('DELETE FROM ref WHERE number = ?', number);
}

function dropDrafts(sql: Sql, column: 'patient_id' | 'record', id: string): void {
  sql.run(`DELETE FROM draft_line WHERE draft IN (SELECT id FROM draft WHERE ${column} = ?)`, id);
  sql.run(`DELETE FROM draft WHERE ${column} = ?`, id);
}

export function eraseNote(parts: Parts, id: string, number: number): void {
  const { sql, unit } = parts;
  unit.beginErasing();
  const patient = sql.get<{ id: string; hold: number }>(
    'SELECT patient.id, patient.hold FROM patient JOIN note ON note.patient_id = patient.id WHERE note.number = ?',
    number,
  );
  if (patient?.hold === 1) throw onHold();
  const before = sql.get<{ replaces: string | null }>('SELECT replaces FROM note WHERE number = ?', number);
  for (const later of sql.all<{ number: number }>('SELECT number FROM note WHERE replaces = ?', id)) {
    unit.update(tables.note, later.number, { replaces: before?.replaces ?? null });
    sql.run(
      `UPDATE change SET before = json_set(before, '$.replaces', NULL)
        WHERE number = ? AND record = 'note' AND before ->> 'replaces' = ?`,
      later.number,
      id,
    );
  }
  unit.remove(tables.note, number);
  dropHistory(sql, 'note', number);
  dropDrafts(sql, 'record', id);
  sql.run('DELETE FROM shown WHERE patient_id = ? AND note_id = ?', patient?.id ?? null, id);
}

export function eraseAll(parts: Parts, patient: Patient, number: number): void {
  if (patient.hold) throw onHold();
  const { sql, unit, merges } = parts;
  unit.beginErasing();
  dropDrafts(sql, 'patient_id', patient.id);
  sql.run('DELETE FROM shown WHERE patient_id = ?', patient.id);
  for (const table of [tables.note, tables.commitment, tables.contact, tables.person])
    for (const row of sql.all<{ number: number }>(
      `SELECT number FROM ${table.name} WHERE patient_id = ?`,
      patient.id,
    ))
      unit.remove(table, row.number);
  unit.remove(tables.patient, number);
  // Records whose adding was undone, and patients merged into this one, are in the history alone, with their refs.
  const ids = [patient.id, ...merges.partsOf(patient.id)];
  for (const id of ids) {
    sql.run('DELETE FROM ref WHERE number IN (SELECT number FROM change WHERE patient_id = ?)', id);
    sql.run('DELETE FROM change WHERE patient_id = ?', id);
  }
  merges.forget(ids);
}

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
