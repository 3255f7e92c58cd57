/** One briefing's records, read in one moment and without what can never be shown. */
import type { CivilDate } from '../dates/civil.ts';
import type { Patient } from '../domain/records.ts';
import { fold, foldedWords } from '../domain/text.ts';
import { notFound } from '../errors.ts';
import { chooseNotes } from './briefing-notes.ts';
import type { CommitmentRepository } from './commitments.ts';
import type { ContactRepository } from './contacts.ts';
import type { NoteRepository } from './notes.ts';
import { countShown } from './shown.ts';
import type { Sql } from './sql.ts';
import type { BriefingRecords, Patients, People } from './store.ts';

export interface BriefingSources {
  readonly sql: Sql;
  readonly patients: Patients;
  readonly people: People;
  readonly notes: NoteRepository;
  readonly commitments: CommitmentRepository;
  readonly contacts: ContactRepository;
}

export interface BriefingWish {
  readonly patientId: string;
  readonly on: CivilDate;
  readonly everything?: boolean | undefined;
}

export function briefingRecords(
  { sql, patients, people, notes, commitments, contacts }: BriefingSources,
  { patientId, on, everything = false }: BriefingWish,
): BriefingRecords {
  return sql.reading(() => {
    const patient = patients.byId(patientId);
    if (patient === undefined) throw notFound('no such patient');
    const around = people.of(patientId);
    const shown = countShown(sql, patientId);
    // What a death holds back is told by the words of each note.
    const isWhole = everything || around.some(({ status }) => status === 'died');
    const chosen = isWhole ? undefined : chooseNotes(sql, patientId, shown.size);
    return {
      patient,
      people: around,
      notes: chosen === undefined ? notes.of(patientId, { status: ['current'] }) : notes.chosen(chosen),
      unread: chosen?.unread ?? { open: 0, silent: 0 },
      commitments: commitments.forBriefing(patientId, contacts.lastVisitBefore(patientId, on)),
      contacts: contacts.of(patientId),
      shown,
      hasNamesake: hasNamesake(sql, patient),
    };
  });
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
