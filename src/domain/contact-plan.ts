/** Which contact a write-up or a report belongs to: a planned one becomes held, a second report joins the first. */
import {
  addDays,
  type CivilDate,
  daysBetween,
  type PartialDate,
  spanOf,
  type TimeOfDay,
} from '../dates/civil.ts';
import {
  type Channel,
  type Contact,
  isVisit,
  type New,
  newContact,
  type Patch,
  type Patient,
} from './records.ts';
import { sortedBy } from './text.ts';

export type ContactPlan =
  | { readonly action: 'add'; readonly record: New<Contact> }
  | { readonly action: 'hold'; readonly id: string; readonly patch: Patch<Contact> }
  | { readonly action: 'join'; readonly id: string }
  | { readonly action: 'none' };

interface ContactFacts {
  readonly patientId: string;
  readonly on: CivilDate;
  readonly contacts: readonly Contact[];
  /** Undefined means a visit, or whatever was planned. */
  readonly channel: Channel | 'none' | undefined;
  readonly now: TimeOfDay | undefined;
}

/** The untimed last. */
export const byTime = <T extends { readonly at: string | null }>(contacts: readonly T[]): readonly T[] =>
  sortedBy(contacts, ({ at }) => [at ?? '~']);

export function planContact({ patientId, on, contacts, channel, now }: ContactFacts): ContactPlan {
  if (channel === 'none') return { action: 'none' };
  const fits = (contact: Contact): boolean =>
    channel === undefined ? isVisit(contact) : contact.channel === channel;
  const ofDay = contacts.filter((contact) => contact.on === on);
  const planned = byTime(ofDay.filter((contact) => contact.state === 'planned'));
  const held = ofDay.find((contact) => contact.state === 'held' && fits(contact));
  // Beside a held visit, a planned one counts only when its time has come.
  const hasCome = (contact: Contact): boolean =>
    contact.at !== null && (now === undefined || contact.at <= now);
  const due = planned.find((contact) => fits(contact) && (held === undefined || hasCome(contact)));
  const any = held === undefined && channel === undefined && planned.length === 1 ? planned[0] : undefined;
  const next = due ?? any;
  if (next !== undefined) return { action: 'hold', id: next.id, patch: { state: 'held' } };
  if (held !== undefined) return { action: 'join', id: held.id };
  return {
    action: 'add',
    record: newContact({ patient_id: patientId, on, channel: channel ?? 'visit', state: 'held' }),
  };
}

interface ContactWish {
  readonly on: CivilDate;
  readonly at: TimeOfDay | undefined;
  readonly channel: Channel;
  readonly state: Contact['state'];
}

/**
 * The recorded contact that a report updates: a planned one (at that time, if given), or a held visit. Calls, messages
 * and letters may come several a day.
 */
export function sameContact(contacts: readonly Contact[], wish: ContactWish): Contact | undefined {
  const ofDay = contacts.filter(({ on, channel }) => on === wish.on && channel === wish.channel);
  const planned = ofDay.filter(({ state }) => state === 'planned');
  const atTime = planned.find(({ at }) => wish.at !== undefined && at === wish.at);
  if (atTime !== undefined) return atTime;
  if (wish.state === 'planned') return undefined;
  if (planned.length > 0) return byTime(planned)[0];
  return wish.state === 'held'
    ? ofDay.find((contact) => isVisit(contact) && contact.state === 'held')
    : undefined;
}

interface ContactReport {
  readonly direction: 'in' | 'out' | null;
  readonly gist: string | null;
  readonly zone: string;
}

/** Omitted fields keep their value; a second gist is appended. */
export const reported = (
  wish: ContactWish,
  { direction, gist, zone }: ContactReport,
  known: Contact | undefined,
): Patch<Contact> => ({
  state: wish.state,
  ...(wish.at !== undefined && { at: wish.at, time_zone: zone }),
  ...(direction !== null && { direction }),
  ...(gist !== null && { gist: known?.gist == null ? gist : `${known.gist}; ${gist}` }),
});

interface QuietFacts {
  readonly patients: readonly Patient[];
  /** By patient id: the latest held contact of any channel, up to the day asked about. */
  readonly lastHeld: ReadonlyMap<string, CivilDate>;
  readonly nextContacts: ReadonlyMap<string, Contact>;
}

export type Quiet = ReturnType<typeof listQuiet>[number];

/** The last contact, or when they met; `last` is the last day that it can have been. */
function lastContact({ lastHeld }: QuietFacts, { id, first_met }: Patient) {
  const since: PartialDate | null = lastHeld.get(id) ?? first_met;
  return { since, last: spanOf(since)?.last };
}

/**
 * Those without a contact planned first, then the longest over.
 * @param after in days, for patients without a cadence
 */
export function listQuiet(facts: QuietFacts, on: CivilDate, after: number | undefined) {
  const waiting = facts.patients.flatMap((patient) => {
    const { cadence_days, status, id } = patient;
    const wanted = cadence_days ?? after;
    const nextContact = facts.nextContacts.get(id);
    if (wanted === undefined || status !== 'active' || nextContact?.on === on) return [];
    const { since, last } = lastContact(facts, patient);
    const daysOver = last === undefined ? 0 : daysBetween(last, on) - wanted;
    // Without a start to count from: only where the patient has a cadence.
    const isNamed = last === undefined ? cadence_days !== null : daysOver >= 0;
    const group = 'quiet' as const;
    const quiet = { group, patient, since: last === undefined ? null : since, nextContact };
    return isNamed ? [{ quiet, daysOver }] : [];
  });
  return sortedBy(waiting, ({ quiet: { nextContact, patient }, daysOver }) => [
    nextContact === undefined ? 0 : 1,
    -daysOver,
    patient.id,
  ]).map(({ quiet }) => quiet);
}

export type Unwritten = ReturnType<typeof listUnwritten>[number];

/** Visits of days that are over, those of the newest day first; none after a death. */
export function listUnwritten(
  planned: readonly { contact: Contact; patient: Pick<Patient, 'status' | 'died_on'> }[],
  on: CivilDate,
) {
  const listed = planned.flatMap(({ contact, patient: { status, died_on } }) => {
    const isThere = isVisit(contact) && (status !== 'died' || contact.on <= (died_on ?? ''));
    return isThere ? [{ group: 'unwritten' as const, contact }] : [];
  });
  return sortedBy(listed, ({ contact: { on: day, at, id } }) => [daysBetween(day, on), at ?? '~', id]);
}

export type Retention = ReturnType<typeof composeRetention>;
export type KeptLong = Retention['patients'][number];

/** @param days since the last contact */
export function composeRetention(facts: QuietFacts, on: CivilDate, days: number) {
  const until = addDays(on, -days);
  const all = facts.patients.flatMap((patient) => {
    const { since, last } = lastContact(facts, patient);
    const isOver = last !== undefined && last <= until && !facts.nextContacts.has(patient.id);
    return since !== null && isOver ? [{ patient, since }] : [];
  });
  const patients = all.filter(({ patient }) => !patient.hold);
  return { until, patients, onHold: all.length - patients.length };
}
