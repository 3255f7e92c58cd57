/** `rapport edit`: a note, the words of a promise, the gist of a contact; and whether any of them is private. */
import { type Ctx, command, type Given, type Kind, type Outcome } from '../cli/command.ts';
import {
  channel,
  checkText,
  dated,
  day,
  flag,
  neededText,
  oneOf,
  plain,
  text,
  time,
  word,
} from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { readDate, readPartial } from '../dates/grammar.ts';
import { readPromise } from '../dates/line-date.ts';
import { dateOptions } from '../domain/capture.ts';
import {
  type Commitment,
  type Contact,
  channels,
  type Note,
  noteKinds,
  type Patch,
  tones,
} from '../domain/records.ts';
import { present, printable, textOfDraft } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { OwnDraft } from '../store/drafts.ts';
import { draftFor, editTyped, keeping, takeUp } from './drafts.ts';
import { settleFate, takeBackFate } from './fates.ts';
import { findPerson, nameOf } from './lookup.ts';
import { valuesOf } from './patient-fields.ts';
import { calledRecord, change, recordsNamed } from './refs.ts';
import { offerDiscretion, screenFor } from './sight.ts';
import { captureOn } from './visit-records.ts';

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
    if (typed === 'none') return { date: null, yearly: false, unread: null };
    const date = readPartial(typed, { ...reading, direction: 'nearest' });
    return { date, unread: null, ...(date.startsWith('--') && { yearly: true }) };
  }),
  due: dated('of a promise: a day, or none', (typed, reading) =>
    typed === 'none' ? null : readDate(typed, { ...reading, direction: 'forward' }),
  ),
  on: day('nearest', 'of a contact: its day'),
  at: time('of a contact: its time of day'),
  channel: channel(channels, 'of a contact: what it was'),
  gist: text('the gist', 'of a contact: what it was about; - reads standard input'),
  undated: flag('a promise that needs no date: due no longer asks for one'),
  yearly: yesNo('the date returns every year'),
  tone: oneOf(tones, '<tone>', 'joyful, hard or neutral'),
  reachOut: yesNo('get in touch when its date comes'),
  sensitive: yesNo('shown only where it is asked for'),
  showInBrief: yesNo('in the briefing, private or not'),
};

interface Request extends Pick<Given<typeof options>, 'text' | 'editor' | 'answer' | 'person'> {
  readonly fields: Patch<Note>;
  /** Of promises. */
  readonly dating: Patch<Commitment>;
  /** Of contacts. */
  readonly meeting: Patch<Contact>;
  readonly drafts: OwnDraft[];
}

const isOfNotes = ({ answer, person, fields: { sensitive: _, ...fields } }: Request): boolean =>
  answer !== undefined || person !== undefined || Object.keys(fields).length > 0;

type Editable = Note | Commitment | Contact;

/** What a record says: of a contact its gist. */
const textOf = (record: Editable): string => ('text' in record ? record.text : (record.gist ?? ''));

/** In the editor: over the record's text, or what an earlier run typed over it, with what that was told beside it. */
async function editRecord(request: Request, record: Editable, shown: string, ctx: Ctx): Promise<Patch<Note>> {
  const { fields, drafts } = request;
  const { store } = ctx;
  const task = { patient_id: record.patient_id, task: 'edit', record: record.id } as const;
  const taken = await takeUp(task, ctx);
  const before = JSON.parse(taken?.found.options ?? '{}') as Patch<Note>;
  const options = JSON.stringify({ ...before, ...fields });
  const draft = draftFor(taken, { ...task, on: ctx.clock.today(), options }, store);
  drafts.push(draft);
  const initial = taken === undefined ? shown : textOfDraft(taken.found.lines);
  return { ...before, text: await editTyped(initial, draft, (typed) => checkText(typed, 'the text'), ctx) };
}

async function newText(request: Request, record: Editable, ctx: Ctx): Promise<Patch<Note>> {
  const { text, editor, fields, dating, meeting } = request;
  if (text !== undefined) return { text };
  const patient = ctx.store.patients.byId(record.patient_id);
  const said = textOf(record);
  const shown = patient === undefined ? said : screenFor(patient, ctx).text(said);
  if (editor) return editRecord(request, record, shown, ctx);
  const isSaid = fields.sensitive !== undefined || Object.keys({ ...dating, ...meeting }).length > 0;
  if (isOfNotes(request) || isSaid) return {};
  if (ctx.questions.possible && printable(shown) !== shown) return editRecord(request, record, shown, ctx);
  const ask = `${patient ? nameOf(patient) : record.ref}: the text`;
  return { text: await neededText(undefined, 'the new text', '--text', ask, ctx, shown) };
}

