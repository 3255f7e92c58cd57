/** The vault of a run: creating it, its keys, opening it. Everything is lazy. */
import { resolve } from 'node:path';
import type { AgentStatus } from '../agent/client.ts';
import type { HeldKeys } from '../agent/protocol.ts';
import { Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { isOlder, makeTables } from '../store/migrations.ts';
import type { VaultDatabase } from './driver.ts';
import { type KeyCopies, keysChanged } from './key-copies.ts';
import type { KeyFile } from './key-file.ts';
import { isDemonstration, openDatabase, watchFile } from './open.ts';
import { RunKeys, type VaultRun } from './run-keys.ts';
import type { SlotType } from './slots.ts';
import { refuseExisting, vaultExists, waitingVault } from './staged.ts';
import type { Asking, Authority, KeySources } from './unlock.ts';
import type { OwnerId } from './vault-folder.ts';

export interface OpenedVault {
  /** Another connection after `rest`. @throws busy where the vault was replaced, conflict where its keys were */
  readonly database: VaultDatabase;
  /** 32 bytes for the log's MAC chain. */
  readonly logKey: Buffer;
  readonly vaultId: string;
  readonly isDemonstration: boolean;
  readonly whyUnreadable?: () => Failure | undefined;
  /** Copies an older vault before its first migration. @throws failed, damaged, busy */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
}

interface NewVaultRequest {
  readonly passphrase: string;
  readonly recoveryCode: string;
  /** A new private file for the code; removed if no vault comes of it. */
  readonly recoveryOut?: string;
  readonly isDemo?: boolean;
}

interface SlotSummary {
  readonly id: string;
  readonly type: SlotType;
  readonly made_on: string;
}

interface VaultStatus {
  readonly slots: readonly SlotSummary[];
  readonly agents: readonly AgentStatus[];
  readonly obstacle: string | undefined;
  /** Not tried, only whether they are set. */
  readonly sources: readonly string[];
}

export type VaultAccess = ReturnType<typeof createAccess>;
/** What commands get: no keys, no sources of secrets. */
export type VaultOfRun = Omit<
  VaultAccess,
  'close' | 'ownKeys' | 'anyKeys' | 'keySources' | 'run' | 'agents' | 'osKeyring' | 'today' | 'writeSheet'
>;

const typedSecrets = () => import('./typed-secrets.ts');

export function createAccess(parts: VaultRun) {
  const { uid, sources, agents, osKeyring, instant, prompt, demonstrations } = parts;
  let found: string | undefined;
  let isDemo: boolean | undefined;
  let opened: Promise<OpenedVault> | undefined;
  let connection: VaultDatabase | undefined;
  let kept: Keys | undefined;
  const folder = (): string => {
    found ??= parts.folder();
    return found;
  };
  const today = (): string => instant().slice(0, 10);
  const keySources = (): Promise<KeySources> => sources(access.isDemo);
  const keysOf = (owner: OwnerId): RunKeys =>
    new RunKeys({
      ...parts,
      folder,
      uid: owner,
      idleMinutes: () => (access.isDemo ? 0 : parts.idleMinutes()),
      sources: keySources,
    });
  const run = keysOf(uid);
  const slotsOf = ({ candidates: [newest] }: KeyCopies): readonly SlotSummary[] =>
    (newest?.payload.slots ?? []).map(({ id, type, made_on }) => ({ id, type, made_on }));

  const changedSince = ({ payload }: KeyFile): Failure | undefined => {
    const [newest] = run.read().candidates;
    return (newest?.payload.generation ?? 0) > payload.generation ? keysChanged() : undefined;
  };

  function openUnchanged(keys: Keys, keyFile: KeyFile, isAgain = false): VaultDatabase {
    const { vault: vaultId } = keyFile.payload;
    const generation = isAgain ? undefined : keyFile.payload.generation;
    try {
      return openDatabase({ folder: folder(), keys, vaultId, generation, uid });
    } catch (error) {
      // After a rotation, older keys fit neither the pages nor the generation.
      const isOfKeys = error instanceof Failure && ['damaged', 'conflict'].includes(error.exit);
      throw (isOfKeys ? changedSince(keyFile) : undefined) ?? error;
    }
  }

  async function openVault(how: Asking): Promise<OpenedVault> {
    // Before the keys are read: another vault may take its place while somebody is asked.
    const whyMoved = watchFile(folder());
    // 1. The keys, by whichever source has them.
    const inHand = await run.obtain(how);
    const { keys, keyFile } = inHand;
    // 2. The database, checked against the key file.
    let database: VaultDatabase;
    try {
      database = openUnchanged(keys, keyFile);
      connection = database;
    } catch (error) {
      throw whyMoved() ?? error;
    }
    // 3. The other copy of the key file is repaired, and the agent takes what a person typed.
    run.repair(database);
    if (inHand.isTyped) await run.remember(inHand);
    // 4. An older vault is copied before it is changed.
    const beforeMigration = isOlder(database)
      ? (await import('./database-copy.ts')).copyBeforeMigration(folder(), keys.page, parts.say)
      : undefined;
    wipe(keys.keyFile);
    kept = keys;
    isDemo = keyFile.payload.demonstration === true && isDemonstration(database);
    return {
      get database(): VaultDatabase {
        if (kept === undefined) throw new Error('the vault is closed');
        const moved = connection === undefined ? whyMoved() : undefined;
        if (moved !== undefined) throw moved;
        connection ??= openUnchanged(keys, keyFile, true);
        return connection;
      },
      logKey: keys.log,
      vaultId: keyFile.payload.vault,
      isDemonstration: isDemo,
      // 5. What may make it unreadable later, other than damage.
      whyUnreadable: () => whyMoved() ?? changedSince(keyFile),
      beforeMigration,
    };
  }

  const rest = (): void => {
    connection?.close();
    connection = undefined;
  };

  const access = {
    /** Closes the connection while a person is waited for. Whoever reads or writes next opens another one. */
    rest,
    close(): void {
      rest();
      kept?.wipe();
      kept = undefined;
    },
    get folder(): string {
      return folder();
    },
    /** True for a demonstration that this machine made, or, once open, any. */
    get isDemo(): boolean {
      isDemo ??= demonstrations.lists(folder(), () => run.read().candidates[0]?.payload);
      return isDemo;
    },
    get isDemoInUse(): boolean {
      return found !== undefined && access.isDemo;
    },
    /** Also where a restore or key rotate was cut off before its last rename. */
    exists: (): boolean => vaultExists(folder()) || waitingVault(folder()) !== undefined,
    /** @throws conflict */
    refuseExisting: (): void => refuseExisting(folder()),
    /** From a flag or variable. @throws usage, locked */
    givenPassphrase: async (): Promise<string | undefined> => (await (await sources()).passphrase())?.text,
    /** From RAPPORT_NEW_PASSPHRASE_FILE. @throws usage, locked */
    givenNewPassphrase: async (): Promise<string | undefined> => (await sources()).newPassphrase()?.text,
    /** Why a new passphrase is weak. @throws usage for one that cannot be taken */
    async adviceOn(passphrase: string): Promise<string | undefined> {
      const { checkNewPassphrase, weaknessOf } = await typedSecrets();
      checkNewPassphrase(passphrase);
      return weaknessOf(passphrase);
    },
    async newRecoveryCode(): Promise<string> {
      const { recoveryBytes, writeRecoveryCode } = await typedSecrets();
      return writeRecoveryCode(parts.random(recoveryBytes));
    },
    /** The vault stays open in this run. @throws conflict, usage, failed */
    async create(request: NewVaultRequest): Promise<void> {
      const { passphrase, recoveryCode, recoveryOut, isDemo: demo = false } = request;
      const { createVault } = await import('./create.ts');
      const { readRecoveryCode, unlistedDemo } = await typedSecrets();
      const recoverySecret = readRecoveryCode(recoveryCode);
      const demonstration = demo ? (true as const) : undefined;
      const made = await access
        .writeSheet(recoveryCode, recoveryOut, () =>
          createVault({
            folder: folder(),
            uid,
            passphrase,
            recoverySecret,
            madeOn: today(),
            cost: parts.cost,
            demonstration,
            prepare: makeTables,
          }),
        )
        .finally(() => wipe(recoverySecret));
      run.accept(made.keys, made.keyFile, prompt.possible);
      if (demo && !demonstrations.add(folder(), made.keyFile.payload.vault)) parts.warn(unlistedDemo);
      isDemo = demo;
    },
    /** Opens the vault once a run. @throws not-found, locked, wrong-key, damaged, busy, conflict */
    openDatabase(how: Asking = { ask: true }): Promise<OpenedVault> {
      opened ??= openVault(how);
      return opened;
    },
    /** Trap: nothing vouches for them without a key. */
    slots: (): readonly SlotSummary[] => slotsOf(run.read()),
    /** `minutes` undefined: as set. A demonstration is never locked. @throws as openDatabase; usage, failed */
    unlock: async (by: Authority, minutes: number | undefined): Promise<HeldKeys | undefined> =>
      access.isDemo ? undefined : run.unlock(by, minutes),
    /** @returns how many agents forgot. @throws busy where one does not answer */
    lock: async (all: boolean): Promise<number> =>
      agents.lock(all ? undefined : run.read().candidates[0]?.payload.vault),
    /** @throws busy where the agent does not answer */
    async status(): Promise<VaultStatus> {
      const copies = run.read();
      const slots = slotsOf(copies);
      const [newest] = copies.candidates;
      const hasKeyring = slots.some(({ type }) => type === 'keyring');
      return {
        slots,
        agents: newest === undefined || access.isDemo ? [] : await agents.all(newest.payload),
        obstacle: agents.obstacle,
        sources: access.isDemo
          ? ['the demonstration vault itself']
          : [...(hasKeyring ? ["the system's keyring"] : []), ...(await sources()).named()],
      };
    },
    /** Whether the agent has the keys, in the patience of a Tab. @throws busy where the agent does not answer */
    async isHeld(): Promise<boolean> {
      const newest = run.read().candidates[0]?.payload;
      return (
        newest !== undefined && (await agents.held(newest.vault, true))?.generation === newest.generation
      );
    },
    /** Copies of this run's keys, for the caller to wipe; before the vault is opened. @throws as openDatabase */
    async ownKeys(): Promise<{ readonly keys: Keys; readonly keyFile: KeyFile }> {
      if (opened !== undefined) throw new Error('keys are taken before the vault is opened');
      const { keys, keyFile } = await run.obtain({ ask: true });
      return { keys: keys.copy(), keyFile };
    },
    /** For doctor: whatever the modes. */
    anyKeys: () => keysOf(undefined).obtain({ ask: prompt.possible }),
    keySources,
    run,
    agents,
    osKeyring,
    today,
    writeSheet: async <T>(code: string, out: string | undefined, work: () => Promise<T>): Promise<T> =>
      (await typedSecrets()).withSheet(
        { code, folder: folder(), day: today(), path: out && resolve(parts.workingFolder, out) },
        parts.writePrivate,
        work,
      ),
  };
  return access;
}
