/** The types of an import plan, what a plan needs from the vault, and what contacts it results in. */
import type { CivilDate, PartialDate } from '../dates/civil.ts';
import type { ImportIssue } from './import-issues.ts';
import type { GivenAway, GivenClosedDay, GivenDocument } from './interchange.ts';
import type { Commitment, Contact, New, Note, Patch, Patient, Person } from './records.ts';

/** Look-ups in the vault. */
export interface Held {
  readonly patients: readonly Patient[];
  readonly person: (id: string) => Person | undefined;
  readonly note: (id: string) => Note | undefined;
  readonly commitment: (id: string) => Commitment | undefined;
  readonly contact: (id: string) => Contact | undefined;
  readonly peopleOf: (patientId: string) => readonly Person[];
  readonly commitmentsOf: (patientId: string) => readonly Commitment[];
  readonly contactsOf: (patientId: string) => readonly Contact[];
  /** All patients' contacts of an event and its recurrences. */
  readonly contactsOfEvent: (uid: string) => readonly Contact[];
  readonly calendar: HeldCalendar;
  /** Whether `patient forget` removed somebody of this name and birth date. */
  readonly wasForgotten: (name: string, birthDate: string | null) => boolean;
}

export interface HeldCalendar {
  readonly closed_days: readonly Required<GivenClosedDay>[];
  readonly away: readonly Required<GivenAway>[];
  readonly weekend: readonly number[];
}

/** A new record of a patient who may have no id yet. */
export type Unplaced<R extends { readonly id: string; readonly ref: string }> = Omit<New<R>, 'patient_id'>;

export interface Alteration<R extends { readonly id: string; readonly ref: string }> {
  readonly id: string;
  readonly patch: Patch<R>;
}

export interface RecordPlan<R extends { readonly id: string; readonly ref: string }> {
  /** Ordered so that each follows those it links to. */
  readonly add: readonly Unplaced<R>[];
  readonly change: readonly Alteration<R>[];
  /** How many need no change. */
  readonly same: number;
}

export interface PatientPlan {
  /** Place in the file. */
  readonly path: string;
  readonly known: Patient | undefined;
  /** The patient after the import. */
  readonly whole: New<Patient>;
  /** Undefined for a new patient and for one without changes. */
  readonly patch: Patch<Patient> | undefined;
  readonly people: RecordPlan<Person>;
  readonly notes: RecordPlan<Note>;
  readonly commitments: RecordPlan<Commitment>;
  readonly contacts: RecordPlan<Contact>;
}

/** A patient of the file who may be in the vault already: a person has to decide. */
export interface Doubt {
  /** Place in the file. */
  readonly path: string;
  readonly called: string;
  readonly birth_date: PartialDate | null;
  /** At least one. */
  readonly candidates: readonly Patient[];
  /** Without names. */
  readonly why: string;
  /** False for a mere reference to a patient. */
  readonly mayBeNew: boolean;
}

/** Add a new patient, leave out, or the id of the known one. */
export type Decision = 'new' | 'leave' | { readonly id: string };

export const plannedTables = ['patients', 'people', 'notes', 'commitments', 'contacts', 'calendar'] as const;
export type Counts = Readonly<Record<(typeof plannedTables)[number], number>>;

export interface ImportPlan {
  readonly patients: readonly PatientPlan[];
  /** Undefined where nothing changes. */
  readonly calendar: Partial<HeldCalendar> | undefined;
  readonly add: Counts;
  readonly change: Counts;
  /** Without changes. */
  readonly skip: Counts;
  /** Also among the refused, until decided. */
  readonly doubts: readonly Doubt[];
  /** What is left out; `moreRefused` were counted but not kept. */
  readonly refuse: readonly ImportIssue[];
  readonly moreRefused: number;
  /** One line each, for the person who imports; may name patients. */
  readonly notices: readonly string[];
}

/** `ref` of a contact that is only in the file. */
export const notStored = '';

/** `held` contacts as the plan changes them, and those it adds to known patients; nothing is stored. */
export function contactsAfter(
  { patients }: Pick<ImportPlan, 'patients'>,
  held: readonly Contact[],
  heldById: (id: string) => Contact | undefined,
): readonly Contact[] {
  const after = new Map(held.map((contact) => [contact.id, contact]));
  for (const [number, { known, contacts }] of patients.entries()) {
    for (const { id, patch } of contacts.change) {
      const before = heldById(id);
      if (before !== undefined) after.set(id, { ...before, ...patch });
    }
    if (known === undefined) continue;
    for (const [place, contact] of contacts.add.entries()) {
      const id = `planned ${number} ${place}`;
      after.set(id, { ...contact, id, ref: notStored, patient_id: known.id });
    }
  }
  return [...after.values()];
}

/** Contacts without a time come last. */
export const inOrderOfTime = <T extends { readonly at: string | null }>(list: readonly T[]): readonly T[] =>
  list.toSorted((left, right) => {
    const [one, other] = [left.at ?? '~', right.at ?? '~'];
    return one < other ? -1 : one > other ? 1 : 0;
  });

export interface UnmatchedEvent {
  /** Place in the file. */
  readonly path: string;
  readonly at: string | null;
  /** Its summary, if any. */
  readonly text: string | null;
  /** Why it matches no patient. */
  readonly why: string;
}

/** In order of time. */
export function unmatchedOn(
  on: CivilDate,
  { patients }: GivenDocument,
  { refuse }: ImportPlan,
): readonly UnmatchedEvent[] {
  const reasons = new Map(refuse.map(({ path, what }) => [path, what]));
  return inOrderOfTime(
    patients.flatMap(({ path, pointer, contacts }): readonly UnmatchedEvent[] => {
      const why = reasons.get(path);
      if (why === undefined) return [];
      return contacts
        .filter(({ fields }) => fields.on === on)
        .map(({ fields }) => ({ path, at: fields.at ?? null, text: pointer?.event?.text ?? null, why }));
    }),
  );
}
