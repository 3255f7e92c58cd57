/** The keyring slot against a real Secret Service: gnome-keyring on a D-Bus of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { binaryEnvironment } from '../support/binary.ts';
import { faultsOf } from '../support/schemas.ts';
import { copyOf, makeTemplate, type Place, passphrase, rapport } from './support/clinic.ts';
import { samples, tally } from './support/counting.ts';
import { faulted, injectionIsAbsent, type Moment, traced } from './support/injection.ts';
import { chosen, draw } from './support/sampling.ts';

const counts = tally(
  (of) => `keyring: ${of('openings')} openings without a question, ${of('refusals')} refused`,
);

const missing = ['dbus-daemon', 'gnome-keyring-daemon'].filter(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error !== undefined,
);
const absent =
  process.platform !== 'linux'
    ? 'there is no Secret Service but on Linux'
    : missing.length > 0
      ? `not installed: ${missing.join(', ')}`
      : undefined;

interface Session {
  readonly env: Readonly<Record<string, string>>;
  /** Starts a keyring service, with a keyring of this password. */
  unlock(password: string): Promise<void>;
  /** Ends the service. */
  lock(): Promise<void>;
}

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

/** A message bus that starts nothing by itself, and nobody on it. */
async function startSession({ root }: Place): Promise<Session> {
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address', '--nosyslog'], {
    env: binaryEnvironment(root, { XDG_DATA_DIRS: root }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => end(bus));
  const [address] = await once(createInterface({ input: bus.stdout }), 'line');
  const env = { DBUS_SESSION_BUS_ADDRESS: String(address) };
  let service: ChildProcess | undefined;
  onTestFinished(() => end(service));
  const lock = (): Promise<void> => end(service);
  return {
    env,
    lock,
    async unlock(password) {
      await lock();
      // Another place each time: what a killed service left there stands in the way of the next.
      const control = mkdtempSync(join(root, 'runtime', 'keyring-'));
      const child = spawn(
        'gnome-keyring-daemon',
        ['--foreground', '--unlock', '--components=secrets', '--control-directory', control],
        { env: binaryEnvironment(root, env), stdio: ['pipe', 'pipe', 'ignore'] },
      );
      service = child;
      child.stdin.end(password);
      // It names its place once it serves.
      await once(child.stdout, 'data');
    },
  };
}

let template: Place;
beforeAll(async () => {
  template = await makeTemplate();
});

