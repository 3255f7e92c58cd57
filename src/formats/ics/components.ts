/** Splits an iCalendar file (RFC 5545) into components before parsing, so that a broken one spoils no other. */
import type ICAL from 'ical.js';

/** Suffix of the UIDs of exported promises. */
export const ownUidEnd = '@rapport.invalid';

export const isCalendar = (text: string): boolean => /^\s*BEGIN:\s*(?:VCALENDAR|VEVENT)\b/i.test(text);

interface Line {
  readonly text: string;
  readonly number: number;
}

export interface Component {
  readonly line: number;
  readonly lines: readonly Line[];
  /** METHOD of the enclosing calendar, upper case; 'PUBLISH' by default. */
  readonly method: string;
}

export interface LineFault {
  readonly line: number;
  readonly fault: string;
}

export interface Cut {
  readonly events: readonly Component[];
  readonly zones: readonly Component[];
  readonly others: ReadonlyMap<string, number>;
  readonly faults: LineFault[];
}

/** Rejects one component. The message is shown, so it never quotes the file. */
export class IcsError extends Error {}

/** Calls `read` for the component at `line`; where it throws, that is a fault, which spoils no other component. */
export function guard<T>(faults: LineFault[], line: number, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // The library's message may quote the file.
    faults.push({ line, fault: error instanceof IcsError ? error.message : "an event that can't be read" });
    return undefined;
  }
}

/** Components at the top level of a calendar: one that begins inside another shows that the other lacks its END. */
const topmost = /^(?:VEVENT|VTODO|VJOURNAL|VFREEBUSY|VTIMEZONE)$/;

interface Open {
  readonly name: string;
  readonly line: number;
  readonly lines: Line[];
  nested: string | undefined;
}

export function cutComponents(text: string): Cut {
  const events: Component[] = [];
  const zones: Component[] = [];
  const others = new Map<string, number>();
  const faults: LineFault[] = [];
  let method = 'PUBLISH';
  let open: Open | undefined;
  const unended = (): void => {
    if (open?.name === 'VEVENT') faults.push({ line: open.line, fault: 'an event without an end' });
    open = undefined;
  };
  const close = ({ name, line, lines }: Open): void => {
    if (name === 'VEVENT') events.push({ line, lines, method });
    else if (name === 'VTIMEZONE') zones.push({ line, lines, method });
    else others.set(name, (others.get(name) ?? 0) + 1);
    open = undefined;
  };
  const begin = (name: string, line: number): void => {
    if (name === 'VCALENDAR') {
      unended();
      method = 'PUBLISH';
    } else if (open === undefined || topmost.test(name)) {
      unended();
      open = { name, line, lines: [], nested: undefined };
    } else open.nested ??= name;
  };
  const end = (name: string): void => {
    if (name === 'VCALENDAR') unended();
    else if (name === open?.name) close(open);
    else if (name === open?.nested) open.nested = undefined;
  };
  for (const [place, line] of text.split(/\r\n|\n|\r/).entries()) {
    const number = place + 1;
    const [, verb, given = ''] = /^(BEGIN|END):\s*([\w-]+)\s*$/i.exec(line) ?? [];
    const name = given.toUpperCase();
    // A zone needs its nested parts; an event's alarms are dropped.
    const isKept = open !== undefined && (open.nested === undefined || open.name === 'VTIMEZONE');
    if (verb?.toUpperCase() === 'BEGIN') begin(name, number);
    else if (verb !== undefined) end(name);
    const isInner = verb === undefined || (open?.name === 'VTIMEZONE' && name !== 'VTIMEZONE');
    if (isKept && isInner && line.trim() !== '') open?.lines.push({ text: line, number });
    else if (open === undefined && /^METHOD:/i.test(line)) method = line.slice(7).trim().toUpperCase();
  }
  unended();
  return { events, zones, others, faults };
}

/** A property in jCal form (RFC 7265). */
export interface Property {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly values: readonly unknown[];
}

function unfold(lines: readonly Line[]): readonly string[] {
  const whole: string[] = [];
  for (const { text } of lines) {
    if (/^[ \t]/.test(text) && whole.length > 0) whole.push(`${whole.pop()}${text.slice(1)}`);
    else whole.push(text);
  }
  return whole;
}

const longestProperty = 100_000;

export function readProperties(
  { lines }: Component,
  names: ReadonlySet<string>,
  ical: typeof ICAL,
): readonly Property[] {
  return unfold(lines).flatMap((line): readonly Property[] => {
    const name = /^[A-Z0-9-]+(?=[;:])/i.exec(line)?.[0].toLowerCase();
    if (name === undefined || !names.has(name)) return [];
    if (line.length > longestProperty)
      throw new IcsError(
        `${name.toUpperCase()} has more than ${longestProperty.toLocaleString('en')} characters`,
      );
    let parsed: unknown;
    try {
      parsed = ical.parse.property(line, undefined);
    } catch {
      // The library's message may quote the file.
      throw new IcsError(`${name.toUpperCase()} can't be read`);
    }
    const [, parameters, , ...values] = parsed as [string, Property['parameters'], string, ...unknown[]];
    return [{ name, parameters, values }];
  });
}

export function textOf(properties: readonly Property[], name: string): string | undefined {
  const value = properties.find((property) => property.name === name)?.values[0];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
