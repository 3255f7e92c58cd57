/** Fields of a patient or a person: as options, answers and values; and what passes over to who is the same elsewhere. */
import type { Ctx, Given, Kind, Raw, Resolve, Words } from '../cli/command.ts';
import { askRead, dated, flag, parsed, plain, type Reading, readingOf, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { readBirthDate, readPartial } from '../dates/grammar.ts';
import { isHandle } from '../domain/fields.ts';
import type { PatientWish } from '../domain/patient-changes.ts';
import { displayName, patientFields, personName } from '../domain/patient-names.ts';
import {
  type AskableField,
  askableFields,
  type Commitment,
  type Note,
  nameLimit,
  type Patch,
  type Patient,
  type Person,
} from '../domain/records.ts';
import { linkedTo, passedToPatient, passedToPerson } from '../domain/same-person.ts';
import { hasVisibleLetter, printable, shellQuoted } from '../domain/text.ts';
import { usage } from '../errors.ts';

export const optionOf = (field: string): string =>
  field === 'cadence_days' ? 'cadence' : field.replace('_', '-');

export const fieldsOf = <F extends string>(fields: readonly F[], help: string): Kind<readonly F[]> =>
  plain(help, (raw) => fields.filter((field) => wordsOf(raw).includes(optionOf(field))), {
    value: '<field>',
    repeat: true,
    choices: fields.map(optionOf),
  });

export function checkName(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw usage(`${what} is empty`);
  if (!hasVisibleLetter(trimmed)) throw usage(`${what} has no letter that can be seen`);
  if (trimmed.length > nameLimit)
    throw usage(`${what} has ${trimmed.length} characters; the limit is ${nameLimit}`);
  return trimmed;
}

const inputLimit = 4 * nameLimit + 16;

function readLine(raw: Raw, what: string): Resolve<string | undefined> {
  const words = wordsOf(raw);
  const typed = words.join(' ');
  if (typed.trim() === '-')
    return async ({ stdin }) => {
      const line = checkName(await stdin.readText(inputLimit), `${what} on standard input`);
      if (/[\r\n]/.test(line)) throw usage(`${what} on standard input is more than one line`);
      return line;
    };
  const line = words.length === 0 ? undefined : checkName(typed, what);
  return () => line;
}

/** A line of text that is given, or that '-' reads from standard input. @param what names it in errors: 'the name' */
export const line = (what: string, help: string): Kind<string | undefined> => ({
  help,
  input: true,
  read: (raw) => readLine(raw, what),
});

export const lastLine = (what: string): Kind<string | undefined> => ({
  ...line(what, 'left out it is asked for; - reads it from standard input'),
  optional: true,
  variadic: true,
});

export const clearable = (value: string, what: string, help: string): Kind<string | null | undefined> => ({
  help,
  value,
  input: true,
  read: (raw) => (wordsOf(raw).some((typed) => typed.trim() === '') ? () => null : readLine(raw, what)),
});

/** '90d', '12 weeks', '6 months', a year, in days; null for 'off' or nothing. @throws usage */
function readCadence(text: string): number | null {
  const typed = text.trim().toLowerCase();
  if (typed === '' || typed === 'off' || typed === 'none') return null;
  const match = /^(\d{1,4}) ?(d|days?|w|weeks?|m|months?|y|years?)?$/.exec(typed);
  const unit = { d: 1, w: 7, m: 30, y: 365 }[match?.[2]?.charAt(0) ?? 'd'] ?? 1;
  const days = Number(match?.[1]) * unit;
  if (match === null || days < 1 || days > 3650)
    throw usage(
      `'${text.slice(0, 40)}' is not a time to keep in touch by`,
      'use 90d, 12 weeks, 6 months or off',
    );
  return days;
}

function readHandle(text: string): string {
  const handle = text.trim().toLowerCase();
  if (!isHandle(handle))
    throw usage(
      `'${text.slice(0, 60)}' can't be a handle`,
      "letters and digits of any script, and '.', '_' or '-' after the first, 40 at most",
    );
  return handle;
}

const readBirth = (text: string, dates: Reading): PartialDate | null =>
  text.trim() === '' ? null : readBirthDate(text, dates);

export const readPast = (text: string, dates: Reading): PartialDate | null =>
  text.trim() === '' ? null : readPartial(text, { ...dates, direction: 'back' });

/** A day that lies behind, or a month or year of it; nothing clears it. */
export const past = (help: string): Kind<PartialDate | null | undefined> => dated(help, readPast);

export const born = (help: string): Kind<PartialDate | null | undefined> => dated(help, readBirth);

/** What was answered for a field; nothing clears it, but for a name. @throws usage */
export function readField(field: string, answer: string, dates: Reading) {
  if (field === 'birth_date') return { [field]: readBirth(answer, dates) };
  if (field === 'first_met') return { [field]: readPast(answer, dates) };
  if (field === 'cadence_days') return { [field]: readCadence(answer) };
  const isCleared = field !== 'name' && answer.trim() === '';
  return { [field]: isCleared ? null : checkName(answer, `the ${optionOf(field)}`) };
}

const questionOf = {
  name: 'The whole name?',
  goes_by: 'Goes by?',
  say: 'How is the name said, like ma-LOO?',
  pronouns: 'Pronouns?',
  language: 'Language?',
  birth_date: 'Born when? A day, a month or a year',
  first_met: 'First met when? A day, a month or a year',
  cadence_days: 'Keep in touch how often? 90d, 6 months',
};
export type Questioned = keyof typeof questionOf;
/** What is asked of a patient. */
export const questioned = Object.keys(questionOf) as readonly Questioned[];

/** Typed for what they would rather not say. */
export const declines = '-';

export const fieldOptions = {
  goesBy: clearable('<name>', '--goes-by', 'what they want to be called'),
  say: clearable('<sound>', '--say', 'how to say it: ma-LOO'),
  pronouns: clearable('<pronouns>', '--pronouns', 'she/her, he/him, they/them, …'),
  language: clearable('<language>', '--language', 'what they speak best, as you would note it'),
  birthDate: born('a day, a month or a year'),
  firstMet: past('when you met: a day, a month or a year'),
  handle: parsed('<handle>', 'what to type for them; made from the name unless given', readHandle),
  cadence: parsed('<time>', 'keep in touch every so often: 90d, 6 months, off', readCadence),
  new: flag('no visit with you yet'),
  declined: fieldsOf(askableFields, 'they would rather not say'),
};

type Snake<S extends string> = S extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : S;
type Fields<G> = { readonly [K in keyof G & string as Snake<K>]?: Exclude<G[K], undefined> };

/** What was given, by the names of a record's fields: birthDate is birth_date. */
export const valuesOf = <G extends object>(given: G): Fields<G> =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  ) as Fields<G>;

