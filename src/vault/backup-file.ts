/**
 * The form of a backup: one file, in this order.
 *   rapport backup 1⏎                     the form and its version
 *   {"vault":…,"generation":…,…}⏎         one line of JSON: whose it is, when it was made, how long the parts are
 *   vault.keys, config.json               byte for byte; config.json may be empty
 *   64 hex digits⏎                        SHA-256 of all above: damage is told before any secret is asked for
 *   vault.db                              encrypted as it always is
 *   64 hex digits⏎                        HMAC-SHA256 of all above under HKDF-SHA256 of the key file's MAC key
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { conflict, damaged } from '../errors.ts';
import { type Keys, keyLength, sameBytes } from '../keys.ts';
import { type KeyFile, largestKeyFile, readKeyFile } from './key-file.ts';
import { derivationSalt, hkdf } from './secrets.ts';
import { largestConfig } from './vault-folder.ts';

const backupVersion = 1;
/** Of either digest with its line end. */
export const digestLine = 65;
const magic = `rapport backup ${backupVersion}\n`;
const longestHeader = 1024;

interface BackupHeader {
  readonly vault: string;
  readonly generation: number;
  /** ISO instant, UTC. */
  readonly made_at: string;
  /** Lengths in bytes. */
  readonly keys: number;
  readonly config: number;
  readonly database: number;
}

export interface BackupHead {
  readonly header: BackupHeader;
  readonly keyFile: KeyFile;
  readonly config: Buffer;
  readonly bytes: Buffer;
}

export const backupMacKey = (keys: Pick<Keys, 'keyFile'>): Buffer =>
  hkdf(keys.keyFile, derivationSalt, 'backup mac', keyLength);

const writeHeader = ({ vault, generation, made_at, keys, config, database }: BackupHeader): string =>
  `${JSON.stringify({ vault, generation, made_at, keys, config, database })}\n`;

interface HeadParts {
  readonly keyFile: KeyFile;
  readonly config: Buffer;
  readonly madeAt: string;
  readonly databaseLength: number;
}

export function writeHead({ keyFile, config, madeAt, databaseLength }: HeadParts): BackupHead {
  const { vault, generation } = keyFile.payload;
  const header = {
    vault,
    generation,
    made_at: madeAt,
    keys: keyFile.bytes.length,
    config: config.length,
    database: databaseLength,
  };
  const above = Buffer.concat([Buffer.from(magic + writeHeader(header)), keyFile.bytes, config]);
  const digest = createHash('sha256').update(above).digest('hex');
  return { header, keyFile, config, bytes: Buffer.concat([above, Buffer.from(`${digest}\n`)]) };
}

const broken = (what: string) =>
  damaged(`the backup is damaged: ${what}`, 'take another one, an older one perhaps');

function readHeader(line: string): BackupHeader {
  let value: Partial<Record<keyof BackupHeader, unknown>> | null;
  try {
    value = JSON.parse(line);
  } catch {
    throw broken('its second line is not JSON');
  }
  const { vault, generation, made_at, keys, config, database } = value ?? {};
  const isLength = (length: unknown, most: number): length is number =>
    typeof length === 'number' && Number.isSafeInteger(length) && length >= 0 && length <= most;
  if (
    typeof vault !== 'string' ||
    typeof made_at !== 'string' ||
    !isLength(generation, Number.MAX_SAFE_INTEGER) ||
    !isLength(keys, largestKeyFile) ||
    !isLength(config, largestConfig) ||
    !isLength(database, Number.MAX_SAFE_INTEGER) ||
    !/^[0-9a-f]{32}$/.test(vault) ||
    !/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(made_at)
  )
    throw broken('its second line does not say what is in it');
  const header = { vault, generation, made_at, keys, config, database };
  if (writeHeader(header) !== `${line}\n`) throw broken('its second line is not as rapport writes it');
  return header;
}

function readMagic(start: Buffer): void {
  const found = /^rapport backup (\d{1,9})\n/.exec(start.toString('latin1', 0, 32));
  if (found === null) throw damaged('this is no backup of rapport', 'name a file that rapport backup wrote');
  if (Number(found[1]) > backupVersion)
    throw conflict('the backup was made by a newer rapport', 'install the newest version to restore it');
  if (found[0] !== magic) throw broken('its first line is not as rapport writes it');
}

/** Checks the file's length; the MAC is checked later. @throws damaged (cut, altered), conflict (newer version) */
export async function readHead(file: FileHandle): Promise<BackupHead> {
  const { size } = await file.stat();
  const most = longestHeader + largestKeyFile + largestConfig + digestLine;
  const start = Buffer.alloc(Math.min(size, most));
  await readFully(file, start, 0);
  readMagic(start);
  const lineEnd = start.indexOf('\n', magic.length);
  if (lineEnd < 0 || lineEnd > longestHeader) throw broken('it ends too early');
  const header = readHeader(start.toString('utf8', magic.length, lineEnd));
  const configStart = lineEnd + 1 + header.keys;
  const above = configStart + header.config;
  if (size !== above + digestLine + header.database + digestLine)
    throw broken(
      size < above + header.database + 2 * digestLine ? 'it was cut short' : 'something was added to it',
    );
  const digest = createHash('sha256').update(start.subarray(0, above)).digest('hex');
  const bytes = start.subarray(0, above + digestLine);
  if (bytes.toString('latin1', above) !== `${digest}\n`) throw broken('its head was altered');
  const keyFile = readKeyFile(Buffer.from(start.subarray(lineEnd + 1, configStart)));
  const { vault, generation } = keyFile.payload;
  if (vault !== header.vault || generation !== header.generation)
    throw broken('its keys are of another vault or time than it says');
  return { header, keyFile, config: start.subarray(configStart, above), bytes };
}

export async function endsWith(
  file: FileHandle,
  { header, bytes }: BackupHead,
  mac: Buffer,
): Promise<boolean> {
  const line = Buffer.alloc(digestLine);
  await readFully(file, line, bytes.length + header.database);
  return sameBytes(line, Buffer.from(`${mac.toString('hex')}\n`));
}

export const alteredBackup = (): Error => broken('it was altered, or copied badly');

/** @throws damaged where the file is shorter */
export async function readFully(file: FileHandle, into: Buffer, from: number): Promise<void> {
  for (let length = 0; length < into.length; ) {
    const { bytesRead } = await file.read(into, length, into.length - length, from + length);
    if (bytesRead === 0) throw broken('it was cut short');
    length += bytesRead;
  }
}
