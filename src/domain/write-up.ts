/** A write-up before it is saved: a fold over typed lines, so that a replayed draft gives the same result. */
import type { PartialDate } from '../dates/civil.ts';
import { readDate, readPartial } from '../dates/grammar.ts';
import { usage } from '../errors.ts';
import {
  type CaptureOptions,
  captureAs,
  captureLine,
  dateOptions,
  doubtOf,
  type Entry,
  nearestKindWord,
} from './capture.ts';
import { wordKinds } from './line-kinds.ts';
import { refuseReturning } from './note-rules.ts';
import type { Screening } from './privacy.ts';
import type { Commitment, Note, NoteKind, Owner, Patient } from './records.ts';
import { sortedBy } from './text.ts';
import { withAdded } from './whom.ts';

export type OpenItem =
  | { readonly type: 'commitment'; readonly record: Commitment }
  | { readonly type: 'note'; readonly record: Note };

export type OpenItems = ReturnType<typeof openItemsOf>;

const openKinds = ['question', 'concern', 'next'] as const satisfies readonly NoteKind[];

const mineFirst: readonly Owner[] = ['me', 'staff', 'patient'];
const never = '9999';

/** @param screen what of them may be shown, and counted */
export function openItemsOf(
  commitments: readonly Commitment[],
  notes: readonly Note[],
  screen: Pick<Screening, 'records'>,
) {
  const promised = sortedBy(
    commitments.filter(({ status }) => status === 'open'),
    ({ owner, due, id }) => [mineFirst.indexOf(owner), due ?? never, id],
  );
  const kinds: readonly NoteKind[] = openKinds;
  const waiting = sortedBy(
    notes.filter((note) => note.status === 'current' && kinds.includes(note.kind)),
    ({ kind, said_on, recorded_on, id }) => [kinds.indexOf(kind), said_on ?? recorded_on ?? '', id],
  );
  const shown = screen.records({ people: [], notes: waiting, commitments: promised });
  return {
    items: [
      ...shown.commitments.map((record): OpenItem => ({ type: 'commitment', record })),
      ...shown.notes.map((record): OpenItem => ({ type: 'note', record })),
    ],
    private: shown.hidden.notes + shown.hidden.commitments,
  };
}

const steps = ['done', 'promise', 'learn', 'next', 'change'] as const;
export type Step = (typeof steps)[number];
/** Of a draft's line: of a prompt that there is no longer, what was learned. */
export const stepOf = (place: string): Step => steps.find((known) => known === place) ?? 'learn';

export interface TypedLine {
  readonly place: Step;
  readonly text: string;
}

export type SummaryLine =
  | { readonly type: 'done'; readonly item: OpenItem; readonly words: string | null }
  | { readonly type: 'entry'; readonly entry: Entry; readonly typed: string }
  /** The item is no longer open. Keeps its number and words. */
  | { readonly type: 'gone'; readonly ref: string; readonly words: string | null };

export type WriteUp = readonly SummaryLine[];

export interface WriteUpContext {
  readonly patient: Pick<Patient, 'status'>;
  readonly capture: Omit<CaptureOptions, 'defaultKind'>;
  readonly items: readonly OpenItem[];
}

const defaultKinds = { promise: 'promise', learn: 'story', next: 'next' } as const;
const optionsAt = (place: keyof typeof defaultKinds, { capture }: WriteUpContext): CaptureOptions => ({
  ...capture,
  defaultKind: defaultKinds[place],
  isPrompt: place !== 'promise',
});

/** What is asked about a line before it is entered. */
export const doubtAt = ({ place, text }: TypedLine, context: WriteUpContext) =>
  place === 'done' || place === 'change' ? undefined : doubtOf(text, optionsAt(place, context));

const doneHint = "write '1 3', '2 and how it went', or '1 3; 2 and how it went'";

/** Pieces between semicolons; one that begins with no number of the list belongs to the words before. */
function piecesOf(text: string, items: readonly OpenItem[]): readonly string[] {
  const pieces: string[] = [];
  for (const piece of text.trim().split(/;\s+(?=\d)/u)) {
    const isItem = items[Number.parseInt(piece, 10) - 1] !== undefined;
    const before = isItem ? undefined : pieces.pop();
    pieces.push(before === undefined ? piece : `${before}; ${piece}`);
  }
  return pieces;
}

/**
 * '1 3', '2 she may, in an aisle seat' or '1 3; 2 she may' as draft lines of ref and words.
 * @throws usage for a number that is unknown or marked already
 */
export function readDone(text: string, writeUp: WriteUp, items: readonly OpenItem[]): readonly TypedLine[] {
  const marked = new Set(writeUp.flatMap((line) => (line.type === 'done' ? [line.item.record.ref] : [])));
  return piecesOf(text, items).flatMap((piece) => {
    const match = /^((?:\d+[\s,.:;]*)+)(.*)$/su.exec(piece);
    if (!match) throw usage('a number from the list is needed', doneHint);
    const numbers = [...new Set((match[1] ?? '').match(/\d+/g) ?? [])].map(Number);
    const words = (match[2] ?? '').trim();
    if (words !== '' && numbers.length > 1) throw usage('words go with one number', doneHint);
    return numbers.map((number): TypedLine => {
      const item = items[number - 1];
      if (item === undefined) throw usage(`there is no ${number} in the list`);
      const { ref } = item.record;
      if (marked.has(ref)) throw usage(`${number} is marked already`);
      marked.add(ref);
      return { place: 'done', text: words === '' ? ref : `${ref} ${words}` };
    });
  });
}

