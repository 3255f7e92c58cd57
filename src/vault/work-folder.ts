/** A private folder for a file in the making; the next maker sweeps a killed one's by mark and lock, never by name. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openUnkeyed, type VaultDatabase } from './driver.ts';
import { type OwnerId, readPrivateFile, statOf } from './modes.ts';
import { databaseName, keyFileNames } from './vault-folder.ts';

export interface Lock {
  release(): void;
}

/** Node has no flock: BEGIN EXCLUSIVE on an empty SQLite file. Trap: closing any other descriptor drops the lock. */
export function tryLock(path: string): Lock | undefined {
  let database: VaultDatabase | undefined;
  try {
    database = openUnkeyed(path);
    // Avoids a journal file.
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
/** Renamed once it is whole. */
export const madePath = (folder: string): string => join(folder, madeName);
const parts: readonly string[] = [
  madeName,
  'config.json',
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
    // Without locks nobody could tell that it is at work: no mark, no sweeping.
    if (lock !== undefined) writeFileSync(join(folder, markName), mark, { mode: 0o600 });
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
    let lock: Lock | undefined;
    try {
      if (!statOf(folder)?.isDirectory()) continue;
      if (readPrivateFile(join(folder, markName), uid, mark.length)?.toString() !== mark) continue;
      if (!statOf(join(folder, lockName))?.isFile()) continue;
      lock = tryLock(join(folder, lockName));
      if (lock !== undefined) clear(folder);
    } catch {
    } finally {
      lock?.release();
    }
  }
}
