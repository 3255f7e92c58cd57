/** The words of a text at their places, and who may be meant by them: relations, and the names of those around a patient. */
import { lazy, months } from '../dates/civil.ts';
import { greatWords, joinedPrefix, lists, plurals, relationSenses, type WordSet } from './people-words.ts';
import type { Patient, Person } from './records.ts';
import { fold, foldedWords, present } from './text.ts';

export interface Token {
  readonly text: string;
  readonly word: string;
  /** What stands between it and the word before. */
  readonly gap: string;
  readonly from: number;
  /** Behind it, its 's included. */
  readonly to: number;
  readonly owns: boolean;
}

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const word = foldedWords(found).join('');
    const gap = text.slice(end, index);
    const before = tokens.at(-1);
    end = index + found.length;
    if (word === 's' && before !== undefined && /^['’]$/.test(gap)) {
      tokens[tokens.length - 1] = { ...before, to: end, owns: true };
      continue;
    }
    if (before?.word.endsWith('s') && /^['’](?=\s)/.test(gap))
      tokens[tokens.length - 1] = { ...before, owns: true };
    if (word !== '') tokens.push({ text: found, word, gap, from: index, to: end, owns: false });
  }
  return tokens;
}

/** As typed, with one blank for several. */
export const said = (tokens: readonly Token[]): string =>
  tokens.map(({ text, gap }, place) => (place === 0 ? '' : /^\s*$/.test(gap) ? ' ' : gap) + text).join('');

/** A number, and a month beside one, is part of a date. */
export const onlyOf = (tokens: readonly Token[], ...lists: readonly WordSet[]): boolean =>
  tokens.every(({ word }, at) => {
    const isDay = (other: Token | undefined): boolean => /^\p{N}+$/u.test(other?.word ?? '');
    const isMonth = months.has(word) && (isDay(tokens[at - 1]) || isDay(tokens[at + 1]));
    return isDay(tokens[at]) || isMonth || lists.some((list) => list.has(word));
  });

export const isJoined = (gap: string): boolean => /^(?:\s+|\s?['’.‑-]\s?|\.\s)$/u.test(gap);
export const isBlank = (gap: string): boolean => /^\s+$/u.test(gap);

export interface Relation {
  readonly length: number;
  readonly senses: readonly string[];
  readonly text: string;
  readonly isPlural: boolean;
}

/** By a word, also a plural, the relation in it. */
const relationWords = lazy(
  (): ReadonlyMap<string, string> =>
    new Map([
      ...[...relationSenses().keys()].flatMap((word) => [[word, word] as const, [`${word}s`, word] as const]),
      ...plurals,
    ]),
);

/** 'Stepdad' as 'step' and 'dad'. */
function partsOf(word: string): readonly string[] {
  if (relationWords().has(word)) return [word];
  const [, prefix, rest = ''] = joinedPrefix.exec(word) ?? [];
  return prefix !== undefined && relationWords().has(rest) ? [prefix, rest] : [];
}

const mostPrefixes = 4;

/** The relation that begins at a place: 'wife', 'mother-in-law', 'ex-husband', 'great aunt', 'twin sister', 'ex'. */
export function relationAt(tokens: readonly Token[], at: number, depth = 0): Relation | undefined {
  const token = tokens[at];
  if (token === undefined || depth > mostPrefixes) return undefined;
  const { word } = token;
  const next = tokens[at + 1];
  const isPrefix = lists.prefixes.has(word) || lists.leadingWords.has(word) || lists.formerWords.has(word);
  if (isPrefix && next !== undefined && !token.owns && isJoined(next.gap)) {
    const behind = relationAt(tokens, at + 1, depth + 1);
    const kind = behind && kindOf(word, next, behind);
    if (behind !== undefined && kind !== undefined)
      return {
        length: behind.length + 1,
        senses: kind === '' ? behind.senses : behind.senses.map((sense) => `${kind} ${sense}`),
        text: `${word}${next.gap}${behind.text}`,
        isPlural: behind.isPlural,
      };
  }
  if (word === 'ex') return { length: 1, senses: ['ex'], text: 'ex', isPlural: false };
  const parts = partsOf(word);
  const core = parts.at(-1);
  const one = core === undefined ? undefined : relationWords().get(core);
  if (one === undefined) return undefined;
  const inLaw = next?.word === 'in' && tokens[at + 2]?.word === 'law';
  const words = tokens.slice(at, at + (inLaw ? 3 : 1));
  return {
    length: words.length,
    senses: (relationSenses().get(one) ?? []).map((sense) =>
      [...parts.slice(0, -1), sense, ...(inLaw ? ['in-law'] : [])].join(' '),
    ),
    text: said(words).toLowerCase(),
    isPlural: one !== core,
  };
}

/** What a word before a relation makes of it: '' nothing, undefined where it has nothing to do with it. */
function kindOf(word: string, next: Token, { senses }: Relation): string | undefined {
  if (lists.leadingWords.has(word)) return isBlank(next.gap) ? '' : undefined;
  if (lists.formerWords.has(word)) return isBlank(next.gap) && isPartner(senses) ? 'ex' : undefined;
  // 'A great friend' is a friend.
  return word === 'great' && isBlank(next.gap) && !greatWords.test(next.word) ? undefined : word;
}

/** Whether a word may begin a relation. */
export const mayBeRelation = (word: string): boolean =>
  relationWords().has(word) || lists.prefixes.has(word) || joinedPrefix.test(word);

const isEx = (sense: string): boolean => sense === 'ex' || sense.startsWith('ex ');

/** What the relation of somebody on file means: of 'eldest daughter', daughter. */
export function sensesOf(relation: string | null): readonly string[] {
  if (relation === null) return [];
  const tokens = tokensOf(relation);
  for (const place of tokens.keys()) {
    const found = relationAt(tokens, place);
    if (found !== undefined) return found.senses;
  }
  return [];
}

export const isPartner = (senses: readonly string[]): boolean =>
  senses.some(
    (sense) => lists.partnerSenses.has(sense) || (isEx(sense) && lists.partnerSenses.has(sense.slice(3))),
  );

/** Whether a word of a name is that somebody is called by: no title, relation or initial. */
export function isNameWord(word: string): boolean {
  const folded = foldedWords(word).join('');
  return !/^.?$/su.test(folded) && !lists.titles.has(folded) && partsOf(folded).length === 0;
}

/** A patient and everybody on file around them. */
export interface Circle {
  readonly patient: Pick<Patient, 'name' | 'goes_by' | 'aliases'>;
  readonly people: readonly Person[];
}

/** What the patient is called now. */
export const namesInUse = ({ name, goes_by, aliases }: Circle['patient']): readonly string[] =>
  present(name, goes_by, ...aliases);

interface Spelling {
  readonly words: readonly string[];
  readonly person: Person;
}

export interface Index {
  readonly spellings: ReadonlyMap<string, readonly Spelling[]>;
  readonly senses: ReadonlyMap<Person, readonly string[]>;
  readonly own: ReadonlySet<string>;
  /** The patient's own, and the first words of the others'. */
  readonly names: ReadonlySet<string>;
  /** Those who may be meant by a relation of these senses. */
  readonly related: (senses: readonly string[]) => readonly Person[];
}

/** The first word that is no title or relation, and the whole; nicknames in brackets or quotes. */
function namesOf(name: string | null): readonly (readonly string[])[] {
  if (name === null) return [];
  const whole = foldedWords(name);
  const first = name.split(/\s+/u).find(isNameWord);
  const nick = /["“'‘(]([^"“”'‘’()]+)["”'’)]/u.exec(name)?.[1];
  const all = [foldedWords(first ?? name), whole, foldedWords(nick ?? '')];
  return [...new Map(all.filter(({ length }) => length > 0).map((one) => [one.join(' '), one])).values()];
}

const indices = new WeakMap<Circle, Index>();

export function indexOf(circle: Circle): Index {
  const known = indices.get(circle);
  if (known !== undefined) return known;
  const { patient, people } = circle;
  const spellings = new Map<string, Spelling[]>();
  for (const person of people)
    for (const words of namesOf(person.name)) {
      const [first = ''] = words;
      spellings.set(first, [...(spellings.get(first) ?? []), { words, person }]);
    }
  const senses = new Map(people.map((person) => [person, relationOfPerson(person)]));
  const byRelation = new Map<string, readonly Person[]>();
  const related = (said: readonly string[]): readonly Person[] => {
    const key = said.join();
    const found =
      byRelation.get(key) ?? people.filter((person) => agree(person, senses.get(person) ?? [], said));
    byRelation.set(key, found);
    return found;
  };
  const own = new Set(namesInUse(patient).flatMap((name) => namesOf(name).map((words) => words.join(' '))));
  const index = { spellings, senses, related, own, names: new Set([...spellings.keys(), ...own]) };
  indices.set(circle, index);
  return index;
}

/**
 * A quick test for long lists: false only where a text is linked to none of these people and names none, by name or by
 * relation. Trap: it has to let through whatever `mentionsIn` may read as one of them.
 */
export function mayMention(people: readonly Person[]): (text: string, linked: string | null) => boolean {
  const ids = new Set<string | null>(people.map(({ id }) => id));
  const senses = people.flatMap(relationOfPerson);
  const bases = new Set(senses.flatMap((sense) => sense.split(' ')));
  const related = [...relationSenses()].flatMap(([word, own]) =>
    own.some((one) => bases.has(one)) ? [word] : [],
  );
  const many = [...plurals].flatMap(([word, one]) => (related.includes(one) ? [word] : []));
  const exes = isPartner(senses) || senses.some(isEx) ? ['\\bex', 'wedding'] : [];
  const names = people.flatMap(({ name }) => namesOf(name).flatMap(([first]) => first ?? []));
  const all = [...names, ...related, ...many, ...exes];
  const pattern = new RegExp(all.join('|'), 'u');
  return (text, linked) => ids.has(linked) || (all.length > 0 && pattern.test(fold(text)));
}

/** Of somebody whose name is 'Mum', mother. */
const relationOfPerson = ({ relation, name }: Person): readonly string[] => {
  const senses = sensesOf(relation);
  return relation === null ? sensesOf(name) : senses;
};

export const isGone = ({ status }: Person): boolean => status !== 'living';

/** Whether somebody of these senses may be meant by those of a text. */
function agree(person: Person, own: readonly string[], said: readonly string[]): boolean {
  if (own.some((sense) => said.includes(sense))) return true;
  const exes = said.filter(isEx).map((sense) => (sense === 'ex' ? '' : sense.slice(3)));
  return exes.some(
    (sense) => (sense === '' ? isPartner(own) : own.includes(sense)) && (isGone(person) || own.some(isEx)),
  );
}

/** Whether a name of theirs with this relation before it can be theirs. */
export function mayBeCalled(person: Person, own: readonly string[], said: readonly string[]): boolean {
  if (own.length === 0 || said.length === 0 || agree(person, own, said)) return true;
  const both = (test: (senses: readonly string[]) => boolean): boolean => test(own) && test(said);
  return both(isPartner) || both((senses) => senses.some((sense) => lists.looseSenses.has(sense)));
}
