/** Changing what opens the vault: other slots in the key file; the database's pages stay as they are. */
import { conflict, Failure, OutcomeUnknown } from '../errors.ts';
import { type VaultDatabase, vaultFailure } from './driver.ts';
import { keysChanged, readKeyCopies, type Unlocked, winnerUnder, writeKeyCopies } from './key-copies.ts';
import { type KeyFile, writeKeyFile } from './key-file.ts';
import type { OwnerId } from './modes.ts';
import { writeGeneration } from './open.ts';
import { makeSlot, type NewSlot, type Slot, type SlotType } from './slots.ts';

interface Rewrapping {
  readonly folder: string;
  readonly uid: OwnerId;
  /** Open: its write lock lets one change of keys through at a time. */
  readonly database: VaultDatabase;
  readonly unlocked: Pick<Unlocked, 'keyFile' | 'keys' | 'master'>;
}

function changeSlots(
  { folder, uid, database, unlocked }: Rewrapping,
  changed: (slots: readonly Slot[]) => readonly Slot[],
): KeyFile {
  const standing = (): KeyFile | undefined => {
    const copies = readKeyCopies(folder, uid);
    return copies && winnerUnder(copies, unlocked.keys);
  };
  let written: KeyFile | undefined;
  const change = database.transaction((): KeyFile => {
    const current = standing();
    if (current === undefined || !current.bytes.equals(unlocked.keyFile.bytes)) throw keysChanged();
    const { payload } = current;
    const slots = changed(payload.slots);
    if (slots.every(({ type }) => type === 'keyring'))
      throw conflict('the last passphrase or recovery code cannot be removed');
    const generation = payload.generation + 1;
    written = writeKeyFile({ ...payload, generation, slots }, unlocked.keys.keyFile);
    writeKeyCopies(folder, written);
    writeGeneration(database, generation);
    return written;
  });
  try {
    return change.immediate();
  } catch (error) {
    const failure = vaultFailure(error);
    if (written === undefined) throw failure;
    // Once one copy has its name the change is decided: what a full disk kept from being done, the next opening does.
    let found: KeyFile | undefined;
    try {
      found = standing();
    } catch {
      // Told below.
    }
    if (found?.bytes.equals(written.bytes)) return written;
    if (found !== undefined || !(failure instanceof Failure)) throw failure;
    throw new OutcomeUnknown(failure, 'the change may have been made: try both');
  }
}

/**
 * Puts one new slot in place of all slots of its type. The key file is written first: killed before the database
 * remembers its generation, the next opening does that.
 * @returns the new key file
 * @throws conflict where the keys were changed meanwhile; busy and failed as the driver and the disk say
 */
export async function replaceSlots(wanted: Rewrapping & { readonly slot: NewSlot }): Promise<KeyFile> {
  const { unlocked } = wanted;
  const slot = await makeSlot(unlocked.keyFile.payload, unlocked.master, wanted.slot);
  return changeSlots(wanted, (slots) => [...slots.filter(({ type }) => type !== slot.type), slot]);
}

/** Takes all slots of a type away. @throws as replaceSlots; conflict where nothing would be left that a person has */
export const removeSlots = (wanted: Rewrapping & { readonly type: SlotType }): KeyFile =>
  changeSlots(wanted, (slots) => slots.filter(({ type }) => type !== wanted.type));
