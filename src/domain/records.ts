/**
 * The records that rapport keeps, with the field names of tables and of the interchange document alike.
 * Dates are civil dates; times are 'HH:MM' in the record's own zone. `null` means not recorded.
 * Every record has a whole id (a ULID, or as imported) and a short ref that never changes.
 */
import type { CivilDate, PartialDate, TimeOfDay } from '../dates/civil.ts';

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
] as const;
export type NoteKind = (typeof noteKinds)[number];

export const noteStatuses = ['current', 'answered', 'superseded', 'retired'] as const;
export type NoteStatus = (typeof noteStatuses)[number];

export const tones = ['joyful', 'hard', 'neutral'] as const;
export type Tone = (typeof tones)[number];

export const owners = ['me', 'patient', 'staff'] as const;
export type Owner = (typeof owners)[number];

export const commitmentKinds = ['call', 'send', 'ask', 'refer', 'check', 'welcome', 'other'] as const;
export type CommitmentKind = (typeof commitmentKinds)[number];

export const commitmentStatuses = ['open', 'kept', 'dropped'] as const;
export type CommitmentStatus = (typeof commitmentStatuses)[number];

export const channels = ['visit', 'call', 'message', 'letter', 'home', 'other'] as const;
export type Channel = (typeof channels)[number];
/** Other words for a channel, as people type them. */
export const channelWords: ReadonlyMap<string, Channel> = new Map([
  ...['phone', 'telephone', 'tel', 'ring', 'rang'].map((word) => [word, 'call'] as const),
  ...['text', 'sms', 'email', 'e-mail', 'chat'].map((word) => [word, 'message'] as const),
  ...['mail', 'post'].map((word) => [word, 'letter'] as const),
]);
/** As people read them. */
export const channelNames: Readonly<Record<Channel, string>> = {
  visit: 'visit',
  call: 'call',
  message: 'message',
  letter: 'letter',
  home: 'home visit',
  other: 'contact',
};

export const contactStates = ['held', 'planned', 'missed', 'cancelled'] as const;
export type ContactState = (typeof contactStates)[number];

export const patientStatuses = ['active', 'archived', 'died'] as const;
export type PatientStatus = (typeof patientStatuses)[number];

/** The fields that can be imported without anybody having asked, or that a patient can decline. */
export const askableFields = ['goes_by', 'say', 'pronouns', 'language', 'birth_date'] as const;
export type AskableField = (typeof askableFields)[number];

const listsOfFields = new Map<string, readonly AskableField[]>();

/** The fields that a file gives and nobody has asked about: the same list for all of whom it gives the same. */
export function unconfirmedAmong(
  fields: {
    readonly [K in AskableField]?: unknown;
  },
): readonly AskableField[] {
  const given = askableFields.filter((field) => fields[field] != null);
  const key = given.join();
  const known = listsOfFields.get(key) ?? given;
  listsOfFields.set(key, known);
  return known;
}

export interface Identifier {
  readonly system: string;
  readonly value: string;
}

export interface Patient {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly handle: string;
  readonly goes_by: string | null;
  readonly say: string | null;
  readonly pronouns: string | null;
  readonly language: string | null;
  readonly aliases: readonly string[];
  /** 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'. */
  readonly birth_date: PartialDate | null;
  readonly first_met: PartialDate | null;
  readonly new: boolean;
  readonly unconfirmed: readonly AskableField[];
  readonly declined: readonly AskableField[];
  readonly status: PatientStatus;
  readonly died_on: PartialDate | null;
  readonly cadence_days: number | null;
  readonly identifiers: readonly Identifier[];
  readonly hold: boolean;
}

/** Someone around the patient. */
export interface Person {
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly name: string;
  readonly relation: string | null;
  readonly birth_date: PartialDate | null;
  readonly status: 'living' | 'died';
  readonly died_on: PartialDate | null;
}

export interface Note {
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly kind: NoteKind;
  readonly text: string;
  /** Null only where an import did not say: such a note is undated. */
  readonly recorded_on: CivilDate | null;
  readonly said_on: CivilDate | null;
  readonly confirmed_on: CivilDate | null;
  /** The id of a person of the same patient. */
  readonly person: string | null;
  readonly date: PartialDate | null;
  readonly yearly: boolean;
  readonly tone: Tone;
  readonly reach_out: boolean;
  readonly sensitive: boolean;
  readonly show_in_brief: boolean;
  readonly pinned: boolean;
  readonly status: NoteStatus;
  readonly answered_on: CivilDate | null;
  readonly answer: string | null;
  /** The id of the note of the same patient that this one takes the place of. */
  readonly replaces: string | null;
  readonly source: 'typed' | 'imported';
}

