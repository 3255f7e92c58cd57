/**
 * Looking after the vault itself: where it is, making it, its keys, opening it. Joins the vault's room, the sources of
 * secrets and the questions; nothing is read or asked before a method is called, and nobody is asked twice in a run.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../domain/settings.ts';
import { damaged, notFound } from '../errors.ts';
import { createVault, refuseExisting, vaultExists } from '../vault/create.ts';
import type { VaultDatabase } from '../vault/driver.ts';
import { databasePath } from '../vault/files.ts';
import { type KeyCopies, mendKeyCopies, readKeyCopies, type Unlocked } from '../vault/key-copies.ts';
import type { KeyFile } from '../vault/key-file.ts';
import { checkFolder } from '../vault/modes.ts';
import { openDatabase } from '../vault/open.ts';
import { checkNewPassphrase, passphraseBytes, weaknessOf } from '../vault/passphrase.ts';
import { readRecoveryCode, recoveryBytes, writeRecoveryCode } from '../vault/recovery-code.ts';
import { replaceSlots } from '../vault/rewrap.ts';
import { type DerivedKeys, wipe } from '../vault/secrets.ts';
import { type ScryptCost, type SlotType, usualCost } from '../vault/slots.ts';
import type { Clock, Globals, Notices, Questions } from '../world.ts';
import { vaultFolder } from './folders.ts';
import { createKeySources, type GivenSecret } from './key-sources.ts';
import type { Outside } from './outside.ts';
import { sheetText, writeSheet } from './recovery-sheet.ts';
import { unlockByPassphrase, unlockByRecovery } from './unlocking.ts';

export interface OpenedVault {
  /** The driver's connection, keyed, hardened and checked. The schema is the store's. */
  readonly database: VaultDatabase;
  /** 32 bytes for the log's MAC chain. */
  readonly logKey: Buffer;
  readonly vaultId: string;
}

