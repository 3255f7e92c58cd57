/** The demonstration vault's keys: its patients are fictional and its passphrase is known; the marker spares typing it. */
import type { GivenSecret, KeySources } from './key-sources.ts';

/** A file in the vault's folder. */
export const demoMarker = 'demo';
export const demoPassphrase = 'rapport demo vault';

export const demoSources: KeySources = {
  passphrase: async (): Promise<GivenSecret> => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
  named: () => [],
};
