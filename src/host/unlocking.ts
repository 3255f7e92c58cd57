/**
 * From a secret to keys: what a source gives is tried once, a person at a terminal has three tries. Wrong secrets
 * are checked before anything else is asked or typed.
 */

import { Failure } from '../errors.ts';
import { wipe } from '../keys.ts';
import type { Questions } from '../terminal/questions.ts';
import { type KeyCopies, type Secret, type Unlocked, unlockWithSecret } from '../vault/key-copies.ts';
import { passphraseBytes } from '../vault/passphrase.ts';
import { readRecoveryCode } from '../vault/recovery-code.ts';
import type { GivenSecret, KeySources } from './key-sources.ts';

export interface Asking {
  /** False asks no person: locked where no source has the key. */
  readonly ask: boolean;
  /** A shell's prompt or a Tab waits for it. */
  readonly hurries?: boolean;
}

export interface UnlockNeeds {
  readonly copies: KeyCopies;
  readonly sources: KeySources;
  /** Undefined asks nobody. */
  readonly questions: Questions | undefined;
  /** Why nobody is asked, where it is not that the vault is locked. */
  readonly refusal?: Failure | undefined;
  /** Gives the secret back as well, for the caller to wipe. */
  readonly keepsSecret?: boolean;
}

/** Keys, and whether a person typed what opened them. */
export interface UnlockedBySecret extends Unlocked {
  readonly isTyped: boolean;
  /** Undefined unless it was asked for. */
  readonly secret: Buffer | undefined;
}

interface SecretKind {
  readonly given: GivenSecret | undefined;
  readonly question: string;
  readonly name: string;
  readonly hints: readonly string[];
  /** Hints for where there is neither a source nor a terminal. */
  readonly without: readonly string[];
  /** @throws wrong-key for what cannot be a secret of this kind */
  readonly read: (text: string) => Secret;
}

const tries = 3;

async function unlock(
  { copies, questions, refusal, keepsSecret = false }: UnlockNeeds,
  kind: SecretKind,
): Promise<UnlockedBySecret> {
  const attempt = async (text: string): Promise<Omit<UnlockedBySecret, 'isTyped'> | Failure> => {
    const refused = (message: string): Failure => new Failure('wrong-key', message, kind.hints);
    let secret: Secret | undefined;
    let isKept = false;
    try {
      secret = kind.read(text);
      const unlocked = await unlockWithSecret(copies, secret);
      if (unlocked === undefined) return refused(`that is not the ${kind.name} of this vault`);
      isKept = keepsSecret;
      return { ...unlocked, secret: isKept ? secret.bytes : undefined };
    } catch (error) {
      if (error instanceof Failure && error.exit === 'wrong-key')
        return new Failure('wrong-key', error.message, [...error.hints, ...kind.hints]);
      throw error;
    } finally {
      if (!isKept) wipe(secret?.bytes);
    }
  };
  if (kind.given !== undefined) {
    const outcome = await attempt(kind.given.text);
    if (outcome instanceof Failure)
      throw new Failure('wrong-key', `${outcome.message} (from ${kind.given.from})`, outcome.hints);
    return { ...outcome, isTyped: false };
  }
  if (!questions?.possible)
    throw (
      refusal ??
      new Failure('locked', 'the vault is locked, and there is nobody to ask for the key', kind.without)
    );
  for (let left = tries; ; left -= 1) {
    const outcome = await attempt(await questions.secret(kind.question));
    if (!(outcome instanceof Failure)) return { ...outcome, isTyped: true };
    if (left === 1) throw outcome;
    questions.tell(outcome.message);
  }
}

const otherWays = [
  'rapport unlock, once, in a terminal',
  'or a passphrase by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
];

/** @throws locked (no source, no terminal; a source that fails), wrong-key, usage, damaged, cancelled */
export async function unlockByPassphrase(needs: UnlockNeeds): Promise<UnlockedBySecret> {
  return unlock(needs, {
    given: await needs.sources.passphrase(),
    question: 'Passphrase',
    name: 'passphrase',
    hints: ['forgotten? rapport key passphrase --recovery sets a new one with the recovery code'],
    without: otherWays,
    read: (text) => ({ type: 'passphrase', bytes: passphraseBytes(text) }),
  });
}

const groupOfCode = /^[0-9a-z]{5}([\s-]+[0-9a-z]{5}){7}$/i;

/** A passphrase or a recovery code, told apart by the code's own checksums. */
function readEither(text: string): Secret {
  try {
    return { type: 'recovery', bytes: readRecoveryCode(text) };
  } catch (error) {
    // Eight words of five letters may be a passphrase; a code has digits in it.
    if (groupOfCode.test(text.trim()) && /\d/.test(text)) throw error;
    return { type: 'passphrase', bytes: passphraseBytes(text) };
  }
}

/** Of a backup: whichever of the two is given. @throws as unlockByPassphrase */
export async function unlockByEither(needs: UnlockNeeds): Promise<UnlockedBySecret> {
  return unlock(needs, {
    given: (await needs.sources.passphrase()) ?? needs.sources.recoveryCode(),
    question: 'Passphrase or recovery code of the backup',
    name: 'passphrase or recovery code',
    hints: ['a backup keeps the passphrase and the recovery code of the day it was made'],
    without: [
      'give a passphrase by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
      'or put the recovery code into a private file and name it in RAPPORT_RECOVERY_FILE',
    ],
    read: readEither,
  });
}

/** The same with the recovery code. */
export async function unlockByRecovery(needs: UnlockNeeds): Promise<UnlockedBySecret> {
  return unlock(needs, {
    given: needs.sources.recoveryCode(),
    question: 'Recovery code',
    name: 'recovery code',
    hints: ['it is on the sheet that rapport init gave you'],
    without: ['put the code into a private file and name it in RAPPORT_RECOVERY_FILE'],
    read: (text) => ({ type: 'recovery', bytes: readRecoveryCode(text) }),
  });
}
