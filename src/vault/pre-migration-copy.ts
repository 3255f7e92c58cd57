/** Copies of an earlier state: before a migration, and of a hot journal. Trap: later they keep what was erased. */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode, Failure, systemReason } from '../errors.ts';
import { wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import { copyDatabase } from './database-copy.ts';
import type { VaultDatabase } from './driver.ts';
import { refuseFolder, removeFile } from './modes.ts';
import {
  databasePath,
  earlierForm,
  earlierPath,
  journalCopyPath,
  syncFolder,
  unfinishedPath,
} from './vault-folder.ts';

function refusal(error: unknown): unknown {
  const code = errorCode(error);
  const why = error instanceof Failure ? error.message : code !== undefined && systemReason(error);
  if (typeof why !== 'string') return error;
  const exit = error instanceof Failure ? error.exit : 'failed';
  return new Failure(exit, `no copy of the vault can be set aside before it is changed: ${why}`, [
    'make room, or look at it with rapport doctor',
  ]);
}

/** Nobody may write meanwhile. @throws failed (the disk refuses), damaged (it cannot be copied whole), busy */
export function keepEarlier(folder: string, pageKey: Buffer, schema: number): void {
  const unfinished = unfinishedPath(folder, `schema-${schema}`);
  const remove = (): void => {
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
  };
  try {
    remove();
    const descriptor = openSync(unfinished, 'wx', 0o600);
    try {
      copyDatabase({ source: databasePath(folder), target: unfinished, pageKey });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, earlierPath(folder, schema));
    syncFolder(folder);
  } catch (error) {
    remove();
    throw refusal(error);
  }
}

export const earlierCopies = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => earlierForm.test(name));

/** @throws conflict, failed */
export function removeEarlier(folder: string, names: readonly string[]): void {
  for (const name of names) removeFile(join(folder, name));
}

const allEarlier = (folder: string): readonly string[] => [
  ...earlierCopies(folder),
  basename(journalCopyPath(folder)),
];

/** Before a change that ends with their removal. @throws conflict where one would stay */
export function checkEarlier(folder: string): void {
  for (const name of allEarlier(folder)) refuseFolder(join(folder, name));
}

export const removeAllEarlier = (folder: string): void => removeEarlier(folder, allEarlier(folder));

/** Called by the store; undefined where none is due. Copies `page`. @throws failed, damaged, busy when called */
export function copyBeforeMigration(
  database: VaultDatabase,
  folder: string,
  page: Buffer,
  say: (text: string) => void,
): ((from: number, to: number) => void) | undefined {
  const schema = Number(database.pragma('user_version', { simple: true }));
  if (schema === 0 || schema >= newestSchema) return undefined;
  const key = Buffer.from(page);
  return (from, to) => {
    say(`rapport: an older vault (schema ${from}): it is copied before it is brought to schema ${to}`);
    try {
      keepEarlier(folder, key, from);
    } finally {
      wipe(key);
    }
    say(`rapport: the copy is vault.db.schema-${from}; the next backup removes it`);
  };
}
