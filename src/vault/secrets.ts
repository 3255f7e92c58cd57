/**
 * The vault's room: key slots, the key file, opening and making. It is handed secrets as values and asks nobody for
 * anything; callers bring paths, the owner's user id and dates. `keeper.ts` in `host/` joins its parts.
 *
 * This file: from one random master key, HKDF-SHA256 makes three keys with fixed salt and info strings. The master
 * itself never reaches SQLite or the agent.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export { macOf, sameBytes } from '../mac.ts';

export const keyLength = 32;

/** Part of the format: another reader needs exactly these bytes (ASCII). */
export const derivationSalt = 'rapport vault 1';
const derivationInfo = { page: 'page key', keyFile: 'key file mac', log: 'log mac' } as const;

/** What the master key derives; 32 bytes each. */
export interface DerivedKeys {
  /** Encrypts the pages of vault.db, as SQLCipher's raw key. */
  readonly page: Buffer;
  /** HMAC-SHA256 key of the second line of vault.keys. */
  readonly keyFile: Buffer;
  /** HMAC-SHA256 key of the log's chain. */
  readonly log: Buffer;
}

/** HKDF-SHA256 (RFC 5869). */
export const hkdf = (key: Buffer, salt: Buffer | string, info: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));

export const newMasterKey = (): Buffer => randomBytes(keyLength);

export const deriveKeys = (master: Buffer): DerivedKeys => ({
  page: hkdf(master, derivationSalt, derivationInfo.page, keyLength),
  keyFile: hkdf(master, derivationSalt, derivationInfo.keyFile, keyLength),
  log: hkdf(master, derivationSalt, derivationInfo.log, keyLength),
});

export const nonceLength = 12;
export const tagLength = 16;

/** What AES-256-GCM makes of a secret; lower-case hex. */
export interface Sealed {
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** Encrypts under a key that is used for this alone. @param bound what it is tied to: authenticated, not encrypted */
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

/** The secret, or undefined where it, its key or what it is tied to is another. */
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

/** Overwrites secrets with zeros. Strings and copies that the engine made cannot be reached: keep secrets in buffers. */
export function wipe(...secrets: readonly (Buffer | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

export const copyKeys = (keys: DerivedKeys): DerivedKeys => ({
  page: Buffer.from(keys.page),
  keyFile: Buffer.from(keys.keyFile),
  log: Buffer.from(keys.log),
});

export const wipeKeys = (keys: DerivedKeys): void => wipe(keys.page, keys.keyFile, keys.log);
