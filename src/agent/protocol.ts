/** Where an agent listens (0600 in a folder of 0700, the person's own), and what is said there. */
// One exchange per connection: each way a JSON line, then perhaps keys as raw bytes, since strings can't be wiped.
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

export type AgentAnswer =
  | {
      readonly ok: true;
      readonly held?: readonly HeldKeys[];
      /** Followed by the keys. */
      readonly keys?: boolean;
    }
  | { readonly ok: false };

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isVault = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

function parseLine(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) && value['version'] === protocolVersion ? value : undefined;
  } catch {
    return undefined;
  }
}

const writeLine = (fields: object): string => `${JSON.stringify({ version: protocolVersion, ...fields })}\n`;

export const writeRequest = (request: AgentRequest): string => writeLine(request);
export const writeAnswer = (answer: AgentAnswer): string => writeLine(answer);

export const bringsKeys = (request: AgentRequest): boolean => request.op === 'put';
export const answersKeys = (answer: AgentAnswer): boolean => answer.ok && answer.keys === true;

export function readRequest(line: string): AgentRequest | undefined {
  const fields = parseLine(line);
  if (fields === undefined) return undefined;
  const { op, vault, generation, idle, total } = fields;
  if (op === 'status') return { op };
  if (op === 'lock' && vault === undefined) return { op };
  if (!isVault(vault)) return undefined;
  if (op === 'lock') return { op, vault };
  if (!isCount(generation)) return undefined;
  if (op === 'get') return { op, vault, generation };
  return op === 'put' && isCount(idle) && isCount(total) ? { op, vault, generation, idle, total } : undefined;
}

const readHeld = (value: unknown): HeldKeys | undefined => {
  if (!isFields(value)) return undefined;
  const { vault, generation, until, end } = value;
  return isVault(vault) && isCount(generation) && isCount(until) && isCount(end)
    ? { vault, generation, until, end }
    : undefined;
};

export function readAnswer(line: string): AgentAnswer | undefined {
  const fields = parseLine(line);
  if (fields === undefined || typeof fields['ok'] !== 'boolean') return undefined;
  if (!fields['ok']) return { ok: false };
  const { held, keys } = fields;
  if (keys === true) return { ok: true, keys: true };
  if (held === undefined) return { ok: true };
  const read = Array.isArray(held) ? held.map(readHeld) : [undefined];
  const whole = read.filter((entry) => entry !== undefined);
  return whole.length === read.length ? { ok: true, held: whole } : undefined;
}

export interface Message<T> {
  readonly header: T;
  readonly body: Buffer;
}

/** Joins a message from chunks, within its limits, and wipes the chunks. */
export class MessageReader<T> {
  readonly #read: (line: string) => T | undefined;
  readonly #hasBody: (header: T) => boolean;
  readonly #bytes = Buffer.alloc(mostHeader + Keys.length);
  #length = 0;
  #header: T | undefined;
  #bodyStart = 0;

  constructor(read: (line: string) => T | undefined, hasBody: (header: T) => boolean) {
    this.#read = read;
    this.#hasBody = hasBody;
  }

  push(chunk: Buffer): Message<T> | 'more' | 'bad' {
    if (this.#length + chunk.length > this.#bytes.length) return 'bad';
    chunk.copy(this.#bytes, this.#length);
    this.#length += chunk.length;
    wipe(chunk);
    if (this.#header === undefined) {
      const end = this.#bytes.subarray(0, this.#length).indexOf(0x0a);
      if (end < 0) return this.#length < mostHeader ? 'more' : 'bad';
      this.#header = this.#read(this.#bytes.toString('utf8', 0, end));
      this.#bodyStart = end + 1;
    }
    const header = this.#header;
    if (header === undefined) return 'bad';
    const wanted = this.#bodyStart + (this.#hasBody(header) ? Keys.length : 0);
    if (this.#length < wanted) return 'more';
    if (this.#length > wanted) return 'bad';
    const body = Buffer.alloc(wanted - this.#bodyStart);
    this.#bytes.copy(body, 0, this.#bodyStart, wanted);
    this.wipe();
    return { header, body };
  }

  wipe(): void {
    wipe(this.#bytes);
  }
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

export function prepareFolder(place: AgentSocket): boolean {
  try {
    mkdirSync(place.folder, { mode: 0o700 });
  } catch {
    // Checked below.
  }
  return isPrivateFolder(place);
}

const look = (path: string) => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

export function isPrivateFolder({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): boolean {
  const found = look(folder);
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

export function obstacleAt({ folder, uid }: Pick<AgentSocket, 'folder' | 'uid'>): string | undefined {
  const found = look(folder);
  if (found === undefined || isPrivateFolder({ folder, uid })) return undefined;
  if (found.isSymbolicLink() || !found.isDirectory()) return `${folder} is not a folder`;
  if (found.uid !== uid) return `${folder} belongs to another user`;
  return `others can get into ${folder} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`;
}

/** Its inode; undefined where it must not be spoken to. */
export function socketIdentity(place: AgentSocket): number | undefined {
  if (!isPrivateFolder(place)) return undefined;
  const found = look(place.socket);
  return found?.isSocket() && found.uid === place.uid && (found.mode & 0o077) === 0 ? found.ino : undefined;
}
