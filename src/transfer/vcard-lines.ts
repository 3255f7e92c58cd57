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
  readonly value: string;
  /** From 1; where it begins. */
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

const isQuotedPrintable = (text: string): boolean =>
  /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])/i.test(text);
const isBase64 = (text: string): boolean => /^[^:]*;(?:ENCODING=)?(?:BASE64|B)(?=[;:])/i.test(text);

/** Lines of properties: folded ones whole again. */
export function* unfolded(text: string): Generator<Line> {
  const lines = text.split(/\r\n|\n|\r/);
  let begun: { text: string; readonly number: number } | undefined;
  // In 2.1 a line is folded before a blank, which stays; later versions fold anywhere, with a blank that goes.
  let kept = 1;
  for (const [index, line] of lines.entries()) {
    const isSoft = begun?.text.endsWith('=') === true && isQuotedPrintable(begun.text);
    // Unindented base64 of a photo has no colon; nobody looks at it.
    const isMore =
      begun !== undefined &&
      (/^[ \t]/.test(line) || (isBase64(begun.text) && /^[A-Za-z0-9+/=]+$/.test(line)));
    if (begun !== undefined && isSoft) begun.text = begun.text.slice(0, -1) + line.replace(/^[ \t]+/, '');
    else if (begun !== undefined && isMore) begun.text += line.slice(kept);
    else {
      if (/^VERSION:/i.test(line)) kept = /^VERSION:2\.1/i.test(line) ? 0 : 1;
      if (begun !== undefined && begun.text.trim() !== '') yield begun;
      begun = { text: line, number: index + 1 };
    }
  }
  if (begun !== undefined && begun.text.trim() !== '') yield begun;
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
  const colon = colonIn(text);
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
  const raw = text.slice(colon + 1).trim();
  const charset = charsetOf(parameters);
  const value = /^quoted-printable$/i.test(parameters.get('ENCODING') ?? '')
    ? fromBytes(decodeQuotedPrintable(raw), charset)
    : isBytes
      ? fromBytes(bytesOf(raw), charset)
      : raw;
  return { name: match[1]?.toUpperCase() ?? '', parameters, value, line: number };
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
