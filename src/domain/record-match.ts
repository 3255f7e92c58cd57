/** Finds the records of one patient in the vault for those of a file: by id, by what they say, by a name, a uid or a day. */
import { lazy } from '../dates/civil.ts';
import type { Given, GivenPatient, GivenRecord, Held, Owned } from './interchange.ts';
import { nameKey } from './patient-names.ts';
import { type Commitment, type Contact, isOfEvent, isVisit, type Person, type RecordOf } from './records.ts';

/** A record of a file with the one of the vault that it is, and what it says of that. */
export interface MatchedRecord<T extends Owned> extends GivenRecord<T> {
  readonly known: RecordOf<T> | undefined;
}

type Matched<T extends Owned> = readonly MatchedRecord<T>[];
type GivenList<T extends Owned> = readonly GivenRecord<T>[];

/** What a record says: its kind, its text and the days that are not moved. */
const saying: { readonly [T in Owned]: (record: Given<T>) => readonly unknown[] } = {
  person: ({ name, relation }) => [name, relation],
  note: ({ kind, text, recorded_on, said_on, date }) => [kind ?? 'story', text, recorded_on, said_on, date],
  commitment: ({ owner, text, made_on, due, snoozes }) => {
    const [first = { from: due }] = snoozes ?? [];
    return [owner ?? 'me', text, made_on, first.from];
  },
  contact: ({ channel, on, at, gist }) => [channel ?? 'visit', on, at, gist],
};

/** Our own records: by id, and one without by what it says, each once. */
function ownRecords<T extends Owned>(
  table: T,
  given: GivenList<T>,
  { records }: Pick<Held, 'records'>,
  patientId: string | undefined,
): Matched<T> {
  const { byId, of }: Held['records'][T] = records[table];
  const keyOf = (fields: Given<T>): string => JSON.stringify(saying[table](fields));
  const named = new Set<unknown>(given.map(({ fields }) => fields.id));
  const bySaying = lazy(() => {
    const free = patientId === undefined ? [] : of(patientId).filter(({ id }) => !named.has(id));
    const lists = new Map<string, RecordOf<T>[]>();
    for (const one of free.toReversed()) lists.set(keyOf(one), [...(lists.get(keyOf(one)) ?? []), one]);
    return lists;
  });
  return given.map(({ path, fields }) => {
    const known = fields.id == null ? bySaying().get(keyOf(fields))?.pop() : byId(fields.id);
    return { path, fields, known };
  });
}

/** Another program's people are known by their names, and give what is not known of them. */
const knownPeople = (given: GivenList<'person'>, held: readonly Person[]): Matched<'person'> =>
  given.map(({ path, fields }) => {
    const called = fields.name == null ? undefined : nameKey(fields.name);
    const known = held.find(({ name }) => name !== null && nameKey(name) === called);
    const isNews = ([field, value]: readonly [string, unknown]): boolean =>
      known === undefined || (value !== null && known[field as keyof Person] === null);
    return { path, fields: Object.fromEntries(Object.entries(fields).filter(isNews)), known };
  });

const isRelated = (left: string, right: string): boolean => isOfEvent(left, right) || isOfEvent(right, left);

function isNews(known: Contact, sequence: number): boolean {
  if (known.state === 'planned') return sequence >= (known.sequence ?? 0);
  // An earlier version of the event was cancelled, and this one is not.
  return known.state === 'cancelled' && known.source === 'imported' && sequence > (known.sequence ?? 0);
}

/** A recorded contact without a time takes the time and uid of an event on its day. */
function timeOf(known: Contact, news: Given<'contact'>): Given<'contact'> {
  const { on, at, time_zone = null, uid = null, sequence = null } = news;
  const isRecorded = known.state === 'held' || known.state === 'missed';
  if (!isRecorded || known.at !== null || at == null || known.on !== on) return {};
  return { at, time_zone, ...(known.uid === null && { uid, sequence }) };
}

