import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askAgent } from '../../src/agent/client.ts';
import { keyCache } from '../../src/agent/key-cache.ts';
import {
  type AgentRequest,
  type AgentSocket,
  agentSocket,
  mostHeader,
  prepareFolder,
  readAnswer,
  readMessage,
  readRequest,
  socketIdentity,
  writeLine,
} from '../../src/agent/protocol.ts';
import { serveAgent } from '../../src/agent/server.ts';
import {
  firstOf,
  getKeys,
  hour,
  makeClocks,
  makePlace,
  name,
  packed,
  randomJunk,
  sendRaw,
  startAgent,
  times,
  vault,
} from './agents.ts';

const put: AgentRequest = { op: 'put', ...name, ...times };

describe('an agent', () => {
  it('gives the keys that it was started with, under their name only', async () => {
    const { place } = await startAgent();
    expect(await getKeys(place)).toEqual(packed());
    expect(await getKeys(place, { ...name, generation: 2 })).toBeUndefined();
    expect(await getKeys(place, { ...name, vault: 'ff'.repeat(16) })).toBeUndefined();
    // A copy of the vault may claim any generation: the keys stay.
    expect(await getKeys(place)).toEqual(packed());
  });

  it('says what it holds and until when, and nothing else', async () => {
    const { place, clocks } = await startAgent();
    const answer = await askAgent(place, { op: 'status' });
    const until = clocks.wall() + 3 * hour;
    const held = [{ ...name, until, end: clocks.wall() + 12 * hour }];
    expect(answer).toEqual({ header: { ok: true, held }, body: Buffer.alloc(0) });
  });

  it('listens where nobody else can come', async () => {
    const { place } = await startAgent();
    expect(lstatSync(place.socket).mode & 0o777).toBe(0o600);
    expect(lstatSync(place.folder).mode & 0o777).toBe(0o700);
  });

  it('serves several vaults, and locks one of them or all', async () => {
    const { place, agent } = await startAgent();
    const other = { vault: 'ff'.repeat(16), generation: 3 };
    await askAgent(place, { op: 'put', ...other, ...times }, Buffer.alloc(96, 7));
    expect(await getKeys(place, other)).toEqual(Buffer.alloc(96, 7));
    await askAgent(place, { op: 'lock', vault });
    expect(await getKeys(place)).toBeUndefined();
    expect(await getKeys(place, other)).toEqual(Buffer.alloc(96, 7));
    await askAgent(place, { op: 'lock' });
    await agent.ended;
    expect(existsSync(place.socket)).toBe(false);
  });

  it('holds sixteen vaults at most', async () => {
    const { place } = await startAgent();
    for (let count = 2; count <= 17; count += 1) {
      const request = {
        op: 'put',
        vault: count.toString(16).padStart(32, '0'),
        generation: 1,
        ...times,
      } as const;
      const answer = await askAgent(place, request, packed());
      expect(answer).toMatchObject({ header: { ok: count <= 16 } });
    }
    expect(await getKeys(place)).toEqual(packed());
  });
});

describe('time', () => {
  it('passes by use, to an end', async () => {
    const { place, clocks } = await startAgent();
    for (let hours = 2; hours < 12; hours += 2) {
      clocks.pass(2 * hour);
      expect(await getKeys(place), `after ${hours} hours`).toBeDefined();
    }
    clocks.pass(2 * hour);
    expect(await getKeys(place)).toBeUndefined();
  });

  it('runs out unused', async () => {
    const { place, clocks, agent } = await startAgent();
    clocks.pass(3 * hour - 1);
    expect(await getKeys(place)).toBeDefined();
    clocks.pass(3 * hour);
    expect(await getKeys(place)).toBeUndefined();
    await agent.ended;
  });

  it('runs out by itself, without anybody asking', async () => {
    const { clocks, agent } = await startAgent({ tick: 10 });
    clocks.pass(3 * hour);
    await agent.ended;
  });

  it.each([
    ['asleep', (clocks: ReturnType<typeof makeClocks>) => clocks.setWall(24 * hour)],
    ['with the wall clock held back', (clocks: ReturnType<typeof makeClocks>) => clocks.passUnseen(3 * hour)],
    [
      'with the wall clock set back by a day',
      (clocks: ReturnType<typeof makeClocks>) => clocks.setWall(-24 * hour),
    ],
  ])('runs out %s', async (_, pass) => {
    const { place, clocks } = await startAgent();
    pass(clocks);
    expect(await getKeys(place)).toBeUndefined();
  });

  it('bears a clock that is put right by a little', async () => {
    const { place, clocks } = await startAgent();
    clocks.setWall(-5000);
    expect(await getKeys(place)).toBeDefined();
  });

  it('is twelve hours at most, whatever is asked for, and never grants more than either clock allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 * hour }),
        fc.integer({ min: 1, max: 40 * hour }),
        fc.array(fc.record({ wall: fc.nat(13 * hour), monotonic: fc.nat(13 * hour) }), { maxLength: 6 }),
        (idle, total, steps) => {
          const clocks = makeClocks();
          const held = keyCache(clocks);
          held.put(name, { idle, total }, packed());
          const since = { wall: clocks.wall(), monotonic: clocks.monotonic() };
          let used = since;
          for (const step of steps) {
            clocks.setWall(step.wall);
            clocks.passUnseen(step.monotonic);
            const now = { wall: clocks.wall(), monotonic: clocks.monotonic() };
            const gone = (from: typeof now) => Math.max(now.wall - from.wall, now.monotonic - from.monotonic);
            const most = Math.min(total, 12 * hour);
            const allowed = gone(since) < most && gone(used) < Math.min(idle, most);
            expect(held.get(name) !== undefined).toBe(allowed);
            if (!allowed) return;
            used = now;
          }
        },
      ),
    );
  });

  it('leaves zeros where keys were', () => {
    const clocks = makeClocks();
    const held = keyCache(clocks);
    const bytes = packed();
    held.put(name, times, bytes);
    const copy = held.get(name);
    held.forget();
    expect(bytes).toEqual(Buffer.alloc(96));
    expect(copy).toEqual(packed());
    const replaced = packed();
    held.put(name, times, replaced);
    held.put(name, times, packed());
    expect(replaced).toEqual(Buffer.alloc(96));
  });
});

