/** The agent's FIFO: who gets keys by it, when it gives none, and that they go nowhere else. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askAgent } from '../../src/agent/client.ts';
import { mostOffer, pipePath, takeKeys } from '../../src/agent/key-pipe.ts';
import type { AgentPlace } from '../../src/agent/place.ts';
import { readOffer, writeOffer, writeRequest } from '../../src/agent/protocol.ts';
import { getKeys, hour, makePlace, name, packed, startAgent, times, vault } from './agents.ts';

const other = { vault: 'ff'.repeat(16), generation: 3 };
const openToRead = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
const message = (of = name, keys = packed()): Buffer => Buffer.concat([Buffer.from(writeOffer(of)), keys]);

/** Polls, as nothing tells when another thread or process is done. */
async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await pause(5);
  }
  throw new Error('it never came about');
}

const isPipe = (path: string): true | undefined =>
  lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true || undefined;
const pipeOf = async (place: AgentPlace, of = vault): Promise<string> => {
  const path = pipePath(place, of);
  await eventually(() => isPipe(path));
  return path;
};

/** A reader of an agent in this process, which waits at the other end and has not had its turn yet. */
const readerOf = (path: string): Promise<number> =>
  eventually(() => {
    const descriptor = openToRead(path);
    try {
      readSync(descriptor, Buffer.alloc(1));
    } catch {
      return descriptor;
    }
    closeSync(descriptor);
    return undefined;
  });

/** All that it gets before the agent hangs up. */
async function readRest(descriptor: number): Promise<Buffer> {
  const bytes = Buffer.alloc(2 * mostOffer);
  const length = await eventually(() => {
    try {
      return readSync(descriptor, bytes);
    } catch {
      return undefined;
    }
  });
  return bytes.subarray(0, length);
}

async function readPipe(path: string): Promise<Buffer> {
  const descriptor = await readerOf(path);
  const read = await readRest(descriptor);
  closeSync(descriptor);
  return read;
}

