import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createVault } from '../../src/vault/create.ts';
import { openKeyed, writeGeneration } from '../../src/vault/open.ts';
import { cheap, failureOf, makeVault, open, passphrase, temporaryFolder, uid, unlock } from './making.ts';

const wanted = (folder: string) => ({
  folder,
  uid,
  passphrase,
  recoverySecret: randomBytes(20),
  madeOn: '2026-03-12',
  cost: cheap,
});

describe('a new vault', () => {
  it('is a private folder of a database and two equal key files, and nothing else', async () => {
    const { folder } = await makeVault();
    expect(readdirSync(folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'vault.keys'))).toEqual(readFileSync(join(folder, 'vault.keys.copy')));
  });

  it('opens with the settings that keep plaintext off the disk', async () => {
    const database = open(await makeVault());
    const value = (name: string) => database.pragma(name, { simple: true });
    expect(value('temp_store')).toBe(2);
    expect(value('trusted_schema')).toBe(0);
    expect(value('foreign_keys')).toBe(1);
    expect(value('secure_delete')).toBe(1);
    expect(value('journal_mode')).toBe('delete');
    expect(value('synchronous')).toBe(3);
    expect(value('cipher')).toBe('sqlcipher');
    expect(value('user_version')).toBe(0);
  });

  it('holds no stored text in the clear', async () => {
    const vault = await makeVault();
    open(vault).exec("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('a marker of its own')");
    for (const name of readdirSync(vault.folder))
      expect(readFileSync(join(vault.folder, name)).includes('a marker of its own')).toBe(false);
  });

  it('is refused where one is, whole or not, and leaves that as it was', async () => {
    for (const name of ['vault.db', 'vault.keys', 'vault.keys.copy']) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, name), 'x');
      expect(await failureOf(() => createVault(wanted(folder)))).toMatch(
        /^conflict: a vault is already there/,
      );
      expect(readdirSync(folder)).toEqual([name]);
    }
  });

  it('is made once when two are made at the same time', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => createVault(wanted(folder))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ exit: 'conflict' });
    expect(readdirSync(folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
    expect(await unlock(folder)).toBeDefined();
  });

  it('is not made in a folder that others can read', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    expect(await failureOf(() => createVault(wanted(folder)))).toMatch(/^conflict: others can get at/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('may share its folder with settings, and clears what a killed making left', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'config.json'), '{}');
    writeFileSync(join(folder, 'vault.db.making-0011'), 'x');
    writeFileSync(join(folder, 'vault.keys.aabb.tmp'), 'x');
    await createVault(wanted(folder));
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'vault.db', 'vault.keys', 'vault.keys.copy']);
  });

  it('is finished by its first opening when its making was killed before the database had its name', async () => {
    const vault = await makeVault();
    renameSync(join(vault.folder, 'vault.db'), join(vault.folder, `vault.db.making-${vault.vaultId}`));
    rmSync(join(vault.folder, 'vault.keys.copy'));
    expect(open(vault).pragma('user_version', { simple: true })).toBe(0);
  });

  it.each(['', '  ', 'two\nlines', 'x'.repeat(5000)])('refuses the passphrase %j', async (text) => {
    const folder = join(temporaryFolder(), 'vault');
    expect(await failureOf(() => createVault({ ...wanted(folder), passphrase: text }))).toMatch(/^usage: /);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('opening what is not as it should be', () => {
  it.runIf(uid === 0)('refuses files of another user', async () => {
    const vault = await makeVault();
    expect(await failureOf(() => open(vault, { uid: 12345 }))).toBe(
      'conflict: vault.db belongs to another user',
    );
  });

  it.each([
    ['nothing', 0, /empty: it was truncated/],
    ['a piece of a page', 100, /no whole number of pages/],
    ['a page', 4096, /is damaged/],
    ['all but a byte', -1, /no whole number of pages/],
  ])('calls a database cut to %s damaged', async (_, size, message) => {
    const vault = await makeVault();
    const path = join(vault.folder, 'vault.db');
    truncateSync(path, size < 0 ? statSync(path).size + size : size);
    expect(await failureOf(() => open(vault))).toMatch(new RegExp(`^damaged: .*${message.source}`));
  });

  it('never opens with any byte of the first page changed', async () => {
    const vault = await makeVault();
    const path = join(vault.folder, 'vault.db');
    const whole = readFileSync(path);
    for (let at = 0; at < 4096; at += 37) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      writeFileSync(path, flipped);
      expect(await failureOf(() => open(vault))).toMatch(/^damaged: /);
    }
  });

  it('refuses keys older than the database, and takes newer ones as the state from now on', async () => {
    const vault = await makeVault();
    writeGeneration(open(vault), 5);
    expect(await failureOf(() => open(vault, { generation: 4 }))).toMatch(
      /^conflict: the key files are older/,
    );
    open(vault, { generation: 7 });
    expect(await failureOf(() => open(vault, { generation: 6 }))).toMatch(/^conflict: /);
  });

  it('says busy when another holds the vault', async () => {
    const vault = await makeVault();
    const holder = open(vault);
    holder.exec('BEGIN EXCLUSIVE');
    expect(await failureOf(() => open(vault))).toBe('busy: another rapport holds the vault');
    holder.exec('ROLLBACK');
  });

  /** A vault after a crash in mid-write. */
  async function crash() {
    const vault = await makeVault();
    const { folder } = vault;
    const writer = open(vault);
    writer.exec("CREATE TABLE t (x); INSERT INTO t VALUES ('before')");
    // A crash in mid-write: pages in the file, the journal still there. Spilling makes both happen.
    writer.pragma('cache_size=2');
    writer.exec(
      'BEGIN IMMEDIATE; INSERT INTO t SELECT randomblob(3000) FROM t a, (VALUES (1),(2),(3),(4),(5),(6),(7),(8))',
    );
    writer.exec('INSERT INTO t SELECT randomblob(3000) FROM t a, t b; UPDATE t SET x = 1');
    const crashed = mkdtempSync(join(temporaryFolder(), 'crashed-'));
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(crashed, name));
    writer.exec('ROLLBACK');
    const journal = readFileSync(join(crashed, 'vault.db-journal'));
    expect(journal.readUInt32BE(8)).toBeGreaterThan(0);
    return { vault: { ...vault, folder: crashed }, crashed, journal };
  }

  it('keeps a hot journal aside before it is played back', async () => {
    const { vault, crashed, journal } = await crash();
    const database = open(vault);
    expect(database.prepare('SELECT x FROM t').all()).toEqual([{ x: 'before' }]);
    expect(readFileSync(join(crashed, 'vault.db-journal.aside'))).toEqual(journal);
    expect(statSync(join(crashed, 'vault.db-journal.aside')).mode & 0o077).toBe(0);
  });

  it('keeps it aside whatever stands in its place', async () => {
    const target = join(temporaryFolder(), 'target');
    writeFileSync(target, 'mine');
    const places: readonly ((aside: string) => void)[] = [
      (aside) => writeFileSync(aside, 'older', { mode: 0o644 }),
      (aside) => symlinkSync(target, aside),
      ...(process.platform === 'win32' ? [] : [(aside: string) => execFileSync('mkfifo', [aside])]),
    ];
    for (const place of places) {
      const { vault, crashed, journal } = await crash();
      const aside = join(crashed, 'vault.db-journal.aside');
      place(aside);
      expect(open(vault).prepare('SELECT x FROM t').all()).toEqual([{ x: 'before' }]);
      expect(lstatSync(aside).isFile()).toBe(true);
      expect(lstatSync(aside).mode & 0o077).toBe(0);
      expect(readFileSync(aside)).toEqual(journal);
    }
    expect(readFileSync(target, 'utf8')).toBe('mine');
    const { vault, crashed } = await crash();
    mkdirSync(join(crashed, 'vault.db-journal.aside'));
    expect(await failureOf(() => open(vault))).toMatch(/^conflict: vault.db-journal.aside is a folder/);
  });

  it('asserts the length of the page key', async () => {
    const { folder } = await makeVault();
    for (const length of [0, 31, 33])
      expect(() => openKeyed(join(folder, 'vault.db'), Buffer.alloc(length))).toThrow(
        'a page key is 32 bytes',
      );
  });
});
