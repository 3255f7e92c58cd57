/** `rapport person`: the people around a patient, of whom some are patients too. */
import { aside, type Ctx, command, type Kind, type Outcome, warning } from '../cli/command.ts';
import { askRead, flag, optionalArgument, readingOf } from '../cli/kinds.ts';
import { tellsOf } from '../domain/loss-list.ts';
import { patientDocument, patientFields } from '../domain/patient-names.ts';
import { newPerson, type Patch, type Patient, type Person } from '../domain/records.ts';
import { present, shellQuoted } from '../domain/text.ts';
import { usage } from '../errors.ts';
import { listLines } from '../terminal/list-view.ts';
import { diedWords, personColumns } from '../terminal/patient-page.ts';
import { askDeathDay } from './deaths.ts';
import {
  called,
  calledPerson,
  choosePerson,
  nameOf,
  onePatient,
  openPromises,
  patient,
  patientsOf,
  quotedPatient,
} from './lookup.ts';
import {
  born,
  checkName,
  clearable,
  lastLine,
  linkPatch,
  passToPatient,
  past,
  readField,
  valuesOf,
} from './patient-fields.ts';
import { screenFor } from './sight.ts';
import { nothingOffered, offerCondolences, promiseLines } from './visit-questions.ts';

/** The patient whom the person is around; their own option is called so. */
const whose = { ...quotedPatient, help: `the patient: ${quotedPatient.help}`, takes: 'patient' } as const;

const samePatient: Kind<Patient | null | undefined> = {
  help: 'the patient here who is the same person; none: they are not',
  value: '<patient>',
  read: (raw, shut, has) => (raw === 'none' ? () => null : onePatient('').read(raw, shut, has)),
};

const personOptions = {
  relation: clearable('<relation>', '--relation', "daughter, neighbour, …; '' clears it"),
  birthDate: born("a day, a month or a year; '' clears it"),
  patient: samePatient,
};

const personArgument: Kind<string | undefined> = {
  ...optionalArgument('name or ref of the person; quote several words; left out it is asked for'),
  asked: ['which person?', 'give a name, a relation or a ref'],
};

const documentOf = ({ patient_id: _, ...person }: Person) => person;

/** As the screen may show them; `called` is 'k7m2q Ana (daughter) of Malu Razo'. */
function shownOf(seen: Person, patient: Patient, ctx: Ctx) {
  const person = screenFor(patient, ctx).renamed(seen);
  return {
    person: documentOf(person),
    called: `${person.ref} ${calledPerson(person)} of ${nameOf(patient)}`,
  };
}

function saved(verb: string, patient: Patient, work: () => Person, outcome: string, ctx: Ctx): Outcome {
  const { value, operation = null } = ctx.store.write({ verb }, work);
  const { person, called } = shownOf(value, patient, ctx);
  return { json: { operation, patient: patientDocument(patient), person }, text: `${called} ${outcome}` };
}

const readName = (answer: string): string | null =>
  answer.trim() === '' ? null : checkName(answer, 'the name');

/** Somebody is known by a name, by a relation, or by both. @throws usage */
function refuseNameless({ name, relation }: Pick<Person, 'name' | 'relation'>): void {
  if (name === null && relation === null)
    throw usage('neither a name nor a relation', 'one of them is enough: --relation mother');
}

const isLike = (known: Person, { name, relation, patient }: Pick<Person, 'name' | 'relation' | 'patient'>) =>
  (known.name === name && (name !== null || known.relation === relation)) ||
  (patient !== null && known.patient === patient);

