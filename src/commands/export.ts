/** `rapport export`: everything, or one patient, in a form for another program or for the patient. None is encrypted. */
import { type Ctx, command, type Outcome, type Raw } from '../cli/command.ts';
import { flag, oneOf, word } from '../cli/kinds.ts';
import { count } from '../dates/words.ts';
import { isVisit, type Patient } from '../domain/records.ts';
import { present } from '../domain/text.ts';
import { usage } from '../errors.ts';
import { isWanted } from '../formats/ics/ics-writer.ts';
import type { PatientPage } from '../formats/markdown.ts';
import { type ExportFormat, exportFormats, formats } from '../formats/registry.ts';
import { wholePatient } from './import-store.ts';
import { onePatient } from './lookup.ts';
import { earlierTexts } from './refs.ts';

interface Exporting {
  readonly format: ExportFormat;
  readonly sensitive: boolean;
  /** Of ics: all-day events in place of to-dos, and texts in full. */
  readonly events: boolean;
  readonly full: boolean;
  readonly patients: readonly Patient[];
  /** All patients, and so what belongs to none of them as well. */
  readonly isWhole: boolean;
  readonly toFile: boolean;
}

interface Tally {
  readonly leftOut: { sensitive: number; notes: number; contacts: number; undated: number };
  /** What is in a calendar, which has not every patient. */
  patients: number;
  promises: number;
}

