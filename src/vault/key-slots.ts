/** Changing what opens the vault. Each change asks for a secret: the agent holds derived keys only. */
import { printable } from '../domain/text.ts';
import { asFailure, Failure, failed, notFound } from '../errors.ts';
import { keyLength, sameBytes, wipe, wiping } from '../keys.ts';
import { openLog } from '../store/access-log.ts';
import type { VaultAccess } from './access.ts';
import { replaceSlots, unlockWithSecret } from './key-copies.ts';
import type { KeyFile, NewSlot, SlotType } from './key-file.ts';
import { openDatabase, removeReplaced } from './open.ts';
import { type Rotated, rotateMaster } from './rotate.ts';
import {
  checkNewPassphrase,
  passphraseBytes,
  readRecoveryCode,
  sheetText,
  withSheet,
} from './typed-secrets.ts';
import { type Authority, askTries, keyringPatience, type UnlockedBySecret, type VaultRun } from './unlock.ts';
import { databasePath, statOf } from './vault-folder.ts';

interface RecoveryRequest {
  readonly code: string;
  readonly out?: string | undefined;
}

export type KeySlots = ReturnType<typeof createKeySlots>;

const hasKeyring = ({ payload }: KeyFile): boolean => payload.slots.some(({ type }) => type === 'keyring');

/** SQLCipher's raw key, without key derivation. */
const rawForm = (pageKey: Buffer): string => `x'${pageKey.toString('hex')}'`;

const inKeyring = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    const { exit, message, hints } = asFailure(error);
    throw new Failure(exit, `the system's keyring: ${message}`, hints);
  });

