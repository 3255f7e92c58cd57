/** What a loss says: a death, a parting, a lost pregnancy, or another loss, which stays as it was typed. */
import { type Circle, isPartner, sensesOf, type Token, tokensOf } from './circle.ts';
import { type Mention, mentionsIn, type Unknown } from './mentions.ts';
import {
  adjectives,
  articles,
  besideDying,
  besideNoContact,
  besideParting,
  childSenses,
  howDying,
  newbornSenses,
  noContact,
  otherLosses,
  ownParting,
  parting,
  plainDying,
  pregnancyLost,
  sayingDeath,
  stillWords,
} from './people-words.ts';
import type { Person } from './records.ts';
import { fold } from './text.ts';

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

const onlyOf = (tokens: readonly Token[], ...lists: readonly ReadonlySet<string>[]): boolean =>
  tokens.every(({ word }) => /^\p{N}+$/u.test(word) || lists.some((list) => list.has(word)));

const some = (tokens: readonly Token[], list: ReadonlySet<string>): boolean =>
  tokens.some(({ word }) => list.has(word));

interface Parts {
  /** One person, named or by relation; a name with its relation behind it is one. */
  readonly mention: Mention | undefined;
  readonly mentions: readonly Mention[];
  readonly rest: readonly Token[];
}

function partsOf(text: string, circle: Circle): Parts {
  const tokens = tokensOf(text);
  const mentions = mentionsIn(text, circle, true);
  const inside = (place: number): boolean => mentions.some(({ from, to }) => place >= from && place < to);
  const rest = tokens.filter((_, place) => !inside(place));
  const [first, second, third] = mentions;
  if (first === undefined) return { mention: undefined, mentions, rest };
  // 'June, his wife'; 'June (wife)'
  const isOne =
    second !== undefined &&
    third === undefined &&
    first.relation === null &&
    second.name === null &&
    tokens.slice(first.to, second.from).every(({ word }) => articles.has(word));
  const whole = isOne ? { ...first, relation: second.relation, senses: second.senses, to: second.to } : first;
  return { mention: isOne || second === undefined ? whole : undefined, mentions, rest };
}

