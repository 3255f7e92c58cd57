/** What a loss says: a death, a parting, a lost pregnancy, or another loss, which stays as it was typed. */
import { type Circle, isPartner, onlyOf, said, sensesOf, type Token, tokensOf } from './circle.ts';
import { type Mention, mentionsIn, type Unknown } from './mentions.ts';
import { lists, noContact, pregnancyLost, putDown, type WordSet } from './people-words.ts';
import type { Person } from './records.ts';
import { fold, onlyOne, present } from './text.ts';

export interface LossReading {
  readonly kind: 'death' | 'parting' | 'pregnancy' | 'other';
  /** Whom it is about, of those on file: several where it fits more than one. */
  readonly people: readonly Person[];
  /** Who is not on file; capture adds them. */
  readonly unknown: Unknown | undefined;
  /** As typed, capitalised where a line begins with it: 'wife June'. */
  readonly who: string;
  /** Of a death: the words that say how, as typed, without whom ('stillborn at 38 weeks'); '' where it says no more than that. */
  readonly how: string;
  /** Of a death that is told plainly, what stands behind a comma, colon or bracket: ', after a fall'. */
  readonly tail: string;
  /** A birth or a pregnancy was lost with it. */
  readonly isBirth: boolean;
  /** It names somebody and is neither death nor parting: to be asked about, by this name. */
  readonly asks: string | undefined;
}

const some = (tokens: readonly Token[], list: WordSet): boolean => tokens.some(({ word }) => list.has(word));

type Parts = ReturnType<typeof partsOf>;

function partsOf(text: string, circle: Circle) {
  const tokens = tokensOf(text);
  const mentions = mentionsIn(text, circle, true);
  const inside = (place: number): boolean => mentions.some(({ from, to }) => place >= from && place < to);
  const [first, second, third] = mentions;
  // 'June, his wife'; 'June (wife)'
  const isOne =
    first?.relation === null &&
    second?.name === null &&
    third === undefined &&
    onlyOf(tokens.slice(first.to, second.from), lists.articles);
  const whole = isOne ? { ...first, relation: second.relation, senses: second.senses, to: second.to } : first;
  const stranger = first === undefined || second !== undefined ? undefined : nameBefore(first, tokens);
  // 'Anna passed away with all of her children around her'
  const isFirst = isOne || second === undefined || isDying(tokens.slice(first?.to));
  const mention = stranger ?? (isFirst ? whole : undefined);
  const isRest = (place: number): boolean =>
    mention === undefined ? !inside(place) : place < mention.from || place >= mention.to;
  return {
    /** One person, named or by relation; a name with its relation behind it is one. */
    mention,
    mentions,
    rest: tokens.filter((_, place) => isRest(place)),
    /** Of the rest, what stands behind the mention. */
    behind: tokens.filter((_, place) => isRest(place) && place >= (mention?.to ?? 0)),
  };
}

