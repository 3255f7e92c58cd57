/**
 * Handles: the short name that a patient is called by on the command line. Made from goes-by or the first name, in
 * lower case; Latin letters lose their accents, other scripts keep their own letters. A title and digits at the end
 * ("Mrs.", "Jackie93") are left off. Taken ones get the last name's first letter, then a number.
 */
import type { Patient } from './records.ts';
import { fold } from './text.ts';

const longest = 32;
const titles = new Set(['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'sr', 'sra', 'mme', 'herr', 'frau']);
const unfolded: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Letters and digits of any script, then also marks, '.', '_' and '-'; lower case; 40 at most. */
export const isHandle = (text: string): boolean =>
  /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,39}$/u.test(text) && text === text.toLowerCase();

/** One word of a name as a handle has it; empty where it has no letters or digits. */
function handleWord(word: string): string {
  const lower = word.normalize('NFC').toLowerCase();
  const latin = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u.test(lower);
  const letters = latin
    ? fold(lower).replace(/[ßæœøłđðþı]/gu, (letter) => unfolded[letter] ?? letter)
    : // Marks are part of the spelling in other scripts: without them a name would be another one.
      lower;
  const kept = letters.replace(/[^\p{L}\p{M}\p{N}]/gu, '').replace(/^\p{M}+/u, '');
  const named = kept.replace(/(?<!\p{N})\p{N}+$/u, '');
  return [...(named === '' ? kept : named)].slice(0, longest).join('');
}

const wordsOf = (text: string): readonly string[] =>
  text
    .split(/[\s,/-]+/u)
    .map(handleWord)
    .filter((word) => word !== '');

function firstOf(text: string): string | undefined {
  const words = wordsOf(text);
  return words.find((word) => !titles.has(word)) ?? words[0];
}

type Named = Pick<Patient, 'name' | 'goes_by'>;

/** Makes handles that nobody has yet, remembering those it gave. `taken` tells of folded handles in use. */
export function createHandleMaker(taken: (handle: string) => boolean): (patient: Named) => string {
  const given = new Set<string>();
  const numbers = new Map<string, number>();
  // Handles are looked up folded, so two that differ only in an accent would be one.
  const isFree = (handle: string): boolean => !given.has(fold(handle)) && !taken(fold(handle));
  const take = (handle: string): string => {
    given.add(fold(handle));
    return handle;
  };
  return ({ name, goes_by }) => {
    const base = (goes_by === null ? undefined : firstOf(goes_by)) ?? firstOf(name) ?? 'patient';
    if (isFree(base)) return take(base);
    const initial = wordsOf(name)
      .slice(1)
      .at(-1)
      ?.match(/^\p{L}/u)?.[0];
    if (initial !== undefined && isFree(`${base}-${initial}`)) return take(`${base}-${initial}`);
    let number = numbers.get(base) ?? 2;
    while (!isFree(`${base}-${number}`)) number += 1;
    numbers.set(base, number + 1);
    return take(`${base}-${number}`);
  };
}

/** One handle that nobody has yet. */
export const makeHandle = (patient: Named, taken: (handle: string) => boolean): string =>
  createHandleMaker(taken)(patient);
