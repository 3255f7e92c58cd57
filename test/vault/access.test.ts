import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentSocket } from '../../src/agent/protocol.ts';
import { serveAgent } from '../../src/agent/server.ts';
import { composeContext } from '../../src/host/compose.ts';
import type { Keys } from '../../src/keys.ts';
import { demoPassphrase } from '../../src/vault/typed-secrets.ts';
import { firstOf, makeClocks, times } from '../agent/agents.ts';
import { type Answer, scriptedQuestions } from '../support/answers.ts';
import { seededRandom, testOutside } from '../support/outside.ts';
import { noGlobals } from '../support/vault.ts';
import { failureOf, makeVault, passphrase, type TestVault, temporaryFolder } from './making.ts';

interface Running {
  readonly folder: string;
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly answers?: readonly Answer[];
  readonly stdin?: string;
}

/** The vault as one command has it, and what is left of its standard input. */
function run({ folder, root = temporaryFolder(), env = {}, answers, stdin }: Running) {
  for (const name of ['home', 'runtime', 'temporary', 'work'])
    mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
  const questions = scriptedQuestions(answers ?? []);
  const outside = testOutside({
    root,
    env: { RAPPORT_VAULT: folder, ...env },
    ...(stdin !== undefined && { stdin }),
    questions: answers === undefined ? { ...questions, possible: false } : questions,
    now: () => Date.parse('2026-03-12T08:30:00Z'),
    random: seededRandom('access'),
  });
  const globals = { ...noGlobals, passphraseStdin: stdin !== undefined };
  const { ctx } = composeContext(outside, globals);
  const { vault, keySlots, session, care } = ctx;
  return { vault, keySlots, session, care, openStore: ctx.openStore, questions, outside, root };
}

/** Opens, says whether it is the vault asked for, and closes. */
async function opens({ vault }: Pick<ReturnType<typeof run>, 'vault'>, made: TestVault): Promise<boolean> {
  const { database, vaultId } = await vault.open();
  database.close();
  return vaultId === made.vaultId;
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
    const made = await makeVault();
    const { vault, questions } = run({ folder: made.folder, answers: ['wrong', '', passphrase] });
    expect(await opens({ vault }, made)).toBe(true);
    await vault.open();
    expect(questions.asked.filter((line) => line.startsWith('?'))).toHaveLength(3);
    const never = run({ folder: made.folder, answers: ['a', 'b', 'c'] });
    expect(await failureOf(() => never.vault.open())).toBe(
      'wrong-key: that is not the passphrase of this vault',
    );
  });

  it('asks nobody where it must not', async () => {
    const made = await makeVault();
    const { vault } = run({ folder: made.folder, answers: [] });
    expect(await failureOf(() => vault.open({ ask: false }))).toMatch(/^locked: /);
    expect(await failureOf(() => run({ folder: made.folder }).vault.open())).toMatch(/^locked: /);
  });

  it('takes the keys of the agent before any source', async () => {
    const made = await makeVault();
    const { vault, root } = run({ folder: made.folder, env: { RAPPORT_PASSPHRASE: 'wrong' } });
    await serveKeys(root, made, made.keys);
    expect(await opens({ vault }, made)).toBe(true);
  });

  it('takes a passphrase off standard input even when the agent has the keys', async () => {
    const made = await makeVault();
    const { vault, outside, root } = run({ folder: made.folder, stdin: `${passphrase}\n! call\n` });
    await serveKeys(root, made, made.keys);
    expect(await opens({ vault }, made)).toBe(true);
    const rest: Buffer[] = [];
    for await (const chunk of outside.stdin) rest.push(chunk);
    expect(Buffer.concat(rest).toString()).toBe('! call\n');
  });

  it('packs no key file that was altered, whoever has the keys: a backup would hold it', async () => {
    const made = await makeVault();
    const { care, root } = run({ folder: made.folder });
    await serveKeys(root, made, made.keys);
    for (const name of ['vault.keys', 'vault.keys.copy']) {
      const path = join(made.folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"made_on":"..../, '"made_on":"1999'));
    }
    expect(
      await failureOf(() =>
        care.backUp({ file: undefined, acceptRollback: false, advance: () => undefined }),
      ),
    ).toMatch(/^locked: /);
  });

  it('does not believe an agent whose keys do not vouch for the key file', async () => {
    const made = await makeVault();
    const other = await makeVault();
    const { vault, root } = run({ folder: made.folder });
    await serveKeys(root, made, other.keys);
    expect(await failureOf(() => vault.open())).toMatch(/^locked: /);
    const asked = run({ folder: made.folder, root, answers: [passphrase] });
    expect(await opens(asked, made)).toBe(true);
  });

  it('mends the copy of the key file that is gone', async () => {
    const made = await makeVault();
    const path = join(made.folder, 'vault.keys');
    const whole = readFileSync(path);
    rmSync(path);
    await opens(run({ folder: made.folder, answers: [passphrase] }), made);
    expect(readFileSync(path)).toEqual(whole);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says what is missing', async () => {
    const made = await makeVault();
    const gone = (folder: string) => failureOf(() => run({ folder }).vault.open());
    expect(await gone('/nowhere/at/all')).toBe('not-found: no vault in /nowhere/at/all');
    for (const name of ['vault.keys', 'vault.keys.copy']) rmSync(join(made.folder, name));
    expect(await gone(made.folder)).toMatch(/^damaged: both key files are gone/);
    rmSync(join(made.folder, 'vault.db'));
    expect(await gone(made.folder)).toMatch(/^not-found: /);
  });

  it('needs the passphrase or the code, not what merely looks like them', async () => {
    const made = await makeVault();
    const sheet = join(temporaryFolder(), 'sheet');
    writeFileSync(sheet, '00000-'.repeat(8).slice(0, -1), { mode: 0o600 });
    const { keySlots } = run({ folder: made.folder, env: { RAPPORT_RECOVERY_FILE: sheet } });
    const slots = await keySlots();
    expect(await failureOf(() => slots.authorise('recovery'))).toMatch(
      /^wrong-key: the recovery code is mistyped in groups .*RAPPORT_RECOVERY_FILE/,
    );
  });
});

