import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveAgent } from '../../src/agent/server.ts';
import { agentSocket } from '../../src/agent/socket-path.ts';
import { demoPassphrase } from '../../src/host/demonstrations.ts';
import { createKeeper, type VaultKeeper } from '../../src/host/keeper.ts';
import { createLocksmith } from '../../src/host/locksmith.ts';
import type { Keys } from '../../src/keys.ts';
import { firstOf, makeClocks, times } from '../agent/agents.ts';
import { type Answer, scriptedQuestions } from '../support/answers.ts';
import { seededRandom, testOutside } from '../support/outside.ts';
import { failureOf, makeVault, passphrase, type TestVault, temporaryFolder } from './making.ts';

interface Keeping {
  readonly folder: string;
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly answers?: readonly Answer[];
  readonly stdin?: string;
}

/** A keeper as one command has it, and what is left of its standard input. */
function keep({ folder, root = temporaryFolder(), env = {}, answers, stdin }: Keeping) {
  for (const name of ['home', 'runtime', 'temporary', 'work'])
    mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
  const questions = scriptedQuestions(answers ?? []);
  const outside = testOutside({
    root,
    env: { RAPPORT_VAULT: folder, ...env },
    ...(stdin !== undefined && { stdin }),
    now: () => Date.parse('2026-03-12T08:30:00Z'),
    random: seededRandom('keeper'),
  });
  const keeper = createKeeper({
    outside,
    globals: { vault: undefined, passphraseStdin: stdin !== undefined, json: false },
    questions: answers === undefined ? { ...questions, possible: false } : questions,
    notices: { say: () => undefined, warn: () => undefined },
    settings: () => ({
      timeZone: undefined,
      dateStyle: undefined,
      language: 'English',
      verbs: {},
      idleMinutes: 0,
      backupRemindDays: undefined,
      dueQuietDays: undefined,
      glanceSeconds: undefined,
      eventRules: [],
      weekStart: 1,
      retentionDays: undefined,
      editor: undefined,
      pager: undefined,
      screenReader: false,
    }),
    clock: { instant: () => '2026-03-12T08:30:00.000Z' },
  });
  const clock = { instant: () => '2026-03-12T08:30:00.000Z' };
  const openStore = () => Promise.reject(new Error('no store here'));
  const locksmith = createLocksmith({ outside, keeper, clock, openStore });
  return { keeper, locksmith, questions, outside, root };
}

/** Opens, says whether it is the vault asked for, and closes. */
async function opens(keeper: VaultKeeper, vault: TestVault): Promise<boolean> {
  const { database, vaultId } = await keeper.openDatabase();
  database.close();
  return vaultId === vault.vaultId;
}

/** An agent of this process that holds keys for a vault. */
async function serveKeys(root: string, vault: TestVault, keys: Keys): Promise<void> {
  const folder = join(root, 'runtime', 'rapport');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = agentSocket([folder], process.getuid?.());
  if (place === undefined) throw new Error('no place');
  const { vaultId, generation } = vault;
  const first = firstOf({ op: 'put', vault: vaultId, generation, ...times }, Buffer.from(keys.bytes));
  const agent = await serveAgent({ place, clocks: makeClocks(), first });
  onTestFinished(() => agent?.stop());
}

