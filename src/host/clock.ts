/** The domain's clock: today and the time of day in a zone, real or fixed by two variables. */
import { type CivilDate, readCivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import type { Outside, WallClock } from './outside.ts';

interface ClockParts extends Pick<Outside, 'now' | 'machineZone'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA name; undefined is the machine's. Read only when a date is asked for. */
  readonly zone: () => string | undefined;
  /** @throws usage for an unknown zone */
  wallClock(instant: number, zone: string | undefined): WallClock;
}

function fixedBy(env: ClockParts['env']): { readonly day?: CivilDate; readonly instant?: number } {
  const { RAPPORT_TODAY: today, RAPPORT_NOW: now } = env;
  const day = readCivilDate(today ?? '');
  if (today !== undefined && day === undefined)
    throw usage(`RAPPORT_TODAY: '${today}' is not a date`, 'write 2026-03-12');
  const instant = Date.parse(now ?? '');
  if (now !== undefined && (Number.isNaN(instant) || !/^[^T]*T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(now)))
    throw usage(`RAPPORT_NOW: '${now}' is not an instant`, 'write 2026-03-12T08:30:00Z');
  return { ...(day !== undefined && { day }), ...(now !== undefined && { instant }) };
}

export type Clock = ReturnType<typeof createClock>;

/** @throws usage where one of the variables can't be read */
export function createClock({ now, env, zone, wallClock, machineZone }: ClockParts) {
  const { day, instant: fixedInstant } = fixedBy(env);
  const wall = (instant: number): { readonly date: CivilDate; readonly time: TimeOfDay } => {
    const { date, time } = wallClock(instant, zone());
    const day = readCivilDate(date);
    const clock = readTimeOfDay(time);
    if (day === undefined || clock === undefined)
      throw usage(`the clock says ${date}`, 'set the date of the machine');
    return { date: day, time: clock };
  };
  const moment = (): number => fixedInstant ?? now();
  return {
    isFixed: day !== undefined || fixedInstant !== undefined,
    get zone(): string {
      return zone() ?? machineZone();
    },
    today: (): CivilDate => day ?? wall(moment()).date,
    time: (): TimeOfDay => wall(moment()).time,
    /** In the same zone. @param instant ISO */
    local: (instant: string) => wall(Date.parse(instant)),
    /** The real instant, ISO, UTC, whatever fixes the domain's dates. */
    instant: (): string => new Date(now()).toISOString(),
  };
}
