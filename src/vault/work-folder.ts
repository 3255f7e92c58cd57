/** A private folder for a file in the making; the next maker sweeps a killed one's by mark and lock, never by name. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, Failure, refusalOf } from '../errors.ts';
import { openUnkeyed, usualPatience } from './open.ts';
import {
  configName,
  databaseName,
  keyFileNames,
  type OwnerId,
  readPrivateFile,
  statOf,
} from './vault-folder.ts';

export interface Lock {
  release(): void;
}

/** Node has no flock: BEGIN EXCLUSIVE on an empty SQLite file. Trap: closing any other descriptor drops the lock. */
function lock(path: string): Lock {
  const database = openUnkeyed(path);
  try {
    // Avoids a journal file.
    database.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

export function tryLock(path: string): Lock | undefined {
  try {
    return lock(path);
  } catch {
    return undefined;
  }
}

/** Milliseconds. */
const lockStep = 25;

/** One at a time over restore, key rotate and backup of a vault. @throws busy */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  let held: Lock | undefined;
  for (let waited = 0; held === undefined; waited += lockStep) {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      held = lock(path);
    } catch (error) {
      // Where the state folder cannot be written, the vault's own lock has to do.
      if (refusalOf(errorCode(error))?.exit !== 'busy') break;
      if (waited >= usualPatience)
        throw new Failure('busy', 'another rapport backs the vault up, restores it or changes its key', [
          'try again in a moment',
        ]);
      await new Promise((resolve) => setTimeout(resolve, lockStep));
    }
  }
  try {
    return await work();
  } finally {
    held?.release();
  }
}

const markName = 'mark';
const lockName = 'lock';
const mark = 'rapport is making a file here: it sweeps this folder once nobody holds its lock\n';
const madeName = 'file';
/** Renamed once it is whole. */
export const madePath = (folder: string): string => join(folder, madeName);
const parts: readonly string[] = [
  madeName,
  configName,
  ...[databaseName, ...keyFileNames].flatMap((name) => [name, `${name}-journal`]),
];
const form = /^rapport-[0-9a-f]{12}\.making$/;

export interface WorkFolder {
  readonly folder: string;
  end(): void;
}

function clear(folder: string): void {
  for (const name of [...parts, markName, lockName]) rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

/** @throws the system's error */
export function beginWork(beside: string): WorkFolder {
  const folder = join(beside, `rapport-${randomBytes(6).toString('hex')}.making`);
  mkdirSync(folder, { mode: 0o700 });
  let held: Lock | undefined;
  const end = (): void => {
    try {
      clear(folder);
    } catch {
      // The next one sweeps it.
    } finally {
      held?.release();
    }
  };
  try {
    held = tryLock(join(folder, lockName));
    // Without locks nobody could tell that it is at work: no mark, no sweeping.
    if (held !== undefined) writeFileSync(join(folder, markName), mark, { mode: 0o600 });
    return { folder, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Leaves what it cannot check or remove. */
export function sweepWork(beside: string, uid: OwnerId): void {
  let names: readonly string[];
  try {
    names = readdirSync(beside).filter((name) => form.test(name));
  } catch {
    return;
  }
  for (const name of names) {
    const folder = join(beside, name);
    let held: Lock | undefined;
    try {
      if (!statOf(folder)?.isDirectory()) continue;
      if (readPrivateFile(join(folder, markName), uid, mark.length)?.toString() !== mark) continue;
      if (!statOf(join(folder, lockName))?.isFile()) continue;
      held = tryLock(join(folder, lockName));
      if (held !== undefined) clear(folder);
    } catch {
    } finally {
      held?.release();
    }
  }
}