export interface Snooze {
  readonly on: CivilDate;
  readonly from: CivilDate | null;
  readonly to: CivilDate;
  readonly reason: string | null;
}

export interface Attempt {
  readonly on: CivilDate;
  readonly note: string | null;
}

export interface Commitment {
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly text: string;
  readonly owner: Owner;
  readonly kind: CommitmentKind;
  /** The id of a person of the same patient: a promise redirected after a death. */
  readonly for_person: string | null;
  /** Null only where an import did not say. */
  readonly made_on: CivilDate | null;
  readonly due: CivilDate | null;
  readonly status: CommitmentStatus;
  readonly closed_on: CivilDate | null;
  readonly how: string | null;
  readonly who: Owner | null;
  readonly reason: string | null;
  readonly told_on: CivilDate | null;
  readonly snoozes: readonly Snooze[];
  readonly attempts: readonly Attempt[];
}

export interface Contact {
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly on: CivilDate;
  readonly at: TimeOfDay | null;
  readonly time_zone: string | null;
  readonly channel: Channel;
  readonly direction: 'in' | 'out' | null;
  readonly state: ContactState;
  readonly gist: string | null;
  readonly uid: string | null;
  readonly sequence: number | null;
  readonly source: 'typed' | 'imported';
}

/** A record before the store gives it its ref, and an id where it has none. */
export type New<R extends { id: string; ref: string }> = Omit<R, 'id' | 'ref'> & { readonly id?: string };
/** What may change in a record. */
export type Patch<R extends { id: string; ref: string }> = {
  readonly [K in Exclude<keyof R, 'id' | 'ref'>]?: R[K];
};

/** How long a text may be, in characters; more belongs in the chart or in several notes. */
export const textLimit = 10_000;
export const nameLimit = 200;

/** The tone of a note whose writer named none. */
export const defaultTone = (kind: NoteKind): Tone =>
  kind === 'interest' || kind === 'family' || kind === 'milestone' ? 'joyful' : 'neutral';

/** One for all: long lists have many of them. */
const none: readonly never[] = [];

export const newPatient = (
  fields: Pick<Patient, 'name' | 'handle'> & Partial<Omit<Patient, 'ref'>>,
): New<Patient> => ({
  goes_by: null,
  say: null,
  pronouns: null,
  language: null,
  aliases: none,
  birth_date: null,
  first_met: null,
  new: false,
  unconfirmed: none,
  declined: none,
  status: 'active',
  died_on: null,
  cadence_days: null,
  identifiers: none,
  hold: false,
  ...fields,
});

export const newPerson = (
  fields: Pick<Person, 'patient_id' | 'name'> & Partial<Omit<Person, 'ref'>>,
): New<Person> => ({ relation: null, birth_date: null, status: 'living', died_on: null, ...fields });

export const newNote = (
  fields: Pick<Note, 'patient_id' | 'kind' | 'text' | 'recorded_on'> & Partial<Omit<Note, 'ref'>>,
): New<Note> => ({
  said_on: null,
  confirmed_on: null,
  person: null,
  date: null,
  yearly: fields.date?.startsWith('--') ?? false,
  tone: defaultTone(fields.kind),
  reach_out: false,
  sensitive: false,
  show_in_brief: false,
  pinned: false,
  status: 'current',
  answered_on: null,
  answer: null,
  replaces: null,
  source: 'typed',
  ...fields,
});

export const newCommitment = (
  fields: Pick<Commitment, 'patient_id' | 'text' | 'owner' | 'kind' | 'made_on'> &
    Partial<Omit<Commitment, 'ref'>>,
): New<Commitment> => ({
  for_person: null,
  due: null,
  status: 'open',
  closed_on: null,
  how: null,
  who: null,
  reason: null,
  told_on: null,
  snoozes: [],
  attempts: [],
  ...fields,
});

export const newContact = (
  fields: Pick<Contact, 'patient_id' | 'on' | 'channel' | 'state'> & Partial<Omit<Contact, 'ref'>>,
): New<Contact> => ({
  at: null,
  time_zone: null,
  direction: null,
  gist: null,
  uid: null,
  sequence: null,
  source: 'typed',
  ...fields,
});

/** Being in a room together: what "last seen" and "first visit" count. */
export const isVisit = (contact: Contact): boolean =>
  contact.channel === 'visit' || contact.channel === 'home';
