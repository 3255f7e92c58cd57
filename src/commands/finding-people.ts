/** From typed words to one person around a patient. */

import { displayName } from '../domain/patient-names.ts';
import type { Patient, Person } from '../domain/records.ts';
import { foldedWords, printable } from '../domain/text.ts';
import { Failure, notFound, shellQuoted } from '../errors.ts';
import type { Store } from '../world.ts';

/** By ref or whole id, by the whole name, or by beginnings of its words. @throws not-found, ambiguous */
export function findPerson(store: Store, patient: Patient, name: string): Person {
  const people = store.people.of(patient.id);
  const asked = name.trim();
  const exact = people.find(({ id, ref }) => id === asked || ref === asked.toLowerCase());
  if (exact !== undefined) return exact;
  const words = foldedWords(asked);
  const called = people.filter((person) => foldedWords(person.name).join(' ') === words.join(' '));
  const begun = people.filter((person) => {
    const own = foldedWords(person.name);
    return words.length > 0 && words.every((word) => own.some((candidate) => candidate.startsWith(word)));
  });
  const [person, ...others] = called.length > 0 ? called : begun;
  if (person === undefined) {
    const known = people.map((one) => printable(one.name)).join(', ');
    throw notFound(
      `nobody around ${printable(displayName(patient))} is called '${printable(asked)}'`,
      ...(known === '' ? [] : [`known: ${known}`]),
      `rapport person add ${shellQuoted(patient.handle)} ${shellQuoted(asked)}`,
    );
  }
  if (others.length > 0)
    throw new Failure('ambiguous', `${others.length + 1} people match '${printable(asked)}'`, [
      `use a ref: ${[person, ...others].map((one) => `${one.ref} ${printable(one.name)}`).join(', ')}`,
    ]);
  return person;
}
