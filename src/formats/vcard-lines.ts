/**
 * vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) as properties: folded lines, groups, parameters of all three, quoted
 * printable and character sets of 2.1. Knows nothing of what a property means.
 */
import { decode, type Encoding } from './bytes.ts';

export interface Property {
  /** Without its group, in capitals. */
  readonly name: string;
  /** In capitals; a bare parameter of 2.1 is a type. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Empty where the line is longer than what is read. */
  readonly value: string;
  /** From 1; where it begins. */
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** In characters. Pictures are longer; nobody looks at them. */
export const longestLine = 100_000;

const quotedPrintable = /;(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])/i;
const base64 = /;(?:ENCODING=)?(?:BASE64|B)(?=[;:])/i;

/** A line and those that continue it, joined once at the end: a picture has thousands of them. */
class Folded {
  readonly number: number;
  /** Of a value; unknown until its head is whole. */
  encoding: 'quoted-printable' | 'base64' | undefined;
  readonly #parts: string[] = [];
  #hasHead = false;

  constructor(text: string, number: number) {
    this.number = number;
    this.add(text);
  }

  get whole(): Line {
    return { text: this.#parts.join(''), number: this.number };
  }

  get isBlank(): boolean {
    return this.#parts.every((part) => part.trim() === '');
  }

  get isSoft(): boolean {
    return this.encoding === 'quoted-printable' && this.#parts.at(-1)?.endsWith('=') === true;
  }

  add(part: string): void {
    if (part === '') return;
    this.#parts.push(part);
    if (this.#hasHead || !part.includes(':')) return;
    this.#hasHead = true;
    const { text } = this.whole;
    const head = text.slice(0, text.indexOf(':') + 1);
    if (quotedPrintable.test(head)) this.encoding = 'quoted-printable';
    else if (base64.test(head)) this.encoding = 'base64';
  }

  addAfterSoft(part: string): void {
    const last = this.#parts.pop() ?? '';
    this.add(last.slice(0, -1));
    this.add(part);
  }
}

/** Lines of properties: folded ones whole again. */
export function* unfolded(text: string): Generator<Line> {
  const lines = text.split(/\r\n|\n|\r/);
  let begun: Folded | undefined;
  // In 2.1 a line is folded before a blank, which stays; later versions fold anywhere, with a blank that goes.
  let kept = 1;
  for (const [index, line] of lines.entries()) {
    // Unindented base64 of a photo has no colon; nobody looks at it.
    const isMore = /^[ \t]/.test(line) || (begun?.encoding === 'base64' && /^[A-Za-z0-9+/=]+$/.test(line));
    if (begun?.isSoft) begun.addAfterSoft(line.replace(/^[ \t]+/, ''));
    else if (begun !== undefined && isMore) begun.add(line.slice(kept));
    else {
      if (/^VERSION:/i.test(line)) kept = /^VERSION:2\.1/i.test(line) ? 0 : 1;
      if (begun?.isBlank === false) yield begun.whole;
      begun = new Folded(line, index + 1);
    }
  }
  if (begun?.isBlank === false) yield begun.whole;
}

/** The place of the colon between a property's head and its value: not one within quotes. */
function colonIn(text: string): number {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (one === '"') isQuoted = !isQuoted;
    else if (one === ':' && !isQuoted) return at;
  }
  return -1;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0) & 0xff);

/** Text whose characters stand for bytes, as it is meant. */
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

function decodeQuotedPrintable(text: string): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part, hex] of text.matchAll(/=([0-9A-Fa-f]{2})|[^=]+|=/g))
    if (hex === undefined) bytes.push(...encoder.encode(part));
    else bytes.push(Number.parseInt(hex, 16));
  return Uint8Array.from(bytes);
}

/** One property, or undefined where the line is none. `isBytes`: the text's characters stand for bytes. */
export function readProperty({ text, number }: Line, isBytes: boolean): Property | undefined {
  const colon = colonIn(text.slice(0, longestLine));
  const match = /^(?:[A-Za-z0-9_-]+\.)?([A-Za-z0-9_-]+)((?:;.*)?)$/s.exec(
    text.slice(0, colon === -1 ? 0 : colon),
  );
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  for (const part of match[2]?.match(/(?:"[^"]*"|[^;"])+/g) ?? []) {
    const [key = '', value] = part.split(/=(.*)/s);
    const isBare = value === undefined;
    const isEncoding = isBare && /^(?:quoted-printable|base64|[78]bit)$/i.test(key);
    const name = isBare ? (isEncoding ? 'ENCODING' : 'TYPE') : key.toUpperCase();
    const stated = (isBare ? key : value).replaceAll('"', '');
    parameters.set(name, parameters.has(name) ? `${parameters.get(name)},${stated}` : stated);
  }
  const name = match[1]?.toUpperCase() ?? '';
  if (text.length > longestLine) return { name, parameters, value: '', line: number };
  const raw = text.slice(colon + 1).trim();
  const charset = charsetOf(parameters);
  const value = /^quoted-printable$/i.test(parameters.get('ENCODING') ?? '')
    ? fromBytes(decodeQuotedPrintable(raw), charset)
    : isBytes
      ? fromBytes(bytesOf(raw), charset)
      : raw;
  return { name, parameters, value, line: number };
}

/** The parts of a value between unescaped marks, unescaped. */
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
