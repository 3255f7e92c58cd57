/** The vault of a run: its keys, found once and kept until it is open, and opening it. Everything is lazy. */
import { existsSync } from 'node:fs';
import { type Agents, agentSilent } from '../agent/client.ts';
import { longestTotal } from '../agent/protocol.ts';
import { damaged, Failure, notFound } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { isOlder } from '../store/migrations.ts';
import { type KeyCopies, keysChanged, readKeyCopies, repairKeyCopies, winnerUnder } from './key-copies.ts';
import type { KeyFile, KeyPayload, Slot } from './key-file.ts';
import type { KeySources } from './key-sources.ts';
import { isDemonstration, openDatabase, removeReplaced, type VaultDatabase, watchFile } from './open.ts';
import type { Rotated } from './rotate.ts';
import type { Asking, Authority, UnlockedBySecret, UnlockedKeys, VaultRun } from './unlock.ts';
import { checkFolder, databasePath, orElse, statOf, vaultExists, waitingVault } from './vault-folder.ts';

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

export type VaultAccess = ReturnType<typeof createAccess>;
/** What commands get: no keys, no sources of secrets. */
export type VaultOfRun = Omit<
  VaultAccess,
  'close' | 'osKeyring' | 'readKeys' | 'obtain' | 'authorise' | 'accept' | 'remember' | 'sources'
>;

const minute = 60_000;

/** 'silent': it may only be slow. A rotation of version 0.1 that was cut off takes a secret. */
async function fromAgent(
  agents: Agents,
  hurries: boolean | undefined,
  copies: KeyCopies,
): Promise<UnlockedKeys | 'silent' | undefined> {
  const [newest] = copies.candidates;
  if (newest === undefined || newest.payload.previous !== undefined) return undefined;
  const keys = await agents.get(newest.payload, hurries);
  if (keys === 'silent' || keys === undefined) return keys;
  const keyFile = winnerUnder(copies, keys);
  if (keyFile !== undefined) return { keys, keyFile, isTyped: false };
  keys.wipe();
  return undefined;
}

