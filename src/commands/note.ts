/** `rapport note <patient> [text…]`: one thing to remember, or several lines of them. */

import type { Context } from '../context.ts';
import { readPartial } from '../dates/grammar.ts';
import {
  type CapturedLine,
  type CaptureOptions,
  captureLine,
  captureText,
  type Entry,
} from '../domain/capture.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Note, type NoteKind, noteKinds, type Patient, tones } from '../domain/records.ts';
import { printable, textOfDraft } from '../domain/text.ts';
import { conflict, type ExitName, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderSaved } from '../terminal/write-up-view.ts';
import { defineCommand, type RawInput } from './command.ts';
import { stdinLimit } from './commit-input.ts';
import { editTyped, keeping, takeUp } from './drafts.ts';
import { findPatient, findPerson } from './lookup.ts';
import { checkFit, type Extra, type NoteFields, saveEntries, shown } from './note-records.ts';
import { type AskedDay, askedDay, neededText } from './options.ts';
import { findRecords } from './refs.ts';
import { wordingHints } from './visit-records.ts';

interface NoteRequest {
  readonly patient: string;
  readonly text: string | undefined;
  readonly way: 'text' | 'stdin' | 'editor';
  readonly kind: NoteKind | undefined;
  readonly on: AskedDay | undefined;
  readonly fields: NoteFields;
}

async function readEntries(
  request: NoteRequest,
  capture: CaptureOptions,
  ctx: Context,
): Promise<(options: CaptureOptions) => readonly Entry[]> {
  const entriesOf = (lines: readonly CapturedLine[]): readonly Entry[] => lines.map(({ entry }) => entry);
  if (request.way === 'stdin') {
    const text = await ctx.stdin.readText(stdinLimit);
    return (options) => entriesOf(captureText(text, options));
  }
  if (request.text === undefined && !ctx.questions.possible)
    throw usage('the note is missing', 'give its text, or - to read it from standard input');
  const question = `What is there to remember (${capture.defaultKind})?`;
  const text = await neededText(request.text, 'the note', '', question, ctx);
  return (options) => {
    const entry = captureLine(text, options);
    return entry.type === 'empty' ? [] : [entry];
  };
}

async function replacedNote(request: NoteRequest, patient: Patient, ctx: Context): Promise<Note | undefined> {
  if (request.fields.replaces === undefined) return undefined;
  const [note] = await findRecords([request.fields.replaces], 'note', ctx);
  if (note === undefined) return undefined;
  if (note.patient_id !== patient.id) throw usage(`${note.ref} is a note of another patient`);
  if (note.status === 'superseded')
    throw conflict(`${note.ref} was replaced already`, 'replace the newer one');
  return note;
}

async function placeOf(request: NoteRequest, patient: Patient, ctx: Context) {
  const { person } = request.fields;
  const store = await ctx.openStore();
  store.checkWritable();
  const calendar = store.calendar.read();
  const extra: Extra = {
    person: person === undefined ? undefined : findPerson(store, patient, person),
    replaced: await replacedNote(request, patient, ctx),
  };
  return { patient, store, calendar, on: request.on?.(calendar) ?? ctx.clock.today(), extra };
}

const findPlace = async (request: NoteRequest, ctx: Context) =>
  placeOf(request, await findPatient([request.patient], ctx), ctx);

type Place = Awaited<ReturnType<typeof placeOf>>;

/** Saves them, with the end of the draft that they were typed in, and prints them. */
function save(
  entries: readonly Entry[],
  fields: NoteFields,
  { patient, store, calendar, on, extra }: Place,
  capture: CaptureOptions,
  ctx: Context,
  draft?: OwnDraft,
): void {
  const { output, globals } = ctx;
  const days = { patient, on, today: ctx.clock.today() };
  const { value: saved, operation } = saveEntries(entries, fields, extra, days, store, draft);
  const notes = saved.flatMap((one) => ('note' in one ? [one.note] : []));
  const commitments = saved.flatMap((one) => ('commitment' in one ? [one.commitment] : []));
  if (globals.json)
    output.json({ schema: 'rapport.note/1', operation: operation ?? null, notes, commitments });
  else {
    const lines = saved.map((one) => ({
      ref: 'note' in one ? one.note.ref : one.commitment.ref,
      line: { type: 'entry', entry: shown(one), typed: one.entry.text } as const,
    }));
    const look = { on, calendar, width: output.columns, style: output.style };
    output.print([printable(displayName(patient)), ...renderSaved(lines, look)].join('\n'));
  }
  wordingHints(saved.map(shown), capture, ctx);
}

const given = (fields: NoteFields): Partial<NoteFields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== false));

