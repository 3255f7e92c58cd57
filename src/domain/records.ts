/**
 * The records that rapport keeps: one schema each, from which follow its type, its defaults, its columns, what an
 * import may say of it, and docs/schemas/records.json. Times are in the zone of the record; null means not
 * recorded.
 */
import { isTimeZone, valued } from '../dates/civil.ts';
import {
  anyDate,
  code,
  day,
  flag,
  type GrantedName,
  grantedOf,
  id,
  interval,
  isHandle,
  item,
  items,
  listOf,
  matching,
  maybe,
  maybeText,
  nameLimit,
  oneOf,
  pastDate,
  text,
  textLimit,
  time,
  usually,
  type Values,
  wholeNumber,
} from './fields.ts';

export { nameLimit, textLimit } from './fields.ts';

export const noteKinds = [
  'story',
  'interest',
  'family',
  'concern',
  'question',
  'matters',
  'preference',
  'explain',
  'decision',
  'milestone',
  'loss',
  'avoid',
  'next',
  'learned',
] as const;
export const noteStatuses = ['current', 'answered', 'superseded', 'retired'] as const;
export const tones = ['joyful', 'hard', 'neutral'] as const;
export const owners = ['me', 'patient', 'staff'] as const;
export const commitmentKinds = ['call', 'send', 'ask', 'refer', 'check', 'welcome', 'other'] as const;
const commitmentStatuses = ['open', 'kept', 'dropped'] as const;
const personStatuses = ['living', 'died', 'apart'] as const;
export const channels = ['visit', 'call', 'message', 'letter', 'home', 'other'] as const;
export type Channel = (typeof channels)[number];
export const channelWords = valued<Channel>([
  ['phone|telephone|tel|ring|rang', 'call'],
  ['text|sms|email|e-mail|chat', 'message'],
  ['mail|post', 'letter'],
]);
export const channelNames: Readonly<Record<Channel, string>> = {
  visit: 'visit',
  call: 'call',
  message: 'message',
  letter: 'letter',
  home: 'home visit',
  other: 'contact',
};
const contactStates = ['held', 'planned', 'missed', 'cancelled'] as const;
export const patientStatuses = ['active', 'archived', 'died'] as const;

/** The fields that can be imported without anybody having asked, or that a patient can decline. */
export const askableFields = ['goes_by', 'say', 'pronouns', 'language', 'birth_date'] as const;
export type AskableField = (typeof askableFields)[number];

/** The fields that a file gives and nobody has asked about. */
export const unconfirmedAmong = (
  fields: { readonly [K in AskableField]?: unknown },
): readonly AskableField[] => askableFields.filter((field) => fields[field] != null);

const noteKind = oneOf(noteKinds);
const askable = oneOf(askableFields);
const source = usually(['typed', 'imported'], 'typed');
const identifier = item({ system: code(text(textLimit)), value: code(text(textLimit)) });
const snooze = item({ on: day, from: maybe(day), to: day, reason: maybeText(textLimit) });
const attempt = item({ on: day, note: maybeText(textLimit) });

/** Every field of every record. What has no default has to be said of a new one. */
export const schemas = {
  patient: {
    id,
    name: text(nameLimit),
    handle: matching("a handle (small letters, digits, '.', '_' and '-', 40 at most)", isHandle),
    goes_by: maybeText(nameLimit),
    say: maybeText(nameLimit),
    pronouns: maybeText(nameLimit),
    language: maybeText(nameLimit),
    aliases: listOf(text(nameLimit)),
    birth_date: maybe(pastDate),
    first_met: maybe(pastDate),
    new: flag,
    /** Discreet: somebody may read the screen along with them. */
    quiet: flag,
    /** These find the patient and are never printed. */
    former_names: listOf(text(nameLimit)),
    unconfirmed: listOf(askable),
    declined: listOf(askable),
    status: usually(patientStatuses, 'active'),
    died_on: maybe(pastDate),
    cadence_days: maybe(wholeNumber(1, 3650)),
    identifiers: listOf(identifier),
    hold: flag,
  },
  person: {
    id,
    /** Null where only the relation is known. */
    name: maybeText(nameLimit),
    relation: maybeText(nameLimit),
    birth_date: maybe(pastDate),
    status: usually(personStatuses, 'living'),
    died_on: maybe(pastDate),
    apart_since: maybe(pastDate),
    /** The id of the patient who is the same person. */
    patient: maybe(id),
  },
  note: {
    id,
    kind: noteKind,
    text: text(textLimit),
    /** Null only where an import did not say: such a note is undated. */
    recorded_on: maybe(day),
    said_on: maybe(day),
    confirmed_on: maybe(day),
    person: maybe(id),
    date: maybe(anyDate),
    yearly: flag,
    tone: usually(tones, 'neutral'),
    reach_out: flag,
    sensitive: flag,
    show_in_brief: flag,
    pinned: flag,
    status: usually(noteStatuses, 'current'),
    answered_on: maybe(day),
    answer: maybeText(textLimit),
    /** The id of the note of the same patient that this one takes the place of. */
    replaces: maybe(id),
    /** Words of time in the text that no rule reads. */
    unread: maybeText(textLimit),
    source,
  },
  commitment: {
    id,
    text: text(textLimit),
    owner: oneOf(owners),
    kind: usually(commitmentKinds, 'other'),
    /** The id of a person of the same patient: a promise redirected after a death. */
    for_person: maybe(id),
    sensitive: flag,
    /** '1 month', '2 weeks': keeping it opens the next one. */
    every: maybe(interval),
    unread: maybeText(textLimit),
    /** It is to have no date: nobody asks for one. */
    undated: flag,
    /** Null only where an import did not say. */
    made_on: maybe(day),
    due: maybe(day),
    status: usually(commitmentStatuses, 'open'),
    closed_on: maybe(day),
    how: maybeText(textLimit),
    who: maybe(oneOf(owners)),
    reason: maybeText(textLimit),
    told_on: maybe(day),
    snoozes: listOf(snooze),
    attempts: listOf(attempt),
  },
  contact: {
    id,
    on: day,
    at: maybe(time),
    time_zone: maybe(matching('a time zone', isTimeZone)),
    channel: oneOf(channels),
    direction: maybe(oneOf(['in', 'out'])),
    state: oneOf(contactStates),
    gist: maybeText(textLimit),
    sensitive: flag,
    uid: code(maybeText(textLimit)),
    sequence: maybe(wholeNumber(0, 2 ** 31 - 1)),
    source,
  },
  closed_day: { on: day, name: maybeText(nameLimit) },
  away: { from: day, to: day, reason: maybeText(nameLimit) },
  weekend: { days: items(wholeNumber(1, 7)) },
} as const;

