/**
 * What the store offers: one repository per aggregate over one open, encrypted database. All SQL of rapport lives
 * in this room. Every change happens inside `write`, which is one immediate transaction, one operation in the
 * `change` history (so that it can be undone) and one row a patient in the append-only `log`.
 * Nothing here asks, prints or reads the clock.
 */
import type { CivilDate } from '../dates/civil.ts';
import type {
  Commitment,
  Contact,
  Note,
  NoteKind,
  NoteStatus,
  Owner,
  Patient,
  PatientStatus,
  Person,
} from '../domain/records.ts';
import type { Completing } from './completions.ts';
import type { Drafts } from './drafts.ts';
import type { History, Intent, Log } from './histories.ts';
import type { Repository } from './repositories.ts';

export type { Completing, PatientOffer, RefOffer } from './completions.ts';
export type * from './histories.ts';
export type { Repository } from './repositories.ts';

export interface PatientFilter {
  readonly status?: readonly PatientStatus[];
  /** Only those with a cadence of their own. */
  readonly inTouch?: true;
}

export interface Patients extends Repository<Patient> {
  /** Whole records in order of handle. */
  all(filter?: PatientFilter): readonly Patient[];
  /** So many of them, behind so many others, in order of folded handle. */
  some(status: PatientStatus | undefined, limit: number, offset: number): readonly Patient[];
  /** Nobody was ever added, or everybody is gone. */
  isEmpty(): boolean;
  byHandle(handle: string): Patient | undefined;
  /** Patients of whom every given word (folded: lower case, no accents) begins some word of name, goes_by, handle or alias. */
  withWords(words: readonly string[]): readonly Patient[];
  byIdentifier(system: string, value: string): Patient | undefined;
  /**
   * Takes a patient away whose records were given to another: the end of a merge. Drafts go along, and an undo gives
   * them back. Only inside `write`.
   */
  join(id: string, into: string): void;
  /**
   * Takes a patient and all that was ever kept about them out for good: records, history, index, drafts, refs. Only the
   * access log's rows and keyed marks without the name stay. Only inside a `write` that is not undoable.
   * @throws conflict where the patient is on hold
   */
  forget(id: string): void;
  /**
   * Whether somebody called so was forgotten, under their name or an alias: one whose birth year does not speak against
   * it. Case, accents and punctuation do not matter.
   */
  wasForgotten(name: string, birthDate: string | null): boolean;
}

export interface People extends Repository<Person> {
  of(patientId: string): readonly Person[];
  /** Takes a person away of whom no record speaks, as after a merge. Only inside `write`. */
  remove(id: string): void;
}

export interface NoteFilter {
  readonly kinds?: readonly NoteKind[];
  readonly status?: readonly NoteStatus[];
  /** Recorded on that day or later. */
  readonly since?: CivilDate;
}

export interface Earlier {
  readonly at: string;
  readonly text: string;
}

export interface Notes extends Repository<Note> {
  /** Newest recorded first, then id. */
  of(patientId: string, filter?: NoteFilter): readonly Note[];
  /** Current milestones marked to reach out for: of one patient, or of all. */
  reachingOut(patientId?: string): readonly Note[];
  /** Earlier texts of an edited note, newest first; `at` is the instant it was replaced. */
  earlier(id: string): readonly Earlier[];
  /** The notes that replaced one another up to and from this one, itself included, oldest first. */
  thread(id: string): readonly Note[];
  /**
   * Takes a note and all of its history and index out for good. Only inside a `write` that is not undoable.
   * @throws conflict where the patient is on hold
   */
  erase(id: string): void;
  /** Gives a note, its whole thread and their history to another patient; person links are cleared. Only inside `write`. */
  move(id: string, patientId: string): Note;
}

export interface CommitmentFilter {
  readonly status?: readonly Commitment['status'][];
  readonly owners?: readonly Owner[];
  readonly patientId?: string;
  /** Due on that day or before. Undated ones are left out when it is given. */
  readonly dueUntil?: CivilDate;
  /** Only those without a date. */
  readonly undated?: true;
}

export interface Commitments extends Repository<Commitment> {
  of(patientId: string): readonly Commitment[];
  matching(filter: CommitmentFilter): readonly Commitment[];
  count(filter: CommitmentFilter): number;
}

export interface Contacts extends Repository<Contact> {
  /** Newest day first. */
  of(patientId: string): readonly Contact[];
  /** All contacts of a day, in order of time, those without a time last. */
  on(date: CivilDate): readonly Contact[];
  /** Those of a calendar's event: with its uid, or that of one of its recurrences. */
  ofEvent(uid: string): readonly Contact[];
  /** For each of the patients: the day of the latest held visit (channel visit or home), where there is one. */
  lastSeen(patientIds: readonly string[]): ReadonlyMap<string, CivilDate>;
  /** For each of the patients: the day of the latest contact of any channel that was held by that day, where there is one. */
  lastHeld(patientIds: readonly string[], by: CivilDate): ReadonlyMap<string, CivilDate>;
  /** For each of the patients: the next planned contact on that day or later, where there is one. */
  nextPlanned(patientIds: readonly string[], from: CivilDate): ReadonlyMap<string, Contact>;
}

