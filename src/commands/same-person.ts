/** What passes over between a person and the patient who is the same: written together, and asked about where private. */
import type { Ctx } from '../cli/command.ts';
import type { Store } from '../context.ts';
import { displayName, patientFields, personName } from '../domain/patient-names.ts';
import type { Commitment, Note, Patch, Patient, Person } from '../domain/records.ts';
import { linkedTo, passedToPatient, passedToPerson } from '../domain/same-person.ts';
import { printable, shellQuoted } from '../domain/text.ts';
import { usage } from '../errors.ts';

const called = (patient: Patient): string => printable(displayName(patient));

const isEmpty = (patch: object): boolean => Object.keys(patch).length === 0;

/** Whom a person is said to be. @throws usage where that is the patient themselves */
export function linkPatch(patient: Patient, same: Patient, name: string | null): Patch<Person> {
  if (same.id === patient.id)
    throw usage('a patient cannot be a person around themselves', 'rapport person add --help');
  return linkedTo(same, name);
}

/** To those around other patients who are the same. Only inside `write`. @returns them as they are now */
export const passToPeople = (store: Store, before: Patient, after: Patient): readonly Person[] =>
  store.people.whoAre(after.id).flatMap((person) => {
    const patch = passedToPerson(before, after, person);
    return isEmpty(patch) ? [] : [store.people.update(person.id, patch)];
  });

/**
 * Changes a patient who was shown, in one operation, and says what became of them.
 * @param outcome 'is archived', of the patient as they are now, as they were, and what was changed
 */
export function changePatient(
  verb: string,
  seen: Patient,
  patchOf: (known: Patient) => Patch<Patient>,
  outcome: string | ((patient: Patient, known: Patient, patch: Patch<Patient>) => string),
  { store }: Pick<Ctx, 'store'>,
) {
  const { value, operation = null } = store.write({ verb }, () => {
    const known = store.patients.asSeen(seen);
    const patch = patchOf(known);
    const patient = store.patients.update(known.id, patch);
    passToPeople(store, known, patient);
    return { known, patch, patient };
  });
  const { patient, known, patch } = value;
  const became = typeof outcome === 'string' ? outcome : outcome(patient, known, patch);
  const text = `${patient.ref} ${called(patient)} ${became}`;
  return { json: { operation, patient: patientFields(patient) }, text };
}

/** To the patient who is the same, and from there to others. Only inside `write`. @returns the patient where they changed */
export function passToPatient(store: Store, before: Person | undefined, after: Person): Patient | undefined {
  const patient = after.patient === null ? undefined : store.patients.byId(after.patient);
  const patch = patient && passedToPatient(before, after, patient);
  if (patient === undefined || patch === undefined || isEmpty(patch)) return undefined;
  const changed = store.patients.update(patient.id, patch);
  passToPeople(store, patient, changed);
  return changed;
}

/** Asks of each death that a private note tells whether the patient who is the same is to be marked too. */
export async function askPrivateDeaths(
  saved: readonly (Note | Commitment)[],
  ctx: Ctx,
): Promise<readonly string[]> {
  const { store, questions } = ctx;
  const hints: string[] = [];
  for (const record of saved) {
    const id = record.kind === 'loss' && record.sensitive ? record.person : null;
    const person = id === null ? undefined : store.people.byId(id);
    const patient = person?.patient == null ? undefined : store.patients.byId(person.patient);
    if (person?.status !== 'died' || patient === undefined || patient.status === 'died') continue;
    const who = printable(personName(person));
    const question = `${who} is your patient ${called(patient)}, and the note is private. Mark the death there too?`;
    if (questions.possible && (await questions.confirm(question, false)))
      store.write({ verb: 'patient died' }, () => {
        const dead = { status: 'died', died_on: person.died_on } as const;
        passToPeople(
          store,
          patient,
          store.patients.change(patient, () => dead),
        );
      });
    else
      hints.push(
        `hint: ${who} is a patient too, not marked as died there: rapport patient died ${shellQuoted(patient.handle)}`,
      );
  }
  return hints;
}
