/**
 * The capture language: one line is a commitment, a note, a loss or nothing. What it means is read, or its words are
 * given back as unread. Trap: failures must not contain patient text.
 */
import type { CivilDate } from '../dates/civil.ts';
import type { DateOptions } from '../dates/date-context.ts';
import { type LineDate, readLoss as readLossDate, readMilestone, readPromise } from '../dates/line-date.ts';
import { Failure, faultOf, usage } from '../errors.ts';
import { type Circle, indexOf, sensesOf } from './circle.ts';
import { commitmentKindOf, type Doubt, type LineKind, type Marked, wordKinds } from './line-kinds.ts';
import { markedAs } from './line-marks.ts';
import { nearestWord } from './patient-names.ts';
import { type Commitment, type CommitmentKind, type Note, type NoteKind, textLimit } from './records.ts';
import { fold } from './text.ts';
import {
  doubtOfLoss,
  type LossMeaning,
  tellsLoss,
  type Whom,
  whomLost,
  whomNoted,
  whomPromised,
  withAdded,
} from './whom.ts';

/** 'me' is excluded: 'he', 'mum' and many short words are near it. */
export const nearestKindWord = (word: string): string | undefined =>
  nearestWord(
    word,
    [...wordKinds.keys()].filter((known) => known.length > 2),
  );

export interface CaptureOptions extends Omit<DateOptions, 'today' | 'direction' | 'names'> {
  /** Of the visit: relative dates count from it. */
  readonly on: CivilDate;
  /** Of a line without mark or kind word; 'promise' is a commitment of mine. */
  readonly defaultKind: NoteKind | 'promise';
  readonly verbs?: Readonly<Record<string, CommitmentKind>>;
  /** The patient and those around them: whose name a month may be, and whom a line is about. */
  readonly circle?: Circle | undefined;
  /** A kind that was given is not guessed at. */
  readonly isGiven?: boolean;
  readonly isPrivate?: boolean;
  /** Asked by a prompt for something else than promises, where 'will ring' may be the patient's words. */
  readonly isPrompt?: boolean;
}

/** How the dates of a line are read. */
export const dateOptions = ({ on, circle, ...days }: Omit<CaptureOptions, 'defaultKind'>) => ({
  ...days,
  today: on,
  names: circle && indexOf(circle).names,
});

interface Read {
  /** By its first words. */
  readonly guessed: boolean;
  /** Whom it is about, or a promise is for. */
  readonly whom?: Whom | undefined;
  /** The day that unread words are near. */
  readonly about?: CivilDate | undefined;
}

interface CapturedCommitment
  extends Read,
    Pick<Commitment, 'owner' | 'kind' | 'text' | 'due' | 'every' | 'unread' | 'sensitive'> {
  readonly type: 'commitment';
}

interface CapturedNote extends Read, Pick<Note, 'text' | 'date' | 'yearly' | 'unread' | 'sensitive'> {
  readonly type: 'note';
  readonly kind: Exclude<NoteKind, 'loss'>;
  readonly tone?: Note['tone'];
}

export interface CapturedLoss
  extends Read,
    LossMeaning,
    Pick<Note, 'text' | 'date' | 'unread' | 'sensitive'> {
  readonly type: 'loss';
}

export type Entry = CapturedCommitment | CapturedNote | CapturedLoss;

function checked(text: string, hint = 'write what it is about, and then its date'): string {
  if (text === '') throw usage('the text is empty', hint);
  if (text.length > textLimit)
    throw usage(`the text has ${text.length} characters; the limit is ${textLimit}`);
  return text;
}

/** Who is only named in private is not added: their name on file would tell of it. */
const told = (whom: Whom | undefined, isPrivate: boolean): Whom | undefined =>
  isPrivate && whom?.isNew ? undefined : whom;

/** The anniversary of a death is no joyful day. */
const isDeathDay = (text: string): boolean =>
  /\banniv(?:ersary)?\b/i.test(text) && /\b(?:death|died|dying|passing|funeral)\b/i.test(text);

function entryOf({ kind, body, guessed = false, ...marked }: Marked, options: CaptureOptions): Entry {
  const words = body.trim();
  const { circle = nobody, isPrivate = false } = options;
  const sensitive = marked.sensitive || isPrivate;
  // A leading backslash: no mark or date is looked for.
  const plain = words.startsWith('\\') ? checked(words.slice(1).trim()) : undefined;
  const read = <D extends LineDate<CivilDate | NonNullable<Note['date']>>>(
    reader: (line: string, how: ReturnType<typeof dateOptions>) => D,
  ) => (plain === undefined ? reader(words, dateOptions(options)) : { ...plainLine, text: plain });
  if ('owner' in kind) {
    const { text, date, every, unread } = read(readPromise);
    return {
      type: 'commitment',
      owner: kind.owner,
      kind: commitmentKindOf(text, options.verbs ?? {}),
      text: checked(text),
      sensitive,
      due: date,
      every,
      unread,
      guessed,
      whom: told(whomPromised(text, circle), sensitive),
    };
  }
  if (kind.note === 'loss') {
    const { text, date, unread, about } = read(readLossDate);
    checked(text, "x marks a loss: 'x wife June, 2 feb'");
    return {
      type: 'loss',
      text,
      date,
      unread,
      about,
      sensitive,
      guessed,
      ...whomLost(text, circle),
    };
  }
  const base = {
    type: 'note',
    kind: kind.note,
    sensitive,
    guessed,
    whom: told(whomNoted(words, kind.note, circle), sensitive),
  } as const;
  if (kind.note !== 'milestone')
    return { ...base, text: checked(plain ?? words), date: null, yearly: false, unread: null };
  const { text, date, yearly, unread } = read(readMilestone);
  const tone = isDeathDay(words) ? ({ tone: 'hard' } as const) : {};
  return { ...base, text: checked(text), date, yearly, unread, ...tone };
}

