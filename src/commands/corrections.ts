/** `rapport answer`, `retire`, `confirm`, `pin` and `move`: corrections of notes and promises. */

import { weekdayDate } from '../dates/wording.ts';
import type { Commitment, Note, NoteKind } from '../domain/records.ts';
import { cutToWidth, printable, printableLines } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, usage } from '../errors.ts';
import type { Store } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient, findRecords } from './lookup.ts';
import { changeLine, changeNotes, type NoteNeeds, noteIds, refuseGone } from './note-records.ts';
import { type AskedDay, askedDay, checkText, optionalText } from './options.ts';

interface AnswerRequest {
  readonly ids: readonly string[];
  readonly text: string | undefined;
  readonly on: AskedDay | undefined;
}

const answerable: readonly NoteKind[] = ['question', 'concern', 'decision', 'next'];

function refuse(note: Note): void {
  if (!answerable.includes(note.kind))
    throw conflict(
      `${note.ref} is a note of kind ${note.kind}, which has no answer`,
      `answers go with ${answerable.join(', ')}`,
    );
  if (note.status === 'answered') throw conflict(`${note.ref} is answered already`, 'rapport edit --answer');
  refuseGone(note);
}

async function runAnswer(request: AnswerRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs);
  for (const note of notes) refuse(note);
  store.checkWritable();
  if (request.text === undefined && !needs.questions.possible)
    throw usage('the answer is missing', 'add --text - and pipe it in, or --text TEXT');
  const answers = new Map<string, string | null>();
  for (const note of notes) {
    const text = note.sensitive ? '(private)' : cutToWidth(printable(note.text), 50);
    const question = `${note.ref} ${text}: the answer? Enter for none`;
    answers.set(note.id, await optionalText(request.text, 'the answer', question, needs));
  }
  const on = request.on?.(store.calendar.read()) ?? needs.clock.today();
  changeNotes(
    {
      verb: 'answer',
      notes,
      patch: (note) => ({ status: 'answered', answered_on: on, answer: answers.get(note.id) ?? null }),
      outcome: () => 'answered',
    },
    store,
    needs,
  );
  return 'ok';
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
  access: 'unlocked',
  parse: (raw) => {
    const ids = raw.words('id');
    const text = raw.option('text');
    if (text !== undefined && text !== '-') checkText(text, 'the answer');
    if (text !== undefined && ids.length > 1)
      throw usage('one answer for several notes', 'answer them one by one');
    return { ids, text, on: askedDay(raw, 'on', 'back') };
  },
  run: runAnswer,
});

interface RetireRequest {
  readonly ids: readonly string[];
  readonly erase: boolean;
}

async function erase(notes: readonly Note[], store: Store, needs: NoteNeeds): Promise<void> {
  const { output, globals, questions } = needs;
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
  needs.notices.say('Backups made before still hold the text.');
}

async function runRetire(request: RetireRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs, { commitment: 'rapport drop' });
  if (request.erase) {
    await erase(notes, store, needs);
    return 'ok';
  }
  for (const note of notes) refuseGone(note);
  changeNotes(
    { verb: 'retire', notes, patch: () => ({ status: 'retired' }), outcome: () => 'retired' },
    store,
    needs,
  );
  return 'ok';
}

export const retire = defineCommand<RetireRequest>({
  path: 'retire',
  summary: 'lay a note aside, or erase it for good',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--erase', help: 'take text, history and index out for good; cannot be undone' }],
  examples: ['rapport retire k7m2q', 'rapport retire k7m2q h3p8t --erase'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), erase: raw.flag('erase') }),
  run: runRetire,
});

interface ConfirmRequest {
  readonly ids: readonly string[];
  readonly on: AskedDay | undefined;
}

async function runConfirm(request: ConfirmRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs);
  for (const note of notes) refuseGone(note);
  const today = needs.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  changeNotes(
    {
      verb: 'confirm',
      notes,
      patch: () => ({ confirmed_on: on }),
      outcome: () => `confirmed ${weekdayDate(on, today)}`,
    },
    store,
    needs,
  );
  return 'ok';
}

