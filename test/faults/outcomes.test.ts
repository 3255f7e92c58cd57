/** Fault 17: each call fails once, and each file for good, in every command that writes. What was said is what is there. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readRecoveryCode } from '../../src/vault/typed-secrets.ts';
import type { BinaryResult } from '../support/binary.ts';
import { makePlace } from '../support/vault.ts';
import { patientNames } from '../vault/contexts.ts';
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
import {
  faulted,
  type Injection,
  injectionIsAbsent,
  type Moment,
  type SystemError,
  traced,
} from './support/injection.ts';
import { chance, chosen, seed } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `outcomes: ${of('once')} calls that failed once, ${of('broken')} files that failed for good; ` +
    `${of('saved')} runs saved, ${of('told')} of them with a warning, ${of('unchanged')} changed nothing, ${of('unknown')} left it open`,
);
const absent = injectionIsAbsent();

let template: Place;
let empty: Place;
let before: Picture;
/** The note of the newest change. */
let note: string;
beforeAll(async () => {
  template = await makeTemplate(3);
  const { stdout } = await rapport(template, ['note', 'malu', 'told before', '--json']);
  note = JSON.parse(stdout).notes[0].id;
  await rapport(template, ['patient', 'add', 'Malou Razo', '--yes', '--no-input']);
  before = await pictureOf(template);
  const place = makePlace();
  empty = place;
});

/** What a run said, beside what it left. @param said names the fault, and repeats what was said */
type Look = (place: Place, met: BinaryResult, said: string, after: Picture) => Promise<void>;

interface Case {
  readonly name: string;
  readonly of: (place: Place) => Injection;
  readonly look: Look;
  /** In the vault that it starts from. */
  readonly first?: readonly (readonly string[])[];
  /** It starts without a vault. */
  readonly isFirst?: boolean;
  /** The disk fills up on the way as well. */
  readonly fills?: boolean;
  readonly most?: number;
}

/** What is there is as after the command where it says that it is done, else as before it. */
function expectTrue({ code, stderr }: BinaryResult, isDone: boolean, said: string): void {
  if (/may have been|may be in force/.test(stderr)) {
    expect(code, said).not.toBe(0);
    counts.add('unknown');
    return;
  }
  expect(isDone, said).toBe(code === 0);
  counts.add(isDone ? 'saved' : 'unchanged');
  if (/but it was saved/.test(stderr)) counts.add('told');
  if (/nothing was changed/.test(stderr)) expect(isDone, said).toBe(false);
}

const lookAtRecords: Look = async (place, met, said, after) => {
  const { records } = await pictureOf(place);
  expect([before.records, after.records], said).toContainEqual(records);
  expectTrue(met, JSON.stringify(records) === JSON.stringify(after.records), said);
};

const newSecret = 'another passphrase of words';
const lookAtPassphrase: Look = async (place, met, said) => {
  const env = { RAPPORT_PASSPHRASE: newSecret };
  const isNew = (await rapport(place, ['patient', 'list'], { env })).code === 0;
  const { records } = await pictureOf(place, isNew ? { secret: newSecret } : {});
  expect(records, said).toEqual(before.records);
  expectTrue(met, isNew, said);
};

const sheet = 'sheet.txt';
const sheetOf = ({ root }: Place): string => join(root, 'work', sheet);

