/**
 * A new master key in four steps, each whole or not at all. After step 1's first rename, the next opening finishes:
 *   1. both key files are written anew: the slots open the new master, which seals the one before;
 *   2. `rekey` rewrites every page in one transaction, under the lock that was taken before step 1;
 *   3. the log is chained anew under the new key; 4. both key files drop the master before.
 * Trap: the database keeps its salt: with a new one, an interrupted `rekey` could be played back under neither key.
 */
import { damaged, Failure, OutcomeUnknown } from '../errors.ts';
import { Keys, wipe } from '../keys.ts';
import type { LogChain } from '../store/access-log.ts';
import { rawKey, usualPatience, type VaultDatabase, vaultFailure } from './driver.ts';
import { keysChanged, readKeyCopies, standingUnder, type Unlocked, writeKeyCopies } from './key-copies.ts';
import { type KeyFile, macHolds, withoutPrevious, writeKeyFile, writeSuccessor } from './key-file.ts';
import type { OwnerId } from './modes.ts';
import { openDatabase, writeGeneration } from './open.ts';
import { checkEarlier, removeAllEarlier } from './pre-migration-copy.ts';
import { pageKeyInUse, saltOf } from './rollback-journal.ts';
import { deriveKeys, newMasterKey } from './secrets.ts';
import { makeSlot, type NewSlot } from './slots.ts';

interface RotationPlace {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly log: LogChain;
  /** Milliseconds. */
  readonly patience?: number;
}

interface Rotation extends RotationPlace {
  readonly unlocked: Unlocked;
  readonly slots: readonly NewSlot[];
}

export interface Settled {
  readonly keyFile: KeyFile;
  readonly keys: Keys;
  readonly waiting: Failure | undefined;
}

interface UnderWay {
  readonly keyFile: KeyFile;
  readonly next: Keys;
  readonly before: Keys;
}

function current(place: RotationPlace, keys: Keys): KeyFile {
  const winner = standingUnder(place, keys);
  if (winner === undefined) throw keysChanged();
  return winner;
}

function openUnder(place: RotationPlace, { payload }: KeyFile, keys: Keys): VaultDatabase {
  const { folder, uid, patience = usualPatience } = place;
  const { vault: vaultId, generation } = payload;
  return openDatabase({ folder, keys, vaultId, generation, uid, patience });
}

/** @throws conflict after a change of keys: what failed before may read as damage */
function refuseChanged(place: RotationPlace, { keyFile, keys }: Unlocked): void {
  if (!current(place, keys).bytes.equals(keyFile.bytes)) throw keysChanged();
}

