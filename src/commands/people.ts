/** `rapport person`: the people around a patient. */

import type { ArgumentDeclaration, OptionDeclaration } from '../cli/command.ts';
import type { Context, Store } from '../context.ts';
import type { PartialDate } from '../dates/civil.ts';
import { readBirthDate } from '../dates/grammar.ts';
import { displayName } from '../domain/patient-names.ts';
import { newPerson, type Patch, type Patient, type Person } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { type ExitName, faultOf, shellQuoted, usage } from '../errors.ts';
import { diedWords, renderPeople } from '../terminal/patient-page.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { recordOpening } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient, findPerson } from './lookup.ts';
import { checkName, fromStandardInput, pastDate } from './patient-fields.ts';

interface PersonValues {
  readonly name?: string;
  readonly relation?: string | null;
  readonly birth_date?: PartialDate | null;
}

const patientArgument: ArgumentDeclaration = {
  name: 'patient',
  help: 'name, handle or ref; quote several words',
};
const personArgument: ArgumentDeclaration = {
  name: 'person',
  help: 'name or ref of the person; quote several words',
};

const personOptions: readonly OptionDeclaration[] = [
  { flags: '--relation <relation>', help: 'daughter, neighbour, …; nothing clears it' },
  { flags: '--birth-date <date>', help: 'a day, a month or a year; nothing clears it' },
];

function readPersonValues(raw: RawInput): PersonValues {
  const relation = raw.option('relation');
  const birthDate = pastDate(raw, 'birth-date');
  return {
    ...(relation !== undefined && {
      relation: relation.trim() === '' ? null : checkName(relation, '--relation'),
    }),
    ...(birthDate !== undefined && { birth_date: birthDate }),
  };
}

/** 'k7m2q Ana (daughter) of Malu Razo'. */
const called = (person: Person, patient: Patient): string =>
  `${person.ref} ${printable(person.name)}${person.relation === null ? '' : ` (${printable(person.relation)})`} of ${printable(displayName(patient))}`;

function tellPerson(
  verb: string,
  outcome: string,
  patient: Patient,
  saved: { readonly value: Person; readonly operation: string | undefined },
  { output, globals }: Context,
): void {
  const { patient_id: _, ...person } = saved.value;
  if (globals.json)
    output.json({
      schema: `rapport.${verb.replace(' ', '-')}/1`,
      operation: saved.operation ?? null,
      patient: patientDocument(patient),
      person,
    });
  else output.print(`${called(saved.value, patient)} ${outcome}`);
}

const changePerson = (verb: string, person: Person, patch: Patch<Person>, store: Store) =>
  store.write({ verb }, () => store.people.change(person, () => patch));

interface AddRequest {
  readonly patient: string;
  readonly name: string | undefined;
  readonly values: PersonValues;
  readonly died: PartialDate | null | undefined;
}

async function runAdd(request: AddRequest, ctx: Context): Promise<ExitName> {
  if (ctx.globals.passphraseStdin) await ctx.openStore();
  const patient = await findPatient([request.patient], ctx);
  if (request.name === undefined && !ctx.questions.possible)
    throw usage('which name?', 'rapport person add PATIENT - reads it from standard input');
  const store = await ctx.openStore();
  store.checkWritable();
  const typedName = request.name ?? checkName(await ctx.questions.text('Name of the person?'), 'the name');
  const { relation: said } = request.values;
  const asked =
    request.name === undefined && said === undefined ? await ctx.questions.text('Relation? Enter skips') : '';
  const { name, ...values } = await fromStandardInput({ ...request.values, name: typedName }, ctx);
  const namesakes: Person[] = [];
  const saved = store.write({ verb: 'person add' }, () => {
    const { id } = store.patients.present(patient);
    namesakes.push(...store.people.of(id).filter((known) => known.name === name));
    return store.people.insert(
      newPerson({
        patient_id: patient.id,
        name,
        ...(asked.trim() !== '' && { relation: checkName(asked, 'the relation') }),
        ...values,
        ...(request.died !== undefined && { status: 'died', died_on: request.died }),
      }),
    );
  });
  for (const namesake of namesakes)
    ctx.notices.warn(`${called(namesake, patient)} is there already; rapport undo takes this one back`);
  tellPerson('person add', 'added', patient, saved, ctx);
  return 'ok';
}

export const personAdd = defineCommand<AddRequest>({
  path: 'person add',
  summary: 'somebody around a patient',
  group: 'Patients',
  arguments: [
    patientArgument,
    {
      name: 'name',
      help: 'left out it is asked for; - reads it from standard input',
      optional: true,
      variadic: true,
    },
  ],
  options: [...personOptions, { flags: '--died <date>', help: 'they have died: a day, a month or a year' }],
  examples: ['rapport person add malu', 'rapport person add malu Ana --relation daughter --birth-date 1990'],
  parse: (raw) => {
    const words = raw.words('name');
    return {
      patient: raw.words('patient')[0] ?? '',
      name: words.length === 0 ? undefined : checkName(words.join(' '), 'the name'),
      values: readPersonValues(raw),
      died: pastDate(raw, 'died'),
    };
  },
  run: runAdd,
});

