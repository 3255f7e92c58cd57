/** What doctor finds in the folder, the key files and the pages. Changes nothing, follows no link, waits for no pipe. */
import { fstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, refusalOf, systemReason } from '../errors.ts';
import { type Keys, wiping } from '../keys.ts';
import { type KeyFile, largestKeyFile, macHolds, readKeyFile } from './key-file.ts';
import { isHotJournal, isWhole, macKeyOf, pageSize, readFrom, saltBytes } from './pages.ts';
import {
  configName,
  databaseName,
  databasePath,
  earlierCopies,
  earlierForm,
  journalCopyPath,
  journalPath,
  keyFileNames,
  modeText,
  type OwnerId,
  orElse,
  readPrivateFile,
  stagedBeside,
  statOf,
} from './vault-folder.ts';

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
export const rolledBack = finds('rolled_back');
export const unchecked = finds('unchecked');
export const isDamaged = ({ state }: Check): boolean => state === 'damaged';

export const fromBackup = 'bring the vault back from a backup: rapport restore FILE';

/** 'a, b and 3 more' */
export const listed = (names: readonly (string | number)[], all = names.length, most = 5): string => {
  const shown = names.slice(0, most);
  return `${shown.join(', ')}${all > shown.length ? ` and ${all - shown.length} more` : ''}`;
};

const expected: readonly string[] = [databaseName, ...keyFileNames, configName];
const journalName = `${databaseName}-journal`;
const journalCopyName = basename(journalCopyPath(''));

function checkModes(folder: string, uid: OwnerId): Check {
  const id = 'modes';
  if (uid === undefined) return unchecked(id, 'who may read the vault: this system does not say');
  const advice: string[] = [];
  const faults: string[] = [];
  const look = (path: string, mode: '700' | '600'): void => {
    const found = statOf(path);
    if (found === undefined) return;
    const name = mode === '700' ? 'the folder' : basename(path);
    const tell = (fault: string, command: string): void => {
      faults.push(`${name} ${fault}`);
      advice.push(`${command} ${shellQuoted(path)}`);
    };
    if (found.isSymbolicLink()) tell('is a symbolic link', 'ls -l');
    else if (found.uid !== uid) tell('belongs to another user', 'ls -ld');
    else if ((found.mode & 0o077) !== 0) tell(modeText(found), `chmod ${mode}`);
  };
  look(folder, '700');
  // Where the folder cannot be read, what is left over says so.
  const earlier = orElse(() => earlierCopies(folder), []);
  for (const name of [...expected, journalName, journalCopyName, ...earlier]) look(join(folder, name), '600');
  return faults.length === 0
    ? ok(id, 'the folder and its files are yours alone')
    : warning(id, `others can get at the vault: ${listed(faults)}`, ...advice);
}

function checkJournalFile(folder: string, names: readonly string[]): Check {
  const id = 'journal';
  if (!names.includes(journalName)) return ok(id, 'no write was interrupted');
  const finding = isHotJournal(journalPath(folder))
    ? 'a write was interrupted: its journal is there, and opening the vault takes the write back'
    : 'a journal is there: another rapport is writing, or ended just before or after it wrote';
  return warning(id, finding, 'look again in a moment');
}

const leftoverForm = new RegExp(`\\.tmp$|^replaced-[0-9a-f]{12}$|^${databaseName}\\.making-`);

/** Trap: opening the vault plays a journal back, so look before. */
function checkStrays(folder: string): readonly Check[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return [unchecked('leftovers', `what else is in the folder: ${systemReason(error)}`)];
  }
  const leftovers = names.filter((name) => name === journalCopyName || leftoverForm.test(name));
  const earlier = names.filter((name) => earlierForm.test(name));
  const known = [...expected, ...earlier, ...leftovers, journalName];
  const foreign = names.filter((name) => !known.includes(name));
  const paths = [...leftovers.map((name) => join(folder, name)), ...stagedBeside(folder)];
  const told = (id: string, found: readonly string[], what: string, advice: string): readonly Check[] =>
    found.length === 0 ? [] : [warning(id, `${what}: ${listed(found)}`, advice)];
  const remove = `when all else is well: rm -r ${paths.map(shellQuoted).join(' ')}`;
  const needless = 'when all is well, rapport backup FILE makes it needless and removes it';
  return [
    checkJournalFile(folder, names),
    ...told(
      'leftovers',
      paths.map((path) => basename(path)),
      'left by interrupted work',
      remove,
    ),
    ...told('earlier', earlier, 'the vault as it was before a migration is kept', needless),
    ...told(
      'foreign',
      foreign,
      'not of rapport',
      'a file of a sync tool? Sync backups, never the living vault',
    ),
    ...(paths.length + foreign.length === 0 ? [ok('leftovers', 'nothing else is in the folder')] : []),
  ];
}

/** In place of one that cannot be read, why. Trap: unlocking repairs one copy from the other, so look before. */
export const seeKeyFiles = (folder: string): readonly (KeyFile | string)[] =>
  keyFileNames.map((name) => {
    try {
      const bytes = readPrivateFile(join(folder, name), undefined, largestKeyFile);
      return bytes === undefined ? `${name} is missing` : readKeyFile(bytes);
    } catch (error) {
      return asFailure(error).message.replace('vault.keys', name);
    }
  });

