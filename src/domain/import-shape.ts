/** The shape of an import's plan, and what planning asks of the vault. */
import type { PartialDate } from '../dates/civil.ts';
import type { ImportIssue } from './import-issues.ts';
import type { GivenAway, GivenClosedDay } from './interchange.ts';
import type { Commitment, Contact, New, Note, Patch, Patient, Person } from './records.ts';

/** What the vault holds, as values and look-ups. */
export interface Held {
  readonly patients: readonly Patient[];
  readonly person: (id: string) => Person | undefined;
  readonly note: (id: string) => Note | undefined;
  readonly commitment: (id: string) => Commitment | undefined;
  readonly contact: (id: string) => Contact | undefined;
  readonly peopleOf: (patientId: string) => readonly Person[];
  readonly commitmentsOf: (patientId: string) => readonly Commitment[];
  readonly contactsOf: (patientId: string) => readonly Contact[];
  /** Those of an event and its recurrences, whosever they are. */
  readonly contactsOfEvent: (uid: string) => readonly Contact[];
  readonly calendar: HeldCalendar;
  /** Whether `patient forget` took out somebody of this name and birth date. */
  readonly wasForgotten: (name: string, birthDate: string | null) => boolean;
}

export interface HeldCalendar {
  readonly closed_days: readonly Required<GivenClosedDay>[];
  readonly away: readonly Required<GivenAway>[];
  readonly weekend: readonly number[];
}

/** A new record whose patient may be as new as itself. */
export type Unplaced<R extends { readonly id: string; readonly ref: string }> = Omit<New<R>, 'patient_id'>;

export interface Alteration<R extends { readonly id: string; readonly ref: string }> {
  readonly id: string;
  readonly patch: Patch<R>;
}

export interface RecordPlan<R extends { readonly id: string; readonly ref: string }> {
  /** Each after those that it links to. */
  readonly add: readonly Unplaced<R>[];
  readonly change: readonly Alteration<R>[];
  /** How many are so already. */
  readonly same: number;
}

export interface PatientPlan {
  /** Where in the file the patient stands. */
  readonly path: string;
  readonly known: Patient | undefined;
  /** How the patient reads after the import. */
  readonly whole: New<Patient>;
  /** What changes in a known patient; undefined where nothing does, and for a new one. */
  readonly patch: Patch<Patient> | undefined;
  readonly people: RecordPlan<Person>;
  readonly notes: RecordPlan<Note>;
  readonly commitments: RecordPlan<Commitment>;
  readonly contacts: RecordPlan<Contact>;
}

/** A patient of the file who may be one of the vault's, or may not: only a person can tell. */
export interface Doubt {
  /** Where in the file they stand. */
  readonly path: string;
  readonly called: string;
  readonly birth_date: PartialDate | null;
  /** At least one. */
  readonly candidates: readonly Patient[];
  /** What speaks for and against it, without names. */
  readonly why: string;
  /** False where the file only points to a patient, so that nobody can be added. */
  readonly mayBeNew: boolean;
}

/** What was said about a doubt: another patient, left out, or the id of the one it is. */
export type Decision = 'new' | 'leave' | { readonly id: string };

export const plannedTables = ['patients', 'people', 'notes', 'commitments', 'contacts', 'calendar'] as const;
export type Counts = Readonly<Record<(typeof plannedTables)[number], number>>;

export interface ImportPlan {
  readonly patients: readonly PatientPlan[];
  /** What the calendar lacks, or undefined where it lacks nothing. */
  readonly calendar: Partial<HeldCalendar> | undefined;
  readonly add: Counts;
  readonly change: Counts;
  /** Already so. */
  readonly skip: Counts;
  /** Left out until somebody decides; each is among the refused as well. */
  readonly doubts: readonly Doubt[];
  /** Left out as bad, as not for rapport, or as doubtful. `moreRefused` were counted but not kept. */
  readonly refuse: readonly ImportIssue[];
  readonly moreRefused: number;
  /** For the person who imports, one line each; names of patients may stand in them. */
  readonly notices: readonly string[];
}
