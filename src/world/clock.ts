/** The domain's clock: today and the time of day in a zone, from real milliseconds or as two variables fix them. */
import { type CivilDate, readCivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import type { Clock } from '../world.ts';

interface ClockParts {
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA name, or undefined for the machine's own. Read only when a date is asked for. */
  readonly zone: () => string | undefined;
}

function inZone(instant: number, zone: string): { readonly date: CivilDate; readonly time: TimeOfDay } {
  // Swedish writes dates and times as ISO does.
  const text = new Intl.DateTimeFormat('sv', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(instant);
  const [day = '', time = ''] = text.split(' ');
  const date = readCivilDate(day);
  const clock = readTimeOfDay(time);
  if (date === undefined || clock === undefined) throw new Error('the clock gave no date');
  return { date, time: clock };
}

export function createClock({ now, env, zone }: ClockParts): Clock {
  const fixedDay = env['RAPPORT_TODAY'];
  const fixedInstant = env['RAPPORT_NOW'];
  const zoneName = (): string => zone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const moment = (): number => {
    if (fixedInstant === undefined) return now();
    const instant = Date.parse(fixedInstant);
    if (Number.isNaN(instant) || !/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(fixedInstant))
      throw usage(`RAPPORT_NOW: '${fixedInstant}' is not an instant`, 'write 2026-03-12T08:30:00Z');
    return instant;
  };
  return {
    isFixed: fixedDay !== undefined || fixedInstant !== undefined,
    get zone() {
      return zoneName();
    },
    today: () => {
      if (fixedDay === undefined) return inZone(moment(), zoneName()).date;
      const day = readCivilDate(fixedDay);
      if (day === undefined) throw usage(`RAPPORT_TODAY: '${fixedDay}' is not a date`, 'write 2026-03-12');
      return day;
    },
    time: () => inZone(moment(), zoneName()).time,
    instant: () => new Date(now()).toISOString(),
  };
}