/** @param isStrict false reads the vault whoever its owner and whatever its modes, as doctor does */
export function createAccess(parts: VaultRun, isStrict = true) {
  const { agents, prompt } = parts;
  const uid = isStrict ? parts.uid : undefined;
  let found: string | undefined;
  let isDemo: boolean | undefined;
  let given: KeySources | undefined;
  /** The keys of the run, and the copies of the key file that they came with. */
  let inHand: (UnlockedKeys & { readonly copies?: KeyCopies }) | undefined;
  let opened: Promise<OpenedVault> | undefined;
  let connection: VaultDatabase | undefined;
  let kept: Keys | undefined;
  const folder = (): string => {
    found ??= parts.folder();
    return found;
  };

  /** Once: a variable is taken out of the environment where it is read. */
  async function sources(forDemo = access.isDemo): Promise<KeySources> {
    const { createKeySources, demoSources } = await import('./key-sources.ts');
    given ??= createKeySources(parts);
    return forDemo ? demoSources : given;
  }

  /** @throws not-found, damaged, conflict */
  function readKeys(): KeyCopies {
    const place = folder();
    // A folder without a vault is not checked: it may be /tmp.
    const isElsewhere = !vaultExists(place) && statOf(place)?.isDirectory() !== false;
    for (const one of [isElsewhere ? undefined : place, waitingVault(place)]) {
      const copies = one !== undefined && checkFolder(one, uid) ? readKeyCopies(one, uid) : undefined;
      if (copies !== undefined) return copies;
    }
    if (existsSync(databasePath(place)))
      throw damaged('both key files are gone; without them vault.db cannot be opened', 'restore a backup');
    throw notFound(`no vault in ${place}`, 'rapport init makes one', 'rapport demo shows what it is like');
  }
  const newestPayload = (): KeyPayload | undefined => readKeys().candidates[0]?.payload;

  /** The state folder and the key file must both say so; what is wrong with that file is told at opening. */
  function isListedDemo(): boolean {
    const listed = parts.demonstrationIn(folder()).read();
    const payload = listed === '' ? undefined : orElse(newestPayload, undefined);
    return payload?.demonstration === true && payload.vault === listed;
  }

  /** Keys that open a vault also authenticate one that waits to take its place. @throws not-found where they don't */
  async function hold(copies: KeyCopies, unlocked: UnlockedKeys): Promise<UnlockedKeys> {
    if (copies.folder !== folder()) {
      const { finishSwap } = await import('./replace.ts');
      const { vault } = unlocked.keyFile.payload;
      finishSwap({ folder: folder(), vault, keys: unlocked.keys }, copies.folder);
    }
    inHand = { ...unlocked, copies };
    return inHand;
  }

  /** @returns the key file, once a rotation of version 0.1 that was cut off is finished */
  async function settle({ previous, ...unlocked }: UnlockedBySecret): Promise<KeyFile> {
    if (previous === undefined) return unlocked.keyFile;
    const { finishOldRotation } = await import('./rotate.ts');
    return finishOldRotation({ ...parts, uid, folder: folder() }, { ...unlocked, previous });
  }

  /** @throws locked, wrong-key, usage, not-found, damaged, conflict, busy, cancelled */
  async function obtain({ ask, hurries }: Asking): Promise<UnlockedKeys> {
    if (inHand !== undefined) return inHand;
    const copies = readKeys();
    // Standard input begins with the passphrase: it must be taken off, whoever has the keys.
    const early = parts.passphraseStdin ? await (await sources()).passphrase() : undefined;
    const held = await fromAgent(agents, hurries, copies);
    if (typeof held === 'object') return hold(copies, held);
    const { byPassphrase, fromGiven, fromKeyring, fromPerson, unlock } = await import('./unlock.ts');
    const unlocked = await unlock(copies, byPassphrase, [
      fromKeyring(parts.osKeyring, ask, parts.say),
      async (all) => fromGiven(byPassphrase, early ?? (await (await sources()).passphrase()))(all),
      // The agent may only be slow.
      async (all) => {
        if (held === 'silent') throw agentSilent();
        return ask ? fromPerson(byPassphrase, prompt)(all) : undefined;
      },
    ]);
    const keyFile = await settle(unlocked);
    wipe(unlocked.secret, unlocked.master);
    return hold(copies, { isTyped: unlocked.isTyped, keys: unlocked.keys, keyFile });
  }

  /** What a killed run left: a replaced vault, and an absent or outvoted copy of the key file, under the write lock. */
  function repair(database: VaultDatabase, keys: Keys): void {
    removeReplaced(database, folder());
    if (inHand?.copies?.areAlike ?? true) return;
    const repairing = database.transaction(() => {
      const winner = winnerUnder(readKeyCopies(folder(), uid), keys);
      if (winner !== undefined) repairKeyCopies(folder(), winner);
    });
    // A read-only vault must not prevent reading.
    orElse(() => repairing.immediate(), undefined);
  }

  /** @returns whether an agent took them */
  async function remember({ keys, keyFile }: Rotated, minutes?: number): Promise<boolean> {
    const idle = (minutes ?? (access.isDemo ? 0 : parts.idleMinutes())) * minute;
    if (idle === 0) return false;
    return agents.put(keyFile.payload, keys, { idle, total: minutes === undefined ? longestTotal : idle });
  }

  const changedSince = ({ payload }: KeyFile): Failure | undefined =>
    (newestPayload()?.generation ?? 0) > payload.generation ? keysChanged() : undefined;

  async function openVault(how: Asking): Promise<OpenedVault> {
    // Before the keys are read: another vault may take its place while somebody is asked.
    const whyMoved = watchFile(folder());
    // 1. The keys, by whichever source has them.
    const unlocked = await obtain(how);
    const { keys, keyFile } = unlocked;
    const { vault, generation } = keyFile.payload;
    const connect = (wanted?: number): VaultDatabase => {
      try {
        return openDatabase({ folder: folder(), keys, vault, generation: wanted, uid });
      } catch (error) {
        // After a rotation, older keys fit neither the pages nor the generation.
        const isOfKeys = error instanceof Failure && ['damaged', 'conflict'].includes(error.exit);
        throw whyMoved() ?? (isOfKeys ? changedSince(keyFile) : undefined) ?? error;
      }
    };
    // 2. The database, checked against the key file.
    const database = connect(generation);
    connection = database;
    // 3. The other copy of the key file is repaired, and the agent takes what a person typed.
    repair(database, keys);
    if (unlocked.isTyped) await remember(unlocked);
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
        connection ??= connect();
        return connection;
      },
      logKey: keys.log,
      vaultId: vault,
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
    /** True for a demonstration that this machine made, or, once open, any. Its briefings may go into a pipe. */
    get isDemo(): boolean {
      isDemo ??= isListedDemo();
      return isDemo;
    },
    get isDemoInUse(): boolean {
      return found !== undefined && access.isDemo;
    },
    /** Also where a restore or key rotate was cut off before its last rename. */
    exists: (): boolean => vaultExists(folder()) || waitingVault(folder()) !== undefined,
    /** Opens the vault once a run. @throws not-found, locked, wrong-key, damaged, busy, conflict */
    open(how: Asking = { ask: true }): Promise<OpenedVault> {
      opened ??= openVault(how);
      return opened;
    },
    /** Trap: nothing vouches for them without a key. */
    slots: (): readonly Pick<Slot, 'id' | 'type' | 'made_on'>[] =>
      (newestPayload()?.slots ?? []).map(({ id, type, made_on }) => ({ id, type, made_on })),
    /** Whether the agent has the keys, in the patience of a Tab. @throws busy where the agent does not answer */
    async isHeld(): Promise<boolean> {
      const newest = newestPayload();
      return (
        newest !== undefined && (await agents.held(newest.vault, true))?.generation === newest.generation
      );
    },
    /** Takes a vault that was just made for the one of this run. */
    accept(keys: Keys, keyFile: KeyFile, forDemo: boolean): void {
      inHand = { keys, keyFile, isTyped: prompt.possible };
      isDemo = forDemo;
    },
    /** Asks whatever is in hand; the caller wipes all. @throws as obtain */
    async authorise(by: Authority): Promise<UnlockedBySecret> {
      const copies = readKeys();
      const { byPassphrase, byRecoveryCode, unlockBySecret } = await import('./unlock.ts');
      const kind = by === 'recovery' ? byRecoveryCode : byPassphrase;
      const unlocked = await unlockBySecret(copies, kind, { sources, prompt });
      const keyFile = await settle(unlocked);
      await hold(copies, { keys: unlocked.keys.copy(), keyFile, isTyped: false });
      return { ...unlocked, keyFile, previous: undefined };
    },
    osKeyring: parts.osKeyring,
    readKeys,
    obtain,
    remember,
    sources,
  };
  return access;
}