/** Notes that could be shown but for the others, and were not read. */
export interface UnreadNotes {
  /** Of the kinds that a heading counts. */
  readonly open: number;
  readonly silent: number;
}

/** All that one briefing is made of. `shown` counts, for each note id, the days it was shown before a visit that was held. */
export interface BriefingRecords {
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly notes: readonly Note[];
  readonly unread: UnreadNotes;
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
  readonly shown: ReadonlyMap<string, number>;
  /** Another patient, not archived, has the same name or goes_by. */
  readonly hasNamesake: boolean;
}

export interface SearchRequest {
  readonly words: readonly string[];
  readonly patientId?: string;
  readonly kinds?: readonly NoteKind[];
  readonly since?: CivilDate;
  readonly sensitive: boolean;
  readonly limit: number;
  readonly offset: number;
}

export interface SearchHit {
  readonly record: 'note' | 'commitment';
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly kind: string;
  readonly text: string;
  readonly status: string;
  /** Null where an import did not say. */
  readonly recorded_on: CivilDate | null;
  /** A note's answer, or how a commitment was kept: searched as well. */
  readonly outcome: string | null;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Of the newest that were counted, where there are more. */
  readonly total: number;
  /** Sensitive notes that match and were left out. */
  readonly private: number;
  /** There are more than were counted. */
  readonly isMore: boolean;
}

export interface ClosedDay {
  readonly on: CivilDate;
  readonly name: string | null;
}

export interface Away {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly reason: string | null;
}

export interface CalendarRecords {
  readonly closed_days: readonly ClosedDay[];
  readonly away: readonly Away[];
  /** ISO weekdays, 1 Monday to 7 Sunday. */
  readonly weekend: readonly number[];
}

export interface Calendar {
  read(): CalendarRecords;
  /** Adds or renames closed days, adds away spans, sets the weekend where given. Only inside `write`. */
  merge(records: Partial<CalendarRecords>): void;
  /** Takes closed days and away spans away; those that are not there are passed over. Only inside `write`. */
  remove(records: Pick<Partial<CalendarRecords>, 'closed_days' | 'away'>): void;
}

export type RecordRef =
  | { readonly table: 'patient'; readonly id: string }
  | {
      readonly table: 'person' | 'note' | 'commitment' | 'contact';
      readonly id: string;
      readonly patient_id: string;
    };

export interface Backups {
  /** ISO instant of the last one, or undefined where none was made. */
  last(): string | undefined;
  /** ISO instants of those known that were made since a patient was added, newest first. */
  holding(patientId: string): readonly string[];
  /** Remembers a backup made at that instant, and logs what was done. Its own transaction. */
  remember(at: string, verb: 'backup' | 'restore'): void;
}

export interface ReviewRequest {
  /** Commitments closed on that day or later. */
  readonly since: CivilDate;
  /** Notes of these kinds count as unconfirmed … */
  readonly kinds: readonly NoteKind[];
  /** … where they were recorded, said or confirmed last on that day or before. */
  readonly lastConfirmed: CivilDate;
}

/** What one review over all patients is made of. */
export interface ReviewRecords {
  /** All of them, in order of handle. */
  readonly patients: readonly Patient[];
  /** Those that are open, and those closed since. */
  readonly commitments: readonly Commitment[];
  /** Current questions of active patients, the newest of each thread. */
  readonly questions: readonly Note[];
  /** For active patients that have any: how many of their current notes nothing has confirmed. */
  readonly unconfirmed: ReadonlyMap<string, number>;
}

/** Settings that the data depend on, as strings. */
export interface VaultSettings {
  /** Undefined in a vault that was made before they were kept in it. */
  read(): Readonly<Record<string, string>> | undefined;
  /** Sets one, or unsets it with undefined; logged. */
  set(name: string, value: string | undefined): void;
  /** Begins with these, where none were ever kept. */
  takeOver(values: Readonly<Record<string, string>>): void;
}

export interface Store {
  readonly patients: Patients;
  readonly people: People;
  readonly notes: Notes;
  readonly commitments: Commitments;
  readonly contacts: Contacts;
  readonly drafts: Drafts;
  readonly calendar: Calendar;
  readonly history: History;
  readonly log: Log;
  readonly backups: Backups;
  readonly settings: VaultSettings;
  readonly completing: Completing;
  /** A whole id or a ref (case ignored) of any record. */
  find(idOrRef: string): readonly RecordRef[];
  search(request: SearchRequest): SearchResult;
  /** @param everything all current notes, not only those that can come first */
  briefingRecords(patientId: string, on: CivilDate, everything?: boolean): BriefingRecords;
  reviewRecords(request: ReviewRequest): ReviewRecords;
  /** What the work reads is of one moment, and read in one go: nothing may be asked or waited for in it. */
  reading<T>(work: () => T): T;
  /** Before somebody types what would be lost. @throws conflict where this copy of the vault is not written */
  checkWritable(): void;
  /**
   * Does the work in one immediate transaction and one operation; a throw takes all of it back.
   * @returns what the work returns, and the id of the operation (undefined where nothing was changed)
   */
  write<T>(intent: Intent, work: () => T): { readonly value: T; readonly operation: string | undefined };
  close(): void;
}
