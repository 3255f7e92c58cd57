/** What the `person` commands share: their options, and saying what became of somebody around a patient. */
import type { PartialDate } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Patch, Patient, Person } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { patientDocument } from '../terminal/record-lists.ts';
import type { Store, World } from '../world.ts';
import type { ArgumentDeclaration, OptionDeclaration, RawInput } from './command.ts';
import { checkName, pastDate } from './patient-options.ts';

export type PersonNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'settings' | 'stdin'
>;

export interface PersonValues {
  readonly name?: string;
  readonly relation?: string | null;
  readonly birth_date?: PartialDate | null;
}

export const patientArgument: ArgumentDeclaration = {
  name: 'patient',
  help: 'name, handle or ref; quote several words',
};
export const personArgument: ArgumentDeclaration = {
  name: 'person',
  help: 'name or ref of the person; quote several words',
};

export const personOptions: readonly OptionDeclaration[] = [
  { flags: '--relation <relation>', help: 'daughter, neighbour, …; nothing clears it' },
  { flags: '--birth-date <date>', help: 'a day, a month or a year; nothing clears it' },
];

export function readPersonValues(raw: RawInput): PersonValues {
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
export const called = (person: Person, patient: Patient): string =>
  `${person.ref} ${printable(person.name)}${person.relation === null ? '' : ` (${printable(person.relation)})`} of ${printable(displayName(patient))}`;

export function tellPerson(
  verb: string,
  outcome: string,
  patient: Patient,
  saved: { readonly value: Person; readonly operation: string | undefined },
  { output, globals }: PersonNeeds,
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

export const changePerson = (verb: string, person: Person, patch: Patch<Person>, store: Store) =>
  store.write({ verb }, () => store.people.change(person, () => patch));
