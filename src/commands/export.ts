/** `rapport export`: everything, or one patient, in a form for another program or for the patient. None is encrypted. */

import type { Context, Store } from '../context.ts';
import type { Patient } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import { writeCsv } from '../formats/csv-writer.ts';
import { writeFhir } from '../formats/fhir/fhir-writer.ts';
import { isWanted, writeIcs } from '../formats/ics/ics-writer.ts';
import { type PatientPage, writeMarkdown } from '../formats/markdown.ts';
import { writeRapport } from '../formats/rapport-writer.ts';
import { recordList, recordOpening } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { wholePatient } from './import-store.ts';
import { findPatient } from './lookup.ts';

const exportFormats = ['rapport', 'markdown', 'csv', 'ics', 'fhir'] as const;
type ExportFormat = (typeof exportFormats)[number];

interface ExportChoices {
  readonly format: ExportFormat;
  readonly sensitive: boolean;
  /** Of ics: all-day events in place of to-dos, and texts in full. */
  readonly events: boolean;
  readonly full: boolean;
}

interface Exporting extends ExportChoices {
  readonly patients: readonly Patient[];
  /** All patients, and so what belongs to none of them as well. */
  readonly isWhole: boolean;
  readonly toFile: boolean;
}

/** Counts what a format passes over, while its chunks are written. */
interface LeftOut {
  /** Sensitive notes, of a format that takes other notes. */
  sensitive: number;
  /** Notes, of a format that takes none. */
  notes: number;
  /** Open promises without a date, of a calendar's events. */
  undated: number;
}

/** Counts what is in a calendar, which has not every patient. */
interface Written {
  patients: number;
  promises: number;
}

/** Something of each patient, gathered one at a time. */
function* each<T>(
  { patients, toFile }: Exporting,
  { startProgress }: Pick<Context, 'startProgress'>,
  gather: (patient: Patient) => T,
): Iterable<T> {
  // Who reads a pipe may write to the same terminal, where a bar would stand in its lines.
  const progress = toFile ? startProgress('exporting') : undefined;
  try {
    for (const [done, patient] of patients.entries()) {
      progress?.advance(done, patients.length);
      yield gather(patient);
    }
  } finally {
    progress?.end();
  }
}

function loggedOf(store: Store, patient: Patient, { clock }: Context): PatientPage['logged'] {
  const rows = store.log.rows({ patientId: patient.id, limit: Number.MAX_SAFE_INTEGER });
  const [last] = rows;
  const first = rows.at(-1);
  return last && first
    ? { count: rows.length, first: clock.local(first.at).date, last: clock.local(last.at).date }
    : undefined;
}

/** @returns the chunks of the export in order, each without its last line end, and that line end */
async function exportChunks(
  exporting: Exporting,
  store: Store,
  leftOut: LeftOut,
  written: Written,
  ctx: Context,
): Promise<{ readonly chunks: Iterable<string>; readonly lineEnd: string }> {
  const { format, isWhole } = exporting;
  const { clock } = ctx;
  const exportedAt = clock.instant();
  const whole = (patient: Patient) => wholePatient(store, patient);
  const shown = (patient: Patient) => {
    const all = whole(patient);
    const notes = all.notes.filter((note) => exporting.sensitive || !note.sensitive);
    leftOut.sensitive += all.notes.length - notes.length;
    return { ...all, notes, leftOut: all.notes.length - notes.length };
  };
  if (format === 'rapport') {
    const calendar = isWhole ? store.calendar.read() : undefined;
    return {
      chunks: writeRapport({ exportedAt, patients: each(exporting, ctx, whole), calendar }),
      lineEnd: '\n',
    };
  }
  if (format === 'markdown') {
    const backup = store.backups.last();
    const page = (patient: Patient): PatientPage => {
      const known = shown(patient);
      return {
        ...known,
        earlier: new Map(
          known.notes.map(({ id }) => [
            id,
            store.notes.earlier(id).map(({ at, text }) => ({ text, until: clock.local(at).date })),
          ]),
        ),
        drafts: store.drafts
          .of(patient.id)
          .map(({ on, lines }) => ({ on, lines: lines.map(({ text }) => text) })),
        logged: loggedOf(store, patient, ctx),
        lastBackup: backup === undefined ? undefined : clock.local(backup).date,
      };
    };
    return { chunks: writeMarkdown(each(exporting, ctx, page), clock.today()), lineEnd: '\n' };
  }
  if (format === 'csv')
    return { chunks: writeCsv(each(exporting, ctx, shown), exporting.toFile), lineEnd: '\r\n' };
  if (format === 'fhir') {
    const withoutNotes = (patient: Patient) => {
      const all = whole(patient);
      leftOut.notes += all.notes.length;
      return all;
    };
    const fhir = { patients: each(exporting, ctx, withoutNotes), exportedAt, zone: clock.zone };
    return { chunks: writeFhir(fhir), lineEnd: '\n' };
  }
  const options = { ...exporting, today: clock.today(), exportedAt };
  const promised = (patient: Patient) => {
    const commitments = store.commitments.of(patient.id);
    const isUndated = ({ due, status }: (typeof commitments)[number]) => due === null && status === 'open';
    if (exporting.events) leftOut.undated += commitments.filter(isUndated).length;
    const promises = commitments.filter((commitment) => isWanted(commitment, options)).length;
    written.promises += promises;
    written.patients += promises > 0 ? 1 : 0;
    return { patient, commitments };
  };
  return { chunks: await writeIcs(each(exporting, ctx, promised), options), lineEnd: '\r\n' };
}

