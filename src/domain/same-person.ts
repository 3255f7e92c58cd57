/**
 * A person around one patient who is a patient too: a death, its day and the name to use pass over between the two
 * records, never a note, a promise or a contact. And who may be the same where nobody said so yet.
 */
import { count } from '../dates/civil.ts';
import { differing } from './fields.ts';
import type { PatientPlan } from './interchange.ts';
import { callingName, displayName, namesOf } from './patient-names.ts';
import type { Patch, Patient, Person } from './records.ts';
import { foldedWords, present } from './text.ts';

type Named = Pick<Patient, 'name' | 'goes_by'>;

const isDead = ({ status }: { readonly status: string }): boolean => status === 'died';

/** As long as the person was called: by the name to use alone, or by the whole. */
const calledLike = (patient: Named, name: string | null): string =>
  name !== null && foldedWords(name).length === 1 ? callingName(patient) : displayName(patient);

/** What a person is who was just told to be that patient. @param name as typed, or null for that of the patient */
export const linkedTo = (patient: Patient, name: string | null): Patch<Person> => ({
  patient: patient.id,
  name: name ?? displayName(patient),
  ...(isDead(patient) && { status: 'died', died_on: patient.died_on }),
});

/** What passes over to the person, of what changed of the patient. */
export function passedToPerson(before: Patient, after: Patient, person: Person): Patch<Person> {
  const isRenamed = displayName(before) !== displayName(after);
  const isNews = isDead(before) !== isDead(after) || before.died_on !== after.died_on;
  const isBack = isNews && !isDead(after) && isDead(person);
  const passed: Patch<Person> = {
    ...(isRenamed && { name: calledLike(after, person.name) }),
    ...(isNews && isDead(after) && { status: 'died', died_on: after.died_on }),
    ...(isBack && { status: 'living', died_on: null }),
  };
  return differing(passed, person);
}

/** The same the other way: a death alone, since a patient's own page has the name to use. */
export function passedToPatient(before: Person | undefined, after: Person, patient: Patient): Patch<Patient> {
  const wasDead = before !== undefined && isDead(before);
  if (wasDead === isDead(after) && before?.died_on === after.died_on) return {};
  if (isDead(after)) return { status: 'died', died_on: after.died_on ?? patient.died_on };
  return isDead(patient) ? { status: 'active', died_on: null } : {};
}

const surnameOf = (name: string): string => foldedWords(name).at(-1) ?? '';

/** Of dates: one may be less exact than the other, or not known. */
export const agree = (one: string | null, other: string | null): boolean =>
  one === null || other === null || one.startsWith(other) || other.startsWith(one);

/** Of the same name, and where that is a first name alone, around somebody of the same surname. */
export function mayBeSame(patient: Patient, person: Person, holder: Patient): boolean {
  if (person.name === null || person.status !== 'living' || holder.id === patient.id) return false;
  if (!agree(person.birth_date, patient.birth_date)) return false;
  const called = new Set(namesOf(patient).flatMap(foldedWords));
  const words = foldedWords(person.name);
  const isWhole = words.length > 1 || surnameOf(holder.name) === surnameOf(patient.name);
  return words.length > 0 && isWhole && words.every((word) => called.has(word));
}

const known: Readonly<Record<string, readonly [object: string, possessive: string]>> = {
  he: ['him', 'his'],
  she: ['her', 'her'],
};

/** 'him' and 'his', as the patient's pronouns are; 'them' and 'their' where they are others, or nobody asked. */
export function pronounsOf({ pronouns }: Pick<Patient, 'pronouns'>) {
  const [first = ''] = foldedWords(pronouns ?? '');
  const [object, possessive] = known[first] ?? ['them', 'their'];
  return { object, possessive };
}

/**
 * The plans of an import without links that lead nowhere: to a patient who is neither in the file nor in the vault, or
 * to the patient whom the person is around.
 */
export function withoutLostLinks(plans: readonly PatientPlan[], held: readonly Patient[]) {
  const ids = new Set([...held.map(({ id }) => id), ...plans.flatMap(({ whole }) => whole.id ?? [])]);
  let lost = 0;
  const kept = plans.map((plan): PatientPlan => {
    const own = plan.known?.id ?? plan.whole.id;
    const settled = <P extends { readonly patient?: string | null }>(person: P): P => {
      if (person.patient == null || (ids.has(person.patient) && person.patient !== own)) return person;
      lost += 1;
      return { ...person, patient: null };
    };
    const { add, change, same } = plan.people;
    if (![...add, ...change.map(({ patch }) => patch)].some(({ patient }) => patient != null)) return plan;
    const changed = change.map(({ id, patch }) => ({ id, patch: settled(patch) }));
    return { ...plan, people: { add: add.map(settled), change: changed, same } };
  });
  const [leads, stay] = [count(lost, 'person leads', 'people lead'), lost === 1 ? 'stays' : 'stay'];
  const notice = `${leads} to no patient of the file or the vault, and ${stay} without that link`;
  return { plans: kept, notices: present(lost > 0 && notice) };
}
