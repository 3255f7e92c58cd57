/** What `patient set` asks where no option says what to set: one field after the other, saved together at the end. */
import type { DateOptions } from '../dates/grammar.ts';
import { type PatientValues, type PatientWish, patientPatch, stateOf } from '../domain/patient-changes.ts';
import { displayName } from '../domain/patient-names.ts';
import { type AskableField, askableFields, type Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { faultOf, usage } from '../errors.ts';
import type { Choice, World } from '../world.ts';
import { checkName, clearableFields, optionOf, readCadence, readPast } from './patient-options.ts';

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

/** What the answer makes of a field; null clears it. @throws usage */
function readField(field: Field, answer: string, dates: Omit<DateOptions, 'direction'>): PatientValues {
  const text = answer.trim();
  if (field === 'name') return { name: checkName(text, 'the name') };
  if (text === '') return { [field]: null };
  if (field === 'birth_date' || field === 'first_met') return { [field]: readPast(field, text, dates) };
  if (field === 'cadence_days') return { cadence_days: readCadence(text) };
  return { [field]: checkName(text, `the ${optionOf(field)}`) };
}

/** A field as it would be typed: empty where nothing is known. */
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
export async function askWish(
  patient: Patient,
  dateStyle: DateOptions['dateStyle'],
  { questions, clock }: Pick<World, 'questions' | 'clock'>,
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
