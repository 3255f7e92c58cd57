/**
 * What is due on a morning: open commitments in groups and in order. Civil dates only; a promise is due, not overdue,
 * on its day, and one that falls on a closed day is shown from the last open day before. Overdue never expires.
 */
import { closedTest, type WorkCalendar } from '../dates/business-days.ts';
import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import type { Commitment, Contact } from './records.ts';

/** In the order that they are listed. Nothing is put into `outreach` and `quiet` yet. */
export const dueGroups = ['overdue', 'today', 'closed_day', 'outreach', 'quiet', 'ahead', 'undated'] as const;
export type DueGroup = (typeof dueGroups)[number];

export interface DueFacts {
  /** Those that are not open are passed over. */
  readonly commitments: readonly Commitment[];
  /** By patient id: the next planned contact on the day or later. */
  readonly nextContacts: ReadonlyMap<string, Contact>;
  readonly calendar: WorkCalendar;
}

export interface DueOptions {
  readonly on: CivilDate;
  /** How many days ahead to list; 0 lists none. */
  readonly days: number;
  /** Everything ahead, the undated, and what patients themselves undertook. */
  readonly all: boolean;
}

export interface DueItem {
  readonly commitment: Commitment;
  readonly group: DueGroup;
  /** Only of what is overdue; null for a patient's own undertaking, which is never late. */
  readonly daysLate: number | null;
  readonly nextContact: Contact | undefined;
}

/** Of mine and staff's: what patients undertook is listed, but never due. */
export type DueCounts = Readonly<Record<Exclude<DueGroup, 'ahead' | 'undated'>, number>>;

export interface DueList {
  readonly on: CivilDate;
  readonly items: readonly DueItem[];
  readonly counts: DueCounts;
}

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
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
// After every date and time there is.
const never = '~';

const nextVisit = ({ nextContact }: DueItem): string =>
  nextContact === undefined ? never : `${nextContact.on} ${nextContact.at ?? never}`;

/** Overdue: calls and checks first, then the longest overdue. Ahead: by day first. Then the patient's next visit, then id. */
function compareItems(left: DueItem, right: DueItem): number {
  const one = left.commitment;
  const other = right.commitment;
  const byKind = Number(isPressing(other)) - Number(isPressing(one));
  const byDay = compare(one.due ?? never, other.due ?? never);
  return (
    dueGroups.indexOf(left.group) - dueGroups.indexOf(right.group) ||
    (left.group === 'overdue' ? byKind || byDay : byDay || byKind) ||
    compare(nextVisit(left), nextVisit(right)) ||
    compare(one.id, other.id)
  );
}

/** The list of a day. Every open commitment of mine and staff's that is due or overdue is in it. */
export function listDue({ commitments, nextContacts, calendar }: DueFacts, options: DueOptions): DueList {
  const { on, days, all } = options;
  const lastClosed = closedUntil(on, calendar);
  const lastAhead = addDays(on, days);
  const groupOf = (due: CivilDate | null): DueGroup => {
    if (due === null) return 'undated';
    if (due <= on) return due < on ? 'overdue' : 'today';
    return due <= lastClosed ? 'closed_day' : 'ahead';
  };
  const isListed = ({ due, owner }: Commitment, group: DueGroup): boolean => {
    if (all) return true;
    if (owner === 'patient' || group === 'undated') return false;
    return group !== 'ahead' || (due !== null && due <= lastAhead);
  };
  const items = commitments
    .filter(({ status }) => status === 'open')
    .map((commitment): DueItem => {
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
  const count = (group: DueGroup): number =>
    items.filter((item) => item.group === group && item.commitment.owner !== 'patient').length;
  return {
    on,
    items,
    counts: {
      overdue: count('overdue'),
      today: count('today'),
      closed_day: count('closed_day'),
      outreach: 0,
      quiet: 0,
    },
  };
}

/** How many there are of what is due, overdue or on a closed day ahead. */
export const howManyDue = ({ counts }: DueList): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
