/**
 * The capture language: one line is a commitment, a note, a loss or nothing. Trap: failures must not contain
 * patient text.
 */
import { distance } from 'fastest-levenshtein';
import type { CivilDate, PartialDate } from '../dates/civil.ts';
import type { WorkCalendar } from '../dates/date-form.ts';
import type { DateOptions, DateStyle } from '../dates/grammar.ts';
import { cutLoss, cutMilestone, cutPromise } from '../dates/trailing-date.ts';
import { Failure, usage } from '../errors.ts';
import { type LossWords, readLoss } from './note-rules.ts';
import { type CommitmentKind, type NoteKind, noteKinds, type Owner, textLimit } from './records.ts';
import { foldedWords } from './text.ts';

export type LineKind = { readonly owner: Owner } | { readonly note: NoteKind };

/** One-character marks. 'x' is not here: it needs a blank after it. */
const marks: ReadonlyMap<string, LineKind> = new Map<string, LineKind>([
  ['!', { owner: 'me' }],
  ['?', { note: 'question' }],
  ['*', { note: 'matters' }],
  ['~', { note: 'explain' }],
  ['@', { note: 'milestone' }],
  ['>', { note: 'next' }],
]);

export const wordKinds: ReadonlyMap<string, LineKind> = new Map<string, LineKind>([
  ['promise', { owner: 'me' }],
  ['me', { owner: 'me' }],
  ['patient', { owner: 'patient' }],
  ['staff', { owner: 'staff' }],
  ...noteKinds.map((kind): [string, LineKind] => [kind, { note: kind }]),
]);

const slip = 2;

/** Within two letters. 'me' is excluded: 'he', 'mum' and many short words are near it. */
export function nearestKindWord(word: string): string | undefined {
  const near = [...wordKinds.keys()]
    .filter((known) => known !== 'me')
    .map((known) => ({ known, away: distance(word, known) }))
    .sort((left, right) => left.away - right.away)[0];
  return near !== undefined && near.away <= slip ? near.known : undefined;
}

const verbs: ReadonlyMap<string, CommitmentKind> = new Map<string, CommitmentKind>([
  ['call', 'call'],
  ['phone', 'call'],
  ['ring', 'call'],
  ['send', 'send'],
  ['mail', 'send'],
  ['email', 'send'],
  ['ask', 'ask'],
  ['refer', 'refer'],
  ['check', 'check'],
  ['welcome', 'welcome'],
]);

/** By the first word; verbs from the settings come before the built-in ones. */
export function commitmentKindOf(
  text: string,
  more: Readonly<Record<string, CommitmentKind>>,
): CommitmentKind {
  const [first = ''] = foldedWords(text);
  return (Object.hasOwn(more, first) ? more[first] : undefined) ?? verbs.get(first) ?? 'other';
}

export interface CaptureOptions {
  readonly on: CivilDate;
  /** Of a line without mark or kind word; 'promise' is a commitment of mine. */
  readonly defaultKind: NoteKind | 'promise';
  readonly dateStyle?: DateStyle | undefined;
  readonly weekStart?: number | undefined;
  readonly verbs?: Readonly<Record<string, CommitmentKind>>;
  readonly calendar?: WorkCalendar | undefined;
}

interface CapturedCommitment {
  readonly type: 'commitment';
  readonly owner: Owner;
  readonly kind: CommitmentKind;
  readonly text: string;
  readonly due: CivilDate | null;
}

interface CapturedNote {
  readonly type: 'note';
  readonly kind: Exclude<NoteKind, 'loss'>;
  readonly text: string;
  readonly date: PartialDate | null;
  readonly yearly: boolean;
}

export interface CapturedLoss extends LossWords {
  readonly type: 'loss';
  readonly text: string;
  readonly date: PartialDate | null;
}

export type Entry = CapturedCommitment | CapturedNote | CapturedLoss;
type Captured = Entry | { readonly type: 'empty' };

interface Marked {
  readonly kind: LineKind;
  readonly body: string;
}

function markedAs(line: string): Marked | undefined {
  const loss = /^x(?:\s+(.*))?$/su.exec(line);
  if (loss) return { kind: { note: 'loss' }, body: loss[1] ?? '' };
  const mark = marks.get(line.charAt(0));
  if (mark !== undefined) return { kind: mark, body: line.slice(1) };
  const worded = /^(\p{L}+):(.*)$/su.exec(line);
  if (!worded) return undefined;
  const word = (worded[1] ?? '').toLowerCase();
  const kind = wordKinds.get(word);
  if (kind !== undefined) return { kind, body: worded[2] ?? '' };
  const near = nearestKindWord(word);
  if (near === undefined) return undefined;
  throw usage(
    `the word before ':' is nearly the kind '${near}'`,
    `write '${near}:', or begin the line with \\ to keep it as text`,
  );
}

