/** One briefing's records, read in one moment and without what can never be shown. */
import type { CivilDate } from '../dates/civil.ts';
import type { Patient } from '../domain/records.ts';
import { fold, foldedWords } from '../domain/text.ts';
import { notFound } from '../errors.ts';
import type { CommitmentRepository } from './commitments.ts';
import type { ContactRepository } from './contacts.ts';
import type { Sql } from './sql.ts';
import type { BriefingRecords, Notes, Patients, People, Shown } from './store.ts';

export interface BriefingSources {
  readonly sql: Sql;
  readonly patients: Patients;
  readonly people: People;
  readonly notes: Notes;
  readonly commitments: CommitmentRepository;
  readonly contacts: ContactRepository;
}

export function briefingRecords(sources: BriefingSources, patientId: string, on: CivilDate): BriefingRecords {
  const { sql, patients, people, notes, commitments, contacts } = sources;
  return sql.reading(() => {
    const patient = patients.byId(patientId);
    if (patient === undefined) throw notFound('no such patient');
    return {
      patient,
      people: people.of(patientId),
      notes: notes.of(patientId, { status: ['current'] }),
      commitments: commitments.forBriefing(patientId, contacts.lastVisitBefore(patientId, on)),
      contacts: contacts.of(patientId),
      shown: countShown(sql, patientId),
      hasNamesake: hasNamesake(sql, patient),
    };
  });
}

/** For each note: the days on which it was shown and a visit was held. */
function countShown(sql: Sql, patientId: string): ReadonlyMap<string, number> {
  const rows = sql.all<{ note_id: string; days: number }>(
    `SELECT note_id, count(*) AS days FROM shown WHERE patient_id = ? AND "on" IN (
       SELECT "on" FROM contact WHERE patient_id = shown.patient_id AND state = 'held' AND channel IN ('visit', 'home'))
     GROUP BY note_id`,
    patientId,
  );
  return new Map(rows.map((row) => [row.note_id, row.days]));
}

const namesOf = (patient: { readonly name: string; readonly goes_by: string | null }): readonly string[] =>
  [patient.name, patient.goes_by ?? ''].map(fold).filter((name) => name !== '');

/** Looked for by whole words, so that the other patients' rows are not all read. */
function hasNamesake(sql: Sql, patient: Patient): boolean {
  const names = new Set(namesOf(patient));
  return [...names].some((name) => {
    const words = [...new Set(foldedWords(name))];
    if (words.length === 0) return false;
    return sql.some<{ name: string; goes_by: string | null }>(
      `SELECT name, goes_by FROM patient WHERE id <> ? AND status <> 'archived' AND id IN (
         ${words.map(() => 'SELECT patient_id FROM patient_word WHERE word = ?').join(' INTERSECT ')})`,
      (other) => namesOf(other).some((otherName) => names.has(otherName)),
      patient.id,
      ...words,
    );
  });
}

/** Remembers what was on the screen, inside the caller's transaction; read again by `countShown`. */
export function recordShown(sql: Sql, patientId: string, { noteIds, on }: Shown): void {
  for (const id of noteIds)
    sql.run('INSERT OR IGNORE INTO shown (patient_id, "on", note_id) VALUES (?, ?, ?)', patientId, on, id);
}
