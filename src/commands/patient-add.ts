/** `rapport patient add`. A name close to one that is there warns first; somebody new is promised a welcome call. */
import { aside, type Ctx, command, type Raw } from '../cli/command.ts';
import { agree, askRead, plain, wordsOf } from '../cli/kinds.ts';
import { weekdayDate } from '../dates/civil.ts';
import {
  closeNames,
  type PatientWish,
  patientPatch,
  welcomeBy,
  welcomeCall,
} from '../domain/patient-changes.ts';
import { makeHandle, patientFields } from '../domain/patient-names.ts';
import { askableFields, newPatient, type Patch, type Patient } from '../domain/records.ts';
import { shellQuoted } from '../domain/text.ts';
import { conflict, Failure } from '../errors.ts';
import { called, candidateLines, newestChange } from './lookup.ts';
import {
  askField,
  checkName,
  declines,
  fieldOptions,
  lastLine,
  patientValues,
  refuseBoth,
} from './patient-fields.ts';
import { promiseLines } from './visit-questions.ts';

const refuseSimilar = (close: readonly Patient[], ctx: Ctx): Failure =>
  new Failure(
    'conflict',
    close.length === 1
      ? 'a patient of a similar name is there already'
      : `${close.length} patients of similar names are there already`,
    ['add --yes if this is somebody else'],
    candidateLines(close.slice(0, 5), ctx).map((line) => `  ${line}`),
  );

async function confirmApart(close: readonly Patient[], ctx: Ctx): Promise<void> {
  if (close.length === 0) return;
  const refusal = refuseSimilar(close, ctx);
  const told = ['There already:', ...refusal.details].join('\n');
  await agree('Add another patient of that name?', refusal, ctx, told);
}

function settleHandle(
  { handle: asked, goes_by = null }: Patch<Patient>,
  name: string,
  { store }: Ctx,
): string {
  const isTaken = (handle: string): boolean => store.patients.byHandle(handle) !== undefined;
  if (asked === undefined) return makeHandle({ name, goes_by }, isTaken);
  if (isTaken(asked)) throw conflict(`the handle '${asked}' is another patient's`, 'rapport patient list');
  return asked;
}

const readAliases = (raw: Raw): readonly string[] => [
  ...new Set(wordsOf(raw).map((alias) => checkName(alias, 'an alias'))),
];

export const patientAdd = command({
  arguments: {
    name: {
      ...lastLine('the name'),
      asked: ['which name?', 'rapport patient add - reads it from standard input'],
    },
  },
  options: {
    ...fieldOptions,
    alias: plain('another name to find them by', readAliases, { value: '<name>', repeat: true }),
  },
  refuse: (_, __, words) => refuseBoth(words, 'declined', 'declined'),
  examples: [
    '',
    'María Luisa Razo --goes-by Malu --birth-date 1961',
    'Ned Hintz --new --language Portuguese',
  ],
  async run({ name: given, declined, alias: aliases, ...fields }, ctx) {
    const { store, questions, globals, clock } = ctx;
    store.checkWritable();
    const name =
      given ?? (await askRead('Name of the patient?', (answer) => checkName(answer, 'the name'), ctx));
    let known: PatientWish = { values: patientValues(fields), declined, confirmed: [] };
    const shown: Patient[] = [];
    const unseen = (): readonly Patient[] => {
      const { goes_by = null } = known.values;
      const close = globals.yes ? [] : closeNames({ name, goes_by }, store.patients.all());
      return close.filter(({ id }) => !shown.some((one) => one.id === id));
    };
    const settleApart = async (): Promise<void> => {
      const close = unseen();
      shown.push(...close);
      await confirmApart(close, ctx);
    };
    const shownAt = newestChange(store);
    await settleApart();
    const isAsked = questions.possible && !globals.yes;
    if (isAsked) {
      questions.tell(`Enter skips a question; ${declines} is 'would rather not say'.`);
      for (const field of askableFields) {
        const isGiven = known.values[field] !== undefined || known.declined.includes(field);
        if (!isGiven) known = await askField(field, known, ctx);
        if (field === 'goes_by') await settleApart();
      }
    }
    const isNew =
      fields.new ||
      (isAsked &&
        fields.firstMet === undefined &&
        (await questions.confirm('A new patient, whom you have not seen yet?', false)));
    const today = clock.today();
    const by = isNew ? welcomeBy(today, store.calendar.read()) : undefined;
    const isWelcome =
      by !== undefined &&
      (!isAsked || (await questions.confirm(`Welcome call by ${weekdayDate(by, today)}?`, true)));
    const values: Patch<Patient> = { ...known.values, ...(isNew && { new: true }) };
    const { value, operation = null } = store.write({ verb: 'patient add' }, () => {
      const added = newestChange(store) === shownAt ? [] : unseen();
      if (added.length > 0) throw refuseSimilar(added, ctx);
      const blank = newPatient({ name, handle: settleHandle(values, name, ctx), aliases });
      const { handle: _, ...others } = values;
      const patient = store.patients.insert({
        ...blank,
        ...patientPatch(blank, { ...known, values: others }),
      });
      const promises = isWelcome ? [store.commitments.insert(welcomeCall(patient.id, today, by))] : [];
      return { patient, promises };
    });
    const { patient, promises } = value;
    const handle = shellQuoted(patient.handle);
    return {
      json: { operation, patient: patientFields(patient), promises },
      text: [`${patient.ref} ${called(patient)} added`, ...(await promiseLines(promises, ctx))].join('\n'),
      notices: [aside(`next: rapport commit ${handle}, or rapport patient add`)],
    };
  },
});
