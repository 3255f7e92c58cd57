/** A new master key: the vault is written anew beside the old one, which is gone once the new one stands. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { readRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { databasePath, keyFileNames } from '../../src/vault/vault-folder.ts';
import { copyFolder } from '../support/folders.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, patientNames } from './contexts.ts';

const rotation = ['key', 'rotate', '--out', 'sheet', '--no-input'] as const;
const oldCode = Buffer.alloc(20, 5);
let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Malu Razo');
});

const rotate = async (): Promise<void> => {
  const { code, stderr } = await place.run(rotation);
  expect(code, stderr).toBe(0);
};

async function opensBy(bytes: Buffer, folder = place.folder): Promise<boolean> {
  const copies = readKeyCopies(folder, process.getuid?.()) ?? expect.fail('no keys');
  return (await unlockWithSecret(copies, { type: 'recovery', bytes })) !== undefined;
}
const sheetCode = (): Buffer => readRecoveryCode(readFileSync(join(place.work, 'sheet'), 'utf8'));
const names = (): readonly string[] => [
  ...readdirSync(place.folder),
  ...readdirSync(place.root).filter((name) => name.startsWith('vault')),
];
const whole = ['vault.db', 'vault.keys', 'vault.keys.copy', 'vault'];

describe('key rotate', () => {
  it('writes every page anew under a salt of its own, and leaves nothing of the old vault', async () => {
    writeFileSync(join(place.folder, 'vault.db.schema-1'), 'an old copy', { mode: 0o600 });
    const before = readFileSync(databasePath(place.folder));
    const { stderr } = await place.run(rotation);
    expect(stderr).toContain(
      `takes its place: ${Math.ceil(before.length / 1000)} kB more of the disk for a while`,
    );
    const after = readFileSync(databasePath(place.folder));
    expect(after.subarray(0, 16)).not.toEqual(before.subarray(0, 16));
    for (let page = 0; page < Math.min(after.length, before.length); page += 4096)
      expect(after.subarray(page + 16, page + 4096)).not.toEqual(before.subarray(page + 16, page + 4096));
    expect(names()).toEqual(whole);
    expect([await opensBy(sheetCode()), await opensBy(oldCode)]).toEqual([true, false]);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
    expect(await place.run(['doctor'])).toMatchObject({
      code: 0,
      stdout: expect.not.stringMatching(/OLDER/),
    });
    const [one, other] = keyFileNames.map((name) => readFileSync(join(place.folder, name)));
    expect(one).toEqual(other);
  });

  it('deletes no other file and no folder in the vault', async () => {
    for (const [name, make] of [
      ['letter.txt', (path: string) => writeFileSync(path, 'mine')],
      ['vault.db.schema-1', (path: string) => mkdirSync(path)],
    ] as const) {
      const path = join(place.folder, name);
      make(path);
      expect((await place.run(rotation)).code).toBe(9);
      expect(readdirSync(place.folder)).toContain(name);
      expect(await opensBy(oldCode)).toBe(true);
      rmSync(path, { recursive: true });
    }
    await rotate();
  });

  it('changes nothing where a page cannot be read', async () => {
    const path = databasePath(place.folder);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[good.length - 3000] = (bad[good.length - 3000] ?? 0) ^ 1;
    writeFileSync(path, bad);
    expect((await place.run(rotation)).code).toBe(7);
    expect(names()).toEqual(whole);
    writeFileSync(path, good);
    expect(await opensBy(oldCode)).toBe(true);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
  });

  it('does not vouch for a log that was altered', async () => {
    await place.withDatabase((database) =>
      database.prepare("UPDATE log SET verb = 'nothing' WHERE sequence = 1").run(),
    );
    await rotate();
    expect(await place.run(['doctor'])).toMatchObject({
      code: 7,
      stdout: expect.stringContaining('the log was altered, from its entry 1 on'),
    });
  });

  it('is not undone by an old copy of the key file', async () => {
    const old = readFileSync(join(place.folder, 'vault.keys'));
    await rotate();
    for (const name of keyFileNames) {
      const good = readFileSync(join(place.folder, name));
      writeFileSync(join(place.folder, name), old);
      // The old code opens the old copy, whose page key the database has no more.
      expect(await opensBy(oldCode)).toBe(false);
      expect(await opensBy(sheetCode())).toBe(true);
      writeFileSync(join(place.folder, name), good);
    }
  });

  it('leaves old copies of the whole folder to their own secrets', async () => {
    const aside = join(place.root, 'aside');
    copyFolder(place.folder, aside);
    await rotate();
    expect(await opensBy(oldCode, aside)).toBe(true);
    expect((await patientNames({ root: place.root, folder: aside })).value).toEqual(['Malu Razo']);
  });
});
