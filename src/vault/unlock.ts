/** From a secret to keys, by the first source that has them. What is given is tried once; a person has three tries. */
import type { Agents } from '../agent/client.ts';
import { asFailure, Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { type KeyCopies, type Secret, type Unlocked, unlockWithSecret } from './key-copies.ts';
import type { KeyFile } from './key-file.ts';
import type { GivenParts, GivenSecret, KeySources, OsKeyring } from './key-sources.ts';
import type { RollbackGuard } from './rollback-guard.ts';
import { passphraseBytes, readRecoveryCode } from './typed-secrets.ts';

interface Prompt {
  readonly possible: boolean;
  secret(question: string): Promise<string>;
  tell(text: string): void;
}

export interface Asking {
  readonly ask: boolean;
  /** A shell's prompt or Tab waits for it. */
  readonly hurries?: boolean;
}

/** What a run gives the vault; `host/compose.ts` makes it. */
export interface VaultRun extends GivenParts {
  /** The vault's, absolute. */
  readonly folder: () => string;
  readonly random: (bytes: number) => Buffer;
  /** scrypt's N of new slots; undefined is the usual one. */
  readonly cost: number | undefined;
  readonly agents: Agents;
  readonly osKeyring: () => Promise<OsKeyring>;
  /** Where this machine writes down the id of a demonstration that it made there. */
  readonly demonstrationIn: (folder: string) => { read(): string; write(vaultId: string): boolean };
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

export type Authority = 'passphrase' | 'recovery';

/** The caller wipes what it does not keep. */
export interface UnlockedKeys {
  readonly keys: Keys;
  readonly keyFile: KeyFile;
  /** A person typed the secret, and not to change keys. */
  readonly isTyped: boolean;
}

export interface UnlockedBySecret extends UnlockedKeys, Unlocked {
  readonly secret: Buffer;
}

/** @returns undefined where it has no keys of this vault */
type Source = (copies: KeyCopies) => Promise<UnlockedBySecret | undefined>;

interface SecretKind {
  readonly question: string;
  readonly name: string;
  readonly hints: readonly string[];
  /** Hints where there is neither a source nor a terminal. */
  readonly without: readonly string[];
  given(sources: KeySources): Promise<GivenSecret | undefined>;
  /** @throws wrong-key for what cannot be such a secret */
  read(text: string): Secret;
}

export const byPassphrase: SecretKind = {
  question: 'Passphrase',
  name: 'passphrase',
  hints: ['forgotten? rapport key passphrase --recovery sets a new one with the recovery code'],
  without: [
    'rapport unlock, once, in a terminal',
    'or a passphrase by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
  ],
  given: (sources) => sources.passphrase(),
  read: (text) => ({ type: 'passphrase', bytes: passphraseBytes(text) }),
};

export const byRecoveryCode: SecretKind = {
  question: 'Recovery code',
  name: 'recovery code',
  hints: ['it is on the sheet that rapport init gave you'],
  without: ['put the code into a private file and name it in RAPPORT_RECOVERY_FILE'],
  given: async (sources) => sources.recoveryCode(),
  read: (text) => ({ type: 'recovery', bytes: readRecoveryCode(text) }),
};

const codeOfGroups = /^[0-9a-z]{5}([\s-]+[0-9a-z]{5}){7}$/i;

/** Of a backup; a code is recognised by its checksums. */
export const byEither: SecretKind = {
  question: 'Passphrase or recovery code of the backup',
  name: 'passphrase or recovery code',
  hints: ['a backup keeps the passphrase and the recovery code of the day it was made'],
  without: [
    'give a passphrase by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
    'or put the recovery code into a private file and name it in RAPPORT_RECOVERY_FILE',
  ],
  given: async (sources) => (await sources.passphrase()) ?? sources.recoveryCode(),
  read: (text) => {
    try {
      return byRecoveryCode.read(text);
    } catch (error) {
      // Eight words of five letters may be a passphrase; a code has digits.
      if (codeOfGroups.test(text.trim()) && /\d/.test(text)) throw error;
      return byPassphrase.read(text);
    }
  },
};

async function attempt(
  copies: KeyCopies,
  kind: SecretKind,
  text: string,
): Promise<UnlockedBySecret | Failure> {
  try {
    const secret = kind.read(text);
    const found = await tryUnlocking(copies, secret);
    return found ?? new Failure('wrong-key', `that is not the ${kind.name} of this vault`, kind.hints);
  } catch (error) {
    const { exit, message, hints } = asFailure(error, 'wrong-key');
    return new Failure(exit, message, [...hints, ...kind.hints]);
  }
}

/** Wipes a secret that does not open the vault. */
async function tryUnlocking(copies: KeyCopies, secret: Secret): Promise<UnlockedBySecret | undefined> {
  let unlocked: Unlocked | undefined;
  try {
    unlocked = await unlockWithSecret(copies, secret);
    return unlocked && { ...unlocked, secret: secret.bytes, isTyped: false };
  } finally {
    if (unlocked === undefined) wipe(secret.bytes);
  }
}

export const fromGiven =
  (kind: SecretKind, given: GivenSecret | undefined): Source =>
  async (copies) => {
    if (given === undefined) return undefined;
    const outcome = await attempt(copies, kind, given.text);
    if (outcome instanceof Failure)
      throw new Failure('wrong-key', `${outcome.message} (from ${given.from})`, outcome.hints);
    return outcome;
  };

const tries = 3;

/** @param take returns why an answer will not do. @throws the last refusal */
export async function askTries<T>(
  prompt: Prompt,
  question: string,
  take: (typed: string) => Promise<T | Failure>,
): Promise<T> {
  for (let left = tries; ; left -= 1) {
    const outcome = await take(await prompt.secret(question));
    if (!(outcome instanceof Failure)) return outcome;
    if (left === 1) throw outcome;
    prompt.tell(outcome.message);
  }
}

export const fromPerson =
  (kind: SecretKind, prompt: Prompt): Source =>
  async (copies) => {
    if (!prompt.possible) return undefined;
    const unlocked = await askTries(prompt, kind.question, (typed) => attempt(copies, kind, typed));
    return { ...unlocked, isTyped: true };
  };

/** Milliseconds: the keyring may ask the person to unlock it, unless nobody may be asked. */
export const keyringPatience = 60_000;
const briefPatience = 2000;

/** A keyring that gives nothing is as if there were none. */
export const fromKeyring =
  (osKeyring: () => Promise<OsKeyring>, ask: boolean, say: (text: string) => void): Source =>
  async (copies) => {
    const payload = copies.candidates[0]?.payload;
    if (!payload?.slots.some(({ type }) => type === 'keyring')) return undefined;
    let why = 'it holds no key of it';
    try {
      const bytes = await (await osKeyring()).get(payload.vault, ask ? keyringPatience : briefPatience);
      const found = bytes && (await tryUnlocking(copies, { type: 'keyring', bytes }));
      if (found !== undefined) return found;
      if (bytes !== undefined) why = 'it holds another key';
    } catch (error) {
      why = asFailure(error, 'failed').message;
    }
    say(`rapport: the system's keyring does not open the vault: ${why}`);
    return undefined;
  };

/** @param sources the first that has the keys is taken. @throws what a source throws; locked where none has them */
export async function unlock(
  copies: KeyCopies,
  { without }: SecretKind,
  sources: readonly Source[],
): Promise<UnlockedBySecret> {
  for (const source of sources) {
    const found = await source(copies);
    if (found !== undefined) return found;
  }
  throw new Failure('locked', 'the vault is locked, and there is nobody to ask for the key', without);
}

export const unlockBySecret = async (
  copies: KeyCopies,
  kind: SecretKind,
  { sources, prompt }: { readonly sources: () => Promise<KeySources>; readonly prompt: Prompt },
): Promise<UnlockedBySecret> =>
  unlock(copies, kind, [fromGiven(kind, await kind.given(await sources())), fromPerson(kind, prompt)]);