export type TableName = keyof typeof schemas;
type Schemas = typeof schemas;
export const recordNames = ['patient', 'person', 'note', 'commitment', 'contact'] as const;
export type RecordName = (typeof recordNames)[number];
export const fieldNames = (table: TableName): readonly string[] => Object.keys(schemas[table]);
export type Fields<T extends TableName> = Values<Schemas[T]>;
/** A record as the store gives it. It has a whole id (a ULID, or as imported) and a short ref that never changes. */
export type RecordOf<T extends RecordName> = Fields<T> & { readonly ref: string } & (T extends 'patient'
    ? unknown
    : { readonly patient_id: string });

export type Patient = RecordOf<'patient'>;
export type Person = RecordOf<'person'>;
export type Note = RecordOf<'note'>;
export type Commitment = RecordOf<'commitment'>;
export type Contact = RecordOf<'contact'>;
export type NoteKind = Note['kind'];
export type NoteStatus = Note['status'];
export type Owner = Commitment['owner'];
export type CommitmentKind = Commitment['kind'];
export type CommitmentStatus = Commitment['status'];
export type ContactState = Contact['state'];
export type PatientStatus = Patient['status'];
export type Identifier = Patient['identifiers'][number];

export type ClosedDay = Fields<'closed_day'>;
export type Away = Fields<'away'>;
export interface CalendarRecords {
  readonly closed_days: readonly ClosedDay[];
  readonly away: readonly Away[];
  /** ISO weekdays, 1 Monday to 7 Sunday. */
  readonly weekend: readonly number[];
}

/** A record before the store gives it its ref, and an id where it has none. */
export type New<R extends { id: string; ref: string }> = Omit<R, 'id' | 'ref'> & { readonly id?: string };
export type Patch<R extends { id: string; ref: string }> = {
  readonly [K in Exclude<keyof R, 'id' | 'ref'>]?: R[K];
};
/** What has to be said of a new record: what has no default, and `More`; the rest may be. */
type Start<T extends RecordName, More extends keyof RecordOf<T> = never> = Pick<
  RecordOf<T>,
  Exclude<keyof RecordOf<T>, 'id' | 'ref' | GrantedName<Schemas[T]>> | More
> &
  Partial<Omit<RecordOf<T>, 'ref'>>;

/** What is not said of a new record is what its schema grants. */
function newOf<T extends RecordName, More extends keyof RecordOf<T> = never>(table: T) {
  const granted = grantedOf(schemas[table]);
  return (fields: Start<T, More>) => ({ ...granted, ...fields }) as unknown as New<RecordOf<T>>;
}

export const defaultTone = (kind: NoteKind): Note['tone'] =>
  kind === 'interest' || kind === 'family' || kind === 'milestone' ? 'joyful' : 'neutral';

export const newPatient = newOf('patient');
export const newPerson = newOf('person');
export const newCommitment = newOf<'commitment', 'kind' | 'made_on'>('commitment');
export const newContact = newOf('contact');
const plainNote = newOf<'note', 'recorded_on'>('note');
export const newNote: typeof plainNote = (fields) =>
  plainNote({
    yearly: fields.date?.startsWith('--') ?? false,
    tone: defaultTone(fields.kind),
    ...fields,
  });

/** Whether a contact is a calendar event, or one of its recurrences: 'uid/20260312T092000Z'. */
export const isOfEvent = (contactUid: string, uid: string): boolean =>
  contactUid === uid ||
  (contactUid.startsWith(`${uid}/`) && /^\d{8}(?:T\d{6}Z?)?$/.test(contactUid.slice(uid.length + 1)));

/** Being in a room together: what "last seen" and "first visit" count. */
export const isVisit = (contact: Contact): boolean =>
  contact.channel === 'visit' || contact.channel === 'home';