export function createKeySlots(parts: VaultRun, access: VaultAccess) {
  const { uid, cost, instant, random, prompt, guardOf, agents } = parts;
  const today = (): string => instant().slice(0, 10);
  let authorised: UnlockedBySecret | undefined;

  async function withAuthority<T>(work: (unlocked: UnlockedBySecret) => Promise<T>): Promise<T> {
    if (authorised === undefined) throw new Error('authorise comes first');
    const unlocked = authorised;
    authorised = undefined;
    using _secrets = wiping(unlocked.master, unlocked.secret);
    using _keys = unlocked.keys;
    return await work(unlocked);
  }

  /** Gives the keys to the agent that had them before the change. */
  async function rememberAgain<T extends Rotated>(vault: string, change: () => Promise<T>): Promise<T> {
    const wasHeld = await agents.has(vault);
    const changed = await change();
    if (wasHeld) await access.remember(changed);
    return changed;
  }

  const replace = (type: SlotType, slot?: Omit<NewSlot, 'type'>): Promise<void> =>
    withAuthority(async (unlocked) => {
      const { database } = await access.open();
      const where = { folder: access.folder, uid, database };
      const { keys, keyFile } = unlocked;
      await rememberAgain(keyFile.payload.vault, async () => ({
        keys,
        keyFile: await replaceSlots(where, unlocked, type, slot),
      }));
    });

  /** A text says why it cannot be had; undefined where there is no such slot. */
  async function secretOfKeyring(keyFile: KeyFile): Promise<Buffer | string | undefined> {
    if (!hasKeyring(keyFile)) return undefined;
    const osKeyring = await access.osKeyring();
    return osKeyring.get(keyFile.payload.vault, keyringPatience).then(
      (found) => found ?? 'it holds no key of it',
      (error: unknown) => asFailure(error, 'failed').message,
    );
  }

  /** Deletes the vault before, and stores the new head of the log, whose MACs are new. @returns why it could not */
  function finishRotation({ keys, keyFile }: Rotated): Failure | undefined {
    const { vault, demonstration } = keyFile.payload;
    try {
      using database = openDatabase({ folder: access.folder, keys, ...keyFile.payload, uid });
      removeReplaced(database, access.folder);
      if (!demonstration)
        guardOf(vault, keys.log).accept(openLog(database, { instant, logKey: keys.log })?.head());
      return undefined;
    } catch (error) {
      return asFailure(error);
    }
  }

  async function checkRecoveryCode(code: string): Promise<void> {
    const bytes = readRecoveryCode(code);
    using _ = wiping(bytes);
    const unlocked = await unlockWithSecret(access.readKeys(), { type: 'recovery', bytes });
    if (unlocked === undefined)
      throw new Failure('wrong-key', 'that is not the recovery code of this vault', [
        'without it, a new one is made: leave RAPPORT_RECOVERY_FILE out, or press Enter alone',
      ]);
    wipe(unlocked.master, unlocked.previous);
    unlocked.keys.wipe();
  }

  return {
    /** Each change below needs this first, and uses it up. */
    async authorise(by: Authority): Promise<void> {
      authorised = await access.authorise(by);
    },
    /** @throws usage, conflict, busy, failed */
    async replacePassphrase(passphrase: string): Promise<void> {
      checkNewPassphrase(passphrase);
      const secret = passphraseBytes(passphrase);
      using _ = wiping(secret);
      await replace('passphrase', { secret, madeOn: today(), cost });
    },
    /** From RAPPORT_RECOVERY_FILE. @throws usage, locked */
    givenRecoveryCode: async (): Promise<string | undefined> => (await access.sources()).recoveryCode()?.text,
    /** @throws wrong-key */
    checkRecoveryCode,
    /** @returns the code in force as a person types it; undefined for Enter alone. @throws wrong-key */
    typedRecoveryCode: (question: string): Promise<string | undefined> =>
      askTries(prompt, question, async (typed) => {
        if (typed.trim() === '') return undefined;
        return checkRecoveryCode(typed).then(
          () => typed,
          (error: unknown) => asFailure(error, 'wrong-key'),
        );
      }),
    recoverySheet: (code: string): string => sheetText(code, access.folder, today()),
    /** @throws conflict, busy, failed */
    async replaceRecoveryCode({ code, out }: RecoveryRequest): Promise<void> {
      const secret = readRecoveryCode(code);
      using _ = wiping(secret);
      await withSheet({ ...parts, folder: access.folder, code, out }, () =>
        replace('recovery', { secret, madeOn: today() }),
      );
    },
    /** Bytes that a rotation takes for a while. */
    room: (): number => statOf(databasePath(access.folder))?.size ?? 0,
    /** Needs `authorise` by the passphrase; closes the store. @throws conflict, busy, damaged, failed */
    rotate: ({ code, out }: RecoveryRequest) =>
      withAuthority(async (unlocked) => {
        access.close();
        const { folder } = access;
        const recovery = readRecoveryCode(code);
        const madeOn = today();
        const keyring = await secretOfKeyring(unlocked.keyFile);
        using _ = wiping(recovery, Buffer.isBuffer(keyring) ? keyring : undefined);
        const slots: readonly NewSlot[] = [
          { type: 'passphrase', secret: unlocked.secret, madeOn, cost },
          { type: 'recovery', secret: recovery, madeOn },
          ...(Buffer.isBuffer(keyring) ? [{ type: 'keyring', secret: keyring, madeOn } as const] : []),
        ];
        /** Why the rollback guard could not store the new head. */
        let unremembered: Failure | undefined;
        const { keys } = await rememberAgain(unlocked.keyFile.payload.vault, async () => {
          const rotated = await withSheet({ ...parts, folder, code, out }, () =>
            rotateMaster({ ...parts, folder }, unlocked, slots),
          );
          unremembered = finishRotation(rotated);
          return rotated;
        });
        keys.wipe();
        return { unremembered, keyringLost: typeof keyring === 'string' ? keyring : undefined };
      }),
    /** @throws failed, conflict, busy */
    async addKeyring(): Promise<void> {
      const osKeyring = await access.osKeyring();
      const secret = random(keyLength);
      const [newest] = access.readKeys().candidates;
      const vault = newest?.payload.vault ?? '';
      const earlier = newest && (await secretOfKeyring(newest));
      using _ = wiping(secret, Buffer.isBuffer(earlier) ? earlier : undefined);
      try {
        // What may fail comes first.
        await inKeyring(osKeyring.set(vault, secret));
        const kept = await inKeyring(osKeyring.get(vault, keyringPatience));
        if (kept === undefined || !sameBytes(kept, secret))
          throw failed("the system's keyring: it does not keep what it is given");
        wipe(kept);
        await replace('keyring', { secret, madeOn: today() });
      } catch (error) {
        if (!Buffer.isBuffer(earlier)) throw error;
        // The old slot needs the old secret.
        await osKeyring.set(vault, earlier).catch(() => {
          if (!(error instanceof Failure)) return;
          throw new Failure(error.exit, `${error.message}; the system's keyring opens the vault no more`, [
            ...error.hints,
            'rapport key keyring makes it do so again',
          ]);
        });
        throw error;
      }
    },
    /** @returns why the keyring keeps the secret, which opens nothing now. @throws not-found, conflict, busy, failed */
    async removeKeyring(): Promise<string | undefined> {
      const keyFile = authorised?.keyFile;
      if (keyFile !== undefined && !hasKeyring(keyFile)) {
        await withAuthority(async () => undefined);
        throw notFound("the system's keyring does not open this vault", 'rapport key list');
      }
      await replace('keyring');
      const osKeyring = await access.osKeyring();
      return osKeyring.remove(keyFile?.payload.vault ?? '').then(
        () => undefined,
        (error: unknown) => asFailure(error).message,
      );
    },
    exportPageKey: (): Promise<{ readonly key: string; readonly script: string }> =>
      withAuthority(async ({ keys: { page } }) => ({
        key: rawForm(page),
        // For `sqlcipher -init FILE COPY`, or typed there.
        script: [
          `-- The raw key of the vault in ${printable(access.folder)}, for a standard SQLCipher 4.`,
          '-- Copy vault.db from there, open the copy (sqlcipher COPY), type the line below, then for example:',
          '--   SELECT name, goes_by FROM patient;',
          `PRAGMA key = "${rawForm(page)}";`,
        ].join('\n'),
      })),
  };
}
