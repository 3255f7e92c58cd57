/** `rapport note <patient> [text…]`: one thing to remember, or a line each; options lie over what the text says. */
import { type Ctx, command, type Given, type Outcome, optionName } from '../cli/command.ts';
import {
  dated,
  day,
  flag,
  neededText,
  oneOf,
  optionalArgument,
  refuseUnreadable,
  text,
  textOf,
  word,
} from '../cli/kinds.ts';
import type { PartialDate } from '../dates/civil.ts';
import type { Direction } from '../dates/date-context.ts';
import { readPartial } from '../dates/grammar.ts';
import { captureLine, captureText, type Entry } from '../domain/capture.ts';
import { refuseReturning } from '../domain/note-rules.ts';
import { type Note, type NoteKind, noteKinds, type Patient, tones } from '../domain/records.ts';
import { pick, present, textOfDraft } from '../domain/text.ts';
import type { PlannedNote } from '../domain/write-up-plan.ts';
import { conflict, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { renderSaved } from '../terminal/write-up-view.ts';
import { draftFor, editTyped, keeping, readOrKeep, stdinLimit, takeUp } from './drafts.ts';
import { takeBackFate } from './fates.ts';
import { findPatient, findPerson, nameOf } from './lookup.ts';
import { askPrivateDeaths, valuesOf } from './patient-fields.ts';
import { findRecords } from './refs.ts';
import { offerDiscretion, offerPins } from './sight.ts';
import { captureAsked } from './visit-questions.ts';
import {
  type Capture,
  captureOn,
  insertEntry,
  promisedTo,
  unreadNotices,
  wordingHints,
} from './visit-records.ts';

const options = {
  kind: oneOf(noteKinds, '<kind>', 'what it is, where its text does not say'),
  on: day('back', 'the day that it was said'),
  person: word('<name>', 'whom it is about, of the people around the patient'),
  date: dated('of a milestone or loss: 21 mar, 2026-05, 2026, --06-14', (typed, reading) => {
    const read = (direction: Direction) => readPartial(typed, { ...reading, direction });
    read('nearest');
    return read;
  }),
  yearly: flag('the date returns every year'),
  tone: oneOf(tones, '<tone>', 'joyful, hard or neutral'),
  reachOut: flag('get in touch when its date comes'),
  sensitive: flag('shown only where it is asked for'),
  showInBrief: flag('in the briefing, private or not'),
  pin: flag('first among its kind in the briefing'),
  replaces: word('<note>', 'the older note that it takes the place of'),
  stdin: flag('lines from standard input, a note each'),
  editor: flag('lines in your editor, a note each'),
};

interface Fields extends Omit<Given<typeof options>, 'kind' | 'on' | 'date' | 'stdin' | 'editor'> {
  readonly date: PartialDate | undefined;
}

const saidOf = (fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== false));

/** Options that say something about one note fit no promise, and some fit no list of notes. @throws usage */
function fitting(entries: readonly Entry[], fields: Fields): readonly Entry[] {
  const { sensitive: _, ...ofNotes } = saidOf(fields);
  const given = Object.keys(ofNotes).map(optionName);
  if (entries.length === 0) throw usage('the text is empty');
  const [first] = given;
  if (first !== undefined && entries.some((entry) => entry.type === 'commitment'))
    throw usage(
      `${first} is for notes, and there is a promise here`,
      "a promise's date is in its text: 'by fri'",
    );
  const single = given.find((name) => name === '--date' || name === '--replaces');
  if (single !== undefined && entries.length > 1) throw usage(`${single} is for one note, not for several`);
  return entries;
}

/** Whom a note is of and about, and which it takes the place of. */
type Place = Readonly<ReturnType<typeof placeOf>>;

function replacedNote(ref: string, patient: Patient, ctx: Ctx): Note | undefined {
  const [note] = findRecords([ref], ['note'], ctx);
  if (note === undefined) return undefined;
  if (note.patient_id !== patient.id) throw usage(`${note.ref} is a note of another patient`);
  if (note.status === 'superseded')
    throw conflict(`${note.ref} was replaced already`, 'replace the newer one');
  return note;
}

