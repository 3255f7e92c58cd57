/**
 * Checks pages of vault.db without SQLite. SQLCipher 4: each ends in a 16-byte IV and an HMAC-SHA512 of ciphertext, IV
 * and number (little-endian), page 1 without its salt. HMAC key: PBKDF2-SHA512 of the page key, 2 rounds, salt ^ 0x3a.
 */
import { createHmac, pbkdf2Sync } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged, errorCode } from '../errors.ts';
import { keyLength, sameBytes, wipe } from '../keys.ts';
import { plainly } from './vault-folder.ts';

export const pageSize = 4096;
export const saltBytes = 16;
const macBytes = 64;
/** SQLite never writes the page of its lock bytes. */
const lockPage = 0x4000_0000 / pageSize + 1;
const pagesAtOnce = 256;

export interface PageReport {
  readonly pages: number;
  /** Bytes after the last whole page. */
  readonly rest: number;
  /** The first ones, from 1. */
  readonly bad: readonly number[];
  readonly badCount: number;
}

const mostNamed = 10;

/** Fewer bytes of a shorter file; none where it cannot be read. Trap: as `openForPages`. */
export function readAt(path: string, from: number, length: number): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, plainly);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return Buffer.alloc(0);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

export function macKeyOf(pageKey: Buffer, salt: Buffer): Buffer {
  return pbkdf2Sync(
    pageKey,
    salt.map((byte) => byte ^ 0x3a),
    2,
    keyLength,
    'sha512',
  );
}

/** @param number from 1 */
export function isWhole(page: Buffer, number: number, macKey: Buffer): boolean {
  if (number === lockPage) return true;
  const place = Buffer.alloc(4);
  place.writeUInt32LE(number);
  const content = page.subarray(number === 1 ? saltBytes : 0, pageSize - macBytes);
  const mac = createHmac('sha512', macKey).update(content).update(place).digest();
  return sameBytes(mac, page.subarray(pageSize - macBytes));
}

/** Trap: closing any descriptor drops SQLite's locks on the file: close it when no connection reads. @throws damaged */
export function openForPages(path: string): number {
  const descriptor = openSync(path, plainly);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw damaged('vault.db is not a file');
}

/** Yields between chunks, so that a bar can be drawn. */
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
