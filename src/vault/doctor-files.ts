/** What doctor finds without the key. Changes nothing, follows no link, waits for no pipe. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure, shellQuoted, systemReason } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { type KeyFile, largestKeyFile, macHolds, readKeyFile } from './key-file.ts';
import { pageSize } from './pages.ts';
import { isHotJournal } from './rollback-journal.ts';
import { stagedBeside } from './staged.ts';
import {
  configName,
  databaseName,
  databasePath,
  earlierForm,
  journalCopyPath,
  journalPath,
  keyFileNames,
  type OwnerId,
  readPrivateFile,
  statOf,
} from './vault-folder.ts';

const expected = [databaseName, ...keyFileNames, configName] as const;

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

export function checkModes(folder: string, uid: OwnerId): Check {
  const id = 'modes';
  if (uid === undefined) return unchecked(id, 'who may read the vault: this system does not say');
  const advice: string[] = [];
  const faults: string[] = [];
  const look = (path: string, mode: '700' | '600'): void => {
    const found = statOf(path);
    if (found === undefined) return;
    const name = mode === '700' ? 'the folder' : basename(path);
    if (found.isSymbolicLink()) {
      faults.push(`${name} is a symbolic link`);
      advice.push(`ls -l ${shellQuoted(path)}`);
    } else if (found.uid !== uid) {
      faults.push(`${name} belongs to another user`);
      advice.push(`ls -ld ${shellQuoted(path)}`);
    } else if ((found.mode & 0o077) !== 0) {
      faults.push(`${name} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`);
      advice.push(`chmod ${mode} ${shellQuoted(path)}`);
    }
  };
  look(folder, '700');
  const beside = [journalPath(folder), journalCopyPath(folder)].map((path) => basename(path));
  const earlier = namesIn(folder)?.filter((name) => earlierForm.test(name)) ?? [];
  for (const name of [...expected, ...beside, ...earlier]) look(join(folder, name), '600');
  return faults.length === 0
    ? ok(id, 'the folder and its files are yours alone')
    : warning(id, `others can get at the vault: ${listed(faults)}`, ...advice);
}

/** Trap: opening the vault plays a journal back, so look before. */
export function checkStrays(folder: string): readonly Check[] {
  const checks: Check[] = [];
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return [unchecked('leftovers', `what else is in the folder: ${systemReason(error)}`)];
  }
  const journal = basename(journalPath(folder));
  if (names.includes(journal)) {
    const path = join(folder, journal);
    const hot = isHotJournal(path);
    checks.push(
      warning(
        'journal',
        hot
          ? 'a write was interrupted: its journal is there, and opening the vault takes the write back'
          : 'a journal is there: another rapport is writing, or ended just before or after it wrote',
        'look again in a moment',
      ),
    );
  } else checks.push(ok('journal', 'no write was interrupted'));
  const leftovers = names.filter(
    (name) =>
      name === basename(journalCopyPath(folder)) ||
      name.endsWith('.tmp') ||
      /^replaced-[0-9a-f]{12}$/.test(name) ||
      name.startsWith(`${databaseName}.making-`),
  );
  const earlier = names.filter((name) => earlierForm.test(name));
  const foreign = names.filter((name) => ![...expected, ...earlier, ...leftovers, journal].includes(name));
  const paths = [...leftovers.map((name) => join(folder, name)), ...stagedBeside(folder)];
  if (paths.length > 0)
    checks.push(
      warning(
        'leftovers',
        `left by interrupted work: ${listed(paths.map((path) => basename(path)))}`,
        `when all else is well: rm -r ${listed(paths.map(shellQuoted), paths.length, paths.length).replaceAll(', ', ' ')}`,
      ),
    );
  if (earlier.length > 0)
    checks.push(
      warning(
        'earlier',
        `the vault as it was before a migration is kept: ${listed(earlier)}`,
        'when all is well, rapport backup FILE makes it needless and removes it',
      ),
    );
  if (foreign.length > 0)
    checks.push(
      warning(
        'foreign',
        `not of rapport: ${listed(foreign)}`,
        'a file of a sync tool? Sync backups, never the living vault',
      ),
    );
  if (paths.length + foreign.length === 0) checks.push(ok('leftovers', 'nothing else is in the folder'));
  return checks;
}