/** The built agent in a process of its own, which `takeKeys` can wait for. */
async function startProcess(place = makePlace()) {
  const program = fileURLToPath(new URL('../../dist/agent.cjs', import.meta.url));
  const child = spawn(process.execPath, [program, place.folder], {
    env: {},
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | number | null>((done) => {
    child.once('exit', (code, signal) => done(signal ?? code));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.end(Buffer.concat([Buffer.from(writeRequest({ op: 'put', ...name, ...times })), packed()]));
  await pipeOf(place);
  return { place, child, ended };
}

/** A FIFO of the test's own in the place of an agent's, with a writer, so that what stands in it stays. */
function plant(place: AgentPlace, bytes: Buffer | string): void {
  const path = pipePath(place, vault);
  execFileSync('mkfifo', ['-m', '600', path]);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(descriptor));
  if (bytes.length > 0) writeSync(descriptor, Buffer.from(bytes));
}

describe.runIf(process.platform !== 'win32')('the agent’s FIFO', () => {
  it('gives the keys of its vault, each time, to whoever names their generation', async () => {
    const { place } = await startProcess();
    for (let times = 0; times < 20; times += 1) {
      expect(await eventually(() => takeKeys(place, name))).toEqual(packed());
      expect(takeKeys(place, { ...name, generation: 2 })).toBeUndefined();
    }
    expect(takeKeys(place, other)).toBeUndefined();
    expect(lstatSync(pipePath(place, vault)).mode & 0o777).toBe(0o600);
  });

  it('gives one message a reader, however long it stays', async () => {
    const { place } = await startAgent();
    const path = await pipeOf(place);
    const reader = await readerOf(path);
    expect(await readRest(reader)).toEqual(message());
    await pause(50);
    expect(readSync(reader, Buffer.alloc(1))).toBe(0);
    // Others are not kept from the keys: they ask by the socket meanwhile.
    expect(await getKeys(place)).toEqual(packed());
    closeSync(reader);
    expect(await readPipe(path)).toEqual(message());
  });

  it('counts as use, and gives nothing once the time is over, though nobody has looked at the clock', async () => {
    const { place, clocks } = await startAgent();
    const path = await pipeOf(place);
    for (let times = 0; times < 2; times += 1) {
      clocks.pass(2 * hour);
      expect(await readPipe(path)).toEqual(message());
    }
    clocks.pass(3 * hour);
    expect(await readPipe(path)).toEqual(Buffer.alloc(0));
    expect(await getKeys(place)).toBeUndefined();
  });

  it('gives nothing after a clock was set back by a day', async () => {
    const { place, clocks } = await startAgent();
    const path = await pipeOf(place);
    clocks.setWall(-24 * hour);
    expect(await readPipe(path)).toEqual(Buffer.alloc(0));
  });

  it('is gone with the keys, and gives none to who opened it before they were locked', async () => {
    const { place, agent } = await startAgent();
    const path = await pipeOf(place);
    const reader = await readerOf(path);
    // Its turn comes after the request to lock was answered, or before: then the keys were held still.
    await askAgent(place, { op: 'lock' });
    const read = await readRest(reader);
    expect([0, message().length]).toContain(read.length);
    closeSync(reader);
    expect(await agent.ended).toBe('done');
    expect(existsSync(path)).toBe(false);
  });

  it('follows what is held: three vaults at most, the newest generation, none that is locked', async () => {
    const { place } = await startAgent();
    const first = await pipeOf(place);
    const more = ['bb', 'cc', 'dd'].map((digits) => ({ vault: digits.repeat(16), generation: 1 }));
    for (const one of more)
      await askAgent(place, { op: 'put', ...one, ...times }, Buffer.alloc(96, one.vault));
    const [second = other, third = other, fourth = other] = more;
    for (const one of [second, third])
      expect(await readPipe(await pipeOf(place, one.vault))).toEqual(
        message(one, Buffer.alloc(96, one.vault)),
      );
    expect(await readPipe(first)).toEqual(message());
    expect(existsSync(pipePath(place, fourth.vault))).toBe(false);
    expect(await getKeys(place, fourth)).toEqual(Buffer.alloc(96, fourth.vault));
    await askAgent(place, { op: 'put', vault, generation: 2, ...times }, Buffer.alloc(96, 8));
    expect(await readPipe(first)).toEqual(message({ vault, generation: 2 }, Buffer.alloc(96, 8)));
    await askAgent(place, { op: 'lock', vault });
    await eventually(() => !existsSync(first) || undefined);
    expect(await readPipe(await pipeOf(place, fourth.vault))).toEqual(
      message(fourth, Buffer.alloc(96, fourth.vault)),
    );
  });

  it('takes the place of what a killed agent left', async () => {
    const { place, child, ended } = await startProcess();
    child.kill('SIGKILL');
    await ended;
    expect(isPipe(pipePath(place, vault))).toBe(true);
    expect(takeKeys(place, name)).toBeUndefined();
    await startProcess(place);
    expect(await eventually(() => takeKeys(place, name))).toEqual(packed());
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'does not keep its agent from ending at %s',
    async (signal) => {
      const { place, child, ended } = await startProcess();
      child.kill(signal);
      expect(await ended).toBe('SIGKILL');
      expect(existsSync(pipePath(place, vault))).toBe(false);
    },
  );

  it('whose name was taken away does not either, nor if keys were locked before', async () => {
    for (const locks of [false, true]) {
      const { place, child, ended } = await startProcess();
      expect(await eventually(() => takeKeys(place, name))).toEqual(packed());
      await pause(20);
      rmSync(pipePath(place, vault));
      if (locks) await askAgent(place, { op: 'lock' });
      else child.kill('SIGTERM');
      expect(await ended).toBe('SIGKILL');
      expect(existsSync(place.socket)).toBe(false);
    }
  });

  it('that somebody has filled keeps its agent from nothing', async () => {
    const { place, ended } = await startProcess();
    const path = pipePath(place, vault);
    const holder = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(holder));
    writeSync(holder, Buffer.alloc(65_536, 'x'));
    expect(takeKeys(place, name)).toBeUndefined();
    expect(await getKeys(place)).toEqual(packed());
    expect(await askAgent(place, { op: 'lock' })).toMatchObject({ header: { ok: true } });
    expect(await ended).toBe('SIGKILL');
  });

  it('is there again after put, lock and put without a pause', async () => {
    const { place } = await startAgent();
    await askAgent(place, { op: 'put', ...other, ...times }, packed());
    for (let round = 0; round < 10; round += 1) {
      await askAgent(place, { op: 'lock', vault });
      await askAgent(place, { op: 'put', ...name, ...times }, packed());
    }
    expect(await readPipe(await pipeOf(place))).toEqual(message());
  });

  it('writes into nothing else that stands in its place', async () => {
    const { place, agent } = await startAgent();
    const path = await pipeOf(place);
    const kept = `${path}.kept`;
    await readerOf(path).then(closeSync);
    renameSync(path, kept);
    writeFileSync(path, '', { mode: 0o600 });
    // The open that waits is of the FIFO, whatever it is called by now: nothing is written where the name is another's.
    expect(await readPipe(kept)).toEqual(Buffer.alloc(0));
    await pause(50);
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(await getKeys(place)).toEqual(packed());
    agent.stop();
    expect(await agent.ended).toBe('done');
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe.runIf(process.platform !== 'win32')('what stands in the place of the agent’s FIFO', () => {
  it.each([
    ['nothing', () => undefined],
    [
      'a file with keys in it',
      (place: AgentPlace) => writeFileSync(pipePath(place, vault), message(), { mode: 0o600 }),
    ],
    ['a folder', (place: AgentPlace) => mkdirSync(pipePath(place, vault), { mode: 0o700 })],
    [
      'a link to a FIFO',
      (place: AgentPlace) => {
        plant(place, message());
        renameSync(pipePath(place, vault), `${pipePath(place, vault)}.real`);
        symlinkSync(`${pipePath(place, vault)}.real`, pipePath(place, vault));
      },
    ],
    [
      'a FIFO that others may open',
      (place: AgentPlace) => {
        plant(place, message());
        chmodSync(pipePath(place, vault), 0o620);
      },
    ],
    [
      'a FIFO in a folder that others may enter',
      (place: AgentPlace) => {
        plant(place, message());
        chmodSync(place.folder, 0o711);
      },
    ],
    ['a FIFO of another vault’s keys', (place: AgentPlace) => plant(place, message(other))],
    ['a FIFO of older keys', (place: AgentPlace) => plant(place, message({ vault, generation: 2 }))],
    ['a FIFO of half the keys', (place: AgentPlace) => plant(place, message().subarray(0, 150))],
    ['a FIFO of too many', (place: AgentPlace) => plant(place, Buffer.concat([message(), Buffer.alloc(1)]))],
    ['a FIFO of text', (place: AgentPlace) => plant(place, 'GET / HTTP/1.1\r\n\r\n')],
    ['a FIFO that is full', (place: AgentPlace) => plant(place, Buffer.alloc(65_536, 'x'))],
    ['a FIFO that says nothing', (place: AgentPlace) => plant(place, '')],
  ])('%s: gives no keys, and hangs nobody', (_, stand) => {
    const place = makePlace();
    stand(place);
    expect(takeKeys(place, name)).toBeUndefined();
    expect(takeKeys({ ...place, uid: place.uid + 1 }, name)).toBeUndefined();
  });

  it('would be believed where it is the agent’s own', () => {
    const place = makePlace();
    plant(place, message());
    expect(takeKeys(place, name)).toEqual(packed());
  });

  it('is no offer unless it is one', () => {
    expect(message().length).toBeLessThanOrEqual(mostOffer);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => readOffer(line) === undefined));
  });
});
