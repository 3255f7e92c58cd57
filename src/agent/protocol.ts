/** Where an agent listens (0600 in a folder of 0700, the person's own), and what is said there. */
// One exchange per connection: each way a JSON line, then perhaps keys as raw bytes, since strings can't be wiped.
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorCode } from '../errors.ts';
import { Keys, wipe } from '../keys.ts';

const protocolVersion = 1;
export const mostHeader = 1024;
/** Milliseconds that keys are kept, whatever was asked for. */
export const longestTotal = 12 * 60 * 60 * 1000;

export interface KeysName {
  /** 32 hex digits. */
  readonly vault: string;
  readonly generation: number;
}

export type AgentRequest =
  | { readonly op: 'status' }
  | ({ readonly op: 'get' } & KeysName)
  /** Followed by the keys. Milliseconds: forgotten when unused for `idle`, and after `total` in any case. */
  | ({ readonly op: 'put'; readonly idle: number; readonly total: number } & KeysName)
  | { readonly op: 'lock'; readonly vault?: string };

export interface HeldKeys extends KeysName {
  /** Milliseconds since 1970: `until` if unused, `end` in any case. */
  readonly until: number;
  readonly end: number;
}

export interface AgentAnswer {
  readonly ok: boolean;
  readonly held?: readonly HeldKeys[];
  /** Followed by the keys. */
  readonly keys?: true;
}

type Header = AgentRequest | AgentAnswer;
type Fields = Readonly<Record<string, unknown>>;

const isVault = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function parseLine(line: string): Fields {
  try {
    const fields = fieldsOf(JSON.parse(line));
    return fields['version'] === protocolVersion ? fields : {};
  } catch {
    return {};
  }
}

export const writeLine = (header: Header): string =>
  `${JSON.stringify({ version: protocolVersion, ...header })}\n`;

export function readRequest(line: string): AgentRequest | undefined {
  const { op, vault, generation, idle, total } = parseLine(line);
  if (op === 'status') return { op };
  if (op === 'lock' && vault === undefined) return { op };
  if (!isVault(vault)) return undefined;
  if (op === 'lock') return { op, vault };
  if (!isCount(generation)) return undefined;
  if (op === 'get') return { op, vault, generation };
  return op === 'put' && isCount(idle) && isCount(total) ? { op, vault, generation, idle, total } : undefined;
}

function readHeld(value: unknown): readonly HeldKeys[] {
  const { vault, generation, until, end } = fieldsOf(value);
  return isVault(vault) && isCount(generation) && isCount(until) && isCount(end)
    ? [{ vault, generation, until, end }]
    : [];
}

export function readAnswer(line: string): AgentAnswer | undefined {
  const { ok, held, keys } = parseLine(line);
  if (typeof ok !== 'boolean') return undefined;
  if (!ok || (held === undefined && keys !== true)) return { ok };
  if (keys === true) return { ok, keys };
  if (!Array.isArray(held)) return undefined;
  const read = held.flatMap(readHeld);
  return read.length === held.length ? { ok, held: read } : undefined;
}

const bringsKeys = (header: Header): boolean => ('op' in header ? header.op === 'put' : header.keys === true);

export interface Message<T> {
  readonly header: T;
  readonly body: Buffer;
}

/**
 * Joins a message from chunks, within its limits, and wipes them.
 * @param limit milliseconds. @param more how many more, once they are over
 * @returns else why there is none: 'bad', 'late', 'ended', or the system's code
 */
export function readMessage<T extends Header>(
  stream: Readable,
  read: (line: string) => T | undefined,
  limit: number,
  more: () => number = () => 0,
): Promise<Message<T> | string> {
  return new Promise((done) => {
    const bytes = Buffer.alloc(mostHeader + Keys.length);
    let length = 0;
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const finish = (found: Message<T> | string): void => {
      isOver = true;
      clearTimeout(timer);
      stream.off('data', take);
      wipe(bytes);
      done(found);
    };
    const wait = (time: number): void => {
      if (isOver) return;
      // Reads first what came while the machine was busy.
      if (time > 0) timer = setTimeout(() => setImmediate(() => wait(more())), time);
      else finish('late');
    };
    const push = (chunk: Buffer): Message<T> | 'more' | 'bad' => {
      if (length + chunk.length > bytes.length) return 'bad';
      chunk.copy(bytes, length);
      length += chunk.length;
      wipe(chunk);
      const end = bytes.subarray(0, length).indexOf(0x0a);
      if (end < 0) return length < mostHeader ? 'more' : 'bad';
      const header = read(bytes.toString('utf8', 0, end));
      if (header === undefined) return 'bad';
      const body = Buffer.alloc(bringsKeys(header) ? Keys.length : 0);
      const wanted = end + 1 + body.length;
      if (length !== wanted) return length < wanted ? 'more' : 'bad';
      bytes.copy(body, 0, end + 1, wanted);
      return { header, body };
    };
    const take = (chunk: Buffer): void => {
      const found = push(chunk);
      if (found !== 'more') finish(found);
    };
    const end = (): void => finish('ended');
    stream.on('data', take).once('close', end).once('end', end);
    stream.once('error', (error) => finish(errorCode(error) ?? 'ended'));
    wait(limit);
  });
}

export interface AgentSocket {
  readonly folder: string;
  readonly socket: string;
  readonly uid: number;
}

/** In bytes. Trap: the system silently cuts longer paths, and binds another. */
const longestPath = 100;

/** The first short enough path. Undefined where there is none, or no user ids (Windows). */
export function agentSocket(folders: Iterable<string>, uid: number | undefined): AgentSocket | undefined {
  if (uid === undefined) return undefined;
  for (const folder of folders) {
    const socket = join(folder, 'agent.sock');
    if (Buffer.byteLength(socket) < longestPath) return { folder, socket, uid };
  }
  return undefined;
}

const look = (path: string) => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

/** Why the folder is not the person's own alone. */
export function obstacleAt({ folder, uid }: AgentSocket): string | undefined {
  const found = look(folder);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return `${folder} is not a folder`;
  if (found.uid !== uid) return `${folder} belongs to another user`;
  if ((found.mode & 0o077) === 0) return undefined;
  return `others can get into ${folder} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`;
}

export const isPrivateFolder = (place: AgentSocket): boolean =>
  look(place.folder) !== undefined && obstacleAt(place) === undefined;

export function prepareFolder(place: AgentSocket): boolean {
  try {
    mkdirSync(place.folder, { mode: 0o700 });
  } catch {
    // Checked below.
  }
  return isPrivateFolder(place);
}

/** Its inode; undefined where it must not be spoken to. */
export function socketIdentity(place: AgentSocket): number | undefined {
  if (!isPrivateFolder(place)) return undefined;
  const found = look(place.socket);
  return found?.isSocket() && found.uid === place.uid && (found.mode & 0o077) === 0 ? found.ino : undefined;
}
