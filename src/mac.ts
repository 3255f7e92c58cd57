/** HMAC-SHA256 of what every command checks and writes: the key file's line, a row of the log, the remembered head. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** @returns 32 bytes. @param parts bytes, or text as UTF-8, one after the other */
export function macOf(key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
}

/** SHA-256 of a text in UTF-8; 64 hex digits. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Equal bytes; how long it takes tells nothing of where they differ. */
export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
