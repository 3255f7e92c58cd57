/** The words of a text at their places, and who may be meant by them: relations, and the names of those around a patient. */
import {
  formerWords,
  greatWords,
  leadingWords,
  looseSenses,
  partnerSenses,
  plurals,
  prefixes,
  relationSenses,
  titles,
} from './people-words.ts';
import type { Patient, Person } from './records.ts';
import { foldedWords } from './text.ts';

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

export const isJoined = (gap: string): boolean => /^(?:\s+|\s?['’.‑-]\s?|\.\s)$/u.test(gap);
export const isBlank = (gap: string): boolean => /^\s+$/u.test(gap);

export interface Relation {
  readonly length: number;
  readonly senses: readonly string[];
  readonly text: string;
  readonly isPlural: boolean;
}

const singular = (word: string): string | undefined =>
  plurals.get(word) ??
  (word.endsWith('s') && relationSenses.has(word.slice(0, -1)) ? word.slice(0, -1) : undefined);

/** 'stepdad' is 'step' and 'dad'. */
function partsOf(word: string): readonly string[] {
  if (relationSenses.has(word) || singular(word) !== undefined) return [word];
  const prefix = [...prefixes].find((one) => word.startsWith(one) && word.length > one.length + 1);
  const rest = prefix === undefined ? [] : partsOf(word.slice(prefix.length));
  return prefix === undefined || rest.length === 0 ? [] : [prefix, ...rest];
}

/** The relation that begins at a place: 'wife', 'mother-in-law', 'ex-husband', 'great aunt', 'ex'. */
export function relationAt(tokens: readonly Token[], at: number): Relation | undefined {
  const before: string[] = [];
  for (let place = at; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (token === undefined || (place > at && !isJoined(token.gap))) break;
    const next = tokens[place + 1];
    const parts = partsOf(token.word);
    const behind =
      next !== undefined && isBlank(next.gap) && !token.owns ? relationAt(tokens, place + 1) : undefined;
    if (behind !== undefined && leadingWords.has(token.word))
      return { ...behind, length: place + 1 - at + behind.length, text: `${token.word} ${behind.text}` };
    if (behind !== undefined && formerWords.has(token.word) && isPartner(behind.senses)) {
      before.push('ex');
      continue;
    }
    if (parts.length === 0) {
      const isGreat = token.word === 'great' && next !== undefined && isBlank(next.gap);
      const goesOn = prefixes.has(token.word) && !(isGreat && !greatWords.test(next.word)) && !token.owns;
      if (goesOn && next !== undefined && relationAt(tokens, place + 1) !== undefined && isJoined(next.gap)) {
        before.push(token.word);
        continue;
      }
      if (token.word !== 'ex' || before.length > 0) return undefined;
      return { length: 1, senses: ['ex'], text: 'ex', isPlural: false };
    }
    const core = parts.at(-1) ?? '';
    const one = relationSenses.has(core) ? core : (singular(core) ?? core);
    const inLaw = tokens[place + 1]?.word === 'in' && tokens[place + 2]?.word === 'law';
    const kinds = [...before, ...parts.slice(0, -1)];
    const senses = (relationSenses.get(one) ?? []).map((sense) =>
      [...kinds, sense, ...(inLaw ? ['in-law'] : [])].join(' '),
    );
    const last = place + (inLaw ? 2 : 0);
    const words = tokens.slice(at, last + 1);
    return {
      length: last + 1 - at,
      senses,
      text: words
        .map(({ text, gap }, index) => (index === 0 ? '' : gap) + text)
        .join('')
        .toLowerCase(),
      isPlural: one !== core,
    };
  }
  return undefined;
}

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
  senses.some((sense) => partnerSenses.has(sense) || (isEx(sense) && partnerSenses.has(sense.slice(3))));

/** Whether a word of a name is that somebody is called by: no title, relation or initial. */
export function isNameWord(word: string): boolean {
  const folded = foldedWords(word).join('');
  return !/^.?$/su.test(folded) && !titles.has(folded) && partsOf(folded).length === 0;
}

/** A patient and everybody on file around them. */
export interface Circle {
  readonly patient: Pick<Patient, 'name' | 'goes_by' | 'aliases'>;
  readonly people: readonly Person[];
}

interface Spelling {
  readonly words: readonly string[];
  readonly person: Person;
}

export interface Index {
  readonly spellings: ReadonlyMap<string, readonly Spelling[]>;
  readonly senses: ReadonlyMap<Person, readonly string[]>;
  readonly own: ReadonlySet<string>;
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
  const index = {
    spellings,
    senses: new Map(people.map((person) => [person, relationOfPerson(person)])),
    own: new Set(
      [patient.name, patient.goes_by ?? '', ...patient.aliases].flatMap((name) =>
        namesOf(name).map((words) => words.join(' ')),
      ),
    ),
  };
  indices.set(circle, index);
  return index;
}

/** Of somebody whose name is 'Mum', mother. */
const relationOfPerson = ({ relation, name }: Person): readonly string[] => {
  const senses = sensesOf(relation);
  return relation === null ? sensesOf(name) : senses;
};

export const isGone = ({ status }: Person): boolean => status !== 'living';

/** Whether somebody of these senses may be meant by those of a text. */
export function agree(person: Person, own: readonly string[], said: readonly string[]): boolean {
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
  return both(isPartner) || both((senses) => senses.some((sense) => looseSenses.has(sense)));
}