/** 'Jo, her partner', where no Jo is on file. */
function nameBefore(mention: Mention, tokens: readonly Token[]): Mention | undefined {
  const before = tokens.slice(0, mention.from);
  const words = before.filter(({ word }, place) => !(lists.articles.has(word) && place > 0));
  const isApart = tokens.slice(words.length, mention.from + 1).some(({ gap }) => /[,(]/.test(gap));
  const isName = words.every(({ text }) => /^[\p{Lu}\p{Lt}\p{Lo}]/u.test(text)) && words.length < 5;
  const isOther = mention.name !== null || mention.isThird || mention.owns || mention.isPlural;
  if (isOther || words.length === 0 || !isName || !isApart) return undefined;
  const name = said(words);
  return {
    ...mention,
    from: 0,
    name,
    people: [],
    which: undefined,
    unknown: [{ relation: mention.relation, name }],
  };
}

/** Behind a comma, colon or bracket. */
function headAndTail(text: string): readonly [string, string] {
  const end = text.search(/[,:;([]|\s[–—-]\s/u);
  const head = end < 1 ? text : text.slice(0, end).trimEnd();
  return [head, text.slice(head.length)];
}

/** What an answer wrote: 'died: Tim', 'apart: son Tim (from the choir)'. */
function readAnswered(text: string, circle: Circle): LossReading | undefined {
  const [, fate, rest = ''] = /^(died|apart): (.+)$/su.exec(text) ?? [];
  if (fate === undefined) return undefined;
  const [name, tail] = headAndTail(rest);
  const [mention] = mentionsIn(name, circle, true);
  const who =
    mention === undefined ? { people: [], unknown: { relation: null, name }, who: name } : whoOf(mention);
  return {
    ...who,
    kind: fate === 'died' ? 'death' : 'parting',
    how: '',
    tail,
    isBirth: false,
    asks: undefined,
  };
}

/** What is to be known of a loss that names somebody and tells neither a death nor a parting. */
export function lossAnswers(text: string, circle: Circle) {
  const { asks } = readLoss(text, circle);
  if (asks === undefined) return undefined;
  const { mention, rest } = partsOf(text, circle);
  const who = mention === undefined ? asks : textOf(mention);
  const more = mention === undefined ? '' : said(rest);
  const answer = (fate: string): string => `${fate}: ${who}${more === '' ? '' : ` (${more})`}`;
  return { asks, died: answer('died'), apart: answer('apart') };
}

/** @param typed without its date; 'mum Bridie d. 3/9' says that she died */
export function readLoss(typed: string, circle: Circle): LossReading {
  const text = typed.replace(/(?<=\p{L},? )d\.?$/u, 'died');
  const answered = readAnswered(text.trim(), circle);
  if (answered !== undefined) return answered;
  const parts = partsOf(text, circle);
  const [head, tail] = headAndTail(text.trim());
  const inHead = partsOf(head, circle);
  const base = { ...whoOf(parts.mention), how: '', tail: '', isBirth: false, asks: undefined };
  if (isParting(parts) || (inHead.mention !== undefined && isParting(inHead)))
    return { ...base, ...whoOf(parts.mention ?? inHead.mention ?? parts.mentions[0]), kind: 'parting' };
  const own = ownPartingOf(parts, circle);
  if (own !== undefined) return { ...base, people: [own], kind: 'parting' };
  const death = readDeath(inHead.mention === undefined ? parts : inHead, tail) ?? readWidowed(parts, circle);
  const isPregnancy = pregnancyLost.test(fold(text));
  if (death !== undefined && !(isPregnancy && isNobodyYet(death.mention)))
    return {
      ...base,
      ...whoOf(death.mention),
      kind: 'death',
      how: death.how === '' ? howBehind(inHead, tail) : death.how + tail,
      tail: death.how !== '' || tokensOf(tail).every(({ word }) => lists.plainDying.has(word)) ? '' : tail,
      isBirth: death.isBirth || isPregnancy,
    };
  if (isPregnancy) {
    // Also whose child it was: "Ana's baby".
    const named = mentionsIn(text.replace(/['’]s\b/g, ''), circle, true);
    const people = named.filter(({ senses }) => !isNewborn(senses)).flatMap((one) => one.people);
    return { ...base, people, unknown: undefined, kind: 'pregnancy', isBirth: true };
  }
  return { ...base, kind: 'other', asks: asksFor(text, parts) };
}

/** 'brother Ben, suicide': said behind the comma alone; of "suddenly at home" it can be said that they died. */
function howBehind({ rest }: Parts, tail: string): string {
  const isSaid = tokensOf(tail).some(({ word }) => lists.howDying.has(word) && !word.endsWith('ly'));
  return isSaid && saysHow(tail) && !some(rest, lists.sayingDeath)
    ? tail.replace(/^[\s\p{P}]+|[)\]]$/gu, '')
    : '';
}

const saysHow = (tail: string): boolean => {
  const words = tokensOf(tail);
  return some(words, lists.howDying) && onlyOf(words, lists.plainDying, lists.howDying, lists.besideDying);
};

const textOf = ({ relation, name }: Pick<Mention, 'relation' | 'name'>): string =>
  present(relation, name).join(' ');

const isNewborn = (senses: readonly string[]): boolean =>
  senses.some((sense) => lists.newbornSenses.has(sense));

/** Whose relation it is, or what somebody has, is nobody who is added. */
function whoOf(mention: Mention | undefined) {
  if (mention === undefined || (mention.isThird && mention.name === null))
    return { people: [], unknown: undefined, who: '' };
  const { people, owns, unknown } = mention;
  return { people, unknown: owns ? undefined : unknown[0], who: textOf(mention) };
}

/** 'lost the baby', where no baby is on file. */
const isNobodyYet = ({ senses, people, name }: Mention): boolean =>
  people.length === 0 && name === null && isNewborn(senses);

interface Death {
  readonly mention: Mention;
  readonly how: string;
  readonly isBirth: boolean;
}

/** 'widowed': of the only partner on file, or of one who is not. */
function readWidowed({ mentions, rest }: Parts, circle: Circle): Death | undefined {
  const isIt = some(rest, lists.widowed) && onlyOf(rest, lists.widowed, lists.plainDying, lists.besideDying);
  const [mention] = mentions.length > 0 || !isIt ? [] : mentionsIn('spouse', circle, true);
  return mention && { mention, how: said(rest), isBirth: false };
}

/** 'Tom died at home with us all around him' */
function isDying([first, second]: readonly Token[]): boolean {
  if (first === undefined || !lists.deathVerbs.has(first.word)) return false;
  return second === undefined || lists.deathTails.has(second.word) || /^\p{N}/u.test(second.word);
}

function readDeath({ mention, rest, behind }: Parts, tail: string): Death | undefined {
  if (mention === undefined || mention.isPlural) return undefined;
  if (mention.isThird && (mention.name === null || mention.people.length === 0)) return undefined;
  const own = mention.isThird ? behind : rest;
  const words = own.filter(({ word }) => !lists.adjectives.has(word));
  const isOwned = onlyOf(words, lists.plainDying, lists.ownedDeath) && some(words, lists.ownedDeath);
  if (mention.owns) return isOwned ? { mention, how: '', isBirth: false } : undefined;
  const isPet = mention.senses.some((sense) => lists.petSenses.has(sense));
  const isPut = isPet && putDown.test(words.map(({ word }) => word).join(' '));
  const hows = words.filter(({ word }) => lists.howDying.has(word));
  // 'Tim had a car accident', 'June is in hospice': they may live.
  const mayLive = some(words, lists.surviving) && onlyOf(hows, lists.survivable);
  const isSaid = some(words, lists.sayingDeath) || (hows.length > 0 && !mayLive) || isPut;
  const verbs = behind.slice(behind.findIndex(({ word }) => !lists.auxiliaries.has(word)));
  const isTold =
    isPut || isDying(verbs) || onlyOf(words, lists.plainDying, lists.howDying, lists.besideDying);
  const isAged = onlyOf(words, lists.articles, lists.agedWords);
  if ((!isSaid && !isAged) || !isTold) return undefined;
  if (some(tokensOf(tail), lists.otherLosses) && !isSaid && !saysHow(tail)) return undefined;
  const isStill = some(words, lists.stillWords);
  const isChild = mention.senses.length === 0 || mention.senses.some((sense) => lists.childSenses.has(sense));
  if (isStill && !isChild) return undefined;
  const start = own.findIndex(({ word }) => !lists.adjectives.has(word) && !lists.articles.has(word));
  const how =
    onlyOf(words, lists.plainDying) || (isAged && !isSaid) ? '' : said(own.slice(start)).replace(/ of$/, '');
  return { mention, how, isBirth: isStill || isNewborn(mention.senses) };
}

function isParting({ mention, mentions, rest }: Parts): boolean {
  const [only] = mentions;
  const text = rest.map(({ word }) => word).join(' ');
  if (mentions.length === 1 && noContact.test(text)) return true;
  if (mention === undefined && !isWithFamily(mentions)) return false;
  const who = mention ?? only;
  if (who === undefined || who.owns || who.isThird || who.isPlural) return false;
  const isPartnerOf = isPartner(who.senses) || who.people.some(({ relation }) => isPartnerWord(relation));
  return isPartnerOf && some(rest, lists.parting) && onlyOf(rest, lists.parting, lists.besideParting);
}

const isPartnerWord = (relation: string | null): boolean => isPartner(sensesOf(relation));

/** 'wife left him and the children' */
const isWithFamily = ([, ...others]: readonly Mention[]): boolean =>
  others.length > 0 && others.every(({ isPlural, name }) => isPlural && name === null);

/** 'divorced', where one partner is on file. */
function ownPartingOf({ mentions, rest }: Parts, { people }: Circle): Person | undefined {
  if (
    mentions.length > 0 ||
    !some(rest, lists.ownParting) ||
    !onlyOf(rest, lists.parting, lists.besideParting)
  )
    return undefined;
  const partners = people.filter(({ relation }) => isPartnerWord(relation));
  const of = (is: Person['status']): readonly Person[] => partners.filter(({ status }) => status === is);
  // Who is apart by this very loss is so already.
  return onlyOne(of('living').length > 0 ? of('living') : of('apart'));
}

/** Who is named, or seems to be: 'Tim', 'Tim from the choir died', 'Mrs Malone next door'. */
function asksFor(text: string, { mentions }: Parts): string | undefined {
  const [first] = mentions.filter(({ isThird, isPlural, owns }) => !isThird && !isPlural && !owns);
  if (first !== undefined) return first.name ?? first.relation ?? undefined;
  const [head] = headAndTail(text.trim());
  const tokens = tokensOf(head);
  const end = tokens.findIndex(({ text: word }) => !/^[\p{Lu}\p{Lt}\p{Lo}]/u.test(word));
  const name = tokens.slice(0, end === -1 ? tokens.length : end);
  const rest = tokens.slice(name.length);
  const [title] = name;
  const isSaid = some(rest, lists.sayingDeath) || some(rest, lists.howDying) || rest.length === 0;
  const isName =
    name.length > 0 && (isSaid || lists.titles.has(title?.word ?? '')) && !some(name, lists.ownParting);
  return mentions.length === 0 && isName ? said(name) : undefined;
}
