/** Erases a note, or a patient with everything. `secure_delete` overwrites what this frees; nothing brings it back. */
import { createHmac } from 'node:crypto';
import { nameKey } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { conflict, notFound } from '../errors.ts';
import { setAsideIn } from './drafts.ts';
import type { Queries } from './queries.ts';
import type { Parts } from './records.ts';
import { metaOf } from './sql.ts';

const keyOf = 'forgotten_key';
const anyYear = 'any';
const noYear = 'none';
const yearOf = (birthDate: string | null): string => birthDate?.slice(0, 4) ?? noYear;

const markOf = (called: string, year: string, key: string): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([called, year]))
    .digest('hex');

/** As marks had it before schema 3. */
function earlierKey(name: string): string {
  const folded = name
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu)?.join(' ') ?? name.trim();
}

export function erasure({ sql, unit, merges, needs }: Parts, records: Queries) {
  const aside = setAsideIn(sql);
  const { patients, people, notes, commitments, contacts } = records;

  const dropDrafts = (column: 'patient_id' | 'record', id: string): void => {
    sql.run(`DELETE FROM draft_line WHERE draft IN (SELECT id FROM draft WHERE ${column} = ?)`, id);
    sql.run(`DELETE FROM draft WHERE ${column} = ?`, id);
  };

  const begin = (patientId: string): Patient => {
    unit.beginErasing();
    const patient = patients.byId(patientId);
    if (patient === undefined) throw notFound('no such patient');
    if (patient.hold)
      throw conflict(
        'this patient is on hold, so nothing of theirs may be erased',
        'rapport patient hold PATIENT --off',
      );
    return patient;
  };

  const mark = ({ name, aliases, former_names, birth_date }: Patient): void => {
    const made = needs.newId() + needs.newId() + needs.newId();
    sql.run('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)', keyOf, made);
    const key = metaOf(sql, keyOf) ?? '';
    const at = needs.instant();
    for (const called of [name, ...aliases, ...former_names])
      for (const year of [anyYear, yearOf(birth_date)])
        sql.run(
          'INSERT OR IGNORE INTO forgotten (mark, at) VALUES (?, ?)',
          markOf(nameKey(called), year, key),
          at,
        );
  };

  return {
    /** Only in a `write` that is not undoable. @throws conflict where the patient is on hold */
    note(id: string): void {
      const note = notes.byId(id);
      if (note === undefined) throw notFound('no such note');
      begin(note.patient_id);
      for (const later of notes.thread(id).filter(({ replaces }) => replaces === id)) {
        notes.update(later.id, { replaces: note.replaces });
        sql.run(
          `UPDATE change SET before = json_set(before, '$.replaces', NULL)
            WHERE number = (SELECT number FROM note WHERE id = ?) AND record = 'note' AND before ->> 'replaces' = ?`,
          later.id,
          id,
        );
      }
      const number = notes.numberOf(id);
      notes.remove(id);
      sql.run(`DELETE FROM change WHERE number = ? AND record = 'note'`, number);
      sql.run('DELETE FROM ref WHERE number = ?', number);
      dropDrafts('record', id);
      aside.forget(note.patient_id);
      sql.run('DELETE FROM shown WHERE patient_id = ? AND note_id = ?', note.patient_id, id);
    },
    /** Log rows and keyed marks without the name stay. Only in a `write` that is not undoable. @throws conflict (hold) */
    patient(id: string): void {
      const patient = begin(id);
      dropDrafts('patient_id', id);
      sql.run('DELETE FROM shown WHERE patient_id = ?', id);
      for (const kind of [notes, commitments, contacts, people])
        for (const record of kind.of(id)) kind.remove(record.id);
      // Who is the same around somebody else stays, and no longer leads here.
      for (const person of people.whoAre(id)) people.update(person.id, { patient: null });
      sql.run(
        `UPDATE change SET before = json_set(before, '$.patient', NULL) WHERE record = 'person' AND before ->> 'patient' = ?`,
        id,
      );
      patients.remove(id);
      // Records whose adding was undone, and patients merged into this one, are in the history alone, with their refs.
      const ids = [id, ...merges.partsOf(id)];
      for (const one of ids) {
        sql.run('DELETE FROM ref WHERE number IN (SELECT number FROM change WHERE patient_id = ?)', one);
        sql.run('DELETE FROM change WHERE patient_id = ?', one);
      }
      merges.forget(ids);
      aside.forget(...ids);
      mark(patient);
    },
    /** Whether somebody of that name or alias was forgotten whose birth year does not contradict it. */
    wasForgotten(name: string, birthDate: string | null): boolean {
      const key = metaOf(sql, keyOf);
      if (key === undefined) return false;
      const years = birthDate === null ? [anyYear] : [yearOf(birthDate), noYear];
      const marks = [...new Set([nameKey(name), earlierKey(name)])].flatMap((called) =>
        years.map((year) => markOf(called, year, key)),
      );
      return marks.some((mark) => sql.has('SELECT 1 FROM forgotten WHERE mark = ?', mark));
    },
  };
}
