/** The folder of a run that types: who lives is told by a lock, and nothing with a text in it goes by its name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRunFolders, type RunFolders } from '../../src/vault/work-folder.ts';
import { temporaryFolder } from '../support/folders.ts';

const vault = 'c'.repeat(32);
let root: string;
let runtime: string;
let warned: string[];
beforeEach(() => {
  warned = [];
  root = temporaryFolder();
  runtime = join(root, 'runtime');
  mkdirSync(runtime);
});
afterEach(() => expect(warned).toEqual([]));

const folders = (vaultId = vault): RunFolders =>
  createRunFolders(
    {
      memories: [runtime, join(root, 'memory')],
      temporary: join(root, 'temporary'),
      uid: process.getuid?.(),
    },
    vaultId,
    (text) => warned.push(text),
  );

function write(folder: string, draft: string, text: string): string {
  mkdirSync(join(folder, draft), { mode: 0o700 });
  writeFileSync(join(folder, draft, 'rapport.txt'), text, { mode: 0o600 });
  return join(folder, draft, 'rapport.txt');
}

/** Sweeps, and tells what was taken and what was said. */
async function sweep(run: RunFolders, takes = true) {
  const taken: string[] = [];
  const told: string[] = [];
  await run.sweep({
    take: async (draft, path) => {
      taken.push(`${draft}: ${readFileSync(path, 'utf8')}`);
      return takes;
    },
    tell: (path) => told.push(path),
  });
  return { taken, told };
}

it('is private, known to others as long as its run lives, and gone with it', () => {
  const [one, other] = [folders(), folders()];
  const { path, isInMemory } = one.own();
  expect(isInMemory).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(path).toBe(one.own().path);
  expect(other.isAnother(one.id())).toBe(true);
  expect(one.isAnother(one.id())).toBe(false);
  expect(folders('d'.repeat(32)).isAnother(one.id())).toBe(false);
  one.close();
  expect(other.isAnother(one.id())).toBe(false);
  expect(readdirSync(runtime)).toEqual([]);
});

it('is told by a lock, which a kill ends, whatever has its process id now', async () => {
  const dead = join(runtime, `rapport-edit-${vault}-aaaaaa`);
  mkdirSync(dead);
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const holder = spawn(process.execPath, [
    '-e',
    `const D = require(${JSON.stringify(driver)}); const d = new D(${JSON.stringify(join(dead, 'lock'))});
     d.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => d, 1000);`,
  ]);
  await once(holder.stdout, 'data');
  const run = folders();
  write(dead, 'draft-1', 'typed');
  expect(run.isAnother('aaaaaa')).toBe(true);
  expect(await sweep(run)).toEqual({ taken: [], told: [] });
  holder.kill('SIGKILL');
  await once(holder, 'close');
  expect(run.isAnother('aaaaaa')).toBe(false);
  expect(await sweep(run)).toEqual({ taken: ['draft-1: typed'], told: [] });
  expect(existsSync(dead)).toBe(false);
});

it('stays where its text is not taken, which is said once', async () => {
  const left = folders();
  const text = write(left.own().path, 'draft-1', 'typed');
  left.close();
  const run = folders();
  expect(await sweep(run, false)).toEqual({ taken: ['draft-1: typed'], told: [text] });
  expect(await sweep(run, false)).toEqual({ taken: ['draft-1: typed'], told: [] });
  expect(readFileSync(text, 'utf8')).toBe('typed');
  expect((await sweep(run)).taken).toHaveLength(1);
  expect(readdirSync(runtime)).toEqual([]);
});

it("is no other vault's to sweep, nor anything that is only called so", async () => {
  const run = folders();
  const others = folders('d'.repeat(32));
  write(others.own().path, 'draft-1', 'typed');
  others.close();
  // As version 0.1 left it: said, never removed.
  const older = write(runtime, 'rapport-edit-999-0123456789abcdef', 'of a version before');
  mkdirSync(join(runtime, 'rapport-edit-x'));
  write(root, 'elsewhere', 'not ours');
  symlinkSync(join(root, 'elsewhere'), join(runtime, `rapport-edit-${vault}-linked`));
  const before = readdirSync(runtime);
  expect(await sweep(run)).toEqual({ taken: [], told: [older] });
  expect(await sweep(run)).toEqual({ taken: [], told: [] });
  expect(readdirSync(runtime)).toEqual(before);
  expect(readdirSync(join(root, 'elsewhere'))).toEqual(['rapport.txt']);
});

it('that a run left without a text goes', async () => {
  const left = folders();
  const { path } = left.own();
  writeFileSync(join(path, 'kept-by-an-editor'), '');
  mkdirSync(join(path, 'draft-1'));
  mkdirSync(join(runtime, `rapport-edit-${vault}-bbbbbb`));
  expect((await sweep(folders())).taken).toEqual([]);
  expect(existsSync(path)).toBe(true);
  left.close();
  await sweep(folders());
  expect(readdirSync(runtime)).toEqual([]);
});
