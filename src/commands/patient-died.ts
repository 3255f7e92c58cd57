/** `rapport patient died`: marks a death; what is still promised is dropped, given to a person who is left, or stays. */

import { aside, type Ctx, command, type Outcome } from '../cli/command.ts';
import { flag, plain, repeated, wordsOf } from '../cli/kinds.ts';
import type { Commitment, Patch, Patient, Person } from '../domain/records.ts';
import { cutToWidth, present, printable } from '../domain/text.ts';
import { conflict, notFound, shellQuoted, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { diedWords } from '../terminal/patient-page.ts';
import type { Choice } from '../terminal/questions.ts';
import { changePatient, findPerson, givenPatient, nameOf, personName } from './lookup.ts';
import { past } from './patient-fields.ts';

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
    ...living.map((person) => ({ name: `for ${personName(person)}`, value: { for_person: person.id } })),
  ];
  for (const promise of open) {
    if (fates.has(promise) || promise.for_person !== null) continue;
    const question = `${promise.ref}  ${cutToWidth(printable(promise.text), 56)}`;
    fates.set(promise, await questions.choose(question, choices));
  }
}

function outcome({ status, for_person }: Commitment, people: readonly Person[]): string {
  if (status === 'dropped') return 'dropped';
  const person = people.find(({ id }) => id === for_person);
  return person === undefined ? 'stays open' : `for ${printable(person.name)}`;
}

function takeBack(patient: Patient, ctx: Ctx): Outcome {
  if (patient.status !== 'died') throw conflict(`${nameOf(patient)} is not marked as died`);
  const alive: Patch<Patient> = { status: 'active', died_on: null };
  const said = 'is no longer marked as died';
  const { json, text } = changePatient(
    'patient died',
    patient,
    () => alive,
    () => said,
    ctx,
  );
  return {
    json: { ...json, items: [] },
    text,
    notices: ctx.store.commitments
      .of(patient.id)
      .filter(({ status, reason }) => status === 'dropped' && reason === droppedByDeath)
      .map(
        ({ ref }) =>
          `hint: ${ref} was dropped with the death and stays so: promise it again if it is still wanted`,
      ),
  };
}

export const patientDied = command({
  path: 'patient died',
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
  examples: ['rapport patient died walt --on "2 feb"', 'rapport patient died walt --redirect k7m2q=Tom'],
  async run({ patient, on: died_on = patient.died_on, drop, redirect, mistaken }, ctx) {
    if (mistaken) return takeBack(patient, ctx);
    const { store, output } = ctx;
    const open = store.commitments.of(patient.id).filter(({ status }) => status === 'open');
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
      { cell: (commitment) => outcome(commitment, people) },
    ];
    const again = `rapport patient died ${shellQuoted(patient.handle)}`;
    return {
      json: { operation, patient: dead, items },
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