describe('making', () => {
  const code = async () => (await run({ folder: '/nowhere' }).session()).newRecoveryCode();

  it('writes the recovery sheet once, private, and it opens the vault', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { session, root } = run({ folder });
    await (await session()).create({ passphrase, recoveryCode: await code(), recoveryOut: 'sheet.txt' });
    const sheet = join(root, 'work', 'sheet.txt');
    expect(statSync(sheet).mode & 0o777).toBe(0o600);
    const later = run({ folder, env: { RAPPORT_RECOVERY_FILE: sheet } });
    await (await later.keySlots()).authorise('recovery');
    (await later.vault.open()).database.close();
  });

  it('overwrites no file, and leaves no sheet of a vault that was not made', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { session, root } = run({ folder });
    const { create } = await session();
    const sheet = join(root, 'work', 'sheet.txt');
    writeFileSync(sheet, 'mine');
    const request = { passphrase, recoveryCode: await code(), recoveryOut: 'sheet.txt' };
    expect(await failureOf(() => create(request))).toMatch(/^conflict: /);
    expect(readFileSync(sheet, 'utf8')).toBe('mine');
    expect(existsSync(folder)).toBe(false);
    rmSync(sheet);
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'vault.db'), '');
    expect(await failureOf(() => create(request))).toMatch(/^conflict: a vault is already there/);
    expect(existsSync(sheet)).toBe(false);
  });

  it('makes a demonstration vault that asks nobody and keeps nothing in memory', async () => {
    const folder = join(temporaryFolder(), 'vault');
    const { root, ...made } = run({ folder });
    await (await made.session()).create({
      passphrase: demoPassphrase,
      recoveryCode: await code(),
      isDemo: true,
    });
    const { vault: later, session } = run({ folder, root });
    expect(later.isDemo).toBe(true);
    (await later.open()).database.close();
    expect(await (await session()).unlock('passphrase', 60)).toBeUndefined();
    expect(existsSync(join(root, 'runtime', 'rapport'))).toBe(false);
  });

  it('draws codes at random', async () => {
    const { newRecoveryCode } = await run({ folder: '/nowhere' }).session();
    expect(newRecoveryCode()).not.toBe(newRecoveryCode());
  });
});

describe('a change of passphrase', () => {
  it('wants the old secret first', async () => {
    const made = await makeVault();
    const { vault, keySlots } = run({ folder: made.folder, answers: [passphrase] });
    const slots = await keySlots();
    await expect(slots.replacePassphrase('another one of words')).rejects.toThrow('authorise comes first');
    await slots.authorise('passphrase');
    await slots.replacePassphrase('another one of words');
    (await vault.open()).database.close();
    const later = run({ folder: made.folder, answers: ['another one of words'] });
    expect(await opens(later, made)).toBe(true);
  });
});
