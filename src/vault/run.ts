/** What a run gives the vault, as types; `host/compose.ts` makes it. */
import type { Agents } from '../agent/client.ts';
import type { Failure } from '../errors.ts';
import type { KeyPayload } from './key-file.ts';
import type { GivenParts } from './key-sources.ts';
import type { OsKeyring } from './os-keyring.ts';
import type { RollbackGuard } from './rollback-guard.ts';
import type { Prompt } from './unlock.ts';

export interface Demonstrations {
  /** The state folder and the key file must both say so. */
  lists(folder: string, payload: () => KeyPayload | undefined): boolean;
  /** @returns whether it could be written down */
  add(folder: string, vaultId: string): boolean;
}

export interface VaultRun extends GivenParts {
  /** The vault's, absolute. */
  readonly folder: () => string;
  readonly random: (bytes: number) => Buffer;
  /** scrypt's N of new slots; undefined is the usual one. */
  readonly cost: number | undefined;
  readonly agents: Agents;
  readonly osKeyring: () => Promise<OsKeyring>;
  readonly demonstrations: Demonstrations;
  /** One at a time over restore, key rotate and backup of this vault. @throws busy */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly guardOf: (vaultId: string, logKey: Buffer) => RollbackGuard;
  readonly prompt: Prompt;
  /** @throws conflict where the file exists, not-found, usage, failed */
  readonly writePrivate: (path: string, text: string) => Promise<void>;
  /** Minutes; 0 keeps no keys. */
  readonly idleMinutes: () => number;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Warns with its hints. */
  readonly report: (failure: Failure) => void;
  /** ISO, UTC. */
  readonly instant: () => string;
}
