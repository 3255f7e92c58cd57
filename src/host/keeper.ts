/** The vault of a run: where it is, making it, its keys, opening it. Nothing is read or asked before it is needed. */

import { resolve } from 'node:path';
import type { OwnSettings } from '../domain/setting-values.ts';
import { Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { logChain } from '../store/log-chain.ts';
import { makeTables } from '../store/migrations.ts';
import type { Questions } from '../terminal/questions.ts';
import { createVault, refuseExisting, vaultExists } from '../vault/create.ts';
import type { VaultDatabase } from '../vault/driver.ts';
import { type KeyCopies, keysChanged } from '../vault/key-copies.ts';
import type { KeyFile } from '../vault/key-file.ts';
import type { OwnerId } from '../vault/modes.ts';
import { isDemonstration, openDatabase, watchFile } from '../vault/open.ts';
import { checkNewPassphrase, weaknessOf } from '../vault/passphrase.ts';
import { readRecoveryCode, recoveryBytes, writeRecoveryCode } from '../vault/recovery-code.ts';
import { type ScryptCost, usualCost } from '../vault/slots.ts';
import { waitingRestore } from '../vault/staged.ts';
import { createAgent, type KeyAgent } from './agent.ts';
import type { Clock } from './clock.ts';
import { createDemonstrations, demoSources, unlistedDemo } from './demonstrations.ts';
import { vaultFolder } from './folders.ts';
import { type Authority, KeyRing } from './key-ring.ts';
import { createKeySources, type KeySources } from './key-sources.ts';
import { createOsKeyring, type OsKeyring } from './os-keyring.ts';
import type { Globals, Outside } from './outside.ts';
import { withSheet } from './recovery-sheet.ts';
import { settingAside } from './setting-aside.ts';
import type { Notices } from './text-streams.ts';
import type { Asking } from './unlocking.ts';
import type { SlotSummary, Unlocking, VaultStatus } from './vault-status.ts';

export interface OpenedVault {
  /** The driver's connection, keyed, hardened and checked. The schema is the store's. */
  readonly database: VaultDatabase;
  /** 32 bytes for the log's MAC chain. */
  readonly logKey: Buffer;
  readonly vaultId: string;
  /** Of fictional patients: the key file and the database both say so. */
  readonly isDemonstration: boolean;
  /** Where it cannot be read any more: whether another rapport changed its keys. */
  readonly whyUnreadable?: () => Failure | undefined;
  /** Of an older schema: sets a checked copy aside. @throws failed, damaged, busy */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
}

export interface NewVaultRequest {
  readonly passphrase: string;
  /** As `newRecoveryCode` gave it. */
  readonly recoveryCode: string;
  /** A new private file that the code is written to; gone again where no vault came of it. */
  readonly recoveryOut?: string;
  /** Marks it as the demonstration's, which opens without being asked for anything. */
  readonly isDemo?: boolean;
}

export interface VaultKeeper {
  /** The vault's folder, absolute. */
  readonly folder: string;
  /** True in a demonstration vault that was made on this machine, or, once it is open, in any. */
  readonly isDemo: boolean;
  /** The same where this run had to do with its vault at all. */
  readonly isDemoInUse: boolean;
  /** True where a vault.db or vault.keys stands in the folder. */
  exists(): boolean;
  /** @throws conflict where a vault stands in the folder */
  refuseExisting(): void;
  /** The passphrase that a flag or a variable gives, or undefined where none is named. @throws usage, locked */
  givenPassphrase(): Promise<string | undefined>;
  /** The new passphrase that RAPPORT_NEW_PASSPHRASE_FILE gives. @throws usage, locked */
  givenNewPassphrase(): string | undefined;
  /** Why a new passphrase is weak, or undefined. @throws usage for one that cannot be taken */
  adviceOn(passphrase: string): string | undefined;
  /** Eight groups of five, drawn at random. */
  newRecoveryCode(): string;
  /** Makes the vault; in this run it stays open. @throws conflict, usage, failed */
  create(request: NewVaultRequest): Promise<void>;
  /**
   * Opens the vault once a run, asking for the key where it must.
   * @param how `ask: false` never asks a person: locked where no source has the key
   * @throws not-found, locked, wrong-key, damaged, busy, conflict
   */
  openDatabase(how?: { readonly ask: boolean }): Promise<OpenedVault>;
  /** The slots of the key file, as they claim to be: without a key nothing vouches for them. */
  slots(): readonly SlotSummary[];
  /**
   * Asks for the key and lets the agent hold it: for so many minutes, or as long as it is used and the setting says.
   * @returns undefined for a demonstration vault, which is never locked
   * @throws as openDatabase does; usage where keys are never kept, failed where no agent can be
   */
  unlock(by: Authority, minutes: number | undefined): Promise<Unlocking | undefined>;
  /** Has every agent forget this vault's keys, or all. @returns how many did. @throws busy where one does not answer */
  lock(all: boolean): Promise<number>;
  /** @throws busy where the agent does not answer */
  status(hurries?: boolean): Promise<VaultStatus>;
}

/** What the caretaker and the locksmith get besides, and no command: keys, and the sources of secrets. */
export interface KeyAccess {
  /** Copies of this run's keys, for the caller to wipe. Before the vault is opened. @throws as openDatabase does */
  ownKeys(): Promise<{ readonly keys: Keys; readonly keyFile: KeyFile }>;
  /** Looks at nobody's modes: for doctor, in place of opening the vault. */
  looseRing(): KeyRing;
  readonly keySources: KeySources;
  /** This run's own. */
  readonly ring: KeyRing;
  readonly agent: KeyAgent;
  readonly osKeyring: OsKeyring;
}

export interface KeeperParts {
  readonly outside: Pick<
    Outside,
    | 'env'
    | 'stdin'
    | 'platform'
    | 'home'
    | 'temporary'
    | 'workingFolder'
    | 'uid'
    | 'random'
    | 'scryptCost'
    | 'nodePath'
    | 'agentPath'
    | 'agentFolders'
  >;
  readonly globals: Pick<Globals, 'vault' | 'passphraseStdin' | 'json'>;
  readonly questions: Questions;
  readonly notices: Pick<Notices, 'say' | 'warn'>;
  readonly settings: () => OwnSettings;
  readonly clock: Pick<Clock, 'instant'>;
}

export function createKeeper(parts: KeeperParts): VaultKeeper & KeyAccess {
  const { outside, clock } = parts;
  const { uid } = outside;
  const sources = createKeySources(parts);
  const agent = createAgent(outside, parts.questions);
  const osKeyring = createOsKeyring(outside);
  let folder: string | undefined;
  const demonstrations = createDemonstrations(outside);
  let isDemo: boolean | undefined;
  let opened: Promise<OpenedVault> | undefined;

  const place = (): string => {
    folder ??= vaultFolder(outside, parts.globals);
    return folder;
  };
  const today = (): string => clock.instant().slice(0, 10);
  const cost = (): { readonly cost: ScryptCost } | undefined =>
    outside.scryptCost === undefined ? undefined : { cost: { ...usualCost, n: outside.scryptCost } };
  const newRing = (owner: OwnerId): KeyRing =>
    new KeyRing({
      folder: place,
      uid: owner,
      agent,
      osKeyring,
      questions: parts.questions,
      globals: parts.globals,
      idleMinutes: () => (keeper.isDemo ? 0 : parts.settings().idleMinutes),
      notices: parts.notices,
      log: logChain(clock),
      get sources() {
        return keeper.isDemo ? demoSources : sources;
      },
    });
  const ring = newRing(uid);
  const hasKeyring = ({ candidates: [newest] }: KeyCopies): boolean =>
    newest?.payload.slots.some(({ type }) => type === 'keyring') === true;
  const slotsOf = ({ candidates: [newest] }: KeyCopies): readonly SlotSummary[] =>
    (newest?.payload.slots ?? []).map(({ id, type, made_on }) => ({ id, type, made_on }));

  async function open(how: Asking): Promise<OpenedVault> {
    const inHand = await ring.obtain(how, true);
    const { keys, keyFile } = inHand;
    const { vault: vaultId } = keyFile.payload;
    let database: VaultDatabase;
    try {
      database = openUnchanged(keys, keyFile);
    } catch (error) {
      if (ring.doubt()) return open(how);
      throw error;
    }
    ring.mend(database);
    if (inHand.isTyped) await ring.remember(inHand);
    const beforeMigration = settingAside(database, { ...parts, folder: place(), page: keys.page });
    wipe(keys.page, keys.keyFile);
    const whyMoved = watchFile(place());
    const whyUnreadable = () => whyMoved() ?? changedSince(keyFile);
    const isDemonstrated = keyFile.payload.demonstration === true && isDemonstration(database);
    isDemo = isDemonstrated;
    return {
      database,
      logKey: keys.log,
      vaultId,
      isDemonstration: isDemonstrated,
      whyUnreadable,
      beforeMigration,
    };
  }

  const changedSince = ({ payload }: KeyFile): Failure | undefined => {
    const [newest] = ring.read().candidates;
    return (newest?.payload.generation ?? 0) > payload.generation ? keysChanged() : undefined;
  };

  function openUnchanged(keys: Keys, keyFile: KeyFile): VaultDatabase {
    const { vault: vaultId, generation } = keyFile.payload;
    try {
      return openDatabase({ folder: place(), keys, vaultId, generation, uid });
    } catch (error) {
      // Keys of a moment ago fit neither the pages nor the generation of a database that was rotated since.
      const isOfKeys = error instanceof Failure && ['damaged', 'conflict'].includes(error.exit);
      throw (isOfKeys ? changedSince(keyFile) : undefined) ?? error;
    }
  }

  const keeper: VaultKeeper & KeyAccess = {
    async ownKeys() {
      if (opened !== undefined) throw new Error('keys are taken before the vault is opened');
      const { keys, keyFile, waiting } = await ring.obtain({ ask: true });
      if (waiting !== undefined) throw waiting;
      return { keys: keys.copy(), keyFile };
    },
    looseRing: () => newRing(undefined),
    get keySources() {
      return keeper.isDemo ? demoSources : sources;
    },
    ring,
    agent,
    osKeyring,
    get folder() {
      return place();
    },
    get isDemo() {
      isDemo ??= demonstrations.lists(place(), () => ring.read().candidates[0]?.payload);
      return isDemo;
    },
    get isDemoInUse() {
      return folder !== undefined && keeper.isDemo;
    },
    exists: () => vaultExists(place()) || waitingRestore(place()) !== undefined,
    refuseExisting: () => refuseExisting(place()),
    givenPassphrase: async () => (await sources.passphrase())?.text,
    givenNewPassphrase: () => sources.newPassphrase()?.text,
    adviceOn: (passphrase) => {
      checkNewPassphrase(passphrase);
      return weaknessOf(passphrase);
    },
    newRecoveryCode: () => writeRecoveryCode(outside.random(recoveryBytes)),
    async create({ passphrase, recoveryCode, recoveryOut, isDemo: demo = false }) {
      const recoverySecret = readRecoveryCode(recoveryCode);
      const path = recoveryOut && resolve(outside.workingFolder, recoveryOut);
      try {
        const demonstration = demo ? (true as const) : undefined;
        const wanted = { folder: place(), uid, passphrase, recoverySecret, madeOn: today(), ...cost() };
        const sheet = { code: recoveryCode, folder: place(), day: today(), path: path || undefined };
        const made = await withSheet(sheet, () =>
          createVault({ ...wanted, demonstration, prepare: makeTables }),
        );
        ring.accept(made.keys, made.keyFile, parts.questions.possible);
        if (demo && !demonstrations.add(place(), made.keyFile.payload.vault))
          parts.notices.warn(unlistedDemo);
      } finally {
        wipe(recoverySecret);
      }
      isDemo = demo;
    },
    openDatabase: (how = { ask: true }) => {
      opened ??= open(how);
      return opened;
    },
    slots: () => slotsOf(ring.read()),
    async unlock(by, minutes) {
      return keeper.isDemo ? undefined : ring.unlock(by, minutes);
    },
    async lock(all) {
      return agent.lock(all ? undefined : ring.read().candidates[0]?.payload.vault);
    },
    async status(hurries) {
      const copies = ring.read();
      const newest = copies.candidates[0]?.payload;
      const held = newest && (await agent.held(newest.vault, hurries));
      const isCurrent = held?.generation === newest?.generation;
      return {
        slots: slotsOf(copies),
        agent: isCurrent && held ? { until: held.until, end: held.end } : undefined,
        obstacle: agent.obstacle,
        sources: keeper.isDemo
          ? ['the demonstration vault itself']
          : [...(hasKeyring(copies) ? ["the system's keyring"] : []), ...sources.named()],
      };
    },
  };
  return keeper;
}
