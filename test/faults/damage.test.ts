/** Faults 4, 7 and 9: the database cut, lengthened, exchanged or shuffled. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { openKeyed } from '../../src/vault/open.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  rapport,
  recoverySecret,
  runHere,
} from './support/clinic.ts';
import { samples, tally } from './support/counting.ts';
import { draw } from './support/sampling.ts';

const counts = tally(
  (of) =>
    `damage: ${of('harms')} harms to the database, ${of('refused')} refused, ${of('read')} read whole, doctor clean on none`,
);
const pageSize = 4096;

let template: Place;
let other: Place;
beforeAll(async () => {
  template = await makeTemplate();
  other = await makeTemplate();
});

const database = ({ folder }: Place): string => join(folder, 'vault.db');
const sizeOf = (place: Place): number => statSync(database(place)).size;

/** The doctor's outcome, from its last line or its JSON. */
async function expectDamageFound(place: Place): Promise<void> {
  const { stdout, code } = await rapport(place, ['doctor', '--json', '--no-input']);
  expect(JSON.parse(stdout).state, stdout).toBe('damaged');
  expect(code).toBe(7);
}

/** Refused by a command that reads and one that writes, told by doctor, and left as it was by all of them. */
async function expectRefused(place: Place, says?: RegExp): Promise<void> {
  const before = bytesOf(place.folder);
  for (const argv of [
    ['notes', 'malu'],
    ['note', 'malu', 'one more'],
  ])
    expectRefusal(await rapport(place, argv), { code: 7, ...(says && { says }) });
  await expectDamageFound(place);
  expect(bytesOf(place.folder)).toEqual(before);
  counts.add('refused');
}

function swapPages(place: Place, one: number, another: number): void {
  const bytes = readFileSync(database(place));
  const page = (number: number): Buffer => bytes.subarray((number - 1) * pageSize, number * pageSize);
  const kept = Buffer.from(page(one));
  page(another).copy(page(one));
  kept.copy(page(another));
  writeFileSync(database(place), bytes);
}

