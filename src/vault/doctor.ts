/** `rapport doctor`: all checks, with or without the key, whatever is damaged. */
import { closeSync } from 'node:fs';
import { checkTimeZone, readSettings } from '../domain/settings.ts';
import { errorCode, Failure, notFound, systemReason } from '../errors.ts';
import { type BareLog, openLog } from '../store/access-log.ts';
import { settingsIn } from '../store/meta.ts';
import { newestSchema } from '../store/migrations.ts';
import { recordDigest } from '../store/record-digest.ts';
import type { Advance, CareParts } from './backup.ts';
import {
  checkDatabase,
  checkPages,
  checkUnopened,
  standingStill,
  withoutConsequences,
} from './doctor-database.ts';
import {
  type Check,
  checkKeyFiles,
  checkModes,
  checkShape,
  checkStrays,
  damage,
  fromBackup,
  listed,
  ok,
  seeKeyFiles,
  unchecked,
  warning,
} from './doctor-files.ts';
import { type VaultDatabase, vaultFailure } from './driver.ts';
import { isDemonstration, openDatabase, watchFile } from './open.ts';
import { examinePages, openForPages } from './pages.ts';
import { vaultExists, waitingHints } from './staged.ts';
import type { UnlockedKeys } from './unlock.ts';
import { databasePath } from './vault-folder.ts';
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

const dayLength = 86_400_000;
/** Days after which a backup is old, unless set. */
const usualReminder = 30;

function checkBackup({ parts }: Looking, log: BareLog | undefined, database: VaultDatabase): Check {
  const id = 'backup';
  const last = log?.lastBackup();
  const way = 'rapport backup FILE, onto another disk';
  if (last === undefined)
    return (log?.patients() ?? 0) > 0
      ? warning(id, 'no backup was ever made', way)
      : ok(id, 'no backup yet, and nothing to be backed up');
  const days = Math.floor((Date.parse(parts.instant()) - Date.parse(last)) / dayLength);
  const age = days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`;
  const finding = `the last backup was made ${age}, on ${last.slice(0, 10)}`;
  return days > reminderDays(database) ? warning(id, finding, way) : ok(id, finding);
}

function checkSettings({ powerlessSettings }: CareParts): Check {
  const id = 'settings';
  try {
    const without = powerlessSettings();
    if (without.length === 0) return ok(id, 'the settings can be read');
    return warning(
      id,
      `config.json in the vault's folder has no say over ${listed(without)}`,
      ...without.map((key) => `rapport config ${key} VALUE sets it`),
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.exit === 'damaged'
      ? damage(id, error.message, ...error.hints)
      : warning(id, `the settings cannot be read: ${error.message}`, ...error.hints);
  }
}

function checkZone(database: VaultDatabase): readonly Check[] {
  try {
    const { timeZone } = readSettings(settingsIn(database));
    if (timeZone !== undefined) checkTimeZone(timeZone);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [warning('settings', `the settings cannot be read: ${error.message}`, ...error.hints)];
  }
}

function reminderDays(database: VaultDatabase): number {
  try {
    return readSettings(settingsIn(database)).backupRemindDays ?? usualReminder;
  } catch {
    return usualReminder;
  }
}

function checkLog(log: BareLog | undefined): Check {
  const id = 'log';
  if (log === undefined) return ok(id, 'the log has not begun');
  const broken = log.firstBroken();
  return broken === undefined
    ? ok(id, `the log is unbroken up to its entry ${log.head()?.sequence ?? 0}`)
    : damage(
        id,
        `the log was altered, from its entry ${broken} on`,
        'somebody who has the keys did that',
        fromBackup,
      );
}

function checkRollback(
  { parts, wanted, inHand }: Looking,
  log: BareLog | undefined,
  isDamaged: boolean,
): Check {
  const id = 'rollback';
  const guard = parts.guardOf(inHand.keyFile.payload.vault, inHand.keys.log);
  const refusal = guard.refusal(log ?? { head: () => undefined, macAt: () => undefined });
  if (refusal === undefined) return ok(id, 'it is the vault that was last used here, or a later one');
  if (!wanted.acceptRollback || isDamaged)
    return { id, state: 'rolled_back', finding: refusal.message, advice: refusal.hints };
  guard.accept(log?.head());
  log?.happened('accept rollback');
  return ok(id, `accepted from now on: ${refusal.message}`);
}

/** Records of two times among each other, which no page's HMAC tells. */
function checkRecords({ parts, wanted, inHand }: Looking, database: VaultDatabase): Check {
  const id = 'records';
  const digest = recordDigest(inHand.keys.log);
  try {
    const state = digest.state(database);
    if (state === 'none') return ok(id, 'the records have no digest yet: the next change makes it');
    if (state === 'same') return ok(id, 'the records are those of the last change');
    const finding = 'the records are not those of the last change: some are of another time';
    if (!wanted.acceptDamage)
      return damage(id, finding, fromBackup, 'rapport doctor --accept-damage takes them as they are');
    database.transaction(() => digest.accept(database)).immediate();
    openLog(database, { instant: parts.instant, logKey: inHand.keys.log })?.happened('accept damage');
    return ok(id, `accepted from now on: ${finding}`);
  } catch (error) {
    throw vaultFailure(error);
  } finally {
    digest.wipe();
  }
}

