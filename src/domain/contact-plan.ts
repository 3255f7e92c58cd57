/** Which contact a write-up or a report belongs to: a planned one becomes held, a second report joins the first. */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { type Channel, type Contact, isVisit, type New, newContact, type Patch } from './records.ts';

export type ContactPlan =
  | { readonly action: 'add'; readonly record: New<Contact> }
  | { readonly action: 'hold'; readonly id: string; readonly patch: Patch<Contact> }
  | { readonly action: 'join'; readonly id: string }
  | { readonly action: 'none' };

export interface ContactFacts {
  readonly patientId: string;
  readonly on: CivilDate;
  /** All of the patient's. */
  readonly contacts: readonly Contact[];
  /** As asked for; undefined where nobody said, which means a visit or whatever was planned. */
  readonly channel: Channel | 'none' | undefined;
  /** The time of day, where the visit is today's; undefined for an earlier day. */
  readonly now: TimeOfDay | undefined;
}

export function planContact({ patientId, on, contacts, channel, now }: ContactFacts): ContactPlan {
  if (channel === 'none') return { action: 'none' };
  const fits = (contact: Contact): boolean =>
    channel === undefined ? isVisit(contact) : contact.channel === channel;
  const ofDay = contacts.filter((contact) => contact.on === on);
  const planned = ofDay
    .filter((contact) => contact.state === 'planned')
    .toSorted((left, right) => ((left.at ?? '99') < (right.at ?? '99') ? -1 : 1));
  const held = ofDay.find((contact) => contact.state === 'held' && fits(contact));
  // Beside a visit that was held, one later that day is still ahead; one whose time has come is the next to write up.
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

export interface ContactWish {
  readonly on: CivilDate;
  readonly at: TimeOfDay | undefined;
  readonly channel: Channel;
  readonly state: Contact['state'];
}

/**
 * The contact of that day and channel that the wish is about: one that was planned, at that time if one is named; or a
 * visit that is recorded already, which a second report joins. Calls, messages and letters may come several a day.
 */
export function sameContact(contacts: readonly Contact[], wish: ContactWish): Contact | undefined {
  const ofDay = contacts.filter(({ on, channel }) => on === wish.on && channel === wish.channel);
  const planned = ofDay.filter(({ state }) => state === 'planned');
  const atTime = planned.find(({ at }) => wish.at !== undefined && at === wish.at);
  if (atTime !== undefined) return atTime;
  if (wish.state === 'planned') return undefined;
  if (planned.length > 0)
    return planned.toSorted((left, right) => ((left.at ?? '~') < (right.at ?? '~') ? -1 : 1))[0];
  return wish.state === 'held'
    ? ofDay.find((contact) => isVisit(contact) && contact.state === 'held')
    : undefined;
}

export interface ContactReport {
  readonly direction: 'in' | 'out' | null;
  readonly gist: string | null;
  /** Of the time that the wish names; an IANA name. */
  readonly zone: string;
}

/** What a report changes in what is known: what it leaves out stays as it was, and a second gist stands behind the first. */
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
