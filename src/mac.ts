/**
 * HMAC-SHA256 of the little that every command checks and writes: the key file's line, a row of the log, the remembered
 * head. In JavaScript, by an audited library, because Node's own takes a tenth of a start to load for it; what is long
 * (a whole log, a backup) is done by Node's.
 */
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';

/** @returns 32 bytes. @param parts bytes, or text as UTF-8, one after the other */
export function macOf(key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer {
  const made = hmac.create(sha256, key);
  for (const part of parts) made.update(part);
  return Buffer.from(made.digest());
}

/** SHA-256 of a text in UTF-8; 64 hex digits. */
export const digestOf = (text: string): string => Buffer.from(sha256(text)).toString('hex');

/** Equal bytes; how long it takes tells nothing of where they differ. */
export function sameBytes(one: Buffer, other: Buffer): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let place = 0; place < one.length; place += 1) difference |= (one[place] ?? 0) ^ (other[place] ?? 0);
  return difference === 0;
}
