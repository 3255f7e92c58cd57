/** `rapport export`: everything, or one patient, in a form for another program or for the patient. None is encrypted. */
import { type Ctx, command, type Outcome, type Raw } from '../cli/command.ts';
import { flag, oneOf, word } from '../cli/kinds.ts';
import { count } from '../dates/civil.ts';
import type { Hidden } from '../domain/privacy.ts';
import { isVisit, type Patient } from '../domain/records.ts';
import { pick, present } from '../domain/text.ts';
import { busy, usage } from '../errors.ts';
import { isWanted } from '../formats/ics/ics-writer.ts';
import { type ExportFormat, exportFormats, formats } from '../formats/registry.ts';
import { onePatient } from './lookup.ts';
import { wholePage, wholePatient } from './patients.ts';
import { screens } from './sight.ts';

interface Exporting {
  readonly format: ExportFormat;
  readonly sensitive: boolean;
  /** Of ics: all-day events in place of to-dos, and texts in full. */
  readonly events: boolean;
  readonly full: boolean;
  readonly patients: readonly Patient[];
  /** Whether a record went to another patient since they were listed. */
  readonly hasMoved: () => boolean;
  /** All patients, and so what belongs to none of them as well. */
  readonly isWhole: boolean;
  readonly toFile: boolean;
}

const newTally = () => ({
  leftOut: { held_back: 0, notes: 0, contacts: 0, undated: 0 },
  /** Of what is private. */
  hidden: { notes: 0, commitments: 0, gists: 0 },
  /** What is in a calendar, which has not every patient. */
  patients: 0,
  promises: 0,
});
type Tally = ReturnType<typeof newTally>;

/** Nobody is kept from writing meanwhile: a record that moved could be with neither patient. @throws busy */
function* each<T>(
  { patients, hasMoved, toFile }: Exporting,
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
    if (hasMoved())
      throw busy(
        'records moved from one patient to another during the export',
        'it is not whole: export again',
      );
  } finally {
    progress?.end();
  }
}

/** @returns the chunks of the export in order, each without its last line end */
async function exportChunks(exporting: Exporting, tally: Tally, ctx: Ctx): Promise<Iterable<string>> {
  const { format, isWhole } = exporting;
  const { store, clock } = ctx;
  const exportedAt = clock.instant();
  const whole = (patient: Patient) => wholePatient(store, patient);
  const screen = screens(ctx, exporting.sensitive, { isPaper: true });
  const shown = (patient: Patient, counted: readonly (keyof Hidden)[]) => {
    const { hidden, ...known } = screen(patient).records(whole(patient));
    for (const what of counted) tally.hidden[what] += hidden[what];
    return known;
  };
  const everything = ['notes', 'commitments', 'gists'] as const;
  if (format === 'rapport') {
    const calendar = isWhole ? store.calendar.read() : undefined;
    return formats.rapport.write(each(exporting, ctx, whole), exportedAt, calendar);
  }
  if (format === 'markdown' || format === 'html') {
    const page = (patient: Patient) => {
      const manner = { sensitive: exporting.sensitive, isPaper: true };
      const { page, facts, hidden } = wholePage(patient, screen(patient), manner, ctx);
      for (const what of everything) tally.hidden[what] += hidden[what];
      tally.leftOut.held_back += facts.heldBack;
      return page;
    };
    return formats[format].write(each(exporting, ctx, page));
  }
  if (format === 'csv')
    return formats.csv.write(
      each(exporting, ctx, (patient) => shown(patient, everything)),
      exporting.toFile,
    );
  if (format === 'fhir') {
    const withoutNotes = (patient: Patient) => {
      const all = shown(patient, ['commitments', 'gists']);
      tally.leftOut.notes += all.notes.length;
      tally.leftOut.contacts += all.contacts.filter((contact) => !isVisit(contact)).length;
      return all;
    };
    return formats.fhir.write(each(exporting, ctx, withoutNotes), exportedAt, clock.zone);
  }
  const options = { ...exporting, today: clock.today(), exportedAt };
  const promised = (patient: Patient) => {
    const { commitments } = shown(patient, ['commitments']);
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

function leftOutLines({ leftOut, hidden }: Tally): readonly string[] {
  const { held_back, notes, contacts, undated } = leftOut;
  const parts = present(
    hidden.notes > 0 && count(hidden.notes, 'private note'),
    hidden.commitments > 0 && count(hidden.commitments, 'private promise'),
    hidden.gists > 0 &&
      `what ${count(hidden.gists, 'private contact')} ${hidden.gists === 1 ? 'was' : 'were'} about`,
  );
  return present(
    parts.length > 0 && `left out: ${parts.join(', ')}; --sensitive includes them`,
    held_back > 0 && `held back: ${count(held_back, 'text')} from before a loss`,
    notes > 0 && `left out: ${count(notes, 'note')}, which a medical record would take for a finding`,
    contacts > 0 && `left out: ${count(contacts, 'contact')} that ${contacts === 1 ? 'is' : 'are'} no visit`,
    undated > 0 && `left out: ${count(undated, 'promise')} without a date`,
  );
}

function* ended(chunks: Iterable<string>, lineEnd: string): Iterable<string> {
  for (const chunk of chunks) yield chunk + lineEnd;
}

export const exportCommand = command({
  options: {
    format: oneOf(
      exportFormats,
      '<format>',
      'rapport (without loss), markdown or html (a page a patient, html to print), csv (a row a record), ics (promises), fhir (R4, no notes)',
    ),
    patient: onePatient('one patient only'),
    out: word('<file>', 'a private file, whose ending can tell the format; standard output unless given'),
    plain: flag('needed by all but rapport: anyone who gets it can read it'),
    sensitive: flag('private records too, which only rapport takes along unasked'),
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
    '--patient malu --plain --format html --out malu.html',
    '--format ics --events --plain --out promises.ics',
  ],
  async run({ format: asked, patient, out, plain, sensitive, events, full }, ctx): Promise<Outcome> {
    const format = formatOf(asked, out, plain);
    const hasMoved = ctx.store.history.watchMoves();
    const patients = patient === undefined ? ctx.store.patients.all() : [patient];
    const isWhole = patient === undefined;
    const toFile = out !== undefined;
    const exporting = { format, patients, hasMoved, isWhole, sensitive, events, full, toFile };
    const tally = newTally();
    const { leftOut, hidden } = tally;
    const chunks = await exportChunks(exporting, tally, ctx);
    const { lineEnd } = formats[format];
    const outcome: Pick<Outcome, 'looked' | 'notices'> = {
      looked: isWhole ? { count: patients.length } : { patientId: patient.id },
      notices: () => [
        ...leftOutLines(tally),
        'this is not encrypted: keep it where only you can read it, and no longer than needed',
      ],
    };
    // Printing adds the last character of each line end.
    if (out === undefined) return { ...outcome, text: ended(chunks, lineEnd.slice(0, -1)) };
    const files = await ctx.files();
    await files.writePrivate(out, ended(chunks, lineEnd), ctx.globals.yes);
    const size = format === 'ics' ? tally.patients : patients.length;
    const promises = format === 'ics' ? `${count(tally.promises, 'promise')} of ` : '';
    return {
      ...outcome,
      json: {
        format,
        file: out,
        patients: size,
        left_out: { sensitive: hidden.notes, ...leftOut, ...pick(hidden, 'commitments', 'gists') },
      },
      text: `${promises}${count(size, 'patient')} in ${out}`,
    };
  },
});
