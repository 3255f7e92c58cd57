/**
 * Demonstration vaults. Their passphrase is published, so it is tried only in folders that `rapport demo` made on this
 * machine: the state folder lists them, one file a folder, with the id of the vault that was made there.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPayload } from '../vault/key-file.ts';
import { readPrivateFile } from '../vault/modes.ts';
import { replaceFile } from '../vault/vault-folder.ts';
import { stateFolder } from './folders.ts';
import type { GivenSecret, KeySources } from './key-sources.ts';
import type { Outside } from './outside.ts';

export const demoPassphrase = 'rapport demo vault';

/** Where it cannot be listed, whoever goes on in it is asked. */
export const unlistedDemo = `rapport: the state folder cannot be written; the passphrase is: ${demoPassphrase}`;

export const demoSources: KeySources = {
  passphrase: async (): Promise<GivenSecret> => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
  named: () => [],
};

/** In bytes. */
const longest = 64;

export interface Demonstrations {
  /** Whether `rapport demo` made the vault in this folder, here, and its key file says so as well. */
  lists(folder: string, payload: () => KeyPayload | undefined): boolean;
  /** @returns whether it could be written down */
  add(folder: string, vaultId: string): boolean;
}

export function createDemonstrations(
  outside: Pick<Outside, 'env' | 'platform' | 'home' | 'workingFolder' | 'uid'>,
): Demonstrations {
  const pathOf = (folder: string): string => {
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    return join(stateFolder(outside), `${name}.demo`);
  };
  return {
    lists(folder, payload) {
      try {
        const listed = readPrivateFile(pathOf(folder), outside.uid, longest)?.toString('utf8').trim();
        if (listed === undefined) return false;
        const { demonstration, vault } = payload() ?? {};
        return demonstration === true && vault === listed;
      } catch {
        // Whoever opens the vault is told what is wrong with it.
        return false;
      }
    },
    add(folder, vaultId) {
      try {
        mkdirSync(stateFolder(outside), { recursive: true, mode: 0o700 });
        replaceFile(pathOf(folder), Buffer.from(`${vaultId}\n`));
        return true;
      } catch {
        return false;
      }
    },
  };
}
