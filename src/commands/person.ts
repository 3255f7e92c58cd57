/** `rapport person list|set|died`: the people around a patient. */

import type { PartialDate } from '../dates/civil.ts';
import { readBirthDate } from '../dates/grammar.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patch, Person } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { type ExitName, faultOf, shellQuoted, usage } from '../errors.ts';
import { diedWords, renderPeople } from '../terminal/patient-page.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { findPerson } from './finding-people.ts';
import { recordOpening } from './looks.ts';
import { checkName, fromStandardInput, pastDate } from './patient-options.ts';
import {
  changePerson,
  type PersonNeeds,
  type PersonValues,
  patientArgument,
  personArgument,
  personOptions,
  readPersonValues,
  tellPerson,
} from './person-options.ts';

async function runList(
  { words }: { readonly words: readonly string[] },
  needs: PersonNeeds,
): Promise<ExitName> {
  const { output, notices, globals, clock } = needs;
  const patient = await findPatient(words, needs);
  const store = await needs.openStore();
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
  recordOpening('person list', patient.id, store, needs);
  return 'ok';
}

export const personList = defineCommand<{ readonly words: readonly string[] }>({
  path: 'person list',
  summary: 'the people around a patient',
  group: 'Patients',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  examples: ['rapport person list malu', 'rapport person list mar raz --json'],
  access: 'unlocked',
  parse: (raw) => ({ words: raw.words('patient') }),
  run: runList,
});

interface SetRequest {
  readonly patient: string;
  readonly person: string;
  readonly values: PersonValues;
}

/** Where no option says what to set: all that there is, as it stands. */
async function askValues(person: Person, { questions, clock, settings }: PersonNeeds): Promise<PersonValues> {
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

async function runSet(request: SetRequest, needs: PersonNeeds): Promise<ExitName> {
  if (needs.globals.passphraseStdin) await needs.openStore();
  const given = await fromStandardInput(request.values, needs);
  const patient = await findPatient([request.patient], needs);
  const store = await needs.openStore();
  const person = findPerson(store, patient, request.person);
  store.checkWritable();
  const values = Object.keys(given).length === 0 ? await askValues(person, needs) : given;
  tellPerson('person set', 'changed', patient, changePerson('person set', person, values, store), needs);
  return 'ok';
}

export const personSet = defineCommand<SetRequest>({
  path: 'person set',
  summary: 'correct what is known of somebody around a patient',
  group: 'Patients',
  arguments: [patientArgument, personArgument],
  options: [{ flags: '--name <name>', help: 'their name' }, ...personOptions],
  examples: ['rapport person set malu ana --relation niece', "rapport person set malu ana --birth-date ''"],
  access: 'unlocked',
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

async function runDied(request: DiedRequest, needs: PersonNeeds): Promise<ExitName> {
  const patient = await findPatient([request.patient], needs);
  const store = await needs.openStore();
  const person = findPerson(store, patient, request.person);
  const patch: Patch<Person> = request.mistaken
    ? { status: 'living', died_on: null }
    : { status: 'died', died_on: request.on === undefined ? person.died_on : request.on };
  const saved = changePerson('person died', person, patch, store);
  const outcome = request.mistaken ? 'is no longer marked as died' : `died${diedWords(saved.value.died_on)}`;
  tellPerson('person died', outcome, patient, saved, needs);
  if (request.mistaken)
    for (const note of store.notes.of(patient.id, { status: ['current'], kinds: ['loss'] }))
      if (note.person === person.id)
        needs.notices.say(`hint: the note of the loss stays: rapport retire ${note.ref}`);
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
  access: 'unlocked',
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
