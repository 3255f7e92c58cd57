/** Fault 14: the agent's process abused, and what is planted where it should be. Its clocks are tried in test/agent. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mostHeader } from '../../src/agent/protocol.ts';
import { copyOf, expectRefusal, makeTemplate, type Place, passphrase, rapport } from './support/clinic.ts';
import { samples, tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `agent: ${of('messages')} bad messages, ${of('connections')} connections, ${of('kills')} kills under load, ` +
    `${of('locks')} locks under load, ${of('starts')} starts at once, ${of('planted')} planted sockets; no key given away, nobody kept out`,
);
const withoutKey = { RAPPORT_PASSPHRASE: undefined };

let template: Place;
beforeAll(async () => {
  template = await makeTemplate(2);
});

interface Clinic extends Place {
  readonly socket: string;
}

function makeClinic(): Clinic {
  const place = copyOf(template);
  const clinic = { ...place, socket: join(place.root, 'runtime', 'rapport', 'agent.sock') };
  mkdirSync(join(place.root, 'home', '.config', 'rapport'), { recursive: true, mode: 0o700 });
  writeFileSync(join(place.root, 'home', '.config', 'rapport', 'config.json'), '{"idle":"3h"}');
  onTestFinished(() => {
    for (const id of agentsOf(clinic)) process.kill(id, 'SIGKILL');
  });
  return clinic;
}

/** Those that listen in the socket's folder, by what the kernel says: it keeps the name under which they began. */
function agentsOf({ socket }: Clinic): readonly number[] {
  const inodes = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${dirname(socket)}/`))
    .map((line) => `socket:[${line.trim().split(/\s+/)[6]}]`);
  const isOne = (id: string): boolean => {
    try {
      const links = readdirSync(`/proc/${id}/fd`).map((fd) => readlinkSync(`/proc/${id}/fd/${fd}`));
      return links.some((link) => inodes.includes(link));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOne(name))
    .map(Number)
    .filter((id) => id !== process.pid);
}

/** Whoever held keys is gone, and no process hangs in its end. */
async function haveEnded(ids: readonly number[]): Promise<void> {
  expect(ids).toHaveLength(1);
  const isThere = (id: number): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  for (let tries = 0; tries < 200 && ids.some(isThere); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(ids.filter(isThere)).toEqual([]);
}

const unlock = (place: Place) => rapport(place, ['unlock', '--for', '1h']);
const dueWithoutKey = (place: Place) => rapport(place, ['due', '--no-input'], { env: withoutKey });

/** Writes to the socket; what comes back until it is closed. */
function say({ socket }: Clinic, bytes: Buffer | string): Promise<string> {
  return new Promise((done) => {
    const parts: Buffer[] = [];
    const connection = connect(socket, () => connection.write(bytes));
    connection.on('data', (chunk) => parts.push(chunk));
    connection.on('error', () => undefined);
    connection.on('close', () => done(Buffer.concat(parts).toString('latin1')));
  });
}

const plant = async ({ socket }: Clinic, mode: number, answer: string) => {
  mkdirSync(join(socket, '..'), { mode: 0o700, recursive: true });
  let heard = '';
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      connection.end(answer);
    });
  });
  await new Promise<void>((done) => server.listen(socket, done));
  chmodSync(socket, mode);
  onTestFinished(() => void server.close());
  counts.add('planted');
  return () => heard;
};

describe.runIf(process.platform === 'linux')('the agent’s process', () => {
  it('hangs up on what it does not understand, and serves on', async () => {
    const clinic = makeClinic();
    expect((await unlock(clinic)).code).toBe(0);
    const junk: readonly (Buffer | string)[] = [
      '\n',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      Buffer.alloc(mostHeader + 1, 'x'),
      Buffer.alloc(5_000_000, 'x'),
      Buffer.alloc(200, 0),
      `${'['.repeat(900)}\n`,
      '{"version":1,"op":"dump"}\n',
      '{"version":1,"op":"get","vault":"00","generation":1}\n',
      `{"version":1,"op":"get","vault":"${'0'.repeat(32)}","generation":1e99}\n`,
      '{"version":99,"op":"status"}\n',
    ];
    for (const bytes of junk) {
      const said = await say(clinic, bytes);
      expect(said.length).toBeLessThan(64);
      counts.add('messages');
    }
    expect((await dueWithoutKey(clinic)).code).toBe(0);
    expect(agentsOf(clinic)).toHaveLength(1);
  });

  it('bears a thousand connections that say nothing, and those that say it slowly', async () => {
    const clinic = makeClinic();
    expect((await unlock(clinic)).code).toBe(0);
    const many = samples(1000);
    const connections = Array.from({ length: many }, (_, index) => {
      const connection = connect(clinic.socket);
      connection.on('error', () => undefined);
      if (index % 10 === 0) connection.write('{"version":1');
      return connection;
    });
    counts.add('connections', many);
    // With all of them waiting, a command has its answer or goes on without; it never hangs.
    const meanwhile = await rapport(clinic, ['due']);
    expect(meanwhile.code).toBe(0);
    await Promise.all(
      connections.map((one) => new Promise((done) => (one.closed ? done(0) : one.once('close', done)))),
    );
    expect((await dueWithoutKey(clinic)).code).toBe(0);
    const [id] = agentsOf(clinic);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
    expect(Number(resident)).toBeLessThan(90 * 1024);
  });

  it('killed in the midst of requests leaves each with its answer or locked', async () => {
    for (let times = 0; times < samples(5); times += 1) {
      const clinic = makeClinic();
      expect((await unlock(clinic)).code).toBe(0);
      const [id] = agentsOf(clinic);
      const asking = Array.from({ length: 12 }, () => dueWithoutKey(clinic));
      await Promise.race(asking);
      process.kill(Number(id), 'SIGKILL');
      counts.add('kills');
      for (const result of await Promise.all(asking)) {
        expect([0, 4], result.stderr).toContain(result.code);
        if (result.code === 4) expectRefusal(result, { code: 4, says: /locked/ });
      }
      expect((await dueWithoutKey(clinic)).code).toBe(4);
      expect(existsSync(clinic.socket)).toBe(true);
      expect((await unlock(clinic)).code).toBe(0);
      expect((await dueWithoutKey(clinic)).code).toBe(0);
    }
  });

  it('locked in the midst of requests gives keys or none, and none after it', async () => {
    for (let times = 0; times < samples(5); times += 1) {
      const clinic = makeClinic();
      expect((await unlock(clinic)).code).toBe(0);
      const asking = Array.from({ length: 12 }, () => dueWithoutKey(clinic));
      await Promise.race(asking);
      expect((await rapport(clinic, ['lock'])).code).toBe(0);
      counts.add('locks');
      expect((await dueWithoutKey(clinic)).code).toBe(4);
      for (const result of await Promise.all(asking)) expect([0, 4], result.stderr).toContain(result.code);
    }
  });

  it('is one, however many are started at once', async () => {
    const clinic = makeClinic();
    const unlocked = await Promise.all(Array.from({ length: 6 }, () => unlock(clinic)));
    counts.add('starts', unlocked.length);
    for (const result of unlocked) expect(result.code, result.stderr).toBe(0);
    expect((await dueWithoutKey(clinic)).code).toBe(0);
    expect((await rapport(clinic, ['lock'])).code).toBe(0);
    expect((await dueWithoutKey(clinic)).code).toBe(4);
  });
});

describe.runIf(process.platform === 'linux')('a planted socket', () => {
  const noAnswer = { code: 8, says: /the agent does not answer/ };
  const lies: readonly (readonly [string, { readonly code: number; readonly says: RegExp }])[] = [
    ['', noAnswer],
    ['no JSON\n', noAnswer],
    ['{"version":1,"ok":true,"keys":true}\n', noAnswer],
    [`{"version":1,"ok":true,"keys":true}\n${'k'.repeat(96)}`, { code: 4, says: /locked/ }],
    [`{"version":1,"ok":true,"keys":true}\n${'k'.repeat(5000)}`, noAnswer],
    ['{"version":1,"ok":true,"held":[{"vault":"x"}]}\n', noAnswer],
  ];

  it.each(lies)('of our own is not believed when it answers %j', async (lie, refusal) => {
    const clinic = makeClinic();
    const heard = await plant(clinic, 0o600, lie);
    const [without, withKey] = await Promise.all([dueWithoutKey(clinic), rapport(clinic, ['due'])]);
    expectRefusal(without, refusal);
    expect(withKey.code).toBe(0);
    expect(heard()).not.toContain(passphrase);
  });

  it('that others may write to, or in a folder that is open to them, is never spoken to', async () => {
    for (const [socketMode, folderMode] of [
      [0o666, 0o700],
      [0o660, 0o700],
      [0o600, 0o755],
      [0o600, 0o777],
    ] as const) {
      const clinic = makeClinic();
      const heard = await plant(clinic, socketMode, 'no JSON\n');
      chmodSync(join(clinic.socket, '..'), folderMode);
      expect((await dueWithoutKey(clinic)).code).toBe(4);
      expect((await rapport(clinic, ['due'])).code).toBe(0);
      const unlocked = await unlock(clinic);
      expect([0, 1], unlocked.stderr).toContain(unlocked.code);
      expect(heard()).toBe('');
    }
  });

  it('that nobody is behind any more is replaced', async () => {
    const clinic = makeClinic();
    expect((await unlock(clinic)).code).toBe(0);
    for (const id of agentsOf(clinic)) process.kill(id, 'SIGKILL');
    expect((await dueWithoutKey(clinic)).code).toBe(4);
    expect((await unlock(clinic)).code).toBe(0);
    expect((await dueWithoutKey(clinic)).code).toBe(0);
    counts.add('planted');
  });

  it('would have too long a path: another folder is taken', async () => {
    const clinic = makeClinic();
    const runtime = join(clinic.root, 'x'.repeat(110));
    mkdirSync(runtime, { mode: 0o700 });
    const env = { XDG_RUNTIME_DIR: runtime };
    const unlocked = await rapport(clinic, ['unlock', '--for', '1h'], { env });
    expect([0, 1], unlocked.stderr).toContain(unlocked.code);
    expect(existsSync(join(runtime, 'rapport'))).toBe(false);
    const asked = await rapport(clinic, ['due', '--no-input'], { env: { ...env, ...withoutKey } });
    expect(asked.code).toBe(unlocked.code === 0 ? 0 : 4);
    rmSync(runtime, { recursive: true });
    counts.add('planted');
  });
});

describe.runIf(process.platform === 'linux')('an agent that holds nothing any more', () => {
  it('ends, and takes its socket away', async () => {
    const clinic = makeClinic();
    expect((await unlock(clinic)).code).toBe(0);
    expect((await dueWithoutKey(clinic)).code).toBe(0);
    const ids = agentsOf(clinic);
    expect((await rapport(clinic, ['lock'])).code).toBe(0);
    await haveEnded(ids);
    expect(existsSync(clinic.socket)).toBe(false);
  });
});
