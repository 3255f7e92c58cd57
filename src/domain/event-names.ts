/**
 * Finds the patient whom a calendar event names. Trap: a full name next to another capitalised word may be part of
 * a longer name. A partial name is a doubt for a person to settle.
 */
import { type Token, tokensOf } from './circle.ts';
import type { EventText } from './event-rules.ts';
import { namesOf as allNames, displayName, joinedName, mostNameWords } from './patient-names.ts';
import type { Patient } from './records.ts';
import { fold, foldedWords, groupBy, isFamilyFirst, onlyOne } from './text.ts';

interface Spelling {
  readonly words: readonly string[];
  /** Index of the word after the comma in 'Razo, María Luisa'; 0 without a comma. */
  readonly comma: number;
  readonly patient: Patient;
}

const isFullName = (words: readonly string[]): boolean =>
  words.length > 1 || [...(words[0] ?? '')].filter(isFamilyFirst).length > 1;

/** Without e-mail addresses, which match only as a whole. */
const namesOf = (patient: Patient): readonly string[] => {
  const isAddress = (name: string): boolean => name.includes('@') && name !== patient.name;
  const names = [displayName(patient), ...allNames(patient)].filter((name) => !isAddress(name));
  return [...new Set(names.flatMap((name) => [name, joinedName(name)]))];
};

function spellingsOf(patient: Patient): readonly Spelling[] {
  return namesOf(patient).flatMap((name): readonly Spelling[] => {
    const words = foldedWords(name);
    if (words.length === 0) return [];
    // With a comma, or without one where the surname comes first.
    const turned = words.slice(1, mostNameWords).flatMap((_, at) => {
      const place = at + 1;
      const spelling = { words: [...words.slice(place), ...words.slice(0, place)], patient };
      return [
        { ...spelling, comma: words.length - place },
        { ...spelling, comma: 0 },
      ];
    });
    return [{ words, comma: 0, patient }, ...turned];
  });
}

// Words common around a visit or a name. Any other capitalised word may belong to the name.
const usualWords = new Set(
  `a an and appointment appt at call cancelled canceled check checkup clinic confirmed consult consultation contact
   control exam first follow followup for from home in initial lab labs last letter meeting message min minutes mr mrs
   ms miss mx dr prof sr sra new next on online pa patient phone pt re rescheduled reserved result results return review
   routine see session tel telehealth tentative test tests the to today up urgent video video visit visits with yearly annual
   am pm mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday`.split(/\s+/),
);

