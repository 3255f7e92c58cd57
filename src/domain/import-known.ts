/**
 * Records of another program that the vault has already, though not by id: a person by name, a contact by its uid or
 * its day, a commitment by an id made from the other program's. They are told apart without loss: what was written
 * here since is never changed back.
 */
import {
  type CommitmentFields,
  type ContactFields,
  type Given,
  type GivenPatient,
  type GivenRecord,
  isOfEvent,
  type PersonFields,
} from './interchange.ts';
import { type Commitment, type Contact, isVisit, type Person } from './records.ts';
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
    const known = held.find((person) => sameName(person.name, record.fields.name ?? ''));
    if (known === undefined) return record;
    const news = Object.entries(record.fields).filter(
      ([field, value]) => value !== null && known[field as keyof Person] === null,
    );
    return { ...record, fields: { ...Object.fromEntries(news), id: known.id } };
  });
}

const isRelated = (left: string, right: string): boolean => isOfEvent(left, right) || isOfEvent(right, left);

/** Whether what a file says of a known contact is newer than what the vault has. */
function isNews(known: Contact, sequence: number): boolean {
  if (known.state === 'planned') return sequence >= (known.sequence ?? 0);
  // Called off by an earlier version of the event, and on again in this one.
  return known.state === 'cancelled' && known.source === 'imported' && sequence > (known.sequence ?? 0);
}

/** A contact recorded without a time gains that of its day's event, and the UID by which the event is known again. */
function timeOf(known: Contact, news: Given<ContactFields>): Given<ContactFields> {
  const { on, at, time_zone = null, uid = null, sequence = null } = news;
  const isRecorded = known.state === 'held' || known.state === 'missed';
  if (!isRecorded || known.at !== null || at == null || known.on !== on) return {};
  return { at, time_zone, ...(known.uid === null && { uid, sequence }) };
}

/**
 * A planned contact follows the file; one that was held, missed or cancelled stays, and an older version changes nothing.
 * @param events of the file, whose contacts these are: what they gave before and give no longer is called off
 */
export function knownContacts(
  given: readonly GivenRecord<ContactFields>[],
  held: readonly Contact[],
  events: readonly GivenPatient[] = [],
): readonly GivenRecord<ContactFields>[] {
  const taken = new Set<string>();
  const byUid = new Map(held.flatMap((contact) => (contact.uid === null ? [] : [[contact.uid, contact]])));
  const records = given.map((record) => {
    const { uid, on, at, channel, sequence } = record.fields;
    const isSame = (contact: Contact): boolean =>
      contact.on === on &&
      (contact.channel === channel || (isVisit(contact) && (channel ?? 'visit') === 'visit')) &&
      (contact.at === null || at == null || contact.at === at) &&
      (uid == null || (contact.uid === null ? contact.state !== 'cancelled' : isRelated(contact.uid, uid)));
    const known =
      (uid == null ? undefined : byUid.get(uid)) ??
      held.find((contact) => !taken.has(contact.id) && isSame(contact));
    if (known === undefined) return record;
    taken.add(known.id);
    const { source: _, ...news } = record.fields;
    const fields = isNews(known, sequence ?? 0)
      ? { ...news, id: known.id }
      : { ...timeOf(known, news), id: known.id };
    return { ...record, fields };
  });
  const dropped = events.flatMap(({ path, pointer }): readonly GivenRecord<ContactFields>[] => {
    return (pointer?.event?.dropped ?? []).flatMap(({ uid, sequence, isNamed, from, until }) =>
      held
        .filter(
          (contact) =>
            contact.uid !== null &&
            isOfEvent(contact.uid, uid) &&
            !taken.has(contact.id) &&
            contact.state === 'planned' &&
            contact.on >= from &&
            contact.on <= until &&
            (isNamed || isNews(contact, sequence)),
        )
        .map((contact) => ({
          path,
          fields: { id: contact.id, state: 'cancelled', sequence: Math.max(sequence, contact.sequence ?? 0) },
        })),
    );
  });
  return [...records, ...dropped];
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
        const isClosing = known.status === 'open' && status != null && status !== 'open';
        return { ...record, fields: isClosing ? { id, status, closed_on: closed_on ?? null } : { id } };
      }
      id = `${asked.slice(0, 60)}-${number}`;
    }
  });
}
