/** Small vaults for tests: real files in a temporary folder, cheap scrypt. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { createVault } from '../../src/vault/create.ts';
import { readKeyCopies, type Unlocked, unlockWithSecret } from '../../src/vault/key-copies.ts';
import { openDatabase, type VaultDatabase } from '../../src/vault/open.ts';
import { passphraseBytes } from '../../src/vault/typed-secrets.ts';
import { temporaryFolder } from '../support/folders.ts';

/** scrypt's N. */
export const cheap = 16;
export const passphrase = 'four words of a test';
export const uid = process.getuid?.();

export { temporaryFolder };

export interface TestVault extends Awaited<ReturnType<typeof createVault>> {
  readonly folder: string;
  readonly recoverySecret: Buffer;
  readonly vaultId: string;
  readonly generation: number;
}

export async function makeVault(folder = join(temporaryFolder(), 'vault')): Promise<TestVault> {
  const recoverySecret = randomBytes(20);
  const made = await createVault({
    folder,
    uid,
    passphrase,
    recoverySecret,
    madeOn: '2026-03-12',
    cost: cheap,
  });
  const { vault: vaultId, generation } = made.keyFile.payload;
  return { ...made, folder, recoverySecret, vaultId, generation };
}

/** Unlocks with a passphrase; undefined where it is wrong. */
export async function unlock(folder: string, text = passphrase): Promise<Unlocked | undefined> {
  const copies = readKeyCopies(folder, uid);
  if (copies === undefined) throw new Error('no key file');
  return unlockWithSecret(copies, { type: 'passphrase', bytes: passphraseBytes(text) });
}

/** Opens as a command would, and closes when the test ends. */
export function open(
  vault: TestVault,
  changes: Partial<Parameters<typeof openDatabase>[0]> = {},
): VaultDatabase {
  const { folder, keys, vaultId, generation } = vault;
  const database = openDatabase({ folder, keys, vault: vaultId, generation, uid, patience: 100, ...changes });
  onTestFinished(() => {
    database.close();
  });
  return database;
}

/** The failure that a piece of work ends in, as 'exit: message'; fails where it ends in none. */
export async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return `${error.exit}: ${error.message}`;
    throw error;
  }
  throw new Error('it did not fail');
}
