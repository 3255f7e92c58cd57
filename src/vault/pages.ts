/**
 * Pages of vault.db and of its hot journal, checked without SQLite. SQLCipher 4: each ends in a 16-byte IV and an
 * HMAC-SHA512 of ciphertext, IV and number (little-endian), page 1 without its salt. HMAC key: PBKDF2-SHA512 of the page
 * key, 2 rounds, salt ^ 0x3a. The journal: https://www.sqlite.org/fileformat2.html#the_rollback_journal
 */
import { createDecipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import { readSync, statSync } from 'node:fs';
import { shellQuoted } from '../domain/text.ts';
import { damaged, errorCode } from '../errors.ts';
import { keyLength, sameBytes, wipe, wiping } from '../keys.ts';
import { databasePath, journalPath, openFile, orElse } from './vault-folder.ts';

export const pageSize = 4096;
export const saltBytes = 16;
const ivBytes = 16;
const macBytes = 64;
/** SQLite never writes the page of its lock bytes. */
const lockPage = 0x4000_0000 / pageSize + 1;

export function readFrom(descriptor: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
}

/** Fewer bytes of a shorter file; none where it cannot be read. Trap: closing any descriptor drops SQLite's locks on the file: close it when no connection reads. */
export function readAt(path: string, from: number, length: number): Buffer {
  try {
    using file = openFile(path);
    return readFrom(file.descriptor, from, length);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return Buffer.alloc(0);
  }
}

export function macKeyOf(pageKey: Buffer, salt: Buffer): Buffer {
  const mixed = salt.map((byte) => byte ^ 0x3a);
  return pbkdf2Sync(pageKey, mixed, 2, keyLength, 'sha512');
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

const magic = Buffer.from('d9d505f920a163d7', 'hex');
const headLength = 28;
const countedHead = magic.length + 4;
const recordLength = 4 + pageSize + 4;

interface Head {
  readonly records: number;
  readonly nonce: number;
  /** Of the database before the write. */
  readonly pages: number;
  readonly sector: number;
  readonly pageSize: number;
}

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
  const end = pageSize - macBytes - ivBytes;
  const decipher = createDecipheriv('aes-256-cbc', pageKey, page.subarray(end, end + ivBytes));
  const start = number === 1 ? saltBytes : 0;
  const plain = decipher.setAutoPadding(false).update(page.subarray(start, end));
  let sum = nonce;
  for (let at = pageSize - 200; at > 0; at -= 200) sum = (sum + (plain[at - start] ?? 0)) >>> 0;
  wipe(plain);
  return sum;
}

/** @returns how many pages a journal gives back; undefined where one is damaged, or counted wrongly */
function countRecords(journal: number, first: Head, pageKey: Buffer, macKey: Buffer): number | undefined {
  const hasRecord = (at: number, nonce: number): boolean => {
    const record = readFrom(journal, at, recordLength);
    if (record.length < recordLength) return false;
    const number = record.readUInt32BE(0);
    const page = record.subarray(4, 4 + pageSize);
    return (
      number >= 1 &&
      number <= first.pages &&
      isWhole(page, number, macKey) &&
      checksumOf(page, number, nonce, pageKey) === record.readUInt32BE(4 + pageSize)
    );
  };
  let count = 0;
  let at = 0;
  for (let head: Head | 'idle' | 'none' = first; isHot(head); ) {
    at += first.sector;
    for (let left = head.records; left > 0; left -= 1, at += recordLength)
      if (!hasRecord(at, head.nonce)) return undefined;
    count += head.records;
    // A record behind the last counted one: the count was altered.
    if (hasRecord(at, head.nonce)) return undefined;
    at = Math.ceil(at / first.sector) * first.sector;
    // Anything may follow that was not yet on the disk.
    head = readHead(readFrom(journal, at, headLength));
  }
  return count;
}

const isPossible = ({ sector, pageSize: size }: Head): boolean =>
  size === pageSize && Number.isInteger(Math.log2(sector)) && sector >= 32 && sector <= 65_536;

function isSound(journal: number, database: string, pageKey: Buffer): boolean {
  const bytes = readFrom(journal, 0, headLength);
  const head = readHead(bytes);
  if (head === 'idle') return true;
  // SQLite ignores a journal that is empty or begins with a zero.
  if (head === 'none') return bytes.length === 0 || bytes[0] === 0;
  if (!isPossible(head)) return false;
  const macKey = macKeyOf(pageKey, readAt(database, 0, saltBytes));
  using _ = wiping(macKey);
  const records = countRecords(journal, head, pageKey, macKey);
  // SQLite truncates the database to the header's length: missing pages must be among the records.
  return records !== undefined && head.pages <= statSync(database).size / pageSize + records;
}

/**
 * Before SQLite plays a hot journal back, which drops all that follows what it does not understand.
 * Trap: before any connection of this process reads, as `readAt`. @throws damaged where pages would be lost
 */
export function checkJournal(folder: string, pageKey: Buffer): void {
  const path = journalPath(folder);
  // There is none, or another process finished and removed it.
  using journal = orElse(() => openFile(path), undefined);
  if (journal === undefined || isSound(journal.descriptor, databasePath(folder), pageKey)) return;
  throw damaged(
    'the journal of an interrupted write is damaged: that write can be neither finished nor taken back',
    'restore the vault from a backup',
    `or go on without it and see what doctor says: mv ${shellQuoted(path)} elsewhere`,
  );
}

/** Whether the database, once open, is of this key. Trap: under a wrong key SQLite plays a journal back wrongly. */
export function isPageKey(folder: string, pageKey: Buffer): boolean {
  const [path, journal] = [databasePath(folder), journalPath(folder)];
  const salt = readAt(path, 0, saltBytes);
  const head = readHead(readAt(journal, 0, headLength));
  const record = isHot(head) ? readAt(journal, head.sector, 4 + pageSize) : Buffer.alloc(0);
  const isRecord = record.length === 4 + pageSize;
  const page = isRecord ? record.subarray(4) : readAt(path, 0, pageSize);
  if (page.length < pageSize || salt.length < saltBytes) return false;
  const macKey = macKeyOf(pageKey, salt);
  using _ = wiping(macKey);
  return isWhole(page, isRecord ? record.readUInt32BE(0) : 1, macKey);
}
