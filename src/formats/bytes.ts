/** Decodes files: detects the encoding, and yields lines from chunks, so that a long file is never held whole. */
import { Buffer, isUtf8 } from 'node:buffer';
import { usage } from '../errors.ts';

export type Chunks = AsyncIterable<Uint8Array>;

export type Encoding = string & { readonly encoding?: never };

const headLength = 64 * 1024;

/** Calls `read` with the first 64 KB and with all chunks; always closes their source. */
export async function peekChunks<T>(
  chunks: Chunks,
  read: (head: Uint8Array, chunks: Chunks) => T | Promise<T>,
): Promise<T> {
  const rest = chunks[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  async function* all(): Chunks {
    yield* seen.splice(0);
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  }
  try {
    for (let length = 0; length < headLength; ) {
      const { value, done } = await rest.next();
      if (done) break;
      seen.push(value);
      length += value.length;
    }
    return await read(joinBytes(seen), all());
  } finally {
    await rest.return?.();
  }
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [first, second] = parts;
  return first !== undefined && second === undefined ? first : Buffer.concat(parts);
}

/** Bytes of a JSON document, which is held whole. Reading one takes seven times its size: 1 GB for the largest. */
const largestJson = 128 * 1024 * 1024;

export function checkJsonLength(length: number): void {
  if (length > largestJson)
    throw usage(
      `a JSON document of more than ${largestJson / 1024 / 1024} MB takes more than 1 GB of memory`,
      'split it; FHIR with one resource a line (NDJSON) can be longer',
    );
}

export async function allBytes(chunks: Chunks, check?: (length: number) => void): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    check?.(length);
  }
  return joinBytes(parts);
}

const signatures: readonly (readonly [string, readonly number[]])[] = [
  ['a zip archive, or a spreadsheet or document made of one', [0x50, 0x4b, 0x03, 0x04]],
  ['an empty zip archive', [0x50, 0x4b, 0x05, 0x06]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a 7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
  ['an old Office document', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', [0xff, 0xd8, 0xff]],
  ['UTF-32 text', [0xff, 0xfe, 0x00, 0x00]],
];

const begins = (head: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => head[at] === byte);

/** The encoding by byte order mark, else undefined. @throws usage for a file that is not text */
export function sniffEncoding(head: Uint8Array): Encoding | undefined {
  const other = signatures.find(([, bytes]) => begins(head, bytes));
  if (other !== undefined)
    throw usage(
      `the file is ${other[0]}, not text`,
      /zip|archive/.test(other[0]) ? 'unpack it, or save the sheet as CSV' : 'save it as text',
    );
  if (begins(head, [0xef, 0xbb, 0xbf])) return 'utf-8';
  if (begins(head, [0xff, 0xfe])) return 'utf-16le';
  if (begins(head, [0xfe, 0xff])) return 'utf-16be';
  if (!head.includes(0)) return undefined;
  throw usage('the file is not text: it has zero bytes in it', 'name another file, or save it as UTF-8');
}

export function readEncoding(value: string): Encoding {
  const name = value.trim().toLowerCase();
  const label = { ansi: 'windows-1252', 'utf-16': 'utf-16le' }[name] ?? name;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw usage(
      `'${value.slice(0, 40)}' is not an encoding`,
      'use utf-8, utf-16, windows-1252, iso-8859-2, shift_jis …',
    );
  }
}

// The characters 0x80 to 0x9f of windows-1252, which some versions of Node decode as Latin-1 controls.
const windowsOnly = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const withWindows1252 = (text: string, encoding: Encoding): string =>
  encoding === 'windows-1252'
    ? text.replace(/[\u0080-\u009f]/g, (one) => windowsOnly[one.charCodeAt(0) - 0x80] ?? one)
    : text;

/** Undefined for bytes that are not text of that encoding. */
export function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return withWindows1252(new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding);
  } catch {
    return undefined;
  }
}

const lineEnd = 0x0a;

/** Decodes a part of a text. @throws usage with the line that can't be decoded */
function decodePart(
  decoder: InstanceType<typeof TextDecoder>,
  part: Uint8Array,
  isLast: boolean,
  linesBefore: () => number,
): string {
  const { encoding } = decoder;
  try {
    return withWindows1252(decoder.decode(part, { stream: !isLast }), encoding);
  } catch {
    const text = new TextDecoder(encoding).decode(part);
    // A character that a part before began shows nowhere: it is bad at the start of this one.
    const good = text.slice(0, Math.max(0, text.indexOf('\ufffd')));
    throw usage(
      `line ${linesBefore() + good.split('\n').length}: not ${encoding.toUpperCase()} text`,
      'save the file as UTF-8; for csv, --encoding says what it is in',
    );
  }
}

/** A long line is joined once, at its end. */
export async function* linesOf(chunks: Chunks, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let begun: string[] = [];
  let count = 0;
  const decoded = (chunk?: Uint8Array) =>
    decodePart(decoder, chunk ?? new Uint8Array(), chunk === undefined, () => count);
  for await (const chunk of chunks) {
    const [end = '', ...others] = decoded(chunk).split('\n');
    begun.push(end);
    for (const next of others) {
      yield begun.join('').replace(/\r$/, '');
      count += 1;
      begun = [next];
    }
  }
  const last = begun.join('') + decoded();
  if (last !== '') yield last;
}

function* decodedParts(bytes: Uint8Array, encoding: Encoding): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < bytes.length; at += headLength) {
    const end = at + headLength;
    const linesBefore = () => bytes.subarray(0, at).filter((byte) => byte === lineEnd).length;
    yield decodePart(decoder, bytes.subarray(at, end), end >= bytes.length, linesBefore);
  }
}

/** Decodes UTF-8, or UTF-16 if detected. @throws usage with the first line that is neither */
export const decodeText = (bytes: Uint8Array): string =>
  [...decodedParts(bytes, sniffEncoding(bytes.subarray(0, headLength)) ?? 'utf-8')].join('');

/**
 * Decodes as asked, as detected, as UTF-8 if valid, else as Windows-1252, which old programs write; that is `guessed`.
 * @returns text in parts, of which the first holds the start of the first line; reading it throws usage, naming a bad line
 */
export function decodeList(bytes: Uint8Array, asked?: Encoding) {
  const shown = asked ?? sniffEncoding(bytes.subarray(0, headLength));
  return shown === undefined && !isUtf8(bytes)
    ? { text: decodedParts(bytes, 'windows-1252'), guessed: 'windows-1252' }
    : { text: decodedParts(bytes, shown ?? 'utf-8') };
}

/** @throws usage; `firstLine` is the number of the text's first line in its file */
export function parseJson(text: string, firstLine = 1): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const line = firstLine + text.slice(0, Number(position ?? 0)).split('\n').length - 1;
    throw usage(
      position === undefined && firstLine === 1 ? 'not valid JSON' : `not valid JSON at line ${line}`,
    );
  }
}
