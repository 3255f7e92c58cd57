/** How a patient is called and found, and handles. */
import { edits } from '../dates/civil.ts';
import { isNameWord, namesInUse } from './circle.ts';
import { lists } from './people-words.ts';
import type { Patient, Person } from './records.ts';
import {
  compareText,
  fold,
  foldedWords,
  groupBy,
  hasVisibleLetter,
  isFamilyFirst,
  looksLike,
  pick,
  present,
} from './text.ts';

export const mostNameWords = 30;

/** Somebody of whom only the relation is known is called by that. */
export const personName = ({ name, relation }: Pick<Person, 'name' | 'relation'>): string =>
  name ?? relation ?? 'somebody';

/** 'June' of 'Mrs June Beer'. */
export const personFirstName = (person: Pick<Person, 'name' | 'relation'>): string =>
  person.name?.split(/\s+/u).find(isNameWord) ?? personName(person);

/** The name to use, or the first of the whole name. */
export const callingName = ({ name, goes_by }: Pick<Patient, 'name' | 'goes_by'>): string =>
  goes_by ?? personFirstName({ name, relation: null });

const generation = /^(?:jr|sr|jnr|snr|ii|iii|iv)\.?$/i;

/** Before a comma, else the last word; the first of a name in Chinese, Japanese or Korean letters. */
export function surnameOf(name: string): string {
  const [before = '', after] = name.split(',', 2);
  if (after !== undefined && !generation.test(after.trim())) return before.trim();
  const words = before.trim().split(/\s+/u);
  if (isFamilyFirst(name)) return words[0] ?? name;
  return words.findLast((word, at) => at === 0 || !generation.test(word)) ?? name;
}

export function displayName(patient: Pick<Patient, 'name' | 'goes_by'>): string {
  const { name, goes_by } = patient;
  if (goes_by === null) return name;
  const surname = surnameOf(name);
  // Of 'Müller-Lüdenscheidt', 'Mr Müller' says enough.
  const said = foldedWords(goes_by);
  return foldedWords(surname).some((word) => said.includes(word)) || !/\s/u.test(name.trim())
    ? goes_by
    : `${goes_by} ${surname}`;
}