async function patchOf(request: Request, note: Note, ctx: Ctx): Promise<Patch<Note>> {
  const { person, answer, fields } = request;
  const patient = ctx.store.patients.byId(note.patient_id);
  const about = (name: string): string | null =>
    patient && name !== 'none' ? findPerson(ctx.store, patient, name).id : null;
  if (answer !== undefined && note.status !== 'answered')
    throw conflict(`${calledRecord(note, ctx)} is not answered yet`, `rapport answer ${note.ref}`);
  return {
    ...(await newText(request, note, ctx)),
    ...fields,
    ...(answer !== undefined && { answer }),
    ...(person !== undefined && { person: about(person) }),
  };
}

/** A date that the new text names moves the promise, and is cut off it as when it was typed first. */
function rewordedPromise(promise: Commitment, text: string | undefined, ctx: Ctx): Patch<Commitment> {
  if (text === undefined || text === promise.text) return {};
  const { text: rest, date } = readPromise(text, dateOptions(captureOn(ctx.clock.today(), ctx)));
  return date === null ? { text } : { text: rest, due: date, unread: null, undated: false };
}

/** Who died or left follows from what a loss says. */
function changeNote(store: Store, note: Note, patch: Patch<Note>): Note {
  const changed = store.notes.change(note, () => patch);
  const isLoss = note.kind === 'loss' || changed.kind === 'loss';
  const isSame = (['kind', 'text', 'date', 'person'] as const).every(
    (field) => note[field] === changed[field],
  );
  if (!isLoss || isSame) return changed;
  takeBackFate(store, note);
  return settleFate(store, changed, note);
}

export const edit = command({
  arguments: {
    id: recordsNamed('note, promise or contact', 'ref of the note, promise or contact', ['contact']),
  },
  options,
  apart: { text: ['editor', 'gist'], editor: ['gist'], due: ['undated'] },
  examples: ['k7m2q', 'k7m2q --text - < note.txt', 'k7m2q --kind family --person Ana --sensitive yes'],
  async run(given, ctx): Promise<Outcome> {
    const { store } = ctx;
    const { promises, notes, contacts } = given.id;
    const isOneText = [given.text, given.answer, given.gist].some((text) => text !== undefined);
    if (isOneText && promises.length + notes.length + contacts.length > 1)
      throw usage('one new text does not fit several records', 'edit them one by one');
    const drafts: OwnDraft[] = [];
    const { kind, tone, date, yearly, reachOut, sensitive, showInBrief, due, undated } = given;
    const fields = { ...date, ...valuesOf({ kind, tone, yearly, reachOut, sensitive, showInBrief }) };
    const dating: Patch<Commitment> = undated
      ? { due: null, undated }
      : due === undefined
        ? {}
        : { due, unread: null, undated: false };
    const meeting: Patch<Contact> = {
      ...valuesOf({ on: given.on, channel: given.channel, gist: given.gist }),
      ...(given.at !== undefined && { at: given.at, time_zone: ctx.clock.zone }),
    };
    const request: Request = { ...given, fields, dating, meeting, drafts };
    if (notes.length + promises.length > 0 && Object.keys(meeting).length > 0)
      throw usage('--on, --at, --channel and --gist are of contacts');
    if (notes.length + contacts.length > 0 && Object.keys(dating).length > 0)
      throw usage('--due and --undated are of promises', 'rapport edit <id> --date, of a note');
    if (promises.length + contacts.length > 0 && isOfNotes(request))
      throw usage(
        'an option here is for notes alone: of a promise you can change the text, due date and privacy, of a contact the gist, day, time, channel and privacy',
        ...present(promises.length > 0 && 'rapport edit <id> --due fri'),
      );
    store.checkWritable();
    const patches = new Map<Editable, Patch<Note>>();
    const outcome = (_: Editable, isAny: boolean): string => (isAny ? 'Edited' : 'Nothing changed');
    const plainly = ({ sensitive }: Pick<Note, 'sensitive'>) => ({
      sensitive: fields.sensitive ?? sensitive,
    });
    return keeping(drafts, store, async () => {
      for (const one of [...promises, ...contacts]) patches.set(one, await newText(request, one, ctx));
      for (const one of notes) patches.set(one, await patchOf(request, one, ctx));
      const work = (): readonly Editable[] => {
        for (const draft of drafts) draft.discard();
        return [
          ...promises.map((one) =>
            store.commitments.change(one, (fresh) => ({
              ...rewordedPromise(fresh, patches.get(one)?.text, ctx),
              ...dating,
              ...plainly(fresh),
            })),
          ),
          ...contacts.map((one) =>
            store.contacts.change(one, (fresh) => ({
              gist: patches.get(one)?.text ?? fresh.gist,
              ...meeting,
              ...plainly(fresh),
            })),
          ),
          ...notes.map((one) => changeNote(store, one, patches.get(one) ?? {})),
        ];
      };
      const texts = [...patches.values()].map(({ text }) => text);
      const made = change('edit', work, outcome, ctx, given.answer, ...texts);
      if (fields.sensitive) await offerDiscretion(ctx, ...made.items);
      return made;
    });
  },
});
