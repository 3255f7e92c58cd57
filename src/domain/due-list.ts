/** What is due on a day, in groups and in order. A promise is due, not overdue, on its day. */

import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import { closedTest, longestClosure, type WorkCalendar } from '../dates/date-form.ts';
import { listQuiet, type Quiet } from './contact-plan.ts';
import { listOutreach, type Outreach, type OutreachFacts } from './milestones.ts';
import type { Commitment, Contact, Patient } from './records.ts';
import { sortedBy } from './text.ts';

export const dueGroups = ['overdue', 'today', 'closed_day', 'outreach', 'quiet', 'ahead', 'undated'] as const;
export type DueGroup = (typeof dueGroups)[number];

interface DueFacts {
  readonly commitments: readonly Commitment[];
  /** Open undated ones of mine and staff's that are not in `commitments`. */
  readonly undatedBesides?: number;
  /** By patient id: the next planned contact on or after the day. */
  readonly nextContacts: ReadonlyMap<string, Contact>;
  readonly calendar: WorkCalendar;
  readonly outreach?: readonly OutreachFacts[];
  /** Candidates: patients with a cadence, or all active ones where `quietDays` is set. */
  readonly inTouch?: readonly Patient[];
  readonly lastHeld?: ReadonlyMap<string, CivilDate>;
}

interface DueOptions {
  readonly on: CivilDate;
  readonly days: number;
  readonly all: boolean;
  readonly quietDays?: number | undefined;
}

type PromiseGroup = Exclude<DueGroup, 'outreach' | 'quiet'>;

export interface DuePromise {
  readonly commitment: Commitment;
  readonly group: PromiseGroup;
  /** Null unless overdue; a patient's own promise is never late. */
  readonly daysLate: number | null;
  readonly nextContact: Contact | undefined;
}

export type DueItem = DuePromise | Outreach | Quiet;

export const isPromise = (item: DueItem): item is DuePromise =>
  item.group !== 'outreach' && item.group !== 'quiet';

export type DueList = ReturnType<typeof listDue>;

const quietLimit = 3;

/** The last of the closed days that begin tomorrow; `on` itself where tomorrow is open. */
function closedUntil(on: CivilDate, calendar: WorkCalendar): CivilDate {
  const isClosed = closedTest(calendar);
  let day = on;
  for (let days = 0; days < longestClosure && isClosed(addDays(day, 1)); days += 1) day = addDays(day, 1);
  return day;
}

export function lastDueListed(options: DueOptions, calendar: WorkCalendar): CivilDate | undefined {
  if (options.all) return undefined;
  const closedDays = daysBetween(options.on, closedUntil(options.on, calendar));
  return addDays(options.on, Math.max(options.days, closedDays));
}

const isPressing = ({ kind }: Commitment): boolean => kind === 'call' || kind === 'check';
const never = '~';

/** Overdue: calls and checks, then the longest overdue. Others by day. Ties: next visit, id. */
function orderOf({ commitment, group, nextContact }: DuePromise): readonly (string | number)[] {
  const kind = isPressing(commitment) ? 0 : 1;
  const day = commitment.due ?? never;
  const visit = nextContact === undefined ? never : `${nextContact.on} ${nextContact.at ?? never}`;
  const first = group === 'overdue' ? [kind, day] : [day, kind];
  return [dueGroups.indexOf(group), ...first, visit, commitment.id];
}

function listPromises(
  { commitments, nextContacts, calendar }: DueFacts,
  options: DueOptions,
): readonly DuePromise[] {
  const { on, days, all } = options;
  const lastClosed = closedUntil(on, calendar);
  const lastAhead = addDays(on, days);
  const groupOf = (due: CivilDate | null): PromiseGroup => {
    if (due === null) return 'undated';
    if (due <= on) return due < on ? 'overdue' : 'today';
    return due <= lastClosed ? 'closed_day' : 'ahead';
  };
  const isListed = ({ due, owner }: Commitment, group: PromiseGroup): boolean => {
    if (all) return true;
    if (owner === 'patient' || group === 'undated') return false;
    return group !== 'ahead' || (due !== null && due <= lastAhead);
  };
  const listed = commitments
    .filter(({ status }) => status === 'open')
    .map((commitment): DuePromise => {
      const { due, owner } = commitment;
      const group = groupOf(due);
      const isLate = group === 'overdue' && owner !== 'patient' && due !== null;
      return {
        commitment,
        group,
        daysLate: isLate ? daysBetween(due, on) : null,
        nextContact: nextContacts.get(commitment.patient_id),
      };
    })
    .filter(({ commitment, group }) => isListed(commitment, group));
  return sortedBy(listed, orderOf);
}

export function listDue(facts: DueFacts, options: DueOptions) {
  const { on, days, all, quietDays } = options;
  const promises = listPromises(facts, options);
  const outreach = listOutreach(facts.outreach ?? [], { on, days, calendar: facts.calendar });
  const { inTouch: patients = [], lastHeld = new Map(), nextContacts } = facts;
  const quiet = listQuiet({ patients, lastHeld, nextContacts }, on, quietDays);
  const quietShown = all ? quiet : quiet.slice(0, quietLimit);
  const everything: readonly DueItem[] = [...promises, ...outreach, ...quietShown];
  const items = dueGroups.flatMap((group) => everything.filter((item) => item.group === group));
  const count = (group: DueGroup): number =>
    items.filter((item) => item.group === group && !(isPromise(item) && item.commitment.owner === 'patient'))
      .length;
  return {
    on,
    items,
    /** Mine and staff's. `undated` counts whether listed or not. */
    counts: {
      overdue: count('overdue'),
      today: count('today'),
      closed_day: count('closed_day'),
      outreach: count('outreach'),
      quiet: count('quiet'),
      undated:
        (facts.undatedBesides ?? 0) +
        facts.commitments.filter(
          ({ status, owner, due }) => status === 'open' && owner !== 'patient' && due === null,
        ).length,
    },
    moreQuiet: quiet.length - quietShown.length,
  };
}

/** What asks for something today: without patients' own, ahead and undated. */
export const howManyDue = ({ counts: { undated: _, ...due } }: DueList): number =>
  Object.values(due).reduce((sum, count) => sum + count, 0);

export const undatedUnlisted = ({ items, counts }: DueList): number =>
  items.some(({ group }) => group === 'undated') ? 0 : counts.undated;
