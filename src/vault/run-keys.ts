/** The keys of a run: found once, kept until the database is open, given to the agent if a person typed the secret. */
import { existsSync } from 'node:fs';
import { type Agents, agentSilent } from '../agent/client.ts';
import { type HeldKeys, longestTotal } from '../agent/protocol.ts';
import { damaged, Failure, notFound, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { logChain } from '../store/access-log.ts';
import type { VaultDatabase } from './driver.ts';
import { type KeyCopies, readKeyCopies, repairKeyCopies, winnerUnder } from './key-copies.ts';
import type { KeyFile, KeyPayload } from './key-file.ts';
import { removeReplaced } from './open.ts';
import type { OsKeyring } from './os-keyring.ts';
import type { RollbackGuard } from './rollback-guard.ts';
import type { ScryptCost } from './slots.ts';
import { finishSwap, vaultExists, waitingVault } from './staged.ts';
import type { WritePrivate } from './typed-secrets.ts';
import type { Asking, Authority, KeySources, Prompt, UnlockedBySecret, UnlockedKeys } from './unlock.ts';
import { checkFolder, databasePath, type OwnerId, statOf } from './vault-folder.ts';

export interface Demonstrations {
  /** The state folder and the key file must both say so. */
  lists(folder: string, payload: () => KeyPayload | undefined): boolean;
  /** @returns whether it could be written down */
  add(folder: string, vaultId: string): boolean;
}

export interface VaultRun {
  /** The vault's, absolute. */
  readonly folder: () => string;
  readonly workingFolder: string;
  readonly uid: OwnerId;
  readonly random: (bytes: number) => Buffer;
  /** Of new slots; undefined is the usual cost. */
  readonly cost: ScryptCost | undefined;
  readonly sources: (isDemo?: boolean) => Promise<KeySources>;
  /** Standard input begins with the passphrase: it must be taken off, whoever has the keys. */
  readonly takesStdin: boolean;
  readonly prompt: Prompt;
  readonly agents: Agents;
  readonly osKeyring: () => Promise<OsKeyring>;
  readonly demonstrations: Demonstrations;
  /** One at a time over restore, key rotate and backup of this vault. @throws busy */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly guardOf: (vaultId: string, logKey: Buffer) => RollbackGuard;
  readonly writePrivate: WritePrivate;
  /** Minutes; 0 keeps no keys. */
  readonly idleMinutes: () => number;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
  /** ISO, UTC. */
  readonly instant: () => string;
}

const minute = 60_000;
/** Milliseconds for a new agent to start, on a loaded machine too. */
const startLimit = 15_000;
const startStep = 20;

/** 'silent': it may only be slow. A rotation of version 0.1 that was cut off takes a secret. */
async function fromAgent(
  agents: Pick<Agents, 'get'>,
  hurries: boolean | undefined,
  copies: KeyCopies,
): Promise<UnlockedKeys | 'silent' | undefined> {
  const [newest] = copies.candidates;
  if (newest === undefined || newest.payload.previous !== undefined) return undefined;
  const { vault, generation } = newest.payload;
  const keys = await agents.get({ vault, generation }, hurries);
  if (keys === 'silent' || keys === undefined) return keys;
  const keyFile = winnerUnder(copies, keys);
  if (keyFile !== undefined) return { keys, keyFile, isTyped: false };
  keys.wipe();
  return undefined;
}

export class RunKeys {
  readonly #parts: VaultRun;
  #held: UnlockedKeys | undefined;
  #copies: KeyCopies | undefined;

  constructor(parts: VaultRun) {
    this.#parts = parts;
  }

  /** @throws not-found, damaged, conflict */
  read(): KeyCopies {
    const { folder, uid } = this.#parts;
    const place = folder();
    // A folder without a vault is not checked: it may be /tmp.
    const isElsewhere = !vaultExists(place) && statOf(place)?.isDirectory() !== false;
    const copies = !isElsewhere && checkFolder(place, uid) ? readKeyCopies(place, uid) : undefined;
    if (copies !== undefined) return copies;
    const waiting = waitingVault(place);
    const theirs = waiting && checkFolder(waiting, uid) ? readKeyCopies(waiting, uid) : undefined;
    if (theirs !== undefined) return theirs;
    if (existsSync(databasePath(place)))
      throw damaged('both key files are gone; without them vault.db cannot be opened', 'restore a backup');
    throw notFound(`no vault in ${place}`, 'rapport init makes one', 'rapport demo shows what it is like');
  }

  /** @throws locked, wrong-key, usage, not-found, damaged, conflict, busy, cancelled */
  async obtain({ ask, hurries }: Asking): Promise<UnlockedKeys> {
    if (this.#held !== undefined) return this.#held;
    const { sources, prompt, agents, osKeyring, say } = this.#parts;
    const copies = this.read();
    const early = this.#parts.takesStdin ? await (await sources()).passphrase() : undefined;
    const held = await fromAgent(agents, hurries, copies);
    if (typeof held === 'object') return this.#hold(copies, held);
    const { byPassphrase, fromGiven, fromKeyring, fromPerson, unlock } = await import('./unlock.ts');
    const found = await unlock(
      copies,
      [
        fromKeyring(osKeyring, ask, say),
        async (all) => fromGiven(byPassphrase, early ?? (await (await sources()).passphrase()))(all),
        // The agent may only be slow.
        async (all) => {
          if (held === 'silent') throw agentSilent();
          return ask ? fromPerson(byPassphrase, prompt)(all) : undefined;
        },
      ],
      byPassphrase,
    );
    const keyFile = await this.#settle(found);
    wipe(found.secret, found.master);
    return this.#hold(copies, { isTyped: found.isTyped, keys: found.keys, keyFile });
  }

  /** Asks whatever is in hand; the caller wipes all. @throws as obtain */
  async authorise(by: Authority): Promise<UnlockedBySecret> {
    const copies = this.read();
    const { byPassphrase, byRecoveryCode, unlockBySecret } = await import('./unlock.ts');
    const kind = by === 'recovery' ? byRecoveryCode : byPassphrase;
    const unlocked = await unlockBySecret(copies, kind, this.#parts);
    const keyFile = await this.#settle(unlocked);
    this.#hold(copies, { keys: unlocked.keys.copy(), keyFile, isTyped: false });
    return { ...unlocked, keyFile, previous: undefined };
  }

  /** What a killed run left: a replaced vault, and an absent or outvoted copy of the key file, under the write lock. */
  repair(database: VaultDatabase): void {
    const { folder, uid } = this.#parts;
    removeReplaced(database, folder());
    const found = this.#copies?.found ?? [];
    const keys = this.#held?.keys;
    const [one] = found;
    if (keys === undefined || found.every((copy) => one !== undefined && copy?.bytes.equals(one.bytes)))
      return;
    const repairing = database.transaction(() => {
      const copies = readKeyCopies(folder(), uid);
      const winner = copies && winnerUnder(copies, keys);
      if (copies !== undefined && winner !== undefined) repairKeyCopies(copies, winner);
    });
    try {
      repairing.immediate();
    } catch {
      // A read-only vault must not prevent reading.
    }
  }

  accept(keys: Keys, keyFile: KeyFile, isTyped: boolean): void {
    this.#held = { keys, keyFile, isTyped };
  }

  /** @returns whether an agent took them */
  async remember({ keys, keyFile }: Omit<UnlockedKeys, 'isTyped'>, minutes?: number): Promise<boolean> {
    const idle = (minutes ?? this.#parts.idleMinutes()) * minute;
    if (idle === 0) return false;
    const { vault, generation } = keyFile.payload;
    const total = minutes === undefined ? longestTotal : idle;
    return this.#parts.agents.put({ vault, generation }, keys, { idle, total });
  }

  /** @throws usage where keys are never kept, failed where no agent can be, busy where it does not answer */
  async unlock(by: Authority, minutes: number | undefined): Promise<HeldKeys> {
    const { agents, idleMinutes } = this.#parts;
    if (!agents.isPossible)
      throw new Failure('failed', 'no agent can be trusted on this system', [
        'every command asks for the key',
      ]);
    if ((minutes ?? idleMinutes()) === 0)
      throw usage('keys are never kept: idle is 0', 'rapport unlock --for 3h', 'rapport config idle 3h');
    if (agents.obstacle !== undefined)
      throw new Failure('failed', `no agent can be trusted there: ${agents.obstacle}`, [
        'take it away, or set XDG_RUNTIME_DIR to a folder that only you can enter',
        'every command asks for the key meanwhile',
      ]);
    // A silent agent would not take the keys: say so before anybody types.
    const [newest] = this.read().candidates;
    if (newest !== undefined) await agents.held(newest.payload.vault);
    const unlocked = await this.authorise(by);
    wipe(unlocked.master, unlocked.secret);
    const isTaken = await this.remember(unlocked, minutes);
    unlocked.keys.wipe();
    const { vault, generation } = unlocked.keyFile.payload;
    for (let waited = 0; isTaken && waited < startLimit; waited += startStep) {
      const held = await agents.held(vault);
      if (held?.generation === generation) return held;
      await new Promise((resolve) => setTimeout(resolve, startStep));
    }
    throw new Failure('failed', 'the agent did not start', ['every command asks for the key meanwhile']);
  }

  /** @returns the key file, once a rotation of version 0.1 that was cut off is finished */
  async #settle({ previous, ...unlocked }: UnlockedBySecret): Promise<KeyFile> {
    if (previous === undefined) return unlocked.keyFile;
    const { folder, uid, say, instant, exclusively } = this.#parts;
    try {
      const { finishOldRotation } = await import('./rotate.ts');
      const place = { folder: folder(), uid, log: logChain({ instant }), exclusively };
      const keyFile = await finishOldRotation(place, { ...unlocked, previous });
      say('rapport: finished a change of the master key that was cut off');
      return keyFile;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const why = `a change of the master key was cut off, and cannot be finished: ${error.message}`;
      throw new Failure(error.exit, why, error.hints);
    } finally {
      wipe(previous);
    }
  }

  /** Keys that open a vault also authenticate one that waits to take its place. @throws not-found where they don't */
  #hold(copies: KeyCopies, found: UnlockedKeys): UnlockedKeys {
    const folder = this.#parts.folder();
    if (copies.folder !== folder)
      finishSwap({ folder, vaultId: found.keyFile.payload.vault, keys: found.keys }, copies.folder);
    this.#copies = copies;
    this.#held = found;
    return found;
  }
}
