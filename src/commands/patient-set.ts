/** `rapport patient set`: what is known of a patient, corrected, confirmed, declined or cleared. */

import type { Context, Store } from '../context.ts';
import type { DateOptions } from '../dates/grammar.ts';
import { plainDate } from '../dates/wording.ts';
import { refuseCadence } from '../domain/losses.ts';
import { type PatientValues, type PatientWish, patientPatch, stateOf } from '../domain/patient-changes.ts';
import { displayName } from '../domain/patient-names.ts';
import { type AskableField, askableFields, type Patch, type Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { conflict, type ExitName, faultOf, usage } from '../errors.ts';
import type { Choice } from '../terminal/questions.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient } from './lookup.ts';
import {
  askableOptions,
  checkName,
  clearableFields,
  fieldOptions,
  fromStandardInput,
  optionOf,
  readCadence,
  readPast,
  readValues,
} from './patient-fields.ts';

interface SetRequest extends PatientWish {
  readonly patient: string;
}

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
export function savePatient(
  verb: string,
  seen: Patient,
  patchOf: (fresh: Patient) => Patch<Patient>,
  store: Store,
  { output, globals }: Pick<Context, 'output' | 'globals'>,
): void {
  const { value, operation } = store.write({ verb }, () => {
    const known = store.patients.asSeen(seen);
    const patch = patchOf(known);
    return { known, patch, patient: store.patients.update(known.id, patch) };
  });
  const { known, patch, patient } = value;
  if (globals.json)
    output.json({ schema: `rapport.${verb.replace(' ', '-')}/1`, operation: operation ?? null, patient });
  else {
    const words = changeWords(known, patient, patch);
    const what = words.length === 0 ? 'nothing changed' : words.join('; ');
    output.print(`${patient.ref} ${printable(displayName(patient))} (${printable(patient.handle)}). ${what}`);
  }
}

function refuseWish({ values, confirmed }: PatientWish, patient: Patient, store: Store): void {
  const holder = values.handle === undefined ? undefined : store.patients.byHandle(values.handle);
  if (holder !== undefined && holder.id !== patient.id)
    throw conflict(`the handle '${values.handle}' is another patient's`, 'rapport patient list');
  const unknown = confirmed.find((field) => patient[field] === null);
  if (unknown !== undefined) throw usage(`${optionOf(unknown)} can't be confirmed: nothing is recorded`);
  const refusal = values.cadence_days == null ? undefined : refuseCadence(patient);
  if (refusal !== undefined) throw refusal;
}

async function runSet(request: SetRequest, ctx: Context): Promise<ExitName> {
  if (ctx.globals.passphraseStdin) await ctx.openStore();
  const given = await fromStandardInput(request.values, ctx);
  const patient = await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  store.checkWritable();
  const isEmpty = Object.keys(given).length + request.declined.length + request.confirmed.length === 0;
  const wish: PatientWish = isEmpty
    ? await askWish(patient, ctx.settings.read().dateStyle, ctx)
    : { ...request, values: given };
  const patchOf = (known: Patient): Patch<Patient> => {
    refuseWish(wish, known, store);
    return patientPatch(known, wish);
  };
  savePatient('patient set', patient, patchOf, store, ctx);
  return 'ok';
}

function parseSet(raw: RawInput): SetRequest {
  const [patient = ''] = raw.words('patient');
  const name = raw.option('name');
  const cleared = raw
    .options('clear')
    .map((option) => clearableFields.find((field) => optionOf(field) === option));
  const values: PatientValues = {
    ...readValues(raw),
    ...(name !== undefined && { name: checkName(name, 'the name') }),
    ...(raw.flag('not-new') && { new: false }),
  };
  if (raw.flag('new') && raw.flag('not-new')) throw usage("--new and --not-new don't go together");
  const both = cleared.find((field) => field !== undefined && field in values);
  if (both !== undefined) throw usage(`${optionOf(both)} can't be both given and cleared`);
  const confirmed = askableOptions(raw, 'confirm');
  const unsettled = confirmed.find(
    (field) => cleared.includes(field) || askableOptions(raw, 'declined').includes(field),
  );
  if (unsettled !== undefined) throw usage(`${optionOf(unsettled)} can't be both confirmed and taken out`);
  const emptied = Object.fromEntries(
    cleared.flatMap((field) => (field === undefined ? [] : [[field, null] as const])),
  );
  return {
    patient,
    values: { ...values, ...emptied },
    declined: askableOptions(raw, 'declined'),
    confirmed,
  };
}

export const patientSet = defineCommand<SetRequest>({
  path: 'patient set',
  summary: 'correct, confirm or clear what is known of a patient',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref; quote several words' }],
  options: [
    { flags: '--name <name>', help: 'the whole name' },
    ...fieldOptions,
    { flags: '--not-new', help: 'they have been here before' },
    {
      flags: '--confirm <field>',
      help: 'what was imported is right',
      repeat: true,
      choices: askableFields.map(optionOf),
    },
    {
      flags: '--clear <field>',
      help: 'back to not asked',
      repeat: true,
      choices: clearableFields.map(optionOf),
    },
  ],
  examples: [
    'rapport patient set malu --pronouns she/her --say ma-LOO',
    'rapport patient set ned --confirm language --declined pronouns',
    'rapport patient set walt --goes-by - < name.txt',
  ],
  parse: parseSet,
  run: runSet,
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

/** Asks for field after field until that is all. What is kept as it stands counts as confirmed. */
async function askWish(
  patient: Patient,
  dateStyle: DateOptions['dateStyle'],
  { questions, clock }: Pick<Context, 'questions' | 'clock'>,
): Promise<PatientWish> {
  if (!questions.possible) throw usage('nothing to set', 'rapport patient set --help lists what there is');
  const dates = { today: clock.today(), dateStyle };
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