/** Lines in the editor. What the draft of a run before was given beside its text counts where nothing else is said. */
async function runEditor(request: NoteRequest, plain: CaptureOptions, ctx: Context): Promise<void> {
  const patient = await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const task = { patient_id: patient.id, task: 'note', record: null } as const;
  const taken = await takeUp(store, task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Partial<Pick<NoteRequest, 'kind' | 'fields'>>;
  const kind = request.kind ?? before.kind;
  const fields: NoteFields = { ...request.fields, ...before.fields, ...given(request.fields) };
  const place = await placeOf({ ...request, fields }, patient, ctx);
  const on = request.on === undefined ? (taken?.found.on ?? place.on) : place.on;
  const capture = { ...plain, on, calendar: place.calendar, defaultKind: kind ?? plain.defaultKind };
  const head = { ...task, on, options: JSON.stringify({ kind, fields }) };
  const draft = taken?.draft ?? store.drafts.begin(head);
  if (taken !== undefined) draft.restate(head);
  const read = (text: string): readonly Entry[] => {
    const entries = captureText(text, { ...capture, comments: true }).map(({ entry }) => entry);
    checkFit(entries, fields);
    return entries;
  };
  const initial = `${textOfDraft(taken?.found.lines ?? [])}\n# One note each line. Lines that begin with # are left out.\n`;
  await keeping([draft], store, async () => {
    const entries = await editTyped(initial, draft, read, ctx);
    save(entries, fields, { ...place, on }, capture, ctx, draft);
  });
}

async function runNote(request: NoteRequest, ctx: Context): Promise<ExitName> {
  const { clock, settings, questions } = ctx;
  // How days are read is among the vault's settings; and a passphrase on standard input comes before the text.
  await ctx.openStore();
  const { dateStyle, weekStart, verbs } = settings.read();
  const capture: CaptureOptions = {
    on: request.on?.() ?? clock.today(),
    defaultKind: request.kind ?? 'story',
    dateStyle,
    weekStart,
    verbs,
  };
  if (request.way === 'editor') {
    await runEditor(request, capture, ctx);
    return 'ok';
  }
  const isTyped = request.way === 'text' && request.text === undefined && questions.possible;
  const found = isTyped ? await findPlace(request, ctx) : undefined;
  const read = await readEntries(request, capture, ctx);
  checkFit(read(capture), request.fields);
  const place = found ?? (await findPlace(request, ctx));
  const options = { ...capture, on: place.on, calendar: place.calendar };
  save(read(options), request.fields, place, options, ctx);
  return 'ok';
}

function parse(raw: RawInput): NoteRequest {
  const [patient = ''] = raw.words('patient');
  const text = raw.text('text');
  const ways = [
    text !== undefined && 'a text',
    raw.flag('stdin') && '--stdin',
    raw.flag('editor') && '--editor',
  ];
  const named = ways.filter((way) => way !== false);
  if (named.length > 1) throw usage(`${named.join(' and ')} don't go together`, 'use one of them');
  const kind = raw.oneOf('kind', noteKinds);
  const date = raw.option('date');
  const { dateStyle, weekStart } = raw.reading;
  const on = askedDay(raw, 'on', 'back');
  const day = on?.() ?? raw.reading.today();
  // A text that nothing could make sense of asks for no passphrase.
  if (text !== undefined && text !== '-')
    captureLine(text, { on: day, defaultKind: kind ?? 'story', dateStyle, weekStart });
  return {
    patient,
    text,
    way: raw.flag('stdin') ? 'stdin' : raw.flag('editor') ? 'editor' : 'text',
    kind,
    on,
    fields: {
      person: raw.option('person'),
      date:
        date === undefined
          ? undefined
          : readPartial(date, {
              today: raw.reading.today(),
              direction: kind === 'loss' ? 'back' : 'nearest',
              dateStyle,
              weekStart,
            }),
      yearly: raw.flag('yearly'),
      tone: raw.oneOf('tone', tones),
      reachOut: raw.flag('reach-out'),
      sensitive: raw.flag('sensitive'),
      showInBrief: raw.flag('show-in-brief'),
      pinned: raw.flag('pin'),
      replaces: raw.option('replaces'),
    },
  };
}

export const note = defineCommand<NoteRequest>({
  path: 'note',
  summary: 'one thing to remember about a patient',
  group: 'Every day',
  arguments: [
    { name: 'patient', help: 'name, handle or ref; quote several words', optional: true },
    {
      name: 'text',
      help: 'left out it is asked for; - reads it from standard input',
      optional: true,
      variadic: true,
    },
  ],
  options: [
    { flags: '--kind <kind>', help: 'what it is, where its text does not say', choices: noteKinds },
    { flags: '--on <date>', help: 'the day that it was said' },
    { flags: '--person <name>', help: 'whom it is about, of the people around the patient' },
    { flags: '--date <date>', help: 'of a milestone or loss: 21 mar, 2026-05, 2026, --06-14' },
    { flags: '--yearly', help: 'the date returns every year' },
    { flags: '--tone <tone>', help: 'joyful, hard or neutral', choices: tones },
    { flags: '--reach-out', help: 'get in touch when its date comes' },
    { flags: '--sensitive', help: 'shown only where it is asked for' },
    { flags: '--show-in-brief', help: 'in the briefing, sensitive or not' },
    { flags: '--pin', help: 'first among its kind in the briefing' },
    { flags: '--replaces <note>', help: 'the older note that it takes the place of' },
    { flags: '--stdin', help: 'lines from standard input, a note each' },
    { flags: '--editor', help: 'lines in your editor, a note each' },
  ],
  examples: [
    'rapport note malu',
    'rapport note malu - < note.txt',
    'rapport note malu --kind family --person Ana -',
    "rapport note malu '? can I fly with this'",
  ],
  parse,
  run: runNote,
});
