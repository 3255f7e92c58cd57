/**
 * Finds the vault's records for those of another program: a person by name, a contact by uid or day, a commitment
 * by id; what was changed here since stays.
 */
import type {
  CommitmentFields,
  ContactFields,
  Given,
  GivenPatient,
  GivenRecord,
  PersonFields,
} from './interchange.ts';
import { type Commitment, type Contact, isOfEvent, isVisit, type Person } from './records.ts';
import { foldedWords } from './text.ts';

const sameName = (left: string | null, right: string | null): boolean =>
  left !== null &&
  right !== null &&
  (left === right ||
    (foldedWords(left).length > 0 && foldedWords(left).join(' ') === foldedWords(right).join(' ')));

export function knownPeople(
  given: readonly GivenRecord<PersonFields>[],
  held: readonly Person[],
): readonly GivenRecord<PersonFields>[] {
  return given.map((record) => {
    const known = held.find((person) => sameName(person.name, record.fields.name ?? null));
    if (known === undefined) return record;
    const news = Object.entries(record.fields).filter(
      ([field, value]) => value !== null && known[field as keyof Person] === null,
    );
    return { ...record, fields: { ...Object.fromEntries(news), id: known.id } };
  });
}

const isRelated = (left: string, right: string): boolean => isOfEvent(left, right) || isOfEvent(right, left);

function isNews(known: Contact, sequence: number): boolean {
  if (known.state === 'planned') return sequence >= (known.sequence ?? 0);
  // An earlier version of the event was cancelled, and this one is not.
  return known.state === 'cancelled' && known.source === 'imported' && sequence > (known.sequence ?? 0);
}

/** A recorded contact without a time takes the time and uid of an event on its day. */
function timeOf(known: Contact, news: Given<ContactFields>): Given<ContactFields> {
  const { on, at, time_zone = null, uid = null, sequence = null } = news;
  const isRecorded = known.state === 'held' || known.state === 'missed';
  if (!isRecorded || known.at !== null || at == null || known.on !== on) return {};
  return { at, time_zone, ...(known.uid === null && { uid, sequence }) };
}

/**
 * A planned contact follows the file; a held, missed or cancelled one stays, and an older version changes nothing.
 * @param events of the file: planned contacts that an event no longer gives are cancelled
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
  const dropped = events.flatMap(({ path, pointer }): readonly GivenRecord<ContactFields>[] =>
    (pointer?.event?.dropped ?? []).flatMap(({ uid, sequence, isNamed, from, until }) =>
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
    ),
  );
  return [...records, ...dropped];
}

/**
 * A known commitment is only ever closed by a file. An id that another patient's commitment has gets a number added:
 * two servers can use the same id.
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

interface Linked {
  readonly id?: string;
  readonly replaces: string | null;
}

/**
 * Notes in an order in which each comes after the one it replaces, and why others can't be kept. A note that replaces
 * a bad new one is bad too.
 * @param held what the vault has of this patient under an id
 */
export function inOrderOfReplacing<N extends Linked>(
  notes: readonly N[],
  held: (id: string) => Linked | undefined,
): { readonly ordered: readonly N[]; readonly failing: ReadonlyMap<N, string> } {
  const byId = new Map(notes.flatMap((note) => (note.id === undefined ? [] : [[note.id, note] as const])));
  const ordered = new Set<N>();
  const failing = new Map<N, string>();
  const walked = new Set<string>();
  /** The new note that a link leads to, through notes of the vault, each of which is walked once. */
  const follow = (link: string | null): N | undefined => {
    let id = link;
    for (; id !== null && !byId.has(id) && !walked.has(id); id = held(id)?.replaces ?? null) walked.add(id);
    return id === null ? undefined : byId.get(id);
  };
  for (const note of notes) {
    const chain: N[] = [];
    const places = new Map<N, number>();
    let next: N | undefined = note;
    for (; next !== undefined && !places.has(next) && !ordered.has(next) && !failing.has(next); ) {
      places.set(next, chain.length);
      chain.push(next);
      next = follow(next.replaces);
    }
    const circle = (next && places.get(next)) ?? chain.length;
    for (const [place, one] of [...chain.entries()].reverse()) {
      const { replaces } = one;
      const target = replaces === null ? undefined : byId.get(replaces);
      const isThere = replaces === null || held(replaces) !== undefined;
      if (place >= circle) failing.set(one, 'leads in a circle');
      else if (target === undefined && !isThere) failing.set(one, 'leads to no note of this patient');
      else if (target !== undefined && failing.has(target) && !isThere)
        failing.set(one, 'leads to a note that is left out');
      else ordered.add(one);
    }
  }
  return { ordered: [...ordered], failing };
}
