/**
 * Records of another program that the vault has already, though not by id: a person by name, a contact by its uid or
 * its day, a commitment by an id made from the other program's. They are told apart without loss: what was written
 * here since is never changed back.
 */
import type { CommitmentFields, ContactFields, GivenRecord, PersonFields } from './interchange.ts';
import type { Commitment, Contact, Person } from './records.ts';
import { foldedWords } from './text.ts';

const sameName = (left: string, right: string): boolean =>
  left === right ||
  (foldedWords(left).length > 0 && foldedWords(left).join(' ') === foldedWords(right).join(' '));

/** A known person gains what was not known of them, and loses nothing. */
export function knownPeople(
  given: readonly GivenRecord<PersonFields>[],
  held: readonly Person[],
): readonly GivenRecord<PersonFields>[] {
  return given.map((record) => {
    const { name, relation, birth_date } = record.fields;
    const known = held.find((person) => sameName(person.name, name ?? ''));
    if (known === undefined) return record;
    const fields = {
      id: known.id,
      ...(known.relation === null && relation != null ? { relation } : {}),
      ...(known.birth_date === null && birth_date != null ? { birth_date } : {}),
    };
    return { ...record, fields };
  });
}

/** A planned contact follows the file; one that was held, missed or cancelled stays, and an older version changes nothing. */
export function knownContacts(
  given: readonly GivenRecord<ContactFields>[],
  held: readonly Contact[],
): readonly GivenRecord<ContactFields>[] {
  const taken = new Set<string>();
  return given.map((record) => {
    const { uid, on, at, channel, sequence } = record.fields;
    const sameDay = (contact: Contact): boolean =>
      contact.on === on &&
      contact.channel === (channel ?? 'visit') &&
      (contact.at === null || at == null || contact.at === at);
    const known =
      (uid == null ? undefined : held.find((contact) => contact.uid === uid)) ??
      held.find(
        (contact) => (contact.uid === null || uid == null) && !taken.has(contact.id) && sameDay(contact),
      );
    if (known === undefined) return record;
    taken.add(known.id);
    const isOlder = (sequence ?? 0) < (known.sequence ?? 0);
    const { source: _, ...news } = record.fields;
    const fields = known.state === 'planned' && !isOlder ? { ...news, id: known.id } : { id: known.id };
    return { ...record, fields };
  });
}

/**
 * A known commitment is closed where the file says so, and otherwise stays. An id that another patient's commitment has,
 * since two servers can give the same one, gets a number behind.
 */
export function knownCommitments(
  given: readonly GivenRecord<CommitmentFields>[],
  heldById: (id: string) => Commitment | undefined,
  patientId: string | undefined,
): readonly GivenRecord<CommitmentFields>[] {
  return given.map((record) => {
    const { id: asked, status, closed_on } = record.fields;
    if (asked == null) return record;
    let id = asked;
    for (let number = 2; ; number += 1) {
      const known = heldById(id);
      if (known === undefined) return { ...record, fields: { ...record.fields, id } };
      if (known.patient_id === patientId) {
        const isNews = known.status === 'open' && status != null && status !== 'open';
        return { ...record, fields: isNews ? { id, status, closed_on: closed_on ?? null } : { id } };
      }
      id = `${asked.slice(0, 60)}-${number}`;
    }
  });
}
