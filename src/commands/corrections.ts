/** `rapport answer`, `retire`, `confirm`, `pin` and `move`: corrections of notes and promises. */

import type { ArgumentDeclaration } from '../cli/command.ts';
import type { Context, Store } from '../context.ts';
import { weekdayDate } from '../dates/wording.ts';
import type { Note, NoteKind, Patch } from '../domain/records.ts';
import { cutToWidth, printable, printableLines } from '../domain/text.ts';
import { cancelled, conflict, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './lookup.ts';
import { type AskedDay, askedDay, checkText, optionalText } from './options.ts';
import { changeRecords } from './record-changes.ts';
import { findRecords, partIds } from './refs.ts';

const noteIds: ArgumentDeclaration = {
  name: 'id',
  help: 'ref of the note, as rapport notes shows it',
  optional: true,
  variadic: true,
  takes: 'note',
};

function refuseGone({ ref, status }: Note): void {
  if (status === 'retired' || status === 'superseded')
    throw conflict(`${ref} is ${status}${status === 'retired' ? ' already' : ' by a newer note'}`);
}

const changeNotes = (
  verb: string,
  notes: readonly Note[],
  patch: (note: Note) => Patch<Note>,
  outcome: string,
  ctx: Context,
) =>
  changeRecords(
    verb,
    (store) => notes.map((note) => store.notes.change(note, patch)),
    () => outcome,
    ctx,
  );

const answerable: readonly NoteKind[] = ['question', 'concern', 'decision', 'next'];

function refuseAnswer(note: Note): void {
  if (!answerable.includes(note.kind))
    throw conflict(
      `${note.ref} is a note of kind ${note.kind}, which has no answer`,
      `answers go with ${answerable.join(', ')}`,
    );
  if (note.status === 'answered') throw conflict(`${note.ref} is answered already`, 'rapport edit --answer');
  refuseGone(note);
}

interface AnswerRequest {
  readonly ids: readonly string[];
  readonly text: string | undefined;
  readonly on: AskedDay | undefined;
}

export const answer = defineCommand<AnswerRequest>({
  path: 'answer',
  summary: 'a question, concern or decision got its answer',
  group: 'Records',
  arguments: [noteIds],
  options: [
    { flags: '--text <text>', help: 'the answer; - reads standard input' },
    { flags: '--on <date>', help: 'the day of the answer; today unless given' },
  ],
  examples: ['rapport answer k7m2q', 'rapport answer k7m2q --text -', 'rapport answer k7m2q --on yesterday'],
  parse: (raw) => {
    const ids = raw.words('id');
    const text = raw.option('text');
    if (text !== undefined && text !== '-') checkText(text, 'the answer');
    if (text !== undefined && ids.length > 1)
      throw usage('one answer for several notes', 'answer them one by one');
    return { ids, text, on: askedDay(raw, 'on', 'back') };
  },
  run: async ({ ids, text, on: asked }, ctx) => {
    const store = await ctx.openStore();
    const notes = await findRecords(ids, 'note', ctx);
    for (const note of notes) refuseAnswer(note);
    store.checkWritable();
    if (text === undefined && !ctx.questions.possible)
      throw usage('the answer is missing', 'add --text - and pipe it in, or --text TEXT');
    const answers = new Map<string, string | null>();
    for (const note of notes) {
      const about = note.sensitive ? '(private)' : cutToWidth(printable(note.text), 50);
      const question = `${note.ref} ${about}: the answer? Enter for none`;
      answers.set(note.id, await optionalText(text, 'the answer', question, ctx));
    }
    const answered_on = asked?.(store.calendar.read()) ?? ctx.clock.today();
    const patch = ({ id }: Note): Patch<Note> => ({
      status: 'answered',
      answered_on,
      answer: answers.get(id) ?? null,
    });
    await changeNotes('answer', notes, patch, 'answered', ctx);
    return 'ok';
  },
});

async function erase(notes: readonly Note[], store: Store, ctx: Context): Promise<void> {
  const { output, globals, questions } = ctx;
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
  const { operation } = store.write({ verb: 'retire --erase', undoable: false }, () => {
    for (const note of notes) store.notes.erase(store.notes.asSeen(note).id);
  });
  const items = notes.map(({ id, ref }) => ({ id, ref, erased: true }));
  if (globals.json) output.json({ schema: 'rapport.retire/1', operation: operation ?? null, items });
  else output.print(notes.map(({ ref }) => `${ref} erased`).join('\n'));
  ctx.notices.say('Backups made before still hold the text.');
}

export const retire = defineCommand<{ readonly ids: readonly string[]; readonly isErased: boolean }>({
  path: 'retire',
  summary: 'lay a note aside, or erase it for good',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--erase', help: 'take text, history and index out for good; cannot be undone' }],
  examples: ['rapport retire k7m2q', 'rapport retire k7m2q h3p8t --erase'],
  parse: (raw) => ({ ids: raw.words('id'), isErased: raw.flag('erase') }),
  run: async ({ ids, isErased }, ctx) => {
    const store = await ctx.openStore();
    const notes = await findRecords(ids, 'note', ctx, { commitment: 'rapport drop' });
    if (isErased) await erase(notes, store, ctx);
    else {
      for (const note of notes) refuseGone(note);
      await changeNotes('retire', notes, () => ({ status: 'retired' }), 'retired', ctx);
    }
    return 'ok';
  },
});

export const confirm = defineCommand<Pick<AnswerRequest, 'ids' | 'on'>>({
  path: 'confirm',
  summary: 'a note still holds: they said so again',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--on <date>', help: 'the day that they said so; today unless given' }],
  examples: ['rapport confirm k7m2q', 'rapport confirm k7m2q h3p8t --on yesterday'],
  parse: (raw) => ({ ids: raw.words('id'), on: askedDay(raw, 'on', 'back') }),
  run: async ({ ids, on: asked }, ctx) => {
    const store = await ctx.openStore();
    const notes = await findRecords(ids, 'note', ctx);
    for (const note of notes) refuseGone(note);
    const today = ctx.clock.today();
    const on = asked?.(store.calendar.read()) ?? today;
    const outcome = `confirmed ${weekdayDate(on, today)}`;
    await changeNotes('confirm', notes, () => ({ confirmed_on: on }), outcome, ctx);
    return 'ok';
  },
});

export const pin = defineCommand<{ readonly ids: readonly string[]; readonly pinned: boolean }>({
  path: 'pin',
  summary: 'always show a note in the briefing',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--off', help: 'no longer' }],
  examples: ['rapport pin k7m2q', 'rapport pin k7m2q --off'],
  parse: (raw) => ({ ids: raw.words('id'), pinned: !raw.flag('off') }),
  run: async ({ ids, pinned }, ctx) => {
    const notes = await findRecords(ids, 'note', ctx);
    for (const note of notes) refuseGone(note);
    await changeNotes('pin', notes, () => ({ pinned }), pinned ? 'pinned' : 'no longer pinned', ctx);
    return 'ok';
  },
});

/** The notes, with their whole threads, and the promises behind the ids. */
async function findMoving(ids: readonly string[], store: Store, ctx: Context) {
  const { promiseIds, noteIds } = partIds(ids, store);
  const notes = noteIds.length === 0 ? [] : await findRecords(noteIds, 'note', ctx);
  const threads = notes.flatMap((note) => store.notes.thread(note.id));
  return {
    notes: [...new Map(threads.map((note) => [note.id, note])).values()],
    commitments: promiseIds.length === 0 ? [] : await findRecords(promiseIds, 'commitment', ctx),
  };
}

export const move = defineCommand<{ readonly ids: readonly string[]; readonly to: string }>({
  path: 'move',
  summary: 'give a note or promise to the patient it belongs to',
  group: 'Records',
  arguments: [{ name: 'id', help: 'ref of the note or promise', variadic: true, takes: 'record' }],
  options: [{ flags: '--to <patient>', help: 'whose it is' }],
  examples: ['rapport move k7m2q --to malu', 'rapport move k7m2q h3p8t --to "mar raz"'],
  parse: (raw) => {
    const to = raw.option('to');
    if (to === undefined) throw usage('to which patient?', 'rapport move <id> --to malu');
    return { ids: raw.words('id'), to };
  },
  run: async ({ ids, to }, ctx) => {
    const { notes, commitments } = await findMoving(ids, await ctx.openStore(), ctx);
    const target = await findPatient([to], ctx);
    const there = [...notes, ...commitments].find(({ patient_id }) => patient_id === target.id);
    if (there !== undefined) throw conflict(`${there.ref} is with that patient already`);
    const work = (store: Store) => {
      store.patients.present(target);
      for (const note of notes) store.notes.asSeen(note);
      const left = new Set(notes.map(({ id }) => id));
      for (const note of notes) {
        if (!left.has(note.id)) continue;
        store.notes.move(note.id, target.id);
        for (const { id } of store.notes.thread(note.id)) left.delete(id);
      }
      return [
        ...notes.map(({ id }) => store.notes.update(id, {})),
        ...commitments.map((one) =>
          store.commitments.change(one, () => ({ patient_id: target.id, for_person: null })),
        ),
      ];
    };
    await changeRecords('move', work, () => 'moved', ctx);
    return 'ok';
  },
});
