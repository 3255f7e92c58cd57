/** `rapport doctor`: all checks, with or without the key, whatever is damaged. */
import { fstatSync } from 'node:fs';
import { checkSettings, type Settings } from '../domain/settings.ts';
import { asFailure, errorCode, Failure, notFound, systemReason } from '../errors.ts';
import { type BareLog, openLog } from '../store/access-log.ts';
import { newestSchema } from '../store/migrations.ts';
import { recordDigest } from '../store/record-digest.ts';
import { settingsIn } from '../store/store.ts';
import { brokenLookUps } from '../store/tables.ts';
import { createAccess } from './access.ts';
import type { Advance, CareParts } from './backup.ts';
import { brokenTextIndexes, integrityFaults } from './database-copy.ts';
import {
  type Check,
  checkFolderAsItIs,
  checkKeyFiles,
  checkPages,
  checkUnopened,
  damage,
  examinePages,
  fromBackup,
  isDamaged,
  listed,
  ok,
  rolledBack,
  seeKeyFiles,
  unchecked,
  warning,
  withoutConsequences,
} from './doctor-files.ts';
import { isDemonstration, openDatabase, type VaultDatabase, watchFile } from './open.ts';
import type { UnlockedKeys } from './unlock.ts';
import { databasePath, openFile, vaultExists, waitingHints } from './vault-folder.ts';
import { sweepWork } from './work-folder.ts';

export interface ExaminationWanted {
  readonly acceptRollback: boolean;
  readonly acceptDamage: boolean;
  readonly advance: Advance;
}

export interface Examination {
  readonly checks: readonly Check[];
  /** Why the keys are missing, where that is an error. */
  readonly refusal: Error | undefined;
}

interface Looking {
  readonly parts: CareParts;
  readonly wanted: ExaminationWanted;
  readonly inHand: UnlockedKeys;
}

/** What cannot be read is damage; what cannot be tried is unchecked. */
function attempt(id: string, name: string, work: () => Check): Check {
  try {
    return work();
  } catch (error) {
    const code = errorCode(error);
    if (code?.startsWith('SQLITE_'))
      return /^SQLITE_(CORRUPT|NOTADB|FORMAT|ERROR|IOERR_(?:SHORT_READ|DATA|CORRUPTFS))/.test(code)
        ? damage(id, `${name}: it cannot be read (${code})`, fromBackup)
        : unchecked(id, `${name}: it cannot be tried here (${code})`);
    const { exit, message } = asFailure(error);
    const finding = `${name}: ${message}`;
    return exit === 'damaged' ? damage(id, finding, fromBackup) : unchecked(id, finding);
  }
}

const unreadable = ({ exit, message, hints }: Failure): Check =>
  exit === 'damaged'
    ? damage('settings', message, ...hints)
    : warning('settings', `the settings cannot be read: ${message}`, ...hints);

function checkOwnSettings({ powerlessSettings }: CareParts): Check {
  try {
    const without = powerlessSettings();
    if (without.length === 0) return ok('settings', 'the settings can be read');
    return warning(
      'settings',
      `config.json in the vault's folder has no say over ${listed(without)}`,
      ...without.map((key) => `rapport config ${key} VALUE sets it`),
    );
  } catch (error) {
    return unreadable(asFailure(error));
  }
}

async function readVaultSettings(database: VaultDatabase): Promise<Settings | Check> {
  try {
    return await checkSettings(settingsIn(database));
  } catch (error) {
    return unreadable(asFailure(error));
  }
}

const checkDatabase = (database: VaultDatabase): readonly Check[] => [
  attempt('integrity', 'structure', () => {
    const [first, ...more] = integrityFaults(database);
    return first === undefined
      ? ok('integrity', 'the database is sound in itself')
      : damage('integrity', `the database is broken: ${listed([first], 1 + more.length)}`, fromBackup);
  }),
  attempt('references', 'references', () => {
    const faults = new Map<string, number>();
    const statement = database.prepare<[], { table: string }>('PRAGMA foreign_key_check');
    for (const { table } of statement.iterate()) faults.set(table, (faults.get(table) ?? 0) + 1);
    const named = [...faults].map(([table, rows]) => `${rows} in ${table}`);
    return named.length === 0
      ? ok('references', 'no record refers to one that is missing')
      : damage('references', `records refer to missing ones: ${listed(named)}`, fromBackup);
  }),
  attempt('index', 'the index of words', () =>
    brokenTextIndexes(database).length + brokenLookUps(database).length === 0
      ? ok('index', 'the index of words fits the records')
      : damage('index', 'the index of words is broken: search may miss records', fromBackup),
  ),
];

