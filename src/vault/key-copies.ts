/** The key file's two copies: the higher valid generation wins; a secret that opens only the other one was revoked. */
import { join } from 'node:path';
import { asFailure, conflict, damaged, Failure, failed, systemReason } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import {
  deriveKeys,
  isSuccessor,
  type KeyFile,
  largestKeyFile,
  macHolds,
  makeSlot,
  type NewSlot,
  openSlot,
  previousMaster,
  readKeyFile,
  type SlotType,
  writeKeyFile,
} from './key-file.ts';
import { OutcomeUnknown, type VaultDatabase, vaultFailure, writeGeneration } from './open.ts';
import { isPageKey } from './pages.ts';
import {
  keyFileNames,
  type OwnerId,
  orElse,
  readPrivateFile,
  replaceFile,
  sweepUnfinished,
  tryTo,
} from './vault-folder.ts';

export interface KeyCopies {
  readonly folder: string;
  /** Distinct copies, highest generation first; at least one. */
  readonly candidates: readonly KeyFile[];
  /** Both are there, and the same. */
  readonly areAlike: boolean;
}

export interface Secret {
  readonly type: SlotType;
  readonly bytes: Buffer;
}

export interface Unlocked {
  readonly keyFile: KeyFile;
  /** The caller wipes it. */
  readonly master: Buffer;
  readonly keys: Keys;
  readonly previous: Buffer | undefined;
}

export const keysChanged = (): Failure =>
  conflict('the keys were changed by another rapport meanwhile', 'run the command again');

const wayOut = 'restore the vault folder from a backup';

/** MACs unchecked; undefined where neither exists. @throws damaged where none is whole, conflict (modes, version) */
export function readKeyCopies(folder: string, uid: OwnerId): KeyCopies | undefined {
  let fault: Failure | undefined;
  const read: KeyFile[] = [];
  for (const name of keyFileNames) {
    const bytes = readPrivateFile(join(folder, name), uid, largestKeyFile);
    try {
      if (bytes !== undefined) read.push(read.find((copy) => copy.bytes.equals(bytes)) ?? readKeyFile(bytes));
    } catch (error) {
      fault = damaged(asFailure(error, 'damaged').message, wayOut);
    }
  }
  const candidates = [...new Set(read)].sort(
    (one, other) => other.payload.generation - one.payload.generation,
  );
  if (candidates.length > 0) return { folder, candidates, areAlike: read.length > candidates.length };
  if (fault !== undefined) throw fault;
  return undefined;
}

/** @returns undefined where the secret is wrong. @throws damaged where it is right and the file was altered */
export async function unlockWithSecret(copies: KeyCopies, secret: Secret): Promise<Unlocked | undefined> {
  let altered = false;
  for (const candidate of copies.candidates) {
    const { payload } = candidate;
    for (const slot of payload.slots.filter(({ type }) => type === secret.type)) {
      let master: Buffer | undefined;
      try {
        master = await openSlot(payload, slot, secret.bytes);
      } catch (error) {
        asFailure(error);
        altered = true;
      }
      if (master === undefined) continue;
      const keys = deriveKeys(master);
      if (winnerUnder(copies, keys) === candidate && !isLeftBehind(copies, candidate, keys))
        return { keyFile: candidate, master, keys, previous: previousMaster(payload, master) };
      if (!macHolds(candidate, keys.keyFile)) altered = true;
      wipe(master);
      keys.wipe();
    }
  }
  if (altered) throw damaged('vault.keys was altered: its checks fail under the right key', wayOut);
  return undefined;
}

/** Whether an outvoted copy belongs to a master key that no longer encrypts the database. */
const isLeftBehind = ({ folder, candidates }: KeyCopies, candidate: KeyFile, { page }: Keys): boolean =>
  candidate !== candidates[0] && !isPageKey(folder, page);

/** The highest generation that these keys authenticate. */
export const winnerUnder = (copies: KeyCopies | undefined, keys: Keys): KeyFile | undefined =>
  copies?.candidates.find((candidate) => macHolds(candidate, keys.keyFile) || isSuccessor(candidate, keys));

/** Only after the winner's MAC was checked. */
export function repairKeyCopies(folder: string, { bytes }: KeyFile): void {
  // A read-only folder must not prevent reading.
  for (const path of keyFileNames.map((name) => join(folder, name)))
    tryTo(() => {
      if (!readPrivateFile(path, undefined, largestKeyFile)?.equals(bytes)) replaceFile(path, bytes);
    });
}

/** @throws failed where the disk refuses */
function writeKeyCopies(folder: string, keyFile: KeyFile): void {
  sweepUnfinished(folder);
  for (const name of keyFileNames) {
    try {
      replaceFile(join(folder, name), keyFile.bytes);
    } catch (error) {
      throw failed(`cannot write ${name}: ${systemReason(error)}`);
    }
  }
}

/**
 * Killed before the database stores the generation, the next opening does that.
 * @param database its write lock admits one change of keys at a time
 * @param slot in place of those of the type; undefined removes them
 * @throws conflict (changed meanwhile; no passphrase or recovery slot would be left), busy, failed
 */
export async function replaceSlots(
  { folder, uid, database }: { folder: string; uid: OwnerId; database: VaultDatabase },
  { keyFile, keys, master }: Omit<Unlocked, 'previous'>,
  type: SlotType,
  slot?: Omit<NewSlot, 'type'>,
): Promise<KeyFile> {
  const made = slot === undefined ? [] : [await makeSlot(keyFile.payload, master, { ...slot, type })];
  const standing = (): KeyFile | undefined => winnerUnder(readKeyCopies(folder, uid), keys);
  let written: KeyFile | undefined;
  const change = database.transaction((): KeyFile => {
    const current = standing();
    if (!current?.bytes.equals(keyFile.bytes)) throw keysChanged();
    const { payload } = current;
    const slots = [...payload.slots.filter((one) => one.type !== type), ...made];
    if (slots.every((one) => one.type === 'keyring'))
      throw conflict('the last passphrase or recovery code cannot be removed');
    const generation = payload.generation + 1;
    written = writeKeyFile({ ...payload, generation, slots }, keys.keyFile);
    writeKeyCopies(folder, written);
    writeGeneration(database, generation);
    return written;
  });
  try {
    return change.immediate();
  } catch (error) {
    const failure = vaultFailure(error);
    if (written === undefined) throw failure;
    // The first rename decides: the next opening does what a full disk prevented.
    const found = orElse(standing, undefined);
    if (found?.bytes.equals(written.bytes)) return written;
    if (found !== undefined || !(failure instanceof Failure)) throw failure;
    throw new OutcomeUnknown(failure, 'the change may have been made: try both');
  }
}
