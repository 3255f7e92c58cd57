/**
 * A file that is being made. Its parts stand beside it in a private folder of a random name, with `mark`, whose first
 * line says that rapport is making a file here, and `lock`, an empty SQLite database that its maker holds (Node knows no
 * other lock that ends with its process). A killed maker's folder is swept by the next one: by the mark, once the lock
 * can be had, and only the files that a maker writes; never by its name.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDriver } from './driver.ts';
import { databaseName, keyFileNames } from './files.ts';
import { type OwnerId, readPrivateFile, statOf } from './modes.ts';

const markName = 'mark';
const lockName = 'lock';
const mark = 'rapport is making a file here: it sweeps this folder once nobody holds its lock\n';
/** What is being made: it gets its own name when it is whole. */
export const madeName = 'file';
const parts: readonly string[] = [
  madeName,
  'config.json',
  ...[databaseName, ...keyFileNames].flatMap((name) => [name, `${name}-journal`]),
];
const form = /^rapport-[0-9a-f]{12}\.making$/;

export interface Making {
  readonly folder: string;
  /** Removes the folder, with what is left in it. */
  end(): void;
}

/** @returns what lets the lock go, or undefined where another one holds it, or none can be had there */
function hold(path: string): (() => void) | undefined {
  let database: InstanceType<ReturnType<typeof loadDriver>> | undefined;
  try {
    database = new (loadDriver())(path, { fileMustExist: true, timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return () => void held.close();
  } catch {
    database?.close();
    return undefined;
  }
}

function clear(folder: string): void {
  for (const name of [...parts, markName, lockName]) rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

/** @throws what the system says where no folder can be made there */
export function beginMaking(beside: string): Making {
  const folder = join(beside, `rapport-${randomBytes(6).toString('hex')}.making`);
  mkdirSync(folder, { mode: 0o700 });
  let release: (() => void) | undefined;
  const end = (): void => {
    try {
      clear(folder);
    } catch {
      // The next one sweeps it.
    } finally {
      release?.();
    }
  };
  try {
    closeSync(openSync(join(folder, lockName), 'wx', 0o600));
    release = hold(join(folder, lockName));
    // Where there are no locks, nobody could tell that it is at work: without its mark nobody sweeps it.
    if (release !== undefined) writeFileSync(join(folder, markName), mark, { mode: 0o600 });
    return { folder, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Removes what killed makers left in a folder. What cannot be looked at or removed stays. */
export function sweepMaking(beside: string, uid: OwnerId): void {
  let names: readonly string[];
  try {
    names = readdirSync(beside).filter((name) => form.test(name));
  } catch {
    return;
  }
  for (const name of names) {
    const folder = join(beside, name);
    let release: (() => void) | undefined;
    try {
      if (!statOf(folder)?.isDirectory()) continue;
      if (readPrivateFile(join(folder, markName), uid, mark.length)?.toString() !== mark) continue;
      if (!statOf(join(folder, lockName))?.isFile()) continue;
      release = hold(join(folder, lockName));
      if (release !== undefined) clear(folder);
    } catch {
      // Not ours to remove, or not now.
    } finally {
      release?.();
    }
  }
}
