import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { conflict } from '../../src/errors.ts';
import { createFiles } from '../../src/world/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = createFiles(folder);

describe('a file in pieces', () => {
  it('is the whole file', async () => {
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, at) => at % 251));
    writeFileSync(join(folder, 'whole'), bytes);
    const parts: Uint8Array[] = [];
    for await (const part of files.readPieces('whole', 1_000_000)) parts.push(part);
    expect(parts.length).toBeGreaterThan(1);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect((await files.readBytes('whole', 1_000_000)).equals(bytes)).toBe(true);
    await expect(files.readBytes('whole', 1000)).rejects.toThrow("'whole' is too large");
  });

  it('that grows while it is read is refused, and not followed', async () => {
    writeFileSync(join(folder, 'growing'), 'x'.repeat(600_000));
    let read = 0;
    const reading = async (): Promise<void> => {
      for await (const part of files.readPieces('growing', 1_000_000)) {
        read += part.length;
        appendFileSync(join(folder, 'growing'), 'more\n');
      }
    };
    await expect(reading()).rejects.toThrow("'growing' changed while it was read");
    expect(read).toBe(600_000);
  });
});

describe('a private file', () => {
  it.each([false, true])('that is interrupted leaves nothing of it (replacing: %s)', async (replace) => {
    let interrupt = (): void => undefined;
    const interruptible = createFiles(folder, (action) => {
      interrupt = () => action('SIGINT');
      return () => undefined;
    });
    if (replace) writeFileSync(join(folder, 'secret'), 'before');
    const files = readdirSync(folder);
    function* pieces(): Iterable<string> {
      yield 'one';
      interrupt();
      yield 'two';
    }
    const writing = interruptible.writePrivate('secret', pieces(), { replace });
    await expect(writing).rejects.toMatchObject({ exit: 'cancelled' });
    expect(readdirSync(folder)).toEqual(files);
    if (replace) expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('before');
  });

  it('lets through what went wrong in making its text', async () => {
    function* pieces(): Iterable<string> {
      yield 'one';
      throw conflict('made so');
    }
    await expect(files.writePrivate('failing', pieces())).rejects.toThrow('made so');
    expect(readdirSync(folder)).not.toContain('failing');
  });
});
