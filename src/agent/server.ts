/** The agent's server: one limited request per connection. Ends when it holds nothing, or its socket is another's. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorCode } from '../errors.ts';
import { wipe } from '../keys.ts';
import { askAgent } from './client.ts';
import { type Clocks, type KeyCache, keyCache } from './key-cache.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  type AgentSocket,
  isPrivateFolder,
  type Message,
  readMessage,
  readRequest,
  socketIdentity,
  writeLine,
} from './protocol.ts';

interface Serving {
  readonly place: AgentSocket;
  readonly clocks: Clocks;
  readonly first: Readable;
  /** Milliseconds for a whole request. */
  readonly readLimit?: number;
  /** Milliseconds between checks of the clocks. */
  readonly tick?: number;
}

type Request = Message<AgentRequest>;

const mostConnections = 200;

/** @returns the answer, and keys for the caller to wipe */
function answer(held: KeyCache, { header, body }: Request): { answer: AgentAnswer; keys?: Buffer } {
  switch (header.op) {
    case 'status':
      return { answer: { ok: true, held: held.list() } };
    case 'put':
      return { answer: { ok: held.put(header, header, body) } };
    case 'get': {
      const keys = held.get(header);
      return keys === undefined ? { answer: { ok: false } } : { answer: { ok: true, keys: true }, keys };
    }
    case 'lock':
      held.forget(header.vault);
      return { answer: { ok: true } };
  }
}

async function converse(socket: Socket, held: KeyCache, limit: number): Promise<void> {
  socket.on('error', () => socket.destroy());
  const message = await readMessage(socket, readRequest, limit);
  if (typeof message === 'string') {
    socket.destroy();
    return;
  }
  const said = answer(held, message);
  const guard = setTimeout(() => socket.destroy(), limit);
  socket.once('close', () => {
    clearTimeout(guard);
    wipe(said.keys);
  });
  socket.write(writeLine(said.answer));
  if (said.keys !== undefined) socket.write(said.keys);
  socket.end();
}

/** Under a random name: Node removes that at the end, and never the agent's own, which may be another's by then. */
const listen = (server: Server, { folder }: AgentSocket): Promise<string> =>
  new Promise((done, refuse) => {
    const name = join(folder, randomBytes(4).toString('hex'));
    server.once('error', refuse);
    server.listen(name, () => {
      server.off('error', refuse);
      chmodSync(name, 0o600);
      done(name);
    });
  });

function takeName(name: string, { socket }: AgentSocket): boolean {
  try {
    linkSync(name, socket);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function takePlace(server: Server, place: AgentSocket, first: Request): Promise<boolean> {
  const name = await listen(server, place);
  try {
    if (takeName(name, place)) return true;
    if ((await askAgent(place, first.header, first.body)) !== 'absent') return false;
    // Left by a killed agent.
    rmSync(place.socket, { force: true });
    return takeName(name, place);
  } finally {
    rmSync(name, { force: true });
  }
}

/** Serves until nothing is held. Undefined where another agent listens already; it gets the first keys. */
export async function serveAgent(serving: Serving) {
  const { place, readLimit = 2000, tick = 15_000 } = serving;
  if (!isPrivateFolder(place)) return undefined;
  const held = keyCache(serving.clocks);
  const server = createServer();
  server.maxConnections = mostConnections;
  const first = await readMessage(serving.first, readRequest, readLimit);
  if (typeof first === 'string' || first.header.op !== 'put') return undefined;
  if (!(await takePlace(server, place, first))) {
    wipe(first.body);
    server.close();
    return undefined;
  }
  const own = socketIdentity(place);
  answer(held, first);
  server.on('error', () => undefined);
  const open = new Set<Socket>();
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const finish = (): void => {
    clearInterval(watch);
    held.forget();
    if (socketIdentity(place) === own) rmSync(place.socket, { force: true });
    server.close(() => end());
    for (const socket of open) socket.destroySoon();
  };
  const look = (): void => {
    held.expire();
    // Another agent may have the socket's name by now.
    if (own === undefined || socketIdentity(place) !== own || held.isEmpty()) finish();
  };
  const watch = setInterval(look, tick);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void converse(socket, held, readLimit).then(() => {
      if (held.isEmpty()) look();
    });
  });
  return { ended, stop: finish };
}
