/**
 * An iCalendar file (RFC 5545) cut into its components, each with its line, before anything is parsed: one that is
 * broken spoils no other, and neither does a blank line. Of a component only those properties are parsed that somebody
 * asked for, each by itself.
 */
import type ICAL from 'ical.js';

/** How the UIDs end that rapport itself writes: of promises. */
export const ownUidEnd = '@rapport.invalid';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

export interface Component {
  /** Of its BEGIN, from 1. */
  readonly line: number;
  /** Without its own BEGIN and END. */
  readonly lines: readonly Line[];
  /** METHOD of the calendar around it, in capitals: 'PUBLISH' where it has none. */
  readonly method: string;
}

/** `line` is where the component begins. */
export interface LineFault {
  readonly line: number;
  readonly fault: string;
}

export interface Cut {
  readonly events: readonly Component[];
  readonly zones: readonly Component[];
  /** What else there is: 'VTODO', 'VJOURNAL', with how many. */
  readonly others: ReadonlyMap<string, number>;
  readonly faults: readonly LineFault[];
}

/** Ends the reading of one component; its message is said to the person, and quotes nothing of the file. */
export class IcsError extends Error {}

/** What may stand right in a calendar: where one of these begins, the one before has ended or lacks its end. */
const topmost = /^(?:VEVENT|VTODO|VJOURNAL|VFREEBUSY|VTIMEZONE)$/;

interface Open {
  readonly name: string;
  readonly line: number;
  readonly lines: Line[];
  /** What is nested in it just now. */
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
    // A zone is nothing without what is nested in it; alarms are no part of what an event says.
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

/** As jCal has it (RFC 7265). */
export interface Property {
  /** In small letters. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly values: readonly unknown[];
}

/** Folded lines whole again. */
export function unfold(lines: readonly Line[]): readonly string[] {
  const whole: string[] = [];
  for (const { text } of lines) {
    if (/^[ \t]/.test(text) && whole.length > 0) whole.push(`${whole.pop()}${text.slice(1)}`);
    else whole.push(text);
  }
  return whole;
}

const longestProperty = 100_000;

/** The properties of those names, in small letters. @throws IcsError */
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
      // What the library says may repeat the file's text.
      throw new IcsError(`${name.toUpperCase()} can't be read`);
    }
    const [, parameters, , ...values] = parsed as readonly [
      string,
      Property['parameters'],
      string,
      ...unknown[],
    ];
    return [{ name, parameters, values }];
  });
}

/** The first text of that name with something in it. */
export function textOf(properties: readonly Property[], name: string): string | undefined {
  const value = properties.find((property) => property.name === name)?.values[0];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