/** Behind a comma, colon or bracket. */
function headAndTail(text: string): readonly [string, string] {
  const end = text.search(/[,:;([]|\s[–—-]\s/u);
  const head = end < 1 ? text : text.slice(0, end).trimEnd();
  return [head, text.slice(head.length)];
}

const said = (tokens: readonly Token[]): string =>
  tokens.map(({ text, gap }, place) => (place === 0 ? '' : /^\s*$/.test(gap) ? ' ' : gap) + text).join('');

/** @param text without its date */
export function readLoss(text: string, circle: Circle): LossReading {
  const parts = partsOf(text, circle);
  const { mention } = parts;
  const [head, tail] = headAndTail(text.trim());
  const inHead = partsOf(head, circle);
  const base = {
    people: mention?.people ?? [],
    unknown: mention?.unknown[0],
    who: mention === undefined ? '' : textOf(mention),
    how: '',
    tail: '',
    isBirth: false,
    asks: undefined,
  };
  if (isParting(parts) || (inHead.mention !== undefined && isParting(inHead)))
    return { ...base, ...whoOf(parts.mention ?? inHead.mention ?? parts.mentions[0]), kind: 'parting' };
  const own = ownPartingOf(parts, circle);
  if (own !== undefined) return { ...base, people: [own], kind: 'parting' };
  const death = readDeath(inHead.mention === undefined ? parts : inHead, tail);
  const isPregnancy = pregnancyLost.test(fold(text));
  if (death !== undefined && !(isPregnancy && isNobodyYet(death.mention)))
    return {
      ...base,
      ...whoOf(death.mention),
      kind: 'death',
      how: death.how === '' ? '' : death.how + tail,
      tail: death.how !== '' || tokensOf(tail).every(({ word }) => plainDying.has(word)) ? '' : tail,
      isBirth: death.isBirth || isPregnancy,
    };
  if (isPregnancy) return { ...base, kind: 'pregnancy', isBirth: true };
  return { ...base, kind: 'other', asks: asksFor(text, parts) };
}

const textOf = ({ relation, name }: Pick<Mention, 'relation' | 'name'>): string =>
  [relation, name].filter((part) => part !== null).join(' ');

const whoOf = (mention: Mention | undefined) => ({
  people: mention?.people ?? [],
  unknown: mention?.unknown[0],
  who: mention === undefined ? '' : textOf(mention),
});

/** 'lost the baby', where no baby is on file. */
const isNobodyYet = ({ senses, people, name }: Mention): boolean =>
  people.length === 0 && name === null && senses.some((sense) => newbornSenses.has(sense));

interface Death {
  readonly mention: Mention;
  readonly how: string;
  readonly isBirth: boolean;
}

function readDeath({ mention, rest }: Parts, tail: string): Death | undefined {
  if (mention === undefined || mention.isPlural || (mention.isThird && mention.people.length === 0))
    return undefined;
  if (mention.owns || (mention.isThird && mention.name === null)) return undefined;
  const words = rest.filter(
    ({ word }) => !adjectives.has(word) && !(mention.isThird && !plainDying.has(word)),
  );
  const isSaid = some(words, sayingDeath) || some(words, howDying);
  if (words.length > 0 && !isSaid && !onlyOf(words, articles)) return undefined;
  if (!onlyOf(words, plainDying, howDying, besideDying)) return undefined;
  if (some(tokensOf(tail), otherLosses) && !isSaid) return undefined;
  const isStill = some(words, stillWords);
  const isChild = mention.senses.length === 0 || mention.senses.some((sense) => childSenses.has(sense));
  if (isStill && !isChild) return undefined;
  const isPlain = onlyOf(words, plainDying);
  const isNewborn = mention.senses.some((sense) => newbornSenses.has(sense));
  const start = rest.findIndex(({ word }) => !adjectives.has(word) && !articles.has(word));
  return { mention, how: isPlain ? '' : said(rest.slice(start)), isBirth: isStill || isNewborn };
}

function isParting({ mention, mentions, rest }: Parts): boolean {
  const [only] = mentions;
  const text = rest.map(({ word }) => word).join(' ');
  if (mentions.length === 1 && only !== undefined && noContact.test(text))
    return onlyOf(rest, besideNoContact);
  if (mention === undefined && !isWithFamily(mentions)) return false;
  const who = mention ?? only;
  if (who === undefined || who.owns || who.isThird || who.isPlural) return false;
  const isPartnerOf = isPartner(who.senses) || who.people.some(({ relation }) => isPartnerWord(relation));
  return isPartnerOf && some(rest, parting) && onlyOf(rest, parting, besideParting);
}

const isPartnerWord = (relation: string | null): boolean => isPartner(sensesOf(relation));

/** 'wife left him and the children' */
const isWithFamily = ([, ...others]: readonly Mention[]): boolean =>
  others.length > 0 && others.every(({ isPlural, name }) => isPlural && name === null);

/** 'divorced', where one partner is on file. */
function ownPartingOf({ mentions, rest }: Parts, { people }: Circle): Person | undefined {
  if (mentions.length > 0 || !some(rest, ownParting) || !onlyOf(rest, parting, besideParting))
    return undefined;
  const [only, another] = people.filter(
    ({ relation, status }) => status === 'living' && isPartnerWord(relation),
  );
  return another === undefined ? only : undefined;
}

/** Who is named, or seems to be: 'Tim', 'Tim died'. */
function asksFor(text: string, { mentions }: Parts): string | undefined {
  const [first] = mentions.filter(({ isThird, isPlural, owns }) => !isThird && !isPlural && !owns);
  if (first !== undefined) return first.name ?? first.relation ?? undefined;
  const [head] = headAndTail(text.trim());
  const [, name = '', rest = ''] =
    /^((?:[\p{Lu}\p{Lt}\p{Lo}][\p{L}\p{M}.'’-]*\s*){1,4})(.*)$/su.exec(head) ?? [];
  const isName =
    name !== '' && onlyOf(tokensOf(rest), plainDying, howDying, besideDying, parting, besideParting);
  return mentions.length === 0 && isName && !onlyOf(tokensOf(name), ownParting) ? name.trim() : undefined;
}
