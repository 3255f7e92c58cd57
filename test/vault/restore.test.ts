/** Bringing a vault back: from a backup and one secret alone, or not at all, and never at the old vault's cost. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeBackup } from '../../src/vault/backup.ts';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { stagedPath } from '../../src/vault/replace.ts';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { makePlace, makeVault, passphrase, type TestPlace } from '../support/vault.ts';
import { addPatient, inContext, patientNames } from './contexts.ts';
import { makeVault as makeBareVault, open as openVault } from './making.ts';

const code = writeRecoveryCode(Buffer.alloc(20, 5));
let place: TestPlace;
let backup: string;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Malu Razo');
  backup = join(place.work, 'b');
  await place.run(['backup', 'b']);
});

/** What is in the vault's folder, and beside it. */
const contents = (folder = place.folder): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
const beside = (): readonly string[] => readdirSync(place.root).filter((name) => name.startsWith('vault'));
const privately = (name: string, text: string): string => {
  const path = join(place.root, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

describe('rapport restore on a clean machine', () => {
  let other: TestPlace;
  beforeEach(() => {
    other = makePlace();
  });

  it('takes the backup and the recovery code alone', async () => {
    const file = privately('code', `# on a sheet\n${code.toLowerCase()}\n`);
    const { code: exit, stdout } = await other.run(['restore', backup], {
      locked: true,
      env: { RAPPORT_RECOVERY_FILE: file },
    });
    expect(exit).toBe(0);
    expect(stdout).toContain(other.folder);
    expect((await patientNames(other)).value).toEqual(['Malu Razo']);
    expect(statSync(other.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(other.folder))
      expect(statSync(join(other.folder, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(other.folder).sort()).toEqual(['vault.db', 'vault.keys', 'vault.keys.copy']);
  });

  it.each([
    ['the passphrase', passphrase, []],
    ['the recovery code', code, []],
    ['the recovery code, asked for', code, ['--recovery']],
  ])('asks for %s', async (_, secret, flags) => {
    const question = flags.length > 0 ? 'Recovery code' : 'Passphrase or recovery code of the backup';
    const { code: exit } = await other.run(['restore', backup, ...flags], {
      locked: true,
      answers: [[question, secret]],
    });
    expect(exit).toBe(0);
    expect((await patientNames(other)).value).toEqual(['Malu Razo']);
  });

  it('makes the folders above it, and takes an empty one', async () => {
    const deep = join(other.root, 'a', 'b', 'vault');
    expect((await other.run(['restore', backup, '--vault', deep])).code).toBe(0);
    expect((await patientNames({ root: other.root, folder: deep })).value).toEqual(['Malu Razo']);
    mkdirSync(other.folder, { mode: 0o700 });
    expect((await other.run(['restore', backup])).code).toBe(0);
    expect(readdirSync(other.root).filter((name) => name.startsWith('vault'))).toEqual(['vault']);
  });

  it('leaves nothing behind without a key, or with a wrong one', async () => {
    const before = readdirSync(other.root);
    const nobody = await other.run(['restore', backup, '--no-input'], { locked: true });
    expect([nobody.code, nobody.stdout]).toEqual([4, '']);
    const wrong = await other.run(['restore', backup], { env: { RAPPORT_PASSPHRASE: 'another one' } });
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining('of the day it was made')]);
    const mistyped = await other.run(['restore', backup], {
      locked: true,
      answers: [code.replace(/.$/, 'Z'), 'eight words apple mango', '^C'],
    });
    expect(mistyped.code).toBe(130);
    expect(mistyped.asked.join('\n')).toContain('mistyped in group 8');
    expect(readdirSync(other.root)).toEqual(before);
  });

  it('remembers the backup that it came from', async () => {
    await other.run(['restore', backup]);
    const { value } = await inContext(other, async (ctx) => {
      const store = await ctx.openStore();
      return [store.backups.last()?.slice(0, 16), store.log.rows({ limit: 1 })[0]?.verb];
    });
    expect(value).toEqual(['2026-03-12T08:30', 'restore']);
  });
});

describe('rapport restore over a vault', () => {
  beforeEach(async () => {
    await addPatient(place, 'Ned Hintz');
  });

  it('refuses unless told, before it asks for a key', async () => {
    const before = contents();
    const { code: exit, stderr } = await place.run(['restore', 'b', '--no-input'], { locked: true });
    expect([exit, stderr]).toEqual([9, expect.stringContaining('--yes puts the backup in its place')]);
    expect(contents()).toEqual(before);
    expect(beside()).toEqual(['vault']);
  });

  it('keeps the old one aside, whole, and says where', async () => {
    const { code: exit, stdout } = await place.run(['restore', 'b', '--yes']);
    expect(exit).toBe(0);
    const [, aside = ''] = /^The vault that was there is now (.*)$/m.exec(stdout) ?? [];
    expect(aside).toMatch(/vault\.before-restore-20260312-0830\d\d$/);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
    expect((await patientNames({ root: place.root, folder: aside })).value).toEqual([
      'Malu Razo',
      'Ned Hintz',
    ]);
  });

  it('gives each old one a name of its own', async () => {
    place.at('2026-03-12T09:00:00Z');
    await place.run(['restore', 'b', '--yes']);
    place.at('2026-03-12T09:00:00Z');
    await place.run(['restore', 'b', '--yes']);
    expect(beside()).toEqual([
      'vault',
      'vault.before-restore-20260312-090000',
      'vault.before-restore-20260312-090000-2',
    ]);
  });

  it('asks a person, who may say no', async () => {
    const before = contents();
    const no = await place.run(['restore', 'b'], { answers: [['keep the old one aside?', 'no']] });
    expect([no.code, contents()]).toEqual([130, before]);
    expect((await place.run(['restore', 'b'], { answers: ['yes'] })).code).toBe(0);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
  });

  it('says it as JSON', async () => {
    expect(await place.json(['restore', 'b', '--yes'])).toEqual({
      schema: 'rapport.restore/1',
      folder: place.folder,
      made_at: expect.stringMatching(/^2026-03-12T08:30/),
      kept_aside: expect.stringContaining('before-restore'),
    });
  });

  it('is no rollback', async () => {
    await place.run(['restore', 'b', '--yes']);
    const { stderr, failure } = await addPatient(place, 'Walt Beer');
    expect([stderr, failure]).toEqual(['', undefined]);
  });

  it('touches no folder with other things in it, and no link', async () => {
    writeFileSync(join(place.folder, 'letter.txt'), 'mine');
    const others = await place.run(['restore', 'b', '--yes']);
    expect([others.code, others.stderr]).toEqual([9, expect.stringContaining('other files besides a vault')]);
    const link = join(place.root, 'link');
    symlinkSync(place.folder, link);
    expect((await place.run(['restore', 'b', '--yes', '--vault', link])).code).toBe(9);
    expect(readdirSync(place.folder)).toContain('letter.txt');
  });

  it('works where the old vault is damaged', async () => {
    writeFileSync(join(place.folder, 'vault.db'), 'no vault at all');
    rmSync(join(place.folder, 'vault.keys'));
    rmSync(join(place.folder, 'vault.keys.copy'));
    expect((await place.run(['restore', 'b', '--yes'])).code).toBe(0);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
  });
});

describe('a backup that is not whole', () => {
  let before: Readonly<Record<string, string>>;
  beforeEach(() => {
    before = contents();
  });

  /** Tries to restore these bytes over the vault, which must stay as it was. */
  async function restoring(bytes: Buffer): Promise<number> {
    writeFileSync(backup, bytes);
    const { code: exit, stdout } = await place.run(['restore', 'b', '--yes']);
    expect(stdout).toBe('');
    expect(contents()).toEqual(before);
    expect(beside()).toEqual(['vault']);
    return exit;
  }

  it('is refused with any byte changed', async () => {
    const bytes = readFileSync(backup);
    // Every part of it: the head, the start and the body of the database, the closing MAC.
    const step = Math.floor(bytes.length / 120);
    const places = [
      ...Array.from({ length: 120 }, (_, index) => index * step + (index % 7)),
      bytes.length - 2,
    ];
    for (const index of places) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ (1 << (index % 8)), index);
      expect(await restoring(changed)).toBe(7);
    }
  });

  it('is refused when cut short or added to', async () => {
    const bytes = readFileSync(backup);
    for (const length of [0, 1, 17, 1000, 4096, bytes.length - 4096, bytes.length - 65, bytes.length - 1])
      expect(await restoring(bytes.subarray(0, length))).toBe(7);
    expect(await restoring(Buffer.concat([bytes, Buffer.alloc(4096)]))).toBe(7);
  });

  it('is refused where its database is another one, with a head that fits', async () => {
    const bytes = readFileSync(backup);
    await addPatient(place, 'Ned Hintz');
    await place.run(['backup', 'c']);
    before = contents();
    const later = readFileSync(join(place.work, 'c'));
    // Same vault, same keys, same length of head: only the closing MAC tells.
    expect(later.length).toBe(bytes.length);
    const { database }: { readonly database: number } = JSON.parse(
      bytes.toString('latin1').split('\n')[1] ?? '',
    );
    const headLength = bytes.length - 65 - database;
    const mixed = Buffer.concat([
      bytes.subarray(0, headLength),
      later.subarray(headLength, -65),
      bytes.subarray(-65),
    ]);
    expect(await restoring(mixed)).toBe(7);
  });

  it('is refused where it is another thing, and where a newer rapport made it', async () => {
    expect(await restoring(Buffer.from('{"format":"rapport"}'))).toBe(7);
    const bytes = readFileSync(join(place.folder, 'vault.db'));
    expect(await restoring(bytes)).toBe(7);
    expect((await place.run(['restore', 'absent', '--yes'])).code).toBe(3);
    expect((await place.run(['restore', place.work, '--yes'])).code).toBe(2);
    execFileSync('mkfifo', [join(place.work, 'pipe')]);
    symlinkSync('pipe', join(place.work, 'link'));
    for (const name of ['pipe', 'link']) expect((await place.run(['restore', name, '--yes'])).code).toBe(2);
  });

  it('is refused where its form is newer', async () => {
    const bytes = readFileSync(backup);
    bytes.write('rapport backup 3\n');
    expect(await restoring(bytes)).toBe(9);
  });

  it('is refused where its schema is newer', async () => {
    const vault = await makeBareVault();
    const database = openVault(vault);
    database.pragma('user_version = 1000');
    database.close();
    rmSync(backup);
    await writeBackup({
      folder: vault.folder,
      keys: vault.keys,
      uid: process.getuid?.(),
      target: backup,
      replaces: false,
      madeAt: '2026-03-12T08:30:00.000Z',
      interruptible: (work) => work(new AbortController().signal),
      advance: () => undefined,
    });
    const { code: exit, stderr } = await place.run(['restore', 'b', '--yes'], {
      env: { RAPPORT_PASSPHRASE: 'four words of a test' },
    });
    expect([exit, stderr]).toEqual([9, expect.stringContaining('newer rapport')]);
    expect(contents()).toEqual(before);
    expect(beside()).toEqual(['vault']);
  });
});

describe('a backup made before a new passphrase', () => {
  it('opens with the old one, and says so', async () => {
    const fresh = privately('new', 'seven different words from now on\n');
    const changed = await place.run(['key', 'passphrase'], { env: { RAPPORT_NEW_PASSPHRASE_FILE: fresh } });
    expect(changed.code).toBe(0);
    const refused = await place.run(['restore', 'b', '--yes'], {
      env: { RAPPORT_PASSPHRASE: 'seven different words from now on' },
    });
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringContaining('a backup keeps the passphrase and the recovery code of the day it was made'),
    ]);
    const restored = await place.run(['restore', 'b', '--yes']);
    expect(restored.code).toBe(0);
    expect(restored.stderr).toContain('opens with the passphrase or recovery code of that day');
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
  });
});