export const confirm = defineCommand<ConfirmRequest>({
  path: 'confirm',
  summary: 'a note still holds: they said so again',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--on <date>', help: 'the day that they said so; today unless given' }],
  examples: ['rapport confirm k7m2q', 'rapport confirm k7m2q h3p8t --on yesterday'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), on: askedDay(raw, 'on', 'back') }),
  run: runConfirm,
});

interface PinRequest {
  readonly ids: readonly string[];
  readonly off: boolean;
}

async function runPin(request: PinRequest, needs: NoteNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const notes = await findRecords(request.ids, 'note', needs);
  for (const note of notes) refuseGone(note);
  changeNotes(
    {
      verb: 'pin',
      notes,
      patch: () => ({ pinned: !request.off }),
      outcome: () => (request.off ? 'no longer pinned' : 'pinned'),
    },
    store,
    needs,
  );
  return 'ok';
}

export const pin = defineCommand<PinRequest>({
  path: 'pin',
  summary: 'always show a note in the briefing',
  group: 'Records',
  arguments: [noteIds],
  options: [{ flags: '--off', help: 'no longer' }],
  examples: ['rapport pin k7m2q', 'rapport pin k7m2q --off'],
  access: 'unlocked',
  parse: (raw) => ({ ids: raw.words('id'), off: raw.flag('off') }),
  run: runPin,
});

interface MoveRequest {
  readonly ids: readonly string[];
  readonly to: string;
}

interface Moving {
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
}

/** The notes and commitments behind the ids; notes with their whole threads. */
async function findMoving(ids: readonly string[], store: Store, needs: NoteNeeds): Promise<Moving> {
  const isCommitment = (id: string): boolean => {
    const found = store.find(id);
    return found.length > 0 && found.every(({ table }) => table === 'commitment');
  };
  const promiseIds = ids.filter(isCommitment);
  const noteIds = ids.filter((id) => !promiseIds.includes(id));
  const notes = noteIds.length === 0 ? [] : await findRecords(noteIds, 'note', needs);
  const threads = notes.flatMap((note) => store.notes.thread(note.id));
  return {
    notes: [...new Map(threads.map((note) => [note.id, note])).values()],
    commitments: promiseIds.length === 0 ? [] : await findRecords(promiseIds, 'commitment', needs),
  };
}

async function runMove(request: MoveRequest, needs: NoteNeeds): Promise<ExitName> {
  const { output, globals } = needs;
  const store = await needs.openStore();
  const { notes, commitments } = await findMoving(request.ids, store, needs);
  const target = await findPatient([request.to], needs);
  const there = [...notes, ...commitments].find(({ patient_id }) => patient_id === target.id);
  if (there !== undefined) throw conflict(`${there.ref} is with that patient already`);
  const { value: moved, operation } = store.write({ verb: 'move' }, () => {
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
  });
  if (globals.json) output.json({ schema: 'rapport.move/1', operation: operation ?? null, items: moved });
  else output.print(moved.map((record) => changeLine(record, 'moved', store)).join('\n'));
  return 'ok';
}

export const move = defineCommand<MoveRequest>({
  path: 'move',
  summary: 'give a note or promise to the patient it belongs to',
  group: 'Records',
  arguments: [{ name: 'id', help: 'ref of the note or promise', variadic: true, takes: 'record' }],
  options: [{ flags: '--to <patient>', help: 'whose it is' }],
  examples: ['rapport move k7m2q --to malu', 'rapport move k7m2q h3p8t --to "mar raz"'],
  access: 'unlocked',
  parse: (raw) => {
    const to = raw.option('to');
    if (to === undefined) throw usage('to which patient?', 'rapport move <id> --to malu');
    return { ids: raw.words('id'), to };
  },
  run: runMove,
});