describe('what the agent does not understand', () => {
  const junk: readonly (readonly [string, Buffer | string])[] = [
    ['nothing but a line end', '\n'],
    ['text', 'GET / HTTP/1.1\r\n\r\n'],
    ['random bytes', randomJunk(500)],
    ['a long line', 'x'.repeat(mostHeader + 1)],
    ['a megabyte', Buffer.alloc(1_000_000, 'x')],
    ['deep JSON', `${'['.repeat(900)}\n`],
    ['another version', '{"version":2,"op":"status"}\n'],
    ['no version', '{"op":"status"}\n'],
    ['an unknown request', '{"version":1,"op":"dump"}\n'],
    ['a vault that is none', `{"version":1,"op":"get","vault":"${'zz'.repeat(16)}","generation":1}\n`],
    ['a generation that is none', `{"version":1,"op":"get","vault":"${vault}","generation":-1}\n`],
    ['keys too long', Buffer.concat([Buffer.from(writeLine(put)), Buffer.alloc(97)])],
    ['more after a whole request', `${writeLine({ op: 'status' })}more`],
    ['a prototype', '{"version":1,"__proto__":{"op":"status"}}\n'],
  ];

  it.each(junk)('%s: is hung up on without a word', async (_, bytes) => {
    const { place } = await startAgent({ readLimit: 200 });
    expect(await sendRaw(place, bytes)).toBe('');
    expect(await getKeys(place)).toEqual(packed());
  });

  it('is hung up on when it is slow', async () => {
    const { place } = await startAgent({ readLimit: 50 });
    for (const start of ['', '{"version":1', writeLine(put)]) expect(await sendRaw(place, start)).toBe('');
    expect(await getKeys(place)).toEqual(packed());
  });

  it('never reads as a request, and no request reads as another', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        expect(readRequest(line)).toBeUndefined();
        expect(readAnswer(line)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (line) => {
        expect(readRequest(line)).toBeUndefined();
      }),
    );
  });

  it('is put together from any pieces, which are wiped', async () => {
    const whole = Buffer.concat([Buffer.from(writeLine(put)), packed()]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        const places = [...new Set([0, ...cuts, whole.length])].sort((one, other) => one - other);
        const pieces = places.slice(1).map((to, index) => Buffer.from(whole.subarray(places[index], to)));
        const stream = Readable.from(pieces, { objectMode: false });
        expect(await readMessage(stream, readRequest, 1000)).toEqual({ header: put, body: packed() });
        for (const piece of pieces) expect(piece).toEqual(Buffer.alloc(piece.length));
      }),
    );
  });
});