async function runList({ words }: { readonly words: readonly string[] }, ctx: Context): Promise<ExitName> {
  const { output, notices, globals, clock } = ctx;
  const patient = await findPatient(words, ctx);
  const store = await ctx.openStore();
  const people = store.people.of(patient.id);
  if (globals.json)
    output.json({
      schema: 'rapport.person-list/1',
      patient: patientDocument(patient),
      items: people.map(({ patient_id: _, ...person }) => person),
    });
  else if (people.length === 0)
    notices.say(
      `nobody around ${printable(displayName(patient))} is recorded: rapport person add ${shellQuoted(patient.handle)}`,
    );
  else
    output.print(
      [
        output.style.title(printable(displayName(patient))),
        ...renderPeople(people, { today: clock.today(), columns: output.columns, style: output.style }),
      ].join('\n'),
    );
  recordOpening('person list', patient.id, store, ctx);
  return 'ok';
}

export const personList = defineCommand<{ readonly words: readonly string[] }>({
  path: 'person list',
  summary: 'the people around a patient',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  examples: ['rapport person list malu', 'rapport person list mar raz --json'],
  parse: (raw) => ({ words: raw.words('patient') }),
  run: runList,
});

interface SetRequest {
  readonly patient: string;
  readonly person: string;
  readonly values: PersonValues;
}

/** Where no option says what to set: all that there is, as it stands. */
async function askValues(person: Person, { questions, clock, settings }: Context): Promise<PersonValues> {
  if (!questions.possible) throw usage('nothing to set', 'rapport person set --help lists what there is');
  const born = (text: string): PartialDate | null =>
    text.trim() === ''
      ? null
      : readBirthDate(text, { today: clock.today(), dateStyle: settings.read().dateStyle });
  const name = await questions.text('Name?', {
    prefill: person.name,
    check: (text) => faultOf(() => checkName(text, 'the name')),
  });
  const relation = await questions.text('Relation? (empty clears it)', { prefill: person.relation ?? '' });
  const birth = await questions.text('Born? A day, a month or a year (empty clears it)', {
    prefill: person.birth_date ?? '',
    check: (text) => faultOf(() => born(text)),
  });
  return {
    name: checkName(name, 'the name'),
    relation: relation.trim() === '' ? null : checkName(relation, 'the relation'),
    birth_date: born(birth),
  };
}

async function runSet(request: SetRequest, ctx: Context): Promise<ExitName> {
  if (ctx.globals.passphraseStdin) await ctx.openStore();
  const given = await fromStandardInput(request.values, ctx);
  const patient = await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const person = findPerson(store, patient, request.person);
  store.checkWritable();
  const values = Object.keys(given).length === 0 ? await askValues(person, ctx) : given;
  tellPerson('person set', 'changed', patient, changePerson('person set', person, values, store), ctx);
  return 'ok';
}

export const personSet = defineCommand<SetRequest>({
  path: 'person set',
  summary: 'correct what is known of somebody around a patient',
  group: 'Patients',
  arguments: [patientArgument, personArgument],
  options: [{ flags: '--name <name>', help: 'their name' }, ...personOptions],
  examples: ['rapport person set malu ana --relation niece', "rapport person set malu ana --birth-date ''"],
  parse: (raw) => {
    const name = raw.option('name');
    const values = {
      ...readPersonValues(raw),
      ...(name !== undefined && { name: checkName(name, 'the name') }),
    };
    return {
      patient: raw.words('patient')[0] ?? '',
      person: raw.words('person')[0] ?? '',
      values,
    };
  },
  run: runSet,
});

interface DiedRequest {
  readonly patient: string;
  readonly person: string;
  readonly on: PartialDate | null | undefined;
  readonly mistaken: boolean;
}

async function runDied(request: DiedRequest, ctx: Context): Promise<ExitName> {
  const patient = await findPatient([request.patient], ctx);
  const store = await ctx.openStore();
  const person = findPerson(store, patient, request.person);
  const patch: Patch<Person> = request.mistaken
    ? { status: 'living', died_on: null }
    : { status: 'died', died_on: request.on === undefined ? person.died_on : request.on };
  const saved = changePerson('person died', person, patch, store);
  const outcome = request.mistaken ? 'is no longer marked as died' : `died${diedWords(saved.value.died_on)}`;
  tellPerson('person died', outcome, patient, saved, ctx);
  if (request.mistaken)
    for (const note of store.notes.of(patient.id, { status: ['current'], kinds: ['loss'] }))
      if (note.person === person.id)
        ctx.notices.say(`hint: the note of the loss stays: rapport retire ${note.ref}`);
  return 'ok';
}

export const personDied = defineCommand<DiedRequest>({
  path: 'person died',
  summary: 'somebody around a patient died',
  group: 'Patients',
  arguments: [patientArgument, personArgument],
  options: [
    { flags: '--on <date>', help: 'a day, a month or a year' },
    { flags: '--mistaken', help: 'they did not die' },
  ],
  examples: ['rapport person died walt June --on "2 feb"', 'rapport person died walt June --mistaken'],
  parse: (raw) => {
    const on = pastDate(raw, 'on');
    if (raw.flag('mistaken') && on !== undefined) throw usage('--mistaken stands alone');
    return {
      patient: raw.words('patient')[0] ?? '',
      person: raw.words('person')[0] ?? '',
      on,
      mistaken: raw.flag('mistaken'),
    };
  },
  run: runDied,
});
