/**
 * Authenticating every page of vault.db without SQLite, free pages too, which no command ever reads. As SQLCipher 4
 * lays them out: 4,096 bytes, of which the last 80 are a 16-byte IV and an HMAC-SHA512 over the encrypted part, the IV
 * and the page's number (little-endian); page 1 begins with the 16-byte salt, which its HMAC leaves out.
 * The HMAC's key is PBKDF2-HMAC-SHA512 of the page key, with 2 rounds and the salt, each byte of it XOR 0x3a.
 */

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from '../errors.ts';
import { keyLength, sameBytes, wipe } from '../keys.ts';

export const pageSize = 4096;
export const saltBytes = 16;
const macBytes = 64;
/** SQLite keeps the page at this place free for its locks, and never writes it. */
const lockPage = 0x4000_0000 / pageSize + 1;
const pagesAtOnce = 256;

export interface PageReport {
  /** Whole pages in the file. */
  readonly pages: number;
  /** Bytes after the last whole one. */
  readonly rest: number;
  /** Pages whose HMAC does not hold: the first ones by number, from 1. */
  readonly bad: readonly number[];
  readonly badCount: number;
}

const mostNamed = 10;

/** @param salt the first 16 bytes of vault.db */
export function macKeyOf(pageKey: Buffer, salt: Buffer): Buffer {
  return pbkdf2Sync(
    pageKey,
    salt.map((byte) => byte ^ 0x3a),
    2,
    keyLength,
    'sha512',
  );
}

/** Whether a page's HMAC holds. @param number from 1 */
export function isWhole(page: Buffer, number: number, macKey: Buffer): boolean {
  if (number === lockPage) return true;
  const place = Buffer.alloc(4);
  place.writeUInt32LE(number);
  const content = page.subarray(number === 1 ? saltBytes : 0, pageSize - macBytes);
  const mac = createHmac('sha512', macKey).update(content).update(place).digest();
  return sameBytes(mac, page.subarray(pageSize - macBytes));
}

/**
 * Opens the file for looking at it. Close it only when no connection of this process is reading: closing any
 * descriptor of a file gives up SQLite's locks on it. @throws damaged where it is no regular file
 */
export function openForPages(path: string): number {
  const descriptor = openSync(
    path,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  );
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw damaged('vault.db is not a file');
}

/** Recomputes every page's HMAC. Gives way between pieces, so that a bar can be drawn. */
export async function examinePages(
  descriptor: number,
  pageKey: Buffer,
  advance: (done: number, whole: number) => void,
): Promise<PageReport> {
  const { size } = fstatSync(descriptor);
  const pages = Math.floor(size / pageSize);
  const piece = Buffer.alloc(pagesAtOnce * pageSize);
  const salt = Buffer.alloc(saltBytes);
  readSync(descriptor, salt, 0, saltBytes, 0);
  const macKey = macKeyOf(pageKey, salt);
  const bad: number[] = [];
  let badCount = 0;
  for (let done = 0; done < pages; ) {
    const read = readSync(descriptor, piece, 0, piece.length, done * pageSize);
    const count = Math.floor(read / pageSize);
    if (count === 0) break;
    for (let index = 0; index < count; index += 1) {
      const number = done + index + 1;
      if (isWhole(piece.subarray(index * pageSize, (index + 1) * pageSize), number, macKey)) continue;
      badCount += 1;
      if (bad.length < mostNamed) bad.push(number);
    }
    done += count;
    advance(done, pages);
    await new Promise((resolve) => setImmediate(resolve));
  }
  wipe(macKey);
  return { pages, rest: size % pageSize, bad, badCount };
}
