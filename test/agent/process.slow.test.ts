/** The agent as a process, and the commands that go through it: the built program on real vaults. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { type BinaryResult, runBinary } from '../support/binary.ts';
import { testOutside } from '../support/outside.ts';
import { runInTerminal } from '../support/pty.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

const withPassphrase = { RAPPORT_PASSPHRASE: passphrase };

interface Clinic extends TestPlace {
  rapport(
    argv: readonly string[],
    env?: Readonly<Record<string, string>>,
    stdin?: string,
  ): Promise<BinaryResult>;
  readonly socket: string;
}

async function makeClinic(idle = '3h'): Promise<Clinic> {
  const place = await makeVault({ settings: { idle } });
  const rapport: Clinic['rapport'] = (argv, env = {}, stdin = '') =>
    runBinary(argv, { root: place.root, env, stdin });
  onTestFinished(async () => {
    await rapport(['lock']);
    place.remove();
  });
  return { ...place, rapport, socket: join(place.root, 'runtime', 'rapport', 'agent.sock') };
}

/** The process that listens on a socket, by what the kernel says. */
function processAt(socket: string): number {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((entry) => entry.includes(` ${dirname(socket)}/`));
  const wanted = `socket:[${line?.trim().split(/\s+/)[6]}]`;
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const links = readdirSync(`/proc/${id}/fd`).map((fd) => readlinkSync(`/proc/${id}/fd/${fd}`));
      if (links.includes(wanted)) return Number(id);
    } catch {
      // Gone, or another user's.
    }
  }
  throw new Error('nobody listens there');
}

