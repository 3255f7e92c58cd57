/**
 * `rapport export`: everything, or one patient, in a form for another program or for the patient. None is encrypted:
 * rapport's own document is the way out and in again; what anybody can open and read takes a --plain besides.
 */
import type { Patient } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import type { Store, World } from '../world.ts';
import { defineCommand, type RawInput } from './command.ts';
import {
  type ExportChoices,
  type ExportFormat,
  exportChunks,
  exportFormats,
  type LeftOut,
  type Written,
} from './exporting.ts';
import { findPatient } from './finding.ts';
import { recordList, recordOpening } from './looks.ts';

interface ExportRequest extends ExportChoices {
  readonly patient: string | undefined;
  readonly out: string | undefined;
}

type ExportNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'files' | 'startProgress'
>;

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
  needs: ExportNeeds,
): Promise<void> {
  const { output, notices, globals, files } = needs;
  const { format, out } = request;
  const leftOut: LeftOut = { sensitive: 0, notes: 0, undated: 0 };
  const written: Written = { patients: 0, promises: 0 };
  const exporting = {
    ...request,
    patients,
    isWhole: request.patient === undefined,
    toFile: out !== undefined,
  };
  const { chunks, lineEnd } = await exportChunks(exporting, store, leftOut, written, needs);
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

async function runExport(request: ExportRequest, needs: ExportNeeds): Promise<ExitName> {
  if (needs.globals.json && request.out === undefined && !['rapport', 'fhir'].includes(request.format))
    throw usage(`a ${request.format} export is not JSON`, 'leave --json out, or add --out FILE');
  const one = request.patient === undefined ? undefined : await findPatient([request.patient], needs);
  const store = await needs.openStore();
  const patients = one === undefined ? store.patients.all() : [one];
  await write(patients, request, store, needs);
  if (one === undefined) recordList('export', patients.length, store, needs);
  else recordOpening('export', one.id, store, needs);
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
  access: 'unlocked',
  parse: (raw) => ({ ...readChoices(raw), patient: raw.option('patient'), out: raw.option('out') }),
  run: runExport,
});
