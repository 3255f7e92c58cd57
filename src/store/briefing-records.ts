/** All records of one briefing, read in one transaction. */
import type { CivilDate } from '../dates/civil.ts';
import type { Patient } from '../domain/records.ts';
import { fold, foldedWords } from '../domain/text.ts';
import { notFound } from '../errors.ts';
import type { CommitmentRepository } from './commitment-repository.ts';
import type { ContactRepository } from './contact-repository.ts';
import { chooseNotes, type NoteRepository } from './note-repository.ts';
import type { PatientRepository, PersonRepository } from './patient-repository.ts';
import type { Sql } from './sql.ts';

interface BriefingSources {
  readonly sql: Sql;
  readonly patients: PatientRepository;
  readonly people: PersonRepository;
  readonly notes: NoteRepository;
  readonly commitments: CommitmentRepository;
  readonly contacts: ContactRepository;
}

interface BriefingWish {
  readonly patientId: string;
  readonly on: CivilDate;
  readonly everything?: boolean | undefined;
}

export function briefingRecords(
  { sql, patients, people, notes, commitments, contacts }: BriefingSources,
  { patientId, on, everything = false }: BriefingWish,
) {
  return sql.reading(() => {
    const patient = patients.byId(patientId);
    if (patient === undefined) throw notFound('no such patient');
    const around = people.of(patientId);
    const shown = countShown(sql, patientId);
    // Which notes a death holds back depends on each note's words.
    const isWhole = everything || around.some(({ status }) => status === 'died');
    const chosen = isWhole ? undefined : chooseNotes(sql, patientId, shown.size);
    return {
      patient,
      people: around,
      notes: chosen
        ? notes.numbered(chosen.numbers)
        : notes.of(patientId, { status: ['current'], newest: true }),
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

/** Looks up whole words, so that not every patient's row is read. */
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

/** By note id: the number of days on which it was shown and a visit was held. */
function countShown(sql: Sql, patientId: string): ReadonlyMap<string, number> {
  const rows = sql.all<{ note_id: string; days: number }>(
    `SELECT note_id, count(*) AS days FROM shown WHERE patient_id = ? AND "on" IN (
       SELECT "on" FROM contact WHERE patient_id = shown.patient_id AND state = 'held' AND channel IN ('visit', 'home'))
     GROUP BY note_id`,
    patientId,
  );
  return new Map(rows.map((row) => [row.note_id, row.days]));
}
