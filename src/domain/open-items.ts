/**
 * What is open with a patient, as `commit` numbers it: my promises, staff's, theirs; then questions, concerns and next.
 * Sensitive notes are only counted.
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
  readonly private: number;
}

/** In display order. */
const openKinds = ['question', 'concern', 'next'] as const satisfies readonly NoteKind[];

const mineFirst: readonly Owner[] = ['me', 'staff', 'patient'];
const rank = <T>(list: readonly T[], value: T): number => list.indexOf(value);
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
