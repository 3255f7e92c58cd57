/** Erases a note, or a patient with everything. `secure_delete` overwrites what this frees; nothing brings it back. */
import { createHmac } from 'node:crypto';
import { foldedWords } from '../domain/text.ts';
import { conflict, notFound } from '../errors.ts';
import type { Parts } from './records.ts';
import { tableNamed } from './tables.ts';
import { metaOf } from './vault-settings.ts';

interface PatientRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  /** JSON. */
  readonly aliases: string;
  readonly birth_date: string | null;
  readonly hold: number;
}

interface NoteRow {
  readonly number: number;
  readonly patient_id: string;
  readonly replaces: string | null;
}

const keyOf = 'forgotten_key';
const anyYear = 'any';
const noYear = 'none';
const yearOf = (birthDate: string | null): string => birthDate?.slice(0, 4) ?? noYear;

function markOf(name: string, year: string, key: string): string {
  const words = foldedWords(name);
  const called = words.length > 0 ? words.join(' ') : name.trim();
  return createHmac('sha256', key)
    .update(JSON.stringify([called, year]))
    .digest('hex');
}

export function erasure({ sql, unit, merges, needs }: Parts) {
  const dropDrafts = (column: 'patient_id' | 'record', id: string): void => {
    sql.run(`DELETE FROM draft_line WHERE draft IN (SELECT id FROM draft WHERE ${column} = ?)`, id);
    sql.run(`DELETE FROM draft WHERE ${column} = ?`, id);
  };

  const begin = (patientId: string): PatientRow => {
    unit.beginErasing();
    const patient = sql.get<PatientRow>('SELECT * FROM patient WHERE id = ?', patientId);
    if (patient === undefined) throw notFound('no such patient');
    if (patient.hold === 1)
      throw conflict(
        'this patient is on hold, so nothing of theirs may be erased',
        'rapport patient hold PATIENT --off',
      );
    return patient;
  };

  const mark = ({ name, aliases, birth_date }: Omit<PatientRow, 'number'>): void => {
    sql.run(
      'INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)',
      keyOf,
      needs.newId() + needs.newId() + needs.newId(),
    );
    const key = metaOf(sql, keyOf) ?? '';
    const at = needs.instant();
    for (const called of [name, ...(JSON.parse(aliases) as string[])])
      for (const year of [anyYear, yearOf(birth_date)])
        sql.run('INSERT OR IGNORE INTO forgotten (mark, at) VALUES (?, ?)', markOf(called, year, key), at);
  };

  return {
    /** Only in a `write` that is not undoable. @throws conflict where the patient is on hold */
    note(id: string): void {
      const table = tableNamed('note');
      const note = sql.get<NoteRow>('SELECT number, patient_id, replaces FROM note WHERE id = ?', id);
      if (note === undefined) throw notFound('no such note');
      begin(note.patient_id);
      for (const { number } of sql.all<{ number: number }>(
        'SELECT number FROM note WHERE replaces = ?',
        id,
      )) {
        unit.update(table, number, { replaces: note.replaces });
        sql.run(
          `UPDATE change SET before = json_set(before, '$.replaces', NULL)
            WHERE number = ? AND record = 'note' AND before ->> 'replaces' = ?`,
          number,
          id,
        );
      }
      unit.remove(table, note.number);
      sql.run(`DELETE FROM change WHERE number = ? AND record = 'note'`, note.number);
      sql.run('DELETE FROM ref WHERE number = ?', note.number);
      dropDrafts('record', id);
      sql.run('DELETE FROM shown WHERE patient_id = ? AND note_id = ?', note.patient_id, id);
    },
    /** Log rows and keyed marks without the name stay. Only in a `write` that is not undoable. @throws conflict (hold) */
    patient(id: string): void {
      const patient = begin(id);
      dropDrafts('patient_id', id);
      sql.run('DELETE FROM shown WHERE patient_id = ?', id);
      for (const name of ['note', 'commitment', 'contact', 'person'])
        for (const { number } of sql.all<{ number: number }>(
          `SELECT number FROM ${name} WHERE patient_id = ?`,
          id,
        ))
          unit.remove(tableNamed(name), number);
      unit.remove(tableNamed('patient'), patient.number);
      // Records whose adding was undone, and patients merged into this one, are in the history alone, with their refs.
      const ids = [id, ...merges.partsOf(id)];
      for (const one of ids) {
        sql.run('DELETE FROM ref WHERE number IN (SELECT number FROM change WHERE patient_id = ?)', one);
        sql.run('DELETE FROM change WHERE patient_id = ?', one);
      }
      merges.forget(ids);
      mark(patient);
    },
    /** Whether somebody of that name or alias was forgotten whose birth year does not contradict it. */
    wasForgotten(name: string, birthDate: string | null): boolean {
      const key = metaOf(sql, keyOf);
      if (key === undefined) return false;
      const years = birthDate === null ? [anyYear] : [yearOf(birthDate), noYear];
      return years.some(
        (year) => sql.get('SELECT 1 FROM forgotten WHERE mark = ?', markOf(name, year, key)) !== undefined,
      );
    },
  };
}
