/**
 * What is still open with a patient, in the order that `commit` numbers it: my promises, staff's, the patient's own;
 * then questions, concerns and what was to be asked next. Sensitive notes are counted, not listed.
 */
import type { CivilDate } from '../dates/civil.ts';
import { compareIds } from './note-threads.ts';
import type { Commitment, Note, NoteKind, Owner } from './records.ts';
import { compareText } from './text.ts';

export type OpenItem =
  | { readonly type: 'commitment'; readonly record: Commitment }
  | { readonly type: 'note'; readonly record: Note };

export interface OpenItems {
  readonly items: readonly OpenItem[];
  /** Sensitive notes that are open too, and stay unseen here. */
  readonly private: number;
}

/** Kinds of notes that wait for an answer, in the order of the list. */
export const openKinds = ['question', 'concern', 'next'] as const satisfies readonly NoteKind[];

const mineFirst: readonly Owner[] = ['me', 'staff', 'patient'];
const rank = <T>(list: readonly T[], value: T): number => list.indexOf(value);
/** Behind every date. */
const never = '9999';

export function openItemsOf(commitments: readonly Commitment[], notes: readonly Note[]): OpenItems {
  const promised = commitments
    .filter((commitment) => commitment.status === 'open')
    .toSorted(
      (left, right) =>
        rank(mineFirst, left.owner) - rank(mineFirst, right.owner) ||
        compareText(left.due ?? never, right.due ?? never) ||
        compareIds(left, right),
    );
  const kinds: readonly NoteKind[] = openKinds;
  const saidOn = (note: Note): CivilDate | string => note.said_on ?? note.recorded_on ?? '';
  const waiting = notes
    .filter((note) => note.status === 'current' && kinds.includes(note.kind))
    .toSorted(
      (left, right) =>
        rank(kinds, left.kind) - rank(kinds, right.kind) ||
        compareText(saidOn(left), saidOn(right)) ||
        compareIds(left, right),
    );
  const shown = waiting.filter((note) => !note.sensitive || note.show_in_brief);
  return {
    items: [
      ...promised.map((record): OpenItem => ({ type: 'commitment', record })),
      ...shown.map((record): OpenItem => ({ type: 'note', record })),
    ],
    private: waiting.length - shown.length,
  };
}
