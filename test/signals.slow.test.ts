/** Ctrl-C and a polite kill end what is long: by the signal and with nothing shown, or with nothing half-done. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { binary, binaryEnvironment, runBinary } from './support/binary.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const env = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: '2026-03-12' };
const many = 4000;

let place: TestPlace;
beforeAll(async () => {
  place = await makeVault();
  const note = { kind: 'concern', text: 'sleeps badly since the move', recorded_on: '2026-03-01' };
  const patients = (start: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `Ann Lee${start + index}`,
      notes: [note, { ...note, kind: 'interest', text: 'chess' }],
    }));
  const document = (start: number, count: number) =>
    JSON.stringify({ format: 'rapport', version: 1, patients: patients(start, count) });
  writeFileSync(join(place.work, 'first.json'), document(0, many));
  writeFileSync(join(place.work, 'more.json'), document(many, 5 * many));
  const events = Array.from({ length: 30_000 }, (_, index) =>
    ['BEGIN:VEVENT', `UID:${index}`, `SUMMARY:Ann Lee${index}`, 'DTSTART:20260312T100000', 'END:VEVENT'].join(
      '\r\n',
    ),
  );
  writeFileSync(
    join(place.work, 'many.ics'),
    ['BEGIN:VCALENDAR', ...events, 'END:VCALENDAR', ''].join('\r\n'),
  );
  await done(['import', 'first.json', '--yes']);
  await done(['backup', 'whole.backup']);
}, 300_000);

async function done(argv: readonly string[]): Promise<void> {
  const { code, stderr } = await runBinary(argv, { root: place.root, env });
  expect(code, stderr).toBe(0);
}

/** Hundredths of a second of the processor that a process has had. */
function workOf(id: number): number {
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
const residentOf = (id: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);

/** Runs it and sends the signal once it is in the midst of its work. @returns what ended it, and what it printed */
function interrupted(
  argv: readonly string[],
  signal: NodeJS.Signals,
  isAtWork: (id: number) => boolean,
): Promise<{ readonly end: number | string | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [binary, ...argv], {
      cwd: place.work,
      env: binaryEnvironment(place.root, env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const id = child.pid ?? expect.fail('no process');
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const watch = setInterval(() => {
      if (child.exitCode !== null || !isAtWork(id)) return;
      clearInterval(watch);
      process.kill(id, signal);
    }, 5);
    child.once('close', (code, by) => {
      clearInterval(watch);
      done({ end: by ?? code, stdout, stderr });
    });
  });
}

/** What stands where a vault, a backup or an export would, and which vault it is. */
const picture = () => ({
  work: readdirSync(place.work).sort(),
  vaults: readdirSync(place.root).sort(),
  files: readdirSync(place.folder).sort(),
  database: statSync(join(place.folder, 'vault.db')).ino,
});

/** Longer than any start of the program. */
const hasWorked = (id: number): boolean => workOf(id) > 60;

const hasOpened = (id: number): boolean =>
  readdirSync(`/proc/${id}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${id}/fd/${fd}`) === join(place.folder, 'vault.db');
    } catch {
      return false; // Closed meanwhile.
    }
  });

describe.runIf(process.platform === 'linux').each(signals)('%s', (signal) => {
  it.each([[['import', 'more.json', '--dry-run']], [['day', '--schedule', 'many.ics']]])(
    'ends %j at once',
    { timeout: 120_000 },
    async (argv) => {
      const { end, stdout, stderr } = await interrupted(argv, signal, hasWorked);
      expect({ end, stdout, stderr }).toMatchObject({ end: signal, stdout: '' });
    },
  );

  it('ends a passphrase being tried', { timeout: 120_000 }, async () => {
    const other = await makeVault();
    const path = join(other.folder, 'vault.keys');
    const [line = '', mac] = readFileSync(path, 'utf8').split('\n');
    const payload = JSON.parse(line);
    const dear = payload.slots.map((slot: { type: string; kdf: object }) =>
      slot.type === 'passphrase' ? { ...slot, kdf: { ...slot.kdf, n: 2 ** 19 } } : slot,
    );
    for (const name of ['vault.keys', 'vault.keys.copy'])
      writeFileSync(join(other.folder, name), `${JSON.stringify({ ...payload, slots: dear })}\n${mac}\n`);
    const argv = ['due', '--vault', other.folder];
    const { end } = await interrupted(argv, signal, (id) => residentOf(id) > 250 * 1024);
    expect(end).toBe(signal);
  });

  it('leaves nothing half-done of an import that is being written', { timeout: 120_000 }, async () => {
    const journal = join(place.folder, 'vault.db-journal');
    const { end } = await interrupted(['import', 'more.json', '--yes'], signal, () => existsSync(journal));
    expect(end).toBe(signal);
    expect(await place.withStore((store) => store.patients.all().length)).toBe(many);
    // What was never synced to disk stays until the next write.
    await done(['patient', 'list']);
    expect(existsSync(journal)).toBe(false);
  });

  it.each([[['doctor']], [['export']], [['export', '--plain', '--format', 'markdown']]])(
    'ends %j in the midst of it',
    { timeout: 120_000 },
    async (argv) => {
      const before = picture();
      const { end, stderr } = await interrupted(argv, signal, hasOpened);
      expect({ end, said: stderr.split('\n').slice(1) }).toEqual({ end: signal, said: [''] });
      expect(picture()).toEqual(before);
    },
  );

  const making = (name: string): boolean =>
    readdirSync(place.work).some(
      (folder) => folder.endsWith('.making') && existsSync(join(place.work, folder, name)),
    );
  it('leaves of a backup that is being copied what the next one sweeps', { timeout: 120_000 }, async () => {
    const before = picture();
    const { end, stdout } = await interrupted(['backup', 'cut.backup'], signal, () => making('vault.db'));
    expect({ end, stdout }).toEqual({ end: signal, stdout: '' });
    expect(readdirSync(place.work)).not.toContain('cut.backup');
    await done(['backup', 'next.backup']);
    rmSync(join(place.work, 'next.backup'));
    expect(picture()).toEqual(before);
  });

  const beside = (): readonly string[] => readdirSync(place.root).filter((name) => name.startsWith('vault'));
  it.each([
    { argv: ['backup', 'cut.backup'], isAtWork: () => making('file') },
    { argv: ['export', '--out', 'cut.json'], isAtWork: () => making('file') },
    { argv: ['restore', 'whole.backup', '--yes'], isAtWork: () => beside().length > 1 },
  ])('leaves nothing of %j', { timeout: 120_000 }, async ({ argv, isAtWork }) => {
    const before = picture();
    const { end, stdout, stderr } = await interrupted(argv, signal, isAtWork);
    expect({ end, stdout, stderr }).toEqual({
      end: 130,
      stdout: '',
      stderr: expect.stringContaining('cancelled, nothing was changed'),
    });
    expect(picture()).toEqual(before);
  });
});