const nobody: Circle = { patient: { name: '', goes_by: null, aliases: [] }, people: [] };
const plainLine = {
  date: null,
  every: null,
  unread: null,
  about: undefined,
  yearly: false,
} as const;

/** Bullets and what is drawn as nothing, as a phone pastes them. */
const pasted = /^[\s\u200b-\u200f\u2060\ufeff]*(?:[•◦‣▪·–-]\s+)?/u;
const lineOf = (typed: string): string => typed.replace(pasted, '').trim();

function marked(line: string, options: CaptureOptions): Marked {
  const { circle, defaultKind, verbs = {} } = options;
  return markedAs(line, {
    defaultKind: defaultKind === 'promise' ? { owner: 'me' } : { note: defaultKind },
    verbs,
    guesses: !options.isGiven,
    isPrompt: options.isPrompt ?? false,
    isName: (word) =>
      sensesOf(word).length > 0 || (circle !== undefined && indexOf(circle).names.has(fold(word))),
    hasDate: (text) => hasDate(text, options),
    tellsLoss: (text) => defaultKind === 'story' && isLossTold(text, options),
  });
}

/** Whatever kind it was typed as. */
export const isLossTold = (text: string, options: Omit<CaptureOptions, 'defaultKind'>): boolean =>
  tellsLoss(text, options.circle ?? nobody, dateOptions(options));

/** A day that cannot be is one that was meant. */
const hasDate = (text: string, options: CaptureOptions): boolean => {
  const read = () => readPromise(text, dateOptions(options)).date;
  return faultOf(read) !== undefined || read() !== null;
};

/** What has to be asked before the line is captured, where somebody can be. */
export function doubtOf(typed: string, options: CaptureOptions): Doubt | undefined {
  const line = lineOf(typed);
  if (line === '' || line.length > textLimit) return undefined;
  const { doubt, kind, body } = marked(line, options);
  if (doubt !== undefined || !('note' in kind) || kind.note !== 'loss') return doubt;
  const read = () => readLossDate(body.trim(), dateOptions(options));
  if (body.trim().startsWith('\\') || faultOf(read) !== undefined) return undefined;
  return doubtOfLoss(line, body.trim(), read(), options.circle ?? nobody);
}

/**
 * Keeps every typed character, control characters included; undefined where there is none.
 * @throws usage for a mistyped kind word, a day that cannot be, and text that is empty or too long
 */
export function captureLine(typed: string, options: CaptureOptions): Entry | undefined {
  const line = lineOf(typed);
  if (line === '') return undefined;
  // Checked before any pattern runs on a very long line; a mark and a date fit in 200.
  if (line.length > textLimit + 200) checked(line);
  const read = marked(line, options);
  if (read.near !== undefined)
    throw usage(
      `the word before ':' is nearly the kind '${read.near}'`,
      `write '${read.near}:', or begin the line with \\ to keep it as text`,
    );
  return entryOf(read, options);
}

/** Reads a line again as another kind, date included. @throws usage */
export function captureAs(
  typed: string,
  kind: LineKind,
  options: Omit<CaptureOptions, 'defaultKind'>,
): Entry {
  const line = lineOf(typed);
  const all: CaptureOptions = { ...options, defaultKind: 'story' };
  const { body, sensitive = false } = marked(line, all);
  return entryOf({ kind, body, sensitive }, all);
}

/**
 * Skips empty lines, and with `comments` those that begin with '#'. @throws usage naming every faulty line by number
 */
export function captureText(
  text: string,
  options: CaptureOptions & { readonly comments?: boolean },
): readonly Entry[] {
  const faults: { readonly number: number; readonly failure: Failure }[] = [];
  const added: Whom[] = [];
  let circle = options.circle;
  const lines = text
    .replace(/^\ufeff/u, '')
    .split(/\r?\n/)
    .flatMap((line, index): readonly Entry[] => {
      if (options.comments && line.startsWith('#')) return [];
      try {
        const entry = captureLine(line, { ...options, circle });
        if (entry === undefined) return [];
        if (entry.whom?.isNew && options.circle !== undefined) {
          added.push(entry.whom);
          circle = withAdded(options.circle, added);
        }
        return [entry];
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
