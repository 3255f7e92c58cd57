/** `rapport patient add [name…]`: a new patient. A name close to one that is there warns first. */

import { aside, type Ctx, command, type Kind } from '../cli/command.ts';
import { wordsOf } from '../cli/kinds.ts';
import { readBirthDate } from '../dates/grammar.ts';
import { closeNames, type PatientValues, patientPatch } from '../domain/patient-changes.ts';
import { displayName, makeHandle } from '../domain/patient-names.ts';
import { nameLimit, newPatient, type Patient } from '../domain/records.ts';
import { hasVisibleLetter, printable } from '../domain/text.ts';
import { cancelled, conflict, Failure, faultOf, shellQuoted, usage } from '../errors.ts';
import { newestChange } from './import-store.ts';
import { candidateLines } from './lookup.ts';
import { checkName, fieldOptions, lastLine, patientValues, refuseBoth } from './patient-fields.ts';

type NewValues = PatientValues & { readonly name: string };

const tooLong = (answer: string): string | undefined =>
  answer.trim().length > nameLimit ? `at most ${nameLimit} characters, please` : undefined;

/** Asked where the name was left out: what is most often known, each to be skipped with Enter. */
async function askValues(values: PatientValues, { questions, clock, settings }: Ctx): Promise<NewValues> {
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

const linesOf = (close: readonly Patient[], ctx: Ctx): readonly string[] =>
  candidateLines(close.slice(0, 5), ctx.store, ctx).map((line) => `  ${line}`);

const refuseSimilar = (close: readonly Patient[], ctx: Ctx): Failure =>
  new Failure(
    'conflict',
    close.length === 1
      ? 'a patient of a similar name is there already'
      : `${close.length} patients of similar names are there already`,
    ['add --yes if this is somebody else'],
    linesOf(close, ctx),
  );

async function confirmApart(close: readonly Patient[], ctx: Ctx): Promise<void> {
  if (close.length === 0) return;
  if (!ctx.questions.possible) throw refuseSimilar(close, ctx);
  ctx.questions.tell(['There already:', ...linesOf(close, ctx)].join('\n'));
  if (!(await ctx.questions.confirm('Add another patient of that name?', false))) throw cancelled();
}

function settleHandle({ handle: asked, name, goes_by = null }: NewValues, { store }: Ctx): string {
  const isTaken = (handle: string): boolean => store.patients.byHandle(handle) !== undefined;
  if (asked === undefined) return makeHandle({ name, goes_by }, isTaken);
  if (isTaken(asked)) throw conflict(`the handle '${asked}' is another patient's`, 'rapport patient list');
  return asked;
}

const aliases: Kind<readonly string[]> = {
  help: 'another name to find them by',
  value: '<name>',
  repeat: true,
  read(raw) {
    const names = [...new Set(wordsOf(raw).map((alias) => checkName(alias, 'an alias')))];
    return () => names;
  },
};

export const patientAdd = command({
  path: 'patient add',
  summary: 'a new patient',
  arguments: { name: lastLine('the name') },
  options: { ...fieldOptions, alias: aliases },
  refuse(has, { questions }, words) {
    refuseBoth(words, 'declined', 'declined');
    if (!has('name') && !questions.possible)
      throw usage('which name?', 'rapport patient add - reads it from standard input');
  },
  examples: [
    'rapport patient add',
    'rapport patient add María Luisa Razo --goes-by Malu --birth-date 1961',
    'rapport patient add Ned Hintz --new --language Portuguese',
  ],
  async run({ name: known, declined, alias: aliases, ...given }, ctx) {
    const { store } = ctx;
    store.checkWritable();
    const said = patientValues(given);
    const values = known === undefined ? await askValues(said, ctx) : { ...said, name: known };
    const { name, handle: _, ...fields } = values;
    const similar = (): readonly Patient[] =>
      ctx.globals.yes ? [] : closeNames({ name, goes_by: values.goes_by ?? null }, store.patients.all());
    const [shown, shownAt] = [similar(), newestChange(store)];
    await confirmApart(shown, ctx);
    const { value: patient, operation = null } = store.write({ verb: 'patient add' }, (): Patient => {
      const added = newestChange(store) === shownAt ? [] : similar();
      const unseen = added.filter(({ id }) => !shown.some((one) => one.id === id));
      if (unseen.length > 0) throw refuseSimilar(unseen, ctx);
      const blank = newPatient({ name, handle: settleHandle(values, ctx), aliases });
      return store.patients.insert({
        ...blank,
        ...patientPatch(blank, { values: fields, declined, confirmed: [] }),
      });
    });
    const handle = shellQuoted(patient.handle);
    return {
      json: { operation, patient },
      text: `${patient.ref} ${printable(displayName(patient))} (${printable(patient.handle)}) added`,
      notices: [aside(`next: rapport commit ${handle}, or rapport patient add`)],
    };
  },
});
