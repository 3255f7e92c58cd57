/**
 * A file that is being made: its parts stand beside it in a private folder of a random name, with `mark`, whose first
 * line says so, and `lock`, which its maker holds. The next maker sweeps what a killed one left: by the mark, once the
 * lock can be had, and only files that a maker writes; never by its name.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openUnkeyed, type VaultDatabase } from './driver.ts';
import { type OwnerId, readPrivateFile, statOf } from './modes.ts';
import { databaseName, keyFileNames } from './vault-folder.ts';

export interface Lock {
  release(): void;
}

/**
 * A lock that ends with its process. Node has no flock: it is an empty SQLite file held by BEGIN EXCLUSIVE. Trap: whoever
 * opens that file in any other way drops the lock by closing it.
 * @returns undefined where another holds it, or nothing can be held there
 */
export function tryLock(path: string): Lock | undefined {
  let database: VaultDatabase | undefined;
  try {
    database = openUnkeyed(path);
    // In memory, so that no journal stands beside it.
    database.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
    const held = database;
    return { release: () => held.close() };
  } catch {
    database?.close();
    return undefined;
  }
}

const markName = 'mark';
const lockName = 'lock';
const mark = 'rapport is making a file here: it sweeps this folder once nobody holds its lock\n';
const madeName = 'file';
/** What is being made: it gets its own name when it is whole. */
export const madePath = (folder: string): string => join(folder, madeName);
const parts: readonly string[] = [
  madeName,
  'config.json',
  ...[databaseName, ...keyFileNames].flatMap((name) => [name, `${name}-journal`]),
];
const form = /^rapport-[0-9a-f]{12}\.making$/;

export interface WorkFolder {
  readonly folder: string;
  /** Removes the folder, with what is left in it. */
  end(): void;
}

function clear(folder: string): void {
  for (const name of [...parts, markName, lockName]) rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

/** @throws what the system says where no folder can be made there */
export function beginWork(beside: string): WorkFolder {
  const folder = join(beside, `rapport-${randomBytes(6).toString('hex')}.making`);
  mkdirSync(folder, { mode: 0o700 });
  let lock: Lock | undefined;
  const end = (): void => {
    try {
      clear(folder);
    } catch {
      // The next one sweeps it.
    } finally {
      lock?.release();
    }
  };
  try {
    lock = tryLock(join(folder, lockName));
    // Where there are no locks, nobody could tell that it is at work: without its mark nobody sweeps it.
    if (lock !== undefined) writeFileSync(join(folder, markName), mark, { mode: 0o600 });
    return { folder, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Removes what killed makers left in a folder. What cannot be looked at or removed stays. */
export function sweepWork(beside: string, uid: OwnerId): void {
  let names: readonly string[];
  try {
    names = readdirSync(beside).filter((name) => form.test(name));
  } catch {
    return;
  }
  for (const name of names) {
    const folder = join(beside, name);
    let lock: Lock | undefined;
    try {
      if (!statOf(folder)?.isDirectory()) continue;
      if (readPrivateFile(join(folder, markName), uid, mark.length)?.toString() !== mark) continue;
      if (!statOf(join(folder, lockName))?.isFile()) continue;
      lock = tryLock(join(folder, lockName));
      if (lock !== undefined) clear(folder);
    } catch {
      // Not ours to remove, or not now.
    } finally {
      lock?.release();
    }
  }
}
