/**
 * The agent's side of the conversation: one request a connection, size and time limited, nothing said to what is not
 * understood. It ends itself when it holds nothing, and when its socket is no longer its own.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { wipe } from '../vault/secrets.ts';
import { askAgent } from './client.ts';
import { type Clocks, Held } from './held.ts';
import { KeyPipes } from './offering.ts';
import { type AgentPlace, isPrivateFolder, socketIdentity } from './place.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  bringsKeys,
  type Message,
  MessageReader,
  readRequest,
  writeAnswer,
  writeOffer,
} from './protocol.ts';

export interface Serving {
  readonly place: AgentPlace;
  readonly clocks: Clocks;
  /** Where the keys come from that it was started with. */
  readonly first: Readable;
  /** Milliseconds for a request to arrive whole. */
  readonly readLimit?: number;
  /** Milliseconds between two looks at the clocks. */
  readonly tick?: number;
}

/** Why it ended: 'done' closed its socket in order; 'displaced' means that the socket's name is another's now. */
export type Ending = 'done' | 'displaced';

export interface RunningAgent {
  readonly ended: Promise<Ending>;
  /** Forgets everything and ends. */
  stop(): void;
}

const mostConnections = 200;

/** Reads one request, or undefined where none comes in time or whole. */
function readMessage(stream: Readable, limit: number): Promise<Message<AgentRequest> | undefined> {
  return new Promise((done) => {
    const reader = new MessageReader(readRequest, bringsKeys);
    const finish = (message: Message<AgentRequest> | undefined): void => {
      clearTimeout(timer);
      stream.off('data', take);
      reader.wipe();
      done(message);
    };
    const take = (chunk: Buffer): void => {
      const read = reader.push(chunk);
      if (read !== 'more') finish(read === 'bad' ? undefined : read);
    };
    const timer = setTimeout(finish, limit, undefined);
    stream.on('data', take);
    stream.once('error', () => finish(undefined));
    stream.once('close', () => finish(undefined));
    stream.once('end', () => finish(undefined));
  });
}

/** Does what a request asks for. @returns the answer, and keys that go with it, to be wiped */
function answer(held: Held, { header, body }: Message<AgentRequest>): { answer: AgentAnswer; keys?: Buffer } {
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
      if (header.vault === undefined) held.forgetAll();
      else held.forget(header.vault);
      return { answer: { ok: true } };
    case 'stop':
      held.forgetAll();
      return { answer: { ok: true } };
  }
}

/** What a FIFO gives: the same as a `get` of what is held now. */
function offerOf(held: Held, vault: string): Buffer | undefined {
  const name = held.list().find((entry) => entry.vault === vault);
  const keys = name && held.get(name);
  if (name === undefined || keys === undefined) return undefined;
  const message = Buffer.concat([Buffer.from(writeOffer(name)), keys]);
  wipe(keys);
  return message;
}

async function converse(socket: Socket, held: Held, limit: number): Promise<void> {
  socket.on('error', () => socket.destroy());
  const message = await readMessage(socket, limit);
  if (message === undefined) {
    socket.destroy();
    return;
  }
  const said = answer(held, message);
  const guard = setTimeout(() => socket.destroy(), limit);
  socket.once('close', () => {
    clearTimeout(guard);
    wipe(said.keys);
  });
  socket.write(writeAnswer(said.answer));
  if (said.keys !== undefined) socket.write(said.keys);
  socket.end();
}

const listen = (server: Server, { socket }: AgentPlace): Promise<boolean> =>
  new Promise((done, refuse) => {
    const onError = (error: Error): void => {
      if ('code' in error && error.code === 'EADDRINUSE') done(false);
      else refuse(error);
    };
    server.once('error', onError);
    server.listen(socket, () => {
      server.off('error', onError);
      chmodSync(socket, 0o600);
      done(true);
    });
  });

/**
 * Serves until there is nothing left to hold. Where another agent answers at the place already, the first keys go to
 * that one and undefined is returned.
 */
export async function serveAgent(serving: Serving): Promise<RunningAgent | undefined> {
  const { place, readLimit = 2000, tick = 15_000 } = serving;
  if (!isPrivateFolder(place)) return undefined;
  const held = new Held(serving.clocks);
  const server = createServer();
  server.maxConnections = mostConnections;
  const first = await readMessage(serving.first, readLimit);
  if (first === undefined || first.header.op !== 'put') return undefined;
  if (!(await listen(server, place))) {
    const passedOn = await askAgent(place, first.header, first.body);
    if (typeof passedOn !== 'string') {
      wipe(first.body);
      return undefined;
    }
    // Nobody answers there: what a killed agent left.
    rmSync(place.socket, { force: true });
    if (!(await listen(server, place))) return undefined;
  }
  const own = socketIdentity(place);
  const pipes = new KeyPipes(place, (vault) => offerOf(held, vault));
  const follow = (): void => pipes.follow(held.list().map(({ vault }) => vault));
  answer(held, first);
  follow();
  server.on('error', () => undefined);
  const open = new Set<Socket>();
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const finish = (ending: Ending): void => {
    clearInterval(watch);
    held.forgetAll();
    const areGone = pipes.close();
    if (ending === 'displaced') end(ending);
    else server.close(() => void areGone.then(() => end(ending)));
    for (const socket of open) socket.destroySoon();
  };
  const look = (): void => {
    follow();
    if (own === undefined || socketIdentity(place) !== own) finish('displaced');
    else if (held.isEmpty) finish('done');
  };
  const watch = setInterval(look, tick);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void converse(socket, held, readLimit).then(() => {
      if (held.isEmpty) look();
      else follow();
    });
  });
  return { ended, stop: () => finish('done') };
}
