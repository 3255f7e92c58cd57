/** Fault 17: each call fails once, and each file for good, in every command that writes. What was said is what is there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readRecoveryCode } from '../../src/vault/recovery-code.ts';
import type { BinaryResult } from '../support/binary.ts';
import { patientNames } from '../vault/worlds.ts';
import {
  copyOf,
  makeTemplate,
  type Picture,
  type Place,
  pictureOf,
  rapport,
  recoverySecret,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { faulted, type Injection, injectionIsAbsent, type Moment, traced } from './support/injection.ts';
import { chosen, seed } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `outcomes (seed ${seed}): ${of('once')} calls that failed once, ${of('broken')} files that failed for good; ` +
    `${of('saved')} runs saved, ${of('told')} of them with a warning, ${of('unchanged')} changed nothing, ${of('unknown')} left it open`,
);
const absent = injectionIsAbsent();

let template: Place;
let before: Picture;
beforeAll(async () => {
  template = await makeTemplate(3);
  await rapport(template, ['note', 'malu', 'told before']);
  await rapport(template, ['patient', 'add', 'Malou Razo', '--yes', '--no-input']);
  before = await pictureOf(template);
});

interface Case {
  readonly name: string;
  readonly of: (place: Place) => Injection;
  /** What opens the vault once it has gone through. */
  readonly newSecret?: string;
  readonly most: number;
}

const document = JSON.stringify({
  format: 'rapport',
  version: 1,
  patients: [{ name: 'Much Told', notes: [{ kind: 'story', text: 'a story' }] }],
});
const newSecret = 'another passphrase of words';
const withNext = ({ root }: Place): string => {
  const file = join(root, 'work', 'next');
  writeFileSync(file, `${newSecret}\n`, { mode: 0o600 });
  return file;
};

const cases: readonly Case[] = [
  { name: 'note', of: () => ({ argv: ['note', 'malu', 'one more thing'] }), most: 24 },
  { name: 'undo', of: () => ({ argv: ['undo', '--yes'] }), most: 14 },
  {
    name: 'commit',
    of: () => ({ argv: ['commit', 'malu', '--stdin', '--yes'], stdin: 'story: told at the visit\n' }),
    most: 14,
  },
  {
    name: 'import',
    of: () => ({ argv: ['import', '-', '--format', 'rapport', '--yes'], stdin: document }),
    most: 14,
  },
  {
    name: 'patient merge',
    of: () => ({ argv: ['patient', 'merge', 'walt', 'malu', '--yes'] }),
    most: 14,
  },
  { name: 'patient forget', of: () => ({ argv: ['patient', 'forget', 'walt', '--yes'] }), most: 14 },
  {
    name: 'key passphrase',
    of: (place) => ({
      argv: ['key', 'passphrase'],
      script: inject('cheap'),
      env: { RAPPORT_NEW_PASSPHRASE_FILE: withNext(place) },
    }),
    newSecret,
    most: 14,
  },
];

/** Which of both a vault is; it fails where it is neither. */
async function stateOf(
  place: Place,
  after: Picture,
  secret: string | undefined,
): Promise<'before' | 'after'> {
  if (secret !== undefined) {
    const isNew =
      (await rapport(place, ['patient', 'list'], { env: { RAPPORT_PASSPHRASE: secret } })).code === 0;
    expect((await pictureOf(place, isNew ? { secret } : {})).records).toEqual(before.records);
    return isNew ? 'after' : 'before';
  }
  const { records } = await pictureOf(place);
  expect([before.records, after.records]).toContainEqual(records);
  return JSON.stringify(records) === JSON.stringify(after.records) ? 'after' : 'before';
}

function expectTrue({ code, stderr }: BinaryResult, state: 'before' | 'after', where: string): void {
  const said = `${where}: exit ${code}, ${stderr}`;
  expect(stderr, said).not.toContain('fault in rapport');
  if (/may have been/.test(stderr)) {
    expect(code, said).not.toBe(0);
    counts.add('unknown');
  } else {
    expect(state, said).toBe(code === 0 ? 'after' : 'before');
    counts.add(state === 'after' ? 'saved' : 'unchanged');
    if (/but it was saved/.test(stderr)) counts.add('told');
  }
  if (/nothing was changed/.test(stderr)) expect(state, said).toBe('before');
}

