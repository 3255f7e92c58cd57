/** What the beginning of a handle or ref can mean: a bounded number of rows, no note's text, nothing logged. */
import type { Patient } from '../domain/records.ts';
import type { Sql } from './sql.ts';

type PatientOffer = Pick<Patient, 'handle' | 'name' | 'goes_by' | 'status'>;

interface RefOffer {
  readonly ref: string;
  readonly kind: string;
  /** Due date of a promise, recording date of a note. */
  readonly on: string | null;
  readonly handle: string;
}

/** Above every character: [beginning, beginning + this) holds all that begin so. */
export const above = '\u{10ffff}';
/** With fewer letters the likeliest few are offered instead. */
const tellingLetters = 2;
const fewest = 50;

const sources = {
  promises: {
    record: 'commitment',
    on: 'commitment.due',
    fits: "commitment.status = 'open'",
    likeliest: 'commitment.due IS NOT NULL ORDER BY commitment.due',
  },
  notes: {
    record: 'note',
    on: 'note.recorded_on',
    fits: "note.status IN ('current', 'answered') AND note.sensitive = 0",
    likeliest: 'TRUE ORDER BY note.number DESC',
  },
} as const;

function refsOf(sql: Sql, { record, on, fits, likeliest }: (typeof sources)[keyof typeof sources]) {
  const columns = `SELECT ${record}.ref, ${record}.kind, ${on} AS "on", patient.handle`;
  const patient = `JOIN patient ON patient.id = ${record}.patient_id`;
  return (beginning: string, limit: number): readonly RefOffer[] =>
    beginning.length < tellingLetters
      ? sql
          .all<RefOffer>(
            `${columns} FROM ${record} ${patient} WHERE ${fits} AND ${likeliest} LIMIT ?`,
            fewest,
          )
          .filter(({ ref }) => ref.startsWith(beginning))
      : sql.all<RefOffer>(
          `${columns} FROM ref JOIN ${record} ON ${record}.number = ref.number ${patient}
            WHERE ref.ref >= ? AND ref.ref < ? AND ref.record = '${record}' AND ${fits} ORDER BY ref.ref LIMIT ?`,
          beginning,
          beginning + above,
          limit,
        );
}

export const completing = (sql: Sql) => ({
  patients: (beginning: string, limit: number): readonly PatientOffer[] =>
    sql.all<PatientOffer>(
      `SELECT patient.handle, patient.name, patient.goes_by, patient.status
         FROM patient_handle JOIN patient ON patient.id = patient_handle.patient_id
        WHERE patient_handle.handle >= ? AND patient_handle.handle < ? ORDER BY patient_handle.handle LIMIT ?`,
      beginning,
      beginning + above,
      limit,
    ),
  promises: refsOf(sql, sources.promises),
  notes: refsOf(sql, sources.notes),
});