describe('the place', () => {
  const plant = async (place: AgentSocket, answer: (server: Server) => void): Promise<() => number> => {
    let spoken = 0;
    const server = createServer((socket) => {
      socket.on('data', () => {
        spoken += 1;
      });
      socket.on('error', () => undefined);
    });
    answer(server);
    await new Promise<void>((done) => server.listen(place.socket, done));
    chmodSync(place.socket, 0o600);
    onTestFinished(() => void server.close());
    return () => spoken;
  };

  it('is not spoken to where the socket or its folder are open to others, links, or no sockets', async () => {
    const { place } = await startAgent();
    expect(socketIdentity(place)).toBeDefined();
    chmodSync(place.folder, 0o755);
    expect(await askAgent(place, { op: 'status' })).toBe('absent');
    chmodSync(place.folder, 0o700);
    chmodSync(place.socket, 0o666);
    expect(await askAgent(place, { op: 'status' })).toBe('absent');
    chmodSync(place.socket, 0o600);
    expect(await getKeys(place)).toBeDefined();
    renameSync(place.socket, `${place.socket}.real`);
    symlinkSync(`${place.socket}.real`, place.socket);
    expect(await askAgent(place, { op: 'status' })).toBe('absent');
    rmSync(place.socket);
    writeFileSync(place.socket, '');
    chmodSync(place.socket, 0o600);
    expect(await askAgent(place, { op: 'status' })).toBe('absent');
    expect(await askAgent({ ...place, uid: place.uid + 1 }, { op: 'status' })).toBe('absent');
  });

  it('is not spoken to where the folder is a link', async () => {
    const { place } = await startAgent();
    const link = `${place.folder}-link`;
    symlinkSync(place.folder, link);
    const through = agentSocket([link], place.uid);
    expect(through && (await askAgent(through, { op: 'status' }))).toBe('absent');
    expect(through && prepareFolder(through)).toBe(false);
  });

  /** Whether anybody answers a `get` while a shell's prompt waits. */
  const getBriefly = (place: AgentSocket) => askAgent(place, { op: 'get', ...name }, undefined, () => 200);

  it.each<[string, (server: Server) => void]>([
    ['says nothing', () => undefined],
    ['hangs up', (server) => server.on('connection', (socket) => socket.destroy())],
    [
      'talks nonsense',
      (server) => server.on('connection', (socket) => socket.write('{"version":1,"ok":tru\n')),
    ],
    ['floods', (server) => server.on('connection', (socket) => socket.write(Buffer.alloc(100_000, 'x')))],
  ])('of somebody who %s is told from one where nobody is', async (_, answer) => {
    const place = makePlace();
    expect(await getBriefly(place)).toBe('absent');
    await plant(place, answer);
    expect(await getBriefly(place)).toBe('silent');
  });

  it('is asked again after a refusal', async () => {
    const place = makePlace();
    let refused = 0;
    await plant(place, (server) =>
      server.on('connection', (socket) => {
        refused += 1;
        if (refused < 3) socket.destroy();
        else socket.end('{"version":1,"ok":true}\n');
      }),
    );
    expect(await askAgent(place, { op: 'status' })).toMatchObject({ header: { ok: true } });
  });

  it('where nobody accepts and the queue is full is waited for, until its process is gone', async () => {
    const place = makePlace();
    const script =
      "require('node:net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => {" +
      "require('node:fs').chmodSync(process.argv[1], 0o600); require('node:fs').writeSync(1, 'listening');" +
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) })';
    const child = spawn(process.execPath, ['-e', script, place.socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((done) => child.stdout.once('data', done));
    const waiting = Array.from({ length: 4 }, () => connect(place.socket));
    onTestFinished(() => waiting.forEach((socket) => void socket.destroy()));
    // Those that find room connect, and the kernel turns the others away at once.
    const codes = await Promise.all(
      waiting.map(
        (socket) =>
          new Promise((done) => {
            socket.once('connect', () => done('connected'));
            socket.once('error', (error) => done('code' in error && error.code));
          }),
      ),
    );
    if (process.platform === 'linux') expect(codes).toContain('EAGAIN');
    expect(await getBriefly(place)).toBe('silent');
    const asked = askAgent(place, { op: 'status' }, undefined, () => 60_000);
    child.kill('SIGKILL');
    expect(await asked).toBe('absent');
  });

  it('belongs to one agent: a second one passes its keys on and ends', async () => {
    const { place } = await startAgent();
    const other = { vault: 'ff'.repeat(16), generation: 1 };
    const first = firstOf({ op: 'put', ...other, ...times }, Buffer.alloc(96, 9));
    expect(await serveAgent({ place, clocks: makeClocks(), first })).toBeUndefined();
    expect(await getKeys(place, other)).toEqual(Buffer.alloc(96, 9));
    expect(await getKeys(place)).toEqual(packed());
  });

  it('is left by an agent whose socket is another’s now, and the other goes on', async () => {
    const { place, agent } = await startAgent({ tick: 20 });
    rmSync(place.socket);
    const other = await startAgent({ place });
    await agent.ended;
    expect(await getKeys(place)).toEqual(packed());
    other.agent.stop();
  });

  it('is not served from where others may come', async () => {
    const place = makePlace();
    chmodSync(place.folder, 0o750);
    expect(await serveAgent({ place, clocks: makeClocks(), first: firstOf(put) })).toBeUndefined();
    const elsewhere = join(place.folder, '..', 'nowhere');
    const absent = agentSocket([elsewhere], place.uid);
    expect(
      absent && (await serveAgent({ place: absent, clocks: makeClocks(), first: firstOf(put) })),
    ).toBeUndefined();
    mkdirSync(elsewhere, { mode: 0o700 });
    expect(absent && prepareFolder(absent)).toBe(true);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['something else than keys', Buffer.from(writeLine({ op: 'status' }))],
    ['half of the keys', Buffer.concat([Buffer.from(writeLine(put)), Buffer.alloc(40)])],
  ])('is not taken by an agent that is started with %s', async (_, bytes) => {
    const place = makePlace();
    const first = firstOf({ op: 'status' }, Buffer.alloc(0));
    first.destroy();
    const stream = Readable.from([bytes], { objectMode: false });
    expect(await serveAgent({ place, clocks: makeClocks(), first: stream, readLimit: 100 })).toBeUndefined();
    expect(existsSync(place.socket)).toBe(false);
  });
});
