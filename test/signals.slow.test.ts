/** Ctrl-C and a polite kill end what is long: by the signal and with nothing shown, or with nothing half-done. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binary, binaryEnvironment, runBinary } from './support/binary.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;
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
  const { code, stderr } = await runBinary(['import', 'first.json', '--yes'], { root: place.root, env });
  expect(code, stderr).toBe(0);
}, 300_000);
afterAll(() => place.remove());

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

/** Longer than any start of the program. */
const hasWorked = (id: number): boolean => workOf(id) > 60;

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
    other.remove();
  });

  it('leaves nothing half-done of an import that is being written', { timeout: 120_000 }, async () => {
    const journal = join(place.folder, 'vault.db-journal');
    const { end } = await interrupted(['import', 'more.json', '--yes'], signal, () => existsSync(journal));
    expect(end).toBe(signal);
    expect(await place.withStore((store) => store.patients.all().length)).toBe(many);
    // What was never synced to disk stays until the next write.
    expect((await runBinary(['patient', 'list'], { root: place.root, env })).code).toBe(0);
    expect(existsSync(journal)).toBe(false);
  });
});