/**
 * A planned contact follows the file; a held, missed or cancelled one stays, and an older version changes nothing.
 * What is planned for an event that no longer gives it is cancelled.
 */
function knownContacts(
  given: GivenList<'contact'>,
  held: readonly Contact[],
  events: readonly GivenPatient[],
): Matched<'contact'> {
  const taken = new Set<string>();
  const byUid = new Map(held.flatMap((contact) => (contact.uid === null ? [] : [[contact.uid, contact]])));
  const records = given.flatMap(({ path, fields, isChange }): Matched<'contact'> => {
    const { uid, on, at, channel = 'visit', sequence } = fields;
    const isThat = (contact: Contact): boolean =>
      !taken.has(contact.id) &&
      contact.on === on &&
      (contact.channel === channel || (isVisit(contact) && channel === 'visit')) &&
      (contact.at === null || at == null || contact.at === at) &&
      (uid == null || (contact.uid === null ? contact.state !== 'cancelled' : isRelated(contact.uid, uid)));
    const known = (uid == null ? undefined : byUid.get(uid)) ?? held.find(isThat);
    if (known === undefined) return isChange ? [] : [{ path, fields, known }];
    taken.add(known.id);
    const { source: _, ...news } = fields;
    return [{ path, fields: isNews(known, sequence ?? 0) ? news : timeOf(known, news), known }];
  });
  const dropped = events.flatMap(({ path, pointer }) =>
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
        .map((known): MatchedRecord<'contact'> => {
          const newest = Math.max(sequence, known.sequence ?? 0);
          return { path, fields: { state: 'cancelled', sequence: newest }, known };
        }),
    ),
  );
  return [...records, ...dropped];
}

/**
 * A known commitment is only ever closed by a file. An id that another patient's commitment has gets a number added:
 * two servers can use the same id.
 */
const knownCommitments = (
  given: GivenList<'commitment'>,
  heldById: (id: string) => Commitment | undefined,
  patientId: string | undefined,
): Matched<'commitment'> =>
  given.map(({ path, fields }) => {
    const { id: asked, status, closed_on = null } = fields;
    let id = asked;
    let known = id == null ? undefined : heldById(id);
    for (let number = 2; known !== undefined && known.patient_id !== patientId; number += 1) {
      id = `${asked?.slice(0, 60)}-${number}`;
      known = heldById(id);
    }
    if (known === undefined) return { path, fields: { ...fields, ...(id != null && { id }) }, known };
    const isClosing = known.status === 'open' && status != null && status !== 'open';
    return { path, fields: isClosing ? { status, closed_on } : {}, known };
  });

/** @param givens all that a file gives of one patient. @param isForeign another program's, without ids of ours */
export function matchRecords(
  givens: readonly GivenPatient[],
  held: Pick<Held, 'records'>,
  patientId: string | undefined,
  isForeign: boolean,
): { readonly [T in Owned]: Matched<T> } {
  const events = givens.filter(({ pointer }) => pointer?.event !== undefined);
  const [people, notes] = [givens.flatMap((given) => given.people), givens.flatMap((given) => given.notes)];
  const commitments = givens.flatMap((given) => given.commitments);
  const contacts = givens.flatMap((given) => given.contacts);
  const of = <R>(records: readonly unknown[], look: (id: string) => readonly R[]): readonly R[] =>
    patientId === undefined || records.length === 0 ? [] : look(patientId);
  const note = ownRecords('note', notes, held, patientId);
  return isForeign
    ? {
        person: knownPeople(people, of(people, held.records.person.of)),
        note,
        commitment: knownCommitments(commitments, held.records.commitment.byId, patientId),
        contact: knownContacts(contacts, of([...contacts, ...events], held.records.contact.of), events),
      }
    : {
        person: ownRecords('person', people, held, patientId),
        note,
        commitment: ownRecords('commitment', commitments, held, patientId),
        contact: ownRecords('contact', contacts, held, patientId),
      };
}
