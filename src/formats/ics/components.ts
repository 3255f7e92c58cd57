/** Splits an iCalendar file (RFC 5545) into components before parsing, so that a broken one spoils no other. */
import { nameLimit } from '../../domain/records.ts';
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
  /** The METHOD, upper case, which may stand behind the events; 'PUBLISH' by default. */
  readonly calendar: { readonly method: string };
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
  let calendar = { method: 'PUBLISH' };
  let open: Open | undefined;
  const unended = (): void => {
    if (open?.name === 'VEVENT') faults.push({ line: open.line, fault: 'an event without an end' });
    open = undefined;
  };
  const close = ({ name, line, lines }: Open): void => {
    if (name === 'VEVENT') events.push({ line, lines, calendar });
    else if (name === 'VTIMEZONE') zones.push({ line, lines, calendar });
    else others.set(name, (others.get(name) ?? 0) + 1);
    open = undefined;
  };
  const begin = (name: string, line: Line): void => {
    if (name === 'VCALENDAR') {
      unended();
      calendar = { method: 'PUBLISH' };
    } else if (open === undefined || topmost.test(name)) {
      unended();
      open = { name, line: line.number, lines: [], nested: undefined };
    } else {
      open.nested ??= name;
      if (open.name === 'VTIMEZONE') open.lines.push(line);
    }
  };
  const end = (name: string): void => {
    if (name === 'VCALENDAR') unended();
    else if (name === open?.name) close(open);
    else if (name === open?.nested) open.nested = undefined;
  };
  for (const line of unfolded(text)) {
    const [, verb, given = ''] = /^(BEGIN|END):\s*([\w-]+)\s*$/i.exec(line.text) ?? [];
    const name = given.toUpperCase();
    if (verb?.toUpperCase() === 'BEGIN') begin(name, line);
    else if (verb !== undefined) end(name);
    else if (open === undefined) {
      const method = /^METHOD(?:;[^:]*)?:\s*(.*?)\s*$/i.exec(line.text)?.[1];
      if (method !== undefined) calendar.method = method.toUpperCase();
    }
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

/** The words of an event, also of one that can't be read. */
export function titleOf(component: Component | undefined): string | undefined {
  const line = component?.lines.find(({ text }) => /^SUMMARY[;:]/i.test(text));
  const property = line && readProperty(line);
  return property && (unescapeText(property.value).slice(0, nameLimit) || undefined);
}
