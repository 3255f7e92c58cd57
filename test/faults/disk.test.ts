/** Faults 2 and 3: no room left, a failing disk, a folder or a file that cannot be written. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { BinaryResult } from '../support/binary.ts';
import { makePlace } from '../support/vault.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  pictureOf,
  rapport,
} from './support/clinic.ts';
import { inTurns, samples, tally } from './support/counting.ts';
import { type Fault, faulted, type Injection, injectionIsAbsent, traced } from './support/injection.ts';
import { mountsAreAbsent, runLimited } from './support/mounts.ts';

const counts = tally(
  (of) =>
    `disk: ${of('faults')} refusals of a full or failing disk, ${of('limits')} of a limit or a full tmpfs, ` +
    `${of('readonly')} of a read-only place; every vault whole, every write all or nothing`,
);
const injection = injectionIsAbsent();
const mounts = mountsAreAbsent();
const note = ['note', 'malu', 'one more thing'];

let template: Place;
beforeAll(async () => {
  template = await makeTemplate();
});

/** More text than the free pages hold, a note each line. */
const longest = 9000;
const lines = Array.from({ length: 24 }, (_, index) =>
  `long story ${index} `.repeat(600).slice(0, longest).trim(),
);
const long = lines.join('\n');
const document = JSON.stringify({
  format: 'rapport',
  version: 1,
  patients: [{ name: 'Much Told', notes: lines.map((text) => ({ kind: 'story', text })) }],
});

interface Case {
  readonly name: string;
  readonly of: (place: Place) => Injection;
  /** It goes on without the disk. */
  readonly survives?: boolean;
  /** What opens the vault once it has gone through. */
  readonly newSecret?: string;
  readonly most: number;
}

const newSecret = 'another passphrase of words';
const withNew = (argv: readonly string[]) => (place: Place) => {
  const file = join(place.root, 'work', 'next');
  writeFileSync(file, `${newSecret}\n`, { mode: 0o600 });
  return { argv, script: inject('cheap'), env: { RAPPORT_NEW_PASSPHRASE_FILE: file }, under: place.folder };
};
const making = (): Injection => ({
  argv: ['init', '--recovery-out', 'sheet.txt', '--no-input'],
  script: inject('cheap'),
});
const cases: readonly Case[] = [
  { name: 'note', of: ({ folder }) => ({ argv: note, under: folder }), most: 30 },
  {
    name: 'import',
    of: ({ folder }) => ({
      argv: ['import', '-', '--format', 'rapport', '--yes'],
      stdin: document,
      under: folder,
    }),
    most: 20,
  },
  { name: 'key passphrase', of: withNew(['key', 'passphrase']), most: 14, newSecret },
  {
    name: 'config',
    of: ({ folder }) => ({ argv: ['config', 'verbs', 'text=call'], under: folder }),
    most: 6,
  },
  { name: 'due', of: ({ folder }) => ({ argv: ['due'], under: folder }), survives: true, most: 10 },
  {
    name: 'notes',
    of: ({ folder }) => ({ argv: ['notes', 'malu'], under: folder }),
    survives: true,
    most: 10,
  },
];