function doneLine(text: string, items: readonly OpenItem[]): SummaryLine {
  const [, ref = '', words = ''] = /^(\S+)\s*(.*)$/su.exec(text) ?? [];
  const item = items.find(({ record }) => record.ref === ref);
  const said = words === '' ? null : words;
  return item === undefined ? { type: 'gone', ref, words: said } : { type: 'done', item, words: said };
}

/** With another date, or none. @throws usage */
export function withDate(entry: Entry, text: string, capture: WriteUpContext['capture']): Entry {
  const options = dateOptions(capture);
  const isNone = /^(?:none|no|never|-)$/i.test(text);
  if (entry.type === 'commitment')
    return {
      ...entry,
      due: isNone ? null : readDate(text, { ...options, direction: 'forward' }),
      unread: null,
    };
  if (entry.type === 'note' && entry.kind !== 'milestone')
    throw usage(`a date does not go with ${entry.kind}`, 'promises, milestones and losses have one');
  const direction = entry.type === 'loss' ? 'back' : 'milestone';
  const date: PartialDate | null = isNone ? null : readPartial(text, { ...options, direction });
  return entry.type === 'loss'
    ? { ...entry, date, unread: null }
    : { ...entry, date, unread: null, yearly: date?.startsWith('--') ?? false };
}

const changeHint = "'3 family' changes its kind, '3 due fri' its date, '3 drop' takes it out";

const dateWords: readonly string[] = ['due', 'by', 'on', 'date'];

function changed(text: string, writeUp: WriteUp, context: WriteUpContext): WriteUp {
  // '3 due fri' is line 3, 'due', 'fri'.
  const match = /^(\d+)\s+(\p{L}+):?\s*(.*)$/su.exec(text.trim());
  if (!match) throw usage('that changes nothing', changeHint);
  const index = Number(match[1]) - 1;
  const line = writeUp[index];
  if (line === undefined) throw usage(`there is no line ${match[1]}`);
  const word = (match[2] ?? '').toLowerCase();
  const rest = (match[3] ?? '').trim();
  if (word === 'drop' && rest === '') return writeUp.filter((_, place) => place !== index);
  if (line.type !== 'entry') throw usage('only what was typed now can be changed', `${index + 1} drop`);
  if (dateWords.includes(word)) {
    if (rest === '') throw usage('a date is missing', changeHint);
    return writeUp.with(index, { ...line, entry: withDate(line.entry, rest, context.capture) });
  }
  const kind = wordKinds.get(word);
  if (kind !== undefined && rest !== '') throw usage('that changes nothing', changeHint);
  if (kind === undefined) {
    const near = nearestKindWord(word);
    throw usage(`'${word}' is not a kind`, near === undefined ? changeHint : `did you mean '${near}'?`);
  }
  const entry =
    'owner' in kind && line.entry.type === 'commitment'
      ? // Another owner keeps the due date, even one set at the summary.
        { ...line.entry, owner: kind.owner }
      : captureAs(line.typed, kind, context.capture);
  return writeUp.with(index, { ...line, entry });
}

export function checkWriteUp(writeUp: WriteUp, { patient }: Pick<WriteUpContext, 'patient'>): WriteUp {
  for (const line of writeUp) {
    const isNote = line.type === 'entry' && line.entry.type === 'note';
    const refusal = isNote ? refuseReturning(patient, line.entry, undefined) : undefined;
    if (refusal !== undefined) throw refusal;
  }
  return writeUp;
}

export function withLine(writeUp: WriteUp, { place, text }: TypedLine, context: WriteUpContext): WriteUp {
  if (place === 'done') return [...writeUp, doneLine(text, context.items)];
  if (place === 'change') return checkWriteUp(changed(text, writeUp, context), context);
  const { circle } = context.capture;
  const added = writeUp.map((line) => (line.type === 'entry' ? line.entry.whom : undefined));
  const options = optionsAt(place, context);
  const entry = captureLine(text, { ...options, circle: circle && withAdded(circle, added) });
  return entry.type === 'empty'
    ? writeUp
    : checkWriteUp([...writeUp, { type: 'entry', entry, typed: text }], context);
}

/** Whether what the line says stands in these records. */
export function isSaved(
  line: SummaryLine,
  { notes, commitments }: { readonly notes: readonly Note[]; readonly commitments: readonly Commitment[] },
): boolean {
  if (line.type === 'gone') return false;
  if (line.type === 'done') {
    const saved = [...notes, ...commitments].find(({ id }) => id === line.item.record.id);
    return saved !== undefined && JSON.stringify(saved).includes(JSON.stringify(line.words ?? saved.id));
  }
  const { entry } = line;
  if (entry.type === 'commitment')
    return commitments.some(
      ({ text, owner, due }) => text === entry.text && owner === entry.owner && due === entry.due,
    );
  const kind = entry.type === 'loss' ? 'loss' : entry.kind;
  return notes.some((note) => note.text === entry.text && note.kind === kind && note.date === entry.date);
}
