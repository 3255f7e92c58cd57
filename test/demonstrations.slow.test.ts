/** A demonstration is one because this machine made it: nothing that lies in a vault's folder makes one. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { demoPassphrase } from '../src/vault/typed-secrets.ts';
import { type BinaryResult, runBinary } from './support/binary.ts';
import { copyFolder } from './support/folders.ts';
import { makePlace, makeVault } from './support/vault.ts';

let root: string;
beforeEach(() => {
  root = makePlace().root;
});
afterEach(() => expect(existsSync(join(root, 'runtime', 'rapport'))).toBe(false));

const said = 'rapport: a demonstration: these patients are fictional\n';

const rapport = (
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<BinaryResult> => runBinary(argv, { root, env });

/** Makes one and gives its folder. */
async function demonstrate(env = {}): Promise<string> {
  const { stdout, code } = await rapport(['demo', '--json'], env);
  expect(code).toBe(0);
  const made = JSON.parse(stdout) as { vault: string; demonstration: boolean };
  expect(made.demonstration).toBe(true);
  return made.vault;
}

it('says so in every command, asks for nothing, and is not watched for older copies', async () => {
  const RAPPORT_VAULT = await demonstrate();
  expect(await rapport(['note', 'tom', 'likes rye bread'], { RAPPORT_VAULT })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(said),
  });
  const brief = await rapport(['brief', 'tom'], { RAPPORT_VAULT });
  expect(brief).toMatchObject({ code: 0, stderr: said, stdout: expect.stringContaining('rye bread') });
  expect(await rapport(['due', '--line', '--quiet'], { RAPPORT_VAULT })).toMatchObject({
    code: 0,
    stderr: '',
  });
  const list = await rapport(['patient', 'list', '--json'], { RAPPORT_VAULT });
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(list.stdout)).toMatchObject({ demonstration: true });
  expect(JSON.parse((await rapport(['status', '--json'], { RAPPORT_VAULT })).stdout)).toMatchObject({
    demonstration: true,
    locked: false,
  });
  expect(await rapport(['doctor'], { RAPPORT_VAULT })).toMatchObject({
    stdout: expect.stringContaining('a demonstration vault is not watched'),
  });
});

it('is no demonstration elsewhere: another folder, another machine', async () => {
  const vault = await demonstrate();
  const planted = join(root, 'vault');
  copyFolder(vault, planted);
  expect(await rapport(['patient', 'list'], { RAPPORT_VAULT: planted })).toMatchObject({
    code: 4,
    stdout: '',
  });
  const elsewhere = { RAPPORT_VAULT: vault, XDG_STATE_HOME: join(root, 'home', 'other') };
  expect(await rapport(['brief', 'tom'], elsewhere)).toMatchObject({ code: 2, stdout: '' });
  // Who types the passphrase sees what it is.
  expect(
    await rapport(['patient', 'list'], { ...elsewhere, RAPPORT_PASSPHRASE: demoPassphrase }),
  ).toMatchObject({ code: 0, stderr: said });
});

it('is not what takes the place of one', async () => {
  const vault = await demonstrate();
  const planted = await demonstrate({ XDG_STATE_HOME: join(root, 'home', 'other') });
  for (const name of ['vault.db', 'vault.keys', 'vault.keys.copy'])
    cpSync(join(planted, name), join(vault, name));
  expect(await rapport(['patient', 'list'], { RAPPORT_VAULT: vault })).toMatchObject({ code: 4, stdout: '' });
});

it('says what the passphrase is where it cannot be remembered', async () => {
  writeFileSync(join(root, 'home', 'file'), '');
  const { stderr, stdout } = await rapport(['demo', '--json'], {
    XDG_STATE_HOME: join(root, 'home', 'file'),
  });
  expect(stderr).toBe('rapport: the state folder cannot be written; the passphrase is: rapport demo vault\n');
  expect(JSON.parse(stdout)).toMatchObject({ demonstration: true });
});

it('a file called demo does nothing: the vault stays locked, guarded, and doctor names it', async () => {
  const place = await makeVault();
  await place.run(['patient', 'add', 'Ned Hintz', '--yes']);
  copyFolder(place.folder, join(place.root, 'older'));
  await place.run(['patient', 'add', 'Walt Odum', '--yes']);
  for (const name of ['vault.db', 'vault.keys', 'vault.keys.copy'])
    cpSync(join(place.root, 'older', name), join(place.folder, name));
  writeFileSync(join(place.folder, 'demo'), 'fictional patients only\n', { mode: 0o600 });
  const env = { RAPPORT_PASSPHRASE: 'correct horse battery staple' };
  root = place.root;
  expect(await rapport(['patient', 'list'])).toMatchObject({ code: 4 });
  expect(await rapport(['note', 'ned', 'keeps bees'], env)).toMatchObject({ code: 9 });
  expect(await rapport(['brief', 'ned'], env)).toMatchObject({ code: 2 });
  const { stdout } = await rapport(['doctor'], env);
  expect(stdout).toMatch(/OLDER|older copy/);
  expect(stdout).toMatch(/\bdemo\b/);
});

it('a key file that only calls itself one is not believed', async () => {
  const place = await makeVault();
  await place.run(['due']);
  for (const name of ['vault.keys', 'vault.keys.copy']) {
    const path = join(place.folder, name);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"cipher":"sqlcipher-4",', '$&"demonstration":true,'),
    );
  }
  const env = { RAPPORT_PASSPHRASE: 'correct horse battery staple' };
  root = place.root;
  expect(await rapport(['patient', 'list'], env)).toMatchObject({ code: 7 });
  expect(await rapport(['patient', 'list'])).toMatchObject({ code: 4 });
});