function checked(text: string, hint = 'write what it is about, and then its date'): string {
  if (text === '') throw usage('the text is empty', hint);
  if (text.length > textLimit)
    throw usage(`the text has ${text.length} characters; the limit is ${textLimit}`);
  return text;
}

function entryOf({ kind, body }: Marked, options: CaptureOptions): Entry {
  const { on: today, dateStyle, weekStart, calendar } = options;
  const words = body.trim();
  // A leading backslash: no mark or date is looked for.
  const plain = words.startsWith('\\') ? checked(words.slice(1).trim()) : undefined;
  const cut = <D>(
    cutter: (line: string, how: Omit<DateOptions, 'direction'>) => { text: string; date: D | null },
  ) =>
    plain === undefined
      ? cutter(words, { today, dateStyle, weekStart, calendar })
      : { text: plain, date: null };
  if ('owner' in kind) {
    const { text, date } = cut(cutPromise);
    checked(text);
    return {
      type: 'commitment',
      owner: kind.owner,
      kind: commitmentKindOf(text, options.verbs ?? {}),
      text,
      due: date,
    };
  }
  if (kind.note === 'loss') {
    const { text, date } = cut(cutLoss);
    return {
      type: 'loss',
      text: checked(text, "x marks a loss: 'x wife June, 2 feb'"),
      date,
      ...readLoss(text),
    };
  }
  const { text, date } = kind.note === 'milestone' ? cut(cutMilestone) : { text: plain ?? words, date: null };
  return {
    type: 'note',
    kind: kind.note,
    text: checked(text),
    date,
    yearly: date?.startsWith('--') ?? false,
  };
}

/**
 * Keeps every typed character, control characters included.
 * @throws usage for a mistyped kind word, an unreadable date, and text that is empty or too long
 */
export function captureLine(typed: string, options: CaptureOptions): Captured {
  const line = typed.trim();
  if (line === '') return { type: 'empty' };
  // Checked before any pattern runs on a very long line; a mark and a date fit in 200.
  if (line.length > textLimit + 200) checked(line);
  const { defaultKind } = options;
  const kind: LineKind = defaultKind === 'promise' ? { owner: 'me' } : { note: defaultKind };
  if (line.startsWith('\\')) return entryOf({ kind, body: line }, options);
  return entryOf(markedAs(line) ?? { kind, body: line }, options);
}

/** Reads a line again as another kind, date included. @throws usage */
export function captureAs(
  typed: string,
  kind: LineKind,
  options: Omit<CaptureOptions, 'defaultKind'>,
): Entry {
  const line = typed.trim();
  const marked = line.startsWith('\\') ? undefined : markedAs(line);
  return entryOf({ kind, body: marked?.body ?? line }, { ...options, defaultKind: 'story' });
}

interface CapturedLine {
  readonly number: number;
  readonly entry: Entry;
}

/**
 * Skips empty lines, and with `comments` those that begin with '#'. @throws usage naming every faulty line by number
 */
export function captureText(
  text: string,
  options: CaptureOptions & { readonly comments?: boolean },
): readonly CapturedLine[] {
  const faults: { readonly number: number; readonly failure: Failure }[] = [];
  const lines = text
    .replace(/^\ufeff/u, '')
    .split(/\r?\n/)
    .flatMap((line, index): readonly CapturedLine[] => {
      const number = index + 1;
      if (options.comments && line.startsWith('#')) return [];
      try {
        const entry = captureLine(line, options);
        return entry.type === 'empty' ? [] : [{ number, entry }];
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        faults.push({ number, failure });
        return [];
      }
    });
  const [first] = faults;
  if (first === undefined) return lines;
  const hints = [...new Set(faults.flatMap(({ failure }) => failure.hints))];
  const described = faults.map(({ number, failure }) => `line ${number}: ${failure.message}`);
  if (faults.length === 1) throw new Failure('usage', described[0] ?? '', hints);
  throw new Failure(
    'usage',
    `${faults.length} lines cannot be read`,
    hints,
    described.map((line) => `  ${line}`),
  );
}
