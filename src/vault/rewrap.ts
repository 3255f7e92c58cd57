/** Replacing key slots; the database's pages stay as they are. */
import { conflict, Failure, OutcomeUnknown } from '../errors.ts';
import { type VaultDatabase, vaultFailure } from './driver.ts';
import { keysChanged, standingUnder, type Unlocked, writeKeyCopies } from './key-copies.ts';
import { type KeyFile, writeKeyFile } from './key-file.ts';
import type { OwnerId } from './modes.ts';
import { writeGeneration } from './open.ts';
import { makeSlot, type NewSlot, type Slot, type SlotType } from './slots.ts';

interface Rewrapping {
  readonly folder: string;
  readonly uid: OwnerId;
  /** Its write lock admits one change of keys at a time. */
  readonly database: VaultDatabase;
  readonly unlocked: Pick<Unlocked, 'keyFile' | 'keys' | 'master'>;
}

function changeSlots(
  { folder, uid, database, unlocked }: Rewrapping,
  changed: (slots: readonly Slot[]) => readonly Slot[],
): KeyFile {
  const standing = (): KeyFile | undefined => standingUnder({ folder, uid }, unlocked.keys);
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
    // The first rename decides: the next opening does what a full disk prevented.
    let found: KeyFile | undefined;
    try {
      found = standing();
    } catch {}
    if (found?.bytes.equals(written.bytes)) return written;
    if (found !== undefined || !(failure instanceof Failure)) throw failure;
    throw new OutcomeUnknown(failure, 'the change may have been made: try both');
  }
}

/** Killed before the database stores the generation, the next opening does that. @throws conflict, busy, failed */
export async function replaceSlots(wanted: Rewrapping & { readonly slot: NewSlot }): Promise<KeyFile> {
  const { unlocked } = wanted;
  const slot = await makeSlot(unlocked.keyFile.payload, unlocked.master, wanted.slot);
  return changeSlots(wanted, (slots) => [...slots.filter(({ type }) => type !== slot.type), slot]);
}

/** @throws as replaceSlots; conflict where no passphrase or recovery slot would be left */
export const removeSlots = (wanted: Rewrapping & { readonly type: SlotType }): KeyFile =>
  changeSlots(wanted, (slots) => slots.filter(({ type }) => type !== wanted.type));