/** A key slot as `key list` shows it: nothing in it is secret. */
export interface SlotSummary {
  readonly id: string;
  readonly type: SlotType;
  /** YYYY-MM-DD. */
  readonly made_on: string;
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

export interface Asking {
  readonly ask: boolean;
}

export interface VaultKeeper {
  /** The vault's folder, absolute. */
  readonly folder: string;
  /** True in a demonstration vault. */
  readonly isDemo: boolean;
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
  openDatabase(how?: Asking): Promise<OpenedVault>;
  /** The slots of the key file, as they claim to be: without a key nothing vouches for them. */
  slots(): readonly SlotSummary[];
  /** Asks for the passphrase or the recovery code, whoever is logged in: for what changes the keys. */
  authorise(by: 'passphrase' | 'recovery'): Promise<void>;
  /** Sets a new passphrase; `authorise` comes first. @throws usage, conflict, busy, failed */
  replacePassphrase(passphrase: string): Promise<void>;
}

export interface KeeperParts {
  readonly outside: Pick<
    Outside,
    'env' | 'stdin' | 'platform' | 'home' | 'workingFolder' | 'uid' | 'random' | 'scryptCost'
  >;
  readonly globals: Pick<Globals, 'vault' | 'passphraseStdin'>;
  readonly questions: Questions;
  readonly notices: Pick<Notices, 'say' | 'warn'>;
  readonly settings: () => Settings;
  readonly clock: Pick<Clock, 'instant'>;
}

/** Its patients are fictional and its passphrase is known: the marker only spares typing it. */
const demoMarker = 'demo';
export const demoPassphrase = 'rapport demo vault';

interface Held {
  readonly keys: DerivedKeys;
  readonly keyFile: Pick<KeyFile, 'payload'>;
}

export function createKeeper(parts: KeeperParts): VaultKeeper {
  const { outside, questions, clock } = parts;
  const { uid } = outside;
  const sources = createKeySources(parts);
  let folder: string | undefined;
  let isDemo: boolean | undefined;
  let held: Held | undefined;
  let authorised: Unlocked | undefined;
  let opened: Promise<OpenedVault> | undefined;

  const place = (): string => {
    folder ??= vaultFolder(outside, parts.globals);
    return folder;
  };
  const today = (): string => clock.instant().slice(0, 10);
  const cost = (): { readonly cost: ScryptCost } | undefined =>
    outside.scryptCost === undefined ? undefined : { cost: { ...usualCost, n: outside.scryptCost } };

  const readCopies = (): KeyCopies => {
    const hints = ['rapport init makes one', 'rapport demo shows what it is like'];
    if (!checkFolder(place(), uid)) throw notFound(`no vault in ${place()}`, ...hints);
    const copies = readKeyCopies(place(), uid);
    if (copies !== undefined) return copies;
    if (existsSync(databasePath(place())))
      throw damaged('both key files are gone; without them vault.db cannot be opened', 'restore a backup');
    throw notFound(`no vault in ${place()}`, ...hints);
  };

  const needs = (copies: KeyCopies, { ask }: Asking = { ask: true }) => ({
    copies,
    questions: ask ? questions : { ...questions, possible: false },
    sources: keeper.isDemo ? demoSources : sources,
  });

  /** Checks the key file with the keys, and remembers both for this run. */
  const hold = (copies: KeyCopies, { keys, keyFile }: Unlocked): Held => {
    mendKeyCopies(copies, keyFile);
    held = { keys, keyFile };
    return held;
  };

  async function unlocked(how: Asking | undefined): Promise<Held> {
    if (held !== undefined) return held;
    const copies = readCopies();
    const found = await unlockByPassphrase(needs(copies, how));
    wipe(found.master);
    return hold(copies, found);
  }

  async function open(how: Asking | undefined): Promise<OpenedVault> {
    const { keys, keyFile } = await unlocked(how);
    const { vault: vaultId, generation } = keyFile.payload;
    const database = openDatabase({ folder: place(), keys, vaultId, generation, uid });
    return { database, logKey: keys.log, vaultId };
  }

  const keeper: VaultKeeper = {
    get folder() {
      return place();
    },
    get isDemo() {
      isDemo ??= existsSync(join(place(), demoMarker));
      return isDemo;
    },
    exists: () => vaultExists(place()),
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
      const sheet = recoveryOut && resolve(outside.workingFolder, recoveryOut);
      if (sheet) await writeSheet(sheet, sheetText(recoveryCode, place(), today()));
      try {
        held = await createVault({
          folder: place(),
          uid,
          passphrase,
          recoverySecret,
          madeOn: today(),
          ...cost(),
        });
      } catch (error) {
        if (sheet) rmSync(sheet, { force: true });
        throw error;
      } finally {
        wipe(recoverySecret);
      }
      if (demo) writeFileSync(join(place(), demoMarker), 'fictional patients only\n', { mode: 0o600 });
      isDemo = demo;
    },
    openDatabase: (how) => {
      opened ??= open(how);
      return opened;
    },
    slots: () => {
      const [newest] = readCopies().candidates;
      return (newest?.payload.slots ?? []).map(({ id, type, made_on }) => ({ id, type, made_on }));
    },
    async authorise(by) {
      const copies = readCopies();
      authorised = await (by === 'recovery' ? unlockByRecovery : unlockByPassphrase)(needs(copies));
      hold(copies, authorised);
    },
    async replacePassphrase(passphrase) {
      if (authorised === undefined) throw new Error('authorise comes first');
      checkNewPassphrase(passphrase);
      const { database } = await keeper.openDatabase();
      const secret = passphraseBytes(passphrase);
      const slot = { type: 'passphrase', secret, madeOn: today(), ...cost() } as const;
      try {
        await replaceSlots({ folder: place(), uid, database, unlocked: authorised, slot });
      } finally {
        wipe(secret, authorised.master);
        authorised = undefined;
      }
    },
  };
  return keeper;
}

const demoSources = {
  passphrase: async (): Promise<GivenSecret> => ({ text: demoPassphrase, from: 'the demonstration' }),
  newPassphrase: () => undefined,
  recoveryCode: () => undefined,
};
