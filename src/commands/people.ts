/** `rapport person`: the people around a patient. And `patient died`: what is promised is dropped, theirs, or stays. */
import { aside, type Ctx, command, type Outcome, warning } from '../cli/command.ts';
import { argument, askRead, flag, plain, readingOf, repeated, wordsOf } from '../cli/kinds.ts';
import { patientDocument, patientFields, personName } from '../domain/patient-names.ts';
import { type Commitment, newPerson, type Patch, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth, present, printable } from '../domain/text.ts';
import { conflict, notFound, shellQuoted, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { diedWords, renderPeople } from '../terminal/patient-page.ts';
import type { Choice } from '../terminal/questions.ts';
import {
  calledPerson,
  changePatient,
  findPerson,
  givenPatient,
  nameOf,
  openPromises,
  patient,
  quotedPatient,
} from './lookup.ts';
import { born, checkName, clearable, lastLine, line, past, readField, valuesOf } from './patient-fields.ts';
import { screenFor } from './sight.ts';

const personOptions = {
  relation: clearable('<relation>', '--relation', 'daughter, neighbour, …; nothing clears it'),
  birthDate: born('a day, a month or a year; nothing clears it'),
};

const alive = 'is no longer marked as died';

const personArgument = argument('name or ref of the person; quote several words');

/** 'k7m2q Ana (daughter) of Malu Razo'. */
const called = (person: Person, patient: Patient): string =>
  `${person.ref} ${calledPerson(person)} of ${nameOf(patient)}`;

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
  arguments: { patient: quotedPatient, name: lastLine('the name') },
  options: { ...personOptions, died: past('they have died: a day, a month or a year') },
  examples: ['malu', 'malu Ana --relation daughter --birth-date 1990'],
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
  arguments: { patient },
  examples: ['malu', 'mar raz --json'],
  async run({ patient }, ctx) {
    const { store, clock, output } = ctx;
    const notes = store.notes.of(patient.id, { kinds: ['loss'] });
    const { people } = screenFor(patient, ctx).records({ people: store.people.of(patient.id), notes });
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
  arguments: { patient: quotedPatient, person: personArgument },
  options: { name: { ...line('the name', 'their name'), value: '<name>' }, ...personOptions },
  examples: ['malu ana --relation niece', "malu ana --birth-date ''"],
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
  arguments: { patient: quotedPatient, person: personArgument },
  options: { on: past('a day, a month or a year'), mistaken: flag('they did not die') },
  apart: { mistaken: ['on'] },
  examples: ['walt June --on "2 feb"', 'walt June --mistaken'],
  run({ patient, person: asked, on, mistaken }, ctx) {
    const { store } = ctx;
    const person = findPerson(store, patient, asked);
    const patch: Patch<Person> = mistaken
      ? { status: 'living', died_on: null }
      : { status: 'died', died_on: on === undefined ? person.died_on : on };
    const work = (): Person => store.people.change(person, () => patch);
    const outcome = ({ died_on }: Person): string => (mistaken ? alive : `died${diedWords(died_on)}`);
    const losses = mistaken ? store.notes.of(patient.id, { status: ['current'], kinds: ['loss'] }) : [];
    return {
      ...saved('person died', patient, work, outcome, ctx),
      notices: losses
        .filter((note) => note.person === person.id)
        .map(({ ref }) => `hint: the note of the loss stays: rapport retire ${ref}`),
    };
  },
});

function readRedirection(typed: string) {
  const [ref = '', ...name] = typed.split('=');
  const person = name.join('=').trim();
  if (ref.trim() === '' || person === '')
    throw usage(`--redirect: '${printable(typed.slice(0, 40))}' is not REF=PERSON`);
  return { ref: ref.trim(), person };
}

/** What becomes of each promise. */
type Fates = Map<Commitment, Patch<Commitment>>;

const droppedByDeath = 'the patient died';
const again = 'promise it again if it is still wanted';

const droppedOn = (closed_on: Commitment['closed_on']): Patch<Commitment> => ({
  status: 'dropped',
  closed_on,
  reason: droppedByDeath,
});

