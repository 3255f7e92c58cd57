/** The `key …` commands from end to end, on real vaults. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeRecoveryCode } from '../../src/vault/typed-secrets.ts';
import { makeVault, passphrase, type RunOptions, type TestPlace } from '../support/vault.ts';

/** The code that every vault of makeVault has at first. */
const firstCode = writeRecoveryCode(Buffer.alloc(20, 5));
const codeForm = /^ *((?:[0-9A-Z]{5}-){7}[0-9A-Z]{5})$/m;

async function makePlace(): Promise<TestPlace> {
  const place = await makeVault();
  await place.run(['patient', 'add', 'Malu Razo']);
  return place;
}

/** A private file with a recovery code in it, as an environment. */
function withCode({ work }: TestPlace, text: string, name = 'code'): Pick<RunOptions, 'env' | 'locked'> {
  const path = join(work, name);
  writeFileSync(path, text, { mode: 0o600 });
  return { env: { RAPPORT_RECOVERY_FILE: path }, locked: true };
}

/** Whether a recovery code opens the vault, by way of `key passphrase --recovery`, which sets the same passphrase. */
async function opens(place: TestPlace, code: string): Promise<number> {
  const path = join(place.work, 'again');
  writeFileSync(path, passphrase, { mode: 0o600 });
  const options = withCode(place, code);
  const env = { ...options.env, RAPPORT_NEW_PASSPHRASE_FILE: path };
  return (await place.run(['key', 'passphrase', '--recovery'], { ...options, env })).code;
}

const verbs = (place: TestPlace, limit = 1) =>
  place.withStore((store) => store.log.rows({ limit }).map(({ verb }) => verb));

describe('key recovery', () => {
  it('changes nothing before part of the new code was typed', async () => {
    const place = await makePlace();
    for (const argv of [
      ['key', 'recovery'],
      ['key', 'recovery', '--print'],
    ]) {
      const { asked, stdout, code } = await place.run(argv, { answers: [['type its group', '^C']] });
      expect(code).toBe(130);
      const shown = [...asked.map((line) => line.replace(/^: */, '')), stdout].join('\n');
      expect(await opens(place, codeForm.exec(shown)?.[1] ?? '')).toBe(5);
      expect(await opens(place, firstCode)).toBe(0);
    }
  });

  it('prints a sheet that is read back whole', async () => {
    const place = await makePlace();
    const { stdout, stderr, code } = await place.run(['key', 'recovery', '--print']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/Backups made before still open with the old one/);
    const [, printed = ''] = codeForm.exec(stdout) ?? [];
    expect(stdout).toContain('What to do with it');
    for (const line of stdout.split('\n'))
      expect(line === '' || line.startsWith('#') || line.trim() === printed, line).toBe(true);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120);
    expect(await opens(place, stdout)).toBe(0);
    expect(await opens(place, printed.toLowerCase().replaceAll('-', ' '))).toBe(0);
    expect(await opens(place, firstCode)).toBe(5);
    expect(await verbs(place, 4)).toContain('key recovery');
  });

  it('writes the sheet to a private file', async () => {
    const place = await makePlace();
    const sheet = join(place.work, 'sheet.txt');
    expect((await place.run(['key', 'recovery', '--out', 'sheet.txt', '--no-input'])).code).toBe(0);
    expect(statSync(sheet).mode & 0o777).toBe(0o600);
    expect(await opens(place, readFileSync(sheet, 'utf8'))).toBe(0);
  });
});

describe('key rotate', () => {
  it('keeps passphrase and code where the code is given', async () => {
    const place = await makePlace();
    const { env } = withCode(place, firstCode);
    const before = readFileSync(join(place.folder, 'vault.db'));
    const { stdout, code } = await place.run(['key', 'rotate'], { env: { ...env } });
    expect(code).toBe(0);
    expect(stdout).toContain('your passphrase and the recovery code open it');
    expect(readFileSync(join(place.folder, 'vault.db')).subarray(16, 64)).not.toEqual(
      before.subarray(16, 64),
    );
    expect(await opens(place, firstCode)).toBe(0);
    expect((await place.run(['patient', 'list'])).stdout).toContain('Malu Razo');
    const { broken, rows } = await place.withStore(({ log }) => ({
      broken: log.firstBroken(),
      rows: log.rows({ limit: 20 }).map(({ verb }) => verb),
    }));
    expect(broken).toBeUndefined();
    expect(rows.filter((verb) => verb === 'key rotate')).toHaveLength(1);
  });

  it('makes a new code where none is given, on a sheet or shown', async () => {
    const place = await makePlace();
    const made = await place.run(['key', 'rotate', '--out', 'sheet.txt', '--no-input']);
    expect(made.code).toBe(0);
    const sheet = readFileSync(join(place.work, 'sheet.txt'), 'utf8');
    expect(await opens(place, firstCode)).toBe(5);
    expect(await opens(place, sheet)).toBe(0);
    // Typed at the terminal, it stays.
    const [, typed = ''] = codeForm.exec(sheet) ?? [];
    const kept = await place.run(['key', 'rotate'], { answers: ['nonsense', typed] });
    expect(kept.code).toBe(0);
    expect(kept.asked).toContain(': the recovery code has 8 of its 40 characters');
    expect(await opens(place, typed)).toBe(0);
    const shown = await place.run(['key', 'rotate'], { answers: ['', '^C'] });
    expect(shown.code).toBe(130);
    expect(codeForm.exec(shown.asked.map((line) => line.replace(/^: */, '')).join('\n'))?.[1]).toBeDefined();
    expect(await opens(place, typed)).toBe(0);
  });

  it('changes nothing with a wrong code', async () => {
    const place = await makePlace();
    const keys = readFileSync(join(place.folder, 'vault.keys'));
    const { env } = withCode(place, writeRecoveryCode(Buffer.alloc(20, 6)));
    expect((await place.run(['key', 'rotate'], { env: { ...env } })).code).toBe(5);
    expect((await place.run(['key', 'rotate', '--out', 'x'], { env: { ...env } })).code).toBe(2);
    expect(readFileSync(join(place.folder, 'vault.keys'))).toEqual(keys);
    expect(await opens(place, firstCode)).toBe(0);
  });

  it('leaves a state that an older copy of the vault is told by', async () => {
    const place = await makePlace();
    const old = ['vault.db', 'vault.keys', 'vault.keys.copy'].map(
      (name) => [join(place.folder, name), readFileSync(join(place.folder, name))] as const,
    );
    await place.run(['key', 'rotate', '--out', 'sheet.txt']);
    for (const [path, bytes] of old) writeFileSync(path, bytes);
    const { stderr, code } = await place.run(['patient', 'add', 'Walt Beer']);
    expect(code).toBe(9);
    expect(stderr).toContain('an older copy of the vault was put back');
  });
});

describe('key export-raw', () => {
  it('warns, has a word typed, and logs it before it shows the key', async () => {
    const place = await makePlace();
    const { stdout, stderr, code } = await place.run(['key', 'export-raw'], { answers: ['Export'] });
    expect(code).toBe(0);
    expect(stderr).toContain('Whoever reads it can read every note');
    expect(stdout).toMatch(/^PRAGMA key = "x'[0-9a-f]{64}'";$/m);
    expect(await verbs(place)).toEqual(['key export-raw']);
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(--|PRAGMA)/);
    expect((await place.run(['key', 'export-raw', '--yes', '--out', 'key.sql'])).code).toBe(0);
    const file = join(place.work, 'key.sql');
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o600, stdout]);
  });
});
