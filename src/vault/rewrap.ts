/** Changing what opens the vault: a new slot in the key file; the database's pages stay as they are. */
import { conflict } from '../errors.ts';
import type { VaultDatabase } from './driver.ts';
import { readKeyCopies, type Unlocked, winnerUnder, writeKeyCopies } from './key-copies.ts';
import { type KeyFile, writeKeyFile } from './key-file.ts';
import type { OwnerId } from './modes.ts';
import { writeGeneration } from './open.ts';
import { makeSlot, type NewSlot } from './slots.ts';

export interface Rewrapping {
  readonly folder: string;
  readonly uid: OwnerId;
  /** Open: its write lock lets one change of keys through at a time. */
  readonly database: VaultDatabase;
  readonly unlocked: Unlocked;
  readonly slot: NewSlot;
}

/**
 * Puts one new slot in place of all slots of its type. The key file is written first: killed before the database
 * remembers its generation, the next opening does that.
 * @returns the new key file
 * @throws conflict where the keys were changed meanwhile; busy and failed as the driver and the disk say
 */
export async function replaceSlots(wanted: Rewrapping): Promise<KeyFile> {
  const { folder, database, unlocked } = wanted;
  const slot = await makeSlot(unlocked.keyFile.payload, unlocked.master, wanted.slot);
  const change = database.transaction((): KeyFile => {
    const copies = readKeyCopies(folder, wanted.uid);
    const current = copies && winnerUnder(copies, unlocked.keys);
    if (current === undefined || !current.bytes.equals(unlocked.keyFile.bytes))
      throw conflict('the keys were changed by another rapport meanwhile', 'run the command again');
    const { payload } = current;
    const generation = payload.generation + 1;
    const slots = [...payload.slots.filter(({ type }) => type !== slot.type), slot];
    const changed = writeKeyFile({ ...payload, generation, slots }, unlocked.keys.keyFile);
    writeKeyCopies(folder, changed);
    writeGeneration(database, generation);
    return changed;
  });
  return change.immediate();
}