/** Whether the name starts at token `from`, and whether a neighbouring word may belong to it. */
function placeOf(
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

/** In an all-capitals text (`isShouted`) any neighbouring word may belong to the name. */
function mayBeName({ text, word }: Token, gap: string, isShouted: boolean): boolean {
  if (!/^[\s.'’‑-]*$/u.test(gap) || usualWords.has(word)) return false;
  return isShouted ? /^\p{L}/u.test(text) : /^(?:[\p{Lu}\p{Lt}][\p{Ll}\p{M}]|\p{Lo})/u.test(text);
}

export type EventMatch =
  | { readonly kind: 'known'; readonly patient: Patient }
  | { readonly kind: 'doubt'; readonly candidates: readonly Patient[]; readonly why: string }
  | { readonly kind: 'none' };

interface Found extends Spelling {
  readonly from: number;
  readonly isPart: boolean;
}

/** Only the first words of a text are searched; a description can be a whole letter. */
const mostWords = 300;

/** @returns finds whom texts name, the first group that names anybody deciding */
export function nameIndex(patients: readonly Patient[]) {
  const exact = groupBy(patients, (patient) => {
    const { id, ref, handle, identifiers, aliases } = patient;
    const marks = [id, ref, handle, ...identifiers.map(({ value }) => value), ...aliases];
    return [...marks.map(fold), ...spellingsOf(patient).map(keyOf)];
  });
  const fullNames = patients.flatMap(spellingsOf).filter(({ words }) => isFullName(words));
  const byFirst = groupBy(fullNames, ({ words }) => words.slice(0, 1));
  const byWord = groupBy(patients, (patient) => namesOf(patient).flatMap(foldedWords));
  const byMark = groupBy(patients, ({ ref, handle }) => [ref, handle]);
  const called = groupBy(patients, ({ name, handle, goes_by, aliases }) => {
    const calls = [handle, goes_by ?? '', ...aliases].map(foldedWords).filter(({ length }) => length === 1);
    const words = foldedWords(name);
    return [...calls.flat(), ...words.slice(0, 1), ...words.slice(-1)];
  });

  /** Handles and refs, as the whole text or in brackets; case counts. */
  const marked = (text: string): ReadonlySet<Patient> => {
    const marks = [text, ...[...text.matchAll(/[([]([^()[\]]+)[)\]]/g)].flatMap(([, mark]) => mark ?? [])];
    return new Set(marks.flatMap((mark) => byMark.get(mark.trim()) ?? []));
  };

  const within = (tokens: readonly Token[]): EventMatch => {
    const found = tokens.flatMap((token, from) =>
      (byFirst.get(token.word) ?? []).flatMap((spelling): readonly Found[] => {
        const place = placeOf(spelling, tokens, from);
        return place === undefined ? [] : [{ ...spelling, ...place, from }];
      }),
    );
    const longest = found.filter(
      (one) =>
        !found.some(
          (other) =>
            other.words.length > one.words.length &&
            other.from <= one.from &&
            other.from + other.words.length >= one.from + one.words.length,
        ),
    );
    const sure = longest.filter(({ isPart }) => !isPart);
    const named = new Set((sure.length > 0 ? sure : longest).map(({ patient }) => patient));
    if (named.size === 0) return { kind: 'none' };
    if (sure.length === 0) return doubt(named, 'the name may be part of a longer one');
    return settle(named, 'several patients are named');
  };

  const goingBy = (tokens: readonly Token[]): readonly Patient[] => {
    const found = tokens.flatMap(({ text, word }) =>
      /^\p{Ll}/u.test(text)
        ? []
        : (called.get(word) ?? []).filter(({ goes_by, aliases }) =>
            [goes_by ?? '', ...aliases].some((name) => foldedWords(name).join(' ') === word),
          ),
    );
    return [...new Set(found)];
  };

  /** Partial names never match, they are only doubts. */
  const partly = (tokens: readonly Token[]): EventMatch => {
    const counts = new Map<Patient, number>();
    for (const word of new Set(tokens.map((token) => token.word)))
      for (const patient of byWord.get(word) ?? []) counts.set(patient, (counts.get(patient) ?? 0) + 1);
    const several = [...counts].filter(([, count]) => count > 1).map(([patient]) => patient);
    if (several.length > 0) return doubt(several, 'only a part of the name');
    const only = onlyOne(tokens);
    const some = (only ? called.get(only.word) : goingBy(tokens)) ?? [];
    return some.length === 0 ? { kind: 'none' } : doubt(some, 'only one word of the name');
  };

  const matchOne = ({ text, as }: EventText): EventMatch => {
    const match = matchAs(text, as);
    const joined = joinedName(text);
    return match.kind === 'none' && joined !== text ? matchAs(joined, as) : match;
  };

  const matchAs = (text: string, as: EventText['as']): EventMatch => {
    const tokens = tokensOf(text.normalize('NFC')).slice(0, mostWords);
    // A single word may be a colleague's first name.
    const isMeant = as === 'name' || /[\d@]/.test(text) || isFullName(tokens.map(({ word }) => word));
    const whole = isMeant ? (exact.get(fold(text)) ?? exact.get(writtenKey(tokens))) : undefined;
    if (whole !== undefined) return settle(whole, 'several patients are called so');
    if (as !== 'prose') return partly(tokens);
    const marks = marked(text);
    if (marks.size > 0) return settle(marks, 'several patients are named');
    const match = within(tokens);
    if (match.kind !== 'none') return match;
    // An initial says no more than the word beside it.
    return partly(tokens.filter(({ word }) => !usualWords.has(word) && !/^(?:\p{N}+|[a-z])$/u.test(word)));
  };

  return (groups: readonly (readonly EventText[])[]): EventMatch => {
    for (const group of groups) {
      const matches = group.map(matchOne);
      const known = new Set(matches.flatMap((one) => (one.kind === 'known' ? [one.patient] : [])));
      if (known.size > 0) return oneOf([...known], 'it names several patients');
      const first = matches.find((one) => one.kind === 'doubt');
      if (first !== undefined) return first;
    }
    return { kind: 'none' };
  };
}

const keyOf = ({ words, comma }: Pick<Spelling, 'words' | 'comma'>): string => `${words.join(' ')}\n${comma}`;

function writtenKey(tokens: readonly Token[]): string {
  const comma = tokens.findIndex(({ gap }) => /,/u.test(gap));
  return keyOf({ words: tokens.map(({ word }) => word), comma: Math.max(0, comma) });
}

export const doubt = (candidates: Iterable<Patient>, why: string): EventMatch => ({
  kind: 'doubt',
  candidates: [...candidates],
  why,
});

/** Of namesakes, the one who is alive. */
function settle(patients: Iterable<Patient>, why: string): EventMatch {
  const all = [...patients];
  const living = all.filter(({ status }) => status !== 'died');
  return oneOf(living.length > 0 ? living : all, why);
}

function oneOf(candidates: readonly Patient[], why: string): EventMatch {
  const patient = onlyOne(candidates);
  return patient ? { kind: 'known', patient } : doubt(candidates, why);
}