function placeOf({ person, replaces }: Fields, patient: Patient, ctx: Ctx) {
  ctx.store.checkWritable();
  return {
    patient,
    person: person === undefined ? undefined : findPerson(ctx.store, patient, person),
    replaced: replaces === undefined ? undefined : replacedNote(replaces, patient, ctx),
  };
}

function withFields(planned: PlannedNote, fields: Fields, { person, replaced }: Place): PlannedNote {
  const { record, person: named, others } = planned;
  const { date } = record;
  if (fields.yearly && date === null) throw usage('--yearly wants a date', 'add --date 14 jun');
  const isNamed = named !== undefined && named.change !== 'add' && named.id === person?.id;
  return {
    others,
    // Whom --person names is linked; marked as died only where the text says that it was this person.
    person: person === undefined || isNamed ? named : undefined,
    record: {
      ...record,
      yearly: fields.yearly || (fields.date === undefined ? record.yearly : fields.date.startsWith('--')),
      unread: date === null ? record.unread : null,
      ...valuesOf(pick(fields, 'tone', 'reachOut', 'showInBrief')),
      sensitive: fields.sensitive || record.sensitive,
      person: person?.id ?? record.person,
      pinned: fields.pin,
      replaces: replaced?.id ?? null,
    },
  };
}

/** With the date that an option may have given it. Inside `write`. */
function saveEntry(entry: Entry, fields: Fields, place: Place, on: Capture['on'], { store, clock }: Ctx) {
  const { patient } = place;
  const facts = { on, today: clock.today(), patientId: patient.id };
  const isDated = fields.date !== undefined && entry.type !== 'commitment';
  const dated = isDated ? { ...entry, date: fields.date } : entry;
  const record = insertEntry(store, dated as Entry, facts, fields.sensitive, (bare, people) => {
    const planned = withFields(bare, fields, place);
    const about = people.find(({ id }) => id === planned.record.person);
    const refusal = refuseReturning(patient, planned.record, about);
    if (refusal !== undefined) throw refusal;
    return planned;
  });
  if ('owner' in record || entry.type === 'commitment') return { entry, record };
  const { date, unread, sensitive, yearly } = record;
  return { entry: { ...entry, date, unread, sensitive, ...(entry.type === 'note' && { yearly }) }, record };
}

async function save(
  entries: readonly Entry[],
  fields: Fields,
  place: Place,
  capture: Capture,
  ctx: Ctx,
  draft?: OwnDraft,
): Promise<Outcome> {
  const { store, output } = ctx;
  const { value: saved, operation = null } = store.write({ verb: 'note' }, () => {
    draft?.discard();
    const patient = store.patients.present(place.patient);
    if (place.person !== undefined) store.people.present(place.person);
    if (place.replaced !== undefined) store.notes.change(place.replaced, () => ({ status: 'superseded' }));
    const made = entries.map((entry) => saveEntry(entry, fields, { ...place, patient }, capture.on, ctx));
    if (place.replaced !== undefined) takeBackFate(store, place.replaced);
    return made;
  });
  const records = saved.map(({ record }) => record);
  await offerDiscretion(ctx, ...records);
  await offerPins(ctx, records);
  const deaths = await askPrivateDeaths(records, ctx);
  const entered = saved.map(({ entry }) => entry);
  const lines = saved.map(({ entry, record: { ref } }) => ({
    ref,
    line: { type: 'entry', entry, typed: entry.text } as const,
  }));
  const recordsOf = (isPromise: boolean) =>
    saved.flatMap(({ entry, record }) =>
      (entry.type === 'commitment') === isPromise ? [{ ...record, guessed: entry.guessed }] : [],
    );
  return {
    json: { operation, notes: recordsOf(false), commitments: recordsOf(true) },
    text: async () => [nameOf(place.patient), ...(await renderSaved(lines, capture, output))].join('\n'),
    notices: [
      ...unreadNotices(records),
      ...wordingHints(entered, capture, promisedTo(place.patient, store)),
      ...deaths,
    ],
  };
}

interface Typed {
  readonly kind: NoteKind | undefined;
  readonly on: Capture['on'] | undefined;
  readonly fields: Fields;
}

