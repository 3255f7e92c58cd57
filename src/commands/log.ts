/** `rapport log`: who looked at or changed what, and when; never what it said. */

import { command } from '../cli/command.ts';
import { numeric } from '../cli/kinds.ts';
import { shortDate } from '../dates/wording.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import type { LogRow } from '../store/chained-log.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { onePatient } from './lookup.ts';

const usual = 50;

function whatOf({ operation, patient_id, count }: LogRow): string {
  if (operation !== null) return `${count} changed`;
  if (patient_id !== null) return 'looked at';
  return count === 0 ? '' : `${count} listed`;
}

export const log = command({
  path: 'log',
  summary: 'who looked at or changed what, and when',
  options: {
    patient: onePatient('of one patient'),
    limit: numeric(
      { usual, from: 1, to: 100_000 },
      ['a number of rows', 'use --limit 200'],
      `how many rows, newest first; ${usual} unless given`,
    ),
  },
  examples: ['rapport log', 'rapport log --patient malu', 'rapport log --limit 500 --json'],
  run({ patient: asked, limit }, { store, clock, output }) {
    const rows = store.log.rows({ limit, ...(asked !== undefined && { patientId: asked.id }) });
    const ids = [...new Set(rows.flatMap(({ patient_id }) => patient_id ?? []))];
    const patients = new Map<string, Patient | undefined>(ids.map((id) => [id, store.patients.byId(id)]));
    // Who became part of the patient that was asked for is that patient now.
    const patientOf = ({ patient_id }: LogRow): Patient | undefined =>
      asked ?? (patient_id === null ? undefined : patients.get(patient_id));
    const nameOf = (row: LogRow): string => {
      const patient = patientOf(row);
      if (row.patient_id === null) return '';
      return patient === undefined ? '(no longer here)' : displayName(patient);
    };
    return {
      json: () => ({
        rows: rows.map((row) => {
          const patient = patientOf(row);
          return { ...row, patient: patient === undefined ? null : patientDocument(patient) };
        }),
      }),
      text: async () => {
        const today = clock.today();
        const columns: readonly Column<LogRow>[] = [
          {
            cell: (row) => {
              const { date, time } = clock.local(row.at);
              return `${shortDate(date, today)} ${time}`;
            },
            tone: 'quiet',
          },
          { cell: ({ verb }) => verb },
          { fit: 'cut', cell: nameOf },
          { cell: whatOf },
        ];
        return (await listLines(rows, columns, output)).join('\n') || 'Nothing yet';
      },
      paged: true,
      looked: asked === undefined ? { count: rows.length } : { patientId: asked.id },
    };
  },
});
