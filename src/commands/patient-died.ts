/** `rapport patient died`: marks a death; what is still promised is dropped, given to a person who is left, or stays. */

import { aside, type Ctx, command, type Outcome } from '../cli/command.ts';
import { flag, plain, repeated, wordsOf } from '../cli/kinds.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Commitment, Patch, Patient, Person } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { conflict, notFound, shellQuoted, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { diedWords } from '../terminal/patient-page.ts';
import type { Choice } from '../terminal/questions.ts';
import { findPerson, givenPatient } from './lookup.ts';
import { past } from './patient-fields.ts';

function readRedirection(typed: string) {
  const [ref = '', ...name] = typed.split('=');
  const person = name.join('=').trim();
  if (ref.trim() === '' || person === '')
    throw usage(`--redirect: '${printable(typed.slice(0, 40))}' is not REF=PERSON`);
  return { ref: ref.trim(), person };
}

type Fate = 'leave' | 'drop' | Person;

const droppedByDeath = 'the patient died';

const line = ({ ref, text }: Commitment): string => `${ref}  ${cutToWidth(printable(text), 56)}`;

function namedFates(
  dropped: readonly string[],
  redirected: readonly ReturnType<typeof readRedirection>[],
  patient: Patient,
  open: readonly Commitment[],
  { store }: Ctx,
): Map<string, Fate> {
  const find = (ref: string): string => {
    const found = open.find((commitment) => commitment.ref === ref.toLowerCase() || commitment.id === ref);
    if (found === undefined)
      throw notFound(
        `${printable(displayName(patient))} has no open promise '${printable(ref)}'`,
        `rapport due --all --patient ${shellQuoted(patient.handle)}`,
      );
    return found.id;
  };
  const fates = new Map<string, Fate>();
  for (const ref of dropped) fates.set(find(ref), 'drop');
  for (const { ref, person } of redirected) {
    if (fates.has(find(ref))) throw usage(`'${ref}' can't be both dropped and redirected`);
    fates.set(find(ref), findPerson(store, patient, person));
  }
  return fates;
}

async function askFates(
  open: readonly Commitment[],
  named: ReadonlyMap<string, Fate>,
  people: readonly Person[],
  { questions }: Ctx,
): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map(named);
  if (!questions.possible) return fates;
  const living = people.filter(({ status }) => status === 'living');
  const choices: readonly Choice<Fate>[] = [
    { name: 'leave it open', value: 'leave' },
    { name: 'drop it', value: 'drop' },
    ...living.map((person) => ({
      name: `for ${printable(person.name)}${person.relation === null ? '' : ` (${printable(person.relation)})`}`,
      value: person,
    })),
  ];
  for (const commitment of open)
    if (!fates.has(commitment.id) && commitment.for_person === null)
      fates.set(commitment.id, await questions.choose(line(commitment), choices));
  return fates;
}

function patchFor(fate: Fate | undefined, on: Commitment['closed_on']): Patch<Commitment> {
  if (fate === undefined || fate === 'leave') return {};
  return fate === 'drop'
    ? { status: 'dropped', closed_on: on, reason: droppedByDeath }
    : { for_person: fate.id };
}

function outcome({ status, for_person }: Commitment, people: readonly Person[]): string {
  if (status === 'dropped') return 'dropped';
  const person = people.find(({ id }) => id === for_person);
  return person === undefined ? 'stays open' : `for ${printable(person.name)}`;
}

function takeBack(patient: Patient, { store }: Ctx): Outcome {
  if (patient.status !== 'died') throw conflict(`${printable(displayName(patient))} is not marked as died`);
  const { value, operation = null } = store.write({ verb: 'patient died' }, () =>
    store.patients.change(patient, () => ({ status: 'active', died_on: null })),
  );
  return {
    json: { operation, patient: value, items: [] },
    text: `${value.ref} ${printable(displayName(value))} is no longer marked as died`,
    notices: store.commitments
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
  async run({ patient, on, drop, redirect, mistaken }, ctx) {
    if (mistaken) return takeBack(patient, ctx);
    const { store, output } = ctx;
    const open = store.commitments.of(patient.id).filter(({ status }) => status === 'open');
    const people = store.people.of(patient.id);
    const fates = await askFates(open, namedFates(drop, redirect, patient, open, ctx), people, ctx);
    const died_on = on === undefined ? patient.died_on : on;
    const today = ctx.clock.today();
    const { value, operation = null } = store.write({ verb: 'patient died' }, () => {
      const dead = store.patients.change(patient, () => ({ status: 'died', died_on }));
      const items = open.map((one) =>
        store.commitments.change(one, ({ id }) => patchFor(fates.get(id), today)),
      );
      return { dead, items };
    });
    const { dead, items } = value;
    const [left] = items.filter(({ status, for_person }) => status === 'open' && for_person === null);
    const columns: readonly Column<Commitment>[] = [
      { cell: ({ ref }) => ref },
      { fit: 'cut', cell: ({ text }) => text },
      { cell: (commitment) => outcome(commitment, people) },
    ];
    const again = `rapport patient died ${shellQuoted(patient.handle)}`;
    return {
      json: { operation, patient: dead, items },
      text: [
        `${dead.ref} ${printable(displayName(dead))} died${diedWords(dead.died_on)}`,
        ...(await listLines(items, columns, output, { indent: 1 })),
      ].join('\n'),
      notices:
        left === undefined
          ? []
          : [
              aside(
                `hint: ${again} --drop ${left.ref} closes a promise, --redirect ${left.ref}=NAME gives it to a person`,
              ),
            ],
    };
  },
});
