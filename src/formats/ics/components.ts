/** Splits an iCalendar file (RFC 5545) into components before parsing, so that a broken one spoils no other. */
import {
  type Line,
  longestLine,
  type Property,
  readProperty,
  unescapeText,
  unfolded,
} from '../content-lines.ts';

/** Suffix of the UIDs of exported promises. */
export const ownUidEnd = '@rapport.invalid';

export const isCalendar = (text: string): boolean => /^\s*BEGIN:\s*(?:VCALENDAR|VEVENT)\b/i.test(text);

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
    // A library's message may quote the file.
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
  for (const line of unfolded(text)) {
    const [, verb, given = ''] = /^(BEGIN|END):\s*([\w-]+)\s*$/i.exec(line.text) ?? [];
    const name = given.toUpperCase();
    if (verb?.toUpperCase() === 'BEGIN') begin(name, line.number);
    else if (verb !== undefined) end(name);
    else if (open === undefined)
      method = /^METHOD:\s*(.*?)\s*$/i.exec(line.text)?.[1]?.toUpperCase() ?? method;
    // The offsets of a zone stand in its parts; an event's alarms are dropped.
    else if (open.nested === undefined || open.name === 'VTIMEZONE') open.lines.push(line);
  }
  unended();
  return { events, zones, others, faults };
}

export function readProperties({ lines }: Component, names: ReadonlySet<string>): readonly Property[] {
  return lines.flatMap((line): readonly Property[] => {
    const name = /^[A-Z0-9-]+(?=[;:])/i.exec(line.text)?.[0].toUpperCase();
    if (name === undefined || !names.has(name)) return [];
    if (line.text.length > longestLine)
      throw new IcsError(`${name} has more than ${longestLine.toLocaleString('en')} characters`);
    const property = readProperty(line);
    if (property === undefined) throw new IcsError(`${name} can't be read`);
    return [property];
  });
}

export const rawOf = (properties: readonly Property[], name: string): string | undefined =>
  properties.find((property) => property.name === name)?.value || undefined;

export function textOf(properties: readonly Property[], name: string): string | undefined {
  const value = rawOf(properties, name);
  return value === undefined ? undefined : unescapeText(value) || undefined;
}
