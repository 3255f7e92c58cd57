/**
 * The capture language: one line is a commitment, a note, a loss or nothing. Trap: failures must not contain
 * patient text.
 */
import type { CivilDate } from '../dates/civil.ts';
import type { WorkCalendar } from '../dates/date-form.ts';
import type { DateStyle } from '../dates/grammar.ts';
import { cutLoss, cutMilestone, cutPromise, mentionsDate } from '../dates/trailing-date.ts';
import { nearDayHint } from '../dates/words.ts';
import { Failure, usage } from '../errors.ts';
import { type LossWords, readLoss } from './note-rules.ts';
import { nearestWord } from './patient-names.ts';
import {
  type Commitment,
  type CommitmentKind,
  commitmentKinds,
  type Note,
  type NoteKind,
  noteKinds,
  type Owner,
  textLimit,
} from './records.ts';
import { foldedWords, present } from './text.ts';

type LineKind = { readonly owner: Owner } | { readonly note: NoteKind };

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

/** 'me' is excluded: 'he', 'mum' and many short words are near it. */
export const nearestKindWord = (word: string): string | undefined =>
  nearestWord(
    word,
    [...wordKinds.keys()].filter((known) => known !== 'me'),
  );

/** Verbs that are no kind's name. */
const verbs: ReadonlyMap<string, CommitmentKind> = new Map<string, CommitmentKind>([
  ['phone', 'call'],
  ['ring', 'call'],
  ['mail', 'send'],
  ['email', 'send'],
]);

