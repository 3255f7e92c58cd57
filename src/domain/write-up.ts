/** A write-up before it is saved: what is open, what was typed, and the lines that come of it. */
import type { CivilDate } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import type { CaptureOptions, Entry } from './capture.ts';
import { answerableKinds, refuseReturning } from './note-rules.ts';
import type { Screening } from './privacy.ts';
import type { Commitment, Note, Owner, Patient } from './records.ts';
import { sortedBy } from './text.ts';

export type OpenItem =
  | { readonly type: 'commitment'; readonly record: Commitment }
  | { readonly type: 'note'; readonly record: Note }
  /** What was sent since the last visit: was it of use? */
  | { readonly type: 'sent'; readonly record: Commitment };

export type OpenItems = ReturnType<typeof openItemsOf>;

const mineFirst: readonly Owner[] = ['me', 'staff', 'patient'];
const never = '9999';

/** What is noted of the use of something that was sent. */
export const ofUse = ({ text }: Commitment, words: string | null): string => `${text}: ${words ?? 'of use'}`;

/**
 * @param screen what of them may be shown, and counted
 * @param since the day of the last visit, and `on` of this one
 */
export function openItemsOf(
  commitments: readonly Commitment[],
  notes: readonly Note[],
  screen: Pick<Screening, 'records'>,
  since?: CivilDate,
  on?: CivilDate,
) {
  const promised = sortedBy(
    commitments.filter(({ status }) => status === 'open'),
    ({ owner, due, id }) => [mineFirst.indexOf(owner), due ?? never, id],
  );
  const waiting = sortedBy(
    notes.filter((note) => note.status === 'current' && answerableKinds.includes(note.kind)),
    ({ kind, said_on, recorded_on, id }) => [answerableKinds.indexOf(kind), said_on ?? recorded_on ?? '', id],
  );
  const isNoted = (one: Commitment): boolean =>
    notes.some(({ kind, text }) => kind === 'explain' && text.startsWith(ofUse(one, '')));
  const sent = commitments.filter(
    (one) =>
      one.kind === 'send' &&
      one.status === 'kept' &&
      one.owner !== 'patient' &&
      since !== undefined &&
      one.closed_on !== null &&
      one.closed_on >= since &&
      (on === undefined || one.closed_on < on) &&
      !isNoted(one),
  );
  const shown = screen.records({ people: [], notes: waiting, commitments: [...promised, ...sent] });
  return {
    items: [
      ...shown.commitments.map(
        (record): OpenItem => ({ type: record.status === 'kept' ? 'sent' : 'commitment', record }),
      ),
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

interface Kept {
  /** Its number stays, and it can be kept again. */
  readonly isDropped?: boolean;
}

interface DoneLine extends Kept {
  readonly type: 'done';
  readonly item: OpenItem;
  readonly words: string | null;
}

export interface EntryLine extends Kept {
  readonly type: 'entry';
  readonly entry: Entry;
  readonly typed: string;
  /** The ref of what was sent, of whose use this tells. */
  readonly ofSent?: string;
  /** What was set at the summary, and no text says. */
  readonly marks?: Partial<Pick<Note, 'pinned' | 'reach_out'>>;
}

export type SummaryLine =
  | DoneLine
  | EntryLine
  /** The item is no longer open. Keeps its number and words. */
  | (Kept & { readonly type: 'gone'; readonly ref: string; readonly words: string | null });

export type WriteUp = readonly SummaryLine[];

export interface WriteUpContext {
  readonly patient: Pick<Patient, 'status'>;
  readonly capture: Omit<CaptureOptions, 'defaultKind'>;
  readonly items: readonly OpenItem[];
}

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
  const marked = new Set(
    writeUp.flatMap((line) => {
      const ref = line.type === 'done' ? line.item.record.ref : line.type === 'entry' && line.ofSent;
      return ref && !line.isDropped ? [ref] : [];
    }),
  );
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

export function checkWriteUp(writeUp: WriteUp, { patient }: Pick<WriteUpContext, 'patient'>): WriteUp {
  for (const line of writeUp) {
    const isNote = !line.isDropped && line.type === 'entry' && line.entry.type === 'note';
    const refusal = isNote ? refuseReturning(patient, line.entry, undefined) : undefined;
    if (refusal !== undefined) throw refusal;
  }
  return writeUp;
}
