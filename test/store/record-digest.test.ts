/** The digest of records: each change brings it up to date, looks leave it alone, and it tells pages of two times. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { databasePath } from '../../src/vault/vault-folder.ts';
import { copyFolder } from '../support/folders.ts';
import { day } from '../support/values.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await did('patient', 'add', 'Malu Razo', '--handle', 'malu');
});

const did = async (...argv: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await place.run(argv);
  expect(code, `${argv.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
};
const doctor = () => place.run(['doctor']);
const digest = (): Promise<unknown> =>
  place.withDatabase((database) =>
    database.prepare("SELECT value FROM meta WHERE key = 'digest'").pluck().get(),
  );
const well = expect.stringContaining('the records are those of the last change');
const differs = expect.stringMatching(/DAMAGED +the records are not those of the last change/);

it('follows every way of changing records', async () => {
  await did('note', 'malu', 'came by boat');
  await did('patient', 'add', 'Walt Odum', '--handle', 'walt');
  await place.run(['commit', 'malu', '--stdin'], { stdin: '! call by fri\n? can I fly\n' });
  await did('calendar', 'add', '2026-03-20', 'Spring fair');
  await did('patient', 'set', 'malu', '--goes-by', 'Lu');
  await did('patient', 'merge', 'walt', 'malu', '--yes');
  await did('undo', '--yes');
  await did('undo', '--redo', '--yes');
  await place.withStore((store) => {
    const [patient] = store.patients.all();
    store.drafts
      .begin({
        patient_id: patient?.id ?? '',
        task: 'commit',
        record: null,
        on: day('2026-03-12'),
        options: null,
      })
      .append({ place: 'now', text: 'not saved yet' });
  });
  expect(await doctor()).toMatchObject({ code: 0, stdout: well });
  await did('key', 'rotate', '--out', 'sheet', '--no-input');
  expect(await doctor()).toMatchObject({ code: 0, stdout: well });
  await did('patient', 'forget', 'malu', '--yes');
  expect(await doctor()).toMatchObject({ code: 0, stdout: well });
});

it('is left alone by looks, and made where there is none', async () => {
  const before = await digest();
  for (const argv of [['brief', 'malu', '--force'], ['due'], ['search', 'boat'], ['patient', 'list']])
    await place.run(argv);
  expect(await digest()).toBe(before);
  await place.withDatabase((database) => database.exec("DELETE FROM meta WHERE key = 'digest'"));
  expect(await doctor()).toMatchObject({ code: 0, stdout: expect.stringContaining('have no digest yet') });
  await did('note', 'malu', 'came by boat');
  expect(await doctor()).toMatchObject({ code: 0, stdout: well });
});

it('tells old pages among new ones, which a backup warns of, until somebody accepts them', async () => {
  await did('note', 'malu', 'came by boat');
  const old = readFileSync(databasePath(place.folder));
  await did('note', 'malu', 'sings in a choir');
  await did('patient', 'set', 'malu', '--pronouns', 'she/her');
  const now = readFileSync(databasePath(place.folder));
  const aside = join(place.root, 'aside');
  copyFolder(place.folder, aside);
  const mix = (page: number): void => {
    const mixed = Buffer.from(now);
    old.copy(mixed, page * 4096, page * 4096, (page + 1) * 4096);
    writeFileSync(databasePath(aside), mixed);
  };
  const [told, untold]: readonly [number[], number[]] = [[], []];
  for (let page = 1; page < old.length / 4096; page += 1) {
    if (old.compare(now, page * 4096, (page + 1) * 4096, page * 4096, (page + 1) * 4096) === 0) continue;
    mix(page);
    const { code, stdout } = await place.run(['doctor', '--vault', aside]);
    if (/records are not those/.test(stdout)) told.push(page);
    if (code === 0) untold.push(page);
  }
  expect(told.length).toBeGreaterThan(0);
  // What FTS5 can do without: all is found.
  for (const page of untold) {
    mix(page);
    expect(await did('search', 'choir', '--vault', aside)).toContain('sings');
    expect(await did('search', 'boat', '--vault', aside)).toContain('came by');
  }
  await place.withDatabase((database) => database.exec("UPDATE patient SET pronouns = 'they/them'"));
  await did('note', 'malu', 'and goes on');
  expect(await doctor()).toMatchObject({ code: 7, stdout: differs });
  const backup = await place.run(['backup', 'b']);
  expect([backup.code, backup.stderr]).toEqual([0, expect.stringContaining('some are of another time')]);
  expect((await place.run(['key', 'rotate', '--out', 'sheet', '--no-input'])).code).toBe(0);
  expect(await doctor()).toMatchObject({ code: 7, stdout: differs });
  expect(await place.run(['doctor', '--accept-damage'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('accepted from now on'),
  });
  expect(await doctor()).toMatchObject({ code: 0, stdout: well });
});
