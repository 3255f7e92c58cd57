/** An older or another copy of the vault, put in the place of the one that was last used here. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../src/errors.ts';
import { type RollbackGuard, rollbackGuard } from '../../src/vault/rollback-guard.ts';
import { copyFolder } from '../support/folders.ts';
import { addPatient as seedPatient } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, patientNames } from './contexts.ts';
import { temporaryFolder, uid } from './making.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});

const state = (): string => join(place.root, 'state', 'rapport');
const memories = (): readonly string[] =>
  readdirSync(state()).map((name) => readFileSync(join(state(), name), 'utf8'));
const aside = (): string => join(place.root, 'aside');
const setAside = (): void => copyFolder(place.folder, aside());
const putBack = (): void => {
  rmSync(place.folder, { recursive: true });
  copyFolder(aside(), place.folder);
};
type Kind = readonly [name: string, make: (path: string) => void, told: string];
const add = (name: string) => addPatient(place, name);
const list = () => patientNames(place);

describe('what this machine remembers of a vault', () => {
  it('is one private line of fixed length, raised by every write', async () => {
    await add('Malu Razo');
    expect(statSync(state()).mode & 0o777).toBe(0o700);
    const [name = ''] = readdirSync(state());
    expect(statSync(join(state(), name)).mode & 0o777).toBe(0o600);
    const [before = ''] = memories();
    await add('Ned Hintz');
    const [after = ''] = memories();
    expect(after).toHaveLength(before.length);
    expect(after > before).toBe(true);
    expect(after).not.toMatch(/Malu|Ned/);
  });

  it('takes a vault that is further on as it is, and keeps up with it', async () => {
    await add('Malu Razo');
    const kept = readdirSync(state());
    copyFolder(state(), join(place.root, 'earlier'));
    await add('Ned Hintz');
    const [newest] = memories();
    rmSync(state(), { recursive: true });
    copyFolder(join(place.root, 'earlier'), state());
    const { stderr, failure } = await add('Walt Beer');
    expect([stderr, failure]).toEqual(['', undefined]);
    expect(readdirSync(state())).toEqual(kept);
    expect(memories()[0]).not.toBe(newest);
  });

  it.each([
    ['no file', () => rmSync(state(), { recursive: true })],
    [
      'a torn file',
      () => {
        for (const name of readdirSync(state())) writeFileSync(join(state(), name), 'rapport head 1 00');
      },
    ],
  ])('is made anew from %s', async (_, damage) => {
    await add('Malu Razo');
    setAside();
    await add('Ned Hintz');
    damage();
    putBack();
    const { stderr, value } = await list();
    expect([stderr, value]).toEqual(['', ['Malu Razo']]);
    expect(memories()[0]).toMatch(/^rapport head 1 \d{16} [0-9a-f]{64} [0-9a-f]{16}\n$/);
    expect((await add('Walt Beer')).failure).toBeUndefined();
  });

  it('does without where nothing can be kept', async () => {
    rmSync(join(place.root, 'state'), { recursive: true });
    writeFileSync(join(place.root, 'state'), 'a file in the way');
    expect((await add('Malu Razo')).failure).toBeUndefined();
    expect((await list()).value).toEqual(['Malu Razo']);
  });
});

describe('a copy in another place', () => {
  it('is looked at without making the vault seem older, or itself', async () => {
    await add('Malu Razo');
    const copy = join(place.root, 'copy');
    copyFolder(place.folder, copy);
    await add('Ned Hintz');
    const looking = ['patient', 'list', '--vault', copy];
    for (let times = 0; times < 2; times += 1)
      expect(await place.run(looking)).toMatchObject({ code: 0, stderr: '' });
    expect((await add('Walt Beer')).stderr).toBe('');
    expect(await place.run(looking)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.skipIf(process.platform === 'win32')('a memory that somebody else may have written', () => {
  const elsewhere = (): string => join(place.root, 'elsewhere');
  const readable: Kind = ['that others can read', (path) => chmodSync(path, 0o644), 'others can get at'];
  const kinds: readonly Kind[] = [
    readable,
    ['that others can write', (path) => chmodSync(path, 0o602), 'others can get at'],
    ['that is a pipe', (path) => replaced(path, () => execFileSync('mkfifo', [path])), 'is a pipe'],
    ['that is a link', (path) => replaced(path, () => symlinkSync(elsewhere(), path)), 'is a symbolic link'],
    ['that is a folder', (path) => replaced(path, () => mkdirSync(path)), 'is a folder'],
    ['that is far too long', (path) => writeFileSync(path, 'x'.repeat(5000)), 'is too large'],
  ];

  function replaced(path: string, make: () => void): void {
    rmSync(path);
    make();
  }

  async function putInPlace([, make]: Kind): Promise<string> {
    await add('Malu Razo');
    setAside();
    await add('Ned Hintz');
    putBack();
    const path = join(state(), readdirSync(state())[0] ?? '');
    copyFileSync(path, elsewhere());
    make(path);
    return path;
  }

  it.each(kinds)('%s lets nothing be written until it is removed', async (...kind) => {
    const path = await putInPlace(kind);
    const before = lstatSync(path);
    const reading = await list();
    expect(reading.value).toEqual(['Malu Razo']);
    const [line = '', hint = ''] = reading.stderr.split('\n');
    expect(line).toMatch(
      /^rapport: nobody can tell whether the vault is the newest one: .+; it can be read, /,
    );
    expect(line).toContain(kind[2]);
    expect(hint).toBe(`hint: where it is, remove that: rm ${before.isDirectory() ? '-r ' : ''}${path}`);
    expect((await add('June Beer')).failure?.exit).toBe('conflict');
    expect([lstatSync(path).mode, lstatSync(path).ino]).toEqual([before.mode, before.ino]);
    rmSync(path, { recursive: true });
    expect((await add('June Beer')).failure).toBeUndefined();
    expect((await list()).stderr).toBe('');
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(kinds)('%s is told by the doctor, and accepted by him', async (...kind) => {
    const path = await putInPlace(kind);
    const isFolder = lstatSync(path).isDirectory();
    expect((await place.run(['doctor'])).stdout).toContain(kind[2]);
    const accepting = await place.run(['doctor', '--accept-rollback']);
    expect(accepting.stdout).toContain(isFolder ? 'is a folder, not a file' : 'accepted from now on');
    expect((await add('June Beer')).failure?.exit).toBe(isFolder ? 'conflict' : undefined);
    expect(lstatSync(path).isFile()).toBe(!isFolder);
  });
});

describe('a vault put back from an older copy', () => {
  it('is read with a warning, and not written', async () => {
    await add('Malu Razo');
    setAside();
    await add('Ned Hintz');
    await add('Walt Beer');
    putBack();
    const before = readFileSync(join(place.folder, 'vault.db'));
    const reading = await list();
    expect(reading.value).toEqual(['Malu Razo']);
    expect(reading.stderr).toContain(
      'rapport: an older copy of the vault was put back: the last 2 entries of its log are missing; it can be read, not written',
    );
    expect(reading.stderr).toContain('hint: rapport doctor --accept-rollback');
    const writing = await add('June Beer');
    expect(writing.failure?.exit).toBe('conflict');
    expect(readFileSync(join(place.folder, 'vault.db'))).toEqual(before);
  });

  it('is refused before anything is typed for it', async () => {
    await seedPatient(place, 'Walter Beer', 'walt', {
      people: [{ name: 'June' }],
      notes: [{ kind: 'question', text: 'may I drive' }],
      commitments: [{ text: 'call' }],
    });
    const [note, promise] = await place.withStore((store) => [
      store.notes.of('walt')[0]?.ref ?? '',
      store.commitments.of('walt')[0]?.ref ?? '',
    ]);
    setAside();
    await add('Ned Hintz');
    putBack();
    const lines = [
      'note walt',
      'note walt --editor',
      'commit walt',
      'commit walt --promise',
      'commit walt --editor',
      `edit ${note}`,
      `edit ${promise} --editor`,
      `answer ${note}`,
      'contact walt',
      ...['drop', 'snooze', 'done', 'tried'].map((verb) => `${verb} ${promise}`),
      'patient add',
      'patient set walt',
      'patient alias walt',
      'person add walt',
      'person set walt June',
    ];
    for (const line of lines)
      expect({ line, ...(await place.run(line.split(' '), { answers: [] })) }).toMatchObject({
        line,
        code: 9,
        asked: [],
      });
  });

  it('stays refused however often it is opened', async () => {
    await add('Malu Razo');
    setAside();
    await add('Ned Hintz');
    putBack();
    const [remembered] = memories();
    for (let times = 0; times < 3; times += 1)
      expect((await add('June Beer')).failure?.exit).toBe('conflict');
    expect(memories()[0]).toBe(remembered);
  });

  it('is told from a fork that is as long, or longer', async () => {
    await add('Malu Razo');
    setAside();
    await add('Ned Hintz');
    const known = join(place.root, 'known');
    copyFolder(state(), known);
    // Elsewhere the copy goes on by itself.
    putBack();
    rmSync(state(), { recursive: true });
    await add('Someone Else');
    await add('And Another');
    rmSync(state(), { recursive: true });
    copyFolder(known, state());
    expect((await list()).stderr).toContain('another copy of the vault was put in the place of this one');
    expect((await add('June Beer')).failure?.exit).toBe('conflict');
  });

  it('is noticed where the older copy was never opened', async () => {
    setAside();
    await add('Malu Razo');
    putBack();
    const { failure, stderr } = await add('Ned Hintz');
    expect(failure?.message).toContain('an older copy');
    expect(stderr).toContain('an older copy');
  });
});

describe('a remembered head', () => {
  const mac = (fill: number): Buffer => Buffer.alloc(32, fill);
  const memory = (folder: string, key = 1): RollbackGuard =>
    rollbackGuard({
      folder,
      uid,
      vaultId: 'ab'.repeat(16),
      vaultFolder: '/v',
      logKey: Buffer.alloc(32, key),
    });
  const log = (...macs: readonly number[]) => ({
    head: () => (macs.length === 0 ? undefined : { sequence: macs.length, mac: mac(macs.at(-1) ?? 0) }),
    macAt: (sequence: number) => {
      const fill = macs[sequence - 1];
      return fill === undefined ? undefined : mac(fill);
    },
  });
  const exit = (failure: Failure | undefined): string | undefined => failure?.exit;

  it('goes upward only, until it is told to accept', () => {
    const one = memory(temporaryFolder());
    one.moved({ sequence: 3, mac: mac(3) });
    one.moved({ sequence: 2, mac: mac(9) });
    expect(exit(one.refusal(log(1, 2, 3)))).toBeUndefined();
    expect(exit(one.refusal(log(1, 2)))).toBe('conflict');
    expect(exit(one.refusal(log(1, 2, 4)))).toBe('conflict');
    expect(exit(one.refusal(log(1, 2, 3, 4)))).toBeUndefined();
    expect(exit(one.refusal(log()))).toBe('conflict');
    one.accept({ sequence: 2, mac: mac(2) });
    expect(exit(one.refusal(log(1, 2)))).toBeUndefined();
    one.accept(undefined);
    expect(exit(one.refusal(log()))).toBeUndefined();
  });

  it('under a new master key counts rows alone, whose MACs are all others', () => {
    const folder = temporaryFolder();
    memory(folder, 1).moved({ sequence: 2, mac: mac(2) });
    expect(exit(memory(folder, 2).refusal(log(7, 8)))).toBeUndefined();
    expect(exit(memory(folder, 2).refusal(log(7)))).toBe('conflict');
  });

  it('that was torn is written anew, however long it is', () => {
    for (const torn of ['', 'rapport head 1 00', `${'x'.repeat(500)}\n`]) {
      const folder = temporaryFolder();
      const one = memory(folder);
      one.moved({ sequence: 5, mac: mac(5) });
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), torn);
      expect(exit(one.refusal(log(1, 2)))).toBeUndefined();
      expect(exit(one.refusal(log(1)))).toBe('conflict');
    }
  });
});