describe.skipIf(injection !== undefined)(`a disk${injection === undefined ? '' : ` (${injection})`}`, () => {
  const faults: readonly Fault[] = ['ENOSPC', 'EIO', 'EROFS'];

  it.each(cases)(
    'that fails at any step of $name changes nothing',
    async ({ of, survives, most, newSecret }) => {
      const before = await pictureOf(template);
      const whole = copyOf(template);
      const { steps } = await traced(whole, of(whole));
      const after = await pictureOf(whole, newSecret === undefined ? {} : { secret: newSecret });
      const places = steps.flatMap((step, index) =>
        /^(write|make|sync|link|rename|mkdir) /.test(step) ? [index + 1] : [],
      );
      const wanted = samples(Math.min(most, places.length));
      const moments = Array.from({ length: wanted }, (_, index) => ({
        at: places[Math.floor((index * places.length) / wanted)] ?? 1,
        does: faults[index % faults.length] ?? 'ENOSPC',
      }));
      await inTurns(moments, 2, async (moment) => {
        const place = copyOf(template);
        const result = await faulted(place, of(place), moment);
        const where = `${moment.does} at step ${moment.at}, ${steps[moment.at - 1]}: ${result.stderr}`;
        counts.add('faults');
        // Once the write is decided, what cannot be synced or tidied up any more is a matter of the next run.
        if (survives || result.code === 0) {
          expect(result.code, where).toBe(0);
          expect(result.stdout, where).not.toBe('');
        } else {
          expectRefusal(lastWords(result), { code: 1, withoutHint: true });
          expect(result.stderr, where).not.toContain('fault in rapport');
        }
        const changed = result.code === 0 ? newSecret : undefined;
        const picture = await pictureOf(place, changed === undefined ? {} : { secret: changed });
        if (survives) expect(picture.records, where).toEqual(before.records);
        else if (result.code === 0) expect(picture.records, where).toEqual(after.records);
        else expect(picture.records, where).toEqual(before.records);
        place.remove();
      });
    },
  );

  it('that is full while a vault is made leaves none, and no half of one', async () => {
    const empty = makePlace();
    const { steps } = await traced(copyOf(empty), making());
    const decided = steps.indexOf('link /vault/vault.keys') + 1;
    expect(decided).toBeGreaterThan(1);
    const wanted = samples(12);
    const named = steps.lastIndexOf('rename /vault/vault.db') + 1;
    expect(named).toBeGreaterThan(decided);
    const moments = [
      ...Array.from({ length: wanted }, (_, index) => 1 + Math.floor((index * decided) / wanted)),
      ...steps.flatMap((_, index) => (index >= decided && index < named ? [index + 1] : [])),
    ];
    await inTurns(moments, 2, async (at) => {
      const place = copyOf(empty);
      const result = await faulted(place, making(), { at, does: 'ENOSPC' });
      counts.add('faults');
      expectRefusal(lastWords(result), { code: 1, withoutHint: true });
      expect(existsSync(join(place.root, 'work', 'sheet.txt'))).toBe(false);
      expect(existsSync(place.folder) ? readdirSync(place.folder) : []).toEqual([]);
      place.remove();
    });
  });

  it('that is full once a vault is made has made it, whole', async () => {
    const empty = makePlace();
    const { steps } = await traced(copyOf(empty), making());
    const named = steps.lastIndexOf('rename /vault/vault.db') + 1;
    const moments = steps.flatMap((step, index) =>
      index >= named && /^(write|make|sync) \/vault\//.test(step) ? [index + 1] : [],
    );
    expect(moments.length).toBeGreaterThan(2);
    await inTurns(moments, 2, async (at) => {
      const place = copyOf(empty);
      const result = await faulted(place, making(), { at, does: 'ENOSPC' });
      counts.add('faults');
      expect(result, `${steps[at - 1]}: ${result.stderr}`).toMatchObject({ code: 0 });
      expect(result.stdout).toMatch(/^Your vault is in /);
      expect(existsSync(join(place.root, 'work', 'sheet.txt'))).toBe(true);
      expect((await pictureOf(place)).records['patient']).toEqual([]);
      place.remove();
    });
  });
});

/** `init` begins with what rapport is not, a change of keys with what cannot be undone, an import with its plan. */
const lastWords = ({ code, stdout, stderr }: BinaryResult): BinaryResult => ({
  code,
  stdout: /^ +new +changed/.test(stdout) && !/^Added /m.test(stdout) ? '' : stdout,
  stderr: stderr.slice(stderr.indexOf('rapport: ')),
});

describe.skipIf(process.platform === 'win32')('a file size limit', () => {
  it('that is reached in the middle of a write takes all of it back', async () => {
    const blocks = Math.ceil(readFileSync(join(template.folder, 'vault.db')).length / 512);
    for (const more of [0, 1, 16, 64]) {
      const place = copyOf(template);
      const before = await pictureOf(place);
      // Its pages may be encrypted anew, but they say the same.
      const files = Object.keys(bytesOf(place.folder));
      const result = await runLimited(place, {
        argv: ['note', 'malu', '--stdin'],
        stdin: long,
        before: `ulimit -f ${blocks + more}`,
      });
      expectRefusal(result, { code: 1, says: /nothing was changed/ });
      expect(Object.keys(bytesOf(place.folder))).toEqual(files);
      expect(await pictureOf(place)).toEqual(before);
      counts.add('limits');
    }
  });

  it('of nothing at all still lets a person read', async () => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const result = await runLimited(place, { argv: ['notes', 'malu'], before: 'ulimit -f 0' });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('malu tells story 7') });
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('limits');
  });
});

