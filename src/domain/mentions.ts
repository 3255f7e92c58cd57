/**
 * Everybody that a text names, at their places. Traps: a name that is a word too ('Will', 'June') counts only as it is
 * written for a name; "Ana's husband" is neither Ana nor the patient's own husband.
 */
import { edits, months, weekdays } from '../dates/civil.ts';
import {
  type Circle,
  type Index,
  indexOf,
  isBlank,
  isGone,
  isJoined,
  isPartner,
  mayBeCalled,
  mayBeRelation,
  onlyOf,
  type Relation,
  relationAt,
  said,
  sensesOf,
  type Token,
  tokensOf,
} from './circle.ts';
import { lists, type WordSet } from './people-words.ts';
import type { Person } from './records.ts';
import { fold, foldedWords, onlyOne } from './text.ts';

/** Somebody who is named and not on file. */
export interface Unknown {
  /** As it is stored: 'daughter', 'mother-in-law'. */
  readonly relation: string | null;
  readonly name: string | null;
}

/** A name, a relation, or both, at its place in a text. */
export interface Mention {
  readonly people: readonly Person[];
  readonly which: string | undefined;
  readonly unknown: readonly Unknown[];
  /** Places of tokens: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly relation: string | null;
  readonly name: string | null;
  readonly senses: readonly string[];
  readonly isPlural: boolean;
  /** Whose relation it is stands before it: "Ana's husband". */
  readonly isThird: boolean;
  readonly owns: boolean;
}

function startsSentence(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (before === undefined || token === undefined) return true;
  if (/[.]/.test(token.gap) && lists.titles.has(before.word)) return false;
  return /[.!?…\n\r]|["“‘«]$/u.test(token.gap);
}

/** 'Ring june re: respite' is of her, 'ring june 5th' of a day. */
function isContacted(tokens: readonly Token[], at: number): boolean {
  const [verb, particle, ...more] = tokens
    .slice(0, at)
    .filter(({ word }) => !lists.wordsBeforeVerbs.has(word));
  const next = tokens[at + 1];
  if (verb === undefined || more.length > 0 || !lists.contactVerbs.has(verb.word)) return false;
  if (particle !== undefined && !lists.particlesOfVerbs.has(particle.word)) return false;
  return next === undefined || !(/^(?:\p{N}|(?:be|the)$)/u.test(next.text) && isJoined(next.gap));
}

/** A name that is a word or a month too counts only as names are written. */
function isWrittenAsName(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if (token.owns || (months.has(token.word) && isContacted(tokens, at))) return true;
  const before = tokens[at - 1];
  const next = tokens[at + 1];
  if (!/^[\p{Lu}\p{Lt}\p{Lo}]/u.test(token.text)) return false;
  if (startsSentence(tokens, at)) {
    if (next === undefined || !isBlank(next.gap)) return false;
    const isAnd = next.word === 'and' && /^(?:he|she)$/.test(tokens[at + 2]?.word ?? '');
    const isBeing = !months.has(token.word) && /^(?:is|was)$/.test(next.word);
    return lists.doings.has(next.word) || isAnd || isBeing;
  }
  if (before !== undefined && lists.timeWordsBefore.has(before.word)) return false;
  if (next !== undefined && /^\p{N}/u.test(next.text) && isJoined(next.gap)) return false;
  if (!months.has(token.word) || before === undefined) return true;
  const isDated = /^\p{N}/u.test(before.text) || lists.monthWordsBefore.has(before.word);
  const isPartOf =
    before.word === 'of' &&
    /^(?:\p{N}.*|end|start|beginning|middle|half|rest)$/u.test(tokens[at - 2]?.word ?? '');
  return !isDated && !isPartOf;
}

interface Named {
  readonly length: number;
  readonly people: readonly Person[];
}

interface Reading {
  readonly index: Index;
  readonly tokens: readonly Token[];
  /** In a loss a month alone is a name, and so is its first word. */
  readonly isLoss: boolean;
}

function nameAt({ index, tokens, isLoss }: Reading, at: number, relation?: Relation): Named | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  const fitting = (index.spellings.get(token.word) ?? []).filter(({ words, person }) => {
    const run = tokens.slice(at, at + words.length);
    if (run.length < words.length || run.some(({ word }, place) => word !== words[place])) return false;
    if (run.some(({ gap }, place) => place > 0 && !isJoined(gap))) return false;
    const senses = index.senses.get(person) ?? [];
    if (relation !== undefined) return mayBeCalled(person, senses, relation.senses);
    if (index.own.has(words.join(' '))) return false;
    const title = tokens[at - 1];
    if (
      title !== undefined &&
      words.length === 1 &&
      lists.titles.has(title.word) &&
      index.own.has(words[0] ?? '')
    )
      return false;
    return words.length > 1 || isLoss || !lists.nameWords.has(token.word) || isWrittenAsName(tokens, at);
  });
  const length = Math.max(0, ...fitting.map(({ words }) => words.length));
  const people = fitting.filter(({ words }) => words.length === length).map(({ person }) => person);
  return length === 0 ? undefined : { length, people: [...new Set(people)] };
}

