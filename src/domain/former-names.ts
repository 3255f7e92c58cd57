/**
 * Names that a patient no longer has: they find the patient and are never printed. Whole words of them become the name
 * to use, but for words that a name of today, or somebody around the patient, bears.
 */
import { usage } from '../errors.ts';
import { makeHandle, personFirstName } from './patient-names.ts';
import { nameWords } from './people-words.ts';
import type { Patient, Person } from './records.ts';
import { fold, foldedWords } from './text.ts';

type Named = Pick<Patient, 'name' | 'goes_by' | 'aliases' | 'former_names'>;

/** Of one letter, or with a digit in it, it is part of an old handle: 'rob-b', 'rob-2'. */
const isWhole = (word: string): boolean => word.length > 1 && !/\p{N}/u.test(word);

/** The words that are never printed, folded. */
export function formerWords(
  patient: Named,
  people: readonly Pick<Person, 'name'>[] = [],
): ReadonlySet<string> {
  const { name, goes_by, aliases, former_names } = patient;
  const known = [name, goes_by, ...aliases, ...people.map((person) => person.name)];
  const borne = new Set(known.flatMap((one) => foldedWords(one ?? '')));
  return new Set(former_names.flatMap(foldedWords).filter((word) => isWhole(word) && !borne.has(word)));
}

/** A name that is a word too ('Will') counts with its capital alone, and not where a sentence begins. */
function isMeant(part: string, at: number, parts: readonly string[]): boolean {
  const before = parts[at - 1];
  if (!nameWords.has(fold(part)) || /^['’]s$/.test(parts.slice(at + 1, at + 3).join(''))) return true;
  return /^\p{Lu}/u.test(part) && before !== undefined && !/[.!?:;]\s*$/.test(before);
}

const wordsAndRest = /[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu;

/** @returns how a text reads with the name to use in place of former ones */
export function withoutFormerNames(
  patient: Named,
  people: readonly Pick<Person, 'name'>[],
): (text: string) => string {
  const former = formerWords(patient, people);
  if (former.size === 0) return (text) => text;
  const used = patient.goes_by ?? personFirstName({ name: patient.name, relation: null });
  return (text) => {
    const parts: string[] = [];
    const all = text.match(wordsAndRest) ?? [];
    for (const [at, part] of all.entries()) {
      if (!former.has(fold(part)) || !isMeant(part, at, all)) parts.push(part);
      // 'Robert James' is one name.
      else if (parts.at(-2) === used && parts.at(-1)?.trim() === '') parts.pop();
      else parts.push(used);
    }
    return parts.join('');
  };
}

/**
 * What becomes of names, and of the handle, with those that a patient no longer has.
 * @param patient with the names of today. @throws usage where one of them is still theirs
 */
export function withFormerNames(
  patient: Patient,
  added: readonly string[],
  isTaken: (handle: string) => boolean,
): Pick<Patient, 'former_names' | 'aliases' | 'handle'> {
  const { name, goes_by, aliases, handle } = patient;
  const today = foldedWords(`${name} ${goes_by ?? ''}`);
  if (added.some((one) => foldedWords(one).every((word) => today.includes(word))))
    throw usage('that is still their name', '--name and --goes-by, beside it, give the names of today');
  const former = formerWords({ ...patient, aliases: [], former_names: added });
  const isFormer = (one: string): boolean => foldedWords(one).some((word) => former.has(word));
  // What an alias or the old handle found, it finds still.
  const gone = [...added, ...aliases.filter(isFormer), ...(isFormer(handle) ? [handle] : [])];
  return {
    former_names: [...new Set([...patient.former_names, ...gone])],
    aliases: aliases.filter((alias) => !isFormer(alias)),
    handle: isFormer(handle) ? makeHandle({ name, goes_by }, isTaken) : handle,
  };
}