export const personAdd = command({
  arguments: { whose, name: lastLine('the name') },
  options: { ...personOptions, died: past('they have died: a day, a month or a year') },
  refuse(has, { questions }) {
    if (!has('name') && !has('relation') && !has('patient') && !questions.possible)
      throw usage('which name?', 'rapport person add PATIENT - reads it from standard input');
  },
  examples: [
    'malu',
    'malu Ana --relation daughter --birth-date 1990',
    'eileen --patient tom --relation husband',
  ],
  async run({ whose: patient, name: given, died, patient: same, ...values }, ctx) {
    const { store, questions } = ctx;
    store.checkWritable();
    const isAsked = given === undefined && questions.possible;
    const named =
      given ??
      (isAsked && !same ? await askRead('Name of the person? Enter if not known', readName, ctx) : null);
    const relation =
      isAsked && values.relation === undefined
        ? await askRead(
            'Relation? Enter skips',
            (answer) => readField('relation', answer, readingOf(ctx)),
            ctx,
          )
        : {};
    const person = newPerson({
      patient_id: patient.id,
      name: named,
      ...relation,
      ...valuesOf(values),
      ...(died !== undefined && { status: 'died', died_on: died }),
      ...(same && linkPatch(patient, same, named)),
    });
    refuseNameless(person);
    const namesakes: Person[] = [];
    const work = (): Person => {
      const { id } = store.patients.present(patient);
      namesakes.push(...store.people.of(id).filter((known) => isLike(known, person)));
      const added = store.people.insert(person);
      passToPatient(store, undefined, added);
      return added;
    };
    return {
      ...saved('person add', patient, work, 'added', ctx),
      notices: namesakes.map((namesake) =>
        warning(
          `${shownOf(namesake, patient, ctx).called} is there already; rapport undo takes this one back`,
        ),
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
    const same = patientsOf(
      people.map(({ patient: patient_id }) => ({ patient_id })),
      store,
    );
    const rows = () => listLines(people, personColumns(clock.today(), same), output, { indent: 1 });
    const first = `rapport person add ${shellQuoted(patient.handle)}`;
    return {
      json: { patient: patientDocument(patient), items: people.map(documentOf) },
      text: people.length === 0 ? undefined : [output.style.title(name), ...(await rows())].join('\n'),
      looked: { patientId: patient.id },
      notices: people.length === 0 ? [aside(`nobody around ${name} is recorded: ${first}`)] : [],
    };
  },
});

async function askValues(person: Person, ctx: Ctx): Promise<Patch<Person>> {
  if (!ctx.questions.possible) throw usage('nothing to set', 'rapport person set --help lists what there is');
  const ask = (field: 'relation' | 'birth_date', question: string) =>
    askRead(question, (answer) => readField(field, answer, readingOf(ctx)), ctx, person[field] ?? '');
  return {
    name: await askRead('Name? (empty where only the relation is known)', readName, ctx, person.name ?? ''),
    ...(await ask('relation', 'Relation? (empty clears it)')),
    ...(await ask('birth_date', 'Born when? A day, a month or a year (empty clears it)')),
  };
}

export const personSet = command({
  arguments: { whose, person: personArgument },
  options: {
    name: clearable('<name>', '--name', "their name; '' clears it where the relation is known"),
    ...personOptions,
    apart: past("since when they are apart: a day, a month or a year; '': they are not"),
  },
  examples: ['malu ana --relation niece', "malu ana --birth-date ''", 'eileen tom --patient tom'],
  async run({ whose: patient, person: asked, patient: same, apart, ...given }, ctx) {
    const { store } = ctx;
    const person = await choosePerson(patient, asked, ctx);
    store.checkWritable();
    const values: Patch<Person> = {
      ...valuesOf(given),
      ...(apart !== undefined && { status: apart === null ? 'living' : 'apart', apart_since: apart }),
      ...(same === null && { patient: null }),
      ...(same && linkPatch(patient, same, given.name ?? person.name)),
    };
    const patch = Object.keys(values).length === 0 ? await askValues(person, ctx) : values;
    refuseNameless({ ...person, ...patch });
    const work = (): Person => {
      const changed = store.people.change(person, () => patch);
      passToPatient(store, { ...person, patient: changed.patient }, changed);
      return changed;
    };
    return saved('person set', patient, work, 'changed', ctx);
  },
});

const leftOpen = (patient: Patient): string =>
  `rapport patient died ${shellQuoted(patient.handle)} goes through what is still promised there`;

export const personDied = command({
  arguments: { patient: quotedPatient, person: personArgument },
  options: { on: past('a day, a month or a year'), mistaken: flag('they did not die') },
  apart: { mistaken: ['on'] },
  examples: ['walt June --on "2 feb"', 'walt June --mistaken'],
  async run({ patient, person: asked, on, mistaken }, ctx) {
    const { store } = ctx;
    const person = await choosePerson(patient, asked, ctx);
    store.checkWritable();
    const day = mistaken || on !== undefined ? on : await askDeathDay(calledPerson(person), person, ctx);
    const patch: Patch<Person> = mistaken
      ? { status: 'living', died_on: null }
      : { status: 'died', died_on: day ?? null };
    const promises = mistaken
      ? nothingOffered
      : await offerCondolences({ ...person, ...patch }, patient, ctx);
    const losses = store.notes.of(patient.id, { status: ['current'], kinds: ['loss'] });
    const told = mistaken
      ? losses.filter(tellsOf(person, { patient, people: store.people.of(patient.id) }))
      : [];
    const { value, operation = null } = store.write({ verb: 'person died' }, () => {
      for (const note of told) store.notes.change(note, () => ({ status: 'retired' }));
      const changed = store.people.change(person, () => patch);
      return {
        person: changed,
        same: passToPatient(store, person, changed),
        promises: promises.made.map((promise) => store.commitments.insert(promise)),
      };
    });
    const { same } = value;
    const shown = shownOf(value.person, patient, ctx);
    const outcome = mistaken ? 'is no longer marked as died' : `died${diedWords(value.person.died_on)}`;
    return {
      json: {
        operation,
        patient: patientDocument(patient),
        person: shown.person,
        promises: value.promises,
        ...(same && { same: patientFields(same) }),
      },
      text: [
        `${shown.called} ${outcome}`,
        ...present(same && `${same.ref} ${called(same)} ${outcome}`),
        ...(await promiseLines(value.promises, ctx)),
      ].join('\n'),
      notices: [
        ...told
          .filter(({ sensitive }) => !sensitive)
          .map(({ ref }) => `the note of the loss is laid aside with it: ${ref}`),
        ...promises.hints,
        ...present(same && !mistaken && openPromises(store, same).length > 0 && `hint: ${leftOpen(same)}`),
      ],
    };
  },
});
