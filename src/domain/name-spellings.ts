/** Words of a text, and the ways in which a patient's name may stand among them. */
import { displayName, mostNameWords } from './naming.ts';
import type { Patient } from './records.ts';
import { foldedWords } from './text.ts';

export interface Token {
  /** As written, and as it is compared. */
  readonly text: string;
  readonly word: string;
  /** What stands between the token before and this one. */
  readonly gap: string;
}

export function tokensOf(given: string): readonly Token[] {
  const text = given.normalize('NFC');
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const word = foldedWords(found).join('');
    if (word === '') continue;
    tokens.push({ text: found, word, gap: text.slice(end, index) });
    end = index + found.length;
  }
  return tokens;
}

/** A name as it may stand in a text. */
export interface Spelling {
  readonly words: readonly string[];
  /** The place of the word that a comma stands before: 'Razo, María Luisa'; 0 where there is none. */
  readonly comma: number;
  readonly patient: Patient;
}

// Written without a blank between family and given name.
const joinedName = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]{2,}$/u;

/** Words that can hardly be said without meaning the person. */
export const isFullName = (words: readonly string[]): boolean =>
  words.length > 1 || joinedName.test(words[0] ?? '');

/** Addresses are names as a whole only. */
export const namesOf = (patient: Patient): readonly string[] => [
  ...new Set([
    patient.name,
    displayName(patient),
    ...patient.aliases.filter((alias) => !alias.includes('@')),
    ...(patient.goes_by === null ? [] : [patient.goes_by]),
  ]),
];

export function spellingsOf(patient: Patient): readonly Spelling[] {
  return namesOf(patient).flatMap((name): readonly Spelling[] => {
    const words = foldedWords(name);
    if (words.length === 0) return [];
    const turned = words
      .slice(1, mostNameWords)
      .map((_, place) => place + 1)
      .map((place) => ({
        words: [...words.slice(place), ...words.slice(0, place)],
        comma: words.length - place,
        patient,
      }));
    return [{ words, comma: 0, patient }, ...turned];
  });
}

// Words that go with a visit, and with a name; others with a capital may be more of the name.
const usualWords = new Set(
  `a an and appointment appt at call cancelled canceled check checkup clinic confirmed consult consultation contact
   control exam first follow followup for from home in initial lab labs last letter meeting message min minutes mr mrs
   ms miss mx dr prof sr sra new next on online pa patient phone pt re rescheduled reserved result results return review
   routine see session tel telehealth tentative test tests the to today up urgent video video visit visits with yearly annual
   am pm mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday`.split(/\s+/),
);

/** Where in a text a name stands, and whether what is beside it may belong to it. */
export function placeOf(
  { words, comma }: Spelling,
  tokens: readonly Token[],
  from: number,
): { readonly isPart: boolean } | undefined {
  const run = tokens.slice(from, from + words.length);
  const fits =
    run.length === words.length &&
    run.every(
      ({ word, gap }, place) =>
        word === words[place] && (place === 0 || (place === comma ? /^\s*,\s*$/u.test(gap) : isWithin(gap))),
    );
  if (!fits) return undefined;
  const isShouted = !tokens.some(({ text }) => /\p{Ll}/u.test(text));
  const [first] = run;
  const before = tokens[from - 1];
  const after = tokens[from + run.length];
  const isPart =
    (before !== undefined && first !== undefined && mayBeName(before, first.gap, isShouted)) ||
    (after !== undefined && mayBeName(after, after.gap, isShouted));
  return { isPart };
}

const isWithin = (gap: string): boolean => /^[\s.'’‑-]+$/u.test(gap);

/** Without what goes with a visit: 'Mrs Razo', 'Razo 10:20'. */
export const bareTokens = (tokens: readonly Token[]): readonly Token[] =>
  tokens.filter(({ word }) => !usualWords.has(word) && !/^\p{N}+$/u.test(word));

/** A word right beside a name that may belong to it; in a text without small letters, any word may. */
function mayBeName({ text, word }: Token, gap: string, isShouted: boolean): boolean {
  if (!/^[\s.'’‑-]*$/u.test(gap) || usualWords.has(word)) return false;
  return isShouted ? /^\p{L}/u.test(text) : /^(?:[\p{Lu}\p{Lt}][\p{Ll}\p{M}]|\p{Lo})/u.test(text);
}