describe('a database', () => {
  const cuts: readonly (readonly [string, (size: number) => number, RegExp])[] = [
    ['a byte', (size) => size - 1, /no whole number of pages/],
    ['half a page', (size) => size - pageSize / 2, /no whole number of pages/],
    ['a page', (size) => size - pageSize, /damaged/],
    ['half of it', (size) => Math.floor(size / pageSize / 2) * pageSize, /damaged/],
    ['all but a page', () => pageSize, /damaged/],
    ['all but a byte', () => 1, /no whole number of pages/],
    ['all of it', () => 0, /empty: it was truncated/],
  ];
  it.each(cuts)('cut short by %s is refused', async (_, length, says) => {
    const place = copyOf(template);
    truncateSync(database(place), length(sizeOf(place)));
    counts.add('harms');
    await expectRefused(place, says);
  });

  it('with bytes added is refused', async () => {
    for (const more of [Buffer.alloc(1), Buffer.from('x'.repeat(100)), Buffer.alloc(pageSize - 1, 7)]) {
      const place = copyOf(template);
      appendFileSync(database(place), more);
      counts.add('harms');
      await expectRefused(place, /cut short or added to/);
    }
  });

  it('with whole pages added is told by doctor, and read as it is or refused', async () => {
    const own = readFileSync(database(template)).subarray(-pageSize);
    for (const more of [Buffer.alloc(pageSize), Buffer.alloc(3 * pageSize, 7), own]) {
      const place = copyOf(template);
      appendFileSync(database(place), more);
      counts.add('harms');
      await expectDamageFound(place);
      const { code, stdout } = await rapport(place, ['notes', 'malu']);
      expect([0, 7]).toContain(code);
      if (code === 0) expect(stdout).toContain('malu tells story 7');
      counts.add(code === 0 ? 'read' : 'refused');
    }
  });

  it('with any two pages swapped is never read wrong', async () => {
    const pages = sizeOf(template) / pageSize;
    const whole = (await runHere(copyOf(template), ['export', '--format', 'rapport'])).stdout;
    const stripped = (text: string): string => text.replace(/"exported_at":\s*"[^"]+"/, '');
    const pairs = Array.from({ length: samples(60) }, (_, index): readonly [number, number] => {
      const one = 1 + (index % (pages - 1));
      return [one, one + 1 + Math.floor(draw() * (pages - one))];
    });
    for (const [one, another] of pairs) {
      const place = copyOf(template);
      swapPages(place, one, another);
      counts.add('harms');
      const { code, stdout, stderr } = await runHere(place, ['export', '--format', 'rapport']);
      expect([0, 7], `${one} and ${another}: ${stderr}`).toContain(code);
      if (code === 0) expect(stripped(stdout)).toBe(stripped(whole));
      counts.add(code === 0 ? 'read' : 'refused');
      expect((await runHere(place, ['doctor'])).code, `${one} and ${another}`).toBe(7);
      place.remove();
    }
  });

  it('of another vault is refused, whole or with some of its pages', async () => {
    const place = copyOf(template);
    copyFileSync(database(other), database(place));
    counts.add('harms');
    await expectRefused(place, /another vault/);
    const mixed = copyOf(template);
    const bytes = readFileSync(database(mixed));
    readFileSync(database(other)).copy(bytes, pageSize, pageSize, 3 * pageSize);
    writeFileSync(database(mixed), bytes);
    counts.add('harms');
    await expectRefused(mixed);
  });

  it('that is no vault but plain SQLite is refused, and not written', async () => {
    const place = copyOf(template);
    rmSync(database(place));
    const Driver = createRequire(import.meta.url)('better-sqlite3');
    const plain = new Driver(database(place));
    plain.exec("CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('vault_id', 'x')");
    plain.close();
    chmodSync(database(place), 0o600);
    counts.add('harms');
    await expectRefused(place, /unencrypted database/);
  });

  it('that is noise, zeros or something else altogether is refused', async () => {
    for (const content of [
      Buffer.alloc(40 * pageSize, 0),
      Buffer.alloc(40 * pageSize, 'noise '),
      readFileSync(process.execPath).subarray(0, 8 * pageSize),
    ]) {
      const place = copyOf(template);
      writeFileSync(database(place), content);
      counts.add('harms');
      await expectRefused(place, /does not open with its keys/);
    }
  });

  it('that is gone is missed', async () => {
    const place = copyOf(template);
    rmSync(database(place));
    counts.add('harms');
    await expectRefused(place, /vault.db is missing/);
  });

  it('newer than its keys is a conflict; older than them it is read, and not written', async () => {
    const place = copyOf(template);
    const file = join(place.root, 'next');
    writeFileSync(file, 'another passphrase of words\n', { mode: 0o600 });
    const changed = await rapport(place, ['key', 'passphrase'], {
      env: { RAPPORT_NEW_PASSPHRASE_FILE: file },
    });
    expect(changed.code).toBe(0);
    const newer = copyOf(place);
    for (const name of ['vault.keys', 'vault.keys.copy'])
      copyFileSync(join(template.folder, name), join(newer.folder, name));
    counts.add('harms');
    const before = bytesOf(newer.folder);
    for (const argv of [['notes', 'malu'], ['note', 'malu', 'one more'], ['due']])
      expectRefusal(await rapport(newer, argv), { code: 9, says: /key files are older than the database/ });
    expect(bytesOf(newer.folder)).toEqual(before);
    counts.add('refused');

    const env = { RAPPORT_PASSPHRASE: 'another passphrase of words' };
    copyFileSync(database(template), database(place));
    counts.add('harms');
    const read = await rapport(place, ['notes', 'malu'], { env });
    expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('malu tells story 7') });
    expect(read.stderr).toMatch(/^rapport: an older copy of the vault was put back/);
    counts.add('read');
    const written = await rapport(place, ['note', 'malu', 'one more'], { env });
    expect(written).toMatchObject({ code: 9, stdout: '' });
    const doctor = await rapport(place, ['doctor', '--json'], { env });
    expect(JSON.parse(doctor.stdout).state).toBe('rolled_back');
    expect(doctor.code).toBe(9);
  });
});

describe('a page key', () => {
  it('is the only one that reads a vault', async () => {
    const copies = readKeyCopies(other.folder, process.getuid?.());
    const foreign = copies && (await unlockWithSecret(copies, { type: 'recovery', bytes: recoverySecret }));
    if (foreign === undefined) throw new Error('the other vault does not open');
    const place = copyOf(template);
    expect(() => openKeyed(database(place), foreign.keys.page)).toThrow(/not a database/);
  });
});