/** By the first word; verbs from the settings come before the built-in ones. */
export function commitmentKindOf(
  text: string,
  more: Readonly<Record<string, CommitmentKind>>,
): CommitmentKind {
  const [first = ''] = foldedWords(text);
  const own = Object.hasOwn(more, first) ? more[first] : undefined;
  return own ?? verbs.get(first) ?? commitmentKinds.find((kind) => kind === first) ?? 'other';
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

/** How the dates of a line are read. */
export const dateOptions = ({ on, dateStyle, weekStart, calendar }: Omit<CaptureOptions, 'defaultKind'>) => ({
  today: on,
  dateStyle,
  weekStart,
  calendar,
});

interface CapturedCommitment extends Pick<Commitment, 'owner' | 'kind' | 'text' | 'due'> {
  readonly type: 'commitment';
}

interface CapturedNote extends Pick<Note, 'text' | 'date' | 'yearly'> {
  readonly type: 'note';
  readonly kind: Exclude<NoteKind, 'loss'>;
}

export interface CapturedLoss extends LossWords, Pick<Note, 'text' | 'date'> {
  readonly type: 'loss';
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
  const words = body.trim();
  // A leading backslash: no mark or date is looked for.
  const plain = words.startsWith('\\') ? checked(words.slice(1).trim()) : undefined;
  const cut = <D>(
    cutter: (line: string, how: ReturnType<typeof dateOptions>) => { text: string; date: D | null },
  ) => (plain === undefined ? cutter(words, dateOptions(options)) : { text: plain, date: null });
  if ('owner' in kind) {
    const { text, date } = cut(cutPromise);
    const { owner } = kind;
    const verb = commitmentKindOf(text, options.verbs ?? {});
    return { type: 'commitment', owner, kind: verb, text: checked(text), due: date };
  }
  if (kind.note === 'loss') {
    const { text, date } = cut(cutLoss);
    checked(text, "x marks a loss: 'x wife June, 2 feb'");
    return { type: 'loss', text, date, ...readLoss(text) };
  }
  const { text, date } = kind.note === 'milestone' ? cut(cutMilestone) : { text: plain ?? words, date: null };
  const yearly = date?.startsWith('--') ?? false;
  return { type: 'note', kind: kind.note, text: checked(text), date, yearly };
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

/**
 * Skips empty lines, and with `comments` those that begin with '#'. @throws usage naming every faulty line by number
 */
export function captureText(
  text: string,
  options: CaptureOptions & { readonly comments?: boolean },
): readonly Entry[] {
  const faults: { readonly number: number; readonly failure: Failure }[] = [];
  const lines = text
    .replace(/^\ufeff/u, '')
    .split(/\r?\n/)
    .flatMap((line, index): readonly Entry[] => {
      if (options.comments && line.startsWith('#')) return [];
      try {
        const entry = captureLine(line, options);
        return entry.type === 'empty' ? [] : [entry];
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        faults.push({ number: index + 1, failure });
        return [];
      }
    });
  const [first] = faults;
  if (first === undefined) return lines;
  const hints = [...new Set(faults.flatMap(({ failure }) => failure.hints))];
  const described = faults.map(({ number, failure }) => `line ${number}: ${failure.message}`);
  const details = described.map((line) => `  ${line}`);
  throw described.length === 1
    ? new Failure('usage', described[0] ?? '', hints)
    : new Failure('usage', `${described.length} lines cannot be read`, hints, details);
}

// Soft hints on typed text: labels, chart data, unread dates. They never block, and quote nothing but the label.

const labels = `difficult, non compliant, noncompliant, non adherent, nonadherent, drug seeking, drug seeker,
   attention seeking, frequent flyer, manipulative, demanding, hysterical, hypochondriac, poor historian, addict,
   junkie, obese, claims to, failed to`.split(/,\s+/);

const clinicalValue =
  /\b\d{2,3}\s?\/\s?\d{2,3}\b(?!\/)|\b\d+(?:[.,]\d+)?\s?(?:mcg|µg|μg|mg|ml|mmol|mmhg|meq|iu|units?|bpm|kg|lbs?)\b|\b\d+(?:[.,]\d+)?\s?%|\b(?:hba1c|a1c|egfr|inr|ldl|tsh|psa)\s*(?:(?:of|is|was|:|=)\s*)?\d/iu;

// Government numbers in their usual groups, named identifiers, and long runs of digits.
const identifier =
  /\b\d{3}-\d{2}-\d{4}\b|\b\d{3}[ -]\d{3}[ -]\d{4}\b|\b(?:mrn|ssn|nhs|dni|passport)\b\s*(?:(?:no\.?|number|#|:)\s*)?\w*\d|\d{7,}/iu;

export function toneHints(text: string): readonly string[] {
  const words = ` ${foldedWords(text).join(' ')} `;
  const label = labels.find((candidate) => words.includes(` ${candidate} `));
  return present(
    label !== undefined && `"${label}": quote what they said?`,
    clinicalValue.test(text) && 'a clinical value? put it in the chart',
    identifier.test(text) && 'an identifier? put it in the chart',
  );
}

/** The same as notices, each once. */
export const hintsOn = (...texts: readonly (string | null | undefined)[]): readonly string[] =>
  [...new Set(texts.flatMap((one) => (one == null ? [] : toneHints(one))))].map((hint) => `hint: ${hint}`);

export function hintsFor(entry: Entry, options: CaptureOptions): readonly string[] {
  const hints = [...toneHints(entry.text)];
  const isUndated =
    entry.type === 'commitment' ? entry.due === null : entry.type === 'loss' && entry.date === null;
  if (isUndated && mentionsDate(entry.text, dateOptions(options)))
    hints.push(
      entry.type === 'loss'
        ? "a date after a comma is read: ', 2 feb'"
        : "a date at the end is read: 'by 2 apr'",
    );
  else if (isUndated && entry.type === 'commitment') {
    const near = nearDayHint(entry.text.trim().split(/\s+/u).at(-1) ?? '');
    if (near !== undefined) hints.push(`no date was read: ${near}`);
  }
  if (entry.type === 'note' && entry.kind === 'milestone' && entry.date === null)
    hints.push("a milestone's date comes first: '@21 mar', '@2026-05', '@--06-14'");
  return hints;
}
