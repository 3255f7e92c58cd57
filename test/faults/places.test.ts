/** Fault 13: other modes, and other things in the place of each file. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, copyOf, expectRefusal, makeTemplate, type Place, rapport } from './support/clinic.ts';
import { inTurns, tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `places: ${of('modes')} loose modes refused, ${of('things')} other things in a file's place refused, none waited for, none followed`,
);
const files = ['vault.db', 'vault.keys', 'vault.keys.copy'];
const loose = [0o644, 0o640, 0o604, 0o660, 0o666, 0o777, 0o610, 0o601];

let template: Place;
beforeAll(async () => {
  template = await makeTemplate(2);
});

const commands = [
  ['notes', 'malu'],
  ['note', 'malu', 'one more'],
];

async function expectRefused(place: Place, code: number, says: RegExp): Promise<void> {
  const before = bytesOf(place.folder);
  for (const argv of commands) {
    const result = await rapport(place, argv);
    expectRefusal(result, { code, says });
  }
  expect(bytesOf(place.folder)).toEqual(before);
}

describe.skipIf(process.platform === 'win32')('a mode that lets others in', () => {
  it.each(files)('is refused of %s, with the command that mends it', async (name) => {
    await inTurns(loose, 2, async (mode) => {
      const place = copyOf(template);
      const path = join(place.folder, name);
      chmodSync(path, mode);
      await expectRefused(place, 9, new RegExp(`others can get at ${name} \\(mode 0${mode.toString(8)}\\)`));
      const { stderr } = await rapport(place, ['notes', 'malu']);
      const mending = /^hint: (chmod .*)$/m.exec(stderr)?.[1] ?? '';
      execFileSync('sh', ['-c', mending]);
      expect((await rapport(place, ['notes', 'malu'])).code).toBe(0);
      counts.add('modes');
      place.remove();
    });
  });

  it('is refused of the folder, and of one that a vault is made in', async () => {
    for (const mode of [0o755, 0o750, 0o705, 0o777, 0o711]) {
      const place = copyOf(template);
      chmodSync(place.folder, mode);
      await expectRefused(place, 9, /others can get at vault \(mode/);
      for (const name of readdirSync(place.folder)) rmSync(join(place.folder, name));
      const made = await rapport(place, ['init', '--recovery-out', 'sheet', '--no-input', '--quiet']);
      expectRefusal(made, { code: 9, says: /others can get at vault/ });
      expect(readdirSync(place.folder)).toEqual([]);
      expect(existsSync(join(place.root, 'work', 'sheet'))).toBe(false);
      counts.add('modes', 2);
    }
  });

  it('of the journal that a killed write left is refused before it is played back', async () => {
    const place = copyOf(template);
    const path = join(place.folder, 'vault.db-journal');
    execFileSync('sh', ['-c', 'head -c 9000 /dev/zero > "$1" && chmod 644 "$1"', 'sh', path]);
    await expectRefused(place, 9, /others can get at vault.db-journal/);
    counts.add('modes');
  });

  it('is told by doctor, which runs all the same', async () => {
    for (const name of files) {
      const place = copyOf(template);
      chmodSync(join(place.folder, name), 0o644);
      const { code, stdout } = await rapport(place, ['doctor']);
      expect(stdout).toContain(`others can get at the vault: ${name}`);
      expect(stdout).not.toContain('The vault is well');
      expect(code).toBe(0);
      counts.add('modes');
    }
  });
});

describe.skipIf(process.platform === 'win32')('in the place of a file', () => {
  const things: readonly (readonly [string, (path: string, kept: string) => void])[] = [
    ['a symbolic link', (path, kept) => symlinkSync(kept, path)],
    ['a symbolic link', (path) => symlinkSync('/nowhere/at/all', path)],
    ['a folder', (path) => mkdirSync(path, { mode: 0o700 })],
    ['a pipe', (path) => execFileSync('mkfifo', ['-m', '600', path])],
  ];
  const cases = ['vault.db', 'vault.keys', 'vault.keys.copy'].flatMap((name) =>
    things.map(([kind, put]) => [name, kind, put] as const),
  );

  it.each(cases)('%s, %s is refused', async (name, kind, put) => {
    const place = copyOf(template);
    const path = join(place.folder, name);
    const kept = join(place.root, 'kept');
    renameSync(path, kept);
    put(path, kept);
    const before = bytesOf(place.root);
    for (const argv of commands)
      expectRefusal(await rapport(place, argv), {
        code: 7,
        says: new RegExp(`^rapport: ${name} is ${kind}, not a file`),
      });
    const { code, stdout } = await rapport(place, ['doctor']);
    expect(stdout).not.toContain('The vault is well');
    expect([0, 7]).toContain(code);
    expect(bytesOf(place.root)).toEqual(before);
    counts.add('things');
  });

  it('of settings, anything but a file or a link to one is refused, and never waited for', async () => {
    for (const [, put] of things.slice(1)) {
      const place = copyOf(template);
      const path = join(place.root, 'home', '.config', 'rapport', 'config.json');
      const kept = join(place.root, 'kept');
      renameSync(path, kept);
      put(path, kept);
      for (const argv of commands) {
        const result = await rapport(place, argv);
        expect([2, 7, 9], result.stderr).toContain(result.code);
        expectRefusal(result, { code: Number(result.code) });
      }
      counts.add('things');
    }
  });

  it('a socket is refused', async () => {
    const place = copyOf(template);
    const path = join(place.folder, 'vault.keys');
    rmSync(path);
    const server = createServer();
    await new Promise<void>((done) => server.listen(path, done));
    onTestFinished(() => void server.close());
    chmodSync(path, 0o600);
    for (const argv of commands)
      expectRefusal(await rapport(place, argv), { code: 7, says: /is a socket, not a file/ });
    counts.add('things');
  });

  it('a device is refused', async () => {
    const place = copyOf(template);
    const path = join(place.folder, 'vault.db');
    rmSync(path);
    symlinkSync('/dev/zero', path);
    for (const argv of commands) expectRefusal(await rapport(place, argv), { code: 7, says: /not a file/ });
    counts.add('things');
  });

  it('of the folder, a link, a file or nothing is told', async () => {
    const place = copyOf(template);
    const kept = `${place.folder}-kept`;
    renameSync(place.folder, kept);
    symlinkSync(kept, place.folder);
    for (const argv of commands)
      expectRefusal(await rapport(place, argv), { code: 9, says: /symbolic link/ });
    rmSync(place.folder);
    for (const argv of commands) expectRefusal(await rapport(place, argv), { code: 3, says: /no vault in/ });
    execFileSync('mkfifo', [place.folder]);
    for (const argv of commands) expectRefusal(await rapport(place, argv), { code: 9, says: /not a folder/ });
    rmSync(place.folder);
    for (const argv of [...commands, ['doctor']]) expect((await rapport(place, argv)).code).toBe(3);
    counts.add('things', 3);
  });

  it('of what remembers how far the vault had come, anything else is not believed', async () => {
    for (const [, put] of things) {
      const place = copyOf(template);
      const folder = join(place.root, 'state', 'rapport');
      const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.head'));
      const path = join(folder, name);
      const kept = join(place.root, 'kept');
      renameSync(path, kept);
      put(path, kept);
      expect((await rapport(place, ['notes', 'malu'])).code).toBe(0);
      expect((await rapport(place, ['note', 'malu', 'one more'])).code).toBe(0);
      counts.add('things');
    }
  });

  it('of what remembers the day, anything else is replaced', async () => {
    for (const [kind, put] of things) {
      const place = copyOf(template);
      expect((await rapport(place, ['due', '--daily'])).code).toBe(0);
      const folder = join(place.root, 'state', 'rapport');
      const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.daily'));
      const kept = join(place.root, 'kept');
      renameSync(join(folder, name), kept);
      put(join(folder, name), kept);
      expect((await rapport(place, ['due', '--daily'])).code, kind).toBe(0);
      counts.add('things');
    }
  });

  it('of a backup or a passphrase, anything else is told', async () => {
    const place = copyOf(template);
    const work = join(place.root, 'work');
    mkdirSync(join(work, 'folder'));
    execFileSync('mkfifo', ['-m', '600', join(work, 'pipe')]);
    symlinkSync('/nowhere/at/all', join(work, 'link'));
    for (const [name, code] of [
      ['folder', 2],
      ['pipe', 2],
      ['link', 3],
    ] as const) {
      const result = await rapport(place, ['restore', name, '--yes']);
      expect([code, 1, 7], `${name}: ${result.stderr}`).toContain(result.code);
      expect(result.stderr).not.toContain('fault in rapport');
      counts.add('things');
    }
    const env = { RAPPORT_PASSPHRASE: undefined, RAPPORT_PASSPHRASE_FILE: join(work, 'folder') };
    expectRefusal(await rapport(place, ['due'], { env }), { code: 2 });
    counts.add('things');
  });
});
