/** Fault 1, for a change of the master key: killed, torn or without room at every step, at random, and with others about. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readRecoveryCode } from '../../src/vault/recovery-code.ts';
import { type BinaryResult, binaryEnvironment } from '../support/binary.ts';
import { patientNames } from '../vault/contexts.ts';
import {
  copyOf,
  makeTemplate,
  type Picture,
  type Place,
  passphrase,
  pictureOf,
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
    `${of('finished')} of them finished at the next opening, ${of('looks')} looks from beside`,
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
function newCode({ root }: Place): Buffer | undefined {
  const path = join(root, 'work', 'sheet.txt');
  if (!existsSync(path)) return undefined;
  try {
    return readRecoveryCode(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function opens({ folder }: Place, bytes: Buffer | undefined): Promise<boolean> {
  const copies = readKeyCopies(folder, uid);
  if (bytes === undefined || copies === undefined) return false;
  return (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
}

/**
 * What was cut off is over after the next opening, whoever opens it, and all is there.
 * @returns whether the vault has the new master key
 */
async function expectWhole(place: Place, isSaid: boolean): Promise<boolean> {
  const [withOld, withNew] = [await opens(place, recoverySecret), await opens(place, newCode(place))];
  expect([withOld, withNew].filter((one) => one)).toHaveLength(1);
  if (isSaid) expect(withNew).toBe(true);
  const first = await patientNames(place);
  expect(first.failure).toBeUndefined();
  expect(['', 'rapport: finished a change of the master key that was cut off\n']).toContain(first.stderr);
  if (first.stderr !== '') counts.add('finished');
  // What was decided before stays decided.
  expect([await opens(place, recoverySecret), await opens(place, newCode(place))]).toEqual([
    withOld,
    withNew,
  ]);
  let rotations = 0;
  const then = (store: Store): void => {
    rotations = store.log.rows({ limit: 1000 }).filter(({ verb }) => verb === 'key rotate').length;
    store.log.happened('looked at');
  };
  expect((await pictureOf(place, { then })).records).toEqual(before.records);
  expect(rotations).toBe(withNew ? 1 : 0);
  const [one, other] = ['vault.keys', 'vault.keys.copy'].map((name) =>
    readFileSync(join(place.folder, name), 'utf8'),
  );
  expect(one).toBe(other);
  expect(one).not.toContain('"previous"');
  const left = readdirSync(place.folder).filter((name) => !/\.tmp$|\.aside$/.test(name));
  expect(left.sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  for (const name of readdirSync(place.folder))
    expect(lstatSync(join(place.folder, name)).mode & 0o777).toBe(0o600);
  counts.add('whole');
  return withNew;
}

const isRotated = ({ stdout }: BinaryResult): boolean => stdout.includes('has a new master key');

describe.skipIf(absent !== undefined)(
  `a change of the master key${absent === undefined ? '' : ` (${absent})`}`,
  () => {
    it('killed at any step is finished or was never begun, and nobody is locked out', async () => {
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
      // Both key files twice, each by a rename.
      expect(steps.filter((step) => /^rename .*vault\.keys/.test(step))).toHaveLength(4);
    });

    it('killed while it is finished is finished by the one after', async () => {
      const half = copyOf(template);
      const { steps } = await traced(copyOf(template), rotation);
      const at = steps.lastIndexOf('write /vault/vault.db') - 20;
      expect((await faulted(half, rotation, { at, does: 'kill' })).code).toBe('SIGKILL');
      expect(readFileSync(join(half.folder, 'vault.keys'), 'utf8')).toContain('"previous"');
      await killEverywhere({
        template: half,
        injection: () => ({ argv: ['patient', 'list'] }),
        tally: { ...counts, add: (what, by) => (what === 'kills' ? counts.add(what, by) : undefined) },
        mostWrites: 8,
        look: async (place) => {
          expect(await expectWhole(place, false)).toBe(true);
        },
      });
    });

    it.each(['ENOSPC', 'EIO', 'EROFS'] as const)(
      'that meets %s is taken back, or waits and is readable',
      async (does) => {
        const { steps } = await traced(copyOf(template), rotation);
        const all = steps.map((step, index) => ({ step, at: index + 1 }));
        const every = Math.max(1, Math.ceil(all.length / samples(8)));
        await inTurns(
          all.filter(({ step, at }) => /(?:make|rename) .*vault\.keys/.test(step) || at % every === 0),
          2,
          async ({ step, at }) => {
            const where = `${does} at step ${at} of ${steps.length}, ${step}`;
            const place = copyOf(template);
            const result = await faulted(place, rotation, { at, does });
            counts.add('errors');
            try {
              expect([0, 1, 7]).toContain(result.code);
              expect(result.stderr).not.toMatch(/defect|at .*\.ts/);
              // Still without room: what is there can be read, unless a write has to be taken back first.
              const isHalf = existsSync(join(place.folder, 'vault.db-journal'));
              const read = await faulted(place, { argv: ['patient', 'list'] }, { at: 1, does });
              if (!isHalf) expect(read.stdout, read.stderr).toContain('malu Razo');
              else expect([0, 1]).toContain(read.code);
              const hasNew = await expectWhole(place, isRotated(result));
              if (result.code !== 0 && !hasNew) expect(newCode(place)).toBeUndefined();
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
  const start = (place: Place) =>
    spawn(process.execPath, [rotation.script, ...argv], {
      cwd: join(place.root, 'work'),
      env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  beforeAll(async () => {
    large = await makeTemplate(4000);
    before = await pictureOf(large);
  });

  it('killed at random moments of its writing is finished, or was never begun', async () => {
    const whole = copyOf(large);
    const begun = performance.now();
    const [code] = await once(start(whole), 'close');
    const usual = performance.now() - begun;
    expect(code).toBe(0);
    const moments = Array.from({ length: samples(30) }, () => (0.3 + 0.7 * draw()) * usual);
    await inTurns(moments, 2, async (patience) => {
      const place = copyOf(large);
      const child = start(place);
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      const [, signal] = await once(child, 'close');
      clearTimeout(timer);
      if (signal === 'SIGKILL') counts.add('kills');
      await expectWhole(place, stdout.includes('has a new master key'));
      place.remove();
    });
  });

  it('is never taken for damage by those who look meanwhile', async () => {
    const place = copyOf(large);
    const child = start(place);
    let isOver = false;
    const end = once(child, 'close').finally(() => {
      isOver = true;
    });
    const codes = new Set<number | string>();
    while (!isOver) {
      const { code, stderr } = await runHere(place, ['patient', 'list']);
      // Whole, or busy, or with keys that were changed a moment ago.
      expect([0, 8, 9], stderr).toContain(code);
      codes.add(code);
      counts.add('looks');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [code] = await end;
    // Whoever looked may have finished it first; the one who began it says so or says that keys were changed.
    expect([0, 9]).toContain(code);
    expect(codes.has(0)).toBe(true);
    await expectWhole(place, code === 0);
  });
});
