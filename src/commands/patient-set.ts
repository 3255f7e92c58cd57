/** `rapport patient set` and `alias`: what is known of a patient, corrected, confirmed, declined or cleared. */

import { type Ctx, command, type Outcome } from '../cli/command.ts';
import { flag, wordsOf } from '../cli/kinds.ts';
import type { DateOptions } from '../dates/grammar.ts';
import { plainDate } from '../dates/wording.ts';
import { refuseCadence } from '../domain/milestones.ts';
import { type PatientValues, type PatientWish, patientPatch, stateOf } from '../domain/patient-changes.ts';
import { displayName } from '../domain/patient-names.ts';
import { type AskableField, askableFields, type Patch, type Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { conflict, faultOf, usage } from '../errors.ts';
import type { Choice } from '../terminal/questions.ts';
import { quotedPatient } from './lookup.ts';
import {
  checkName,
  clearableFields,
  fieldOptions,
  fieldsOf,
  lastLine,
  line,
  optionOf,
  patientValues,
  readCadence,
  readPast,
  refuseBoth,
} from './patient-fields.ts';

function valueWords(value: Patient[keyof Patient], isDate: boolean): string {
  if (value === null) return 'cleared';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).map(printable).join(', ');
  return isDate ? plainDate(value as NonNullable<Patient['birth_date']>) : printable(String(value));
}

/** 'pronouns: she/her', 'language: declined', 'say: not asked', 'confirmed: language'. */
function changeWords(known: Patient, patient: Patient, patch: Patch<Patient>): readonly string[] {
  const plain = Object.keys(patch).filter(
    (field) => field !== 'declined' && field !== 'unconfirmed' && !askableFields.some((one) => one === field),
  );
  const asked = askableFields.flatMap((field) => {
    const [before, after] = [stateOf(known, field), stateOf(patient, field)];
    if (known[field] === patient[field] && before === after) return [];
    if (patient[field] === null) return [`${optionOf(field)}: ${after}`];
    if (known[field] === patient[field]) return [`confirmed: ${optionOf(field)}`];
    return [`${optionOf(field)}: ${valueWords(patient[field], field === 'birth_date')}`];
  });
  const others = plain.map(
    (field) => `${optionOf(field)}: ${valueWords(patient[field as keyof Patient], field === 'first_met')}`,
  );
  return [...others, ...asked];
}

/** Changes a patient who was shown, and says what became of it; an empty patch is said and changes nothing. */
function savePatient(
  verb: string,
  seen: Patient,
  patchOf: (fresh: Patient) => Patch<Patient>,
  { store }: Ctx,
): Outcome {
  const { value, operation = null } = store.write({ verb }, () => {
    const known = store.patients.asSeen(seen);
    const patch = patchOf(known);
    return { known, patch, patient: store.patients.update(known.id, patch) };
  });
  const { patient } = value;
  const words = changeWords(value.known, patient, value.patch);
  const what = words.length === 0 ? 'nothing changed' : words.join('; ');
  return {
    json: { operation, patient },
    text: `${patient.ref} ${printable(displayName(patient))} (${printable(patient.handle)}). ${what}`,
  };
}

function refuseWish({ values, confirmed }: PatientWish, patient: Patient, { store }: Ctx): void {
  const holder = values.handle === undefined ? undefined : store.patients.byHandle(values.handle);
  if (holder !== undefined && holder.id !== patient.id)
    throw conflict(`the handle '${values.handle}' is another patient's`, 'rapport patient list');
  const unknown = confirmed.find((field) => patient[field] === null);
  if (unknown !== undefined) throw usage(`${optionOf(unknown)} can't be confirmed: nothing is recorded`);
  const refusal = values.cadence_days == null ? undefined : refuseCadence(patient);
  if (refusal !== undefined) throw refusal;
}

export const patientSet = command({
  path: 'patient set',
  arguments: { patient: quotedPatient },
  options: {
    name: { ...line('the name', 'the whole name'), value: '<name>' },
    ...fieldOptions,
    notNew: flag('they have been here before'),
    confirm: fieldsOf(askableFields, 'what was imported is right'),
    clear: fieldsOf(clearableFields, 'back to not asked'),
  },
  apart: { new: ['notNew'] },
  refuse(_, __, words) {
    refuseBoth(words, 'declined', 'declined');
    refuseBoth(words, 'clear', 'cleared');
    const taken = [...wordsOf(words['clear']), ...wordsOf(words['declined'])];
    const unsettled = wordsOf(words['confirm']).find((field) => taken.includes(field));
    if (unsettled !== undefined) throw usage(`${unsettled} can't be both confirmed and taken out`);
  },
  examples: [
    'rapport patient set malu --pronouns she/her --say ma-LOO',
    'rapport patient set ned --confirm language --declined pronouns',
    'rapport patient set walt --goes-by - < name.txt',
  ],
  async run({ patient, name, declined, notNew, confirm: confirmed, clear, ...given }, ctx) {
    ctx.store.checkWritable();
    const values: PatientValues = {
      ...patientValues(given),
      ...(name !== undefined && { name }),
      ...(notNew && { new: false }),
      ...Object.fromEntries(clear.map((field) => [field, null])),
    };
    const isEmpty = Object.keys(values).length + declined.length + confirmed.length === 0;
    const wish = isEmpty ? await askWish(patient, ctx) : { values, declined, confirmed };
    const patchOf = (known: Patient): Patch<Patient> => {
      refuseWish(wish, known, ctx);
      return patientPatch(known, wish);
    };
    return savePatient('patient set', patient, patchOf, ctx);
  },
});

