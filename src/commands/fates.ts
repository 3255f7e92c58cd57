/** Whom a note told to be dead or apart, or added: what becomes of them when it is taken out, worded anew or moved. */
import type { Store } from '../context.ts';
import type { Circle } from '../domain/circle.ts';
import { takenBack } from '../domain/loss-list.ts';
import { mentionsIn } from '../domain/mentions.ts';
import { newestOfThreads } from '../domain/note-rules.ts';
import type { Note, Person } from '../domain/records.ts';
import { pick } from '../domain/text.ts';
import { type LossMeaning, whomLost, whomNoted } from '../domain/whom.ts';
import { personOf } from '../domain/write-up-plan.ts';
import { passToPatient } from './patient-fields.ts';
import { settlePerson } from './visit-records.ts';

/** Undefined where an undo took the patient out. */
function circleOf({ patient_id }: Pick<Note, 'patient_id'>, { patients, people }: Store): Circle | undefined {
  const patient = patients.byId(patient_id);
  return patient && { patient, people: people.of(patient_id) };
}

/** Whoever died or left by this loss alone lives again. Only inside `write`. */
export function takeBackFate(store: Store, loss: Note): void {
  const circle = circleOf(loss, store);
  if (loss.kind !== 'loss' || circle === undefined) return;
  const losses = newestOfThreads(store.notes.of(loss.patient_id, { kinds: ['loss'] }));
  const left = losses.filter(({ id }) => id !== loss.id);
  for (const person of circle.people) {
    const patch = takenBack(person, loss, left, circle);
    if (patch === undefined) continue;
    const after = store.people.update(person.id, patch);
    if (!loss.sensitive) passToPatient(store, person, after);
  }
}

/** A link that the old words gave goes with them; one that was said stays. */
function whomOf(note: Note, before: Note, { whom: named }: Partial<LossMeaning>, circle: Circle) {
  const person = circle.people.find(({ id }) => id === note.person);
  const isOfOldWords =
    note.text !== before.text &&
    note.person === before.person &&
    whomLost(before.text, circle).whom?.id === note.person;
  if (person !== undefined && !isOfOldWords)
    return { ...pick(person, 'id', 'name', 'relation'), isNew: false };
  // Who is only named in private is not added.
  return note.sensitive && named?.isNew ? undefined : named;
}

/** Links a note anew, and marks whoever died or left by it. Only inside `write`. */
export function settleFate(store: Store, note: Note, before: Note): Note {
  const circle = circleOf(note, store);
  if (circle === undefined || note.status !== 'current') return note;
  const meaning: Partial<LossMeaning> =
    note.kind === 'loss' ? whomLost(note.text, circle) : { whom: whomNoted(note.text, note.kind, circle) };
  const whom = whomOf(note, before, meaning, circle);
  const facts = { patientId: note.patient_id, people: circle.people };
  const plan = personOf({ ...meaning, date: note.date, whom }, facts);
  for (const other of meaning.all ?? [])
    settlePerson(store, personOf({ ...meaning, date: note.date, whom: other }, facts), note.sensitive);
  return store.notes.update(note.id, { person: settlePerson(store, plan, note.sensitive) ?? null });
}

/** Takes out who was on file for moved notes alone. Only inside `write`. @param before the notes as they were */
export function takeOutStrays(store: Store, before: readonly Note[]): void {
  const linked = new Set(before.flatMap(({ person }) => person ?? []));
  for (const person of [...linked].flatMap((id) => store.people.byId(id) ?? [])) {
    if (person.birth_date === null && person.patient === null && !isNamedStill(person, store))
      store.people.remove(person.id);
  }
}

function isNamedStill({ id, patient_id }: Person, store: Store): boolean {
  const circle = circleOf({ patient_id }, store);
  if (circle === undefined) return true;
  const isOf = (linked: string | null, text: string): boolean =>
    linked === id || mentionsIn(text, circle).some(({ people }) => people.some((one) => one.id === id));
  return (
    store.notes.of(patient_id).some(({ person, text }) => isOf(person, text)) ||
    store.commitments.of(patient_id).some(({ for_person, text }) => isOf(for_person, text)) ||
    store.contacts.of(patient_id).some(({ gist }) => isOf(null, gist ?? ''))
  );
}
