/**
 * During a rotation, the key file's slots open the new master, and the old one is sealed under it: whoever opens the
 * file can finish. Never the other way round, so that an old secret leads to nothing new.
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

/** Authenticated by both master keys. */
export function writeSuccessor(payload: KeyPayload, next: MasterKey, before: MasterKey): KeyFile {
  const key = sealingKey(next.master);
  const unvouched = { ...payload, previous: { ...seal(key, before.master, boundTo(payload)), mac: '' } };
  wipe(key);
  const mac = macOf(before.keys.keyFile, lineWithoutMac(unvouched)).toString('hex');
  return writeKeyFile({ ...unvouched, previous: { ...unvouched.previous, mac } }, next.keys.keyFile);
}

/** Whether the key file comes after these keys. */
export function isSuccessor({ payload }: KeyFile, before: Pick<Keys, 'keyFile'>): boolean {
  const { previous } = payload;
  return (
    previous !== undefined &&
    sameBytes(macOf(before.keyFile, lineWithoutMac(payload)), Buffer.from(previous.mac, 'hex'))
  );
}

/** Undefined where no rotation is under way. @throws damaged where it does not open */
export function previousMaster(payload: KeyPayload, master: Buffer): Buffer | undefined {
  if (payload.previous === undefined) return undefined;
  const key = sealingKey(master);
  const opened = unseal(key, payload.previous, boundTo(payload));
  wipe(key);
  if (opened === undefined) throw damaged('the master key before, in vault.keys, was altered');
  return opened;
}

export const withoutPrevious = ({ previous: _, ...payload }: KeyPayload, keys: Keys): KeyFile =>
  writeKeyFile({ ...payload, generation: payload.generation + 1 }, keys.keyFile);
