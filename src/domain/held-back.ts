/** Everything of a patient without what a loss holds back: for lists of what was, and pages of it. */
import type { WholePatient } from './interchange.ts';
import type { Item, World } from './losses.ts';
import type { Commitment, Contact, Note } from './records.ts';

/** The rest, and how much is held back; what private notes alone hold back counts as private. */
interface FreeRecords extends Pick<WholePatient, 'notes' | 'commitments' | 'contacts'> {
  readonly heldBack: number;
  readonly private: number;
}

/** @param facts the records, in the order of the result */
export function withoutHeldBack(
  facts: Pick<WholePatient, 'notes' | 'commitments' | 'contacts'>,
  world: World,
): FreeRecords {
  const counts = { heldBack: 0, private: 0 };
  const isHeld = (held: ReturnType<World['holds']>): boolean => {
    if (held !== undefined) counts[held.isPrivate ? 'private' : 'heldBack'] += 1;
    return held !== undefined;
  };
  /** The text where it may be told. */
  const free = (text: string | null, rest: Omit<Item, 'text'>): string | null =>
    text !== null && isHeld(world.holds({ ...rest, text })) ? null : text;
  const notes = facts.notes
    .filter((note) => !isHeld(world.holdsNote(note, true)))
    .map((note): Note => {
      const { answer, person, answered_on: day } = note;
      return { ...note, answer: free(answer, { kind: 'answer', person, day }) };
    });
  const contacts = facts.contacts.map((contact): Contact => {
    const { gist, on: day } = contact;
    return { ...contact, gist: free(gist, { kind: 'gist', day }) };
  });
  const commitments = facts.commitments.map((commitment): Commitment => {
    const { how, for_person: person, closed_on: day } = commitment;
    return { ...commitment, how: free(how, { kind: 'how', person, day }) };
  });
  return { notes, contacts, commitments, ...counts };
}
