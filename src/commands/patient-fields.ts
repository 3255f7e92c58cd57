/** Options for a patient's fields, read before the vault is opened. One text may be '-', standard input. */

import type { OptionDeclaration } from '../cli/command.ts';
import type { Context } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { type DateOptions, readBirthDate, readPartial } from '../dates/grammar.ts';
import { isHandle } from '../domain/fields.ts';
import type { PatientValues } from '../domain/patient-changes.ts';
import { type AskableField, askableFields, nameLimit } from '../domain/records.ts';
import { hasVisibleLetter } from '../domain/text.ts';
import { type Failure, usage } from '../errors.ts';
import type { RawInput } from './command.ts';

export const clearableFields = [
  'goes_by',
  'say',
  'pronouns',
  'language',
  'birth_date',
  'first_met',
  'cadence_days',
] as const;

export const fieldOptions: readonly OptionDeclaration[] = [
  { flags: '--goes-by <name>', help: 'what they want to be called' },
  { flags: '--say <sound>', help: 'how to say it: ma-LOO' },
  { flags: '--pronouns <pronouns>', help: 'she/her, he/him, they/them, …' },
  { flags: '--language <language>', help: 'what they speak best, as you would note it' },
  { flags: '--birth-date <date>', help: 'a day, a month or a year' },
  { flags: '--first-met <date>', help: 'when you met: a day, a month or a year' },
  { flags: '--handle <handle>', help: 'what to type for them; made from the name unless given' },
  { flags: '--cadence <time>', help: 'keep in touch every so often: 90d, 6 months, off' },
  { flags: '--new', help: 'no visit with you yet' },
  { flags: '--declined <field>', help: 'they would rather not say', repeat: true, choices: fieldChoices() },
];

function fieldChoices(): readonly string[] {
  return askableFields.map((field) => field.replace('_', '-'));
}

export const optionOf = (field: string): string =>
  field === 'cadence_days' ? 'cadence' : field.replace('_', '-');

export const askableOptions = (raw: RawInput, name: string): readonly AskableField[] =>
  askableFields.filter((field) => raw.options(name).includes(field.replace('_', '-')));

export function checkName(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw usage(`${what} is empty`);
  // '-' stands for standard input.
  if (trimmed !== '-' && !hasVisibleLetter(trimmed)) throw usage(`${what} has no letter that can be seen`);
  if (trimmed.length > nameLimit)
    throw usage(`${what} has ${trimmed.length} characters; the limit is ${nameLimit}`);
  return trimmed;
}

/** '90d', '12 weeks', '6 months', a year, in days; null for 'off'. @throws usage */
export function readCadence(text: string): number | null {
  const typed = text.trim().toLowerCase();
  if (typed === 'off' || typed === 'none') return null;
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

const notAHandle = (text: string): Failure =>
  usage(
    `'${text.slice(0, 60)}' can't be a handle`,
    "letters and digits of any script, and '.', '_' or '-' after the first, 40 at most",
  );

function readHandle(text: string): string {
  const handle = text.trim().toLowerCase();
  if (!isHandle(handle)) throw notAHandle(text);
  return handle;
}

/** As readPartial, or as readBirthDate where the field is one. @throws usage */
export const readPast = (
  field: string,
  text: string,
  options: Omit<DateOptions, 'direction'>,
): PartialDate =>
  field === 'birth_date'
    ? readBirthDate(text, options)
    : readPartial(text, { ...options, direction: 'back' });

/** A date that lies behind, or a month or year of it; undefined where the option was left out, null where it is ''. */
export function pastDate(raw: RawInput, name: string): PartialDate | null | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  if (text.trim() === '') return null;
  const { today, dateStyle } = raw.reading;
  return readPast(name.replace('-', '_'), text, { today: today(), dateStyle });
}

const textFields = ['goes_by', 'say', 'pronouns', 'language'] as const;

/** What the options say. A text that is '' clears its field; '-' stays as it is, for fromStandardInput. @throws usage */
export function readValues(raw: RawInput): PatientValues {
  const texts = textFields.flatMap((field) => {
    const name = field.replace('_', '-');
    const text = raw.option(name);
    if (text === undefined) return [];
    return [[field, text.trim() === '' ? null : checkName(text, `--${name}`)] as const];
  });
  const dates = (['birth_date', 'first_met'] as const).flatMap((field) => {
    const date = pastDate(raw, field.replace('_', '-'));
    return date === undefined ? [] : [[field, date] as const];
  });
  const handle = raw.option('handle');
  const cadence = raw.option('cadence');
  const values: PatientValues = {
    ...Object.fromEntries([...texts, ...dates]),
    ...(handle !== undefined && { handle: readHandle(handle) }),
    ...(cadence !== undefined && { cadence_days: cadence.trim() === '' ? null : readCadence(cadence) }),
    ...(raw.flag('new') && { new: true }),
  };
  const both = askableOptions(raw, 'declined').find((field) => field in values);
  if (both !== undefined) throw usage(`${both.replace('_', '-')} can't be both given and declined`);
  return values;
}

const inputLimit = 4 * nameLimit + 16;

/** Reads the one field that is '-' from standard input. @throws usage where two are, or it is more than a line */
export async function fromStandardInput<V extends object>(
  values: V,
  { stdin }: Pick<Context, 'stdin'>,
): Promise<V> {
  const [field, another] = Object.entries(values).flatMap(([name, value]) => (value === '-' ? [name] : []));
  if (field === undefined) return values;
  if (another !== undefined) throw usage('only one text can come from standard input');
  const name = field.replace('_', '-');
  const text = checkName(await stdin.readText(inputLimit), `the ${name} on standard input`);
  if (/[\r\n]/.test(text)) throw usage(`the ${name} on standard input is more than one line`);
  return { ...values, [field]: text };
}
