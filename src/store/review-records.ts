/** All records of one review over all patients, read in one transaction. */
import type { CivilDate } from '../dates/civil.ts';
import type { Note, NoteKind } from '../domain/records.ts';
import type { CommitmentRepository } from './commitment-repository.ts';
import type { PatientRepository } from './patient-repository.ts';
import { quoted, type Row, type Sql } from './sql.ts';
import { decode, isNewest, tables } from './tables.ts';

export interface ReviewRequest {
  readonly since: CivilDate;
  readonly kinds: readonly NoteKind[];
  /** Unconfirmed: recorded, said or confirmed last on that day or before. */
  readonly lastConfirmed: CivilDate;
}

interface ReviewSources {
  readonly sql: Sql;
  readonly patients: PatientRepository;
  readonly commitments: CommitmentRepository;
}

export function reviewRecords({ sql, patients, commitments }: ReviewSources, request: ReviewRequest) {
  return sql.reading(() => {
    const all = patients.all();
    const active = all.filter(({ status }) => status === 'active').map(({ id }) => id);
    const ids = all.map(({ id }) => id);
    return {
      patients: all,
      commitments: [
        ...commitments.matching({ status: ['open'] }),
        ...commitments.closedSince(ids, request.since),
      ],
      questions: questionsOf(sql, active),
      unconfirmed: countUnconfirmed(sql, active, request),
    };
  });
}

const questionsOf = (sql: Sql, patientIds: readonly string[]): readonly Note[] =>
  sql
    .all<Row>(
      `SELECT note.* FROM json_each(?) AS asked CROSS JOIN note ON note.patient_id = asked.value
        WHERE note.status = 'current' AND note.kind = 'question' AND ${isNewest}`,
      JSON.stringify(patientIds),
    )
    .map((row) => decode(tables.note, row));

function countUnconfirmed(
  sql: Sql,
  patientIds: readonly string[],
  { kinds, lastConfirmed }: ReviewRequest,
): ReadonlyMap<string, number> {
  const latest = `max(coalesce(note.recorded_on, ''), coalesce(note.said_on, ''), coalesce(note.confirmed_on, ''))`;
  const rows = sql.all<{ patient_id: string; notes: number }>(
    `SELECT note.patient_id, count(*) AS notes FROM json_each(?) AS asked CROSS JOIN note ON note.patient_id = asked.value
      WHERE note.status = 'current' AND note.kind IN (${quoted(kinds)}) AND ${latest} <> '' AND ${latest} <= ?
        AND ${isNewest} GROUP BY asked.key`,
    JSON.stringify(patientIds),
    lastConfirmed,
  );
  return new Map(rows.map((row) => [row.patient_id, row.notes]));
}