interface ExportRequest extends ExportChoices {
  readonly patient: string | undefined;
  readonly out: string | undefined;
}

const endings: Readonly<Record<string, ExportFormat>> = {
  json: 'rapport',
  md: 'markdown',
  markdown: 'markdown',
  csv: 'csv',
  ics: 'ics',
};

/** As it is asked for, or as the file is called; else, of what is to be plain, a page to read. */
function readFormat(raw: RawInput): ExportFormat {
  const asked = raw.oneOf('format', exportFormats);
  const ending = /\.([a-z]+)$/i.exec(raw.option('out') ?? '')?.[1]?.toLowerCase() ?? '';
  const known = Object.hasOwn(endings, ending) ? endings[ending] : undefined;
  return asked ?? known ?? (raw.flag('plain') ? 'markdown' : 'rapport');
}

function readChoices(raw: RawInput): ExportChoices {
  const format = readFormat(raw);
  if (format !== 'rapport' && !raw.flag('plain'))
    throw usage(
      `a ${format} export is not encrypted, and anyone who gets it can read it`,
      'add --plain where that is meant, and --out FILE for a file that only you can open',
    );
  const [events, full] = [raw.flag('events'), raw.flag('full')];
  if ((events || full) && format !== 'ics')
    throw usage(`--${events ? 'events' : 'full'} is for --format ics only`);
  return { format, sensitive: raw.flag('sensitive'), events, full };
}

const count = (number: number, one: string, many: string): string =>
  number === 1 ? `1 ${one}` : `${number} ${many}`;

/** What is not in the export, and how it would be. */
function leftOutLines({ sensitive, notes, undated }: LeftOut): readonly string[] {
  return [
    sensitive > 0 &&
      `left out: ${count(sensitive, 'sensitive note', 'sensitive notes')}; --sensitive takes them along`,
    notes > 0 &&
      `left out: ${count(notes, 'note', 'notes')}, which would read as findings of the chart there`,
    undated > 0 && `left out: ${count(undated, 'promise', 'promises')} without a date`,
  ].filter((line) => typeof line === 'string');
}

function* withLineEnds(chunks: Iterable<string>, lineEnd: string): Iterable<string> {
  for (const chunk of chunks) yield chunk + lineEnd;
}

async function write(
  patients: readonly Patient[],
  request: ExportRequest,
  store: Store,
  ctx: Context,
): Promise<void> {
  const { output, notices, globals, files } = ctx;
  const { format, out } = request;
  const leftOut: LeftOut = { sensitive: 0, notes: 0, undated: 0 };
  const written: Written = { patients: 0, promises: 0 };
  const exporting = {
    ...request,
    patients,
    isWhole: request.patient === undefined,
    toFile: out !== undefined,
  };
  const { chunks, lineEnd } = await exportChunks(exporting, store, leftOut, written, ctx);
  if (out === undefined) for (const chunk of withLineEnds(chunks, lineEnd)) output.print(chunk.slice(0, -1));
  else {
    await files.writePrivate(out, withLineEnds(chunks, lineEnd), { replace: globals.yes });
    const isCalendar = format === 'ics';
    const size = isCalendar ? written.patients : patients.length;
    const sizeWords = count(size, 'patient', 'patients');
    if (globals.json)
      output.json({
        schema: 'rapport.export/1',
        format,
        file: out,
        patients: size,
        left_out: leftOut,
      });
    else {
      const promises = isCalendar ? `${count(written.promises, 'promise', 'promises')} of ` : '';
      output.print(`${promises}${sizeWords} in ${out}`);
    }
  }
  for (const line of leftOutLines(leftOut)) notices.say(line);
  notices.say('this is not encrypted: keep it where only you can read it, and no longer than needed');
}

async function runExport(request: ExportRequest, ctx: Context): Promise<ExitName> {
  if (ctx.globals.json && request.out === undefined && !['rapport', 'fhir'].includes(request.format))
    throw usage(`a ${request.format} export is not JSON`, 'leave --json out, or add --out FILE');
  const one = request.patient === undefined ? undefined : await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const patients = one === undefined ? store.patients.all() : [one];
  await write(patients, request, store, ctx);
  if (one === undefined) recordList('export', patients.length, store, ctx);
  else recordOpening('export', one.id, store, ctx);
  return 'ok';
}

export const exportCommand = defineCommand<ExportRequest>({
  path: 'export',
  summary: 'write everything, or one patient, to a file: for rapport, for reading, for other programs',
  group: 'In and out',
  options: [
    {
      flags: '--format <format>',
      help: 'rapport (without loss), markdown (a page a patient), csv (a row a record), ics (promises), fhir (R4, no notes)',
      choices: exportFormats,
    },
    { flags: '--patient <patient>', help: 'one patient only' },
    {
      flags: '--out <file>',
      help: 'a private file, whose ending can tell the format; standard output unless given',
    },
    { flags: '--plain', help: 'needed by all but rapport: anyone who gets it can read it' },
    { flags: '--sensitive', help: 'sensitive notes too, which only rapport takes along unasked' },
    { flags: '--events', help: 'ics: all-day events in place of to-dos' },
    { flags: '--full', help: 'ics: names and texts in place of initials and kinds' },
  ],
  examples: [
    'rapport export --out all.json',
    'rapport export --patient malu --plain --out malu.md',
    'rapport export --format ics --events --plain --out promises.ics',
  ],
  parse: (raw) => ({ ...readChoices(raw), patient: raw.option('patient'), out: raw.option('out') }),
  run: runExport,
});
