/** Splits vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) into properties: folding, groups, parameters, encodings. */
import { Buffer } from 'node:buffer';
import { decode, type Encoding } from './bytes.ts';

export interface Property {
  readonly name: string;
  /** Names in upper case; a bare parameter of 2.1 is a TYPE. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Empty for a line longer than `longestLine`. */
  readonly value: string;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Characters. Only photos are longer. */
export const longestLine = 100_000;

const quotedPrintable = /;(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])/i;
const base64 = /;(?:ENCODING=)?(?:BASE64|B)(?=[;:])/i;

/** A line and its continuations, joined once at the end: a photo has thousands. */
class Folded {
  readonly number: number;
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

export function* unfolded(text: string): Generator<Line> {
  const lines = text.split(/\r\n|\n|\r/);
  let begun: Folded | undefined;
  // 2.1 folds before a blank, which belongs to the value; 3.0 and 4.0 insert one.
  let kept = 1;
  for (const [index, line] of lines.entries()) {
    // Some programs do not indent a photo's base64.
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

function colonIn(text: string): number {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (one === '"') isQuoted = !isQuoted;
    else if (one === ':' && !isQuoted) return at;
  }
  return -1;
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

/** Undefined for a line that is no property. @param isBytes each character of the text stands for a byte */
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
      ? fromBytes(Buffer.from(raw, 'latin1'), charset)
      : raw;
  return { name, parameters, value, line: number };
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