function attempt(id: string, work: () => Check): Check {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.exit === 'damaged' ? damage(id, error.message, fromBackup) : unchecked(id, error.message);
  }
}

function checkContents(looking: Looking, database: VaultDatabase): readonly Check[] {
  const { parts, inHand } = looking;
  if (Number(database.pragma('user_version', { simple: true })) > newestSchema)
    return [warning('schema', 'the vault was written by a newer rapport', 'install the newest version')];
  const checks = [...checkDatabase(database), ...checkZone(database)];
  if (checks.every(({ state }) => state !== 'damaged'))
    checks.push(attempt('records', () => checkRecords(looking, database)));
  const isSound = checks.every(({ state }) => state !== 'damaged');
  let log: BareLog | undefined;
  const chain = attempt('log', () => {
    log = openLog(database, { instant: parts.instant, logKey: inHand.keys.log });
    return checkLog(log);
  });
  checks.push(chain);
  const isDamaged = !isSound || chain.state === 'damaged';
  const isWatched = !(inHand.keyFile.payload.demonstration && isDemonstration(database));
  checks.push(
    isWatched
      ? attempt('rollback', () => checkRollback(looking, log, isDamaged))
      : ok('rollback', 'a demonstration vault is not watched'),
  );
  checks.push(attempt('backup', () => checkBackup(looking, log, database)));
  return checks;
}

function opened({ parts, inHand }: Looking): VaultDatabase | Check {
  const { keys, keyFile } = inHand;
  const { vault: vaultId, generation } = keyFile.payload;
  try {
    return openDatabase({ folder: parts.access.folder, keys, vaultId, generation, uid: undefined });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { exit, message, hints } = error;
    return exit === 'damaged' || exit === 'conflict'
      ? damage('opening', message, ...hints.filter((hint) => hint !== 'rapport doctor'))
      : { id: 'opening', state: 'unchecked', finding: message, advice: hints };
  }
}

async function checkWithKey(looking: Looking): Promise<readonly Check[]> {
  const { parts, wanted, inHand } = looking;
  let descriptor: number;
  try {
    descriptor = openForPages(databasePath(parts.access.folder));
  } catch (error) {
    if (error instanceof Failure || errorCode(error) === 'ENOENT') return [];
    return [unchecked('pages', `vault.db cannot be read: ${systemReason(error)}`)];
  }
  let database: VaultDatabase | undefined;
  try {
    const found = opened(looking);
    if ('id' in found) {
      const report = await examinePages(descriptor, inHand.keys.page, wanted.advance);
      return checkUnopened(report, found);
    }
    database = found;
    const still = standingStill(found);
    const report = await examinePages(descriptor, inHand.keys.page, wanted.advance);
    still.end();
    return withoutConsequences(checkPages(report, still.pages), checkContents(looking, found));
  } finally {
    database?.close();
    closeSync(descriptor);
  }
}

async function obtain({ access }: CareParts): Promise<UnlockedKeys | Failure> {
  try {
    return await access.anyKeys();
  } catch (error) {
    if (!(error instanceof Failure) || error.exit === 'cancelled') throw error;
    return error;
  }
}

function withoutKey(failure: Failure): Examination {
  if (failure.exit === 'damaged')
    return { checks: [damage('key', failure.message, ...failure.hints)], refusal: undefined };
  const finding = 'pages, database, log and rollback: they take the key';
  const check: Check = { id: 'key', state: 'unchecked', finding, advice: failure.hints };
  return { checks: [check], refusal: failure.exit === 'locked' ? undefined : failure };
}

/** Ctrl-C may end it at once: nothing needs to be cleaned up. @throws not-found, cancelled, busy */
export async function examine(parts: CareParts, wanted: ExaminationWanted): Promise<Examination> {
  const { folder } = parts.access;
  sweepWork(parts.workingFolder, parts.uid);
  if (!vaultExists(folder))
    throw notFound(`no vault in ${folder}`, ...waitingHints(folder), 'rapport init makes one');
  const whyMoved = watchFile(folder);
  const seen = seeKeyFiles(folder);
  const shape = checkShape(folder);
  const checks = [checkModes(folder, parts.uid), checkSettings(parts), ...checkStrays(folder), shape];
  const found = await obtain(parts);
  if (found instanceof Failure) {
    const { checks: more, refusal } = withoutKey(found);
    const keys = checkKeyFiles(seen, undefined);
    // The same fault is reported once.
    return { checks: [...checks, keys, ...(keys.state === 'damaged' && !refusal ? [] : more)], refusal };
  }
  try {
    const keyed = await checkWithKey({ parts, wanted, inHand: found });
    const moved = whyMoved();
    if (moved !== undefined) throw moved;
    const told = shape.state === 'damaged' ? keyed.filter(({ id }) => id !== 'opening') : keyed;
    return { checks: [...checks, checkKeyFiles(seen, found.keys), ...told], refusal: undefined };
  } finally {
    found.keys.wipe();
  }
}
