/** Backups: one private file with everything in it, or nothing at all. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { cancelled } from '../../src/errors.ts';
import { type CareParts, writeBackup } from '../../src/vault/backup.ts';
import { openBackup } from '../../src/vault/backup-file.ts';
import { copyDatabase } from '../../src/vault/database-copy.ts';
import { openKeyed } from '../../src/vault/open.ts';
import { beginWork } from '../../src/vault/work-folder.ts';
import { binary, binaryEnvironment } from '../support/binary.ts';
import { copyFolder } from '../support/folders.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, inContext } from './contexts.ts';
import {
  failureOf,
  makeVault as makeBareVault,
  open as openVault,
  type TestVault,
  temporaryFolder,
} from './making.ts';

const headOf = async (path: string) => {
  const { head, file } = await openBackup(path);
  await file.close();
  return head;
};

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Malu Razo');
});

/** Of a backup that is given a folder. */
const ownName = (moment: string): RegExp => new RegExp(`^rapport-${moment}-[0-9a-f]{6}\\.backup$`);
const here = (name: string): string => join(place.work, name);

describe('rapport backup', () => {
  it('writes one private file, named by its moment, and nothing else', async () => {
    const { code, stdout, stderr } = await place.run(['backup']);
    expect([code, stderr]).toEqual([0, '']);
    const [name = '', ...others] = readdirSync(place.work);
    expect([name, others]).toEqual([expect.stringMatching(ownName('2026-03-12-0930')), []]);
    expect(statSync(here(name)).mode & 0o777).toBe(0o600);
    expect(stdout).toContain(here(name));
    expect(readdirSync(place.folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  });

  it('is one encrypted whole: keys, settings and database', async () => {
    await place.run(['backup', 'b']);
    const bytes = readFileSync(here('b'));
    expect(bytes.toString('latin1', 0, 17)).toBe('rapport backup 2\n');
    expect(bytes.includes('Malu')).toBe(false);
    const { header, keyFile, config } = await headOf(here('b'));
    expect(keyFile.bytes).toEqual(readFileSync(join(place.folder, 'vault.keys')));
    // The settings are in the database; a vault's old file of them goes along as it is.
    expect(config).toEqual(Buffer.alloc(0));
    expect(header.made_at.slice(0, 10)).toBe('2026-03-12');
    expect(header.database % 4096).toBe(0);
  });

  it('takes the day from the real clock in the configured zone, whatever fixes the dates', async () => {
    place.at('2026-03-12T23:30:00Z');
    await place.run(['backup'], { env: { RAPPORT_TODAY: '2020-01-01' } });
    expect(readdirSync(place.work)).toEqual([expect.stringMatching(ownName('2026-03-13-0030'))]);
  });

  it('says what it made as JSON, and remembers when', async () => {
    expect(await place.json(['backup', 'b'])).toMatchObject({
      schema: 'rapport.backup/1',
      file: here('b'),
      bytes: statSync(here('b')).size,
      made_at: expect.stringMatching(/^2026-03-12T08:30/),
    });
    const { value } = await inContext(place, async (ctx) => {
      const store = await ctx.openStore();
      return [store.backups.last()?.slice(0, 16), store.log.rows({ limit: 1 })[0]?.verb];
    });
    expect(value).toEqual(['2026-03-12T08:30', 'backup']);
  });

  it('leaves a file that is there alone, unless told', async () => {
    writeFileSync(here('b'), 'mine', { mode: 0o644 });
    const refused = await place.run(['backup', 'b']);
    expect([refused.code, refused.stdout]).toEqual([9, '']);
    expect(refused.stderr).toContain('hint: name another file, or add --yes to replace it');
    expect(readFileSync(here('b'), 'utf8')).toBe('mine');
    expect((await place.run(['backup', 'b', '--yes'])).code).toBe(0);
    expect(readFileSync(here('b')).length).toBeGreaterThan(4096);
    expect(statSync(here('b')).mode & 0o777).toBe(0o600);
  });

  it('refuses before it asks for a key', async () => {
    writeFileSync(here('b'), 'mine');
    expect((await place.run(['backup', 'b', '--no-input'], { locked: true })).code).toBe(9);
  });

  it('takes a folder, and refuses places that are none', async () => {
    mkdirSync(here('stick'));
    // Twice a day, and twice a second: no two have one name.
    for (let count = 1; count <= 3; count += 1) {
      place.at('2026-03-12T08:30:00Z');
      expect((await place.run(['backup', 'stick/'])).code).toBe(0);
      expect(readdirSync(here('stick')).filter((name) => ownName('2026-03-12-0930').test(name))).toHaveLength(
        count,
      );
    }
    expect((await place.run(['backup', 'nowhere/b'])).code).toBe(3);
    const inside = await place.run(['backup', join(place.folder, 'b')]);
    expect([inside.code, inside.stderr]).toEqual([2, expect.stringContaining("vault's own folder")]);
    symlinkSync(place.folder, here('way-in'));
    expect((await place.run(['backup', 'way-in/b'])).code).toBe(2);
    expect(existsSync(join(place.folder, 'b'))).toBe(false);
  });

  it('of a damaged vault is none', async () => {
    const path = join(place.folder, 'vault.db');
    const bytes = readFileSync(path);
    // In the middle of the last page, which no opening reads.
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 2000) ^ 1, bytes.length - 2000);
    writeFileSync(path, bytes);
    const { code, stderr } = await place.run(['backup', 'b']);
    expect([code, stderr]).toEqual([7, expect.stringContaining('damaged')]);
    expect(readdirSync(place.work)).toEqual([]);
  });

  it('of a rolled-back vault is made, but not remembered until that is accepted', async () => {
    const aside = join(place.root, 'aside');
    copyFolder(place.folder, aside);
    await addPatient(place, 'Ned Hintz');
    rmSync(place.folder, { recursive: true });
    copyFolder(aside, place.folder);
    const { code, stderr } = await place.run(['backup', 'b']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('cannot remember it: an older copy')]);
    const accepted = await place.run(['backup', 'c', '--accept-rollback']);
    expect([accepted.code, accepted.stderr]).toEqual([0, '']);
    const { value } = await inContext(place, async (ctx) =>
      (await ctx.openStore()).log.rows({ limit: 2 }).map(({ verb }) => verb),
    );
    expect(value).toEqual(['backup', 'accept rollback']);
  });
});

