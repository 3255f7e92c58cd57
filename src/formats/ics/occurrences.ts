/** When an event is, each time, on the clock of the clinician; each occurrence has a key that outlives a move. */
import type ICAL from 'ical.js';
import {
  addDays,
  type CivilDate,
  firstYear,
  lastYear,
  readCivilDate,
  readTimeOfDay,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { IcsError } from './components.ts';
import type { CalendarEvent, Moment } from './events.ts';
import { dayOfWall, followRule, type Patience, type Wall } from './recurring.ts';
import { type ToLocal, utcZone } from './zones.ts';

export interface Occurrence {
  /** What RECURRENCE-ID would call it: an instant '20260312T092000Z', a time '20260312T102000', a day '20260312'. */
  readonly key: string;
  readonly on: CivilDate;
  readonly at: TimeOfDay | null;
}

export interface Window {
  readonly from: CivilDate;
  readonly until: CivilDate;
}

const compact = (text: string): string => text.replace(/\.\d+|[-:]/g, '');

export function occurrenceOf({ wall, day, time, zone }: Moment, toLocal: ToLocal): Occurrence {
  if (zone === undefined) return { key: compact(wall), on: day, at: time ?? null };
  const instant = zone(wall);
  const local = toLocal(instant);
  if (readCivilDate(local.date) === undefined) throw new IcsError(`not between ${firstYear} and ${lastYear}`);
  return { key: compact(new Date(instant).toISOString()), on: local.date, at: local.time };
}

/** A rule without an UNTIL that is an instant: that is told apart by instants, since it is on another clock. */
function endOf(rule: Readonly<Record<string, unknown>>): {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly end: number | undefined;
} {
  const { until, ...others } = rule;
  if (typeof until !== 'string') return { rule, end: undefined };
  // A day alone takes that day in, also where the event has a time.
  if (!until.includes('T')) return { rule: { ...others, until: `${until}T23:59:59` }, end: undefined };
  return until.endsWith('Z') ? { rule: others, end: utcZone(until.slice(0, -1)) } : { rule, end: undefined };
}

function follow(
  event: CalendarEvent,
  given: Readonly<Record<string, unknown>>,
  { from, until }: Window,
  patience: Patience,
  ical: typeof ICAL,
): readonly Moment[] {
  const { start } = event;
  const isDay = start.time === undefined;
  const { rule, end } = isDay ? { rule: given, end: undefined } : endOf(given);
  const last = end === undefined ? undefined : readCivilDate(new Date(end).toISOString().slice(0, 10));
  // A zone apart, a day may be another.
  const wide = {
    from: addDays(from, -1),
    until: addDays(last !== undefined && last < until ? last : until, 1),
  };
  return followRule(rule, start.wall, wide, patience, ical).flatMap((wall): readonly Moment[] => {
    const moment = momentAt(wall, start);
    const isOver = end !== undefined && moment !== undefined && (start.zone ?? utcZone)(wall) > end;
    return moment === undefined || isOver ? [] : [moment];
  });
}

function momentAt(wall: Wall, { time, zone }: Moment): Moment | undefined {
  const day = dayOfWall(wall);
  if (day === undefined) return undefined;
  return time === undefined
    ? { wall: day, day, time, zone }
    : { wall, day, time: readTimeOfDay(wall.slice(11, 16)), zone };
}

/**
 * All occurrences of a series within a window, without those that are left out or that other events stand for.
 * @throws IcsError
 */
export function occurrencesOf(
  event: CalendarEvent,
  replaced: readonly Moment[],
  options: {
    readonly window: Window;
    readonly toLocal: ToLocal;
    readonly patience: Patience;
    readonly ical: typeof ICAL;
  },
): readonly Occurrence[] {
  const { window, toLocal, patience, ical } = options;
  const { rules, start, added, left } = event;
  const followed = rules.flatMap((rule) => follow(event, rule, window, patience, ical));
  const moments = [...(rules.length === 0 ? [start] : followed), ...added];
  const gone = new Set([...left, ...replaced].map((moment) => occurrenceOf(moment, toLocal).key));
  const found = new Map<string, Occurrence>();
  for (const moment of moments) {
    const one = occurrenceOf(moment, toLocal);
    // Some programs leave out a whole day of a series that has a time.
    if (gone.has(one.key) || gone.has(compact(moment.day))) continue;
    if (one.on >= window.from && one.on <= window.until) found.set(one.key, one);
  }
  return [...found.values()];
}
