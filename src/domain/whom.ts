/** Whom a typed line is about, or a promise is for: somebody on file, or who is added with it. */
import { readLoss as readLossDate } from '../dates/line-date.ts';
import { faultOf } from '../errors.ts';
import { type About, forWhom, whomAbout, whomAvoided } from './about.ts';
import type { Circle } from './circle.ts';
import { asking, type Doubt } from './line-kinds.ts';
import { separated } from './loss-list.ts';
import { type LossReading, lossAnswers, readLoss } from './loss-reading.ts';
import { type Note, type NoteKind, newPerson, type Person } from './records.ts';
import { fold, pick, present } from './text.ts';

export interface Whom extends Pick<Person, 'name' | 'relation'> {
  /** Null of somebody whom this line, or one before it, adds. */
  readonly id: string | null;
  readonly isNew: boolean;
}

/** Before its save a person has no id. */
const unsaved = 'new ';

/** One person, whose name or relation leaves no other. */
function whomIn({ people, unknown, which }: About): Whom | undefined {
  const [person, another] = people;
  const [added, ...others] = unknown;
  if (which !== undefined || another !== undefined) return undefined;
  if (person === undefined)
    return added && others.length === 0 ? { id: null, ...added, isNew: true } : undefined;
  const id = person.id.startsWith(unsaved) ? null : person.id;
  return { ...pick(person, 'name', 'relation'), id, isNew: false };
}

export const whomNoted = (text: string, kind: NoteKind, circle: Circle): Whom | undefined =>
  whomIn(kind === 'avoid' ? whomAvoided(text, null, circle) : whomAbout(text, null, circle));

export const whomPromised = (text: string, circle: Circle): Whom | undefined => whomIn(forWhom(text, circle));

export interface LossMeaning {
  readonly loss: LossReading['kind'];
  readonly whom?: Whom | undefined;
  /** It names somebody, and is neither a death nor a parting. */
  readonly isNoDeath: boolean;
  /** Of a loss of several, each of them. */
  readonly all?: readonly Whom[];
}

/** @param text without its date */
export function whomLost(text: string, circle: Circle): LossMeaning {
  const parts = separated(text, circle);
  if (parts.length > 1) {
    const all = parts.flatMap((part) => whomLost(part, circle).whom ?? []);
    return { loss: 'death', isNoDeath: false, all };
  }
  const { kind, people, unknown, asks } = readLoss(text, circle);
  const whom = whomIn({ people, unknown: present(unknown), which: undefined });
  return { loss: kind, isNoDeath: asks !== undefined, whom };
}

const goneWords =
  /^(?:(?:she|they|has|have|had|a|an|another|late|early|missed|second) )*(?:miscarr|stillb)|\b(?:lost the (?:baby|twins|pregnancy)|died|deceased|passed away|widowed|stillborn|suicide|left (?:him|her|us|me|them)|(?:moved|walked) out|separated|divorced|split up)\b|\bd\.(?= )/i;
/** Whom somebody was with is not always on file. */
const splitWith = /^(?:(?:has|have|just|recently) )*split(?: up)? (?:w\/?|with|from) \p{Lu}\p{L}+$/u;
/** What somebody has lived with all along, or what did not happen, is a story. */
const longGone = /\b(?:when|before|as a|ago|years?|nearly|almost|young|(?:19|20)\d\d)\b/i;

/** A plain line that says that somebody died or left, and no more than that: 'his wife June died on 2 feb'. */
export function tellsLoss(line: string, circle: Circle, dates: Parameters<typeof readLossDate>[1]): boolean {
  if (!goneWords.test(line)) return false;
  const text = faultOf(() => readLossDate(line, dates)) === undefined ? readLossDate(line, dates).text : '';
  return !longGone.test(text) && (splitWith.test(text) || whomLost(text, circle).loss !== 'other');
}

/** 'Tim: died, apart, or neither?', where it names somebody. @param cut its body without the date, and that */
export function doubtOfLoss(
  line: string,
  body: string,
  { text, date }: Pick<Note, 'text' | 'date'>,
  circle: Circle,
): Doubt | undefined {
  const answers = lossAnswers(text, circle);
  if (answers === undefined) return undefined;
  const start = line.slice(0, line.lastIndexOf(body));
  const end = date === null ? body.slice(text.length) : `, ${date}`;
  return asking(
    `${answers.asks}: died, apart, or neither?`,
    ['died', `${start}${answers.died}${end}`],
    ['apart', `${start}${answers.apart}${end}`],
    ['neither', line],
  );
}

/** The circle with those whom earlier lines of the same write-up add. */
export function withAdded(circle: Circle, added: readonly (Whom | undefined)[]): Circle {
  const people = added.flatMap((whom, at): readonly Person[] => {
    if (!whom?.isNew) return [];
    const person = newPerson({ patient_id: '', ...pick(whom, 'name', 'relation') });
    return [{ ...person, id: `${unsaved}${at}`, ref: '' }];
  });
  return people.length === 0 ? circle : { ...circle, people: [...circle.people, ...people] };
}

const isSame = (one: string | null, other: string | null): boolean => fold(one ?? '') === fold(other ?? '');

/** Among those on file now. */
export const findWhom = ({ id, name, relation }: Whom, people: readonly Person[]): Person | undefined =>
  id === null
    ? people.find((person) => isSame(person.name, name) && isSame(person.relation, relation))
    : people.find((person) => person.id === id);
