/** Whom a typed line is about, or a promise is for: somebody on file, or who is added with it. */
import { forWhom, whomAbout } from './about.ts';
import type { Circle } from './circle.ts';
import { type LossReading, readLoss } from './loss-reading.ts';
import { newPerson, type Person } from './records.ts';
import { fold } from './text.ts';

export interface Whom extends Pick<Person, 'name' | 'relation'> {
  /** Null of somebody whom this line, or one before it, adds. */
  readonly id: string | null;
  readonly isNew: boolean;
}

/** Before its save a person has no id. */
const unsaved = 'new ';

const whomIn = (
  people: readonly Person[],
  unknown: readonly Pick<Person, 'name' | 'relation'>[],
): Whom | undefined => {
  const [person, another] = people;
  const [added, ...others] = unknown;
  if (person !== undefined)
    return another === undefined
      ? {
          id: person.id.startsWith(unsaved) ? null : person.id,
          name: person.name,
          relation: person.relation,
          isNew: false,
        }
      : undefined;
  return added === undefined || others.length > 0 ? undefined : { id: null, ...added, isNew: true };
};

export function whomNoted(text: string, circle: Circle): Whom | undefined {
  const { people, unknown, which } = whomAbout(text, null, circle);
  return which === undefined ? whomIn(people, unknown) : undefined;
}

export function whomPromised(text: string, circle: Circle): Whom | undefined {
  const { people, unknown, which } = forWhom(text, circle);
  return which === undefined ? whomIn(people, unknown) : undefined;
}

export interface LossMeaning {
  readonly loss: LossReading['kind'];
  readonly whom?: Whom | undefined;
}

/** @param text without its date */
export function whomLost(text: string, circle: Circle): LossMeaning {
  const { kind, people, unknown } = readLoss(text, circle);
  return { loss: kind, whom: whomIn(people, unknown === undefined ? [] : [unknown]) };
}

/** The circle with those whom earlier lines of the same write-up add. */
export function withAdded(circle: Circle, added: readonly (Whom | undefined)[]): Circle {
  const people = added.flatMap((whom, at): readonly Person[] =>
    whom?.isNew
      ? [
          {
            ...newPerson({ patient_id: '', name: whom.name, relation: whom.relation }),
            id: `${unsaved}${at}`,
            ref: '',
          },
        ]
      : [],
  );
  return people.length === 0 ? circle : { ...circle, people: [...circle.people, ...people] };
}

const isSame = (one: string | null, other: string | null): boolean => fold(one ?? '') === fold(other ?? '');

/** Among those on file now. */
export const findWhom = ({ id, name, relation }: Whom, people: readonly Person[]): Person | undefined =>
  id === null
    ? people.find((person) => isSame(person.name, name) && isSame(person.relation, relation))
    : people.find((person) => person.id === id);
