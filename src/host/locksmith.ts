/**
 * Changing what opens the vault. Every change wants the passphrase or the recovery code again, whoever is logged in:
 * the agent holds derived keys only, and they change nothing here.
 */

import { resolve } from 'node:path';
import { printable } from '../domain/text.ts';
import { Failure, notFound } from '../errors.ts';
import { keyLength, sameBytes, wipe } from '../keys.ts';
import { openLog } from '../store/log-alone.ts';
import { logChain } from '../store/log-chain.ts';
import type { Store } from '../store/store.ts';
import { unlockWithSecret } from '../vault/key-copies.ts';
import type { KeyFile } from '../vault/key-file.ts';
import { openDatabase } from '../vault/open.ts';
import { checkNewPassphrase, passphraseBytes } from '../vault/passphrase.ts';
import { rawForm, shellScript } from '../vault/raw-key.ts';
import { readRecoveryCode } from '../vault/recovery-code.ts';
import { removeSlots, replaceSlots } from '../vault/rewrap.ts';
import { rotateMaster, type Settled } from '../vault/rotate.ts';
import { type NewSlot, type ScryptCost, usualCost } from '../vault/slots.ts';
import type { Clock } from './clock.ts';
import type { KeyAccess, VaultKeeper } from './keeper.ts';
import { type Authority, keyringPatience } from './key-ring.ts';
import type { Outside } from './outside.ts';
import { sheetText, withSheet } from './recovery-sheet.ts';
import { rollbackGuard } from './rollback.ts';
import type { UnlockedBySecret } from './unlocking.ts';

/** A recovery code, and where it goes. */
export interface RecoveryRequest {
  /** As `newRecoveryCode` gave it, or the one in force. */
  readonly code: string;
  /** A new private file that the sheet is written to; gone again where the change fails. */
  readonly out?: string | undefined;
}

export interface Rotated {
  /** Why the change is not finished yet: the next command goes on with it. */
  readonly waiting: Failure | undefined;
  /** Why this machine can't remember how far the vault's log had come, where it is to. */
  readonly unremembered: Failure | undefined;
  /** Why the system's keyring opens the vault no more, where it did. */
  readonly keyringLost: string | undefined;
}

export interface Locksmith {
  /** Asks for the passphrase or the recovery code. Each change below wants it first, and uses it up. */
  authorise(by: Authority): Promise<void>;
  /** @throws usage, conflict, busy, failed */
  replacePassphrase(passphrase: string): Promise<void>;
  /** The code that RAPPORT_RECOVERY_FILE gives, as text. @throws usage, locked */
  givenRecoveryCode(): string | undefined;
  /** @throws wrong-key where it is mistyped, or not this vault's */
  checkRecoveryCode(code: string): Promise<void>;
  /** The sheet to print. */
  recoverySheet(code: string): string;
  /** Puts a new code in place of the old one. @throws conflict, busy, failed */
  replaceRecoveryCode(request: RecoveryRequest): Promise<void>;
  /**
   * Gives the vault a new master key; `authorise` by the passphrase comes first. Logs it. The store is closed then.
   * @throws conflict, busy, damaged, failed
   */
  rotate(request: RecoveryRequest): Promise<Rotated>;
  /** Lets the system's keyring open the vault without a question. @throws failed, conflict, busy */
  addKeyring(): Promise<void>;
  /**
   * Ends that. @returns why the keyring still holds the secret, which opens nothing any more; or undefined
   * @throws not-found where it was never so, conflict, busy, failed
   */
  removeKeyring(): Promise<string | undefined>;
  /** The page key in SQLCipher's raw form, `x'…'`, and a script for its shell with the key in it. */
  exportPageKey(): Promise<{ readonly key: string; readonly script: string }>;
}

export interface LocksmithParts {
  readonly outside: Pick<
    Outside,
    'env' | 'platform' | 'home' | 'workingFolder' | 'uid' | 'random' | 'scryptCost'
  >;
  readonly keeper: VaultKeeper & KeyAccess;
  readonly clock: Pick<Clock, 'instant'>;
  readonly openStore: () => Promise<Store>;
}