describe.skipIf(absent !== undefined)(`what is said${absent === undefined ? '' : ` (${absent})`}`, () => {
  it.each(cases)('of $name is so, whichever call fails once', async ({ of, newSecret: secret, most }) => {
    const whole = copyOf(template);
    const { result, steps } = await traced(whole, of(whole));
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const after = await pictureOf(whole, secret === undefined ? {} : { secret });
    const all = steps.map((step, index) => ({ step, at: index + 1 }));
    const isOfVault = ({ step }: { step: string }): boolean => / \/vault(\/|$)/.test(step);
    const others = all.filter((one) => isOfVault(one) && !one.step.startsWith('write '));
    // The last sync of the folder comes when all is decided: the journal is gone.
    const last = all
      .filter(({ step }) => /^(remove|sync) \/vault(\/vault.db-journal)?$/.test(step))
      .slice(-2);
    const wanted = new Set([
      ...last,
      ...chosen(others, samples(most)),
      ...chosen(all.filter(isOfVault), samples(6)),
    ]);
    await inTurns([...wanted], 2, async ({ step, at }) => {
      const place = copyOf(template);
      const moment: Moment = { at, does: 'EIO', once: true };
      const met = await faulted(place, of(place), moment);
      counts.add('once');
      const where = `EIO once at step ${at} of ${steps.length}, ${step}`;
      try {
        expectTrue(met, await stateOf(place, after, secret), where);
      } catch (error) {
        throw new Error(`${where}: ${met.stderr}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
      place.remove();
    });
  });

  /** A backup that says it is made restores; one that says it is not leaves nothing of its name. */
  async function expectBackup(place: Place, met: BinaryResult, where: string): Promise<void> {
    const said = `${where}: exit ${met.code}, ${met.stdout} ${met.stderr}`;
    const made = join(place.root, 'work', 'b');
    expect(met.stderr, said).not.toContain('fault in rapport');
    expect(existsSync(made), said).toBe(met.code === 0);
    expect(/Backed up/.test(met.stdout), said).toBe(met.code === 0);
    if (met.code === 0) {
      const env = { RAPPORT_VAULT: join(place.root, 'elsewhere') };
      expect((await rapport(place, ['restore', 'b'], { env })).code, said).toBe(0);
    }
    expect((await pictureOf(place)).records, said).toEqual(before.records);
  }

  /** The vault that is said to be restored stands there; else the one of before, or what waits for its place. */
  async function expectRestored(place: Place, met: BinaryResult, where: string): Promise<void> {
    const said = `${where}: exit ${met.code}, ${met.stdout} ${met.stderr}`;
    expect(met.stderr, said).not.toContain('fault in rapport');
    const isEmpty = !existsSync(place.folder);
    if (isEmpty) expect(met.stderr, said).toContain('a restore was cut off');
    const { records } = await pictureOf(place);
    const isRestored = records['note']?.includes('after the backup') === false;
    expect(/Restored/.test(met.stdout), said).toBe(met.code === 0);
    if (met.code === 0) expect(isRestored, said).toBe(true);
    if (/nothing was changed/.test(met.stderr)) expect(isRestored || isEmpty, said).toBe(false);
  }

  const whole: readonly {
    readonly name: string;
    readonly argv: readonly string[];
    readonly before: readonly (readonly string[])[];
    readonly look: (place: Place, met: BinaryResult, where: string) => Promise<void>;
  }[] = [
    { name: 'backup', argv: ['backup', 'b'], before: [], look: expectBackup },
    {
      name: 'restore',
      argv: ['restore', 'b', '--yes'],
      before: [
        ['backup', 'b'],
        ['note', 'malu', 'after the backup'],
      ],
      look: expectRestored,
    },
  ];
  it.each(whole)('of $name is so, whichever call fails once', async ({ argv, before: first, look }) => {
    const from = copyOf(template);
    for (const words of first) expect((await rapport(from, words)).code).toBe(0);
    const { steps } = await traced(copyOf(from), { argv });
    const all = steps.map((step, index) => ({ step, at: index + 1 }));
    const others = all.filter(({ step }) => /^(?!write)\w+ \/(vault|work)/.test(step));
    const wanted = [...chosen(others, samples(24)), ...chosen(all, samples(8))];
    await inTurns(wanted, 2, async ({ step, at }) => {
      const place = copyOf(from);
      const met = await faulted(place, { argv }, { at, does: 'EIO', once: true });
      counts.add('once');
      await look(place, met, `EIO once at step ${at} of ${steps.length}, ${step}`);
      place.remove();
    });
  });

  const rotation = { argv: ['key', 'rotate', '--out', 'sheet.txt', '--no-input'], script: inject('cheap') };
  const sheetOf = ({ root }: Place): string => join(root, 'work', 'sheet.txt');

  /** Which recovery code is in force, beside what was said of it. */
  async function expectRotation(place: Place, met: BinaryResult, where: string): Promise<void> {
    const said = `${where}: exit ${met.code}, ${met.stdout} ${met.stderr}`;
    const copies = readKeyCopies(place.folder, process.getuid?.());
    const opens = async (bytes: Buffer): Promise<boolean> =>
      copies !== undefined && (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
    const sheet = existsSync(sheetOf(place))
      ? readRecoveryCode(readFileSync(sheetOf(place), 'utf8'))
      : undefined;
    const withOld = await opens(recoverySecret);
    const withNew = sheet !== undefined && (await opens(sheet));
    expect(
      [withOld, withNew].filter((one) => one),
      said,
    ).toHaveLength(1);
    expect(/new recovery code in sheet.txt open/.test(met.stdout + met.stderr), said).toBe(withNew);
    if (met.code === 0) expect(withNew, said).toBe(true);
    // A code that opens nothing is on no sheet.
    if (withOld && !/may be in force/.test(met.stderr)) expect(sheet, said).toBeUndefined();
    if (/nothing was changed/.test(met.stderr)) expect(withOld, said).toBe(true);
    // The first opening finishes what is under way.
    expect((await patientNames(place)).failure, said).toBeUndefined();
    expect((await pictureOf(place)).records, said).toEqual(before.records);
    counts.add(withNew ? 'saved' : 'unchanged');
  }

  it.each(['/vault/vault.keys', '/vault/vault.keys.copy', '/vault/vault.db', '/vault'])(
    'of key rotate is so where %s fails for good',
    async (file) => {
      const place = copyOf(template);
      const met = await faulted(place, rotation, { file, does: 'EIO' });
      counts.add('broken');
      await expectRotation(place, met, `EIO at every change of ${file}`);
    },
  );

  it('of key rotate is so, whichever call fails once, or where the disk fills up on the way', async () => {
    const whole = copyOf(template);
    const { steps } = await traced(whole, rotation);
    const all = steps.map((step, index) => ({ step, at: index + 1 }));
    const ofKeys = all.filter(({ step }) =>
      /vault\.keys|^(remove|sync) \/vault(\/vault\.db-journal)?$/.test(step),
    );
    const wanted = [...chosen(ofKeys, samples(24)), ...chosen(all, samples(10))];
    const moments = wanted.flatMap(({ step, at }): readonly { moment: Moment; where: string }[] => [
      { moment: { at, does: 'EIO', once: true }, where: `EIO once at step ${at}, ${step}` },
      { moment: { at, does: 'ENOSPC' }, where: `ENOSPC from step ${at}, ${step}` },
    ]);
    await inTurns(moments, 2, async ({ moment, where }) => {
      const place = copyOf(template);
      const met = await faulted(place, rotation, moment);
      counts.add('once');
      await expectRotation(place, met, where);
      place.remove();
    });
  });
});
