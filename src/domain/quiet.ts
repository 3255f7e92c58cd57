/**
 * Keeping in touch: patients of whom no contact is recorded for as long as was wanted. Any contact that took place
 * resets it, whoever began it. A fact to act on or not: nobody is ranked, and those who died are never in it.
 */
import { type CivilDate, daysBetween, type PartialDate, spanOf } from '../dates/civil.ts';
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
