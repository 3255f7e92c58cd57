/**
 * Which of several keys encrypts the database, from its bytes. Trap: SQLite must not try them in turn; under the wrong
 * key it would play back an interrupted write wrongly.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { errorCode } from '../errors.ts';
import { wipe } from '../keys.ts';
import { isWhole, macKeyOf, pageSize, saltBytes } from './pages.ts';
import { databasePath, journalPath } from './vault-folder.ts';

/** Undefined where the file cannot be read. */
function read(path: string, from: number, length: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const journalMagic = Buffer.from('d9d505f920a163d7', 'hex');
const journalHead = 28;

interface NumberedPage {
  readonly page: Buffer;
  readonly number: number;
}

/** The first page in a hot journal. */
function firstOfJournal(folder: string): NumberedPage | undefined {
  const path = journalPath(folder);
  const head = read(path, 0, journalHead);
  if (head?.length !== journalHead || !head.subarray(0, journalMagic.length).equals(journalMagic))
    return undefined;
  const [records, sector] = [head.readUInt32BE(8), head.readUInt32BE(20)];
  const record = records === 0 ? undefined : read(path, sector, 4 + pageSize);
  return record?.length === 4 + pageSize
    ? { number: record.readUInt32BE(0), page: record.subarray(4) }
    : undefined;
}

/** The first 16 bytes of vault.db. Trap: before any connection reads; see pages.ts. */
export function saltOf(folder: string): Buffer | undefined {
  const salt = read(databasePath(folder), 0, saltBytes);
  return salt?.length === saltBytes ? salt : undefined;
}

/**
 * @returns index of the key that fits. An interrupted write comes first: it says what the database will be once it is
 * open
 */
export function pageKeyInUse(folder: string, keys: readonly Buffer[]): number | undefined {
  const salt = saltOf(folder);
  const first = read(databasePath(folder), 0, pageSize);
  const found =
    firstOfJournal(folder) ?? (first?.length === pageSize ? { page: first, number: 1 } : undefined);
  if (salt === undefined || found === undefined) return undefined;
  const place = keys.findIndex((key) => {
    const macKey = macKeyOf(key, salt);
    const fits = isWhole(found.page, found.number, macKey);
    wipe(macKey);
    return fits;
  });
  return place < 0 ? undefined : place;
}
