/** Recording a contact: what was planned for the day becomes what happened, instead of standing beside it. */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { type Channel, type Contact, isVisit, type Patch } from './records.ts';

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
