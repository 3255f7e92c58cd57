/**
 * Recurrence rules followed within limits. ical.js follows them, but some never come to an end there, and some make
 * days that no rule means: both are held here, for whoever follows a rule.
 */
import type ICAL from 'ical.js';
import { addDays, type CivilDate, daysBetween, monthOf, readCivilDate } from '../../dates/civil.ts';
import { Fault } from './components.ts';

const stepsOfRule = 60_000;

/** Counts down what following the rules of one file may take. */
export interface Patience {
  left: number;
}

/** Of holidays, which recur once a year or are no holidays; of a clinic's visits, of which there are thousands. */
const stepsOfFile = { holidays: 200_000, visits: 1_000_000 };

export const newPatience = (what: keyof typeof stepsOfFile): Patience => ({ left: stepsOfFile[what] });

/** A day, or the time on a clock: '2026-03-12' or '2026-03-12T10:20:00', without a zone. */
export type Wall = string;

export const dayOfWall = (wall: Wall): CivilDate | undefined => readCivilDate(wall.slice(0, 10));

/**
 * Where to begin so that not every day since 1990 is walked. Whole intervals are left out, so that the same days come;
 * only of rules that do not count, and whose interval is always as long.
 */
function nearStart(start: Wall, from: CivilDate, { freq, count, interval }: ICAL.Recur): Wall {
  const first = dayOfWall(start);
  const days = freq === 'DAILY' ? interval : freq === 'WEEKLY' ? 7 * interval : 0;
  if (first === undefined || days <= 0 || (count !== null && count !== undefined)) return start;
  const leap = Math.floor((daysBetween(first, from) - 7) / days) * days;
  return leap > 0 ? `${addDays(first, leap)}${start.slice(10)}` : start;
}

/**
 * The starts that a rule gives from one day to another, both included.
 * @param rule as jCal has it, its UNTIL on the same clock as the start
 * @throws Fault
 */
export function followRule(
  rule: object,
  start: Wall,
  window: { readonly from: CivilDate; readonly until: CivilDate },
  patience: Patience,
  ical: typeof ICAL,
): readonly Wall[] {
  const recurrence = ical.Recur.fromData(rule);
  if (!recurrence.freq) throw new Fault("RRULE can't be read");
  const steps = recurrence.iterator(
    ical.Time.fromString(nearStart(start, window.from, recurrence), undefined),
  );
  const months: readonly number[] = recurrence.parts.BYMONTH ?? [];
  let left = Math.min(stepsOfRule, patience.left);
  const take = (): void => {
    left -= 1;
    patience.left -= 1;
    if (left < 0) throw new Fault('it recurs too often to be followed, or never');
  };
  // Its own loop has no end where a rule never fits a day.
  const { check_contracting_rules: check } = steps;
  steps.check_contracting_rules = () => {
    take();
    return check.call(steps);
  };
  const walls: Wall[] = [];
  for (let next = steps.next(); next; next = steps.next()) {
    take();
    const wall = next.toString();
    const day = dayOfWall(wall);
    if (day === undefined || day > window.until) break;
    // It makes 2 March of 30 February.
    const isMeant = months.length === 0 || months.includes(monthOf(day));
    if (day >= window.from && isMeant) walls.push(wall);
  }
  return walls;
}
