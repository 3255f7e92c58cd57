/**
 * Records that have been kept for as long as was wanted: patients of whom no contact is recorded since. They are named
 * to be read over, archived or forgotten by a person; nothing here or anywhere deletes by itself.
 */
import { addDays, type CivilDate, type PartialDate, spanOf } from '../dates/civil.ts';
import type { QuietFacts } from './quiet.ts';
import type { Patient } from './records.ts';

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
