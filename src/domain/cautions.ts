/** What an `avoid` is about: a person, where nobody and nothing else is named before its first comma; and its words. */
import { type Circle, tokensOf } from './circle.ts';
import { mentionsIn, type Unknown } from './mentions.ts';
import { articles, avoiding, smallWords } from './people-words.ts';
import { type Note, newPerson, type Person } from './records.ts';

export interface Caution {
  readonly note: Note;
  readonly person: Person | undefined;
  /** What carries meaning in it. */
  readonly words: ReadonlySet<string>;
  readonly isPrivate: boolean;
}

const pronouns = new Set(['him', 'her', 'them', 'he', 'she', 'they']);

/** Without the text behind the first comma, colon, bracket or dash. */
const headOf = (text: string): string =>
  /^(?:avoid\s*[:-]\s*)?[^,:;()[\]–—]*?(?=[,:;()[\]–—]|\s-\s|$)/iu.exec(text.trim())?.[0] ?? '';

interface Avoided {
  readonly person?: Person | undefined;
  readonly unknown?: Unknown | undefined;
}

/** 'son Peter, no contact': Peter. 'Son Tom may come in': nobody. */
export function whomAvoided(text: string, linked: string | null, circle: Circle): Avoided {
  const head = headOf(text);
  const mentions = mentionsIn(head, circle, true);
  const isInside = (place: number): boolean => mentions.some(({ from, to }) => place >= from && place < to);
  const rest = tokensOf(head).filter(
    ({ word }, place) => !isInside(place) && !avoiding.has(word) && !articles.has(word),
  );
  const [mention, another] = mentions;
  const isOther = rest.some(({ word }) => !(linked !== null && pronouns.has(word)));
  const isOf = mention !== undefined && (mention.owns || (mention.isThird && mention.name === null));
  if (isOther || isOf || another !== undefined || mentions.length + rest.length === 0) return {};
  const known = circle.people.find(({ id }) => id === linked);
  if (known !== undefined || mention === undefined) return { person: known };
  const [person, namesake] = mention.people;
  return namesake === undefined ? { person, unknown: mention.unknown[0] } : {};
}

/** Of one meaning: without the plural's s. */
const stem = (word: string): string => (word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word);

/** The words of a text that carry meaning; a relation before a name says no more than the name. */
export function meaningOf(text: string, circle: Circle): ReadonlySet<string> {
  const own = new Set(
    tokensOf([circle.patient.name, circle.patient.goes_by ?? '', ...circle.patient.aliases].join(' ')).map(
      ({ word }) => word,
    ),
  );
  const mentions = mentionsIn(text, circle).filter(
    ({ relation, name }) => relation !== null && name !== null,
  );
  const isRelation = (place: number): boolean =>
    mentions.some(({ from, to, name }) => place >= from && place < to - tokensOf(name ?? '').length);
  return new Set(
    tokensOf(text)
      .filter(
        ({ word }, place) => word.length > 2 && !smallWords.has(word) && !own.has(word) && !isRelation(place),
      )
      .map(({ word }) => stem(word)),
  );
}

/** Somebody who is named and not on file has the note's id. */
export function cautionOf(note: Note, circle: Circle): Omit<Caution, 'isPrivate'> {
  const { id, ref, patient_id } = note;
  const { person, unknown } = whomAvoided(note.text, note.person, circle);
  const stranger = unknown && { ...newPerson({ patient_id, ...unknown }), id, ref };
  return { note, person: person ?? stranger, words: meaningOf(note.text, circle) };
}

export const sharesMeaning = (words: ReadonlySet<string>, text: string, circle: Circle): boolean =>
  [...meaningOf(text, circle)].some((word) => words.has(word));