describe('opening', () => {
  it('asks, three times at most, and only once a run', async () => {
    const vault = await makeVault();
    const { keeper, questions } = keep({ folder: vault.folder, answers: ['wrong', '', passphrase] });
    expect(await opens(keeper, vault)).toBe(true);
    await keeper.openDatabase();
    expect(questions.asked.filter((line) => line.startsWith('?'))).toHaveLength(3);
    const never = keep({ folder: vault.folder, answers: ['a', 'b', 'c'] });
    expect(await failureOf(() => never.keeper.openDatabase())).toBe(
      'wrong-key: that is not the passphrase of this vault',
    );
  });

  it('asks nobody where it must not', async () => {
    const vault = await makeVault();
    const { keeper } = keep({ folder: vault.folder, answers: [] });
    expect(await failureOf(() => keeper.openDatabase({ ask: false }))).toMatch(/^locked: /);
    expect(await failureOf(() => keep({ folder: vault.folder }).keeper.openDatabase())).toMatch(/^locked: /);
  });

  it('takes the keys of the agent before any source', async () => {
    const vault = await makeVault();
    const { keeper, root } = keep({ folder: vault.folder, env: { RAPPORT_PASSPHRASE: 'wrong' } });
    await serveKeys(root, vault, vault.keys);
    expect(await opens(keeper, vault)).toBe(true);
  });

  it('takes a passphrase off standard input even when the agent has the keys', async () => {
    const vault = await makeVault();
    const { keeper, outside, root } = keep({ folder: vault.folder, stdin: `${passphrase}\n! call\n` });
    await serveKeys(root, vault, vault.keys);
    expect(await opens(keeper, vault)).toBe(true);
    const rest: Buffer[] = [];
    for await (const chunk of outside.stdin) rest.push(chunk);
    expect(Buffer.concat(rest).toString()).toBe('! call\n');
  });

  it('packs no key file that was altered, whoever has the keys: a backup would hold it', async () => {
    const vault = await makeVault();
    const { keeper, root } = keep({ folder: vault.folder });
    await serveKeys(root, vault, vault.keys);
    for (const name of ['vault.keys', 'vault.keys.copy']) {
      const path = join(vault.folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"made_on":"..../, '"made_on":"1999'));
    }
    expect(await failureOf(() => keeper.ownKeys())).toMatch(/^locked: /);
  });

  it('does not believe an agent whose keys do not vouch for the key file', async () => {
    const vault = await makeVault();
    const other = await makeVault();
    const { keeper, root } = keep({ folder: vault.folder });
    await serveKeys(root, vault, other.keys);
    expect(await failureOf(() => keeper.openDatabase())).toMatch(/^locked: /);
    const asked = keep({ folder: vault.folder, root, answers: [passphrase] });
    expect(await opens(asked.keeper, vault)).toBe(true);
  });

  it('mends the copy of the key file that is gone', async () => {
    const vault = await makeVault();
    const path = join(vault.folder, 'vault.keys');
    const whole = readFileSync(path);
    rmSync(path);
    await opens(keep({ folder: vault.folder, answers: [passphrase] }).keeper, vault);
    expect(readFileSync(path)).toEqual(whole);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says what is missing', async () => {
    const vault = await makeVault();
    const gone = (folder: string) => failureOf(() => keep({ folder }).keeper.openDatabase());
    expect(await gone('/nowhere/at/all')).toBe('not-found: no vault in /nowhere/at/all');
    for (const name of ['vault.keys', 'vault.keys.copy']) rmSync(join(vault.folder, name));
    expect(await gone(vault.folder)).toMatch(/^damaged: both key files are gone/);
    rmSync(join(vault.folder, 'vault.db'));
    expect(await gone(vault.folder)).toMatch(/^not-found: /);
  });

  it('needs the passphrase or the code, not what merely looks like them', async () => {
    const vault = await makeVault();
    const sheet = join(temporaryFolder(), 'sheet');
    writeFileSync(sheet, '00000-'.repeat(8).slice(0, -1), { mode: 0o600 });
    const { locksmith } = keep({ folder: vault.folder, env: { RAPPORT_RECOVERY_FILE: sheet } });
    expect(await failureOf(() => locksmith.authorise('recovery'))).toMatch(
      /^wrong-key: the recovery code is mistyped in groups .*RAPPORT_RECOVERY_FILE/,
    );
  });
});

describe('making', () => {
  const code = () => keep({ folder: '/nowhere' }).keeper.newRecoveryCode();

  it('writes the recovery sheet once, private, and it opens the vault', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { keeper, root } = keep({ folder });
    await keeper.create({ passphrase, recoveryCode: code(), recoveryOut: 'sheet.txt' });
    const sheet = join(root, 'work', 'sheet.txt');
    expect(statSync(sheet).mode & 0o777).toBe(0o600);
    const later = keep({ folder, env: { RAPPORT_RECOVERY_FILE: sheet } });
    await later.locksmith.authorise('recovery');
    (await later.keeper.openDatabase()).database.close();
  });

  it('overwrites no file, and leaves no sheet of a vault that was not made', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { keeper, root } = keep({ folder });
    const sheet = join(root, 'work', 'sheet.txt');
    writeFileSync(sheet, 'mine');
    const request = { passphrase, recoveryCode: code(), recoveryOut: 'sheet.txt' };
    expect(await failureOf(() => keeper.create(request))).toMatch(/^conflict: /);
    expect(readFileSync(sheet, 'utf8')).toBe('mine');
    expect(existsSync(folder)).toBe(false);
    rmSync(sheet);
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'vault.db'), '');
    expect(await failureOf(() => keeper.create(request))).toMatch(/^conflict: a vault is already there/);
    expect(existsSync(sheet)).toBe(false);
  });

  it('makes a demonstration vault that asks nobody and keeps nothing in memory', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { keeper, root } = keep({ folder });
    await keeper.create({ passphrase: demoPassphrase, recoveryCode: code(), isDemo: true });
    const later = keep({ folder, root }).keeper;
    expect(later.isDemo).toBe(true);
    (await later.openDatabase()).database.close();
    expect(await later.unlock('passphrase', 60)).toBeUndefined();
    expect(existsSync(join(root, 'runtime', 'rapport'))).toBe(false);
  });

  it('draws codes at random', () => {
    const { keeper } = keep({ folder: '/nowhere' });
    expect(keeper.newRecoveryCode()).not.toBe(keeper.newRecoveryCode());
  });
});

describe('a change of passphrase', () => {
  it('wants the old secret first', async () => {
    const vault = await makeVault();
    const { keeper, locksmith } = keep({ folder: vault.folder, answers: [passphrase] });
    await expect(locksmith.replacePassphrase('another one of words')).rejects.toThrow(
      'authorise comes first',
    );
    await locksmith.authorise('passphrase');
    await locksmith.replacePassphrase('another one of words');
    (await keeper.openDatabase()).database.close();
    const later = keep({ folder: vault.folder, answers: ['another one of words'] });
    expect(await opens(later.keeper, vault)).toBe(true);
  });
});