/** Of a name behind a relation that is not on file, how many words it has. */
function unknownName({ tokens, isLoss }: Reading, at: number): number {
  let end = at;
  for (let place = at; place < tokens.length && place < at + 4; place += 1) {
    const token = tokens[place];
    if (token === undefined || !isJoined(token.gap) || startsSentence(tokens, place)) break;
    const { text, word } = token;
    // 'wife anna died', where a hurried hand leaves the capital out.
    const isPlain = isLoss && place === at && lists.deathVerbs.has(tokens[at + 1]?.word ?? '');
    const isCapital =
      /^(?:[\p{Lu}\p{Lt}][\p{Ll}\p{M}]|\p{Lo}|\p{Lu}$)/u.test(text) || (isPlain && !besideNames(word));
    const isOther =
      lists.notNames.has(word) ||
      weekdays.has(word) ||
      (months.has(word) && !lists.nameWords.has(word)) ||
      relationAt(tokens, place);
    if (isCapital && !isOther) end = place + 1;
    else if (!(place > at && lists.particles.has(word)) && !lists.titles.has(word)) break;
    if (token.owns) break;
  }
  return end - at;
}

const besideNames = (word: string): boolean =>
  [lists.plainDying, lists.besideDying, lists.howDying, lists.adjectives].some((list) => list.has(word));

/** Everybody that a text names, in the order of the text; with `isLoss`, as a loss does. */
export function mentionsIn(text: string, circle: Circle, isLoss = false): readonly Mention[] {
  const index = indexOf(circle);
  // Most texts of a life name nobody: these are not taken apart.
  if (!foldedWords(text).some((word) => index.spellings.has(word) || mayBeRelation(word))) return [];
  const reading: Reading = { index, tokens: tokensOf(text), isLoss };
  const { tokens } = reading;
  const found: Mention[] = [];
  let owner = false;
  for (let at = 0; at < tokens.length; ) {
    const relation = relationAt(tokens, at);
    const mention: Mention | undefined =
      relation === undefined ? bareName(reading, at) : relationMention(reading, at, relation, owner);
    if (mention === undefined) {
      const token = tokens[at];
      owner =
        token !== undefined &&
        (owner ? lists.adjectives.has(token.word) : token.owns && !lists.possessives.has(token.word));
      at += 1;
      continue;
    }
    found.push(mention);
    owner = mention.owns;
    at = mention.to;
  }
  return withoutOwners(found, tokens);
}

const ownsAt = (tokens: readonly Token[], to: number): boolean => tokens[to - 1]?.owns ?? false;

const settled = (people: readonly Person[], called: string): Pick<Mention, 'people' | 'which'> =>
  people.some(isGone) && !people.every(isGone) ? { people, which: called } : { people, which: undefined };

function bareName(reading: Reading, at: number): Mention | undefined {
  const { tokens } = reading;
  const named = nameAt(reading, at);
  if (named === undefined) return undefined;
  const to = at + named.length;
  const name = said(tokens.slice(at, to));
  const unsaid = { relation: null, senses: [], isPlural: false, isThird: false, unknown: [] };
  return { ...unsaid, from: at, to, name, owns: ownsAt(tokens, to), ...settled(named.people, name) };
}

