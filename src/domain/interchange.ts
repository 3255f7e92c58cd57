/**
 * What a file gives, what the plan of an import needs of the vault, and the plan, all as values. An absent field
 * stays as it is in the vault, null clears it to what a new record has.
 */
import type { CivilDate, PartialDate } from '../dates/civil.ts';
import type { EventText } from './event-rules.ts';
import type { ImportIssue } from './import-issues.ts';
import type {
  Away,
  CalendarRecords,
  ClosedDay,
  Commitment,
  Contact,
  Fields,
  New,
  Note,
  Patch,
  Patient,
  Person,
  RecordName,
  RecordOf,
} from './records.ts';

export type Given<T extends RecordName> = { readonly [K in keyof Fields<T>]?: Fields<T>[K] | null };

/** `path` says where in the file it stands: 'patients[3].notes[7]', 'line 12'. */
export interface GivenRecord<T extends RecordName> {
  readonly path: string;
  readonly fields: Given<T>;
  /** Changes what is there, and adds nothing. */
  readonly isChange?: boolean;
}

export interface GivenPatient extends GivenRecord<'patient'> {
  readonly people: readonly GivenRecord<'person'>[];
  readonly notes: readonly GivenRecord<'note'>[];
  readonly commitments: readonly GivenRecord<'commitment'>[];
  readonly contacts: readonly GivenRecord<'contact'>[];
  /** Only leads to a patient of the vault, whom the file itself does not hold: nobody is added for it. */
  readonly pointer?: {
    /** The name that the file gives them there; of an event its words, with the day. */
    readonly called: string | undefined;
    readonly event?: GivenEvent;
  };
}

/** How a calendar's event leads to a patient: known by its uid where the vault has it, else by what it says. */
export interface GivenEvent {
  /** Of a series, the whole of it. */
  readonly uid: string | null;
  readonly text: string | null;
  readonly said: readonly (readonly EventText[])[];
  readonly dropped: readonly DroppedSpan[];
}

/** What is planned in the vault for an event, or for one recurrence, and no longer in the file, was called off. */
export interface DroppedSpan {
  readonly uid: string;
  readonly sequence: number;
  /** The file says so itself, whatever version the vault has: it was left out of its series by name. */
  readonly isNamed?: boolean;
  readonly from: CivilDate;
  readonly until: CivilDate;
}

const none: readonly never[] = [];

/** A patient of whom a file says nothing but who they are. Their lists are shared: long files have many such. */
export const barePatient = (path: string, fields: Given<'patient'>): GivenPatient => ({
  path,
  fields,
  people: none,
  notes: none,
  commitments: none,
  contacts: none,
});

/** Its keys; what else is absent stays as it is. */
export type Keyed<R, K extends keyof R> = Pick<R, K> & Partial<R>;

export interface GivenCalendar {
  readonly closed_days: readonly Keyed<ClosedDay, 'on'>[];
  readonly away: readonly Keyed<Away, 'from' | 'to'>[];
  readonly weekend?: readonly number[];
}

export interface GivenDocument {
  readonly patients: readonly GivenPatient[];
  readonly calendar?: GivenCalendar | undefined;
  readonly faults: readonly ImportIssue[];
  /** ImportIssues that were counted but not kept. */
  readonly moreFaults: number;
  /** Things worth saying about the file, one line each, without names. */
  readonly remarks: readonly string[];
  /**
   * How a patient is known again: by id alone (`id-only`); without one by `name-and-birth`; by an `identifier`, then by
   * name and birth date, with people and contacts known again by what they say. All but the first fill in what is not
   * yet known, without touching what was confirmed.
   */
  readonly matching: 'id-only' | 'name-and-birth' | 'identifier';
}

export interface WholePatient {
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
}

/** The records that belong to a patient. */
export type Owned = Exclude<RecordName, 'patient'>;

export interface Held {
  readonly patients: readonly Patient[];
  readonly records: {
    readonly [T in Owned]: {
      readonly byId: (id: string) => RecordOf<T> | undefined;
      /** Those of one patient. */
      readonly of: (patientId: string) => readonly RecordOf<T>[];
    };
  };
  /** All patients' contacts of an event and its recurrences. */
  readonly contactsOfEvent: (uid: string) => readonly Contact[];
  readonly calendar: CalendarRecords;
  /** Whether `patient forget` removed somebody of this name and birth date. */
  readonly wasForgotten: (name: string, birthDate: string | null) => boolean;
}

type Stored = { readonly id: string; readonly ref: string };

export interface RecordPlan<R extends Stored> {
  /** Each after those it links to. `patient_id` is '' for a patient who is not in the vault yet. */
  readonly add: readonly New<R>[];
  readonly change: readonly { readonly id: string; readonly patch: Patch<R> }[];
  readonly same: number;
}

export interface PatientPlan {
  readonly known: Patient | undefined;
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
  readonly path: string;
  readonly called: string;
  readonly birth_date: PartialDate | null;
  readonly candidates: readonly Patient[];
  /** Without names. */
  readonly why: string;
  /** False for a mere reference to a patient. */
  readonly mayBeNew: boolean;
}

export type Decision = 'new' | 'leave' | { readonly id: string };

export const plannedTables = ['patients', 'people', 'notes', 'commitments', 'contacts', 'calendar'] as const;
export type Counts = Readonly<Record<(typeof plannedTables)[number], number>>;