type CopyState = KeyFile | 'missing' | { readonly fault: string };

/** Trap: unlocking repairs one copy from the other, so look before. */
export const seeKeyFiles = (folder: string): readonly CopyState[] =>
  keyFileNames.map((name) => {
    try {
      const bytes = readPrivateFile(join(folder, name), undefined, largestKeyFile);
      return bytes === undefined ? 'missing' : readKeyFile(bytes);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { fault: error.message };
    }
  });

/** @param keys undefined leaves the MAC unchecked */
export function checkKeyFiles(copies: readonly CopyState[], keys: Pick<Keys, 'keyFile'> | undefined): Check {
  const id = 'keys';
  const isCutOff = copies.some(
    (copy) =>
      typeof copy === 'object' &&
      'payload' in copy &&
      copy.payload.previous !== undefined &&
      (keys === undefined || macHolds(copy, keys.keyFile)),
  );
  // One copy may still be of the old master key.
  if (isCutOff)
    return warning(id, 'a change of the master key was cut off', 'opening the vault goes on with it');
  const faults = copies.flatMap((copy, index) => {
    const name = keyFileNames[index];
    if (copy === 'missing') return [`${name} is missing`];
    if ('fault' in copy) return [copy.fault.replace('vault.keys', String(name))];
    return keys !== undefined && !macHolds(copy, keys.keyFile) ? [`${name} was altered`] : [];
  });
  const whole = copies.filter((copy): copy is KeyFile => copy !== 'missing' && !('fault' in copy));
  if (faults.length === copies.length)
    return damage(
      id,
      `no whole key file: ${listed(faults)}`,
      'without one nothing opens the vault',
      fromBackup,
    );
  if (faults.length > 0)
    return damage(id, faults.join(', '), 'opening the vault mends it from the other copy: run doctor again');
  const [one, other] = whole;
  if (one !== undefined && other !== undefined && !one.bytes.equals(other.bytes))
    return warning(
      id,
      'the two key files differ: a change of keys was interrupted',
      'opening the vault mends it',
    );
  const how = keys === undefined ? 'both key files are well-formed' : 'both key files are whole';
  return ok(id, `${how}, generation ${one?.payload.generation}`);
}

export function checkShape(folder: string): Check {
  const id = 'file';
  const found = statOf(databasePath(folder));
  if (found === undefined) return damage(id, 'vault.db is missing', fromBackup);
  if (!found.isFile()) return damage(id, 'vault.db is not a file', fromBackup);
  if (found.size === 0) return damage(id, 'vault.db is empty: it was cut short', fromBackup);
  return found.size % pageSize === 0
    ? ok(id, 'vault.db is a whole number of pages')
    : damage(id, `vault.db is no whole number of pages: ${found.size} bytes`, fromBackup);
}

export interface Check {
  readonly id: string;
  /** 'rolled_back': an older copy was put back. 'unchecked': it needs the key. */
  readonly state: 'ok' | 'warning' | 'damaged' | 'rolled_back' | 'unchecked';
  /** One line, without a full stop. */
  readonly finding: string;
  readonly advice: readonly string[];
}

const finds =
  (state: Check['state']) =>
  (id: string, finding: string, ...advice: readonly string[]): Check => ({ id, state, finding, advice });
export const ok = finds('ok');
export const warning = finds('warning');
export const damage = finds('damaged');
export const unchecked = finds('unchecked');

export const fromBackup = 'bring the vault back from a backup: rapport restore FILE';

/** 'a, b and 3 more' */
export const listed = (names: readonly (string | number)[], all = names.length, most = 5): string => {
  const shown = names.slice(0, most);
  return `${shown.join(', ')}${all > shown.length ? ` and ${all - shown.length} more` : ''}`;
};
