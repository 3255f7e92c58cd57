/** Demonstration vaults: the published passphrase is tried only where this machine's state folder lists the vault. */
import { digestOf } from '../keys.ts';
import type { KeyPayload } from './key-file.ts';
import type { GivenSecret, KeySources } from './unlock.ts';

export const demoPassphrase = 'rapport demo vault';

export const unlistedDemo = `rapport: the state folder cannot be written; the passphrase is: ${demoPassphrase}`;

export const demoSources: KeySources = {
  passphrase: async (): Promise<GivenSecret> => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
  named: () => [],
};

/** `read` gives an empty text where it cannot; `write` says whether it could. */
interface StateFile {
  read(): string;
  write(text: string): boolean;
}

export type Demonstrations = ReturnType<typeof createDemonstrations>;

export function createDemonstrations(stateFile: (name: string) => StateFile) {
  const fileOf = (folder: string): StateFile => stateFile(`${digestOf(folder).slice(0, 32)}.demo`);
  return {
    /** The state folder and the key file must both say so. */
    lists(folder: string, payload: () => KeyPayload | undefined): boolean {
      const listed = fileOf(folder).read();
      if (listed === '') return false;
      try {
        const { demonstration, vault } = payload() ?? {};
        return demonstration === true && vault === listed;
      } catch {
        // Whoever opens the vault is told what is wrong.
        return false;
      }
    },
    add: (folder: string, vaultId: string): boolean => fileOf(folder).write(vaultId),
  };
}
