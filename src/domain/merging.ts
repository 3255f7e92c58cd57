/**
 * Joining two entries of one patient: what the kept one gains, which records change hands, who of the people around
 * them is the same. Nothing is lost: names become aliases, and what the two say differently becomes a note that asks.
 */
import type { CivilDate } from '../dates/civil.ts';
import type { WholePatient } from './interchange.ts';
import { type Difference, joinPatients, moreExact } from './merging-patients.ts';
import { isVisit, type New, type Note, newNote, type Patch, type Patient, type Person } from './records.ts';

export type { Difference } from './merging-patients.ts';

export interface MergePlan {
  readonly from: Patient;
  readonly into: Patient;
  /** What changes in the entry that is kept. */
  readonly patch: Patch<Patient>;
  /** People who are in both: the one that is kept, and what it gains. */
  readonly same: readonly { readonly from: string; readonly into: string; readonly patch: Patch<Person> }[];
  /** Ids of the people who change hands. */
  readonly people: readonly string[];
  readonly notes: readonly { readonly id: string; readonly person: string | null }[];
  readonly commitments: readonly { readonly id: string; readonly for_person: string | null }[];
  readonly contacts: readonly string[];
  readonly differences: readonly Difference[];
  /** Asks next time which of two is right. */
  readonly note: New<Note> | undefined;
}

/** What both can mean: one of them knows it, or knows it more exactly; undefined where they disagree. */
function agreed<V extends string>(
  theirs: V | null,
  own: V | null,
  exact: (left: V, right: V) => V | undefined,
): V | null | undefined {
  return theirs === null || own === null ? (own ?? theirs) : exact(own, theirs);
}

/** What the kept person gains where both are the same one; undefined where anything speaks against that. */
function samePerson(from: Person, into: Person): Patch<Person> | undefined {
  if (from.name !== into.name) return undefined;
  const fields = {
    relation: agreed(from.relation, into.relation, (left, right) => (left === right ? left : undefined)),
    birth_date: agreed(from.birth_date, into.birth_date, moreExact),
    died_on: agreed(from.died_on, into.died_on, moreExact),
  };
  if (Object.values(fields).includes(undefined)) return undefined;
  // Who died in one entry is not alive in the other.
  const isDead = from.status === 'died' || into.status === 'died';
  const joined = { ...fields, status: isDead ? 'died' : 'living' };
  return Object.fromEntries(
    Object.entries(joined).filter(([field, value]) => into[field as keyof Person] !== value),
  );
}

function samePeople(from: readonly Person[], into: readonly Person[]): MergePlan['same'] {
  const taken = new Set<string>();
  return from.flatMap((person) => {
    for (const own of into) {
      const patch = taken.has(own.id) ? undefined : samePerson(person, own);
      if (patch === undefined) continue;
      taken.add(own.id);
      return [{ from: person.id, into: own.id, patch }];
    }
    return [];
  });
}

/** 'pronouns she/her or they/them'. */
export const differenceText = ({ what, kept, other }: Difference): string =>
  kept === null ? `${what} ${other}` : `${what} ${kept} or ${other}`;

function questionOf(
  differences: readonly Difference[],
  into: Patient,
  isDead: boolean,
  on: CivilDate,
): New<Note> | undefined {
  if (differences.length === 0) return undefined;
  return newNote({
    patient_id: into.id,
    // The dead are asked nothing.
    kind: isDead ? 'story' : 'next',
    text: `Two entries were joined. Which is right: ${differences.map(differenceText).join('; ')}?`,
    recorded_on: on,
  });
}

/** @param on the day of the merge, which the note about differences is dated by */
export function planMerge(from: WholePatient, into: WholePatient, on: CivilDate): MergePlan {
  const wasSeen = [...from.contacts, ...into.contacts].some(
    (contact) => contact.state === 'held' && isVisit(contact),
  );
  const { patch, differences } = joinPatients(from.patient, into.patient, wasSeen);
  const same = samePeople(from.people, into.people);
  const nowOf = new Map(same.map((pair) => [pair.from, pair.into]));
  const personNow = (id: string | null): string | null => (id === null ? null : (nowOf.get(id) ?? id));
  const isDead = [from, into].some(({ patient }) => patient.status === 'died');
  return {
    from: from.patient,
    into: into.patient,
    patch,
    same,
    people: from.people.flatMap(({ id }) => (nowOf.has(id) ? [] : [id])),
    notes: from.notes.map(({ id, person }) => ({ id, person: personNow(person) })),
    commitments: from.commitments.map(({ id, for_person }) => ({ id, for_person: personNow(for_person) })),
    contacts: from.contacts.map(({ id }) => id),
    differences,
    note: questionOf(differences, into.patient, isDead, on),
  };
}

/** Both birth years are known, and they are not the same: hardly one person. */
export function bornApart(from: Patient, into: Patient): boolean {
  const [one, other] = [from.birth_date, into.birth_date];
  return one !== null && other !== null && one.slice(0, 4) !== other.slice(0, 4);
}