function* each<T>(
  { patients, toFile }: Exporting,
  { startProgress }: Ctx,
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

function loggedOf(patient: Patient, { store, clock }: Ctx): PatientPage['logged'] {
  const rows = store.log.rows({ patientId: patient.id, limit: Number.MAX_SAFE_INTEGER });
  const [last] = rows;
  const first = rows.at(-1);
  return last && first
    ? { count: rows.length, first: clock.local(first.at).date, last: clock.local(last.at).date }
    : undefined;
}

/** @returns the chunks of the export in order, each without its last line end */
async function exportChunks(exporting: Exporting, tally: Tally, ctx: Ctx): Promise<Iterable<string>> {
  const { format, isWhole } = exporting;
  const { store, clock } = ctx;
  const exportedAt = clock.instant();
  const whole = (patient: Patient) => wholePatient(store, patient);
  const shown = (patient: Patient) => {
    const all = whole(patient);
    const notes = all.notes.filter((note) => exporting.sensitive || !note.sensitive);
    tally.leftOut.sensitive += all.notes.length - notes.length;
    return { ...all, notes, leftOut: all.notes.length - notes.length };
  };
  if (format === 'rapport') {
    const calendar = isWhole ? store.calendar.read() : undefined;
    return formats.rapport.write({ exportedAt, patients: each(exporting, ctx, whole), calendar });
  }
  if (format === 'markdown') {
    const backup = store.backups.last();
    const page = (patient: Patient): PatientPage => {
      const known = shown(patient);
      return {
        ...known,
        earlier: earlierTexts(known.notes, ctx),
        drafts: store.drafts
          .of(patient.id)
          .map(({ on, lines }) => ({ on, lines: lines.map(({ text }) => text) })),
        logged: loggedOf(patient, ctx),
        lastBackup: backup === undefined ? undefined : clock.local(backup).date,
      };
    };
    return formats.markdown.write(each(exporting, ctx, page), clock.today());
  }
  if (format === 'csv') return formats.csv.write(each(exporting, ctx, shown), exporting.toFile);
  if (format === 'fhir') {
    const withoutNotes = (patient: Patient) => {
      const all = whole(patient);
      tally.leftOut.notes += all.notes.length;
      tally.leftOut.contacts += all.contacts.filter((contact) => !isVisit(contact)).length;
      return all;
    };
    return formats.fhir.write({ patients: each(exporting, ctx, withoutNotes), exportedAt, zone: clock.zone });
  }
  const options = { ...exporting, today: clock.today(), exportedAt };
  const promised = (patient: Patient) => {
    const commitments = store.commitments.of(patient.id);
    const isUndated = ({ due, status }: (typeof commitments)[number]) => due === null && status === 'open';
    if (exporting.events) tally.leftOut.undated += commitments.filter(isUndated).length;
    const promises = commitments.filter((commitment) => isWanted(commitment, options)).length;
    tally.promises += promises;
    tally.patients += promises > 0 ? 1 : 0;
    return { patient, commitments };
  };
  return formats[format].write(each(exporting, ctx, promised), options);
}

/** As it is asked for, or as the file is called; else, of what is to be plain, a page to read. */
function formatOf(asked: Raw, out: Raw, isPlain: boolean): ExportFormat {
  const ending = /\.([a-z]+)$/i.exec(typeof out === 'string' ? out : '')?.[1]?.toLowerCase() ?? '';
  const known = exportFormats.find((one) => formats[one].endings.some((known) => known === ending));
  return exportFormats.find((one) => one === asked) ?? known ?? (isPlain ? 'markdown' : 'rapport');
}

const leftOutLines = ({ sensitive, notes, contacts, undated }: Tally['leftOut']): readonly string[] =>
  present(
    sensitive > 0 && `left out: ${count(sensitive, 'sensitive note')}; --sensitive takes them along`,
    notes > 0 && `left out: ${count(notes, 'note')}, which would read as findings of the chart there`,
    contacts > 0 && `left out: ${count(contacts, 'contact')} that ${contacts === 1 ? 'is' : 'are'} no visit`,
    undated > 0 && `left out: ${count(undated, 'promise')} without a date`,
  );

function* ended(chunks: Iterable<string>, lineEnd: string): Iterable<string> {
  for (const chunk of chunks) yield chunk + lineEnd;
}

export const exportCommand = command({
  options: {
    format: oneOf(
      exportFormats,
      '<format>',
      'rapport (without loss), markdown (a page a patient), csv (a row a record), ics (promises), fhir (R4, no notes)',
    ),
    patient: onePatient('one patient only'),
    out: word('<file>', 'a private file, whose ending can tell the format; standard output unless given'),
    plain: flag('needed by all but rapport: anyone who gets it can read it'),
    sensitive: flag('sensitive notes too, which only rapport takes along unasked'),
    events: flag('ics: all-day events in place of to-dos'),
    full: flag('ics: names and texts in place of initials and kinds'),
  },
  refuse(has, { globals }, words) {
    const format = formatOf(words['format'], words['out'], has('plain'));
    if (format !== 'rapport' && !has('plain'))
      throw usage(
        `an export as ${format} is not encrypted, and anyone who gets it can read it`,
        'add --plain where that is meant, and --out FILE for a file that only you can open',
      );
    const ofCalendars = (['events', 'full'] as const).find(has);
    if (ofCalendars !== undefined && format !== 'ics')
      throw usage(`--${ofCalendars} is for --format ics only`);
    if (globals.json && !has('out') && format !== 'rapport' && format !== 'fhir')
      throw usage(`an export as ${format} is not JSON`, 'leave --json out, or add --out FILE');
  },
  examples: [
    '--out all.json',
    '--patient malu --plain --out malu.md',
    '--format ics --events --plain --out promises.ics',
  ],
  async run({ format: asked, patient, out, plain, sensitive, events, full }, ctx): Promise<Outcome> {
    const format = formatOf(asked, out, plain);
    const patients = patient === undefined ? ctx.store.patients.all() : [patient];
    const isWhole = patient === undefined;
    const exporting = { format, patients, isWhole, sensitive, events, full, toFile: out !== undefined };
    const leftOut = { sensitive: 0, notes: 0, contacts: 0, undated: 0 };
    const tally: Tally = { leftOut, patients: 0, promises: 0 };
    const chunks = await exportChunks(exporting, tally, ctx);
    const { lineEnd } = formats[format];
    const outcome: Pick<Outcome, 'looked' | 'notices'> = {
      looked: isWhole ? { count: patients.length } : { patientId: patient.id },
      notices: () => [
        ...leftOutLines(leftOut),
        'this is not encrypted: keep it where only you can read it, and no longer than needed',
      ],
    };
    // Printing adds the last character of each line end.
    if (out === undefined) return { ...outcome, text: ended(chunks, lineEnd.slice(0, -1)) };
    const files = await ctx.files();
    await files.writePrivate(out, ended(chunks, lineEnd), { replace: ctx.globals.yes });
    const size = format === 'ics' ? tally.patients : patients.length;
    const promises = format === 'ics' ? `${count(tally.promises, 'promise')} of ` : '';
    return {
      ...outcome,
      json: { format, file: out, patients: size, left_out: leftOut },
      text: `${promises}${count(size, 'patient')} in ${out}`,
    };
  },
});