/** Polls, as nothing tells when another process is done. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it never came about');
}

const isRunning = (id: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe.runIf(process.platform === 'linux')('unlock, lock and status', () => {
  beforeAll(() => {
    if (!existsSync(new URL('../../dist/agent.cjs', import.meta.url))) throw new Error('npm run build first');
  });

  it('take the recovery code, of which typing errors are told by group', async () => {
    const clinic = await makeClinic();
    const sheet = join(clinic.work, 'sheet');
    const code = writeRecoveryCode(Buffer.alloc(20, 5));
    const withCode = { RAPPORT_RECOVERY_FILE: sheet };
    writeFileSync(sheet, code.replace(/^.{6}/, 'ZZZZZ-'), { mode: 0o600 });
    const mistyped = await clinic.rapport(['unlock', '--recovery'], withCode);
    expect(mistyped.code).toBe(5);
    expect(mistyped.stderr).toContain(
      'the recovery code is mistyped in group 1 (from RAPPORT_RECOVERY_FILE)',
    );
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
    writeFileSync(sheet, `# the sheet\n\n  ${code.toLowerCase()}\n`);
    expect(await clinic.rapport(['unlock', '--recovery'], withCode)).toMatchObject({ code: 0, stderr: '' });
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(0);
  });

  it('go on after a change of keys, which takes the passphrase all the same', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    for (const change of [['recovery'], ['rotate']]) {
      const argv = ['key', ...change, '--out', `${change}.txt`, '--no-input'];
      expect((await clinic.rapport(argv)).code).toBe(4);
      const changed = await clinic.rapport(argv, withPassphrase);
      expect(changed.code, changed.stderr).toBe(0);
      expect(await clinic.rapport(['due', '--no-input'])).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await clinic.rapport(['key', 'export-raw', '--yes'])).code).toBe(4);
    await clinic.rapport(['lock']);
    // Nobody asks an agent for keys of before: they open nothing, and are never held again.
    expect((await clinic.rapport(['key', 'rotate', '--out', 'last.txt'], withPassphrase)).code).toBe(0);
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
  });

  it('ask once, and lock for everybody', async () => {
    const clinic = await makeClinic();
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
    const unlocked = await clinic.rapport(['unlock'], withPassphrase);
    expect(unlocked).toMatchObject({ code: 0, stderr: '' });
    expect(unlocked.stdout).toMatch(
      /^Unlocked until \d\d:\d\d, and while it is used, \d\d:\d\d at the latest/,
    );
    for (let count = 0; count < 2; count += 1)
      expect((await clinic.rapport(['due', '--no-input'])).code).toBe(0);
    expect((await clinic.rapport(['lock'])).stdout).toBe('Locked.\n');
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
    await eventually(() => !existsSync(clinic.socket));
    expect((await clinic.rapport(['lock'])).code).toBe(0);
  });

  it('say who unlocked it, until when, and what would', async () => {
    const clinic = await makeClinic();
    const read = async (env = {}) => JSON.parse((await clinic.rapport(['status', '--json'], env)).stdout);
    expect(await read()).toMatchObject({ locked: true, unlocked_by: null, until: null, sources: [] });
    expect(await read(withPassphrase)).toMatchObject({ locked: true, sources: ['RAPPORT_PASSPHRASE'] });
    const before = Date.now();
    await clinic.rapport(['unlock', '--for', '90m'], withPassphrase);
    const status = await read();
    expect(status).toMatchObject({ schema: 'rapport.status/1', locked: false, unlocked_by: 'agent' });
    expect(status.until).toBe(status.end);
    expect(Math.abs(Date.parse(status.until) - before - 90 * 60_000)).toBeLessThan(20_000);
    expect(status.slots.map((slot: { type: string }) => slot.type)).toEqual(['passphrase', 'recovery']);
    expect((await clinic.rapport(['status'])).stdout).toMatch(
      /^unlocked by the agent until \d\d:\d\d\nvault: /,
    );
  });

  it('keep nothing where idle is 0, unless told for how long', async () => {
    const clinic = await makeClinic('0');
    expect((await clinic.rapport(['unlock'], withPassphrase)).code).toBe(2);
    expect((await clinic.rapport(['unlock', '--for', '0'], withPassphrase)).code).toBe(2);
    expect((await clinic.rapport(['unlock', '--for', '13h'], withPassphrase)).code).toBe(2);
    expect((await clinic.rapport(['unlock', '--for', '1h'], withPassphrase)).code).toBe(0);
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(0);
  });

  it('refuse a wrong passphrase, and leave it locked', async () => {
    const clinic = await makeClinic();
    expect((await clinic.rapport(['unlock'], { RAPPORT_PASSPHRASE: 'wrong' })).code).toBe(5);
    expect((await clinic.rapport(['unlock', '--no-input'])).code).toBe(4);
    expect(existsSync(clinic.socket)).toBe(false);
  });

  it('stay unlocked through a change of passphrase, with the new generation', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    const file = join(clinic.work, 'new');
    writeFileSync(file, 'another passphrase of words\n', { mode: 0o600 });
    const changed = await clinic.rapport(['key', 'passphrase'], {
      ...withPassphrase,
      RAPPORT_NEW_PASSPHRASE_FILE: file,
    });
    expect(changed.code).toBe(0);
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(0);
    await clinic.rapport(['lock']);
    expect((await clinic.rapport(['due', '--no-input'], withPassphrase)).code).toBe(5);
  });

  it('ask for key commands all the same', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    const file = join(clinic.work, 'new');
    writeFileSync(file, 'another passphrase of words\n', { mode: 0o600 });
    const env = { RAPPORT_NEW_PASSPHRASE_FILE: file };
    expect((await clinic.rapport(['key', 'passphrase', '--no-input'], env)).code).toBe(4);
  });
});

describe.runIf(process.platform === 'linux')('the agent process', () => {
  it('starts once a person has typed the passphrase', async () => {
    const clinic = await makeClinic();
    const run = runInTerminal(['due'], { root: clinic.root });
    await run.answer('Passphrase', `${passphrase}\r`);
    expect(await run.exit).toBe(0);
    await eventually(async () => (await clinic.rapport(['due', '--no-input'])).code === 0);
  });

  it('does not start for a passphrase that a script gave', async () => {
    const clinic = await makeClinic();
    expect((await clinic.rapport(['due'], withPassphrase)).code).toBe(0);
    expect(existsSync(join(clinic.root, 'runtime', 'rapport'))).toBe(false);
  });

  it('holds no secret in its words or surroundings, dumps no core, and stays small', async () => {
    const clinic = await makeClinic();
    const asked = { ...withPassphrase, NODE_OPTIONS: '--max-http-header-size=20000' };
    await clinic.rapport(['unlock'], asked);
    const id = processAt(clinic.socket);
    const environment = readFileSync(`/proc/${id}/environ`, 'latin1');
    expect(environment).not.toMatch(/RAPPORT|NODE_OPTIONS|HOME/);
    expect(readFileSync(`/proc/${id}/cmdline`, 'latin1')).not.toContain(passphrase);
    expect(readFileSync(`/proc/${id}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
    expect(readlinkSync(`/proc/${id}/cwd`)).toBe('/');
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
    expect(Number(resident)).toBeLessThan(60 * 1024);
    expect(statSync(clinic.socket).mode & 0o777).toBe(0o600);
  });

  it('goes in order when it is told to by a signal', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    const id = processAt(clinic.socket);
    process.kill(id, 'SIGTERM');
    await eventually(() => !isRunning(id));
    expect(existsSync(clinic.socket)).toBe(false);
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
  });

  it('that is stopped is busy, which is never called locked, and nobody waits for it in vain', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    const id = processAt(clinic.socket);
    process.kill(id, 'SIGSTOP');
    onTestFinished(() => void process.kill(id, 'SIGCONT'));
    const answers = await Promise.all(
      [['due', '--no-input'], ['due', '--daily'], ['status'], ['unlock'], ['lock']].map((argv) =>
        clinic.rapport(argv),
      ),
    );
    for (const { code, stdout, stderr } of answers) {
      expect(stdout + stderr).toMatch(/^rapport: the agent.* does not answer\nhint: /);
      expect(code).toBe(8);
    }
    expect(await clinic.rapport(['due', '--line'])).toMatchObject({ code: 8, stdout: 'busy\n', stderr: '' });
    const words = ['rapport', 'brief', ''].map((word) => `${word}\0`).join('');
    expect(await clinic.rapport(['complete', 'zsh'], {}, words)).toMatchObject({ code: 0, stderr: '' });
    expect((await clinic.rapport(['due', '--no-input'], withPassphrase)).code).toBe(0);
    const terminal = runInTerminal(['due'], { root: clinic.root });
    expect(await terminal.exit).toBe(8);
    expect(terminal.written()).not.toContain('Passphrase');
    // Once it goes on, it does what it was told.
    process.kill(id, 'SIGCONT');
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
  });

  it('serves fifty commands at once on a loaded machine', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    const loops = [1, 2].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    try {
      const all = await Promise.all(Array.from({ length: 50 }, () => clinic.rapport(['due', '--no-input'])));
      for (const { code, stderr } of all) expect(code, stderr).toBe(0);
    } finally {
      for (const loop of loops) loop.kill('SIGKILL');
    }
  }, 120_000);

  it('goes without a runtime folder', async () => {
    const clinic = await makeClinic();
    const env = { XDG_RUNTIME_DIR: join(clinic.root, 'absent') };
    expect((await clinic.rapport(['unlock'], { ...env, ...withPassphrase })).code).toBe(0);
    expect((await clinic.rapport(['due', '--no-input'], env)).code).toBe(0);
    const own = join(clinic.root, 'temporary', `rapport-${process.getuid?.()}`);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    await clinic.rapport(['lock'], env);
  });
});

describe('status', () => {
  it('asks every place that an agent can be in, and says which answered', async () => {
    const clinic = await makeClinic();
    const nobody = await clinic.rapport(['status']);
    expect(nobody.stdout).toMatch(/^locked\n[\s\S]*\nno agent was found here\n/);
    const elsewhere = join(clinic.root, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    const there = { XDG_RUNTIME_DIR: elsewhere };
    const agents = async (env = {}) =>
      JSON.parse((await clinic.rapport(['status', '--json'], env)).stdout).agents;
    expect(await agents()).toEqual([]);
    await clinic.rapport(['unlock'], { ...withPassphrase, ...there });
    const folder = join(elsewhere, 'rapport');
    const { stdout } = await clinic.rapport(['status']);
    expect(stdout).toMatch(/^locked here\n/);
    expect(stdout).toContain(`agent in ${folder}: holds the key until `);
    expect(stdout).toContain('commands here do not ask it, rapport lock ends it');
    expect(await agents()).toMatchObject([{ folder, asked: false, holds: true }]);
    expect(await agents(there)).toMatchObject([{ folder, asked: true, holds: true }]);
    const other = { ...there, RAPPORT_VAULT: (await makeClinic()).folder };
    expect((await clinic.rapport(['status'], other)).stdout).toContain(
      `agent in ${folder}: does not hold the key of this vault`,
    );
    expect((await clinic.rapport(['lock'])).stdout).toBe('Locked.\n');
  });
});

describe('lock', () => {
  it('finds an agent that was started from other surroundings', async () => {
    const clinic = await makeClinic();
    const elsewhere = join(clinic.root, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    for (const there of [{ XDG_RUNTIME_DIR: elsewhere }, { XDG_RUNTIME_DIR: '', TMPDIR: elsewhere }]) {
      await clinic.rapport(['unlock'], { ...withPassphrase, ...there });
      expect((await clinic.rapport(['due', '--no-input'], there)).code).toBe(0);
      expect((await clinic.rapport(['lock'])).stdout).toBe('Locked.\n');
      expect((await clinic.rapport(['due', '--no-input'], there)).code).toBe(4);
    }
  });

  it('says that no agent was found where none answered', async () => {
    const clinic = await makeClinic();
    expect(await clinic.rapport(['lock'])).toMatchObject({
      code: 0,
      stdout: 'No agent was found here, so none holds a key.\n',
    });
    expect(JSON.parse((await clinic.rapport(['lock', '--json'])).stdout)).toMatchObject({ agents: 0 });
  });

  it('does not say that it locked what gives no answer', async () => {
    const clinic = await makeClinic();
    const folder = join(clinic.root, 'runtime', 'rapport');
    mkdirSync(folder, { mode: 0o700 });
    const silent = createServer(() => undefined).listen(clinic.socket);
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    chmodSync(clinic.socket, 0o600);
    expect(await clinic.rapport(['lock'])).toMatchObject({
      code: 8,
      stdout: '',
      stderr: expect.stringContaining(`the agent in ${folder} does not answer`),
    });
  });

  it('--all locks every vault and needs none', async () => {
    const clinic = await makeClinic();
    await clinic.rapport(['unlock'], withPassphrase);
    // In this process, which knows of no agents but those of the test.
    const outside = testOutside({
      root: clinic.root,
      env: { RAPPORT_VAULT: join(clinic.root, 'nowhere'), XDG_STATE_HOME: join(clinic.root, 'state') },
      now: Date.now,
      random: randomBytes,
    });
    expect([await main(['lock', '--all'], outside), outside.printed.stdout]).toEqual([
      0,
      'Locked, every vault.\n',
    ]);
    expect((await clinic.rapport(['due', '--no-input'])).code).toBe(4);
  });
});