/** Lines in the editor. What the draft of a run before was given beside its text counts where nothing else is said. */
async function edited(typed: Typed, patient: Patient, plain: Capture, ctx: Ctx): Promise<Outcome> {
  const { store } = ctx;
  const task = { patient_id: patient.id, task: 'note', record: null } as const;
  const taken = await takeUp(task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Partial<Pick<Typed, 'kind' | 'fields'>>;
  const kind = typed.kind ?? before.kind;
  const fields: Fields = { ...typed.fields, ...before.fields, ...saidOf(typed.fields) };
  const place = placeOf(fields, patient, ctx);
  const on = typed.on ?? taken?.found.on ?? plain.on;
  const ways = { isGiven: kind !== undefined, isPrivate: fields.sensitive };
  const capture = { ...plain, ...ways, on, defaultKind: kind ?? plain.defaultKind };
  const draft = draftFor(taken, { ...task, on, options: JSON.stringify({ kind, fields }) }, store);
  const read = (text: string) => fitting(captureText(text, { ...capture, comments: true }), fields);
  const initial = `${textOfDraft(taken?.found.lines ?? [])}\n# One note each line. Lines that begin with # are left out.\n`;
  return keeping([draft], store, async () =>
    save(await editTyped(initial, draft, read, ctx), fields, place, capture, ctx, draft),
  );
}

/** Where lines cannot be read they are kept as a draft. */
async function piped(
  text: string,
  { kind, fields }: Typed,
  place: Place,
  capture: Capture,
  ctx: Ctx,
): Promise<Outcome> {
  const { store } = ctx;
  const head = { patient_id: place.patient.id, task: 'note', record: null, on: capture.on } as const;
  const draft = draftFor(undefined, { ...head, options: JSON.stringify({ kind, fields }) }, store);
  return keeping([draft], store, async () => {
    const read = () => fitting(captureText(text, capture), fields);
    const entries = readOrKeep(read, draft, { place: 'learn', text });
    return save(entries, fields, place, capture, ctx, draft);
  });
}

export const note = command({
  arguments: {
    patient: optionalArgument('name, handle or ref; quote several words'),
    text: {
      ...text('the note', 'left out it is asked for; - reads it from standard input'),
      optional: true,
      variadic: true,
    },
  },
  options,
  apart: { text: ['stdin', 'editor'], stdin: ['editor'] },
  refuse(_, shut, words) {
    const text = textOf(words['text']);
    // A text that nothing could make sense of asks for no passphrase.
    const defaultKind = noteKinds.find((kind) => kind === words['kind']) ?? 'story';
    if (text !== undefined && text !== '-')
      refuseUnreadable((reading) => captureLine(text, { ...reading, on: reading.today, defaultKind }), shut);
  },
  examples: [
    'malu',
    'malu - < note.txt',
    'malu --kind family --person Ana -',
    "malu '? can I fly with this'",
  ],
  async run({ patient, text, kind, on, stdin, editor, date, ...given }, ctx): Promise<Outcome> {
    const fields = { ...given, date: date?.(kind === 'loss' ? 'back' : 'milestone') };
    const isTyped = !stdin && !editor && text === undefined;
    if (isTyped && !ctx.questions.possible)
      throw usage('the note is missing', 'give its text, or - to read it from standard input');
    const found = await findPatient([patient ?? ''], ctx);
    const plain = captureOn(on ?? ctx.clock.today(), ctx, found);
    const ways = { isGiven: kind !== undefined, isPrivate: fields.sensitive };
    const capture = { ...plain, ...ways, defaultKind: kind ?? plain.defaultKind };
    if (editor) return edited({ kind, on, fields }, found, capture, ctx);
    // Before anything is typed.
    const place = placeOf(fields, found, ctx);
    if (stdin) return piped(await ctx.stdin.readText(stdinLimit), { kind, on, fields }, place, capture, ctx);
    const question = `What is there to remember (${capture.defaultKind})?`;
    const entry = await captureAsked(await neededText(text, 'the note', '', question, ctx), capture, ctx);
    return save(fitting(present(entry), fields), fields, place, capture, ctx);
  },
});
