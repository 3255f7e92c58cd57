/** `rapport answer`, `retire`, `confirm`, `pin` and `move`: corrections of notes and promises. */
import { type Ctx, command, type Outcome } from '../cli/command.ts';
import { agree, askedText, dayOrToday, flag, text } from '../cli/kinds.ts';
import { weekdayDate } from '../dates/civil.ts';
import { answerableKinds } from '../domain/note-rules.ts';
import type { Note } from '../domain/records.ts';
import { present } from '../domain/text.ts';
import { conflict, type Failure, usage } from '../errors.ts';
import { settleFate, takeBackFate, takeOutStrays } from './fates.ts';
import { choosePatient, onePatient } from './lookup.ts';
import { aboutRecord, calledRecord, change, changeable, changeEach, recordsNamed } from './refs.ts';

const noteHelp = 'ref of the note, as rapport notes shows it';

function refuseGone({ status }: Note, called: string): Failure | undefined {
  if (status === 'retired') return conflict(`${called} is retired already`);
  return status === 'superseded' ? conflict(`${called} is superseded by a newer note`) : undefined;
}

const id = changeable('note', { what: 'note' }, noteHelp, refuseGone);

function refuseAnswer(note: Note, called: string): Failure | undefined {
  if (!answerableKinds.includes(note.kind))
    return conflict(
      `${called} is of kind ${note.kind}, which has no answer`,
      `answers go with ${answerableKinds.join(', ')}`,
    );
  if (note.status !== 'answered') return refuseGone(note, called);
  return conflict(`${called} is answered already`, 'rapport edit --answer');
}

export const answer = command({
  arguments: { id: changeable('note', { what: 'note without an answer' }, noteHelp, refuseAnswer) },
  options: {
    text: text('the answer', 'the answer; - reads standard input'),
    on: dayOrToday('back', 'the day of the answer; today unless given'),
  },
  examples: ['k7m2q', 'k7m2q --text -', 'k7m2q --on yesterday'],
  async run({ id: notes, text, on: answered_on }, ctx) {
    if (text !== undefined && notes.length > 1)
      throw usage('one answer for several notes', 'answer them one by one');
    if (text === undefined && !ctx.questions.possible)
      throw usage('the answer is missing', 'add --text - and pipe it in, or --text TEXT');
    const answers = new Map<string, string | null>();
    for (const note of notes) {
      const question = `${aboutRecord(note, ctx)} · The answer? Enter for none`;
      answers.set(note.id, await askedText(text, question, ctx));
    }
    const patch = ({ id }: Note) =>
      ({ status: 'answered', answered_on, answer: answers.get(id) ?? null }) as const;
    return changeEach('answer', ctx.store.notes, notes, patch, 'Answered', ctx, ...answers.values());
  },
});

async function erase(notes: readonly Note[], ctx: Ctx): Promise<Outcome> {
  const { store } = ctx;
  for (const note of notes)
    if (store.patients.byId(note.patient_id)?.hold)
      throw conflict(`${calledRecord(note, ctx)} may not be erased: the patient is on hold`);
  const what = notes.length === 1 ? 'this note' : `these ${notes.length} notes`;
  const refusal = usage(`erasing ${what} cannot be undone`, 'add --yes to do so');
  const question = `Erase ${what} (${notes.map(({ ref }) => ref).join(', ')}) for good? This cannot be undone`;
  // On the terminal alone: an answer that is given beforehand shows nothing.
  const texts = notes.map((note) => aboutRecord(note, ctx, Number.POSITIVE_INFINITY)).join('\n');
  await agree(question, refusal, ctx, texts);
  const called = notes.map((note) => calledRecord(note, ctx));
  const erasing = await store.erasing();
  const { operation = null } = store.write({ verb: 'retire --erase', undoable: false }, () => {
    for (const note of notes) {
      erasing.note(store.notes.asSeen(note).id);
      takeBackFate(store, note);
    }
  });
  return {
    json: { operation, items: notes.map(({ id, ref }) => ({ id, ref, erased: true })) },
    text: called.map((one) => `Erased ${one}`).join('\n'),
    notices: ['Backups made before still hold the text.'],
  };
}

const offered = { what: 'note', suits: (one: Note) => refuseGone(one, '') === undefined };

export const retire = command({
  // One that is gone may still be erased.
  arguments: { id: changeable('note', offered, noteHelp, () => undefined, { commitment: 'rapport drop' }) },
  options: { erase: flag('take text, history and index out for good; cannot be undone') },
  examples: ['k7m2q', 'k7m2q h3p8t --erase'],
  run({ id: notes, erase: isErased }, ctx) {
    if (isErased) return erase(notes, ctx);
    const [refusal] = present(...notes.map((note) => refuseGone(note, calledRecord(note, ctx))));
    if (refusal !== undefined) throw refusal;
    const lay = (note: Note): Note => {
      const retired = ctx.store.notes.change(note, () => ({ status: 'retired' }));
      takeBackFate(ctx.store, note);
      return retired;
    };
    return change('retire', () => notes.map(lay), 'Retired', ctx);
  },
});

export const confirm = command({
  arguments: { id },
  options: { on: dayOrToday('back', 'the day that they said so; today unless given') },
  examples: ['k7m2q', 'k7m2q h3p8t --on yesterday'],
  run({ id: notes, on }, ctx) {
    const outcome = `Confirmed ${weekdayDate(on, ctx.clock.today())}`;
    return changeEach('confirm', ctx.store.notes, notes, () => ({ confirmed_on: on }), outcome, ctx);
  },
});

export const pin = command({
  arguments: { id },
  options: { off: flag('no longer') },
  examples: ['k7m2q', 'k7m2q --off'],
  run({ id: notes, off }, ctx) {
    const outcome = off ? 'No longer pinned' : 'Pinned';
    return changeEach('pin', ctx.store.notes, notes, () => ({ pinned: !off }), outcome, ctx);
  },
});

export const move = command({
  arguments: { id: recordsNamed('note or promise', 'ref of the note or promise') },
  options: {
    to: {
      ...onePatient('whose it is; asked for unless given'),
      asked: ['to which patient?', 'rapport move <id> --to NAME'],
    },
  },
  examples: ['k7m2q --to malu', 'k7m2q h3p8t --to "mar raz"'],
  async run({ id: { notes: named, promises }, to }, ctx) {
    const { store } = ctx;
    const target = to ?? (await choosePatient(ctx));
    const threads = named.flatMap((note) => store.notes.thread(note.id));
    const notes = [...new Map(threads.map((note) => [note.id, note])).values()];
    const there = [...notes, ...promises].find(({ patient_id }) => patient_id === target.id);
    if (there !== undefined) throw conflict(`${calledRecord(there, ctx)} is there already`);
    const work = () => {
      store.patients.present(target);
      for (const note of notes) store.notes.asSeen(note);
      for (const { id } of named)
        if (store.notes.byId(id)?.patient_id !== target.id) store.notes.move(id, target.id);
      for (const { id, patient_id } of [...notes, ...promises])
        store.drafts.follow(id, patient_id, target.id);
      for (const note of notes) takeBackFate(store, note);
      takeOutStrays(store, notes);
      return [
        ...notes.map((note) => settleFate(store, store.notes.update(note.id, {}), note)),
        ...promises.map((one) =>
          store.commitments.change(one, () => ({ patient_id: target.id, for_person: null })),
        ),
      ];
    };
    return change('move', work, 'Moved', ctx);
  },
});
