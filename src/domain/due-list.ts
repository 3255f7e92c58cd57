/**
 * What is due on a morning: open commitments in groups and in order. Civil dates only; a promise is due, not overdue,
 * on its day, and one that falls on a closed day is shown from the last open day before. Overdue never expires.
 */
import { closedTest, type WorkCalendar } from '../dates/business-days.ts';
import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import { listQuiet, type Quiet } from './last-contact.ts';
import { listOutreach, type Outreach, type OutreachFacts } from './milestones.ts';
import type { Commitment, Contact, Patient } from './records.ts';
import { compareText } from './text.ts';

/** In the order that they are listed. */
export const dueGroups = ['overdue', 'today', 'closed_day', 'outreach', 'quiet', 'ahead', 'undated'] as const;
export type DueGroup = (typeof dueGroups)[number];

export interface DueFacts {
  /** Those that are not open are passed over. */
  readonly commitments: readonly Commitment[];
  /** How many open ones of mine and staff's have no date, besides these. */
  readonly undatedBesides?: number;
  /** By patient id: the next planned contact on the day or later. */
  readonly nextContacts: ReadonlyMap<string, Contact>;
  readonly calendar: WorkCalendar;
  /** Milestones that are marked to reach out for. */
  readonly outreach?: readonly OutreachFacts[];
  /** Those who may have been quiet for too long: with a cadence, or all who are active where `quietDays` asks for it. */
  readonly inTouch?: readonly Patient[];
  /** By patient id: the latest contact of any channel that was held on the day or before. */
  readonly lastHeld?: ReadonlyMap<string, CivilDate>;
}

export interface DueOptions {
  readonly on: CivilDate;
  /** How many days ahead to list; 0 lists none. */
  readonly days: number;
  /** Everything ahead, the undated, and what patients themselves undertook. */
  readonly all: boolean;
  /** Days without a contact for patients without a cadence of their own; none are named where it is left out. */
  readonly quietDays?: number | undefined;
}

export type PromiseGroup = Exclude<DueGroup, 'outreach' | 'quiet'>;

export interface DuePromise {
  readonly commitment: Commitment;
  readonly group: PromiseGroup;
  /** Only of what is overdue; null for a patient's own undertaking, which is never late. */
  readonly daysLate: number | null;
  readonly nextContact: Contact | undefined;
}

export interface DueOutreach extends Outreach {
  readonly group: 'outreach';
}

export interface DueQuiet extends Quiet {
  readonly group: 'quiet';
}

export type DueItem = DuePromise | DueOutreach | DueQuiet;

export const isPromise = (item: DueItem): item is DuePromise =>
  item.group !== 'outreach' && item.group !== 'quiet';

/** Of mine and staff's: what patients undertook is listed, but never due. The undated count whether listed or not. */
export type DueCounts = Readonly<Record<Exclude<DueGroup, 'ahead'>, number>>;

export interface DueList {
  readonly on: CivilDate;
  readonly items: readonly DueItem[];
  readonly counts: DueCounts;
  /** Quiet patients beyond those that are listed. */
  readonly moreQuiet: number;
}

const quietLimit = 3;

/** No closure is longer. */
const longestClosure = 1500;

/** The end of the closed days that begin tomorrow; the day itself where tomorrow is open. */
export function closedUntil(on: CivilDate, calendar: WorkCalendar): CivilDate {
  const isClosed = closedTest(calendar);
  let day = on;
  for (let days = 0; days < longestClosure && isClosed(addDays(day, 1)); days += 1) day = addDays(day, 1);
  return day;
}

/** The last due date that a list can hold; undefined where there is no such limit. */
export function lastDueListed(options: DueOptions, calendar: WorkCalendar): CivilDate | undefined {
  if (options.all) return undefined;
  const closedDays = daysBetween(options.on, closedUntil(options.on, calendar));
  return addDays(options.on, Math.max(options.days, closedDays));
}

const isPressing = ({ kind }: Commitment): boolean => kind === 'call' || kind === 'check';
// After every date and time there is.
const never = '~';

const nextVisit = ({ nextContact }: DuePromise): string =>
  nextContact === undefined ? never : `${nextContact.on} ${nextContact.at ?? never}`;

/** Overdue: calls and checks first, then the longest overdue. Ahead: by day first. Then the patient's next visit, then id. */
function compareItems(left: DuePromise, right: DuePromise): number {
  const one = left.commitment;
  const other = right.commitment;
  const byKind = Number(isPressing(other)) - Number(isPressing(one));
  const byDay = compareText(one.due ?? never, other.due ?? never);
  return (
    dueGroups.indexOf(left.group) - dueGroups.indexOf(right.group) ||
    (left.group === 'overdue' ? byKind || byDay : byDay || byKind) ||
    compareText(nextVisit(left), nextVisit(right)) ||
    compareText(one.id, other.id)
  );
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
  return commitments
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
    .filter(({ commitment, group }) => isListed(commitment, group))
    .sort(compareItems);
}

/** The list of a day. Every open commitment of mine and staff's that is due or overdue is in it. */
export function listDue(facts: DueFacts, options: DueOptions): DueList {
  const { on, days, all, quietDays } = options;
  const promises = listPromises(facts, options);
  const outreach = listOutreach(facts.outreach ?? [], { on, days, calendar: facts.calendar }).map(
    (one): DueOutreach => ({ ...one, group: 'outreach' }),
  );
  const { inTouch: patients = [], lastHeld = new Map(), nextContacts } = facts;
  const quiet = listQuiet({ patients, lastHeld, nextContacts }, { on, after: quietDays }).map(
    (one): DueQuiet => ({ ...one, group: 'quiet' }),
  );
  const quietShown = all ? quiet : quiet.slice(0, quietLimit);
  const items = dueGroups.flatMap((group): readonly DueItem[] => {
    if (group === 'outreach') return outreach;
    return group === 'quiet' ? quietShown : promises.filter((item) => item.group === group);
  });
  const count = (group: DueGroup): number =>
    items.filter((item) => item.group === group && !(isPromise(item) && item.commitment.owner === 'patient'))
      .length;
  return {
    on,
    items,
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

/** How many there are of all that asks for something today: what a patient undertook, what lies ahead and what has no date do not. */
export const howManyDue = ({ counts: { undated: _, ...due } }: DueList): number =>
  Object.values(due).reduce((sum, count) => sum + count, 0);

/** How many of mine and staff's have no date, where they are not in the list. */
export const undatedUnlisted = ({ items, counts }: DueList): number =>
  items.some(({ group }) => group === 'undated') ? 0 : counts.undated;