/** @param keys undefined leaves the MAC unchecked */
export function checkKeyFiles(
  copies: ReturnType<typeof seeKeyFiles>,
  keys: Pick<Keys, 'keyFile'> | undefined,
): Check {
  const id = 'keys';
  const isAuthentic = (copy: KeyFile): boolean => keys === undefined || macHolds(copy, keys.keyFile);
  const whole = copies.filter((copy) => typeof copy === 'object');
  // One copy may still be of the old master key.
  if (whole.some((copy) => copy.payload.previous !== undefined && isAuthentic(copy)))
    return warning(id, 'a change of the master key was cut off', 'opening the vault goes on with it');
  const faults = copies.flatMap((copy, index) => {
    if (typeof copy === 'string') return [copy];
    return isAuthentic(copy) ? [] : [`${keyFileNames[index]} was altered`];
  });
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

function checkShape(folder: string): Check {
  const id = 'file';
  const found = statOf(databasePath(folder));
  if (found === undefined) return damage(id, 'vault.db is missing', fromBackup);
  if (!found.isFile()) return damage(id, 'vault.db is not a file', fromBackup);
  if (found.size === 0) return damage(id, 'vault.db is empty: it was cut short', fromBackup);
  return found.size % pageSize === 0
    ? ok(id, 'vault.db is a whole number of pages')
    : damage(id, `vault.db is no whole number of pages: ${found.size} bytes`, fromBackup);
}

/** Before the vault is opened. */
export const checkFolderAsItIs = (folder: string, uid: OwnerId, settings: Check): readonly Check[] => [
  checkModes(folder, uid),
  settings,
  ...checkStrays(folder),
  checkShape(folder),
];

interface PageReport {
  readonly pages: number;
  /** Bytes after the last whole page. */
  readonly rest: number;
  /** The first ones, from 1. */
  readonly bad: readonly number[];
  readonly badCount: number;
}

const pagesAtOnce = 256;
const mostNamed = 10;

/** Yields between chunks, so that a bar can be drawn. */
export async function examinePages(
  descriptor: number,
  pageKey: Buffer,
  advance: (done: number, whole: number) => void,
): Promise<PageReport> {
  const { size } = fstatSync(descriptor);
  const pages = Math.floor(size / pageSize);
  const macKey = macKeyOf(pageKey, readFrom(descriptor, 0, saltBytes));
  using _ = wiping(macKey);
  const bad: number[] = [];
  let badCount = 0;
  for (let done = 0; done < pages; ) {
    const piece = readFrom(descriptor, done * pageSize, pagesAtOnce * pageSize);
    const count = Math.floor(piece.length / pageSize);
    if (count === 0) break;
    for (let index = 0; index < count; index += 1) {
      const number = done + index + 1;
      if (isWhole(piece.subarray(index * pageSize, (index + 1) * pageSize), number, macKey)) continue;
      badCount += 1;
      if (bad.length < mostNamed) bad.push(number);
    }
    done += count;
    advance(done, pages);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { pages, rest: size % pageSize, bad, badCount };
}

const badPages = ({ pages, bad, badCount }: PageReport): Check =>
  damage(
    'pages',
    `${badCount} of ${pages} pages ${badCount === 1 ? 'is' : 'are'} damaged: ${listed(bad, badCount)}`,
    fromBackup,
  );
const goodPages = (count: number): Check => ok('pages', `each of the ${count} pages is authentic`);

/** @param counted the database's own page count */
export function checkPages(report: PageReport, counted: number): readonly Check[] {
  const { pages, rest, bad, badCount } = report;
  const size = pages * pageSize + rest;
  return [
    // Pages behind the database are reported by the length.
    badCount === 0 || (bad[0] ?? 0) > counted ? goodPages(Math.min(pages, counted)) : badPages(report),
    counted * pageSize === size
      ? ok('size', 'the file is as long as its database')
      : damage('size', `the file has ${size} bytes, its database ${counted * pageSize}`, fromBackup),
  ];
}

/** @param opening why it does not open */
export function checkUnopened(report: PageReport, opening: Check): readonly Check[] {
  const { pages, badCount } = report;
  const authentic = badCount === 0 ? goodPages(pages) : badPages(report);
  if (!isDamaged(opening)) return [authentic, opening];
  if (badCount > 0) {
    const finding = badCount < pages ? authentic.finding : `none of the ${pages} pages is authentic`;
    return [damage('pages', `${finding}; ${opening.finding}`, ...opening.advice)];
  }
  const isCut = opening.finding === refusalOf('SQLITE_CORRUPT')?.message;
  return [authentic, isCut ? { ...opening, finding: 'vault.db was cut short: pages are missing' } : opening];
}

export function withoutConsequences(pages: readonly Check[], contents: readonly Check[]): readonly Check[] {
  const lost = contents.filter(isDamaged);
  if (lost.length === 0 || !pages.some(isDamaged)) return [...pages, ...contents];
  const names = listed(lost.map(({ id }) => id));
  const told = unchecked('contents', `not to be told of a damaged file: ${names}`);
  return [...pages, ...contents.filter((check) => !isDamaged(check)), told];
}