async function askAlias({ aliases }: Patient, isRemoved: boolean, { questions }: Ctx): Promise<string> {
  if (!questions.possible)
    throw usage('which name?', 'rapport patient alias PATIENT - reads it from standard input');
  if (!isRemoved) return checkName(await questions.text('Also called?'), 'the alias');
  if (aliases.length === 0) throw usage('there is no other name to remove');
  return questions.choose(
    'Which name?',
    aliases.map((name) => ({ name: printable(name), value: name })),
  );
}

export const patientAlias = command({
  path: 'patient alias',
  arguments: { patient: quotedPatient, name: lastLine('the alias') },
  options: { remove: flag('they are no longer called so') },
  examples: [
    'rapport patient alias malu',
    'rapport patient alias malu Mari',
    'rapport patient alias malu Mari --remove',
  ],
  async run({ patient, name, remove }, ctx) {
    ctx.store.checkWritable();
    const alias = name ?? (await askAlias(patient, remove, ctx));
    const patchOf = ({ aliases }: Patient): Patch<Patient> => {
      const isKnown = aliases.includes(alias);
      if (remove && !isKnown)
        throw usage(
          `'${printable(alias)}' is no other name of theirs`,
          ...(aliases.length > 0 ? [`other names: ${aliases.map(printable).join(', ')}`] : []),
        );
      if (remove) return { aliases: aliases.filter((known) => known !== alias) };
      return isKnown ? {} : { aliases: [...aliases, alias] };
    };
    return savePatient('patient alias', patient, patchOf, ctx);
  },
});

const fields = ['name', ...clearableFields] as const;
type Field = (typeof fields)[number];

const questionOf: Readonly<Record<Field, string>> = {
  name: 'The whole name?',
  goes_by: 'Goes by?',
  say: 'How is it said? ma-LOO',
  pronouns: 'Pronouns?',
  language: 'Language?',
  birth_date: 'Born? A day, a month or a year',
  first_met: 'First met? A day, a month or a year',
  cadence_days: 'Keep in touch every? 90d, 6 months',
};

const askable = (field: Field): AskableField | undefined => askableFields.find((one) => one === field);

function readField(field: Field, answer: string, dates: Omit<DateOptions, 'direction'>): PatientValues {
  const text = answer.trim();
  if (field === 'name') return { name: checkName(text, 'the name') };
  if (text === '') return { [field]: null };
  if (field === 'birth_date' || field === 'first_met') return { [field]: readPast(field, text, dates) };
  if (field === 'cadence_days') return { cadence_days: readCadence(text) };
  return { [field]: checkName(text, `the ${optionOf(field)}`) };
}

const typedValue = (patient: Patient, field: Field): string =>
  field === 'cadence_days' && patient.cadence_days !== null
    ? `${patient.cadence_days}d`
    : String(patient[field] ?? '');

/** 'birth date: 1961-04-03', 'pronouns: not asked', 'language: Portuguese (unconfirmed)'. */
function described(patient: Patient, field: Field): string {
  const value = printable(typedValue(patient, field));
  const asked = askable(field);
  const state = asked === undefined ? 'known' : stateOf(patient, asked);
  const words = state === 'known' ? value : value === '' ? state : `${value} (${state})`;
  return `${optionOf(field).replace('-', ' ')}: ${words === '' ? 'none' : words}`;
}

const declines = '-';

async function askWish(patient: Patient, { questions, clock, settings }: Ctx): Promise<PatientWish> {
  if (!questions.possible) throw usage('nothing to set', 'rapport patient set --help lists what there is');
  const dates = { today: clock.today(), dateStyle: settings.read().dateStyle };
  let wish: PatientWish = { values: {}, declined: [], confirmed: [] };
  for (;;) {
    const known = { ...patient, ...patientPatch(patient, wish) };
    const choices: readonly Choice<Field | undefined>[] = fields
      .filter((field) => field !== 'cadence_days' || patient.status !== 'died')
      .map((field) => ({ name: described(known, field), value: field }));
    const enough = { name: 'that is all', value: undefined };
    const isFirst = Object.keys(wish.values).length + wish.declined.length === 0;
    const field = await questions.choose<Field | undefined>(
      `What of ${printable(displayName(patient))}?`,
      isFirst ? [...choices, enough] : [enough, ...choices],
    );
    if (field === undefined) return wish;
    const asked = askable(field);
    const help = [
      ...(field === 'name' ? [] : ['empty clears it']),
      ...(asked === undefined ? [] : [`${declines} is 'would rather not say'`]),
    ].join('; ');
    const answer = await questions.text(questionOf[field] + (help === '' ? '' : ` (${help})`), {
      prefill: typedValue(known, field),
      check: (text) =>
        asked !== undefined && text.trim() === declines
          ? undefined
          : faultOf(() => readField(field, text, dates)),
    });
    const { [field]: _, ...others } = wish.values;
    wish =
      asked !== undefined && answer.trim() === declines
        ? { ...wish, values: others, declined: [...wish.declined.filter((one) => one !== asked), asked] }
        : {
            ...wish,
            values: { ...others, ...readField(field, answer, dates) },
            declined: wish.declined.filter((one) => one !== field),
          };
  }
}
