/** `rapport patient set` and `alias`: what is known of a patient, corrected, confirmed, declined or cleared. */
import { type Ctx, command, type Kind, type Outcome } from '../cli/command.ts';
import { flag, plain, wordsOf } from '../cli/kinds.ts';
import { plainDate } from '../dates/civil.ts';
import { refuseCadence } from '../domain/note-rules.ts';
import { type PatientWish, patientPatch, stateOf } from '../domain/patient-changes.ts';
import { patientFields } from '../domain/patient-names.ts';
import { withFormerNames } from '../domain/privacy.ts';
import { type AskableField, askableFields, type Patch, type Patient } from '../domain/records.ts';
import { present, printable } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { Choice } from '../terminal/line-prompts.ts';
import { called, nameOf, patient, quotedPatient } from './lookup.ts';
import {
  askField,
  changePatient,
  checkName,
  declines,
  fieldOptions,
  fieldsOf,
  lastLine,
  line,
  optionOf,
  patientValues,
  type Questioned,
  questioned,
  refuseBoth,
} from './patient-fields.ts';

/** 'handle: ruth'; a former name is told by nobody. */
function fieldWords(field: string, patient: Patient): string {
  if (field === 'former_names')
    return patient.former_names.length === 0 ? 'no former name' : 'former name noted';
  if (field === 'quiet') return discreetWords(patient);
  return `${optionOf(field)}: ${valueWords(patient[field as keyof Patient], field === 'first_met')}`;
}

const discreetWords = ({ quiet }: Patient): string => `discreet: ${quiet ? 'on' : 'off'}`;

function valueWords(value: Patient[keyof Patient], isDate: boolean): string {
  if (value === null) return 'cleared';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).map(printable).join(', ');
  return isDate ? plainDate(value as NonNullable<Patient['birth_date']>) : printable(String(value));
}

/** 'pronouns: she/her', 'language: declined', 'say: not asked', 'confirmed: language'. */
function changeWords(known: Patient, patient: Patient, patch: Patch<Patient>): readonly string[] {
  const apart: readonly string[] = [...askableFields, 'declined', 'unconfirmed'];
  const others = Object.keys(patch).filter((field) => !apart.includes(field));
  const asked = askableFields.flatMap((field) => {
    const [before, after] = [stateOf(known, field), stateOf(patient, field)];
    if (known[field] === patient[field] && before === after) return [];
    if (patient[field] === null) return [`${optionOf(field)}: ${after}`];
    if (known[field] === patient[field]) return [`confirmed: ${optionOf(field)}`];
    return [`${optionOf(field)}: ${valueWords(patient[field], field === 'birth_date')}`];
  });
  return [...others.map((field) => fieldWords(field, patient)), ...asked];
}

/** An empty patch is said and changes nothing. */
const save = (verb: string, seen: Patient, patchOf: (fresh: Patient) => Patch<Patient>, ctx: Ctx): Outcome =>
  changePatient(
    verb,
    seen,
    patchOf,
    (patient, known, patch) => {
      const words = changeWords(known, patient, patch).join('; ') || 'nothing changed';
      return `(${printable(patient.handle)}). ${words}`;
    },
    ctx,
  );

function refuseWish({ values, confirmed }: PatientWish, patient: Patient, { store }: Ctx): void {
  const holder = values.handle === undefined ? undefined : store.patients.byHandle(values.handle);
  if (holder !== undefined && holder.id !== patient.id)
    throw conflict(`the handle '${values.handle}' is another patient's`, 'rapport patient list');
  const unknown = confirmed.find((field) => patient[field] === null);
  if (unknown !== undefined) throw usage(`${optionOf(unknown)} can't be confirmed: nothing is recorded`);
  const refusal = values.cadence_days == null ? undefined : refuseCadence(patient);
  if (refusal !== undefined) throw refusal;
}

/** Alone it asks how it stands, which nothing else tells. */
const discreet: Kind<boolean | 'asked' | undefined> = plain(
  'somebody else may read the screen, so nothing shows that there are private records; alone, it says whether it is on',
  (raw) => (raw === undefined ? undefined : raw === true ? 'asked' : raw === 'on'),
  { value: '[on-or-off]', choices: ['on', 'off'] },
);

const formerName = plain(
  "a name that they no longer have: it finds them, and is never printed; '' takes out all",
  (raw) => wordsOf(raw).map((name) => (name === '' ? name : checkName(name, 'the former name'))),
  { value: '<name>', repeat: true },
);

const clearable = questioned.filter((field) => field !== 'name');

