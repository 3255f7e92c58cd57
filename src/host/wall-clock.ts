/** Date and time of day in a zone. Intl is slow to load, so offsets are kept, with the time for which they hold. */
import { usage } from '../errors.ts';
import type { WallClock } from './outside.ts';

const minute = 60_000;
const week = 7 * 24 * 60 * minute;
/** Weeks around now that are searched for a change of offset. */
const horizon = 30;
const mostKept = 4;
/** In bytes. */
export const longestOffsets = 1024;

const two = (value: number): string => String(value).padStart(2, '0');

const shown = (year: number, month: number, day: number, hours: number, minutes: number): WallClock => ({
  date: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`,
  time: `${two(hours)}:${two(minutes)}`,
});

export function machineClock(instant: number): WallClock {
  const at = new Date(instant);
  return shown(at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes());
}

function clockAt(instant: number, offset: number): WallClock {
  const at = new Date(instant + offset * minute);
  return shown(
    at.getUTCFullYear(),
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
  );
}

function offsetsOf(zone: string): (instant: number) => number {
  const fields = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  } as const;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', ...fields });
  } catch {
    throw usage(`'${zone}' is not a time zone`, 'rapport config time-zone Europe/Madrid');
  }
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const field = (name: keyof typeof fields): number => Number(parts[name]);
    const year = parts['era'] === 'BC' ? 1 - field('year') : field('year');
    const local = Date.UTC(year, field('month') - 1, field('day'), field('hour'), field('minute'));
    return Math.round(local / minute - Math.floor(instant / minute));
  };
}

/** The last instant from `start` by `step` with the offset of `start`, to the minute. */
function edgeOf(offsetAt: (instant: number) => number, start: number, step: number): number {
  const isSame = (instant: number): boolean => offsetAt(instant) === offsetAt(start);
  let same = start;
  for (let weeks = 0; weeks < horizon && isSame(same + step); weeks += 1) same += step;
  let other = same + step;
  while (Math.abs(other - same) > minute) {
    const middle = Math.round((same + other) / 2 / minute) * minute;
    if (isSame(middle)) same = middle;
    else other = middle;
  }
  return same;
}

interface KeptOffsets {
  readonly file: { read(): string; write(text: string): boolean };
  readonly zonesVersion: string | undefined;
}

/** @throws usage for an unknown zone */
export function wallClockIn(zone: string, instant: number, kept?: KeptOffsets): WallClock {
  // A line: zone, version, from, until, offset.
  const lines = kept?.file.read().split('\n').filter(Boolean) ?? [];
  const name = `${zone} ${kept?.zonesVersion}`;
  for (const line of lines) {
    const [, of, from, until, offset] = /^(.*) (-?\d+) (-?\d+) (-?\d+)$/.exec(line) ?? [];
    if (of === name && Number(from) <= instant && instant < Number(until))
      return clockAt(instant, Number(offset));
  }
  const offsetAt = offsetsOf(zone);
  const offset = offsetAt(instant);
  if (kept !== undefined) {
    const line = `${name} ${edgeOf(offsetAt, instant, -week)} ${edgeOf(offsetAt, instant, week)} ${offset}`;
    kept.file.write([line, ...lines].slice(0, mostKept).join('\n'));
  }
  return clockAt(instant, offset);
}