function using<T>(database: VaultDatabase, work: (database: VaultDatabase) => T): T {
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Steps 1 and 2, or what is left of them. Ends the caller's transaction. */
function rewrite(
  place: RotationPlace,
  database: VaultDatabase,
  { keyFile, next }: UnderWay,
  salt: Buffer,
): void {
  writeKeyCopies(place.folder, keyFile);
  const key = rawKey(next.page, salt);
  try {
    database.rekey(key);
  } finally {
    wipe(key);
  }
}

/** Steps 3 and 4, unless another process did them. @returns the key file then */
function finish(place: RotationPlace, database: VaultDatabase, { keyFile, next, before }: UnderWay): KeyFile {
  const ifWaiting = (work: () => KeyFile) =>
    database
      .transaction(() => {
        const found = current(place, next);
        return found.bytes.equals(keyFile.bytes) ? work() : found;
      })
      .immediate();
  ifWaiting(() => {
    place.log.rechain(database, before.log, next.log);
    writeGeneration(database, keyFile.payload.generation);
    return keyFile;
  });
  return ifWaiting(() => {
    const changed = withoutPrevious(keyFile.payload, next);
    // Their pages are under the old key.
    removeAllEarlier(place.folder);
    writeKeyCopies(place.folder, changed);
    writeGeneration(database, changed.payload.generation);
    return changed;
  });
}

/** Read again; undefined where that fails. The MAC says whose it is. */
function standing({ folder, uid }: RotationPlace, { next, before }: UnderWay): KeyFile | undefined {
  try {
    const copies = readKeyCopies(folder, uid);
    return copies?.candidates.find((copy) => [next, before].some(({ keyFile }) => macHolds(copy, keyFile)));
  } catch {
    return undefined;
  }
}

/** Restores the old slots, while the database is still under the old key. */
function takeBack(place: RotationPlace, underWay: UnderWay, unlocked: Unlocked): void {
  const { keyFile, before } = underWay;
  const isBegun = (): boolean => standing(place, underWay)?.bytes.equals(keyFile.bytes) === true;
  try {
    if (!isBegun()) return;
    using(openUnder(place, keyFile, before), (database) =>
      database
        .transaction(() => {
          if (!isBegun()) return;
          const generation = keyFile.payload.generation + 1;
          const changed = { ...unlocked.keyFile.payload, generation };
          writeKeyCopies(place.folder, writeKeyFile(changed, before.keyFile));
          writeGeneration(database, generation);
        })
        .immediate(),
    );
  } catch {} // What came of it is looked at.
}

/** Undoes what it can, then looks. @throws the failure where the old slots stand */
function afterFailure(wanted: Rotation, underWay: UnderWay, failure: Failure): Settled {
  takeBack(wanted, underWay, wanted.unlocked);
  const found = standing(wanted, underWay);
  if (found === undefined) throw new OutcomeUnknown(failure, 'the old keys or the new ones may be in force');
  if (!macHolds(found, underWay.next.keyFile)) throw failure;
  if (found.payload.previous !== undefined) return stateOf(wanted, underWay, failure);
  // Only the generation in the database is missing; the next opening writes it.
  return { keyFile: found, keys: underWay.next.copy(), waiting: undefined };
}

const asFailure = (error: unknown): Failure => {
  const failure = vaultFailure(error);
  if (failure instanceof Failure) return failure;
  throw error;
};

/** The caller wipes the keys. @throws conflict, busy, damaged, failed, with the old keys in force; OutcomeUnknown */
export async function rotateMaster(wanted: Rotation): Promise<Settled> {
  const { folder, unlocked } = wanted;
  const { payload } = unlocked.keyFile;
  const master = newMasterKey();
  const keys = deriveKeys(master);
  const generation = payload.generation + 1;
  let keyFile: KeyFile;
  try {
    const slots = [];
    for (const slot of wanted.slots) slots.push(await makeSlot(payload, master, slot));
    keyFile = writeSuccessor({ ...payload, generation, slots }, { master, keys }, unlocked);
  } finally {
    wipe(master);
  }
  const underWay: UnderWay = { keyFile, next: keys, before: unlocked.keys };
  const salt = saltOf(folder);
  if (salt === undefined) throw damaged('vault.db is missing or empty', 'restore it from a backup');
  let database: VaultDatabase | undefined;
  let isBegun = false;
  try {
    const opened = openUnder(wanted, unlocked.keyFile, unlocked.keys);
    database = opened;
    opened
      .transaction(() => {
        refuseChanged(wanted, unlocked);
        checkEarlier(folder);
        isBegun = true;
        rewrite(wanted, opened, underWay, salt);
      })
      .immediate();
    return { keyFile: finish(wanted, opened, underWay), keys: keys.copy(), waiting: undefined };
  } catch (error) {
    const failure = asFailure(error);
    database?.close();
    try {
      if (!isBegun) refuseChanged(wanted, unlocked);
      if (!isBegun) throw failure;
      return afterFailure(wanted, underWay, failure);
    } finally {
      keys.wipe();
    }
  } finally {
    database?.close();
  }
}

function isLogUnder(place: RotationPlace, keyFile: KeyFile, keys: Keys): boolean {
  try {
    return using(openUnder(place, keyFile, keys), (database) => place.log.isUnder(database, keys.log));
  } catch {
    return false; // It opens no better a moment later, and says why.
  }
}

/** What opens the vault meanwhile. */
function stateOf(place: RotationPlace, { keyFile, next, before }: UnderWay, waiting: Failure): Settled {
  const isRewritten = pageKeyInUse(place.folder, [before.page, next.page]) !== 0;
  const isChained = isRewritten && isLogUnder(place, keyFile, next);
  const page = isRewritten ? next.page : before.page;
  const log = isChained ? next.log : before.log;
  return { keyFile, keys: Keys.of(page, next.keyFile, log), waiting };
}

/** Another process may finish a step that this one was about to. */
const tries = 5;

/** Where a disk refuses, keys that open the vault as it is. The caller wipes all. @throws busy, conflict, damaged */
export function settleRotation(
  place: RotationPlace,
  unlocked: Unlocked & { readonly previous: Buffer },
): Settled {
  const underWay = { next: unlocked.keys, before: deriveKeys(unlocked.previous) };
  try {
    for (let left = tries; ; left -= 1) {
      const keyFile = current(place, unlocked.keys);
      if (keyFile.payload.previous === undefined)
        return { keyFile, keys: unlocked.keys.copy(), waiting: undefined };
      const all: UnderWay = { ...underWay, keyFile };
      try {
        return { keyFile: goOn(place, all), keys: unlocked.keys.copy(), waiting: undefined };
      } catch (error) {
        const failure = asFailure(error);
        if (failure.exit === 'failed') return stateOf(place, all, failure);
        if (!['damaged', 'conflict'].includes(failure.exit) || left === 1) throw failure;
      }
    }
  } finally {
    underWay.before.wipe();
  }
}

function goOn(place: RotationPlace, underWay: UnderWay): KeyFile {
  const { folder } = place;
  const { next, before, keyFile } = underWay;
  const [used, salt] = [pageKeyInUse(folder, [before.page, next.page]), saltOf(folder)];
  if (used === undefined || salt === undefined)
    throw damaged('vault.db does not open with its keys', 'rapport doctor', 'restore it from a backup');
  if (used === 0)
    return using(openUnder(place, keyFile, before), (database) => {
      const isMine = database
        .transaction(() => {
          const isWaiting = current(place, next).bytes.equals(keyFile.bytes);
          if (isWaiting) rewrite(place, database, underWay, salt);
          return isWaiting;
        })
        .immediate();
      if (!isMine) throw damaged('vault.db was rewritten meanwhile');
      return finish(place, database, underWay);
    });
  return using(openUnder(place, keyFile, next), (database) => finish(place, database, underWay));
}
