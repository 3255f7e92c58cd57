/** Agents for tests: served in this process on sockets of their own, with clocks that the test sets. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { askAgent } from '../../src/agent/client.ts';
import { type AgentRequest, type AgentSocket, agentSocket, writeLine } from '../../src/agent/protocol.ts';
import { serveAgent } from '../../src/agent/server.ts';
import { deriveKeys } from '../../src/vault/key-file.ts';
import { temporaryFolder } from '../support/folders.ts';

export const hour = 3_600_000;
export const vault = '00112233445566778899aabbccddeeff';
export const name = { vault, generation: 1 };
export const keys = deriveKeys(Buffer.alloc(32, 1));
export const packed = (): Buffer => Buffer.from(keys.bytes);
export const times = { idle: 3 * hour, total: 12 * hour };

export function makePlace(): AgentSocket {
  const root = temporaryFolder();
  mkdirSync(join(root, 'rapport'), { mode: 0o700 });
  const place = agentSocket([join(root, 'rapport')], process.getuid?.());
  if (place === undefined) throw new Error('no place for a socket');
  return place;
}

/** A clock that stands still until it is set on. */
export function makeClocks() {
  let wall = Date.parse('2026-03-12T08:00:00Z');
  let monotonic = 5000;
  return {
    wall: () => wall,
    monotonic: () => monotonic,
    pass: (time: number) => {
      wall += time;
      monotonic += time;
    },
    /** What happens while the machine sleeps, or when somebody sets the clock. */
    setWall: (by: number) => {
      wall += by;
    },
    /** A wall clock that somebody holds back. */
    passUnseen: (time: number) => {
      monotonic += time;
    },
  };
}

export interface TestAgent {
  readonly place: AgentSocket;
  readonly clocks: ReturnType<typeof makeClocks>;
  readonly agent: NonNullable<Awaited<ReturnType<typeof serveAgent>>>;
}

export const firstOf = (request: AgentRequest, body = packed()): Readable =>
  Readable.from([Buffer.concat([Buffer.from(writeLine(request)), body])], { objectMode: false });

/** An agent that holds the test's keys. */
export async function startAgent(more: Partial<Parameters<typeof serveAgent>[0]> = {}): Promise<TestAgent> {
  const place = more.place ?? makePlace();
  const clocks = makeClocks();
  const first = firstOf({ op: 'put', ...name, ...times });
  const agent = await serveAgent({ place, clocks, first, ...more });
  if (agent === undefined) throw new Error('the agent did not serve');
  onTestFinished(() => agent.stop());
  return { place, clocks, agent };
}

/** The keys that a `get` brings, or undefined. */
export async function getKeys(place: AgentSocket, wanted = name): Promise<Buffer | undefined> {
  const answer = await askAgent(place, { op: 'get', ...wanted });
  return typeof answer === 'string' || answer.body.length === 0 ? undefined : answer.body;
}

/** Sends raw bytes and returns all that comes back before the other side hangs up. */
export function sendRaw(place: AgentSocket, bytes: Buffer | string): Promise<string> {
  return new Promise((done) => {
    const parts: Buffer[] = [];
    const socket = connect(place.socket, () => socket.write(bytes));
    socket.on('data', (chunk) => parts.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => done(Buffer.concat(parts).toString('latin1')));
  });
}

export const randomJunk = (length: number): Buffer => randomBytes(length);
