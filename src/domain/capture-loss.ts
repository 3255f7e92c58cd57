/**
 * Who a loss is about: 'wife June' is a relation and a name, 'June' a name, 'his mother' a relation. What reads
 * otherwise gives neither, and stays a text. Names are taken only where they are written as names.
 */
import { fold } from './text.ts';

export interface LossWords {
  /** As typed, lower case: 'wife', 'mother-in-law', 'best friend'. */
  readonly relation: string | null;
  readonly name: string | null;
}

const relations = new Set(
  `wife husband spouse partner fiance fiancee girlfriend boyfriend ex
   mother mom mum mam mama mommy mummy father dad papa pa daddy parent
   son daughter child baby twin brother sister sibling
   grandmother grandma granny gran nana nan grandfather grandpa grandad granddad grandson granddaughter grandchild
   aunt auntie uncle cousin niece nephew godmother godfather godson goddaughter
   friend neighbour neighbor roommate flatmate colleague carer caregiver
   dog cat horse pet parrot rabbit`
    .trim()
    .split(/\s+/),
);

const particles = new Set([
  'de',
  'la',
  'del',
  'da',
  'dos',
  'di',
  'van',
  'von',
  'der',
  'den',
  'al',
  'bin',
  'y',
]);

const possessive = /^(?:his|her|their|my|the)$/i;

const isRelation = (word: string): boolean => {
  const core = fold(word)
    .replace(/^(?:step|ex|half|great|foster)-?(?=\p{L}{3})/u, '')
    .replace(/-in-law$/, '');
  return relations.has(core) || relations.has(fold(word));
};

// Scripts without capitals write every word as a name may be written.
const isNameWord = (word: string): boolean =>
  /^[\p{Lu}\p{Lt}\p{Lo}][\p{L}\p{M}.'’-]*$/u.test(word) && !/['’]s$/.test(word);

/** The run of name words that a list begins with, particles between them included. */
function leadingName(words: readonly string[]): string | null {
  let end = 0;
  for (const [index, word] of words.entries()) {
    if (isNameWord(word) && !isRelation(word)) end = index + 1;
    else if (!(index > 0 && particles.has(word))) break;
  }
  return end === 0 || end > 5 ? null : words.slice(0, end).join(' ');
}

/** Reads the words of a loss, its date taken off already. */
export function readLoss(text: string): LossWords {
  const words = text
    .replace(/[(),]/g, ' ')
    .trim()
    .split(/\s+/u)
    .filter((word, index) => !(index === 0 && possessive.test(word)))
    .filter((word, index) => !(index === 0 && /^late$/i.test(word)));
  const [first = '', second = ''] = words;
  if (/^(?:best|old|close)$/i.test(first) && isRelation(second))
    return { relation: `${first} ${second}`.toLowerCase(), name: leadingName(words.slice(2)) };
  if (isRelation(first)) return { relation: first.toLowerCase(), name: leadingName(words.slice(1)) };
  const name = leadingName(words);
  const after = words.slice(name?.split(' ').length ?? 0).filter((word) => !possessive.test(word));
  const [relation] = after;
  if (name !== null && after.length === 1 && relation !== undefined && isRelation(relation))
    return { relation: relation.toLowerCase(), name };
  // A name alone: nothing else may stand beside it, or it would be a guess.
  return { relation: null, name: after.length === 0 ? name : null };
}
