/**
 * Checks a hot journal before SQLite plays it back. Trap: SQLite drops all that follows what it does not understand.
 * Source: https://www.sqlite.org/fileformat2.html#the_rollback_journal; pages are encrypted, checksums of plaintext.
 */
import { createDecipheriv } from 'node:crypto';
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { damaged, shellQuoted } from '../errors.ts';
import { wipe } from '../keys.ts';
import { isWhole, macKeyOf, pageSize, readAt, saltBytes } from './pages.ts';
import { databasePath, journalPath } from './vault-folder.ts';

const magic = Buffer.from('d9d505f920a163d7', 'hex');
const headLength = 28;
const countedHead = magic.length + 4;
const recordLength = 4 + pageSize + 4;
/** IV and HMAC at the end of a page. */
const reserved = 80;
const ivLength = 16;
const smallestSector = 32;
const largestSector = 65_536;

interface Head {
  readonly records: number;
  readonly nonce: number;
  /** Of the database before the write. */
  readonly pages: number;
  readonly sector: number;
  readonly pageSize: number;
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** 'idle': counts nothing yet, or was torn in its writing; the database is untouched. */
function readHead(bytes: Buffer): Head | 'idle' | 'none' {
  if (bytes.length < headLength) return 'none';
  const alike = bytes.findIndex((byte, index) => byte !== magic[index]);
  if (alike < magic.length)
    return bytes.subarray(alike, countedHead).every((byte) => byte === 0) ? 'idle' : 'none';
  const [records, nonce, pages, sector, size] = [8, 12, 16, 20, 24].map((at) => bytes.readUInt32BE(at));
  return records === 0 ? 'idle' : ({ records, nonce, pages, sector, pageSize: size } as Head);
}

const isHot = (head: Head | 'idle' | 'none'): head is Head => typeof head === 'object';

export const isHotJournal = (path: string): boolean => isHot(readHead(readAt(path, 0, headLength)));

/** SQLite sums every two-hundredth byte of the plaintext. */
function checksumOf(page: Buffer, number: number, nonce: number, pageKey: Buffer): number {
  const end = pageSize - reserved;
  const decipher = createDecipheriv('aes-256-cbc', pageKey, page.subarray(end, end + ivLength));
  const start = number === 1 ? saltBytes : 0;
  const plain = decipher.setAutoPadding(false).update(page.subarray(start, end));
  let sum = nonce;
  for (let at = pageSize - 200; at > 0; at -= 200) sum = (sum + (plain[at - start] ?? 0)) >>> 0;
  wipe(plain);
  return sum;
}

class Journal {
  readonly #descriptor: number;
  readonly #pageKey: Buffer;
  readonly #macKey: Buffer;

  constructor(descriptor: number, pageKey: Buffer, macKey: Buffer) {
    this.#descriptor = descriptor;
    this.#pageKey = pageKey;
    this.#macKey = macKey;
  }

  read(from: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, from));
  }

  hasRecord(at: number, { pages, nonce }: Head): boolean {
    const record = this.read(at, recordLength);
    if (record.length < recordLength) return false;
    const number = record.readUInt32BE(0);
    const page = record.subarray(4, 4 + pageSize);
    return (
      number >= 1 &&
      number <= pages &&
      isWhole(page, number, this.#macKey) &&
      checksumOf(page, number, nonce, this.#pageKey) === record.readUInt32BE(4 + pageSize)
    );
  }

  /** Undefined where a record is damaged. */
  count(first: Head): number | undefined {
    let count = 0;
    let at = 0;
    for (let head: Head | 'idle' | 'none' = first; isHot(head); ) {
      at += first.sector;
      for (let left = head.records; left > 0; left -= 1, at += recordLength)
        if (!this.hasRecord(at, { ...head, pages: first.pages })) return undefined;
      count += head.records;
      // A record behind the last counted one: the count was altered.
      if (this.hasRecord(at, { ...head, pages: first.pages })) return undefined;
      at = Math.ceil(at / first.sector) * first.sector;
      // Anything may follow that was not yet on the disk.
      head = readHead(this.read(at, headLength));
    }
    return count;
  }
}

const isPossible = ({ sector, pageSize: size }: Head): boolean =>
  size === pageSize && isPowerOfTwo(sector) && sector >= smallestSector && sector <= largestSector;

function isSound(descriptor: number, folder: string, pageKey: Buffer): boolean {
  const bytes = Buffer.alloc(headLength);
  const length = readSync(descriptor, bytes, 0, headLength, 0);
  const head = readHead(bytes.subarray(0, length));
  if (head === 'idle') return true;
  // SQLite ignores a journal that is empty or begins with a zero.
  if (head === 'none') return bytes[0] === 0;
  if (!isPossible(head)) return false;
  const salt = saltOf(folder) ?? Buffer.alloc(saltBytes);
  const pages = statSync(databasePath(folder)).size / pageSize;
  const macKey = macKeyOf(pageKey, salt);
  try {
    const records = new Journal(descriptor, pageKey, macKey).count(head);
    // SQLite truncates the database to the header's length: missing pages must be among the records.
    return records !== undefined && head.pages <= pages + records;
  } finally {
    wipe(macKey);
  }
}

/** Trap: before any connection of this process reads, as `openForPages`. @throws damaged where pages would be lost */
export function checkJournal(folder: string, pageKey: Buffer): void {
  const path = journalPath(folder);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY);
  } catch {
    // Another process finished and removed it.
    return;
  }
  try {
    if (isSound(descriptor, folder, pageKey)) return;
  } finally {
    closeSync(descriptor);
  }
  throw damaged(
    'the journal of an interrupted write is damaged: that write can be neither finished nor taken back',
    'restore the vault from a backup',
    `or go on without it and see what doctor says: mv ${shellQuoted(path)} elsewhere`,
  );
}

function firstPage(folder: string): { readonly page: Buffer; readonly number: number } {
  const path = journalPath(folder);
  const head = readHead(readAt(path, 0, headLength));
  const record = isHot(head) ? readAt(path, head.sector, 4 + pageSize) : Buffer.alloc(0);
  return record.length === 4 + pageSize
    ? { number: record.readUInt32BE(0), page: record.subarray(4) }
    : { number: 1, page: readAt(databasePath(folder), 0, pageSize) };
}

function saltOf(folder: string): Buffer | undefined {
  const salt = readAt(databasePath(folder), 0, saltBytes);
  return salt.length === saltBytes ? salt : undefined;
}

/** @returns index of the key of the database once open. Trap: under a wrong key SQLite plays a journal back wrongly. */
export function pageKeyInUse(folder: string, keys: readonly Buffer[]): number | undefined {
  const salt = saltOf(folder);
  const { page, number } = firstPage(folder);
  if (salt === undefined || page.length < pageSize) return undefined;
  const place = keys.findIndex((key) => {
    const macKey = macKeyOf(key, salt);
    const fits = isWhole(page, number, macKey);
    wipe(macKey);
    return fits;
  });
  return place < 0 ? undefined : place;
}
