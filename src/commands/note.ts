/** `rapport note <patient> [text…]`: one thing to remember, or several lines of them. */

import { type Ctx, command, type Outcome } from '../cli/command.ts';
import { neededText, optionalArgument, refuseUnreadable, spokenText, textOf } from '../cli/kinds.ts';
import type { WorkCalendar } from '../dates/business-days.ts';
import { type CaptureOptions, captureLine, captureText, type Entry } from '../domain/capture.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Note, type NoteKind, noteKinds, type Patient } from '../domain/records.ts';
import { printable, textOfDraft } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderSaved } from '../terminal/write-up-view.ts';
import { stdinLimit } from './commit-input.ts';
import { editTyped, keeping, takeUp } from './drafts.ts';
import { findPatient, findPerson } from './lookup.ts';
import { checkFit, type Extra, type NoteFields, noteOptions, saveEntries, shown } from './note-records.ts';
import { findRecords } from './refs.ts';
import { wordingHints } from './visit-records.ts';

type Capture = CaptureOptions & { readonly calendar: WorkCalendar };

async function replacedNote(ref: string, patient: Patient, ctx: Ctx): Promise<Note | undefined> {
  const [note] = await findRecords([ref], 'note', ctx);
  if (note === undefined) return undefined;
  if (note.patient_id !== patient.id) throw usage(`${note.ref} is a note of another patient`);
  if (note.status === 'superseded')
    throw conflict(`${note.ref} was replaced already`, 'replace the newer one');
  return note;
}

interface Place {
  readonly patient: Patient;
  readonly extra: Extra;
}

async function placeOf({ person, replaces }: NoteFields, patient: Patient, ctx: Ctx): Promise<Place> {
  ctx.store.checkWritable();
  const extra: Extra = {
    person: person === undefined ? undefined : findPerson(ctx.store, patient, person),
    replaced: replaces === undefined ? undefined : await replacedNote(replaces, patient, ctx),
  };
  return { patient, extra };
}

function save(
  entries: readonly Entry[],
  fields: NoteFields,
  { patient, extra }: Place,
  capture: Capture,
  { store, clock, output }: Ctx,
  draft?: OwnDraft,
): Outcome {
  const { on, calendar } = capture;
  const days = { patient, on, today: clock.today() };
  const { value: saved, operation = null } = saveEntries(entries, fields, extra, days, store, draft);
  const lines = saved.map((one) => ({
    ref: 'note' in one ? one.note.ref : one.commitment.ref,
    line: { type: 'entry', entry: shown(one), typed: one.entry.text } as const,
  }));
  return {
    json: {
      operation,
      notes: saved.flatMap((one) => ('note' in one ? [one.note] : [])),
      commitments: saved.flatMap((one) => ('commitment' in one ? [one.commitment] : [])),
    },
    text: async () =>
      [printable(displayName(patient)), ...(await renderSaved(lines, { on, calendar }, output))].join('\n'),
    notices: wordingHints(saved.map(shown), capture),
  };
}

const said = (fields: NoteFields): Partial<NoteFields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== false));

interface Typed {
  readonly kind: NoteKind | undefined;
  readonly on: CaptureOptions['on'] | undefined;
  readonly fields: NoteFields;
}

/** Lines in the editor. What the draft of a run before was given beside its text counts where nothing else is said. */
async function edited(typed: Typed, patient: Patient, plain: Capture, ctx: Ctx): Promise<Outcome> {
  const { store } = ctx;
  const task = { patient_id: patient.id, task: 'note', record: null } as const;
  const taken = await takeUp(store, task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Partial<Pick<Typed, 'kind' | 'fields'>>;
  const kind = typed.kind ?? before.kind;
  const fields: NoteFields = { ...typed.fields, ...before.fields, ...said(typed.fields) };
  const place = await placeOf(fields, patient, ctx);
  const on = typed.on ?? taken?.found.on ?? plain.on;
  const capture = { ...plain, on, defaultKind: kind ?? plain.defaultKind };
  const head = { ...task, on, options: JSON.stringify({ kind, fields }) };
  const draft = taken?.draft ?? store.drafts.begin(head);
  if (taken !== undefined) draft.restate(head);
  const read = (text: string): readonly Entry[] => {
    const entries = captureText(text, { ...capture, comments: true }).map(({ entry }) => entry);
    checkFit(entries, fields);
    return entries;
  };
  const initial = `${textOfDraft(taken?.found.lines ?? [])}\n# One note each line. Lines that begin with # are left out.\n`;
  return keeping([draft], store, async () =>
    save(await editTyped(initial, draft, read, ctx), fields, place, capture, ctx, draft),
  );
}

export const note = command({
  path: 'note',
  arguments: {
    patient: optionalArgument('name, handle or ref; quote several words'),
    text: spokenText('the note', 'left out it is asked for; - reads it from standard input'),
  },
  options: noteOptions,
  apart: { text: ['stdin', 'editor'], stdin: ['editor'] },
  refuse(_, shut, words) {
    const text = textOf(words['text']);
    // A text that nothing could make sense of asks for no passphrase.
    const defaultKind = noteKinds.find((kind) => kind === words['kind']) ?? 'story';
    if (text !== undefined && text !== '-')
      refuseUnreadable((reading) => captureLine(text, { ...reading, on: reading.today, defaultKind }), shut);
  },
  examples: [
    'rapport note malu',
    'rapport note malu - < note.txt',
    'rapport note malu --kind family --person Ana -',
    "rapport note malu '? can I fly with this'",
  ],
  async run(given, ctx): Promise<Outcome> {
    const { store, settings, clock, questions } = ctx;
    const { patient, text, kind, on, stdin, editor, date, pin: pinned, ...more } = given;
    const fields = { ...more, pinned, date: date?.(kind === 'loss' ? 'back' : 'nearest') };
    const { dateStyle, weekStart, verbs } = settings.read();
    const capture: Capture = {
      on: on ?? clock.today(),
      calendar: store.calendar.read(),
      defaultKind: kind ?? 'story',
      dateStyle,
      weekStart,
      verbs,
    };
    const find = () => findPatient([patient ?? ''], ctx);
    if (editor) return edited({ kind, on, fields }, await find(), capture, ctx);
    const isTyped = !stdin && text === undefined;
    if (isTyped && !questions.possible)
      throw usage('the note is missing', 'give its text, or - to read it from standard input');
    // Before anything is typed. What was given is read before a patient is asked for.
    const known = isTyped ? await placeOf(fields, await find(), ctx) : undefined;
    const question = `What is there to remember (${capture.defaultKind})?`;
    const entries = stdin
      ? captureText(await ctx.stdin.readText(stdinLimit), capture).map(({ entry }) => entry)
      : [captureLine(await neededText(text, 'the note', '', question, ctx), capture)].filter(
          (entry) => entry.type !== 'empty',
        );
    checkFit(entries, fields);
    return save(entries, fields, known ?? (await placeOf(fields, await find(), ctx)), capture, ctx);
  },
});
