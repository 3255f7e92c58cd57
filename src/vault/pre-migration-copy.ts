/** Copies of an earlier state: before a migration, and of a hot journal. Trap: later they keep what was erased. */
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode, Failure, systemReason } from '../errors.ts';
import { wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import { checkCopy, copyDatabase } from './database-copy.ts';
import type { VaultDatabase } from './driver.ts';
import { removeFile } from './modes.ts';
import {
  databasePath,
  earlierForm,
  earlierPath,
  journalCopyPath,
  syncFile,
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
    closeSync(openSync(unfinished, 'wx', 0o600));
    const request = { source: databasePath(folder), target: unfinished, pageKey };
    checkCopy(request, copyDatabase(request));
    syncFile(unfinished);
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

export const removeAllEarlier = (folder: string): void =>
  removeEarlier(folder, [...earlierCopies(folder), basename(journalCopyPath(folder))]);

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
