/** `rapport answer`, `retire`, `confirm`, `pin` and `move`: corrections of notes and promises. */
import { type Ctx, command, type Outcome } from '../cli/command.ts';
import { askedText, dayOrToday, flag, required, text, wordsOf } from '../cli/kinds.ts';
import { weekdayDate } from '../dates/civil.ts';
import type { Note, NoteKind, Patch } from '../domain/records.ts';
import { present, printableLines } from '../domain/text.ts';
import { cancelled, conflict, type Failure, usage } from '../errors.ts';
import { onePatient } from './lookup.ts';
import { change, changeable, recordsNamed, shownWords } from './refs.ts';

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
    for (const note of notes) {
      const about = shownWords(note, ctx);
      answers.set(note.id, await askedText(text, `${note.ref}${about}: the answer? Enter for none`, ctx));
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
  arguments: { id: { ...recordsNamed('ref of the note or promise'), optional: false } },
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
      for (const { id, patient_id } of [...notes, ...promises])
        store.drafts.follow(id, patient_id, target.id);
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
