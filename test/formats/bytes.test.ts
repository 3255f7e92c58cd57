import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Chunks,
  decodeList,
  linesOf,
  peekChunks,
  readEncoding,
  sniffEncoding,
} from '../../src/formats/bytes.ts';
import { failureOf } from '../support/values.ts';

async function* inChunks(bytes: Uint8Array, length: number): Chunks {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('lines of bytes', () => {
  it('are the same however the bytes arrive', async () => {
    const texts = fc.array(fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\ufeff]/g, '')));
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('\n', '\r\n'),
        async (lines, length, end) => {
          const text = lines.map((line) => `${line}${end}`).join('');
          expect(await collect(linesOf(inChunks(new TextEncoder().encode(text), length), 'utf-8'))).toEqual(
            lines,
          );
          const wide = Buffer.from(text, 'utf16le');
          expect(await collect(linesOf(inChunks(wide, length), 'utf-16le'))).toEqual(lines);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('end in the line that is no text', async () => {
    const bytes = Buffer.from('a\nb\nc\u00e9\n', 'latin1');
    await expect(collect(linesOf(inChunks(bytes, 3), 'utf-8'))).rejects.toThrow('line 3: not UTF-8 text');
  });

  it('are all there after a look at the beginning', async () => {
    const long = Buffer.from('x'.repeat(200_000));
    const [line] = await peekChunks(inChunks(long, 1000), (head, chunks) => {
      expect(head.length).toBeGreaterThan(4096);
      return collect(linesOf(chunks, 'utf-8'));
    });
    expect(line).toHaveLength(200_000);
  });
});

describe('what bytes come from', () => {
  it.each([
    ['the beginning alone is read', () => 'seen'],
    ['reading them fails', () => Promise.reject(new Error('no such format'))],
    [
      'they are left in the middle',
      async (_: Uint8Array, chunks: Chunks) => {
        for await (const chunk of chunks) return chunk.length;
        return 0;
      },
    ],
  ] as const)('is closed where %s', async (_, read) => {
    let isOpen = false;
    async function* source(): Chunks {
      isOpen = true;
      try {
        yield* inChunks(Buffer.from('x'.repeat(200_000)), 1000);
      } finally {
        isOpen = false;
      }
    }
    await peekChunks<unknown>(source(), read).catch(() => undefined);
    expect(isOpen).toBe(false);
  });
});

/** A list's text at once. */
const listed = (...given: Parameters<typeof decodeList>): object => {
  const { text, ...rest } = decodeList(...given);
  return { text: [...text].join(''), ...rest };
};

describe('the encoding of a list', () => {
  const text = 'name;born\nJürgen Żuk;1961\n';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('%s is found out', (_, bytes) => expect(listed(bytes)).toEqual({ text }));

  it('is Windows-1252 where it is nothing else, and said so', () => {
    const bytes = Buffer.from([0x4a, 0xfc, 0x80, 0x92, 0x9f]);
    expect(listed(bytes)).toEqual({ text: 'Jü€’Ÿ', guessed: 'windows-1252' });
  });

  it('is as asked for, or refused by the line', () => {
    expect(listed(Buffer.from([0xaf]), readEncoding('ISO-8859-2'))).toEqual({ text: 'Ż' });
    expect(listed(Buffer.from([0xfc]), readEncoding('latin1'))).toEqual({ text: 'ü' });
    const bytes = Buffer.from('a\nJ\u00fc\n', 'latin1');
    expect(failureOf(() => listed(bytes, readEncoding('utf-8'))).message).toBe('line 2: not UTF-8 text');
    expect(failureOf(() => readEncoding('klingon')).message).toBe("'klingon' is not an encoding");
  });

  it.each([
    ['a zip archive', 'PK\u0003\u0004'],
    ['a gzip archive', '\u001f\u008b'],
    ['a PDF', '%PDF-1.7'],
    ['a PNG image', '\u0089PNG'],
    ['it has zero bytes', 'a\0b\0\0cd'],
  ])('%s is no list', (what, head) =>
    expect(failureOf(() => sniffEncoding(Buffer.from(head, 'latin1'))).message).toContain(what),
  );
});
