/**
 * The form of a backup: one file, in this order.
 *   rapport backup 2⏎                     the form and its version
 *   {"vault":…,"generation":…,…}⏎         one line of JSON: whose it is, when it was made, how long the parts are, and,
 *                                         sealed under the key file's MAC key, how far its history goes
 *   vault.keys, config.json               byte for byte; config.json is empty but in backups of older rapports
 *   64 hex digits⏎                        SHA-256 of all above: damage is told before any secret is asked for
 *   vault.db                              encrypted as it always is
 *   64 hex digits⏎                        HMAC-SHA256 of all above under HKDF-SHA256 of the key file's MAC key
 */
// Version 1 says nothing of its history.
import { createHash, createHmac } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import * as v from 'valibot';
import { conflict, damaged, failed, notFound, systemReason, usage } from '../errors.ts';
import { type Keys, sameBytes, wiping } from '../keys.ts';
import { type Point, pointOf } from '../store/hand-over.ts';
import { integrityFaults } from './database-copy.ts';
import {
  boundTo,
  hex,
  hkdf,
  type KeyFile,
  largestKeyFile,
  readKeyFile,
  seal,
  sealedSchema,
  unseal,
} from './key-file.ts';
import { openDatabase, vaultFailure } from './open.ts';
import { largestConfig, type OwnerId, orElse, statOf } from './vault-folder.ts';

const backupVersion = 2;
/** Of either digest with its line end. */
const digestLine = 65;
const magicOf = (version: number): string => `rapport backup ${version}\n`;
const longestHeader = 1024;
const piece = 1024 * 1024;

const length = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most));
/** The order of its fields is the order in the file; lengths in bytes. */
const headerSchema = v.strictObject({
  vault: hex(16),
  generation: length(Number.MAX_SAFE_INTEGER),
  /** ISO instant, UTC. */
  made_at: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/)),
  keys: length(largestKeyFile),
  config: length(largestConfig),
  database: length(Number.MAX_SAFE_INTEGER),
  /** Version 1 has none. */
  history: v.optional(sealedSchema),
});

interface BackupHead {
  readonly header: Readonly<v.InferOutput<typeof headerSchema>>;
  readonly keyFile: KeyFile;
  /** Settings of a vault that version 0.1 made: newer ones have them in the database. */
  readonly config: Buffer;
  readonly bytes: Buffer;
}

export interface OpenedBackup extends AsyncDisposable {
  readonly head: BackupHead;
  readonly file: FileHandle;
}

export interface Going {
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly advance: (done: number, whole: number) => void;
}

type BackupKeys = Pick<Keys, 'page' | 'keyFile'>;

interface HeadParts {
  readonly keyFile: KeyFile;
  readonly madeAt: string;
  /** Of the database, in bytes. */
  readonly size: number;
}

/** Of one backup: no two seals have one key. */
const sealKey = ({ keyFile }: BackupKeys, madeAt: string): Buffer => hkdf(keyFile, 'backup history', madeAt);

/** What the seal is bound to: a head is put together from no two backups. */
const sealBound = ({ payload }: KeyFile, madeAt: string): Buffer =>
  boundTo('backup history', payload.vault, payload.generation, madeAt);

/** @param folder with the database of the backup in the making */
export function writeHead(
  folder: string,
  { keyFile, madeAt, size }: HeadParts,
  keys: BackupKeys,
  uid: OwnerId,
): BackupHead {
  const { vault, generation } = keyFile.payload;
  const lengths = { keys: keyFile.bytes.length, config: 0, database: size };
  using database = openDatabase({ folder, keys, vault, generation, uid });
  const key = sealKey(keys, madeAt);
  using _ = wiping(key);
  const history = seal(key, Buffer.from(JSON.stringify(pointOf(database))), sealBound(keyFile, madeAt));
  const header = { vault, generation, made_at: madeAt, ...lengths, history };
  const first = `${magicOf(backupVersion)}${JSON.stringify(header)}\n`;
  const above = Buffer.concat([Buffer.from(first), keyFile.bytes]);
  const digest = createHash('sha256').update(above).digest('hex');
  const bytes = Buffer.concat([above, Buffer.from(`${digest}\n`)]);
  return { header, keyFile, config: Buffer.alloc(0), bytes };
}

/** How far its history goes; undefined of version 1, and where these are not its keys. */
export function historyOf({ header, keyFile }: BackupHead, keys: BackupKeys): Point | undefined {
  if (header.history === undefined) return undefined;
  const key = sealKey(keys, header.made_at);
  using _ = wiping(key);
  const opened = unseal(key, header.history, sealBound(keyFile, header.made_at));
  return opened && JSON.parse(opened.toString());
}

const broken = (what: string) =>
  damaged(`the backup is damaged: ${what}`, 'take another one, an older one perhaps');

/** @throws damaged where the file is shorter */
async function readFully(file: FileHandle, into: Buffer, from: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, from + done);
    if (bytesRead === 0) throw broken('it was cut short');
    done += bytesRead;
  }
}

function readHeader(line: string, version: number): BackupHead['header'] {
  const value: unknown = orElse(() => JSON.parse(line), undefined);
  if (value === undefined) throw broken('its second line is not JSON');
  const { success, output } = v.safeParse(headerSchema, value);
  if (success && JSON.stringify(output) === line && version > 1 === (output.history !== undefined))
    return output;
  throw broken('its second line is not as rapport writes it');
}