function namedFates(
  dropped: readonly string[],
  redirected: readonly ReturnType<typeof readRedirection>[],
  patient: Patient,
  open: readonly Commitment[],
  { store, clock }: Ctx,
): Fates {
  const find = (ref: string): Commitment => {
    const found = open.find((commitment) => commitment.ref === ref.toLowerCase() || commitment.id === ref);
    if (found !== undefined) return found;
    throw notFound(
      `${nameOf(patient)} has no open promise '${printable(ref)}'`,
      `rapport due --all --patient ${shellQuoted(patient.handle)}`,
    );
  };
  const fates: Fates = new Map(dropped.map((ref) => [find(ref), droppedOn(clock.today())]));
  for (const { ref, person } of redirected) {
    if (fates.has(find(ref))) throw usage(`'${ref}' can't be both dropped and redirected`);
    fates.set(find(ref), { for_person: findPerson(store, patient, person).id });
  }
  return fates;
}

async function askFates(
  open: readonly Commitment[],
  fates: Fates,
  people: readonly Person[],
  { questions, clock }: Ctx,
): Promise<void> {
  if (!questions.possible) return;
  const living = people.filter(({ status }) => status === 'living');
  const choices: readonly Choice<Patch<Commitment>>[] = [
    { name: 'leave it open', value: {} },
    { name: 'drop it', value: droppedOn(clock.today()) },
    ...living.map((person) => ({ name: `for ${calledPerson(person)}`, value: { for_person: person.id } })),
  ];
  for (const promise of open) {
    if (fates.has(promise) || promise.for_person !== null) continue;
    const question = `${promise.ref}  ${cutToWidth(printable(promise.text), 56)}`;
    fates.set(promise, await questions.choose(question, choices));
  }
}

function fateOf({ status, for_person }: Commitment, people: readonly Person[]): string {
  const person = people.find(({ id }) => id === for_person);
  return status === 'dropped' ? 'dropped' : person ? `for ${printable(personName(person))}` : 'stays open';
}

function takeBack(patient: Patient, ctx: Ctx): Outcome {
  if (patient.status !== 'died') throw conflict(`${nameOf(patient)} is not marked as died`);
  const patch: Patch<Patient> = { status: 'active', died_on: null };
  const { json, text } = changePatient('patient died', patient, () => patch, alive, ctx);
  return {
    json: { ...json, items: [] },
    text,
    notices: ctx.store.commitments
      .of(patient.id)
      .filter(({ status, reason }) => status === 'dropped' && reason === droppedByDeath)
      .map(({ ref }) => `hint: ${ref} was dropped with the death and stays so: ${again}`),
  };
}

export const patientDied = command({
  arguments: { patient: givenPatient },
  options: {
    on: past('a day, a month or a year'),
    drop: repeated('<ref>', 'a promise that ends here', { takes: 'promise' }),
    redirect: plain(
      'a promise that is kept for a person around them',
      (raw) => wordsOf(raw).map(readRedirection),
      { value: '<ref=person>', repeat: true },
    ),
    mistaken: flag('they did not die'),
  },
  apart: { mistaken: ['on', 'drop', 'redirect'] },
  examples: ['walt --on "2 feb"', 'walt --redirect k7m2q=Tom'],
  async run({ patient, on: died_on = patient.died_on, drop, redirect, mistaken }, ctx) {
    if (mistaken) return takeBack(patient, ctx);
    const { store, output } = ctx;
    const open = openPromises(store, patient);
    const people = store.people.of(patient.id);
    const fates = namedFates(drop, redirect, patient, open, ctx);
    await askFates(open, fates, people, ctx);
    const { value, operation = null } = store.write({ verb: 'patient died' }, () => {
      const dead = store.patients.change(patient, () => ({ status: 'died', died_on }));
      return { dead, items: open.map((one) => store.commitments.change(one, () => fates.get(one) ?? {})) };
    });
    const { dead, items } = value;
    const left = items.find(({ status, for_person }) => status === 'open' && for_person === null);
    const columns: readonly Column<Commitment>[] = [
      { cell: ({ ref }) => ref },
      { fit: 'cut', cell: ({ text }) => text },
      { cell: (commitment) => fateOf(commitment, people) },
    ];
    const again = `rapport patient died ${shellQuoted(patient.handle)}`;
    return {
      json: { operation, patient: patientFields(dead), items },
      text: [
        `${dead.ref} ${nameOf(dead)} died${diedWords(dead.died_on)}`,
        ...(await listLines(items, columns, output, { indent: 1 })),
      ].join('\n'),
      notices: present(
        left &&
          aside(
            `hint: ${again} --drop ${left.ref} closes a promise, --redirect ${left.ref}=NAME gives it to a person`,
          ),
      ),
    };
  },
});
