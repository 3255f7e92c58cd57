import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { conflict } from '../../src/errors.ts';
import { createFiles } from '../../src/host/files.ts';
import { temporaryFolder } from '../support/folders.ts';

const folder = temporaryFolder();
const vault = { folder: join(folder, 'vault'), rest: () => undefined };
const at = (workingFolder: string) => ({
  workingFolder,
  onInterrupt: () => () => undefined,
  uid: undefined,
  stdin: Readable.from([]),
});
const files = createFiles(at(folder), vault);

describe('a file in chunks', () => {
  it('is the whole file', async () => {
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, at) => at % 251));
    writeFileSync(join(folder, 'whole'), bytes);
    const parts: Uint8Array[] = [];
    for await (const part of files.readChunks('whole', 1_000_000)) parts.push(part);
    expect(parts.length).toBeGreaterThan(1);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect((await files.readBytes('whole', 1_000_000)).equals(bytes)).toBe(true);
    await expect(files.readBytes('whole', 1000)).rejects.toThrow("'whole' is too large");
  });

  it('that grows while it is read is refused, and not followed', async () => {
    writeFileSync(join(folder, 'growing'), 'x'.repeat(600_000));
    let read = 0;
    const reading = async (): Promise<void> => {
      for await (const part of files.readChunks('growing', 1_000_000)) {
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
    const onInterrupt = (action: (signal: string) => void) => {
      interrupt = () => action('SIGINT');
      return () => undefined;
    };
    const interruptible = createFiles({ ...at(folder), onInterrupt }, vault);
    if (replace) writeFileSync(join(folder, 'secret'), 'before');
    const files = readdirSync(folder);
    function* chunks(): Iterable<string> {
      yield 'one';
      interrupt();
      yield 'two';
    }
    const writing = interruptible.writePrivate('secret', chunks(), replace);
    await expect(writing).rejects.toMatchObject({ exit: 'cancelled' });
    expect(readdirSync(folder)).toEqual(files);
    if (replace) expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('before');
  });

  it('lets through what went wrong in making its text', async () => {
    function* chunks(): Iterable<string> {
      yield 'one';
      throw conflict('made so');
    }
    await expect(files.writePrivate('failing', chunks())).rejects.toThrow('made so');
    expect(readdirSync(folder)).not.toContain('failing');
  });

  it.each([false, true])("goes nowhere into the vault's own folder (replacing: %s)", async (replace) => {
    const [here, names] = [(name: string): string => join(folder, name), ['vault.keys', 'new', 'in/new']];
    rmSync(here('vault'), { recursive: true, force: true });
    // Not made yet, as at `init`.
    await expect(files.writePrivate('vault/sheet', 'x')).rejects.toMatchObject({ exit: 'usage' });
    mkdirSync(here('vault/in'), { recursive: true });
    writeFileSync(here('vault/vault.keys'), 'keys');
    rmSync(here('other'), { force: true });
    symlinkSync(here('vault'), here('other'));
    for (const name of names)
      for (const path of [`vault/${name}`, `other/${name}`, here(`other/../vault/${name}`)])
        await expect(files.writePrivate(path, 'x', replace)).rejects.toMatchObject({ exit: 'usage' });
    expect(readdirSync(here('vault')).sort()).toEqual(['in', 'vault.keys']);
    expect(readdirSync(here('vault/in'))).toEqual([]);
    // A vault that is named by a link is as much one.
    const linked = createFiles(at(folder), { ...vault, folder: here('other') });
    await expect(linked.writePrivate('vault/new', 'x', replace)).rejects.toMatchObject({ exit: 'usage' });
    await files.writePrivate('vault-not', 'x', true);
    await files.writePrivate('..vault', 'x', true);
  });

  it.skipIf(process.platform === 'win32').each([false, true])(
    'takes the place of files alone (replacing: %s)',
    async (replace) => {
      const place = mkdtempSync(join(folder, 'kinds-'));
      const within = createFiles(at(place), vault);
      mkdirSync(join(place, 'folder'));
      execFileSync('mkfifo', [join(place, 'pipe')]);
      writeFileSync(join(place, 'file'), 'mine');
      symlinkSync('file', join(place, 'link'));
      symlinkSync('nowhere', join(place, 'dangling'));
      const before = readdirSync(place);
      for (const name of before.filter((one) => one !== 'file'))
        await expect(within.writePrivate(name, 'x', replace)).rejects.toMatchObject({
          exit: 'conflict',
          message: `'${name}' is there and is no file`,
        });
      expect(readdirSync(place)).toEqual(before);
      expect(lstatSync(join(place, 'pipe')).isFIFO()).toBe(true);
      expect(readFileSync(join(place, 'file'), 'utf8')).toBe('mine');
    },
  );

  it('has its name when it is whole, and goes over none that was made meanwhile', async () => {
    const place = mkdtempSync(join(folder, 'late-'));
    const within = createFiles(at(place), vault);
    // What a kill left there does not matter.
    writeFileSync(join(place, 'secret.partial'), 'stale');
    function* chunks(): Iterable<string> {
      yield 'one';
      expect(readdirSync(place)).not.toContain('secret');
      yield 'two';
    }
    await within.writePrivate('secret', chunks());
    expect(readFileSync(join(place, 'secret'), 'utf8')).toBe('onetwo');
    expect(lstatSync(join(place, 'secret')).nlink).toBe(1);
    await within.writePrivate('secret', 'new', true);
    expect(readFileSync(join(place, 'secret'), 'utf8')).toBe('new');
    function* overtaken(): Iterable<string> {
      yield 'one';
      writeFileSync(join(place, 'other'), 'theirs');
    }
    await expect(within.writePrivate('other', overtaken())).rejects.toMatchObject({ exit: 'conflict' });
    expect(readFileSync(join(place, 'other'), 'utf8')).toBe('theirs');
    function* displaced(): Iterable<string> {
      yield 'one';
      mkdirSync(join(place, 'third'));
    }
    await expect(within.writePrivate('third', displaced(), true)).rejects.toMatchObject({
      exit: 'conflict',
    });
    expect(readdirSync(place).sort()).toEqual(['other', 'secret', 'secret.partial', 'third']);
  });
});