/** @returns what is behind it. @throws damaged, conflict */
function readMagic(start: Buffer): { readonly version: number; readonly end: number } {
  const found = /^rapport backup (\d{1,9})\n/.exec(start.toString('latin1', 0, 32));
  if (found === null) throw damaged('this is no backup of rapport', 'name a file that rapport backup wrote');
  const version = Number(found[1]);
  if (version > backupVersion)
    throw conflict('the backup was made by a newer rapport', 'install the newest version to restore it');
  if (version < 1 || found[0] !== magicOf(version))
    throw broken('its first line is not as rapport writes it');
  return { version, end: found[0].length };
}

/** Checks the file's length; the MAC is checked later. */
async function readHead(file: FileHandle): Promise<BackupHead> {
  const { size } = await file.stat();
  const most = longestHeader + largestKeyFile + largestConfig + digestLine;
  const start = Buffer.alloc(Math.min(size, most));
  await readFully(file, start, 0);
  const { version, end: first } = readMagic(start);
  const lineEnd = start.indexOf('\n', first);
  if (lineEnd < 0 || lineEnd > longestHeader) throw broken('it ends too early');
  const header = readHeader(start.toString('utf8', first, lineEnd), version);
  const configStart = lineEnd + 1 + header.keys;
  const above = configStart + header.config;
  const wanted = above + header.database + 2 * digestLine;
  if (size !== wanted) throw broken(size < wanted ? 'it was cut short' : 'something was added to it');
  const digest = createHash('sha256').update(start.subarray(0, above)).digest('hex');
  // A copy: many heads are kept at once, and few bytes of each.
  const bytes = Buffer.from(start.subarray(0, above + digestLine));
  if (bytes.toString('latin1', above) !== `${digest}\n`) throw broken('its head was altered');
  const keyFile = readKeyFile(Buffer.from(start.subarray(lineEnd + 1, configStart)));
  const { vault, generation } = keyFile.payload;
  if (vault !== header.vault || generation !== header.generation)
    throw broken('its keys are of another vault or time than it says');
  return { header, keyFile, config: bytes.subarray(configStart, above), bytes };
}

/** The caller disposes of it. @throws not-found, usage, damaged (cut, altered), conflict (a newer version) */
export async function openBackup(path: string): Promise<OpenedBackup> {
  const found = statOf(path);
  if (found === undefined) throw notFound(`no file '${path}'`);
  if (!found.isFile() && !found.isSymbolicLink()) throw usage(`'${path}' is not a file`);
  let file: FileHandle;
  try {
    // Trap: a link may lead to a pipe.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw failed(`cannot read '${path}': ${systemReason(error)}`);
  }
  try {
    if (!(await file.stat()).isFile()) throw usage(`'${path}' is not a file`);
    const head = await readHead(file);
    return { head, file, [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The database, in pieces of which each is overwritten by the next. @returns the line that ends such a file */
async function walk(
  { bytes: above, header }: BackupHead,
  { file, start }: { readonly file: FileHandle; readonly start: number },
  keys: BackupKeys,
  { signal, advance }: Going,
  take: (part: Buffer) => Promise<void>,
): Promise<Buffer> {
  const key = hkdf(keys.keyFile, 'backup mac');
  using _ = wiping(key);
  const mac = createHmac('sha256', key).update(above);
  const bytes = Buffer.alloc(piece);
  for (let done = 0; done < header.database; advance(done, header.database)) {
    signal.throwIfAborted();
    const part = bytes.subarray(0, Math.min(piece, header.database - done));
    await readFully(file, part, start + done);
    mac.update(part);
    await take(part);
    done += part.length;
  }
  return Buffer.from(`${mac.digest('hex')}\n`);
}

/** @param from the database. @throws the system's error, cancelled */
export async function writeBackupFile(
  path: string,
  from: FileHandle,
  head: BackupHead,
  keys: BackupKeys,
  going: Going,
): Promise<void> {
  await using to = await open(path, 'wx', 0o600);
  await to.writeFile(head.bytes);
  const end = await walk(head, { file: from, start: 0 }, keys, going, (part) => to.writeFile(part));
  await to.writeFile(end);
  await to.sync();
}

/** Reads the database, and checks the MAC of the whole file. @throws damaged, cancelled */
export async function readDatabase(
  { head, file }: OpenedBackup,
  keys: BackupKeys,
  going: Going,
  take: (part: Buffer) => Promise<void> = async () => undefined,
): Promise<void> {
  const start = head.bytes.length;
  const end = await walk(head, { file, start }, keys, going, take);
  const found = Buffer.alloc(digestLine);
  await readFully(file, found, start + head.header.database);
  if (!sameBytes(found, end)) throw broken('it was altered, or copied badly');
}

/** The MAC does not say that the database was sound when the backup was made. @returns its schema. @throws damaged */
export function checkUnpacked(
  folder: string,
  { header }: BackupHead,
  { keys, uid }: { readonly keys: BackupKeys; readonly uid: OwnerId },
): number {
  using database = openDatabase({ ...header, folder, keys, uid });
  try {
    const value = (name: string): number => Number(database.pragma(name, { simple: true }));
    const isWhole = value('page_count') * value('page_size') === header.database;
    if (!isWhole || integrityFaults(database, 1).length > 0)
      throw damaged('the database in the backup is damaged', 'take another one, an older one perhaps');
    return value('user_version');
  } catch (error) {
    throw vaultFailure(error);
  }
}