const apostrophe = /(?<=\S)['’‘ʼʻ`´′＇](?=\S)/g;
const particles =
  'mc|mac|o|d|l|de|del|della|di|da|dos|du|la|le|van|von|der|den|ten|ter|el|al|abu|bin|ben|ibn|st|fitz';
const particle = new RegExp(`(?<!\\S)(${particles})\\s+(?=\\S)`, 'gi');
const isParticle = new Set(particles.split('|'));

/** Of two words the first is one, or there are more: most names need no search. */
function mayHaveParticle(name: string): boolean {
  const at = name.indexOf(' ');
  return at > 0 && (name.indexOf(' ', at + 1) > 0 || isParticle.has(name.slice(0, at).toLowerCase()));
}

/** A name with the parts as one that some write apart: 'ONeil' for O'Neil, 'McDonald' for Mc Donald. */
export function joinedName(name: string): string {
  const whole = /['’‘ʼʻ`´′＇]/.test(name) ? name.replace(apostrophe, '') : name;
  return mayHaveParticle(whole) ? whole.replace(particle, '$1') : whole;
}

/** The words that a name is found by: its own, and its parts as one. */
export function nameWords(name: string): readonly string[] {
  const joined = joinedName(name);
  const own = foldedWords(name);
  return joined === name ? own : [...new Set([...own, ...foldedWords(joined)])];
}

/** The same for names that differ in case, accents, punctuation and parts that are written apart. */
export const nameKey = (name: string): string => foldedWords(joinedName(name)).join(' ') || name.trim();

/** The same for names that look alike, whatever letters they are spelled with. */
export const lookKey = (name: string): string => nameKey(looksLike(name));

type Listed = Pick<Patient, 'id' | 'ref' | 'name' | 'goes_by' | 'handle'>;

/** A patient as documents name one. */
export const patientDocument = (patient: Listed): Listed =>
  pick(patient, 'id', 'ref', 'name', 'goes_by', 'handle');

/** A patient's record as documents have it: nothing says that they are discreet, or how they were called. */
export const patientFields = ({ quiet: _, former_names: __, ...fields }: Patient) => fields;

/** By id: the handle of those in a list whose names look alike; the ref where their handles do too. */
export function marksApart(patients: Iterable<Listed>): ReadonlyMap<string, string> {
  const groups = groupBy(patients, (patient) => [lookKey(displayName(patient))]);
  return new Map(
    [...groups.values()].flatMap((alike): readonly (readonly [string, string])[] => {
      const areApart = new Set(alike.map(({ handle }) => lookKey(handle))).size === alike.length;
      return alike.length === 1
        ? []
        : alike.map(({ id, handle, ref }) => [id, areApart ? handle : ref] as const);
    }),
  );
}

const isCalled = (patient: Patient, query: string): boolean =>
  present(patient.handle, patient.goes_by, ...patient.aliases, ...patient.former_names).some(
    (name) => nameKey(name) === nameKey(query),
  );

/** What a patient is called, or once was. */
export const namesOf = (patient: Patient): readonly string[] => [
  ...namesInUse(patient),
  ...patient.former_names,
];

/** What a patient is looked for by: name, goes-by, aliases and handle. */
export const wordsFor = (patient: Patient): readonly string[] =>
  [...namesOf(patient), patient.handle].flatMap(nameWords);

export function isNameOf(text: string, patient: Patient): boolean {
  const called = wordsFor(patient);
  return [text, joinedName(text)]
    .map(foldedWords)
    .some((words) => words.length > 0 && words.every((word) => called.includes(word)));
}

/** Exactly called so before others, whole words before the beginning of a handle, active before the rest. */
export function narrow(query: string, candidates: readonly Patient[]): readonly Patient[] {
  const isFirst = (holds: (patient: Patient) => boolean, all: readonly Patient[]): readonly Patient[] => {
    const some = all.filter(holds);
    return some.length > 0 ? some : all;
  };
  const words = foldedWords(query);
  const called = isFirst((patient) => isCalled(patient, query), candidates);
  const isBegun = (patient: Patient): boolean => {
    const own = namesOf(patient).flatMap(foldedWords);
    return words.every((word) => own.some((one) => one.startsWith(word)));
  };
  const isWhole = called.some((patient) => isNameOf(query, patient));
  const named = called.filter((patient) => !isWhole || isNameOf(query, patient) || isBegun(patient));
  return isFirst(({ status }) => status === 'active', named);
}

const mistyped = 0.4;

/** Share of the word that would be mistyped; swapped letters are one slip. */
const share = (word: string, name: string): number =>
  Math.abs(word.length - name.length) > mistyped * word.length
    ? 1
    : word.length === 2 && name === [...word].reverse().join('')
      ? 0.4
      : edits(word, name) / word.length;

export function nearNames(query: string, patients: readonly Patient[]): readonly Patient[] {
  const words = foldedWords(query);
  const far = (patient: Patient): number => {
    const own = wordsFor(patient).filter((name) => !lists.titles.has(name));
    return Math.max(...words.map((word) => Math.min(...own.map((name) => share(word, name)))));
  };
  return words.length === 0 || words.length > mostNameWords
    ? []
    : patients
        .map((patient) => ({ patient, away: far(patient) }))
        .filter(({ away }) => away <= mistyped)
        .sort(
          (left, right) => left.away - right.away || compareText(left.patient.handle, right.patient.handle),
        )
        .slice(0, 5)
        .map(({ patient }) => patient);
}

/** Within two letters, and at most half of either word. */
export function nearestWord(word: string, choices: readonly string[]): string | undefined {
  const [near] = choices
    .map((choice) => ({ choice, away: edits(choice, word) }))
    .sort((left, right) => left.away - right.away);
  return near !== undefined && near.away <= Math.min(2, Math.max(near.choice.length, word.length) / 2)
    ? near.choice
    : undefined;
}

interface Named {
  readonly path: string;
  readonly fields: { readonly name?: string | null };
}

/** Where an entry of an import has a name of which nothing can be seen: whom nobody could find in a list is not taken in. */
export const unseenNames = (given: Named & { readonly people: readonly Named[] }): readonly string[] =>
  [given, ...given.people].flatMap(({ path, fields: { name } }) =>
    name == null || hasVisibleLetter(name) ? [] : [`${path}.name`],
  );

const longest = 32;
function handleWord(word: string): string {
  const typed = word.normalize('NFC').toLowerCase();
  // Latin letters with others between them that are drawn alike: nobody could tell what to type.
  const lower = /\p{Script=Latin}/u.test(typed) ? looksLike(typed) : typed;
  const latin = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u.test(lower);
  const letters = latin
    ? fold(lower)
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
  return words.find((word) => !lists.titles.has(word)) ?? words[0];
}

type WithName = Pick<Patient, 'name' | 'goes_by'>;

/** Remembers the handles it made. @param taken whether a folded handle is in use */
export function createHandleMaker(taken: (handle: string) => boolean): (patient: WithName) => string {
  const given = new Set<string>();
  const numbers = new Map<string, number>();
  // Look-ups fold handles, so two that differ only in an accent would clash.
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

export const makeHandle = (patient: WithName, taken: (handle: string) => boolean): string =>
  createHandleMaker(taken)(patient);