function relationMention(reading: Reading, at: number, relation: Relation, isThird: boolean): Mention {
  const { index, tokens } = reading;
  const { senses, isPlural, text } = relation;
  const end = at + relation.length;
  const base = { from: at, relation: text, senses, isPlural, isThird, unknown: [] };
  const owns = ownsAt(tokens, end);
  const next = tokens[end];
  if (next !== undefined && !owns && !isPlural && /^(?:\s+|,\s*|\s*\()$/u.test(next.gap)) {
    // Of whose relation it is nothing is on file: "Ana's husband Tom" may be a son-in-law.
    const of = isThird ? { ...relation, senses: [] } : relation;
    const whole = nameAt(reading, end, of);
    const start = whole === undefined && lists.titles.has(next.word) ? end + 1 : end;
    const named = whole ?? nameAt(reading, start, of);
    const length = named?.length ?? (isBlank(next.gap) ? unknownName(reading, end) : 0);
    const to = (named === undefined ? end : start) + length;
    if (length > 0) {
      const name = said(tokens.slice(named === undefined ? end : start, to));
      const whole = { ...base, to, name, owns: ownsAt(tokens, to) };
      if (named !== undefined) return { ...whole, ...settled(named.people, name) };
      const only = onlyOne(unnamed(index, relation, name));
      return only !== undefined
        ? { ...whole, ...settled([only], name) }
        : { ...whole, people: [], which: undefined, unknown: [{ relation: text, name }] };
    }
  }
  const isOf = (senses: readonly string[], kinds: WordSet): boolean =>
    senses.every((sense) => kinds.has(sense.split(' ').at(-1) ?? ''));
  const before = tokens[at - 1]?.word ?? '';
  const related = index.related(senses);
  const late = before === 'late' ? related.filter(isGone) : [];
  // 'Mother tongue', 'sister ward'.
  const isUnrelated = next !== undefined && isBlank(next.gap) && lists.unrelated.has(next.word);
  const isOther = /^(?:an)?other$/.test(before) || isUnrelated;
  const fitting = isOther || isOf(senses, lists.manySenses) ? [] : late.length > 0 ? late : related;
  const isUnsaid =
    isOf(senses, lists.manySenses) ||
    isOf(senses, lists.petSenses) ||
    senses.some((sense) => lists.newbornSenses.has(sense));
  const isNobody = isPlural || lists.indefinite.has(before) || (isUnsaid && !reading.isLoss);
  const unknown = fitting.length > 0 || isNobody || isOther ? [] : [{ relation: text, name: null }];
  const rest = { ...base, to: end, name: null, owns, unknown };
  // 'Parents' are both of them.
  const areBoth = isPlural && isOf(senses, lists.pairSenses);
  return areBoth ? { ...rest, people: fitting, which: undefined } : { ...rest, ...settled(fitting, text) };
}

/** Those of a relation who are on file without a name of their own; of whom one has one, a slip of the name. */
function unnamed(index: Index, { senses }: Relation, said: string): readonly Person[] {
  const isLone = isPartner(senses) || senses.every((sense) => lists.pairSenses.has(sense));
  const isSlip = (name: string): boolean => isLone && name.length > 3 && edits(fold(name), fold(said)) <= 1;
  return index
    .related(senses)
    .filter(
      (one) => one.name === null || sensesOf(one.name).length > 0 || (!isGone(one) && isSlip(one.name)),
    );
}

/** Leaves out whose relation another one is: of "Ana's husband", and of "the husband of Ana", Ana. */
function withoutOwners(mentions: readonly Mention[], tokens: readonly Token[]): readonly Mention[] {
  return mentions.flatMap((mention, place): readonly Mention[] => {
    const next = mentions[place + 1];
    const isOwner =
      mention.owns && next?.isThird && onlyOf(tokens.slice(mention.to, next.from), lists.adjectives);
    const before = mentions[place - 1];
    const isOf =
      before !== undefined && before.relation !== null && isOfBetween(tokens, before.to, mention.from);
    if (isOwner || isOf) return [];
    const ofNext =
      mention.relation !== null && next !== undefined && isOfBetween(tokens, mention.to, next.from);
    return [ofNext ? { ...mention, isThird: true } : mention];
  });
}

const isOfBetween = (tokens: readonly Token[], from: number, to: number): boolean => {
  const between = tokens.slice(from, to).map(({ word }) => word);
  return (
    between[0] === 'of' &&
    between.slice(1).every((word) => lists.articles.has(word) || lists.adjectives.has(word))
  );
};
