/** `rapport edit <id…>`: mends a note or the words of a promise; the earlier text stays in the history. */

import type { Context, Store } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { readPartial } from '../dates/grammar.ts';
import {
  type Commitment,
  type Note,
  type NoteKind,
  noteKinds,
  type Patch,
  type Tone,
  tones,
} from '../domain/records.ts';
import { printable, textOfDraft } from '../domain/text.ts';
import { conflict, type ExitName, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { defineCommand, type RawInput } from './command.ts';
import { editTyped, keeping, takeUp } from './drafts.ts';
import { findPerson } from './lookup.ts';
import { askText, checkText, neededText, optionalText, textHints } from './options.ts';
import { changeLine } from './record-changes.ts';
import { findRecords, partIds } from './refs.ts';

const yesNo = ['yes', 'no'] as const;

interface EditRequest {
  readonly ids: readonly string[];
  readonly text: string | undefined;
  readonly answer: string | undefined;
  readonly editor: boolean;
  readonly person: string | undefined;
  readonly fields: Patch<Note>;
}

interface Typing {
  readonly store: Store;
  readonly drafts: OwnDraft[];
}

const onlyText = ({ answer, person, fields }: EditRequest): boolean =>
  answer === undefined && person === undefined && Object.keys(fields).length === 0;

/** In the editor: over the record's text, or what an earlier run typed over it, with what that was told beside it. */
async function editRecord(
  { fields }: EditRequest,
  record: Note | Commitment,
  { store, drafts }: Typing,
  ctx: Context,
): Promise<Patch<Note>> {
  const task = { patient_id: record.patient_id, task: 'edit', record: record.id } as const;
  const taken = await takeUp(store, task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Patch<Note>;
  const head = { ...task, on: ctx.clock.today(), options: JSON.stringify({ ...before, ...fields }) };
  const draft = taken?.draft ?? store.drafts.begin(head);
  drafts.push(draft);
  if (taken !== undefined) draft.restate(head);
  const initial = taken === undefined ? record.text : textOfDraft(taken.found.lines);
  const text = await editTyped(initial, draft, (typed) => checkText(typed, 'the text'), ctx);
  return { ...before, text };
}

async function newText(
  request: EditRequest,
  record: Note | Commitment,
  typing: Typing,
  ctx: Context,
): Promise<Patch<Note>> {
  const { questions } = ctx;
  if (request.text !== undefined)
    return { text: await neededText(request.text, 'the text', '--text', '', ctx) };
  if (request.editor) return editRecord(request, record, typing, ctx);
  if (!onlyText(request)) return {};
  if (!questions.possible)
    throw usage('the new text is missing', 'add --text - and pipe it in, or --text TEXT');
  // A line cannot hold what is not printable: the editor can.
  if (printable(record.text) !== record.text) return editRecord(request, record, typing, ctx);
  return { text: await askText(`${record.ref}: the text`, record.text, ctx) };
}

async function patchOf(request: EditRequest, note: Note, typing: Typing, ctx: Context): Promise<Patch<Note>> {
  const { store } = typing;
  const patient = store.patients.byId(note.patient_id);
  const { person } = request;
  const personId =
    person === undefined || person === 'none' || patient === undefined
      ? null
      : findPerson(store, patient, person).id;
  if (request.answer !== undefined && note.status !== 'answered')
    throw conflict(`${note.ref} is not answered yet`, `rapport answer ${note.ref}`);
  const text = await newText(request, note, typing, ctx);
  const answer = await optionalText(request.answer, 'the answer', undefined, ctx);
  return {
    ...text,
    ...request.fields,
    ...(answer !== null && { answer }),
    ...(person !== undefined && { person: personId }),
  };
}

async function runEdit(request: EditRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const store = await ctx.openStore();
  const { promiseIds, noteIds } = partIds(request.ids, store);
  if (promiseIds.length > 0 && !onlyText(request))
    throw usage('of a promise only the text can be edited', 'rapport snooze <id> --to fri changes its date');
  const promises = promiseIds.length === 0 ? [] : await findRecords(promiseIds, 'commitment', ctx);
  const notes = noteIds.length === 0 && promises.length > 0 ? [] : await findRecords(noteIds, 'note', ctx);
  store.checkWritable();
  const typing: Typing = { store, drafts: [] };
  const texts = new Map<string, string>();
  const patches = new Map<string, Patch<Note>>();
  const { value: changed, operation } = await keeping(typing.drafts, store, async () => {
    for (const promise of promises)
      texts.set(promise.id, (await newText(request, promise, typing, ctx)).text ?? promise.text);
    for (const note of notes) patches.set(note.id, await patchOf(request, note, typing, ctx));
    return store.write({ verb: 'edit' }, () => {
      for (const draft of typing.drafts) draft.discard();
      return [
        ...promises.map((one) =>
          store.commitments.change(one, ({ id, text }) => ({ text: texts.get(id) ?? text })),
        ),
        ...notes.map((one) => store.notes.change(one, ({ id }) => patches.get(id) ?? {})),
      ];
    });
  });
  if (globals.json) output.json({ schema: 'rapport.edit/1', operation: operation ?? null, items: changed });
  else {
    const outcome = operation === undefined ? 'is as it was' : 'edited';
    output.print(changed.map((record) => changeLine(record, outcome, store)).join('\n'));
  }
  const written = [...texts.values(), ...[...patches.values()].flatMap(({ text }) => text ?? [])];
  textHints(written, ctx);
  return 'ok';
}

function readDateField(raw: RawInput): Patch<Note> {
  const text = raw.option('date');
  if (text === undefined) return {};
  if (text === 'none') return { date: null, yearly: false };
  const { dateStyle, weekStart } = raw.reading;
  const today = raw.reading.today();
  const date: PartialDate = readPartial(text, { today, direction: 'nearest', dateStyle, weekStart });
  return { date, ...(date.startsWith('--') && { yearly: true }) };
}

function readFields(raw: RawInput): Patch<Note> {
  const kind: NoteKind | undefined = raw.oneOf('kind', noteKinds);
  const tone: Tone | undefined = raw.oneOf('tone', tones);
  const flags = [
    ['yearly', 'yearly'],
    ['reach-out', 'reach_out'],
    ['sensitive', 'sensitive'],
    ['show-in-brief', 'show_in_brief'],
  ] as const;
  const said = flags.flatMap(([option, field]) => {
    const value = raw.oneOf(option, yesNo);
    return value === undefined ? [] : [[field, value === 'yes'] as const];
  });
  return {
    ...(kind !== undefined && { kind }),
    ...(tone !== undefined && { tone }),
    ...readDateField(raw),
    ...Object.fromEntries(said),
  };
}

function parseEdit(raw: RawInput): EditRequest {
  const ids = raw.words('id');
  const [text, answer] = [raw.option('text'), raw.option('answer')];
  if (text !== undefined && text !== '-') checkText(text, 'the text');
  if (answer !== undefined && answer !== '-') checkText(answer, 'the answer');
  if (text === '-' && answer === '-') throw usage('standard input is one text, not two');
  if (text !== undefined && raw.flag('editor')) throw usage("--text and --editor don't go together");
  if ((text !== undefined || answer !== undefined) && ids.length > 1)
    throw usage('one text for several records', 'edit them one by one');
  return {
    ids,
    text,
    answer,
    editor: raw.flag('editor'),
    person: raw.option('person'),
    fields: readFields(raw),
  };
}

export const edit = defineCommand<EditRequest>({
  path: 'edit',
  summary: 'mend a note, or the words of a promise',
  group: 'Records',
  arguments: [
    { name: 'id', help: 'ref of the note or promise', optional: true, variadic: true, takes: 'record' },
  ],
  options: [
    { flags: '--text <text>', help: 'the new text; - reads standard input; left out it is asked for' },
    { flags: '--editor', help: 'the text in your editor' },
    { flags: '--answer <text>', help: 'the answer of an answered note; - reads standard input' },
    { flags: '--kind <kind>', help: 'another kind', choices: noteKinds },
    { flags: '--person <name>', help: 'whom it is about, or none' },
    { flags: '--date <date>', help: '21 mar, 2026-05, 2026, --06-14, or none' },
    { flags: '--yearly <yes-or-no>', help: 'the date returns every year', choices: yesNo },
    { flags: '--tone <tone>', help: 'joyful, hard or neutral', choices: tones },
    { flags: '--reach-out <yes-or-no>', help: 'get in touch when its date comes', choices: yesNo },
    { flags: '--sensitive <yes-or-no>', help: 'shown only where it is asked for', choices: yesNo },
    { flags: '--show-in-brief <yes-or-no>', help: 'in the briefing, sensitive or not', choices: yesNo },
  ],
  examples: [
    'rapport edit k7m2q',
    'rapport edit k7m2q --text - < note.txt',
    'rapport edit k7m2q --kind family --person Ana --sensitive yes',
  ],
  parse: parseEdit,
  run: runEdit,
});
