/** Fault 1, for a change of the master key: killed, torn or without room at every step, at random, and with others about. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { type BinaryResult, binaryEnvironment } from '../support/binary.ts';
import { patientNames } from '../vault/contexts.ts';
import {
  copyOf,
  expectRefusal,
  makeTemplate,
  type Picture,
  type Place,
  passphrase,
  pictureOf,
  rapport,
  recoverySecret,
  runHere,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { faulted, injectionIsAbsent, traced } from './support/injection.ts';
import { killEverywhere } from './support/killing.ts';
import { draw } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `key rotate: ${of('kills')} kills and ${of('errors')} errors of the disk, ${of('whole')} vaults whole, ` +
    `${of('looks')} looks and ${of('writes')} writes from beside`,
);
const uid = process.getuid?.();
const absent = injectionIsAbsent();
const argv = ['key', 'rotate', '--out', 'sheet.txt', '--no-input'] as const;
const rotation = { argv, script: inject('cheap') };

let template: Place;
let before: Picture;
beforeAll(async () => {
  template = await makeTemplate();
  before = await pictureOf(template);
});

/** The new code, where it was written down. */
function newCode({ root }: Place, sheet = 'sheet.txt'): Buffer | undefined {
  const path = join(root, 'work', sheet);
  if (!existsSync(path)) return undefined;
  try {
    return readRecoveryCode(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function opens({ folder }: Place, bytes: Buffer | undefined): Promise<boolean> {
  const copies = existsSync(folder) ? readKeyCopies(folder, uid) : undefined;
  if (bytes === undefined || copies === undefined) return false;
  return (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
}

const beside = ({ root }: Place): readonly string[] =>
  readdirSync(root).filter((name) => name.startsWith('vault'));

/**
 * All is there after the next opening, under the old master key or the new one, and nothing of the other is left.
 * @returns whether the vault has the new master key
 */
async function expectWhole(place: Place, isSaid: boolean): Promise<boolean> {
  // Killed between the two renames, the vault is not there: the next opening puts it in place.
  const first = await patientNames(place);
  expect(first.failure).toBeUndefined();
  expect(first.stderr).toBe('');
  const [withOld, withNew] = [await opens(place, recoverySecret), await opens(place, newCode(place))];
  expect([withOld, withNew].filter((one) => one)).toHaveLength(1);
  if (isSaid) expect(withNew).toBe(true);
  let rotations = 0;
  const then = (store: Store): void => {
    rotations = store.log.rows({ limit: 1000 }).filter(({ verb }) => verb === 'key rotate').length;
    store.log.happened('looked at');
  };
  expect((await pictureOf(place, { then })).records).toEqual(before.records);
  expect(rotations).toBe(withNew ? 1 : 0);
  const left = readdirSync(place.folder).filter((name) => !name.endsWith('.aside'));
  expect(left.sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  for (const name of readdirSync(place.folder))
    expect(lstatSync(join(place.folder, name)).mode & 0o777).toBe(0o600);
  // What a killed one made beside the vault is private, and swept by the next one.
  for (const name of beside(place)) expect(lstatSync(join(place.root, name)).mode & 0o777).toBe(0o700);
  expect((await rapport(place, [...argv.slice(0, 3), 'again.txt', '--no-input'])).code).toBe(0);
  expect(beside(place)).toEqual(['vault']);
  expect(await opens(place, newCode(place, 'again.txt'))).toBe(true);
  expect((await pictureOf(place)).records).toEqual(before.records);
  counts.add('whole');
  return withNew;
}

const isRotated = ({ stdout }: BinaryResult): boolean => stdout.includes('has a new master key');

describe.skipIf(absent !== undefined)(
  `a change of the master key${absent === undefined ? '' : ` (${absent})`}`,
  () => {
    it('killed at any step was made or was never begun, and nobody is locked out', async () => {
      const ends = new Set<boolean>();
      const steps = await killEverywhere({
        template,
        injection: () => rotation,
        tally: { ...counts, add: (what, by) => (what === 'kills' ? counts.add(what, by) : undefined) },
        mostWrites: 18,
        look: async (place, killed) => {
          ends.add(await expectWhole(place, isRotated(killed)));
        },
      });
      expect([...ends].sort()).toEqual([false, true]);
      expect(steps.filter((step) => /^rename .*\/vault(\.restored|$)/.test(step))).toHaveLength(2);
    });

    it.each(['ENOSPC', 'EIO', 'EROFS'] as const)(
      'that meets %s changes nothing, or is made',
      async (does) => {
        const { steps } = await traced(copyOf(template), rotation);
        const all = steps.map((step, index) => ({ step, at: index + 1 }));
        const every = Math.max(1, Math.ceil(all.length / samples(8)));
        await inTurns(
          all.filter(({ step, at }) => /^(?:make|rename|remove) .*vault/.test(step) || at % every === 0),
          2,
          async ({ step, at }) => {
            const where = `${does} at step ${at} of ${steps.length}, ${step}`;
            const place = copyOf(template);
            const result = await faulted(place, rotation, { at, does });
            counts.add('errors');
            try {
              expect([0, 1, 7]).toContain(result.code);
              expect(result.stderr).not.toMatch(/defect|at .*\.ts/);
              // Still without room: what is there can be read, unless it could be put neither in place nor back.
              const isThere = existsSync(place.folder);
              const read = await faulted(place, { argv: ['patient', 'list'] }, { at: 1, does });
              if (isThere) expect(read.stdout, read.stderr).toContain('malu Razo');
              else expectRefusal(read, { code: 1, says: /cannot be put in its place/, withoutHint: true });
              const sheet = newCode(place);
              const hasNew = await expectWhole(place, isRotated(result));
              if (result.code !== 0 && !hasNew) expect(sheet).toBeUndefined();
            } catch (error) {
              throw new Error(`after ${where}: ${result.stderr}${error}`, { cause: error });
            }
            place.remove();
          },
        );
      },
    );
  },
);

describe('a change of the master key of a larger vault', () => {
  let large: Place;
  const start = (place: Place, words: readonly string[] = argv): ChildProcess =>
    spawn(process.execPath, [rotation.script, ...words], {
      cwd: join(place.root, 'work'),
      env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  const endOf = async (child: ChildProcess): Promise<BinaryResult> => {
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    const [code, signal] = await once(child, 'close');
    return { ...said, code: code ?? signal };
  };
  beforeAll(async () => {
    large = await makeTemplate(4000);
    before = await pictureOf(large);
  });

  it('killed at random moments of its writing was made, or was never begun', async () => {
    const begun = performance.now();
    expect((await endOf(start(copyOf(large)))).code).toBe(0);
    const usual = performance.now() - begun;
    const moments = Array.from({ length: samples(30) }, () => (0.3 + 0.7 * draw()) * usual);
    await inTurns(moments, 2, async (patience) => {
      const place = copyOf(large);
      const child = start(place);
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      const ended = await endOf(child);
      clearTimeout(timer);
      if (ended.code === 'SIGKILL') counts.add('kills');
      await expectWhole(place, isRotated(ended));
      place.remove();
    });
  });

  it('is never taken for damage by those who look or write meanwhile', async () => {
    const place = copyOf(large);
    const child = start(place);
    let isOver = false;
    const end = endOf(child).finally(() => {
      isOver = true;
    });
    const [looks, writes] = [new Set<number | string>(), new Set<number | string>()];
    let written = 0;
    while (!isOver) {
      const { code, stderr } = await runHere(place, ['patient', 'list']);
      // Whole, or replaced or changed a moment ago.
      expect([0, 8, 9], stderr).toContain(code);
      looks.add(code);
      counts.add('looks');
      const note = await rapport(place, ['note', 'malu', `written ${written}`]);
      expect([0, 8, 9], note.stderr).toContain(note.code);
      writes.add(note.code);
      if (note.code === 0) written += 1;
      counts.add('writes');
    }
    const { code, stderr } = await end;
    expect(code, stderr).toBe(0);
    expect([...looks, ...writes]).toContain(0);
    const notes = (await pictureOf(place)).records['note'] ?? [];
    expect(notes.filter((text) => text.startsWith('written'))).toHaveLength(written);
  });

  it('is one of two, and goes by a restore and a backup one after the other', async () => {
    const place = copyOf(large);
    expect((await rapport(place, ['backup', 'b'])).code).toBe(0);
    const ends = await Promise.all(
      [
        [...argv.slice(0, 3), 'one.txt', '--no-input'],
        [...argv.slice(0, 3), 'two.txt', '--no-input'],
        ['backup', 'c'],
      ].map((words) => endOf(start(place, words))),
    );
    for (const { code, stderr } of ends) expect([0, 8, 9], stderr).toContain(code);
    expect(ends.slice(0, 2).map(({ code }) => code)).toContain(0);
    const made = [
      await opens(place, newCode(place, 'one.txt')),
      await opens(place, newCode(place, 'two.txt')),
    ];
    expect(made.filter((one) => one)).toHaveLength(1);
    const both = await Promise.all(
      [
        [...argv.slice(0, 3), 'three.txt', '--no-input'],
        ['restore', 'b', '--yes'],
      ].map((words) => endOf(start(place, words))),
    );
    for (const { code, stderr } of both) expect([0, 8, 9], stderr).toContain(code);
    expect(both.map(({ code }) => code)).toContain(0);
    expect((await pictureOf(place)).records).toEqual(before.records);
    expect(beside(place).filter((name) => name.includes('.restored-'))).toEqual([]);
  });
});