/** Whether the old recovery code opens the vault, and that on the sheet. */
async function codesOf(place: Place): Promise<readonly [boolean, boolean]> {
  const copies = readKeyCopies(place.folder, process.getuid?.());
  const opens = async (bytes: Buffer): Promise<boolean> =>
    copies !== undefined && (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
  const path = sheetOf(place);
  const isNew = existsSync(path) && (await opens(readRecoveryCode(readFileSync(path, 'utf8'))));
  return [await opens(recoverySecret), isNew];
}

/** Which recovery code is in force, beside what was said of it. */
const lookAtCode: Look = async (place, met, said) => {
  const [withOld, withNew] = await codesOf(place);
  expect([withOld, withNew].filter(Boolean), said).toHaveLength(1);
  if (met.code === 0) expect(withNew, said).toBe(true);
  // A code that opens nothing is on no sheet.
  if (withOld && !/may be in force|may have been/.test(met.stderr))
    expect(existsSync(sheetOf(place)), said).toBe(false);
  if (/nothing was changed/.test(met.stderr)) expect(withOld, said).toBe(true);
  // The first opening finishes what is under way.
  expect((await patientNames(place)).failure, said).toBeUndefined();
  expect((await pictureOf(place)).records, said).toEqual(before.records);
  counts.add(withNew ? 'saved' : 'unchanged');
};

const lookAtRotation: Look = async (place, met, said, after) => {
  const isCut = !existsSync(place.folder);
  if (isCut) {
    expect(met.stderr, said).toContain('was cut off');
    expect((await patientNames(place)).failure, said).toBeUndefined();
  }
  const [, withNew] = await codesOf(place);
  if (!isCut) expect(/new recovery code in sheet.txt open/.test(met.stdout + met.stderr), said).toBe(withNew);
  await lookAtCode(place, met, said, after);
};

/** A backup that says it is made restores; one that says it is not leaves nothing of its name. */
const lookAtBackup: Look = async (place, met, said) => {
  expect(existsSync(join(place.root, 'work', 'b')), said).toBe(met.code === 0);
  expect(/Backed up/.test(met.stdout), said).toBe(met.code === 0);
  if (met.code === 0) {
    const elsewhere = { root: place.root, folder: join(place.root, 'elsewhere') };
    const env = { RAPPORT_VAULT: elsewhere.folder };
    expect((await rapport(place, ['restore', 'b'], { env })).code, said).toBe(0);
    expect((await pictureOf(elsewhere)).records, said).toEqual(before.records);
  }
  expect((await pictureOf(place)).records, said).toEqual(before.records);
};

/** The vault that is said to be restored stands there; else the one of before, or what waits for its place. */
const lookAtRestored: Look = async (place, met, said) => {
  const isEmpty = !existsSync(place.folder);
  if (isEmpty) expect(met.stderr, said).toContain('was cut off');
  const { records } = await pictureOf(place);
  const isRestored = records['note']?.includes('after the backup') === false;
  expect(/Restored/.test(met.stdout), said).toBe(met.code === 0);
  if (met.code === 0) expect(isRestored, said).toBe(true);
  if (/nothing was changed/.test(met.stderr)) expect(isRestored || isEmpty, said).toBe(false);
};

/** A vault that is said to be made opens with its passphrase and its recovery code; else there is none, nor a sheet. */
const lookAtMade: Look = async (place, met, said) => {
  expect(/^Your vault is in /m.test(met.stdout), said).toBe(met.code === 0);
  if (met.code === 0) {
    expect((await pictureOf(place)).records['patient'], said).toEqual([]);
    expect(await codesOf(place), said).toEqual([false, true]);
  } else {
    const left = existsSync(place.folder) ? readdirSync(place.folder) : [];
    expect(
      left.filter((name) => /^vault\.(db|keys)$/.test(name)),
      said,
    ).toEqual([]);
    expect(
      (await rapport(place, ['init', '--recovery-out', 'again.txt', '--no-input'], cheaply)).code,
      said,
    ).toBe(0);
  }
};

const cheaply = { script: inject('cheap') };
const document = JSON.stringify({
  format: 'rapport',
  version: 1,
  patients: [{ name: 'Much Told', notes: [{ kind: 'story', text: 'a story' }] }],
});
const withNext = ({ root }: Place): string => {
  const file = join(root, 'work', 'next');
  writeFileSync(file, `${newSecret}\n`, { mode: 0o600 });
  return file;
};
const told = 'story: told at the visit\n';

const cases: readonly Case[] = [
  { name: 'note', of: () => ({ argv: ['note', 'malu', 'one more thing'] }), look: lookAtRecords, most: 20 },
  { name: 'edit', of: () => ({ argv: ['edit', note, '--text', 'told anew'] }), look: lookAtRecords },
  { name: 'undo', of: () => ({ argv: ['undo', '--yes'] }), look: lookAtRecords },
  { name: 'commit', of: () => ({ argv: ['commit', 'malu', '--stdin'], stdin: told }), look: lookAtRecords },
  { name: 'import', of: () => ({ argv: ['import', '-', '--yes'], stdin: document }), look: lookAtRecords },
  {
    name: 'patient merge',
    of: () => ({ argv: ['patient', 'merge', 'walt', 'malu', '--yes'] }),
    look: lookAtRecords,
  },
  {
    name: 'patient forget',
    of: () => ({ argv: ['patient', 'forget', 'walt', '--yes'] }),
    look: lookAtRecords,
  },
  {
    name: 'key passphrase',
    of: (place) => ({
      ...cheaply,
      argv: ['key', 'passphrase'],
      env: { RAPPORT_NEW_PASSPHRASE_FILE: withNext(place) },
    }),
    look: lookAtPassphrase,
  },
  {
    name: 'key recovery',
    of: () => ({ ...cheaply, argv: ['key', 'recovery', '--out', sheet, '--no-input'] }),
    look: lookAtCode,
  },
  {
    name: 'key rotate',
    of: () => ({ ...cheaply, argv: ['key', 'rotate', '--out', sheet, '--no-input'] }),
    look: lookAtRotation,
    fills: true,
    most: 20,
  },
  { name: 'backup', of: () => ({ argv: ['backup', 'b'] }), look: lookAtBackup, most: 20 },
  {
    name: 'restore',
    of: () => ({ argv: ['restore', 'b', '--yes'] }),
    look: lookAtRestored,
    first: [
      ['backup', 'b'],
      ['note', 'malu', 'after the backup'],
    ],
    most: 20,
  },
  {
    name: 'init',
    of: () => ({ ...cheaply, argv: ['init', '--recovery-out', sheet, '--no-input'] }),
    look: lookAtMade,
    isFirst: true,
  },
];

const errors: readonly SystemError[] = ['EIO', 'ENOSPC', 'EROFS'];
const random = chance(seed + 1);
const anyError = (): SystemError => errors[Math.floor(random() * errors.length)] ?? 'EIO';

/** Of its steps: those around the decision, a sample of the others, and every file that has a name of its own. */
function momentsOf(steps: readonly string[], { most = 12, fills = false }: Case): readonly Moment[] {
  const all = steps.map((step, index) => ({ step, at: index + 1 }));
  const others = all.filter(({ step }) => /^(?!write)\w+ \/(vault|work)/.test(step));
  // The last sync of the folder comes when all is decided: the journal is gone.
  const last = others
    .filter(({ step }) => /^(remove|sync) \/vault(\/vault.db-journal)?$/.test(step))
    .slice(-2);
  // What was typed is in the vault when the folder of the editor is removed.
  const tidying = all.filter(({ step }) => /^remove \/runtime/.test(step));
  const wanted = new Set([...last, ...tidying, ...chosen(others, samples(most)), ...chosen(all, samples(5))]);
  const files = new Set(
    steps.map((step) => step.slice(step.indexOf('/'))).filter((path) => !/[0-9a-f]{8}/.test(path)),
  );
  return [
    ...[...wanted].map(({ at }): Moment => ({ at, does: anyError(), once: true })),
    ...(fills ? chosen(others, samples(most)).map(({ at }): Moment => ({ at, does: 'ENOSPC' })) : []),
    ...chosen([...files], samples(8)).map((file): Moment => ({ file, does: anyError() })),
  ];
}

describe.skipIf(absent !== undefined)(`what is said${absent === undefined ? '' : ` (${absent})`}`, () => {
  it.each(cases)('of $name is so, whatever fails', async (one) => {
    const from = copyOf(one.isFirst ? empty : template);
    for (const words of one.first ?? []) expect((await rapport(from, words)).code).toBe(0);
    const whole = copyOf(from);
    const { result, steps } = await traced(whole, one.of(whole));
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const after = one.look === lookAtRecords ? await pictureOf(whole) : before;
    await inTurns(momentsOf(steps, one), 2, async (moment) => {
      const place = copyOf(from);
      const met = await faulted(place, one.of(place), moment);
      counts.add('at' in moment ? 'once' : 'broken');
      const fault =
        'file' in moment
          ? `at every change of ${moment.file}`
          : `${'once' in moment ? 'once at' : 'from'} step ${moment.at}, ${steps[moment.at - 1]}`;
      const said = `${moment.does} ${fault}: exit ${met.code}, ${met.stdout} ${met.stderr}`;
      try {
        expect(met.stderr, said).not.toContain('fault in rapport');
        await one.look(place, met, said, after);
      } catch (error) {
        throw new Error(`${said}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
      place.remove();
    });
  });
});
