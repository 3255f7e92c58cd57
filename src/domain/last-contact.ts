/**
 * Patients without recent contact: those to keep in touch with (any held contact resets it, nobody is ranked), and
 * those whose records are old enough to read over.
 */
import { addDays, type CivilDate, daysBetween, type PartialDate, spanOf } from '../dates/civil.ts';
import type { Contact, Patient } from './records.ts';
import { compareText } from './text.ts';

interface QuietFacts {
  readonly patients: readonly Patient[];
  /** By patient id: the latest held contact of any channel, up to the day asked about. */
  readonly lastHeld: ReadonlyMap<string, CivilDate>;
  readonly nextContacts: ReadonlyMap<string, Contact>;
}

export interface Quiet {
  readonly patient: Patient;
  readonly since: PartialDate | null;
  readonly nextContact: Contact | undefined;
}

interface QuietOptions {
  readonly on: CivilDate;
  readonly after: number | undefined;
}

interface Waiting extends Quiet {
  readonly daysOver: number;
}

function waitingOf(patient: Patient, facts: QuietFacts, { on, after }: QuietOptions): Waiting | undefined {
  const wanted = patient.cadence_days ?? after;
  if (wanted === undefined || patient.status !== 'active') return undefined;
  const nextContact = facts.nextContacts.get(patient.id);
  if (nextContact?.on === on) return undefined;
  const last = facts.lastHeld.get(patient.id);
  const since = last ?? patient.first_met;
  const from = since === null ? undefined : (spanOf(since)?.last ?? undefined);
  // Without a start to count from: only where the patient has a cadence.
  if (since === null || from === undefined)
    return patient.cadence_days === null ? undefined : { patient, since: null, nextContact, daysOver: 0 };
  const daysOver = daysBetween(from, on) - wanted;
  return daysOver < 0 ? undefined : { patient, since, nextContact, daysOver };
}

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
  readonly since: PartialDate;
}

export interface Retention {
  readonly until: CivilDate;
  readonly patients: readonly KeptLong[];
  readonly onHold: number;
}

/** @param days since the last contact */
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