describe('a backup made before a new master key', () => {
  it('opens with what it had, is taken as the vault, and is no rollback', async () => {
    await addPatient(place, 'Ned Hintz');
    expect((await place.run(['key', 'rotate', '--out', 'sheet'])).code).toBe(0);
    await place.run(['backup', 'c']);
    const old = privately('old', code);
    const byOldCode = { locked: true, env: { RAPPORT_RECOVERY_FILE: old } };
    expect((await place.run(['restore', 'c', '--yes'], byOldCode)).code).toBe(5);
    expect((await place.run(['restore', 'b', '--yes'], byOldCode)).code).toBe(0);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
    expect((await place.run(['doctor'])).code).toBe(0);
    const byNewCode = { locked: true, env: { RAPPORT_RECOVERY_FILE: join(place.work, 'sheet') } };
    expect((await place.run(['restore', 'c', '--yes'], byNewCode)).code).toBe(0);
    expect((await patientNames(place)).value).toEqual(['Malu Razo', 'Ned Hintz']);
    const { stderr, failure } = await addPatient(place, 'Walt Beer');
    expect([stderr, failure]).toEqual(['', undefined]);
  });
});

describe('a restore that was killed', () => {
  const id = '0123456789ab';
  /** As a restore of this vault calls what it leaves. */
  async function staged(folder = place.folder): Promise<string> {
    const copies = readKeyCopies(place.folder, process.getuid?.());
    const unlocked =
      copies && (await unlockWithSecret(copies, { type: 'recovery', bytes: Buffer.alloc(20, 5) }));
    if (unlocked === undefined) throw new Error('the template opens with its code');
    const { keys, keyFile } = unlocked;
    return stagedPath({ folder, vault: keyFile.payload.vault, keys }, id);
  }

  it('between its two renames is finished by whoever opens the vault next, and others say so', async () => {
    const waiting = await staged();
    renameSync(place.folder, waiting);
    const doctor = await place.run(['doctor']);
    expect([doctor.code, doctor.stderr]).toEqual([
      3,
      expect.stringContaining('a restore or key rotate was cut off'),
    ]);
    const init = await place.run(['init', '--no-input', '--recovery-out', 'sheet']);
    expect([init.code, init.stderr]).toEqual([9, expect.stringContaining('a vault is on its way')]);
    expect((await patientNames(place, { env: { RAPPORT_PASSPHRASE: 'wrong' } })).failure?.exit).toBe(
      'wrong-key',
    );
    expect(existsSync(waiting)).toBe(true);
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
    expect(existsSync(waiting)).toBe(false);
  });

  it('leaves what was called so by somebody else, or belongs elsewhere, where it is', async () => {
    const names = [
      `${place.folder}.restored`,
      `${place.folder}.restoring-${id}`,
      `${place.folder}.restored-${id}-${'0'.repeat(32)}`,
      (await staged(join(place.root, 'another'))).replace('another', 'vault'),
    ];
    for (const folder of names) {
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, 'letter.txt'), 'mine');
    }
    expect((await place.run(['restore', 'b', '--yes'])).code).toBe(0);
    for (const folder of names) expect(readdirSync(folder)).toEqual(['letter.txt']);
  });

  it('is not finished for a vault that was put beside the empty place', async () => {
    const planted = `${place.folder}.restored-${id}-${'0'.repeat(32)}`;
    renameSync(place.folder, planted);
    const { failure } = await patientNames(place);
    expect(failure).toMatchObject({
      exit: 'not-found',
      message: expect.stringContaining('no restore of it'),
    });
    expect([existsSync(planted), existsSync(place.folder)]).toEqual([true, false]);
  });

  it('before them leaves the old vault, and what it left is swept by the next one', async () => {
    const left = await staged();
    mkdirSync(left, { mode: 0o700 });
    expect((await patientNames(place)).value).toEqual(['Malu Razo']);
    expect(existsSync(left)).toBe(true);
    expect((await place.run(['restore', 'b', '--yes'])).code).toBe(0);
    expect(existsSync(left)).toBe(false);
  });
});
