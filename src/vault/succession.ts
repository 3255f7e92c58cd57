/**
 * One master key after another. While the database is rewritten, the key file's slots open the new master already, and
 * the one before it lies sealed under the new one: whoever opens the file has both, and can finish what was begun. It
 * is never the other way round, so that an old secret leads to nothing new.
 */

import { damaged } from '../errors.ts';
import { type Keys, keyLength, macOf, sameBytes, wipe } from '../keys.ts';
import { type KeyFile, type KeyPayload, writeKeyFile, writePayload } from './key-file.ts';
import { derivationSalt, hkdf, seal, unseal } from './secrets.ts';

interface MasterKey {
  readonly master: Buffer;
  readonly keys: Keys;
}

const sealingKey = (master: Buffer): Buffer => hkdf(master, derivationSalt, 'previous master', keyLength);

const boundTo = ({ format, version, vault, cipher, generation }: KeyPayload): Buffer =>
  Buffer.from(JSON.stringify([format, version, vault, cipher, 'previous', generation]), 'utf8');

const lineWithoutMac = (payload: KeyPayload): Buffer =>
  Buffer.from(
    writePayload({ ...payload, previous: payload.previous && { ...payload.previous, mac: '' } }),
    'utf8',
  );

/** A key file of the new master that brings the one before along, vouched for by both. */
export function writeSuccessor(payload: KeyPayload, next: MasterKey, before: MasterKey): KeyFile {
  const key = sealingKey(next.master);
  const unvouched = { ...payload, previous: { ...seal(key, before.master, boundTo(payload)), mac: '' } };
  wipe(key);
  const mac = macOf(before.keys.keyFile, lineWithoutMac(unvouched)).toString('hex');
  return writeKeyFile({ ...unvouched, previous: { ...unvouched.previous, mac } }, next.keys.keyFile);
}

/** Whether a key file brings the master along that these keys come from: it is then the newer one, rightly. */
export function isSuccessor({ payload }: KeyFile, before: Pick<Keys, 'keyFile'>): boolean {
  const { previous } = payload;
  return (
    previous !== undefined &&
    sameBytes(macOf(before.keyFile, lineWithoutMac(payload)), Buffer.from(previous.mac, 'hex'))
  );
}

/** The master key before, or undefined where the file brings none. @throws damaged where it does not open */
export function previousMaster(payload: KeyPayload, master: Buffer): Buffer | undefined {
  if (payload.previous === undefined) return undefined;
  const key = sealingKey(master);
  const opened = unseal(key, payload.previous, boundTo(payload));
  wipe(key);
  if (opened === undefined) throw damaged('the master key before, in vault.keys, was altered');
  return opened;
}

/** The same file once the master before it is of no more use. */
export const withoutPrevious = ({ previous: _, ...payload }: KeyPayload, keys: Keys): KeyFile =>
  writeKeyFile({ ...payload, generation: payload.generation + 1 }, keys.keyFile);
