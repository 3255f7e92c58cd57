/**
 * What is due on a day, in groups and in order: promises, which are due, not overdue, on their day; milestones to reach
 * out for; visits that nobody wrote up; and whom nobody was in touch with. And what may become of a promise.
 */
import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import { closedTest, longestClosure, nextOpenDay, type WorkCalendar } from '../dates/work-calendar.ts';
import { conflict, type Failure, usage } from '../errors.ts';
import { listQuiet, listUnwritten, type Quiet, type Unwritten } from './contact-plan.ts';
import { worldOf } from './losses.ts';
import { daysOver, exactDay, nextOccurrence, type Occurrence } from './note-rules.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Owner,
  type Patch,
  type Patient,
  type Person,
} from './records.ts';
import { sortedBy } from './text.ts';

export const dueGroups = [
  'overdue',
  'today',
  'closed_day',
  'unread',
  'outreach',
  'unwritten',
  'quiet',
  'ahead',
  'undated',
] as const;
export type DueGroup = (typeof dueGroups)[number];

interface DueFacts {
  readonly commitments: readonly Commitment[];
  /** Open undated ones of mine and staff's that are not in `commitments`. */
  readonly undatedBesides?: number;
  /** By patient id: the next planned contact on or after the day. */
  readonly nextContacts: ReadonlyMap<string, Contact>;
  readonly calendar: WorkCalendar;
  readonly outreach?: readonly OutreachFacts[];
  readonly stillPlanned?: Parameters<typeof listUnwritten>[0];
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

type PromiseGroup = Exclude<DueGroup, 'outreach' | 'unwritten' | 'quiet'>;

export type DuePromise = ReturnType<typeof listPromises>[number];

export type DueItem = DuePromise | Outreach | Unwritten | Quiet;

export const isPromise = (item: DueItem): item is DuePromise => 'commitment' in item;

export type DueList = ReturnType<typeof listDue>;

const [quietLimit, unwrittenLimit] = [3, 5];

/** The last of the closed days that begin tomorrow; `on` itself where tomorrow is open. */
function closedUntil(on: CivilDate, calendar: WorkCalendar): CivilDate {
  const next = nextOpenDay(on, 1, closedTest(calendar));
  return next === undefined ? addDays(on, longestClosure) : addDays(next, -1);
}

export function lastDueListed(options: DueOptions, calendar: WorkCalendar): CivilDate | undefined {
  if (options.all) return undefined;
  const closedDays = daysBetween(options.on, closedUntil(options.on, calendar));
  return addDays(options.on, Math.max(options.days, closedDays));
}

/** Its words of time could not be read, and nobody said that it needs no date. */
const isUnread = ({ due, unread, undated }: Commitment): boolean =>
  due === null && unread !== null && !undated;

const never = '~';

function listPromises({ commitments, nextContacts, calendar }: DueFacts, options: DueOptions) {
  const { on, days, all } = options;
  const lastClosed = closedUntil(on, calendar);
  const lastAhead = addDays(on, days);
  const groupOf = (commitment: Commitment): PromiseGroup => {
    const { due } = commitment;
    if (due === null) return isUnread(commitment) ? 'unread' : 'undated';
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
    .map((commitment) => ({
      commitment,
      group: groupOf(commitment),
      daysLate: daysOver(commitment, on),
      nextContact: nextContacts.get(commitment.patient_id),
    }))
    .filter(({ commitment, group }) => isListed(commitment, group));
  // Overdue: calls and checks, then the longest overdue. Today: by today's visit. Others by day. Ties: next visit, id.
  return sortedBy(listed, ({ commitment, group, nextContact }) => {
    const kind = commitment.kind === 'call' || commitment.kind === 'check' ? 0 : 1;
    const day = commitment.due ?? never;
    const visit = nextContact === undefined ? never : `${nextContact.on} ${nextContact.at ?? never}`;
    const time = group === 'today' && nextContact?.on === on ? visit : never;
    const first = group === 'overdue' ? [kind, day] : [day, time, kind];
    return [dueGroups.indexOf(group), ...first, visit, commitment.id];
  });
}

interface OutreachFacts {
  readonly note: Note;
  /** As it is shown: a private one without its text. */
  readonly shown: Note;
  readonly patient: Patient;
  readonly people: readonly Person[];
  /** The losses and cautions of the patient. */
  readonly notes: readonly Note[];
  readonly contacts: readonly Contact[];
}

export type Outreach = ReturnType<typeof listOutreach>[number];

export type OutreachOptions = Pick<DueOptions, 'on' | 'days'> & Pick<DueFacts, 'calendar'>;

const daysBefore = 7;

/** A week before, or the last open day before that where the whole week is closed. */
function shownFrom({ first }: Occurrence, calendar: WorkCalendar): CivilDate {
  const isClosed = closedTest(calendar);
  const from = addDays(first, -daysBefore);
  const week = Array.from({ length: daysBefore + 1 }, (_, days) => addDays(from, days));
  return week.every(isClosed) ? (nextOpenDay(from, -1, isClosed) ?? from) : from;
}

export function timeToReachOut(
  note: Pick<Note, 'kind' | 'reach_out' | 'status' | 'date' | 'yearly'>,
  { on, days, calendar }: OutreachOptions,
): { readonly when: Occurrence; readonly from: CivilDate } | undefined {
  if (note.kind !== 'milestone' || !note.reach_out || note.status !== 'current') return undefined;
  const when = nextOccurrence(note, on);
  if (when === undefined) return undefined;
  // Computing the closed week is slow: only for those that are near.
  if (daysBetween(on, when.first) > daysBefore + days + longestClosure) return undefined;
  const from = shownFrom(when, calendar);
  return addDays(from, -days) <= on ? { when, from } : undefined;
}

/** An outgoing call, message, letter or home visit. */
const isReachingOut = ({ state, direction, channel }: Contact): boolean =>
  state === 'held' && (direction === 'out' || (direction === null && channel !== 'visit'));

export const answerOf = (contacts: readonly Contact[], from: CivilDate, by: CivilDate): Contact | undefined =>
  contacts.find((contact) => isReachingOut(contact) && contact.on >= from && contact.on <= by);

function listOutreach(facts: readonly OutreachFacts[], options: OutreachOptions) {
  const listed = facts.flatMap(({ note, shown, patient, people, notes, contacts }) => {
    const time = timeToReachOut(note, options);
    if (time === undefined || patient.status !== 'active') return [];
    const world = worldOf({ patient, people, notes }, options.on);
    const mark = world.markOfOutreach(note);
    if (mark === 'hidden') return [];
    if (answerOf(contacts, time.from, options.on) !== undefined) return [];
    const day = exactDay(time.when);
    // What a private day is about stays private.
    const isMasked = shown.text !== note.text && note.sensitive;
    const said = isMasked ? undefined : (world.without(note, day) ?? mark);
    return [{ group: 'outreach' as const, note: shown, when: time.when, day, mark: said }];
  });
  return sortedBy(listed, ({ when, note }) => [when.first, note.id]);
}

export function listDue(facts: DueFacts, options: DueOptions) {
  const { on, days, all, quietDays } = options;
  const promises = listPromises(facts, options);
  const outreach = listOutreach(facts.outreach ?? [], { on, days, calendar: facts.calendar });
  const { inTouch: patients = [], lastHeld = new Map(), nextContacts } = facts;
  const quiet = listQuiet({ patients, lastHeld, nextContacts }, on, quietDays);
  const quietShown = all ? quiet : quiet.slice(0, quietLimit);
  const unwritten = listUnwritten(facts.stillPlanned ?? [], on);
  const unwrittenShown = all ? unwritten : unwritten.slice(0, unwrittenLimit);
  const everything: readonly DueItem[] = [...promises, ...outreach, ...unwrittenShown, ...quietShown];
  const items = dueGroups.flatMap((group) => everything.filter((item) => item.group === group));
  const count = (group: DueGroup): number =>
    items.filter((item) => item.group === group && !(isPromise(item) && item.commitment.owner === 'patient'))
      .length;
  return {
    on,
    items,
    /** Mine and staff's. `undated` and `unwritten` count whether listed or not. */
    counts: {
      overdue: count('overdue'),
      today: count('today'),
      closed_day: count('closed_day'),
      unread: count('unread'),
      outreach: count('outreach'),
      unwritten: unwritten.length,
      quiet: count('quiet'),
      undated:
        (facts.undatedBesides ?? 0) +
        facts.commitments.filter(
          (one) => one.status === 'open' && one.owner !== 'patient' && one.due === null && !isUnread(one),
        ).length,
    },
    moreQuiet: quiet.length - quietShown.length,
    moreUnwritten: unwritten.length - unwrittenShown.length,
  };
}

/** Promises that ask for something today: without patients' own, ahead and undated. */
export const howManyDue = ({ counts }: DueList): number =>
  counts.overdue + counts.today + counts.closed_day + counts.unread;

export const undatedUnlisted = ({ items, counts }: DueList): number =>
  items.some(({ group }) => group === 'undated') ? 0 : counts.undated;

// What may become of a promise: each returns the changed fields, or refuses.

type CommitmentPatch = Patch<Commitment>;

export function refuseClosed({ status, closed_on }: Commitment, called: string): Failure | undefined {
  if (status === 'open') return undefined;
  const when = closed_on === null ? '' : `, on ${closed_on}`;
  return conflict(`${called} was ${status} already${when}`, 'rapport undo takes the newest change back');
}

export const keep = (
  commitment: Commitment,
  { on, how, who }: { readonly on: CivilDate; readonly how: string | null; readonly who: Owner | undefined },
): CommitmentPatch => ({
  status: 'kept',
  closed_on: on,
  how,
  who: who ?? commitment.owner,
});

/** After two snoozes the patient should be told. */
export const wantsTelling = ({ snoozes }: Pick<Commitment, 'snoozes'>): boolean => snoozes.length >= 2;

export const nextPlannedVisit = (contacts: readonly Contact[], from: CivilDate): Contact | undefined =>
  sortedBy(
    contacts.filter((contact) => contact.state === 'planned' && isVisit(contact) && contact.on >= from),
    ({ on }) => [on],
  )[0];

/** @throws usage for a past day, the same day, or a missing reason */
export function snooze(
  commitment: Commitment,
  called: string,
  { on, to, reason }: { readonly on: CivilDate; readonly to: CivilDate; readonly reason: string | null },
): CommitmentPatch {
  if (to < on) throw usage(`${to} has passed: a promise is put off to a day ahead`);
  if (to === commitment.due) throw usage(`${called} is due on ${to} already`);
  if (reason === null && commitment.snoozes.length > 0)
    throw usage(`${called} was put off before: say why this time`, 'add --reason -');
  return {
    due: to,
    unread: null,
    snoozes: [...commitment.snoozes, { on, from: commitment.due, to, reason }],
  };
}