/** The names of today are among the values; those that are no longer theirs follow from them. */
function namesPatch(
  known: Patient,
  wish: PatientWish,
  former: readonly string[],
  { store }: Ctx,
): Patch<Patient> {
  if (former.length === 0) return {};
  const { former_names, ...today } = { ...known, ...patientPatch(known, wish) };
  const isTaken = (handle: string): boolean => {
    const holder = store.patients.byHandle(handle);
    return holder !== undefined && holder.id !== known.id;
  };
  const kept = { ...today, former_names: former.includes('') ? [] : former_names };
  const added = former.filter((name) => name !== '');
  return added.length === 0 ? { former_names: [] } : withFormerNames(kept, added, isTaken);
}

export const patientSet = command({
  arguments: { patient },
  options: {
    name: { ...line('the name', 'the whole name'), value: '<name>' },
    ...fieldOptions,
    formerName,
    discreet,
    notNew: flag('they have been here before'),
    confirm: fieldsOf(askableFields, 'what was imported is right'),
    clear: fieldsOf(clearable, 'back to not asked'),
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
    'malu --pronouns she/her --say ma-LOO',
    'ned --confirm language --declined pronouns',
    'walt --goes-by - < name.txt',
  ],
  async run(
    { patient, name, declined, notNew, confirm: confirmed, clear, formerName, discreet, ...given },
    ctx,
  ): Promise<Outcome> {
    if (discreet === 'asked')
      return {
        json: { operation: null, patient: patientFields(patient), discreet: patient.quiet },
        text: `${patient.ref} ${called(patient)}. ${discreetWords(patient)}`,
        looked: { patientId: patient.id },
      };
    ctx.store.checkWritable();
    const values: Patch<Patient> = {
      ...patientValues(given),
      ...(name !== undefined && { name }),
      ...(notNew && { new: false }),
      ...(discreet !== undefined && { quiet: discreet }),
      ...Object.fromEntries(clear.map((field) => [field, null])),
    };
    const isEmpty = Object.keys(values).length + declined.length + confirmed.length + formerName.length === 0;
    const wish = isEmpty ? await askWish(patient, ctx) : { values, declined, confirmed };
    const patchOf = (known: Patient): Patch<Patient> => {
      refuseWish(wish, known, ctx);
      const names = namesPatch(known, wish, formerName, ctx);
      return patientPatch(known, { ...wish, values: { ...wish.values, ...names } });
    };
    return save('patient set', patient, patchOf, ctx);
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
  arguments: { patient: quotedPatient, name: lastLine('the alias') },
  options: { remove: flag('they are no longer called so') },
  examples: ['malu', 'malu Mari', 'malu Mari --remove'],
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
    return save('patient alias', patient, patchOf, ctx);
  },
});

const askable = (field: Questioned): AskableField | undefined => askableFields.find((one) => one === field);

const typedValue = (patient: Patient, field: Questioned): string =>
  field === 'cadence_days' && patient.cadence_days !== null
    ? `${patient.cadence_days}d`
    : String(patient[field] ?? '');

/** 'birth date: 1961-04-03', 'pronouns: not asked', 'language: Portuguese (unconfirmed)'. */
function described(patient: Patient, field: Questioned): string {
  const value = printable(typedValue(patient, field));
  const asked = askable(field);
  const state = asked === undefined ? 'known' : stateOf(patient, asked);
  const words = state === 'known' ? value : value === '' ? state : `${value} (${state})`;
  return `${optionOf(field).replace('-', ' ')}: ${words === '' ? 'none' : words}`;
}

async function askWish(patient: Patient, ctx: Ctx): Promise<PatientWish> {
  const { questions } = ctx;
  if (!questions.possible) throw usage('nothing to set', 'rapport patient set --help lists what there is');
  let wish: PatientWish = { values: {}, declined: [], confirmed: [] };
  for (;;) {
    const known = { ...patient, ...patientPatch(patient, wish) };
    const choices: readonly Choice<Questioned | undefined>[] = questioned
      .filter((field) => field !== 'cadence_days' || patient.status !== 'died')
      .map((field) => ({ name: described(known, field), value: field }));
    const enough = { name: 'that is all', value: undefined };
    const isFirst = Object.keys(wish.values).length + wish.declined.length === 0;
    const field = await questions.choose<Questioned | undefined>(
      `What of ${nameOf(patient)}?`,
      isFirst ? [...choices, enough] : [enough, ...choices],
    );
    if (field === undefined) return wish;
    const asked = askable(field);
    const help = present(
      field !== 'name' && 'empty clears it',
      asked !== undefined && `${declines} is 'would rather not say'`,
    ).join('; ');
    wish = await askField(field, wish, ctx, help === '' ? '' : ` (${help})`, typedValue(known, field));
  }
}
