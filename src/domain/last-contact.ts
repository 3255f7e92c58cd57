/**
 * Keeping in touch: patients of whom no contact is recorded for as long as was wanted. Any contact that took place
 * resets it, whoever began it. A fact to act on or not: nobody is ranked, and those who died are never in it.
 */
import { addDays, type CivilDate, daysBetween, type PartialDate, spanOf } from '../dates/civil.ts';
import type { Contact, Patient } from './records.ts';
import { compareText } from './text.ts';

export interface QuietFacts {
  readonly patients: readonly Patient[];
  /** By patient id: the day of the latest contact that took place, of any channel, up to the day that is asked about. */
  readonly lastHeld: ReadonlyMap<string, CivilDate>;
  /** By patient id. */
  readonly nextContacts: ReadonlyMap<string, Contact>;
}

export interface Quiet {
  readonly patient: Patient;
  /** The last contact, else when they were first met; null where neither is known. */
  readonly since: PartialDate | null;
  readonly nextContact: Contact | undefined;
}

export interface QuietOptions {
  readonly on: CivilDate;
  /** Days without a contact for patients without a cadence of their own; undefined asks for none. */
  readonly after: number | undefined;
}

interface Waiting extends Quiet {
  /** Beyond the time that was wanted. */
  readonly daysOver: number;
}

function waitingOf(patient: Patient, facts: QuietFacts, { on, after }: QuietOptions): Waiting | undefined {
  const wanted = patient.cadence_days ?? after;
  if (wanted === undefined || patient.status !== 'active') return undefined;
  const nextContact = facts.nextContacts.get(patient.id);
  // It is about to end by itself.
  if (nextContact?.on === on) return undefined;
  const last = facts.lastHeld.get(patient.id);
  const since = last ?? patient.first_met;
  const from = since === null ? undefined : (spanOf(since)?.last ?? undefined);
  // Nothing to count from: said only of those whose own cadence asks for it.
  if (since === null || from === undefined)
    return patient.cadence_days === null ? undefined : { patient, since: null, nextContact, daysOver: 0 };
  const daysOver = daysBetween(from, on) - wanted;
  return daysOver < 0 ? undefined : { patient, since, nextContact, daysOver };
}

/** Those without a contact planned first, then the longest beyond what was wanted. */
export function listQuiet(facts: QuietFacts, options: QuietOptions): readonly Quiet[] {
  return facts.patients
    .flatMap((patient) => waitingOf(patient, facts, options) ?? [])
    .sort(
      (left, right) =>
        Number(left.nextContact !== undefined) - Number(right.nextContact !== undefined) ||
        right.daysOver - left.daysOver ||
        compareText(left.patient.id, right.patient.id),
    )
    .map(({ daysOver: _, ...quiet }) => quiet);
}

export interface KeptLong {
  readonly patient: Patient;
  /** The last contact, else when they were first met. */
  readonly since: PartialDate;
}

export interface Retention {
  /** A last contact on that day or before counts. */
  readonly until: CivilDate;
  /** In the order given; whoever is on hold, or has a contact planned, is left out. */
  readonly patients: readonly KeptLong[];
  /** How many more there would be, were they not on hold. */
  readonly onHold: number;
}

/** @param days after the last contact; where neither that nor the first meeting is known, there is nothing to count from */
export function composeRetention(facts: QuietFacts, on: CivilDate, days: number): Retention {
  const until = addDays(on, -days);
  const all = facts.patients.flatMap((patient): readonly KeptLong[] => {
    const since = facts.lastHeld.get(patient.id) ?? patient.first_met;
    const last = since === null ? undefined : spanOf(since)?.last;
    const isOver = last !== undefined && last <= until && !facts.nextContacts.has(patient.id);
    return since !== null && isOver ? [{ patient, since }] : [];
  });
  const patients = all.filter(({ patient }) => !patient.hold);
  return { until, patients, onHold: all.length - patients.length };
}
