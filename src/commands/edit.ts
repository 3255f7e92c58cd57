/** `rapport edit <id…>`: mends a note or the words of a promise; the earlier text stays in the history. */

import { type Ctx, command, type Given, type Kind, type Outcome, opened } from '../cli/command.ts';
import { checkText, dated, flag, neededText, oneOf, text, word, words, wordsOf } from '../cli/kinds.ts';
import { readPartial } from '../dates/grammar.ts';
import { hintsOn } from '../domain/capture-hints.ts';
import { type Commitment, type Note, noteKinds, type Patch, tones } from '../domain/records.ts';
import { printable, textOfDraft } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { draftFor, editTyped, keeping, takeUp } from './drafts.ts';
import { findPerson } from './lookup.ts';
import { valuesOf } from './patient-fields.ts';
import { change, findBoth } from './refs.ts';

const yesNo = (help: string) => oneOf(['yes', 'no'], '<yes-or-no>', help);

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
const ofNotes = Object.keys(options).filter((name) => name !== 'text' && name !== 'editor');

const id = {
  ...words('ref of the note or promise', { takes: 'record' }),
  read: (raw, _, has) => async (settled) => {
    const ctx = opened(settled);
    const found = await findBoth(wordsOf(raw), ctx);
    if (found.promises.length > 0 && ofNotes.some(has))
      throw usage(
        'of a promise only the text can be edited',
        'rapport snooze <id> --to fri changes its date',
      );
    ctx.store.checkWritable();
    return found;
  },
} satisfies Kind<unknown>;

interface Request extends Pick<Given<typeof options>, 'text' | 'editor' | 'answer' | 'person'> {
  readonly fields: Patch<Note>;
  readonly drafts: OwnDraft[];
}

function fieldsOf({ kind, tone, date, ...given }: Given<typeof options>): Patch<Note> {
  const { yearly, reachOut, sensitive, showInBrief } = given;
  const answers = Object.entries(valuesOf({ yearly, reachOut, sensitive, showInBrief }));
  return {
    ...valuesOf({ kind, tone }),
    ...date,
    ...Object.fromEntries(answers.map(([field, answer]) => [field, answer === 'yes'])),
  };
}

/** In the editor: over the record's text, or what an earlier run typed over it, with what that was told beside it. */
async function editRecord(
  { fields, drafts }: Request,
  record: Note | Commitment,
  ctx: Ctx,
): Promise<Patch<Note>> {
  const { store } = ctx;
  const task = { patient_id: record.patient_id, task: 'edit', record: record.id } as const;
  const taken = await takeUp(store, task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Patch<Note>;
  const options = JSON.stringify({ ...before, ...fields });
  const draft = draftFor(taken, { ...task, on: ctx.clock.today(), options }, store);
  drafts.push(draft);
  const initial = taken === undefined ? record.text : textOfDraft(taken.found.lines);
  const text = await editTyped(initial, draft, (typed) => checkText(typed, 'the text'), ctx);
  return { ...before, text };
}

async function newText(request: Request, record: Note | Commitment, ctx: Ctx): Promise<Patch<Note>> {
  const { text, editor, answer, person, fields } = request;
  if (text !== undefined) return { text };
  if (editor) return editRecord(request, record, ctx);
  if (answer !== undefined || person !== undefined || Object.keys(fields).length > 0) return {};
  if (ctx.questions.possible && printable(record.text) !== record.text)
    return editRecord(request, record, ctx);
  const question = `${record.ref}: the text`;
  return { text: await neededText(undefined, 'the new text', '--text', question, ctx, record.text) };
}

async function patchOf(request: Request, note: Note, ctx: Ctx): Promise<Patch<Note>> {
  const { person, answer, fields } = request;
  const patient = ctx.store.patients.byId(note.patient_id);
  const personId =
    person === undefined || person === 'none' || patient === undefined
      ? null
      : findPerson(ctx.store, patient, person).id;
  if (answer !== undefined && note.status !== 'answered')
    throw conflict(`${note.ref} is not answered yet`, `rapport answer ${note.ref}`);
  return {
    ...(await newText(request, note, ctx)),
    ...fields,
    ...(answer !== undefined && { answer }),
    ...(person !== undefined && { person: personId }),
  };
}

export const edit = command({
  path: 'edit',
  arguments: { id },
  options,
  apart: { text: ['editor'] },
  refuse(has, _, words) {
    if ((has('text') || has('answer')) && wordsOf(words['id']).length > 1)
      throw usage('one text for several records', 'edit them one by one');
  },
  examples: [
    'rapport edit k7m2q',
    'rapport edit k7m2q --text - < note.txt',
    'rapport edit k7m2q --kind family --person Ana --sensitive yes',
  ],
  async run(given, ctx): Promise<Outcome> {
    const { store } = ctx;
    const { promises, notes } = given.id;
    const drafts: OwnDraft[] = [];
    const request: Request = { ...given, fields: fieldsOf(given), drafts };
    const texts = new Map<string, string>();
    const patches = new Map<string, Patch<Note>>();
    const outcome = (_: Note | Commitment, isAny: boolean): string => (isAny ? 'edited' : 'is as it was');
    const made = await keeping(drafts, store, async () => {
      for (const one of promises) texts.set(one.id, (await newText(request, one, ctx)).text ?? one.text);
      for (const one of notes) patches.set(one.id, await patchOf(request, one, ctx));
      const work = (): readonly (Note | Commitment)[] => {
        for (const draft of drafts) draft.discard();
        return [
          ...promises.map((one) =>
            store.commitments.change(one, ({ id, text }) => ({ text: texts.get(id) ?? text })),
          ),
          ...notes.map((one) => store.notes.change(one, ({ id }) => patches.get(id) ?? {})),
        ];
      };
      return change('edit', work, outcome, ctx);
    });
    return {
      ...made,
      notices: hintsOn(given.answer, ...texts.values(), ...[...patches.values()].map(({ text }) => text)),
    };
  },
});