/** Records of two times among each other, which no page's HMAC tells. */
function checkRecords({ parts, wanted, inHand }: Looking, database: VaultDatabase): Check {
  const id = 'records';
  using digest = recordDigest(inHand.keys.log);
  const state = digest.state(database);
  if (state === 'none') return ok(id, 'the records have no digest yet: the next change makes it');
  if (state === 'same') return ok(id, 'the records are those of the last change');
  const finding = 'the records are not those of the last change: some are of another time';
  if (!wanted.acceptDamage)
    return damage(id, finding, fromBackup, 'rapport doctor --accept-damage takes them as they are');
  database.transaction(() => digest.accept(database)).immediate();
  openLog(database, { instant: parts.instant, logKey: inHand.keys.log })?.happened('accept damage');
  return ok(id, `accepted from now on: ${finding}`);
}

function checkLog(log: BareLog | undefined): Check {
  if (log === undefined) return ok('log', 'the log has not begun');
  const broken = log.firstBroken();
  return broken === undefined
    ? ok('log', `the log is unbroken up to its entry ${log.head()?.sequence ?? 0}`)
    : damage(
        'log',
        `the log was altered, from its entry ${broken} on`,
        'somebody who has the keys did that',
        fromBackup,
      );
}

const noLog = { head: () => undefined, macAt: () => undefined };

/** @param canAccept where nothing else is damaged */
function checkRollback(
  { parts, wanted, inHand }: Looking,
  log: BareLog | undefined,
  canAccept: boolean,
): Check {
  const guard = parts.guardOf(inHand.keyFile.payload.vault, inHand.keys.log);
  const refusal = guard.refusal(log ?? noLog);
  if (refusal === undefined) return ok('rollback', 'it is the vault that was last used here, or a later one');
  if (!wanted.acceptRollback || !canAccept) return rolledBack('rollback', refusal.message, ...refusal.hints);
  guard.accept(log?.head());
  log?.happened('accept rollback');
  return ok('rollback', `accepted from now on: ${refusal.message}`);
}

const dayLength = 86_400_000;

