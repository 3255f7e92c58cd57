/** FHIR's dates and instants as civil dates: http://hl7.org/fhir/R4/datatypes.html#date. */
import {
  type CivilDate,
  firstYear,
  lastYear,
  type PartialDate,
  readCivilDate,
  readPartialDate,
  readTimeOfDay,
  spanOf,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { type Complain, quoted } from '../fields.ts';

/** Tells the civil date and time of an instant where the clinician is. */
export type ToLocal = (instant: string) => { readonly date: CivilDate; readonly time: TimeOfDay };

function complaint(text: string): string {
  const year = Number(/^\d{4}(?=-|$)/.exec(text)?.[0] ?? firstYear);
  return year < firstYear || year > lastYear
    ? `${quoted(text)}not between ${firstYear} and ${lastYear}`
    : `${quoted(text)}not a date`;
}

/** A year, a month or a day, the time behind it left off, that has come. The day is the one that was written down. */
export function pastDate(text: string, today: CivilDate, complain: Complain): PartialDate | undefined {
  const day = /^(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T.*)?$/.exec(text)?.[1];
  const date = day === undefined ? undefined : readPartialDate(day);
  if (date === undefined) complain(complaint(text));
  else if ((spanOf(date)?.first ?? date) > today) complain(`${quoted(text)}still ahead`);
  else return date;
  return undefined;
}

export interface Moment {
  readonly on: CivilDate;
  readonly at: TimeOfDay | null;
}

/** When something is, where the clinician is; a time without a zone is taken as local. */
export function moment(text: string, toLocal: ToLocal, complain: Complain): Moment | undefined {
  const [, day = '', time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const on = readCivilDate(day);
  const at = time === undefined ? null : readTimeOfDay(time);
  if (on === undefined || at === undefined) {
    complain(complaint(text));
    return undefined;
  }
  if (zone === undefined) return { on, at };
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) {
    complain(`${quoted(text)}not an instant`);
    return undefined;
  }
  const local = toLocal(new Date(instant).toISOString());
  return { on: local.date, at: local.time };
}

/** A civil date in full; a month or a year alone says too little. */
export function civilDay(
  text: string | undefined,
  toLocal: ToLocal,
  complain: Complain,
): CivilDate | undefined {
  if (text === undefined || /^\d{4}(?:-\d{2})?$/.test(text)) return undefined;
  return moment(text, toLocal, complain)?.on;
}