export const patientValues = ({
  cadence,
  new: isNew,
  ...fields
}: Omit<Given<typeof fieldOptions>, 'declined'>): Patch<Patient> => ({
  ...valuesOf({ ...fields, cadenceDays: cadence }),
  ...(isNew && { new: true }),
});

/** Refuses a field among those that `--declined` or another list names and whose own option is given. @throws usage */
export function refuseBoth(words: Words, list: string, done: string): void {
  const isGiven = (name: string): boolean =>
    words[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] !== undefined;
  const both = wordsOf(words[list]).find(isGiven);
  if (both !== undefined) throw usage(`${both} can't be both given and ${done}`);
}

/** @param answer its value, the field itself where they would rather not say, or nothing */
function withAnswer(
  { values, declined, confirmed }: PatientWish,
  field: string,
  answer: AskableField | Patch<Patient> | false,
): PatientWish {
  const others = declined.filter((one) => one !== field);
  const { [field as keyof Patch<Patient>]: _, ...rest } = values;
  return typeof answer === 'string'
    ? { values: rest, declined: [...others, answer], confirmed }
    : { values: { ...rest, ...answer }, declined: others, confirmed };
}

/** Asks for one field more. @param prefill what it is: nothing clears that, and where there was none leaves it */
export async function askField(
  field: Questioned,
  known: PatientWish,
  ctx: Ctx,
  help = '',
  prefill?: string,
): Promise<PatientWish> {
  const declinable = askableFields.find((one) => one === field);
  const read = (typed: string) => {
    const text = typed.trim();
    if (declinable !== undefined && text === declines) return declinable;
    return (prefill !== undefined || text !== '') && readField(field, text, readingOf(ctx));
  };
  return withAnswer(known, field, await askRead(questionOf[field] + help, read, ctx, prefill));
}

