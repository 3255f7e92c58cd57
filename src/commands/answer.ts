/** `rapport answer <id…>`: a question, concern, decision or thing to ask got its answer. */
import type { Note, NoteKind } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { conflict, type ExitName, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { type AskedDay, askedDay } from './day-options.ts';
import { findRecords } from './finding.ts';
import { changeNotes, type NoteNeeds, noteIds, refuseGone } from './note-changes.ts';
import { checkText, optionalText } from './text-options.ts';

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
