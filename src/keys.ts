/** The keys that open a vault, wiped by whoever is done with them, and the MACs that are made with them. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** In bytes. */
export const keyLength = 32;

/** Overwrites secrets with zeros. Trap: strings, and copies that the engine made, cannot be reached. */
export function wipe(...secrets: readonly (Buffer | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** What the master key derives, as one buffer with a view of each key. */
export class Keys {
  static readonly length = 3 * keyLength;
  readonly bytes: Buffer;
  /** Encrypts the pages of vault.db, as SQLCipher's raw key. */
  readonly page: Buffer;
  /** HMAC-SHA256 key of the second line of vault.keys. */
  readonly keyFile: Buffer;
  /** HMAC-SHA256 key of the log's chain. */
  readonly log: Buffer;

  /** @param bytes page, keyFile and log one after the other; taken over, not copied */
  constructor(bytes: Buffer) {
    if (bytes.length !== Keys.length) throw new Error('keys of another length');
    this.bytes = bytes;
    this.page = bytes.subarray(0, keyLength);
    this.keyFile = bytes.subarray(keyLength, 2 * keyLength);
    this.log = bytes.subarray(2 * keyLength);
  }

  static of(page: Buffer, keyFile: Buffer, log: Buffer): Keys {
    return new Keys(Buffer.concat([page, keyFile, log]));
  }

  copy(): Keys {
    return new Keys(Buffer.from(this.bytes));
  }

  wipe(): void {
    wipe(this.bytes);
  }
}

/** HMAC-SHA256, 32 bytes. @param parts bytes, or text as UTF-8, one after the other */
export function macOf(key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
}

/** SHA-256 of a text in UTF-8; 64 hex digits. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** In constant time. */
export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
