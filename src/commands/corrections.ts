/** `rapport edit`, `answer`, `retire`, `confirm`, `pin` and `move`: corrections of notes and promises. */
import { type Ctx, command, type Given, type Kind, type Outcome } from '../cli/command.ts';
import {
  askedText,
  checkText,
  dated,
  dayOrToday,
  flag,
  neededText,
  oneOf,
  plain,
  required,
  text,
  word,
  wordsOf,
} from '../cli/kinds.ts';
import { readPartial } from '../dates/grammar.ts';
import { weekdayDate } from '../dates/words.ts';
import {
  type Commitment,
  type Note,
  type NoteKind,
  noteKinds,
  type Patch,
  tones,
} from '../domain/records.ts';
import { cutToWidth, present, printable, printableLines, textOfDraft } from '../domain/text.ts';
import { cancelled, conflict, type Failure, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { draftFor, editTyped, keeping, takeUp } from './drafts.ts';
import { findPerson, onePatient } from './lookup.ts';
import { valuesOf } from './patient-fields.ts';
import { change, changeable, notesAndPromises } from './refs.ts';

const noteHelp = 'ref of the note, as rapport notes shows it';

function refuseGone({ ref, status }: Note): Failure | undefined {
  if (status === 'retired') return conflict(`${ref} is retired already`);
  return status === 'superseded' ? conflict(`${ref} is superseded by a newer note`) : undefined;
}

const id = changeable('note', noteHelp, refuseGone);

const changeNotes = (
  verb: string,
  notes: readonly Note[],
  patch: (note: Note) => Patch<Note>,
  outcome: string,
  ctx: Ctx,
  ...said: readonly (string | null)[]
) => change(verb, () => notes.map((note) => ctx.store.notes.change(note, patch)), outcome, ctx, ...said);

const answerable: readonly NoteKind[] = ['question', 'concern', 'decision', 'next'];

function refuseAnswer(note: Note): Failure | undefined {
  if (!answerable.includes(note.kind))
    return conflict(
      `${note.ref} is a note of kind ${note.kind}, which has no answer`,
      `answers go with ${answerable.join(', ')}`,
    );
  if (note.status !== 'answered') return refuseGone(note);
  return conflict(`${note.ref} is answered already`, 'rapport edit --answer');
}

export const answer = command({
  arguments: { id: changeable('note', noteHelp, refuseAnswer) },
  options: {
    text: text('the answer', 'the answer; - reads standard input'),
    on: dayOrToday('back', 'the day of the answer; today unless given'),
  },
  refuse(has, _, { id: ids }) {
    if (has('text') && wordsOf(ids).length > 1)
      throw usage('one answer for several notes', 'answer them one by one');
  },
  examples: ['k7m2q', 'k7m2q --text -', 'k7m2q --on yesterday'],
  async run({ id: notes, text, on: answered_on }, ctx) {
    if (text === undefined && !ctx.questions.possible)
      throw usage('the answer is missing', 'add --text - and pipe it in, or --text TEXT');
    const answers = new Map<string, string | null>();
    for (const { id, ref, sensitive, text: asked } of notes) {
      const about = sensitive ? '(private)' : cutToWidth(printable(asked), 50);
      answers.set(id, await askedText(text, `${ref} ${about}: the answer? Enter for none`, ctx));
    }
    const patch = ({ id }: Note) =>
      ({ status: 'answered', answered_on, answer: answers.get(id) ?? null }) as const;
    return changeNotes('answer', notes, patch, 'answered', ctx, ...answers.values());
  },
});

async function erase(notes: readonly Note[], { store, globals, questions }: Ctx): Promise<Outcome> {
  for (const note of notes) {
    const patient = store.patients.byId(note.patient_id);
    if (patient?.hold) throw conflict(`${note.ref} is a note of a patient on hold, so it may not be erased`);
  }
  const what = notes.length === 1 ? 'this note' : `these ${notes.length} notes`;
  if (!globals.yes && !questions.possible)
    throw usage(`erasing ${what} cannot be undone`, 'add --yes to do so');
  // On the terminal alone: an answer that is given beforehand shows nothing.
  if (!globals.yes)
    questions.tell(notes.flatMap(({ ref, text }) => printableLines(`${ref}  ${text}`)).join('\n'));
  const question = `Erase ${what} (${notes.map(({ ref }) => ref).join(', ')}) for good? This cannot be undone`;
  if (!(await questions.confirm(question, false))) throw cancelled();
  const erasing = await store.erasing();
  const { operation = null } = store.write({ verb: 'retire --erase', undoable: false }, () => {
    for (const note of notes) erasing.note(store.notes.asSeen(note).id);
  });
  return {
    json: { operation, items: notes.map(({ id, ref }) => ({ id, ref, erased: true })) },
    text: notes.map(({ ref }) => `${ref} erased`).join('\n'),
    notices: ['Backups made before still hold the text.'],
  };
}

export const retire = command({
  // One that is gone may still be erased.
  arguments: { id: changeable('note', noteHelp, () => undefined, { commitment: 'rapport drop' }) },
  options: { erase: flag('take text, history and index out for good; cannot be undone') },
  examples: ['k7m2q', 'k7m2q h3p8t --erase'],
  run({ id: notes, erase: isErased }, ctx) {
    if (isErased) return erase(notes, ctx);
    const [refusal] = present(...notes.map(refuseGone));
    if (refusal !== undefined) throw refusal;
    return changeNotes('retire', notes, () => ({ status: 'retired' }), 'retired', ctx);
  },
});

export const confirm = command({
  arguments: { id },
  options: { on: dayOrToday('back', 'the day that they said so; today unless given') },
  examples: ['k7m2q', 'k7m2q h3p8t --on yesterday'],
  run({ id: notes, on }, ctx) {
    const outcome = `confirmed ${weekdayDate(on, ctx.clock.today())}`;
    return changeNotes('confirm', notes, () => ({ confirmed_on: on }), outcome, ctx);
  },
});

export const pin = command({
  arguments: { id },
  options: { off: flag('no longer') },
  examples: ['k7m2q', 'k7m2q --off'],
  run: ({ id: notes, off }, ctx) =>
    changeNotes('pin', notes, () => ({ pinned: !off }), off ? 'no longer pinned' : 'pinned', ctx),
});

export const move = command({
  arguments: { id: { ...notesAndPromises, optional: false } },
  options: {
    to: required(onePatient('whose it is'), () => usage('to which patient?', 'rapport move <id> --to malu')),
  },
  examples: ['k7m2q --to malu', 'k7m2q h3p8t --to "mar raz"'],
  run({ id: { notes: named, promises }, to: target }, ctx) {
    const { store } = ctx;
    const threads = named.flatMap((note) => store.notes.thread(note.id));
    const notes = [...new Map(threads.map((note) => [note.id, note])).values()];
    const there = [...notes, ...promises].find(({ patient_id }) => patient_id === target.id);
    if (there !== undefined) throw conflict(`${there.ref} is with that patient already`);
    const work = () => {
      store.patients.present(target);
      for (const note of notes) store.notes.asSeen(note);
      const moved = new Set<string>();
      for (const { id } of notes) {
        if (!moved.has(id)) store.notes.move(id, target.id);
        for (const one of store.notes.thread(id)) moved.add(one.id);
      }
      return [
        ...notes.map(({ id }) => store.notes.update(id, {})),
        ...promises.map((one) =>
          store.commitments.change(one, () => ({ patient_id: target.id, for_person: null })),
        ),
      ];
    };
    return change('move', work, 'moved', ctx);
  },
});

const yesNo = (help: string): Kind<boolean | undefined> =>
  plain(help, (raw) => (raw === undefined ? undefined : raw === 'yes'), {
    value: '<yes-or-no>',
    choices: ['yes', 'no'],
  });

const options = {
  text: text('the text', 'the new text; - reads standard input; left out it is asked for'),
  editor: flag('the text in your editor'),
  answer: text('the answer', 'the answer of an answered note; - reads standard input'),
  kind: oneOf(noteKinds, '<kind>', 'another kind'),
  person: word('<name>', 'whom it is about, or none'),
  date: dated('21 mar, 2026-05, 2026, --06-14, or none', (typed, reading): Patch<Note> => {
    if (typed === 'none') return { date: null, yearly: false };
    const date = readPartial(typed, { ...reading, direction: 'nearest' });
    return { date, ...(date.startsWith('--') && { yearly: true }) };
  }),
  yearly: yesNo('the date returns every year'),
  tone: oneOf(tones, '<tone>', 'joyful, hard or neutral'),
  reachOut: yesNo('get in touch when its date comes'),
  sensitive: yesNo('shown only where it is asked for'),
  showInBrief: yesNo('in the briefing, sensitive or not'),
};

interface Request extends Pick<Given<typeof options>, 'text' | 'editor' | 'answer' | 'person'> {
  readonly fields: Patch<Note>;
  readonly drafts: OwnDraft[];
}

const isOfNotes = ({ answer, person, fields }: Request): boolean =>
  answer !== undefined || person !== undefined || Object.keys(fields).length > 0;

/** In the editor: over the record's text, or what an earlier run typed over it, with what that was told beside it. */
async function editRecord(request: Request, record: Note | Commitment, ctx: Ctx): Promise<Patch<Note>> {
  const { fields, drafts } = request;
  const { store } = ctx;
  const task = { patient_id: record.patient_id, task: 'edit', record: record.id } as const;
  const taken = await takeUp(store, task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Patch<Note>;
  const options = JSON.stringify({ ...before, ...fields });
  const draft = draftFor(taken, { ...task, on: ctx.clock.today(), options }, store);
  drafts.push(draft);
  const initial = taken === undefined ? record.text : textOfDraft(taken.found.lines);
  return { ...before, text: await editTyped(initial, draft, (typed) => checkText(typed, 'the text'), ctx) };
}

async function newText(request: Request, record: Note | Commitment, ctx: Ctx): Promise<Patch<Note>> {
  const { text, editor } = request;
  if (text !== undefined) return { text };
  const isPlain = printable(record.text) === record.text;
  if (editor) return editRecord(request, record, ctx);
  if (isOfNotes(request)) return {};
  if (ctx.questions.possible && !isPlain) return editRecord(request, record, ctx);
  const ask = `${record.ref}: the text`;
  return { text: await neededText(undefined, 'the new text', '--text', ask, ctx, record.text) };
}

async function patchOf(request: Request, note: Note, ctx: Ctx): Promise<Patch<Note>> {
  const { person, answer, fields } = request;
  const patient = ctx.store.patients.byId(note.patient_id);
  const about = (name: string): string | null =>
    patient && name !== 'none' ? findPerson(ctx.store, patient, name).id : null;
  if (answer !== undefined && note.status !== 'answered')
    throw conflict(`${note.ref} is not answered yet`, `rapport answer ${note.ref}`);
  return {
    ...(await newText(request, note, ctx)),
    ...fields,
    ...(answer !== undefined && { answer }),
    ...(person !== undefined && { person: about(person) }),
  };
}

export const edit = command({
  arguments: { id: notesAndPromises },
  options,
  apart: { text: ['editor'] },
  refuse(has, _, words) {
    if ((has('text') || has('answer')) && wordsOf(words['id']).length > 1)
      throw usage('one text for several records', 'edit them one by one');
  },
  examples: ['k7m2q', 'k7m2q --text - < note.txt', 'k7m2q --kind family --person Ana --sensitive yes'],
  async run(given, ctx): Promise<Outcome> {
    const { store } = ctx;
    const { promises, notes } = given.id;
    const drafts: OwnDraft[] = [];
    const { kind, tone, date, yearly, reachOut, sensitive, showInBrief } = given;
    const fields = { ...date, ...valuesOf({ kind, tone, yearly, reachOut, sensitive, showInBrief }) };
    const request: Request = { ...given, fields, drafts };
    if (promises.length > 0 && isOfNotes(request))
      throw usage(
        'of a promise only the text can be edited',
        'rapport snooze <id> --to fri changes its date',
      );
    store.checkWritable();
    const patches = new Map<Note | Commitment, Patch<Note>>();
    const outcome = (_: Note | Commitment, isAny: boolean): string => (isAny ? 'edited' : 'is as it was');
    return keeping(drafts, store, async () => {
      for (const one of promises) patches.set(one, await newText(request, one, ctx));
      for (const one of notes) patches.set(one, await patchOf(request, one, ctx));
      const work = (): readonly (Note | Commitment)[] => {
        for (const draft of drafts) draft.discard();
        return [
          ...promises.map((one) =>
            store.commitments.change(one, ({ text }) => ({ text: patches.get(one)?.text ?? text })),
          ),
          ...notes.map((one) => store.notes.change(one, () => patches.get(one) ?? {})),
        ];
      };
      const texts = [...patches.values()].map(({ text }) => text);
      return change('edit', work, outcome, ctx, given.answer, ...texts);
    });
  },
});
