/** `rapport person`: the people around a patient. */

import { aside, type Ctx, command, type Outcome, warning } from '../cli/command.ts';
import { argument, askRead, flag, readingOf } from '../cli/kinds.ts';
import { patientDocument } from '../domain/patient-names.ts';
import { newPerson, type Patch, type Patient, type Person } from '../domain/records.ts';
import { shellQuoted, usage } from '../errors.ts';
import { diedWords, renderPeople } from '../terminal/patient-page.ts';
import { findPerson, nameOf, patient, personName, quotedPatient } from './lookup.ts';
import { born, checkName, clearable, lastLine, line, past, readField, valuesOf } from './patient-fields.ts';

const personOptions = {
  relation: clearable('<relation>', '--relation', 'daughter, neighbour, …; nothing clears it'),
  birthDate: born('a day, a month or a year; nothing clears it'),
};

const personArgument = argument('name or ref of the person; quote several words');

/** 'k7m2q Ana (daughter) of Malu Razo'. */
const called = (person: Person, patient: Patient): string =>
  `${person.ref} ${personName(person)} of ${nameOf(patient)}`;

const documentOf = ({ patient_id: _, ...person }: Person) => person;

function saved(
  verb: string,
  patient: Patient,
  work: () => Person,
  outcome: (person: Person) => string,
  { store }: Ctx,
): Outcome {
  const { value: person, operation = null } = store.write({ verb }, work);
  return {
    json: { operation, patient: patientDocument(patient), person: documentOf(person) },
    text: `${called(person, patient)} ${outcome(person)}`,
  };
}

export const personAdd = command({
  path: 'person add',
  arguments: { patient: quotedPatient, name: lastLine('the name') },
  options: { ...personOptions, died: past('they have died: a day, a month or a year') },
  examples: ['rapport person add malu', 'rapport person add malu Ana --relation daughter --birth-date 1990'],
  async run({ patient, name: given, died, ...values }, ctx) {
    const { store, questions } = ctx;
    if (given === undefined && !questions.possible)
      throw usage('which name?', 'rapport person add PATIENT - reads it from standard input');
    store.checkWritable();
    const ask = <T>(question: string, read: (answer: string) => T) => askRead(question, read, ctx);
    const name = given ?? (await ask('Name of the person?', (answer) => checkName(answer, 'the name')));
    const relation =
      given === undefined && values.relation === undefined
        ? await ask('Relation? Enter skips', (answer) => readField('relation', answer, readingOf(ctx)))
        : {};
    const namesakes: Person[] = [];
    const work = (): Person => {
      const { id } = store.patients.present(patient);
      namesakes.push(...store.people.of(id).filter((known) => known.name === name));
      return store.people.insert(
        newPerson({
          patient_id: patient.id,
          name,
          ...relation,
          ...valuesOf(values),
          ...(died !== undefined && { status: 'died', died_on: died }),
        }),
      );
    };
    return {
      ...saved('person add', patient, work, () => 'added', ctx),
      notices: namesakes.map((namesake) =>
        warning(`${called(namesake, patient)} is there already; rapport undo takes this one back`),
      ),
    };
  },
});

export const personList = command({
  path: 'person list',
  arguments: { patient },
  examples: ['rapport person list malu', 'rapport person list mar raz --json'],
  async run({ patient }, { store, clock, output }) {
    const people = store.people.of(patient.id);
    const name = nameOf(patient);
    const first = `rapport person add ${shellQuoted(patient.handle)}`;
    return {
      json: {
        patient: patientDocument(patient),
        items: people.map(documentOf),
      },
      text:
        people.length === 0
          ? undefined
          : [output.style.title(name), ...(await renderPeople(people, clock.today(), output))].join('\n'),
      looked: { patientId: patient.id },
      notices: people.length === 0 ? [aside(`nobody around ${name} is recorded: ${first}`)] : [],
    };
  },
});

async function askValues(person: Person, ctx: Ctx): Promise<Patch<Person>> {
  if (!ctx.questions.possible) throw usage('nothing to set', 'rapport person set --help lists what there is');
  const ask = (field: 'name' | 'relation' | 'birth_date', question: string) =>
    askRead(question, (answer) => readField(field, answer, readingOf(ctx)), ctx, person[field] ?? '');
  return {
    ...(await ask('name', 'Name?')),
    ...(await ask('relation', 'Relation? (empty clears it)')),
    ...(await ask('birth_date', 'Born? A day, a month or a year (empty clears it)')),
  };
}

export const personSet = command({
  path: 'person set',
  arguments: { patient: quotedPatient, person: personArgument },
  options: { name: { ...line('the name', 'their name'), value: '<name>' }, ...personOptions },
  examples: ['rapport person set malu ana --relation niece', "rapport person set malu ana --birth-date ''"],
  async run({ patient, person: asked, ...given }, ctx) {
    const { store } = ctx;
    const person = findPerson(store, patient, asked);
    store.checkWritable();
    const values = valuesOf(given);
    const patch = Object.keys(values).length === 0 ? await askValues(person, ctx) : values;
    const work = (): Person => store.people.change(person, () => patch);
    return saved('person set', patient, work, () => 'changed', ctx);
  },
});

export const personDied = command({
  path: 'person died',
  arguments: { patient: quotedPatient, person: personArgument },
  options: { on: past('a day, a month or a year'), mistaken: flag('they did not die') },
  apart: { mistaken: ['on'] },
  examples: ['rapport person died walt June --on "2 feb"', 'rapport person died walt June --mistaken'],
  run({ patient, person: asked, on, mistaken }, ctx) {
    const { store } = ctx;
    const person = findPerson(store, patient, asked);
    const patch: Patch<Person> = mistaken
      ? { status: 'living', died_on: null }
      : { status: 'died', died_on: on === undefined ? person.died_on : on };
    const work = (): Person => store.people.change(person, () => patch);
    const outcome = ({ died_on }: Person): string =>
      mistaken ? 'is no longer marked as died' : `died${diedWords(died_on)}`;
    const losses = mistaken ? store.notes.of(patient.id, { status: ['current'], kinds: ['loss'] }) : [];
    return {
      ...saved('person died', patient, work, outcome, ctx),
      notices: losses
        .filter((note) => note.person === person.id)
        .map(({ ref }) => `hint: the note of the loss stays: rapport retire ${ref}`),
    };
  },
});
