/** Key derivation and sealing. Trap: the master key never goes to SQLite or the agent. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { Keys, keyLength, wipe } from '../keys.ts';

/** Part of the format, ASCII; `derivationInfo` in the order of `Keys`. */
export const derivationSalt = 'rapport vault 1';
const derivationInfo = { page: 'page key', keyFile: 'key file mac', log: 'log mac' } as const;

/** RFC 5869. */
export const hkdf = (key: Buffer, salt: Buffer | string, info: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));

export const newMasterKey = (): Buffer => randomBytes(keyLength);

export function deriveKeys(master: Buffer): Keys {
  const derived = Object.values(derivationInfo).map((info) => hkdf(master, derivationSalt, info, keyLength));
  try {
    return new Keys(Buffer.concat(derived));
  } finally {
    wipe(...derived);
  }
}

export const nonceLength = 12;
export const tagLength = 16;

/** AES-256-GCM; lower-case hex. */
export interface Sealed {
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** Trap: one key per secret. @param bound authenticated, not encrypted */
export function seal(key: Buffer, secret: Buffer, bound: Buffer): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    nonce: nonce.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
    tag: cipher.getAuthTag().toString('hex'),
  };
}

/** Undefined where the secret, the key or `bound` is another. */
export function unseal(key: Buffer, sealed: Sealed, bound: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'hex'), {
    authTagLength: tagLength,
  });
  decipher.setAAD(bound).setAuthTag(Buffer.from(sealed.tag, 'hex'));
  const opened = decipher.update(Buffer.from(sealed.ciphertext, 'hex'));
  try {
    decipher.final();
    return opened;
  } catch {
    wipe(opened);
    return undefined;
  }
}
