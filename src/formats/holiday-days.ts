/** The closed days that a file names, whatever its format. */
import type { CivilDate } from '../dates/civil.ts';
import { nameLimit } from '../domain/records.ts';
import type { LineFault } from './ics/components.ts';

export interface HolidayDay {
  readonly on: CivilDate;
  readonly name: string | null;
}

/** Of a line, or of an event where it begins. */
export type HolidayFault = LineFault;

export interface HolidayFile {
  /** In order, each day once. */
  readonly days: readonly HolidayDay[];
  readonly faults: readonly HolidayFault[];
  /** Events with a time of day, and those that were called off: nothing is closed for them. */
  readonly leftOut: number;
}

/** Of days that are named several times, the names stand beside each other. */
export function mergeDays(days: readonly HolidayDay[]): readonly HolidayDay[] {
  const names = new Map<CivilDate, readonly string[]>();
  for (const { on, name } of days) {
    const known = names.get(on) ?? [];
    names.set(on, name === null || known.includes(name) ? known : [...known, name]);
  }
  return [...names]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([on, known]) => ({ on, name: known.length === 0 ? null : known.join(', ').slice(0, nameLimit) }));
}
