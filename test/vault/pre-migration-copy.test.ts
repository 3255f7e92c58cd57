/** What is set aside before a migration: whole, private, and gone when it would keep what was erased. */

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newNote, newPatient } from '../../src/domain/records.ts';
import { migrate, newestSchema } from '../../src/store/migrations.ts';
import { Sql } from '../../src/store/sql.ts';
import { keepEarlier } from '../../src/vault/database-copy.ts';
import { openDatabase, openKeyed } from '../../src/vault/open.ts';
import { day } from '../support/values.ts';

import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';
import { failureOf, uid, unlock } from './making.ts';

let place: TestPlace;
const inFolder = (name: string): string => join(place.folder, name);
const copy = `vault.db.schema-${newestSchema}`;
const aside = 'vault.db-journal.aside';

beforeEach(async () => {
  place = await makeVault();
  await place.withStore((store) =>
    store.write({ verb: 'import' }, () => {
      store.patients.insert(newPatient({ id: 'malu', name: 'Malu Razo', handle: 'malu' }));
      for (const text of ['came by boat', 'sings at night'])
        store.notes.insert(
          newNote({ patient_id: 'malu', kind: 'story', text, recorded_on: day('2026-01-02') }),
        );
    }),
  );
});

async function keysOf() {
  const unlocked = await unlock(place.folder, passphrase);
  if (unlocked === undefined) throw new Error('it does not open');
  return unlocked;
}

/** The texts of the notes in a file of the vault's, and its schema. */
function contentsOf(name: string, page: Buffer): { readonly schema: unknown; readonly notes: unknown } {
  const database = openKeyed(inFolder(name), page);
  try {
    return {
      schema: database.pragma('user_version', { simple: true }),
      notes: database.prepare('SELECT text FROM note ORDER BY number').pluck().all(),
    };
  } finally {
    database.close();
  }
}

/** Both files that keep an earlier time, as a migration and a crash leave them. */
async function leaveEarlier(): Promise<void> {
  keepEarlier(place.folder, (await keysOf()).keys.page, newestSchema);
  writeFileSync(inFolder(aside), 'pages of before', { mode: 0o600 });
}

const left = (): readonly string[] =>
  readdirSync(place.folder).filter((name) => ![copy, aside].includes(name));

describe('a migration', () => {
  it('is done on a vault whose checked copy was set aside under its lock', async () => {
    const { keys, keyFile } = await keysOf();
    const database = openDatabase({ folder: place.folder, keys, ...keyFile.payload, uid });
    const done = Array.from({ length: newestSchema }, () => 'never run again');
    const forgetting = [...done, "UPDATE note SET text = 'lost by a defect'; CREATE TABLE after_all (a)"];
    migrate(new Sql({ database }), (from) => keepEarlier(place.folder, keys.page, from), forgetting);
    database.close();
    expect(contentsOf('vault.db', keys.page)).toEqual({
      schema: newestSchema + 1,
      notes: ['lost by a defect', 'lost by a defect'],
    });
    expect(contentsOf(copy, keys.page)).toEqual({
      schema: newestSchema,
      notes: ['came by boat', 'sings at night'],
    });
    expect(lstatSync(inFolder(copy)).mode & 0o777).toBe(0o600);
    expect(readFileSync(inFolder(copy)).includes('boat')).toBe(false);
  });

  it('begins its copy anew where one was cut off, or another one stands', async () => {
    writeFileSync(inFolder(`vault.db.making-schema-${newestSchema}`), 'cut off');
    writeFileSync(inFolder(copy), 'older');
    await leaveEarlier();
    expect(contentsOf(copy, (await keysOf()).keys.page).schema).toBe(newestSchema);
    expect(left()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  });

  it('sets no copy aside of a vault that is damaged', async () => {
    const { keys } = await keysOf();
    const bytes = readFileSync(inFolder('vault.db'));
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    writeFileSync(inFolder('vault.db'), bytes);
    expect(await failureOf(() => keepEarlier(place.folder, keys.page, newestSchema))).toMatch(
      /^damaged: no copy of the vault can be set aside before it is changed: /,
    );
    expect(existsSync(inFolder(copy))).toBe(false);
    expect(readFileSync(inFolder('vault.db')).equals(bytes)).toBe(true);
  });
});

describe('what keeps an earlier time', () => {
  it('is told by the doctor, and the copy is removed by the next backup', async () => {
    await leaveEarlier();
    expect((await place.run(['doctor'])).stdout).toContain(
      `the vault as it was before a migration is kept: ${copy}`,
    );
    const { stderr, code } = await place.run(['backup', 'b']);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`${copy}, kept from before`)]);
    expect(existsSync(inFolder(copy))).toBe(false);
  });

  it('is told where others may read it', async () => {
    await leaveEarlier();
    chmodSync(inFolder(copy), 0o644);
    expect((await place.run(['doctor'])).stdout).toContain(`${copy} (mode 0644)`);
  });

  it.each([
    ['forget', ['patient', 'forget', 'malu', '--yes']],
    ['retire --erase', ['retire', 'NOTE', '--erase', '--yes']],
    ['key rotate', ['key', 'rotate', '--out', 'sheet']],
  ])('is gone after %s', async (_, argv) => {
    const ref = await place.withStore((store) => store.notes.of('malu')[0]?.ref);
    await leaveEarlier();
    const { code, stderr } = await place.run(argv.map((word) => (word === 'NOTE' ? (ref ?? '') : word)));
    expect(code, stderr).toBe(0);
    expect(readdirSync(place.folder).filter((name) => [copy, aside].includes(name))).toEqual([]);
  });

  it('keeps an erasing from being done where it cannot be removed', async () => {
    mkdirSync(inFolder(aside));
    const { code, stdout, stderr } = await place.run(['patient', 'forget', 'malu', '--yes']);
    expect([code, stdout]).toEqual([9, '']);
    expect(stderr).toMatch(/^rapport: vault\.db-journal\.aside is a folder, not a file\nhint: take it away/m);
    expect((await place.run(['notes', 'malu'])).stdout).toContain('came by boat');
  });

  it('keeps the master key from being changed by halves where it cannot be removed', async () => {
    mkdirSync(inFolder(aside));
    const before = readFileSync(inFolder('vault.keys'));
    expect((await place.run(['key', 'rotate', '--out', 'sheet'])).code).toBe(9);
    expect(readFileSync(inFolder('vault.keys')).equals(before)).toBe(true);
    rmdirSync(inFolder(aside));
    expect((await place.run(['key', 'rotate', '--out', 'sheet'])).code).toBe(0);
  });

  it('stays where an erasing is refused', async () => {
    await leaveEarlier();
    await place.run(['patient', 'hold', 'malu']);
    expect((await place.run(['patient', 'forget', 'malu', '--yes'])).code).toBe(9);
    expect([copy, aside].every((name) => existsSync(inFolder(name)))).toBe(true);
  });
});