export function createLocksmith(parts: LocksmithParts): Locksmith {
  const { outside, keeper, clock } = parts;
  const { uid } = outside;
  let authorised: UnlockedBySecret | undefined;

  const today = (): string => clock.instant().slice(0, 10);
  const cost = (): { readonly cost: ScryptCost } | undefined =>
    outside.scryptCost === undefined ? undefined : { cost: { ...usualCost, n: outside.scryptCost } };
  const placeOf = (out: string | undefined): string | undefined => out && resolve(outside.workingFolder, out);

  /** One that does not answer keeps nobody from changing the keys: it is never asked for the new ones. */
  const isHeld = (vault: string): Promise<boolean> =>
    keeper.agent.held(vault).then(
      (held) => held !== undefined,
      () => false,
    );

  async function withAuthority<T>(work: (unlocked: UnlockedBySecret) => Promise<T>): Promise<T> {
    if (authorised === undefined) throw new Error('authorise comes first');
    const unlocked = authorised;
    try {
      return await work(unlocked);
    } finally {
      wipe(unlocked.master, unlocked.secret);
      unlocked.keys.wipe();
      authorised = undefined;
    }
  }

  /** Puts a slot in place of those of its type, and lets the agent go on where it held the keys. */
  const replace = (slot: NewSlot): Promise<void> =>
    withAuthority(async (unlocked) => {
      const { database } = await keeper.openDatabase();
      const { keys, keyFile } = unlocked;
      const wasHeld = await isHeld(keyFile.payload.vault);
      const changed = await replaceSlots({ folder: keeper.folder, uid, database, unlocked, slot });
      if (wasHeld) await keeper.ring.remember({ keys, keyFile: changed });
    });

  const hasKeyring = ({ payload }: KeyFile): boolean => payload.slots.some(({ type }) => type === 'keyring');

  /** What the keyring's slot is wrapped with; or why it cannot be had; or undefined where there is no such slot. */
  async function secretOfKeyring(keyFile: KeyFile): Promise<Buffer | string | undefined> {
    if (!hasKeyring(keyFile)) return undefined;
    try {
      return (await keeper.osKeyring.get(keyFile.payload.vault, keyringPatience)) ?? 'it holds no key of it';
    } catch (error) {
      if (error instanceof Failure && error.exit === 'failed') return error.message;
      throw error;
    }
  }

  /** The slot of before is still the one in force, and wants the secret of before. @throws the error, where it is lost */
  async function putBack(vault: string, earlier: Buffer, error: unknown): Promise<void> {
    try {
      await keeper.osKeyring.set(vault, earlier);
    } catch {
      if (!(error instanceof Failure)) return;
      throw new Failure(error.exit, `${error.message}; the system's keyring opens the vault no more`, [
        ...error.hints,
        'rapport key keyring makes it do so again',
      ]);
    }
  }

  const inKeyring = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(error.exit, `the system's keyring: ${error.message}`, error.hints);
    }
  };

  /** Older copies are told by the log's head, whose MAC is another now. @returns why that is not remembered */
  function rememberHead({ keys, keyFile }: Settled): Failure | undefined {
    const { vault: vaultId, generation, demonstration } = keyFile.payload;
    if (demonstration) return undefined;
    try {
      const database = openDatabase({ folder: keeper.folder, keys, vaultId, generation, uid });
      try {
        const log = openLog(database, { instant: clock.instant, logKey: keys.log });
        rollbackGuard({ outside, vaultId, vaultFolder: keeper.folder, logKey: keys.log }).accept(log?.head());
      } finally {
        database.close();
      }
      return undefined;
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }

  return {
    async authorise(by) {
      authorised = await keeper.ring.authorise(by, true);
    },
    async replacePassphrase(passphrase) {
      checkNewPassphrase(passphrase);
      const secret = passphraseBytes(passphrase);
      try {
        await replace({ type: 'passphrase', secret, madeOn: today(), ...cost() });
      } finally {
        wipe(secret);
      }
    },
    givenRecoveryCode: () => keeper.keySources.recoveryCode()?.text,
    async checkRecoveryCode(code) {
      const bytes = readRecoveryCode(code);
      try {
        const unlocked = await unlockWithSecret(keeper.ring.read(), { type: 'recovery', bytes });
        if (unlocked === undefined)
          throw new Failure('wrong-key', 'that is not the recovery code of this vault', [
            'without it, a new one is made: leave RAPPORT_RECOVERY_FILE out, or press Enter alone',
          ]);
        wipe(unlocked.master, unlocked.previous);
        unlocked.keys.wipe();
      } finally {
        wipe(bytes);
      }
    },
    recoverySheet: (code) => sheetText(code, keeper.folder, today()),
    async replaceRecoveryCode({ code, out }) {
      const secret = readRecoveryCode(code);
      try {
        await withSheet({ code, folder: keeper.folder, day: today(), path: placeOf(out) }, () =>
          replace({ type: 'recovery', secret, madeOn: today() }),
        );
      } finally {
        wipe(secret);
      }
    },
    rotate: ({ code, out }) =>
      withAuthority(async (unlocked) => {
        const { secret } = unlocked;
        if (secret === undefined) throw new Error('a change of the master key takes the passphrase');
        // Its key is not the database's any more after this.
        (await parts.openStore()).close();
        const { vault } = unlocked.keyFile.payload;
        const wasHeld = await isHeld(vault);
        const recovery = readRecoveryCode(code);
        const madeOn = today();
        const keyring = await secretOfKeyring(unlocked.keyFile);
        const slots: readonly NewSlot[] = [
          { type: 'passphrase', secret, madeOn, ...cost() },
          { type: 'recovery', secret: recovery, madeOn },
          ...(Buffer.isBuffer(keyring) ? [{ type: 'keyring', secret: keyring, madeOn } as const] : []),
        ];
        const place = { folder: keeper.folder, uid, log: logChain(clock) };
        try {
          const settled = await withSheet(
            { code, folder: keeper.folder, day: madeOn, path: placeOf(out) },
            () => rotateMaster({ ...place, unlocked, slots }),
          );
          let unremembered: Failure | undefined;
          if (settled.waiting === undefined) {
            unremembered = rememberHead(settled);
            if (wasHeld) await keeper.ring.remember(settled);
          }
          settled.keys.wipe();
          return {
            waiting: settled.waiting,
            unremembered,
            keyringLost: typeof keyring === 'string' ? keyring : undefined,
          };
        } finally {
          wipe(recovery);
          if (Buffer.isBuffer(keyring)) wipe(keyring);
        }
      }),
    async addKeyring() {
      const secret = outside.random(keyLength);
      const [newest] = keeper.ring.read().candidates;
      const vault = newest?.payload.vault ?? '';
      const earlier = newest && (await secretOfKeyring(newest));
      try {
        // First what can fail.
        await inKeyring(keeper.osKeyring.set(vault, secret));
        const kept = await inKeyring(keeper.osKeyring.get(vault, keyringPatience));
        if (kept === undefined || !sameBytes(kept, secret))
          throw new Failure('failed', "the system's keyring: it does not keep what it is given");
        wipe(kept);
        await replace({ type: 'keyring', secret, madeOn: today() });
      } catch (error) {
        if (Buffer.isBuffer(earlier)) await putBack(vault, earlier, error);
        throw error;
      } finally {
        wipe(secret, Buffer.isBuffer(earlier) ? earlier : undefined);
      }
    },
    removeKeyring: () =>
      withAuthority(async (unlocked) => {
        const { keys, keyFile } = unlocked;
        const { vault } = keyFile.payload;
        if (!hasKeyring(keyFile))
          throw notFound("the system's keyring does not open this vault", 'rapport key list');
        const { database } = await keeper.openDatabase();
        const wasHeld = await isHeld(vault);
        const changed = removeSlots({ folder: keeper.folder, uid, database, unlocked, type: 'keyring' });
        if (wasHeld) await keeper.ring.remember({ keys, keyFile: changed });
        try {
          await keeper.osKeyring.remove(vault);
          return undefined;
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          return error.message;
        }
      }),
    exportPageKey: () =>
      withAuthority(async ({ keys: { page } }) => ({
        key: rawForm(page),
        script: shellScript(page, printable(keeper.folder)),
      })),
  };
}
