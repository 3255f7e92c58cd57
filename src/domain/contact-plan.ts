/** Which contact a write-up or a report belongs to: a planned one becomes held, a second report joins the first. */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { type Channel, type Contact, isVisit, type New, newContact, type Patch } from './records.ts';

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

export function planContact({ patientId, on, contacts, channel, now }: ContactFacts): ContactPlan {
  if (channel === 'none') return { action: 'none' };
  const fits = (contact: Contact): boolean =>
    channel === undefined ? isVisit(contact) : contact.channel === channel;
  const ofDay = contacts.filter((contact) => contact.on === on);
  const planned = ofDay
    .filter((contact) => contact.state === 'planned')
    .toSorted((left, right) => ((left.at ?? '99') < (right.at ?? '99') ? -1 : 1));
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
  if (planned.length > 0)
    return planned.toSorted((left, right) => ((left.at ?? '~') < (right.at ?? '~') ? -1 : 1))[0];
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
