/** `rapport patient add [name…]`: a new patient. A name close to one that is there warns first. */

import type { Context, Store } from '../context.ts';
import { readBirthDate } from '../dates/grammar.ts';
import { closeNames, type PatientValues, patientPatch } from '../domain/patient-changes.ts';
import { displayName, makeHandle } from '../domain/patient-names.ts';
import { type AskableField, nameLimit, newPatient, type Patient } from '../domain/records.ts';
import { hasVisibleLetter, printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, Failure, faultOf, shellQuoted, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { newestChange } from './import-store.ts';
import { candidateLines } from './lookup.ts';
import { askableOptions, checkName, fieldOptions, fromStandardInput, readValues } from './patient-fields.ts';

interface AddRequest {
  readonly name: string | undefined;
  readonly values: PatientValues;
  readonly declined: readonly AskableField[];
  readonly aliases: readonly string[];
}

const tooLong = (answer: string): string | undefined =>
  answer.trim().length > nameLimit ? `at most ${nameLimit} characters, please` : undefined;

/** Asked where the name was left out: what is most often known, each to be skipped with Enter. */
async function askValues(
  request: AddRequest,
  ctx: Context,
): Promise<PatientValues & { readonly name: string }> {
  const { questions, clock, settings } = ctx;
  const { values } = request;
  const name = await questions.text('Name of the patient?', {
    check: (answer) => (hasVisibleLetter(answer) ? tooLong(answer) : 'a name, please'),
  });
  const options = { today: clock.today(), dateStyle: settings.read().dateStyle };
  const goesBy =
    values.goes_by === undefined ? await questions.text('Goes by? Enter skips', { check: tooLong }) : '';
  const born =
    values.birth_date === undefined
      ? await questions.text('Born? A day, a month or a year; Enter skips', {
          check: (answer) => faultOf(() => answer.trim() !== '' && readBirthDate(answer, options)),
        })
      : '';
  return {
    ...values,
    name: name.trim(),
    ...(goesBy.trim() !== '' && { goes_by: goesBy.trim() }),
    ...(born.trim() !== '' && { birth_date: readBirthDate(born, options) }),
  };
}

async function gatherValues(
  request: AddRequest,
  ctx: Context,
): Promise<PatientValues & { readonly name: string }> {
  if (ctx.globals.passphraseStdin) await ctx.openStore();
  if (request.name === undefined) {
    if (!ctx.questions.possible)
      throw usage('which name?', 'rapport patient add - reads it from standard input');
    // The passphrase before anything is typed.
    (await ctx.openStore()).checkWritable();
    return askValues(request, ctx);
  }
  return fromStandardInput({ ...request.values, name: request.name }, ctx);
}

const linesOf = (close: readonly Patient[], store: Store, ctx: Context): readonly string[] =>
  candidateLines(close.slice(0, 5), store, ctx);

const refuseSimilar = (close: readonly Patient[], store: Store, ctx: Context): Failure =>
  new Failure(
    'conflict',
    close.length === 1
      ? 'a patient of a similar name is there already'
      : `${close.length} patients of similar names are there already`,
    ['add --yes if this is somebody else'],
    linesOf(close, store, ctx).map((line) => `  ${line}`),
  );

async function confirmApart(close: readonly Patient[], store: Store, ctx: Context): Promise<void> {
  if (close.length === 0) return;
  if (!ctx.questions.possible) throw refuseSimilar(close, store, ctx);
  const lines = linesOf(close, store, ctx);
  ctx.questions.tell(['There already:', ...lines.map((line) => `  ${line}`)].join('\n'));
  if (!(await ctx.questions.confirm('Add another patient of that name?', false))) throw cancelled();
}

function settleHandle(values: PatientValues & { readonly name: string }, store: Store): string {
  const isTaken = (handle: string): boolean => store.patients.byHandle(handle) !== undefined;
  const asked = values.handle;
  if (asked === undefined) return makeHandle({ name: values.name, goes_by: values.goes_by ?? null }, isTaken);
  if (isTaken(asked)) throw conflict(`the handle '${asked}' is another patient's`, 'rapport patient list');
  return asked;
}

async function runAdd(request: AddRequest, ctx: Context): Promise<ExitName> {
  const values = await gatherValues(request, ctx);
  const store = await ctx.openStore();
  const similar = (): readonly Patient[] =>
    ctx.globals.yes
      ? []
      : closeNames({ name: values.name, goes_by: values.goes_by ?? null }, store.patients.all());
  const [shown, shownAt] = [similar(), newestChange(store)];
  await confirmApart(shown, store, ctx);
  const { value: patient, operation } = store.write({ verb: 'patient add' }, (): Patient => {
    const added = newestChange(store) === shownAt ? [] : similar();
    const unseen = added.filter(({ id }) => !shown.some((one) => one.id === id));
    if (unseen.length > 0) throw refuseSimilar(unseen, store, ctx);
    const blank = newPatient({
      name: values.name,
      handle: settleHandle(values, store),
      aliases: request.aliases,
    });
    const { name: _, handle: __, ...fields } = values;
    return store.patients.insert({
      ...blank,
      ...patientPatch(blank, { values: fields, declined: request.declined, confirmed: [] }),
    });
  });
  const { output, globals } = ctx;
  if (globals.json) output.json({ schema: 'rapport.patient-add/1', operation: operation ?? null, patient });
  else {
    const name = displayName(patient);
    output.print(`${patient.ref} ${printable(name)} (${printable(patient.handle)}) added`);
    ctx.notices.say(`next: rapport commit ${shellQuoted(patient.handle)}, or rapport patient add`);
  }
  return 'ok';
}

export const patientAdd = defineCommand<AddRequest>({
  path: 'patient add',
  summary: 'a new patient',
  group: 'Patients',
  arguments: [
    {
      name: 'name',
      help: 'left out it is asked for; - reads it from standard input',
      optional: true,
      variadic: true,
    },
  ],
  options: [...fieldOptions, { flags: '--alias <name>', help: 'another name to find them by', repeat: true }],
  examples: [
    'rapport patient add',
    'rapport patient add María Luisa Razo --goes-by Malu --birth-date 1961',
    'rapport patient add Ned Hintz --new --language Portuguese',
  ],
  parse: (raw) => ({
    name: raw.words('name').length === 0 ? undefined : checkName(raw.words('name').join(' '), 'the name'),
    values: readValues(raw),
    declined: askableOptions(raw, 'declined'),
    aliases: [...new Set(raw.options('alias').map((alias) => checkName(alias, 'an alias')))],
  }),
  run: runAdd,
});