describe.skipIf(absent !== undefined)(`a keyring slot${absent === undefined ? '' : ` (${absent})`}`, () => {
  const list = ['patient', 'list', '--no-input'];

  /** Without a passphrase from anywhere. */
  const alone = (place: Place, env: Readonly<Record<string, string>>, argv: readonly string[] = list) =>
    rapport(place, argv, { env: { ...env, RAPPORT_PASSPHRASE: '' } });

  it('opens without a question while the keyring is unlocked, and no longer', async () => {
    const place = copyOf(template);
    const session = await startSession(place);
    const { env } = session;
    await session.unlock('login');
    expect(await alone(place, env)).toMatchObject({ code: 4 });
    const made = await rapport(place, ['key', 'keyring'], { env });
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain('opens without a question');
    expect(readFileSync(join(place.folder, 'vault.keys'), 'utf8')).toContain('"type":"keyring"');

    const opened = await alone(place, env);
    expect(opened).toMatchObject({ code: 0, stderr: '' });
    expect(opened.stdout).toContain('malu Razo');
    counts.add('openings');
    const status = await alone(place, env, ['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ keyring: true, sources: ["the system's keyring"] });
    expect((await alone(place, env, ['status'])).stdout).toContain("the system's keyring is on");

    // It changes no keys: that takes the passphrase.
    expect(await alone(place, env, ['key', 'keyring', '--remove', '--no-input'])).toMatchObject({ code: 4 });

    await session.lock();
    const locked = await alone(place, env);
    expect(locked.code).toBe(4);
    expect(locked.stderr).toContain("rapport: the system's keyring does not open the vault: ");
    counts.add('refusals');
    // The passphrase is as good as ever.
    expect((await rapport(place, list, { env })).code).toBe(0);

    const removed = await rapport(place, ['key', 'keyring', '--remove'], { env });
    expect(removed.code).toBe(0);
    expect(removed.stderr).toContain('still holds its secret, which opens nothing any more');
    expect(await alone(place, env)).toMatchObject({
      code: 4,
      stderr: expect.not.stringContaining('keyring'),
    });
  });

  it('is taken away from the vault and from the keyring', async () => {
    const place = copyOf(template);
    const session = await startSession(place);
    const { env } = session;
    await session.unlock('login');
    const { stdout, code } = await rapport(place, ['key', 'keyring', '--json'], { env });
    expect([code, faultsOf('key-keyring', JSON.parse(stdout))]).toEqual([0, []]);
    const without = await alone(place, { DBUS_SESSION_BUS_ADDRESS: '' });
    expect(without.code).toBe(4);
    expect(without.stderr).toContain('there is no D-Bus session');
    counts.add('refusals');
    expect((await alone(place, env)).code).toBe(0);
    counts.add('openings');
    const keys = ['vault.keys', 'vault.keys.copy'].map((name) => join(place.folder, name));
    const withSlot = keys.map((path) => readFileSync(path));
    const removed = await rapport(place, ['key', 'keyring', '--remove'], { env });
    expect(removed).toMatchObject({ code: 0, stderr: 'A change of the keys cannot be undone.\n' });
    expect(await alone(place, env)).toMatchObject({ code: 4 });
    expect((await rapport(place, ['key', 'keyring', '--remove'], { env })).code).toBe(3);
    // Whoever kept the slot finds nothing in the keyring.
    for (const [index, path] of keys.entries()) writeFileSync(path, withSlot[index] ?? '');
    const kept = await alone(place, env);
    expect(kept.code).toBe(4);
    expect(kept.stderr).toContain('it holds no key of it');
    counts.add('refusals', 3);
  });

  it('goes along with a new master key, and with a new passphrase', async () => {
    const place = copyOf(template);
    const session = await startSession(place);
    const { env } = session;
    await session.unlock('login');
    expect((await rapport(place, ['key', 'keyring'], { env })).code).toBe(0);
    const rotated = await rapport(place, ['key', 'rotate', '--out', 'sheet.txt'], { env });
    expect(rotated.code, rotated.stderr).toBe(0);
    expect(rotated.stderr).not.toContain('keyring');
    expect((await alone(place, env)).code).toBe(0);
    counts.add('openings');
    await session.lock();
    const without = await rapport(place, ['key', 'rotate', '--out', 'other.txt'], { env });
    expect(without.code, without.stderr).toBe(0);
    expect(without.stderr).toContain("the system's keyring opens the vault no more");
    const slots = await rapport(place, ['key', 'list', '--json']);
    expect(slots.stdout).not.toContain('keyring');
    counts.add('refusals');
  });

  it.skipIf(injectionIsAbsent() !== undefined)(
    'opens the vault as before where a change of it fails, and as is said',
    async () => {
      const place = copyOf(template);
      const session = await startSession(place);
      const { env } = session;
      await session.unlock('login');
      const change = { argv: ['key', 'keyring'], env };
      expect((await rapport(place, change.argv, { env })).code).toBe(0);
      const slotOf = (): string | undefined =>
        /\{[^{]*"type":"keyring".*?"commitment":"\w+"/.exec(
          readFileSync(join(place.folder, 'vault.keys'), 'utf8'),
        )?.[0];
      const { steps } = await traced(place, change);
      const inVault = [...steps.entries()].filter(([, step]) => step.includes(' /vault'));
      const ends = new Set<number | string>();
      for (const [index, step] of chosen(inVault, samples(24))) {
        const before = slotOf();
        const at = index + 1;
        const moment: Moment = draw() < 0.5 ? { at, does: 'EIO', once: true } : { at, does: 'ENOSPC' };
        const met = await faulted(place, change, moment);
        const said = `${JSON.stringify(moment)}, ${step}: exit ${met.code}, ${met.stderr}`;
        ends.add(met.code);
        expect(slotOf() !== before, said).toBe(met.code === 0);
        expect(await alone(place, env), said).toMatchObject({ code: 0 });
        counts.add('openings');
      }
      // A quick look tries too few moments to meet both.
      if (samples(24) > 10) expect(ends).toEqual(new Set([0, 1]));
    },
  );

  it('keeps no secret in the folder, and none that another vault takes', async () => {
    const place = copyOf(template);
    const session = await startSession(place);
    const { env } = session;
    await session.unlock('login');
    expect((await rapport(place, ['key', 'keyring'], { env })).code).toBe(0);
    const slots = readFileSync(join(place.folder, 'vault.keys'));
    // The same folder with its keys of before: the keyring's secret finds no slot.
    const before = copyOf(template);
    expect(await alone(before, env)).toMatchObject({ code: 4 });
    expect(slots.includes(Buffer.from(passphrase))).toBe(false);
    counts.add('refusals');
  });

  it('is not made where nothing keeps it', async () => {
    const place = copyOf(template);
    const keys = readFileSync(join(place.folder, 'vault.keys'));
    const refused = await rapport(place, ['key', 'keyring'], { env: { DBUS_SESSION_BUS_ADDRESS: '' } });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("the system's keyring: there is no D-Bus session");
    const session = await startSession(place);
    const nobody = await rapport(place, ['key', 'keyring'], { env: session.env });
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain("the system's keyring: ");
    expect(readFileSync(join(place.folder, 'vault.keys'))).toEqual(keys);
    counts.add('refusals', 2);
  });
});