const why = mounts === undefined ? '' : ` (${mounts})`;
describe.skipIf(mounts !== undefined)(`a full tmpfs${why}`, () => {
  /** The vault in a file system of so many kB, filled to the last byte, and brought back out of it afterwards. */
  const filled = (kilobytes: number) => ({
    mounts: true,
    before: `
      cp -a "$VAULT" "$WORK/kept"
      mount -t tmpfs -o size=${kilobytes}k,mode=700 tmpfs "$VAULT"
      cp -a "$WORK/kept/." "$VAULT"
      chmod 700 "$VAULT"`,
    after: 'rm -rf "$WORK/out"; cp -a "$VAULT" "$WORK/out"',
  });

  it('takes a write back whole, and lets a person read', async () => {
    const size = Object.values(readdirSync(template.folder)).reduce(
      (sum, name) => sum + Math.ceil(readFileSync(join(template.folder, name)).length / 4096) * 4,
      0,
    );
    const before = await pictureOf(template);
    for (const room of [0, 4, 16, 40]) {
      const place = copyOf(template);
      const bytes = bytesOf(place.folder);
      const written = await runLimited(place, {
        argv: ['note', 'malu', '--stdin'],
        stdin: long,
        ...filled(size + room),
      });
      expectRefusal(written, { code: 1, says: /full|nothing was changed/ });
      const out = join(place.root, 'work', 'out');
      expect(bytesOf(out)).toEqual(bytes);
      expect((await pictureOf({ root: place.root, folder: out })).records).toEqual(before.records);
      counts.add('limits');
      const reader = copyOf(template);
      const read = await runLimited(reader, { argv: ['notes', 'malu'], ...filled(size + room) });
      expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('malu tells story 7') });
      counts.add('limits');
    }
  });
});

describe.skipIf(mounts !== undefined)(`a full disk for what leaves the vault${why}`, () => {
  it.each([
    ['export', ['export', '--out', 'small/all.json'], "'small/all.json' can't be used: the disk is full"],
    ['backup', ['backup', 'small/b'], 'the copy of the vault cannot be made: the disk is full'],
  ])('is named by %s, which leaves nothing there', async (_, argv, says) => {
    const place = copyOf(template);
    const result = await runLimited(place, {
      argv,
      mounts: true,
      before:
        'mkdir small; mount -t tmpfs -o size=8k tmpfs small; dd if=/dev/zero of=small/fill bs=4k count=1',
      after: 'ls -A small >names',
    });
    expect(result.stderr.split('\n')).toEqual(
      expect.arrayContaining([`rapport: ${says}`, 'hint: make room, then try again']),
    );
    expect(result.code).toBe(1);
    expect(readFileSync(join(place.root, 'work', 'names'), 'utf8')).toBe('fill\n');
  });
});

describe.skipIf(mounts !== undefined)(`a read-only folder${why}`, () => {
  const readonly = {
    mounts: true,
    before: 'mount --bind "$VAULT" "$VAULT"\nmount -o remount,bind,ro "$VAULT"',
  };

  it.each([
    ['notes', ['notes', 'malu'], /malu tells story 7/],
    ['brief', ['brief', 'malu', '--force'], /MALU RAZO|YOU PROMISED/],
    ['due', ['due'], /./],
    ['search', ['search', 'story'], /story/],
    ['export', ['export', '--format', 'rapport'], /malu tells story 7/],
    ['log', ['log'], /import/],
    ['key list', ['key', 'list'], /passphrase/],
    ['status', ['status'], /locked/],
    ['doctor', ['doctor'], /well|No damage/],
  ])('can be read: %s', async (_, argv, shows) => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const result = await runLimited(place, { argv, ...readonly });
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toMatch(shows);
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('readonly');
  });

  it.each([
    ['note', note],
    ['undo', ['undo', '--yes']],
    ['config', ['config', 'time-zone', 'Europe/Madrid']],
  ])('is not written by %s, which says so', async (_, argv) => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const result = await runLimited(place, { argv, ...readonly });
    expectRefusal(result, { code: 1 });
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('readonly');
  });

  it('is read with one of the key files gone, which cannot be mended there', async () => {
    const place = copyOf(template);
    const result = await runLimited(place, {
      argv: ['notes', 'malu'],
      mounts: true,
      before: `rm "$VAULT/vault.keys"\n${readonly.before}`,
    });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('malu tells story 7') });
    expect(existsSync(join(place.folder, 'vault.keys'))).toBe(false);
    counts.add('readonly');
  });

  it('keeps its passphrase', async () => {
    const place = copyOf(template);
    const before = bytesOf(place.folder);
    const { argv, env } = withNew(['key', 'passphrase'])(place);
    const result = await runLimited(place, { argv, env, ...readonly });
    expectRefusal(lastWords(result), { code: 1, withoutHint: true });
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('readonly');
  });
});

describe.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'a file without rights to write',
  () => {
    it('is read, and not written', async () => {
      const place = copyOf(template);
      chmodSync(join(place.folder, 'vault.db'), 0o400);
      expect((await rapport(place, ['notes', 'malu'])).code).toBe(0);
      expectRefusal(await rapport(place, note), { code: 1 });
      counts.add('readonly', 2);
    });
  },
);