describe('a backup that cannot be finished', () => {
  const never = new AbortController().signal;
  const failing: CareParts['interruptible'] = async () => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  };
  /** Does something once the database is copied. */
  const afterCopy =
    (action: () => unknown, signal = never): CareParts['interruptible'] =>
    async (work) => {
      await action();
      return work(signal);
    };

  async function writing(
    changes: Partial<Parameters<typeof writeBackup>[0]> = {},
    begun: (vault: TestVault) => void = () => undefined,
  ) {
    const vault = await makeBareVault();
    const target = join(temporaryFolder(), 'b');
    const request = {
      folder: vault.folder,
      keys: vault.keys,
      uid: process.getuid?.(),
      target,
      replaces: false,
      madeAt: '2026-03-12T08:30:00.000Z',
      interruptible: afterCopy(() => undefined),
      advance: (done: number) => (done === 0 ? begun(vault) : undefined),
      ...changes,
    };
    return { vault, target, request, folder: join(target, '..') };
  }

  it('leaves nothing where the disk is full', async () => {
    const { request, folder } = await writing({ interruptible: failing });
    expect(await failureOf(() => writeBackup(request))).toBe(
      'failed: the backup cannot be written: the disk is full',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing when it is interrupted, wherever', async () => {
    for (const stopAfter of [1, 2, 3]) {
      const controller = new AbortController();
      let steps = 0;
      const { request, folder } = await writing({
        interruptible: (work) => work(controller.signal),
        advance: () => {
          steps += 1;
          if (steps === stopAfter) controller.abort(cancelled());
        },
      });
      expect(await failureOf(() => writeBackup(request))).toMatch(/^cancelled:/);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('does not take the name of a file that was made meanwhile', async () => {
    const { request, target, folder } = await writing({
      interruptible: afterCopy(() => writeFileSync(target, 'another')),
    });
    expect(await failureOf(() => writeBackup(request))).toBe("conflict: 'b' exists already");
    expect(readFileSync(target, 'utf8')).toBe('another');
    expect(readdirSync(folder)).toEqual(['b']);
  });

  it('sweeps what a killed one left, by its mark and its lock, and nothing for its name', async () => {
    const { request, folder } = await writing();
    const killed = beginWork(folder);
    const [left, mine, held] = ['0', '1', '2'].map((digit) =>
      join(folder, `rapport-${digit.repeat(12)}.making`),
    );
    // As a killed maker leaves it: nobody holds its lock.
    copyFolder(killed.folder, left ?? '');
    writeFileSync(join(left ?? '', 'file'), 'half of it');
    copyFolder(killed.folder, held ?? '');
    writeFileSync(join(held ?? '', 'letter.txt'), 'mine');
    mkdirSync(mine ?? '');
    writeFileSync(join(mine ?? '', 'file'), 'mine');
    for (const name of ['b.0123456789ab.copy', 'b.0123456789ab.partial', 'c.partial'])
      writeFileSync(join(folder, name), 'mine');
    await writeBackup(request);
    expect(existsSync(join(killed.folder, 'mark'))).toBe(true);
    killed[Symbol.dispose]();
    expect(readdirSync(folder).sort()).toEqual([
      'b',
      'b.0123456789ab.copy',
      'b.0123456789ab.partial',
      'c.partial',
      ...[mine, held].map((path) => basename(path ?? '')),
    ]);
    expect(readdirSync(held ?? '')).toEqual(['letter.txt']);
    expect(readdirSync(mine ?? '')).toEqual(['file']);
  });

  /** Runs the program on the vault, once the backup has begun. */
  const meanwhile =
    (...argv: readonly string[]) =>
    ({ folder }: TestVault): void => {
      const root = temporaryFolder();
      const next = join(root, 'next');
      writeFileSync(next, 'another passphrase of words', { mode: 0o600 });
      const env = binaryEnvironment(root, {
        RAPPORT_VAULT: folder,
        RAPPORT_PASSPHRASE: 'four words of a test',
        RAPPORT_NEW_PASSPHRASE_FILE: next,
      });
      execFileSync(process.execPath, [binary, ...argv], { env, cwd: root, stdio: 'ignore' });
    };

  it('is of the keys as they are when it is copied, whatever they were when it was asked for', async () => {
    const { vault, request, target } = await writing({}, meanwhile('key', 'passphrase'));
    await writeBackup(request);
    const { keyFile } = await headOf(target);
    expect(keyFile.bytes).toEqual(readFileSync(join(vault.folder, 'vault.keys')));
    expect(keyFile.bytes).not.toEqual(vault.keyFile.bytes);
  });

  it('says so where the master key was changed meanwhile', async () => {
    const { request, folder } = await writing({}, meanwhile('key', 'rotate', '--out', 'sheet'));
    expect(await failureOf(() => writeBackup(request))).toBe(
      'conflict: the keys were changed by another rapport meanwhile',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is read from the disk and opened before it gets its name', async () => {
    const { request, folder } = await writing({
      interruptible: afterCopy(() => {
        const [work = ''] = readdirSync(folder);
        const copy = join(folder, work, 'vault.db');
        const bytes = readFileSync(copy);
        bytes.writeUInt8(bytes.readUInt8(2000) ^ 1, 2000);
        writeFileSync(copy, bytes);
      }),
    });
    expect(await failureOf(() => writeBackup(request))).toMatch(/^damaged:/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Adds a row to each of two tables in one transaction, over and over, until it is killed. */
const writer = `
  const { createRequire } = require('node:module');
  const [path, key, from] = process.argv.slice(1);
  const database = new (createRequire(from)('better-sqlite3'))(path, { timeout: 10000 });
  database.pragma("cipher='sqlcipher'");
  database.pragma('legacy=4');
  database.key(Buffer.from(key, 'hex'));
  const add = database.transaction(() => database.exec('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)'));
  const again = () => {
    const start = Date.now();
    add.immediate();
    // Others have to get their turn, however slow the disk is.
    setTimeout(again, 20 + 3 * (Date.now() - start));
  };
  again();
  process.stdout.write('begun');`;

describe('a copy of a vault that is being written', () => {
  it('is of one moment, or none', async () => {
    const vault = await makeBareVault();
    const source = join(vault.folder, 'vault.db');
    openVault(vault).exec('CREATE TABLE a (x); CREATE TABLE b (x)');
    const raw = Buffer.concat([Buffer.from('raw:'), vault.keys.page]).toString('hex');
    const child = spawn(process.execPath, ['-e', writer, source, raw, import.meta.filename]);
    try {
      await once(child.stdout, 'data');
      let copied = 0;
      for (let times = 0; times < 60 && copied < 3; times += 1) {
        const target = join(temporaryFolder(), 'copy');
        try {
          copyDatabase(source, target, vault.keys.page);
        } catch (error) {
          expect(error).toMatchObject({ exit: 'busy' });
          continue;
        }
        const copy = openKeyed(target, vault.keys.page);
        const count = (table: string) => copy.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
        expect(count('a')).toBe(count('b'));
        expect(statSync(target).mode & 0o777).toBe(0o600);
        copy.close();
        copied += 1;
      }
      expect(copied).toBe(3);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});

describe('the head of a backup', () => {
  let bytes: Buffer;
  let headLength: number;
  beforeEach(async () => {
    await place.run(['backup', 'b']);
    bytes = readFileSync(here('b'));
    headLength = (await headOf(here('b'))).bytes.length;
  });

  async function reading(changed: Buffer): Promise<string> {
    const folder = mkdtempSync(join(place.root, 'heads-'));
    const path = join(folder, 'b');
    writeFileSync(path, changed);
    return failureOf(() => headOf(path));
  }

  it('tells every changed byte of itself without a key', async () => {
    for (let index = 0; index < headLength; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ (1 << (index % 8)), index);
      expect(await reading(changed)).toMatch(/^(damaged|conflict):/);
    }
  });

  it('tells a file that is shorter or longer than it says', async () => {
    const lengths = [0, 1, 16, 17, 200, headLength - 1, headLength, headLength + 4096, bytes.length - 1];
    for (const length of lengths) expect(await reading(bytes.subarray(0, length))).toMatch(/^damaged:/);
    expect(await reading(Buffer.concat([bytes, Buffer.from('\n')]))).toBe(
      'damaged: the backup is damaged: something was added to it',
    );
  });

  it('refuses what is no backup, and what a newer rapport made', async () => {
    expect(await reading(Buffer.from('SQLite format 3\0 and so on'))).toBe(
      'damaged: this is no backup of rapport',
    );
    const newer = Buffer.concat([Buffer.from('rapport backup 3\n'), bytes.subarray(17)]);
    expect(await reading(newer)).toBe('conflict: the backup was made by a newer rapport');
  });

  it('takes no nonsense in its second line', async () => {
    const lines = bytes.toString('latin1').split('\n');
    for (const line of [
      'null',
      '[]',
      '{}',
      '{"vault":1}',
      `{"vault":"${'0'.repeat(32)}","generation":1,"made_at":"2026-03-12T08:30:00.000Z","keys":1e99,"config":0,"database":0}`,
      `{"vault":"${'0'.repeat(32)}","generation":1,"made_at":"2026-03-12T08:30:00.000Z","keys":-1,"config":0,"database":0}`,
      '['.repeat(900),
      'x'.repeat(5000),
    ])
      expect(await reading(Buffer.from([lines[0], line, ...lines.slice(2)].join('\n'), 'latin1'))).toMatch(
        /^damaged:/,
      );
  });
});