/** @param remindDays after which a backup is old */
function checkBackup({ parts }: Looking, log: BareLog | undefined, remindDays: number): Check {
  const last = log?.lastBackup();
  const way = 'rapport backup FILE, onto another disk';
  if (last === undefined)
    return (log?.patients() ?? 0) > 0
      ? warning('backup', 'no backup was ever made', way)
      : ok('backup', 'no backup yet, and nothing to be backed up');
  const days = Math.floor((Date.parse(parts.instant()) - Date.parse(last)) / dayLength);
  const age = days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`;
  const finding = `the last backup was made ${age}, on ${last.slice(0, 10)}`;
  return days > remindDays ? warning('backup', finding, way) : ok('backup', finding);
}

async function checkContents(looking: Looking, database: VaultDatabase): Promise<readonly Check[]> {
  const { parts, inHand } = looking;
  if (Number(database.pragma('user_version', { simple: true })) > newestSchema)
    return [warning('schema', 'the vault was written by a newer rapport', 'install the newest version')];
  const settings = await readVaultSettings(database);
  const checks = [...checkDatabase(database), ...('id' in settings ? [settings] : [])];
  if (!checks.some(isDamaged))
    checks.push(attempt('records', 'the records', () => checkRecords(looking, database)));
  const isSound = !checks.some(isDamaged);
  let log: BareLog | undefined;
  const chain = attempt('log', 'the log', () => {
    log = openLog(database, { instant: parts.instant, logKey: inHand.keys.log });
    return checkLog(log);
  });
  const isWatched = !(inHand.keyFile.payload.demonstration && isDemonstration(database));
  const canAccept = isSound && !isDamaged(chain);
  return [
    ...checks,
    chain,
    isWatched
      ? attempt('rollback', 'older copies', () => checkRollback(looking, log, canAccept))
      : ok('rollback', 'a demonstration vault is not watched'),
    attempt('backup', 'the last backup', () =>
      checkBackup(looking, log, ('id' in settings ? undefined : settings.backupRemindDays) ?? 30),
    ),
  ];
}

function openedBy({ parts, inHand: { keys, keyFile } }: Looking): VaultDatabase | Check {
  try {
    return openDatabase({ folder: parts.access.folder, keys, ...keyFile.payload, uid: undefined });
  } catch (error) {
    const { exit, message, hints } = asFailure(error);
    return exit === 'damaged' || exit === 'conflict'
      ? damage('opening', message, ...hints.filter((hint) => hint !== 'rapport doctor'))
      : unchecked('opening', message, ...hints);
  }
}

async function checkWithKey(looking: Looking): Promise<readonly Check[]> {
  const { parts, wanted, inHand } = looking;
  let opened: ReturnType<typeof openFile>;
  try {
    opened = openFile(databasePath(parts.access.folder));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    return [unchecked('pages', `vault.db cannot be read: ${systemReason(error)}`)];
  }
  // Closed behind the connection: closing any descriptor drops SQLite's locks on the file.
  using file = opened;
  if (!fstatSync(file.descriptor).isFile()) return [];
  const examined = () => examinePages(file.descriptor, inHand.keys.page, wanted.advance);
  const found = openedBy(looking);
  if ('id' in found) return checkUnopened(await examined(), found);
  using database = found;
  // Keeps writers away while pages are read; the lock comes with the first read.
  database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  const counted = Number(database.pragma('page_count', { simple: true }));
  const report = await examined();
  database.exec('COMMIT');
  return withoutConsequences(checkPages(report, counted), await checkContents(looking, database));
}

/** Whatever the modes. */
const obtain = (parts: CareParts): Promise<UnlockedKeys | Failure> =>
  createAccess(parts, false)
    .obtain({ ask: parts.prompt.possible })
    .catch((error: unknown) => {
      if (!(error instanceof Failure) || error.exit === 'cancelled') throw error;
      return error;
    });

function withoutKey({ exit, message, hints }: Failure): Check {
  return exit === 'damaged'
    ? damage('key', message, ...hints)
    : unchecked('key', 'pages, database, log and rollback: they take the key', ...hints);
}

/** Ctrl-C may end it at once: nothing needs to be cleaned up. @throws not-found, cancelled, busy */
export async function examine(parts: CareParts, wanted: ExaminationWanted): Promise<Examination> {
  const { folder } = parts.access;
  sweepWork(parts.workingFolder, parts.uid);
  if (!vaultExists(folder))
    throw notFound(`no vault in ${folder}`, ...waitingHints(folder), 'rapport init makes one');
  const whyMoved = watchFile(folder);
  const seen = seeKeyFiles(folder);
  const checks = checkFolderAsItIs(folder, parts.uid, checkOwnSettings(parts));
  const found = await obtain(parts);
  if (found instanceof Failure) {
    const keys = checkKeyFiles(seen, undefined);
    const refusal = ['damaged', 'locked'].includes(found.exit) ? undefined : found;
    // The same fault is reported once.
    const more = isDamaged(keys) && refusal === undefined ? [] : [withoutKey(found)];
    return { checks: [...checks, keys, ...more], refusal };
  }
  using keys = found.keys;
  const keyed = await checkWithKey({ parts, wanted, inHand: found });
  const moved = whyMoved();
  if (moved !== undefined) throw moved;
  const isShapeTold = checks.some((check) => check.id === 'file' && isDamaged(check));
  const told = isShapeTold ? keyed.filter(({ id }) => id !== 'opening') : keyed;
  return { checks: [...checks, checkKeyFiles(seen, keys), ...told], refusal: undefined };
}
