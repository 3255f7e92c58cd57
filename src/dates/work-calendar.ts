/** Business days over closed days, time away and weekends. */
import { usage } from '../errors.ts';
import { addDays, type CivilDate, daysBetween, firstYear, lastYear, weekdayOf, yearOf } from './civil.ts';

/** `weekend` holds ISO weekdays, 1 Monday to 7 Sunday. */
export interface WorkCalendar {
  readonly closed_days: readonly { readonly on: CivilDate }[];
  readonly away: readonly { readonly from: CivilDate; readonly to: CivilDate }[];
  readonly weekend: readonly number[];
}

export const plainCalendar: WorkCalendar = { closed_days: [], away: [], weekend: [6, 7] };

/** In days. */
export const longestClosure = 1500;

/** For many days: builds its look-ups once. */
export function closedTest(calendar: WorkCalendar): (date: CivilDate) => boolean {
  const closed = new Set<string>(calendar.closed_days.map((day) => day.on));
  const weekend = new Set(calendar.weekend);
  return (date) =>
    weekend.has(weekdayOf(date)) ||
    closed.has(date) ||
    calendar.away.some((span) => span.from <= date && date <= span.to);
}

/** Undefined where there is none within 1500 days. */
export function nextOpenDay(
  from: CivilDate,
  step: 1 | -1,
  closed: (date: CivilDate) => boolean,
): CivilDate | undefined {
  let date = from;
  for (let tries = 0; tries < longestClosure; tries += 1) {
    date = addDays(date, step);
    if (!closed(date)) return date;
  }
  return undefined;
}

/** Excludes `date` itself; negative `days` count backwards. @throws usage where the calendar has no open day */
export function addBusinessDays(date: CivilDate, days: number, calendar: WorkCalendar): CivilDate {
  const closed = closedTest(calendar);
  let at = date;
  for (let left = Math.abs(days); left > 0; left -= 1) {
    const next = nextOpenDay(at, days < 0 ? -1 : 1, closed);
    if (next === undefined || yearOf(next) < firstYear || yearOf(next) > lastYear)
      throw usage('the calendar has no open day to count', 'rapport calendar list');
    at = next;
  }
  return at;
}

/** Excludes `from`, includes `to`; 0 where `to` is not later. */
export function businessDaysBetween(from: CivilDate, to: CivilDate, calendar: WorkCalendar): number {
  const closed = closedTest(calendar);
  let open = 0;
  for (let days = daysBetween(from, to), at = from; days > 0; days -= 1) {
    at = addDays(at, 1);
    if (!closed(at)) open += 1;
  }
  return open;
}
