/** `rapport log`: who looked at or changed what, and when; never what it said. */

import type { Context } from '../context.ts';
import { shortDate } from '../dates/wording.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patient } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import type { LogRow } from '../store/store.ts';
import { renderTable } from '../terminal/columns.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { recordWhile } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient } from './lookup.ts';

interface LogRequest {
  readonly patient: string | undefined;
  readonly limit: number;
}

const usualLimit = 50;
const mostRows = 100_000;

function whatOf({ operation, patient_id, count }: LogRow): string {
  if (operation !== null) return `${count} changed`;
  if (patient_id !== null) return 'looked at';
  return count === 0 ? '' : `${count} listed`;
}

async function runLog(request: LogRequest, ctx: Context): Promise<ExitName> {
  const { output, globals, clock } = ctx;
  const asked = request.patient === undefined ? undefined : await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const rows = store.log.rows({
    limit: request.limit,
    ...(asked !== undefined && { patientId: asked.id }),
  });
  const ids = [...new Set(rows.flatMap(({ patient_id }) => patient_id ?? []))];
  const patients = new Map<string, Patient | undefined>(ids.map((id) => [id, store.patients.byId(id)]));
  // Who became part of the patient that was asked for is that patient now.
  const patientOf = ({ patient_id }: LogRow): Patient | undefined =>
    asked ?? (patient_id === null ? undefined : patients.get(patient_id));
  let showing: Promise<void> | undefined;
  if (globals.json)
    output.json({
      schema: 'rapport.log/1',
      rows: rows.map((row) => {
        const patient = patientOf(row);
        return { ...row, patient: patient === undefined ? null : patientDocument(patient) };
      }),
    });
  else {
    const { style, columns } = output;
    const today = clock.today();
    const nameOf = (row: LogRow): string => {
      if (row.patient_id === null) return '';
      const patient = patientOf(row);
      return patient === undefined ? '(no longer here)' : displayName(patient);
    };
    const lines = rows.map((row) => {
      const { date, time } = clock.local(row.at);
      return [
        { text: `${shortDate(date, today)} ${time}`, tone: style.quiet },
        row.verb,
        nameOf(row),
        whatOf(row),
      ];
    });
    const table = await renderTable(lines, {
      columns: [{ fit: 'keep' }, { fit: 'keep' }, { fit: 'cut' }, { fit: 'keep' }],
      width: columns,
      style,
    });
    showing = output.page(table === '' ? 'Nothing yet' : table);
  }
  const record = (): boolean =>
    asked === undefined ? store.log.listed('log', rows.length) : store.log.opened('log', asked.id);
  await recordWhile(showing, record, ctx);
  return 'ok';
}

function readLimit(raw: RawInput): number {
  const text = raw.option('limit');
  if (text === undefined) return usualLimit;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostRows)
    throw usage(`'${text.slice(0, 40)}' is not a number of rows`, 'use --limit 200');
  return limit;
}

export const log = defineCommand<LogRequest>({
  path: 'log',
  summary: 'who looked at or changed what, and when',
  group: 'The vault',
  options: [
    { flags: '--patient <patient>', help: 'of one patient' },
    { flags: '--limit <number>', help: `how many rows, newest first; ${usualLimit} unless given` },
  ],
  examples: ['rapport log', 'rapport log --patient malu', 'rapport log --limit 500 --json'],
  parse: (raw) => ({ patient: raw.option('patient'), limit: readLimit(raw) }),
  run: runLog,
});
