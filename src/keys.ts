/** The keys that open a vault, wiped by whoever is done with them, and their MACs. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** In bytes. */
export const keyLength = 32;

/** Trap: strings, and copies that the engine made, cannot be wiped. */
export function wipe(...secrets: readonly (Buffer | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** `using _ = wiping(secret)`: once its block ends, however it ends. */
export const wiping = (...secrets: readonly (Buffer | undefined)[]): Disposable => ({
  [Symbol.dispose]: () => wipe(...secrets),
});

/** One buffer with a view of each: vault.db's raw key (SQLCipher), MAC keys of vault.keys and of the log's chain. */
export class Keys implements Disposable {
  static readonly length = 3 * keyLength;
  readonly bytes: Buffer;
  readonly page: Buffer;
  readonly keyFile: Buffer;
  readonly log: Buffer;

  /** @param bytes page, keyFile and log; taken over, not copied */
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

  [Symbol.dispose](): void {
    this.wipe();
  }
}

export function macOf(key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
