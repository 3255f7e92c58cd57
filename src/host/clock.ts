/** The domain's clock: the day and the time of day in a zone, real or fixed by two variables. */
// Intl is slow to load, so a zone's offset is kept, with the time for which it holds.
import { type CivilDate, offsetsOf, readCivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { usage } from '../errors.ts';
import type { StateFile } from './folders.ts';
import type { Outside } from './process.ts';

const minute = 60_000;
const dayLength = 24 * 60 * minute;
/** Days around now that are searched for a change of offset. */
const horizon = 30;
const mostKept = 4;

/** The last of the days before or behind `start` up to which its offset holds. */
function edgeOf(offsetAt: (instant: number) => number, start: number, step: number): number {
  let edge = start;
  for (let days = 0; days < horizon && offsetAt(edge + step) === offsetAt(start); days += 1) edge += step;
  return edge;
}

type Machine = Pick<Outside, 'env' | 'now' | 'machineZone' | 'machineOffset' | 'zonesVersion'>;
/** Where offsets are kept. */
type Kept = Pick<StateFile, 'read' | 'write'>;

/** Minutes east of UTC. @throws usage for an unknown zone */
function offsetIn(zone: string, instant: number, version: string | undefined, kept: Kept): number {
  // A line: zone, version, from, until, offset.
  const lines = kept.read().split('\n').filter(Boolean);
  const name = `${zone} ${version}`;
  for (const line of lines) {
    const [, of, from, until, offset] = /^(.*) (-?\d+) (-?\d+) (-?\d+)$/.exec(line) ?? [];
    if (of === name && Number(from) <= instant && instant < Number(until)) return Number(offset);
  }
  const offsetAt = offsetsOf(zone);
  const offset = Math.round(offsetAt(instant) / minute);
  const line = `${name} ${edgeOf(offsetAt, instant, -dayLength)} ${edgeOf(offsetAt, instant, dayLength)} ${offset}`;
  kept.write([line, ...lines].slice(0, mostKept).join('\n'));
  return offset;
}

function fixedBy(env: Machine['env']): { readonly day?: CivilDate; readonly instant?: number } {
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

/** @param vault its IANA zone, read when a date is asked for; undefined is the machine's. @throws usage for a bad variable */
export function createClock(machine: Machine, vault: { readonly timeZone: string | undefined }, kept: Kept) {
  const { now, machineZone, machineOffset, zonesVersion } = machine;
  const { day, instant: fixedInstant } = fixedBy(machine.env);
  const wall = (instant: number): { readonly date: CivilDate; readonly time: TimeOfDay } => {
    const named = vault.timeZone ?? machineZone();
    const offset =
      named === machineZone() ? machineOffset(instant) : offsetIn(named, instant, zonesVersion, kept);
    const [date = '', time = ''] = new Date(instant + offset * minute).toISOString().split('T');
    const day = readCivilDate(date);
    const clock = readTimeOfDay(time.slice(0, 5));
    if (day === undefined || clock === undefined)
      throw usage(`the clock says ${date}`, 'set the date of the machine');
    return { date: day, time: clock };
  };
  const moment = (): number => fixedInstant ?? now();
  return {
    isFixed: day !== undefined || fixedInstant !== undefined,
    get zone(): string {
      return vault.timeZone ?? machineZone();
    },
    today: (): CivilDate => day ?? wall(moment()).date,
    time: (): TimeOfDay => (day && !fixedInstant && readTimeOfDay('12:00')) || wall(moment()).time,
    /** In the same zone. @param instant ISO */
    local: (instant: string) => wall(Date.parse(instant)),
    /** The real instant, ISO, UTC, whatever fixes the domain's dates. */
    instant: (): string => new Date(now()).toISOString(),
  };
}
