/** Time zones by their IANA names, and how far their clocks are from UTC. */
import { usage } from '../errors.ts';

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const quarter = 900_000;

/** Milliseconds of '+0130', '-07:52:58'; undefined for anything else. */
export function readOffset(value = ''): number | undefined {
  const [, sign, hours, minutes, seconds = 0] = /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(value) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** A zone's offset from UTC at an instant, both in milliseconds. @throws usage for an unknown zone */
export function offsetsOf(name: string): (instant: number) => number {
  if (!isTimeZone(name))
    throw usage(`'${name}' is not a time zone`, 'rapport config time-zone Europe/Madrid');
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' });
  // Formatting is slow, and offsets change only on quarter hours.
  const known = new Map<number, number>();
  return (instant) => {
    const key = Math.floor(instant / quarter);
    const found = known.get(key);
    if (found !== undefined) return found;
    // 'GMT+01:00', or 'GMT' alone.
    const text = format
      .formatToParts(instant)
      .find(({ type }) => type === 'timeZoneName')
      ?.value.slice(3);
    const offset = readOffset(text) ?? 0;
    known.set(key, offset);
    return offset;
  };
}