const called = (patient: Patient): string => printable(displayName(patient));

const isEmpty = (patch: object): boolean => Object.keys(patch).length === 0;

/** Whom a person is said to be. @throws usage where that is the patient themselves */
export function linkPatch(patient: Patient, same: Patient, name: string | null): Patch<Person> {
  if (same.id === patient.id)
    throw usage('a patient cannot be a person around themselves', 'rapport person add --help');
  return linkedTo(same, name);
}

/** To those around other patients who are the same. Only inside `write`. @returns them as they are now */
export const passToPeople = (store: Store, before: Patient, after: Patient): readonly Person[] =>
  store.people.whoAre(after.id).flatMap((person) => {
    const patch = passedToPerson(before, after, person);
    return isEmpty(patch) ? [] : [store.people.update(person.id, patch)];
  });

/**
 * Changes a patient who was shown, in one operation, and says what became of them.
 * @param outcome 'is archived', of the patient as they are now, as they were, and what was changed
 */
export function changePatient(
  verb: string,
  seen: Patient,
  patchOf: (known: Patient) => Patch<Patient>,
  outcome: string | ((patient: Patient, known: Patient, patch: Patch<Patient>) => string),
  { store }: Pick<Ctx, 'store'>,
) {
  const { value, operation = null } = store.write({ verb }, () => {
    const known = store.patients.asSeen(seen);
    const patch = patchOf(known);
    const patient = store.patients.update(known.id, patch);
    passToPeople(store, known, patient);
    return { known, patch, patient };
  });
  const { patient, known, patch } = value;
  const became = typeof outcome === 'string' ? outcome : outcome(patient, known, patch);
  const text = `${patient.ref} ${called(patient)} ${became}`;
  return { json: { operation, patient: patientFields(patient) }, text };
}

/** To the patient who is the same, and from there to others. Only inside `write`. @returns the patient where they changed */
export function passToPatient(store: Store, before: Person | undefined, after: Person): Patient | undefined {
  const patient = after.patient === null ? undefined : store.patients.byId(after.patient);
  const patch = patient && passedToPatient(before, after, patient);
  if (patient === undefined || patch === undefined || isEmpty(patch)) return undefined;
  const changed = store.patients.update(patient.id, patch);
  passToPeople(store, patient, changed);
  return changed;
}

/** Asks of each death that a private note tells whether the patient who is the same is to be marked too. */
export async function askPrivateDeaths(
  saved: readonly (Note | Commitment)[],
  ctx: Ctx,
): Promise<readonly string[]> {
  const { store, questions } = ctx;
  const hints: string[] = [];
  for (const record of saved) {
    const id = record.kind === 'loss' && record.sensitive ? record.person : null;
    const person = id === null ? undefined : store.people.byId(id);
    const patient = person?.patient == null ? undefined : store.patients.byId(person.patient);
    if (person?.status !== 'died' || patient === undefined || patient.status === 'died') continue;
    const who = printable(personName(person));
    const question = `${who} is your patient ${called(patient)}, and the note is private. Mark the death there too?`;
    if (questions.possible && (await questions.confirm(question, false)))
      store.write({ verb: 'patient died' }, () => {
        const dead = { status: 'died', died_on: person.died_on } as const;
        passToPeople(
          store,
          patient,
          store.patients.change(patient, () => dead),
        );
      });
    else
      hints.push(
        `hint: ${who} is a patient too, not marked as died there: rapport patient died ${shellQuoted(patient.handle)}`,
      );
  }
  return hints;
}
