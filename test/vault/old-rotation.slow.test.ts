/** A change of the master key that version 0.1 began in place, and that was cut off: each state of it is finished. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readKeyFile } from '../../src/vault/key-file.ts';
import { keyFileNames } from '../../src/vault/vault-folder.ts';
import { makePlace, type TestPlace } from '../support/vault.ts';
import { failureOf, unlock } from './making.ts';

const fixture = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../fixtures/vaults/rotation-0.1', name));
const before = fixture('before.db');
const rewritten = fixture('rewritten.db');
const journal = fixture('rewriting.db-journal');

/** With the pages that the log's new chain changed. */
function chained(): Buffer {
  const bytes = Buffer.from(rewritten);
  const pages = fixture('chained.pages');
  for (let at = 0; at < pages.length; at += 4100)
    pages.copy(bytes, (pages.readUInt32BE(at) - 1) * 4096, at + 4, at + 4100);
  return bytes;
}
const half = Buffer.concat([rewritten.subarray(0, 40 * 4096), before.subarray(40 * 4096)]);

interface State {
  readonly keys: readonly [first: string, second: string];
  readonly database: Buffer;
  readonly journal?: Buffer;
}
const states: Readonly<Record<string, State>> = {
  'after the first key file': { keys: ['begun', 'before'], database: before },
  'after both key files': { keys: ['begun', 'begun'], database: before },
  'while pages were rewritten': { keys: ['begun', 'begun'], database: half, journal },
  'after the pages': { keys: ['begun', 'begun'], database: rewritten },
  'after the log': { keys: ['begun', 'begun'], database: chained() },
  'after the first key file without the old master': { keys: ['ended', 'begun'], database: chained() },
};

function placeIn({ keys, database, journal }: State): TestPlace {
  const place = makePlace();
  mkdirSync(place.folder, { mode: 0o700 });
  const files = { 'vault.db': database, ...(journal && { 'vault.db-journal': journal }) };
  for (const [index, name] of keyFileNames.entries())
    writeFileSync(join(place.folder, name), fixture(`${keys[index]}.keys`), { mode: 0o600 });
  for (const [name, bytes] of Object.entries(files))
    writeFileSync(join(place.folder, name), bytes, { mode: 0o600 });
  return place;
}

const oldCode = Buffer.alloc(20, 5);
const newCode = Buffer.alloc(20, 77);
async function opensBy(bytes: Buffer, { folder }: TestPlace): Promise<boolean> {
  const copies = readKeyCopies(folder, process.getuid?.()) ?? expect.fail('no keys');
  return (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
}

async function expectDone(place: TestPlace): Promise<void> {
  expect((await place.run(['notes', 'malu'])).stdout).toContain('came by boat');
  expect(await place.run(['doctor'])).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/OLDER/) });
  expect((await place.run(['note', 'malu', 'goes on'])).code).toBe(0);
  const files = readdirSync(place.folder).filter((name) => !/\.(?:aside|schema-2)$/.test(name));
  expect(files).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  expect(readFileSync(join(place.folder, 'vault.keys'), 'utf8')).not.toContain('"previous"');
}

describe.each(Object.entries(states))('cut off %s', (_, state) => {
  it('is finished by the command that opens the vault', async () => {
    const place = placeIn(state);
    // The first rename has decided: what the change took away opens nothing any more.
    expect([await opensBy(oldCode, place), await opensBy(newCode, place)]).toEqual([false, true]);
    const { code, stderr } = await place.run(['patient', 'list']);
    expect(code, stderr).toBe(0);
    const isOver = state.keys[0] === 'ended';
    const finished = 'rapport: finished a change of the master key that was cut off\n';
    expect(stderr.replace(/^rapport: (?:an older vault|the copy is) .*\n/gm, '')).toBe(
      isOver ? '' : finished,
    );
    await expectDone(place);
    expect([await opensBy(oldCode, place), await opensBy(newCode, place)]).toEqual([false, true]);
    const { rows } = JSON.parse((await place.run(['log', '--json'])).stdout);
    expect(JSON.stringify(rows).split('"key rotate"')).toHaveLength(2);
  });

  it('is followed by another one', async () => {
    const place = placeIn(state);
    expect((await place.run(['key', 'rotate', '--out', 'sheet', '--no-input'])).code).toBe(0);
    expect(await opensBy(newCode, place)).toBe(false);
    await expectDone(place);
  });

  it('is backed up and restored', async () => {
    const place = placeIn(state);
    expect((await place.run(['backup', 'b'])).code).toBe(0);
    const elsewhere = makePlace();
    cpSync(join(place.work, 'b'), join(elsewhere.work, 'b'));
    for (const each of [elsewhere, place]) {
      expect((await each.run(['restore', 'b', '--yes'])).code).toBe(0);
      await expectDone(each);
    }
    const over = placeIn(state);
    cpSync(join(place.work, 'b'), join(over.work, 'b'));
    expect((await over.run(['restore', 'b', '--yes'])).code).toBe(0);
    await expectDone(over);
  });
});

describe('a key file in the midst of it', () => {
  const begun = fixture('begun.keys');

  it('is never taken with any byte changed', async () => {
    const place = placeIn(states['after both key files'] ?? expect.fail());
    for (let at = begun.indexOf('"previous"'); at < begun.length; at += 1) {
      const flipped = Buffer.from(begun);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      for (const name of keyFileNames) writeFileSync(join(place.folder, name), flipped);
      const secret = 'correct horse battery staple';
      expect(await failureOf(() => unlock(place.folder, secret)), `byte ${at}`).toMatch(/^damaged: /);
    }
  });

  it.each([
    [/"previous":\{.*\}/, '"previous":null'],
    [/"previous":\{.*\}/, '"previous":{}'],
    [/"mac":"[0-9a-f]+"/, '"mac":""'],
    [/"previous":\{/, '"previous":{"more":1,'],
    [/,"mac":"[0-9a-f]+"/, ''],
  ])('is refused where %s is %s, whatever its MAC', (from, to) => {
    const [line = ''] = begun.toString('utf8').split('\n');
    const edited = line.replace(from, to);
    expect(edited).not.toBe(line);
    expect(() => readKeyFile(Buffer.from(`${edited}\n${'0'.repeat(64)}\n`))).toThrow('vault.keys is damaged');
  });
});
