/** The domain's clock: today and the time of day in a zone, from real milliseconds or as two variables fix them. */
import { type CivilDate, readCivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import type { Clock } from '../world.ts';
import type { Outside } from './outside.ts';

interface ClockParts extends Pick<Outside, 'now' | 'wallClock' | 'machineZone'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA name, or undefined for the machine's own. Read only when a date is asked for. */
  readonly zone: () => string | undefined;
}

export function createClock({ now, env, zone, wallClock, machineZone }: ClockParts): Clock {
  const fixedDay = env['RAPPORT_TODAY'];
  const fixedInstant = env['RAPPORT_NOW'];
  const wall = (instant: number): { readonly date: CivilDate; readonly time: TimeOfDay } => {
    const { date, time } = wallClock(instant, zone());
    const day = readCivilDate(date);
    const clock = readTimeOfDay(time);
    if (day === undefined || clock === undefined)
      throw usage(`the clock says ${date}`, 'set the date of the machine');
    return { date: day, time: clock };
  };
  const moment = (): number => {
    if (fixedInstant === undefined) return now();
    const instant = Date.parse(fixedInstant);
    if (Number.isNaN(instant) || !/^[^T]*T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(fixedInstant))
      throw usage(`RAPPORT_NOW: '${fixedInstant}' is not an instant`, 'write 2026-03-12T08:30:00Z');
    return instant;
  };
  return {
    isFixed: fixedDay !== undefined || fixedInstant !== undefined,
    get zone() {
      return zone() ?? machineZone();
    },
    today: () => {
      if (fixedDay === undefined) return wall(moment()).date;
      const day = readCivilDate(fixedDay);
      if (day === undefined) throw usage(`RAPPORT_TODAY: '${fixedDay}' is not a date`, 'write 2026-03-12');
      return day;
    },
    time: () => wall(moment()).time,
    local: (instant) => wall(Date.parse(instant)),
    instant: () => new Date(now()).toISOString(),
  };
}
