/** Whom a text is about: the one rule for briefings, `due` and capture; and what an `avoid` is about. */
import { type Circle, isGone, namesInUse, tokensOf } from './circle.ts';
import { type Mention, mentionsIn, type Unknown } from './mentions.ts';
import { lists } from './people-words.ts';
import { type Note, newPerson, type Person } from './records.ts';
import { foldedWords, present } from './text.ts';

export interface About {
  readonly people: readonly Person[];
  /** The name or relation, as typed, that fits a dead and a living person: printed as "(which Rose?)". */
  readonly which: string | undefined;
  readonly unknown: readonly Unknown[];
}

/** Whom the text is about where it is linked to nobody, of those that it names. */
function aboutOf(mentions: readonly Mention[]): About {
  const own = mentions.filter(({ isThird, name }) => !isThird || name !== null);
  const named = own.filter(({ name, unknown }) => name !== null && unknown.length === 0);
  const isNamed = own.some(({ name }) => name !== null);
  const related = named.length > 0 ? named : own.filter(({ name }) => name === null).filter(isMeant);
  const sure = related.filter(({ which }) => which === undefined);
  return {
    people: [...new Set(sure.flatMap(({ people }) => people))],
    which: related.find(({ which }) => which !== undefined)?.which,
    unknown: own.flatMap(({ unknown, isThird, name }) =>
      isThird || (name === null && isNamed) ? [] : unknown,
    ),
  };
}

/** The only one of a relation; one of several only where all of them are gone, or with '(which son?)'. */
const isMeant = ({ people, which, isPlural, senses }: Mention): boolean =>
  // 'Two sons' are not the one who is on file.
  (people.length === 1 && !isPlural) ||
  (people.length > 0 && (which !== undefined || people.every(isGone) || (isPlural && isPair(senses))));

const isPair = (senses: readonly string[]): boolean => senses.every((sense) => lists.pairSenses.has(sense));

const wedding = /(?:^|\b(?:the|our|their|his|her) )wedding\b/i;
const anniversary = /\bwedding anniv(?:ersary)?\b/i;

/** @param linked the id of the person that the note is linked to */
export function whomAbout(text: string, linked: string | null, circle: Circle): About {
  const person = linked === null ? undefined : circle.people.find(({ id }) => id === linked);
  if (person !== undefined) return { people: [person], which: undefined, unknown: [] };
  const mentions = mentionsIn(text, circle);
  if (mentions.length > 0 || !wedding.test(text)) return aboutOf(mentions);
  if (anniversary.test(text)) return aboutOf(mentionsIn('spouse', circle));
  return aboutOf(mentionsIn('fiance', circle).filter(({ people }) => people.length > 0));
}

/**
 * For whom a promise is: who is named right after its verb, or at the end after 'for' or 'to'; never the topic, nor
 * somebody who died.
 */
export function forWhom(text: string, circle: Circle): About {
  // It is for those who are left.
  if (/\bcondolences?\b/i.test(text)) return aboutOf([]);
  const tokens = tokensOf(text);
  const verb = tokens.findIndex(({ word }) => !lists.wordsBeforeVerbs.has(word));
  const [named] = mentionsIn(text, circle).filter(({ from, to }) => {
    const before = tokens.slice(Math.max(verb, 0), from).map(({ word }) => word);
    while (before.length > 1 && isBesideName(before.at(-1) ?? '')) before.pop();
    if (before.length === 1 || (before.length === 2 && lists.particlesOfVerbs.has(before[1] ?? '')))
      return true;
    const isTopic = before.some((word) => lists.prepositionsBeforeTopics.has(word));
    return to === tokens.length && (before.at(-1) === 'to' || (before.at(-1) === 'for' && !isTopic));
  });
  const about = aboutOf(named === undefined ? [] : [named]);
  return { ...about, people: about.people.filter(({ status }) => status !== 'died') };
}

const isBesideName = (word: string): boolean => lists.articles.has(word) || lists.adjectives.has(word);

export type Caution = ReturnType<typeof cautionOf> & { readonly isPrivate: boolean };

const pronouns = new Set(['him', 'her', 'them', 'he', 'she', 'they']);

/** Without the text behind the first comma, colon, bracket or dash. */
const headOf = (text: string): string =>
  /^(?:avoid\s*[:-]\s*)?[^,:;()[\]–—]*?(?=[,:;()[\]–—]|\s-\s|$)/iu.exec(text.trim())?.[0] ?? '';

/** 'son Peter, no contact': Peter. 'Son Tom may come in': nobody. */
export function whomAvoided(text: string, linked: string | null, circle: Circle): About {
  const head = headOf(text);
  const mentions = mentionsIn(head, circle, true);
  const isInside = (place: number): boolean => mentions.some(({ from, to }) => place >= from && place < to);
  const rest = tokensOf(head).filter(
    ({ word }, place) => !isInside(place) && !lists.avoiding.has(word) && !lists.articles.has(word),
  );
  const [mention, another] = mentions;
  const isOther = rest.some(({ word }) => !(linked !== null && pronouns.has(word)));
  const isOf = mention !== undefined && (mention.owns || (mention.isThird && mention.name === null));
  if (isOther || isOf || another !== undefined || mentions.length + rest.length === 0) return aboutOf([]);
  const known = circle.people.find(({ id }) => id === linked);
  if (known !== undefined || mention === undefined) return { ...aboutOf([]), people: present(known) };
  const { people, unknown } = mention;
  return people.length > 1 ? aboutOf([]) : { people, unknown, which: undefined };
}

/** Of one meaning: without the plural's s. */
const stem = (word: string): string => (word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word);

/** The words of a text that carry meaning; a relation before a name says no more than the name. */
export function meaningOf(text: string, circle: Circle): ReadonlySet<string> {
  const own = new Set(namesInUse(circle.patient).flatMap(foldedWords));
  const mentions = mentionsIn(text, circle).filter(
    ({ relation, name }) => relation !== null && name !== null,
  );
  const isRelation = (place: number): boolean =>
    mentions.some(({ from, to, name }) => place >= from && place < to - tokensOf(name ?? '').length);
  return new Set(
    tokensOf(text)
      .filter(
        ({ word }, place) =>
          word.length > 2 && !lists.smallWords.has(word) && !own.has(word) && !isRelation(place),
      )
      .map(({ word }) => stem(word)),
  );
}

/** Somebody who is named and not on file has the note's id. */
export function cautionOf(note: Note, circle: Circle) {
  const { id, ref, patient_id } = note;
  const {
    people,
    unknown: [unknown],
  } = whomAvoided(note.text, note.person, circle);
  const stranger = unknown && { ...newPerson({ patient_id, ...unknown }), id, ref };
  return { note, person: people[0] ?? stranger, words: meaningOf(note.text, circle) };
}

export const sharesMeaning = (words: ReadonlySet<string>, text: string, circle: Circle): boolean =>
  [...meaningOf(text, circle)].some((word) => words.has(word));
