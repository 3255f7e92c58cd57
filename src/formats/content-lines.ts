/** The lines of vCard 2.1, 3.0 and 4.0 and of iCalendar, and the components that a calendar (RFC 5545) is cut into by them. */
import { Buffer } from 'node:buffer';
import { nameLimit } from '../domain/records.ts';
import { decode, type Encoding } from './bytes.ts';

interface Line {
  readonly text: string;
  readonly number: number;
}

export interface Property {
  /** Upper case. */
  readonly name: string;
  /** What stands before it, 'item1.': properties of one group are about the same. */
  readonly group: string;
  /** Names in upper case; a bare parameter of vCard 2.1 is a TYPE. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Empty for a line longer than `longestLine`. */
  readonly value: string;
  readonly line: number;
}

/** Characters. Only photos are longer. */
export const longestLine = 100_000;

const quotedPrintable = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i;
const base64 = /^[^:]*;(?:ENCODING=)?(?:BASE64|B)[;:]/i;

/** Whole letters again: some programs fold between the bytes of one. The fold comes behind it, so that lines keep their numbers. */
export function withWholeLetters(bytes: Uint8Array): Uint8Array {
  const isPart = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let whole: Uint8Array | undefined;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    const isFold = (bytes[at + 1] === 0x20 || bytes[at + 1] === 0x09) && isPart(at + 2);
    if (!isFold) continue;
    // Trap: `slice` of a Buffer is no copy.
    whole ??= Uint8Array.from(bytes);
    const from = bytes[at - 1] === 0x0d ? at - 1 : at;
    let end = at + 2;
    while (isPart(end)) end += 1;
    whole.set(bytes.subarray(at + 2, end), from);
    whole.set(bytes.subarray(from, at + 2), from + end - at - 2);
  }
  return whole ?? bytes;
}

/** Joins folded lines. Parts are joined once at the end: a photo has thousands. */
export function* unfolded(text: string): Generator<Line> {
  let parts: string[] = [];
  let number = 0;
  let encoding: 'quoted-printable' | 'base64' | undefined;
  // 2.1 folds before a blank, which belongs to the value; the others insert one.
  let inserted = 1;
  for (const [index, line] of text.split(/(?<!\r)\r*\n|\r/).entries()) {
    const last = parts.at(-1) ?? '';
    // Some programs do not indent a photo's base64.
    const isMore = /^[ \t]/.test(line) || (encoding === 'base64' && /^[A-Za-z0-9+/=]+$/.test(line));
    if (encoding === 'quoted-printable' && last.endsWith('='))
      parts.splice(-1, 1, last.slice(0, -1), line.replace(/^[ \t]+/, ''));
    else if (isMore && parts.length > 0) parts.push(line.slice(inserted));
    else if (line.trim() !== '') {
      if (parts.length > 0) yield { text: parts.join(''), number };
      if (/^VERSION:/i.test(line)) inserted = /^VERSION:2\.1/i.test(line) ? 0 : 1;
      encoding = quotedPrintable.test(line) ? 'quoted-printable' : base64.test(line) ? 'base64' : undefined;
      parts = [line];
      number = index + 1;
    }
  }
  if (parts.length > 0) yield { text: parts.join(''), number };
}

const fromBytes = (bytes: Uint8Array, charset: Encoding | undefined): string =>
  (charset === undefined ? undefined : decode(bytes, charset)) ??
  decode(bytes, 'utf-8') ??
  decode(bytes, 'windows-1252') ??
  '';

function charsetOf(parameters: ReadonlyMap<string, string>): Encoding | undefined {
  const name = parameters.get('CHARSET');
  try {
    return name === undefined ? undefined : new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}

const decodeQuotedPrintable = (text: string): Uint8Array =>
  Buffer.concat(
    Array.from(text.matchAll(/=([0-9A-Fa-f]{2})|[^=]+|=/g), ([part, hex]) =>
      hex === undefined ? Buffer.from(part) : Buffer.from(hex, 'hex'),
    ),
  );

function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.match(/(?:"[^"]*"|[^;"])+/g) ?? []) {
    const [key = '', value] = part.split(/=(.*)/s);
    const isEncoding = /^(?:quoted-printable|base64|[78]bit)$/i.test(key);
    const name = value === undefined ? (isEncoding ? 'ENCODING' : 'TYPE') : key.toUpperCase();
    const stated = (value ?? key).replaceAll('"', '');
    parameters.set(name, parameters.has(name) ? `${parameters.get(name)},${stated}` : stated);
  }
  return parameters;
}

/** Undefined for a line that is no property. @param isBytes each character of the text stands for a byte */
export function readProperty({ text, number }: Line, isBytes = false): Property | undefined {
  const head = text.slice(0, longestLine);
  const match = /^((?:[\w-]+\.)?)([\w-]+)((?:;(?:"[^"]*"|[^":])*)?):/.exec(head);
  if (match === null) return undefined;
  const [, group = '', called = '', stated = ''] = match;
  const parameters = readParameters(stated);
  const property = { name: called.toUpperCase(), group: group.toLowerCase(), parameters, line: number };
  if (text.length > longestLine) return { ...property, value: '' };
  const raw = text.slice(match[0].length).trim();
  const charset = charsetOf(parameters);
  if (/^quoted-printable$/i.test(parameters.get('ENCODING') ?? ''))
    return { ...property, value: fromBytes(decodeQuotedPrintable(raw), charset) };
  return { ...property, value: isBytes ? fromBytes(Buffer.from(raw, 'latin1'), charset) : raw };
}

/** Splits a value at unescaped marks and unescapes the parts. */
export function partsOf(value: string, mark: ';' | ','): readonly string[] {
  const parts: string[] = [''];
  for (const [one] of value.matchAll(/\\.|./gsu)) {
    if (one === mark) parts.push('');
    else {
      const plain = /^\\[nN]$/.test(one) ? ' ' : one.length > 1 && one.startsWith('\\') ? one.slice(1) : one;
      parts[parts.length - 1] += plain;
    }
  }
  return parts.map((part) => part.replace(/\s+/gu, ' ').trim());
}

export const unescapeText = (value: string): string =>
  partsOf(value.replace(/(?<!\\);/g, '\\;'), ';')[0] ?? '';

/** Bytes of UTF-8, without the line end. */
const longestWritten = 75;

/** A line of iCalendar (RFC 5545, 3.1): folded where it is too long, never within a character. */
export function writeLine(name: string, text: string): string {
  const lines = [`${name}:`];
  let size = name.length + 1;
  for (const one of text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n')) {
    const width = Buffer.byteLength(one);
    if (size + width > longestWritten) {
      lines.push(' ');
      size = 1;
    }
    lines[lines.length - 1] += one;
    size += width;
  }
  return lines.join('\r\n');
}

/** Suffix of the UIDs of exported promises. */
export const ownUidEnd = '@rapport.invalid';

export const isCalendar = (text: string): boolean => /^\s*BEGIN:\s*(?:VCALENDAR|VEVENT)\b/i.test(text);

export interface Component {
  readonly line: number;
  readonly lines: readonly Line[];
  /** The METHOD, upper case, which may stand behind the events; 'PUBLISH' by default. */
  readonly calendar: { readonly method: string };
}

interface LineFault {
  readonly line: number;
  readonly fault: string;
}

export type Cut = Readonly<ReturnType<typeof cutComponents>>;

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

export function cutComponents(text: string) {
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
