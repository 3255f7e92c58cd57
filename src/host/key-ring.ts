/**
 * One vault's keys within one run: from the agent, else from a source, else from a person; checked against the key file,
 * kept until the database is open, and handed to the agent once a person has typed the passphrase.
 */

import { existsSync } from 'node:fs';
import { longestTotal } from '../agent/key-cache.ts';
import type { HeldKeys } from '../agent/protocol.ts';
import { damaged, Failure, notFound, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import type { Questions } from '../terminal/questions.ts';
import { vaultExists } from '../vault/create.ts';
import type { VaultDatabase } from '../vault/driver.ts';
import {
  type KeyCopies,
  mendKeyCopies,
  readKeyCopies,
  unlockWithSecret,
  winnerUnder,
} from '../vault/key-copies.ts';
import type { KeyFile } from '../vault/key-file.ts';
import { checkFolder, type OwnerId, statOf } from '../vault/modes.ts';
import { type LogChain, type Settled, settleRotation } from '../vault/rotate.ts';
import { finishRestore, waitingRestore } from '../vault/staged.ts';
import { databasePath } from '../vault/vault-folder.ts';
import { agentSilent, type KeyAgent } from './agent.ts';
import type { KeySources } from './key-sources.ts';
import type { OsKeyring } from './os-keyring.ts';
import type { Globals } from './outside.ts';
import type { Notices } from './text-streams.ts';
import { type Asking, type UnlockedBySecret, unlockByPassphrase, unlockByRecovery } from './unlocking.ts';

export interface KeyRingParts {
  readonly folder: () => string;
  readonly uid: OwnerId;
  readonly sources: KeySources;
  readonly questions: Questions;
  readonly globals: Pick<Globals, 'passphraseStdin'>;
  readonly agent: KeyAgent;
  readonly osKeyring: Pick<OsKeyring, 'get'>;
  /** Minutes; 0 keeps no keys. */
  readonly idleMinutes: () => number;
  readonly notices: Pick<Notices, 'say' | 'warn'>;
  readonly log: LogChain;
}

export interface KeysInHand {
  readonly keys: Keys;
  readonly keyFile: KeyFile;
  /** Whether a person typed what opened them, and not to change the keys. */
  readonly isTyped: boolean;
  /** Why a change of the master key is not finished: nothing may rest on these keys for longer then. */
  readonly waiting?: Failure | undefined;
}

export type Authority = 'passphrase' | 'recovery';

const minute = 60_000;
const makingOne = ['rapport init makes one', 'rapport demo shows what it is like'];
/** Milliseconds for a new agent to be there, on a loaded machine too. */
const startLimit = 15_000;
const startStep = 20;
/** Milliseconds for the system's keyring: it may ask the person to unlock it, unless nobody may be asked. */
export const keyringPatience = 60_000;
const briefPatience = 2000;

export class KeyRing {
  readonly #parts: KeyRingParts;
  #held: KeysInHand | undefined;
  #copies: KeyCopies | undefined;
  #isAgentDoubted = false;

  constructor(parts: KeyRingParts) {
    this.#parts = parts;
  }

  /** @throws not-found, damaged, conflict */
  read(): KeyCopies {
    const { folder, uid } = this.#parts;
    const place = folder();
    // A folder without a vault is not ours to judge, let alone to change: /tmp is open to all, and rightly so.
    const isElsewhere = !vaultExists(place) && statOf(place)?.isDirectory() !== false;
    const copies = !isElsewhere && checkFolder(place, uid) ? readKeyCopies(place, uid) : undefined;
    if (copies !== undefined) return copies;
    const waiting = waitingRestore(place);
    const theirs = waiting && checkFolder(waiting, uid) ? readKeyCopies(waiting, uid) : undefined;
    if (theirs !== undefined) return theirs;
    if (existsSync(databasePath(place)))
      throw damaged('both key files are gone; without them vault.db cannot be opened', 'restore a backup');
    throw notFound(`no vault in ${place}`, ...makingOne);
  }

  /**
   * The keys, without asking twice.
   * @param isOpening the agent's keys are wanted to open the database alone, which vouches for them: where the copies of
   *   the key file are alike, its MAC is left to whoever packs, examines or changes it. If it does not open: `doubt`
   * @throws locked, wrong-key, usage, not-found, damaged, conflict, cancelled; busy where the agent does not answer and no
   *   source has the key
   */
  async obtain({ ask, hurries }: Asking, isOpening = false): Promise<KeysInHand> {
    if (this.#held !== undefined) return this.#held;
    const { sources, questions, globals } = this.#parts;
    const copies = this.read();
    // Its line must be off standard input whoever has the key: what follows it is the command's.
    const given = globals.passphraseStdin ? await sources.passphrase() : undefined;
    const fromAgent = await this.#fromAgent(copies, isOpening, hurries);
    const isSilent = fromAgent === 'silent';
    if (fromAgent !== undefined && !isSilent) return this.#hold(copies, fromAgent);
    const unlocked =
      (await this.#fromKeyring(copies, ask)) ??
      (await unlockByPassphrase({
        copies,
        sources: given === undefined ? sources : { ...sources, passphrase: async () => given },
        questions: ask && !isSilent ? questions : undefined,
        refusal: isSilent ? agentSilent() : undefined,
      }));
    wipe(unlocked.master);
    return this.#hold(copies, { ...this.#settle(unlocked), isTyped: unlocked.isTyped });
  }

  /**
   * Asks for a secret whatever is in hand. The caller wipes the master key and the secret.
   * @throws failed besides, where a change of the master key cannot be finished
   */
  async authorise(by: Authority, keepsSecret = false): Promise<UnlockedBySecret> {
    const { sources, questions } = this.#parts;
    const copies = this.read();
    const unlock = by === 'recovery' ? unlockByRecovery : unlockByPassphrase;
    const unlocked = await unlock({ copies, sources, questions, keepsSecret });
    const { keys, keyFile, waiting } = this.#settle(unlocked);
    if (waiting !== undefined) {
      wipe(unlocked.master, unlocked.secret);
      throw new Failure(
        'failed',
        `the change of the master key has to be finished first: ${waiting.message}`,
      );
    }
    this.#hold(copies, { keys: keys.copy(), keyFile });
    return { ...unlocked, keys, keyFile, previous: undefined };
  }

  /**
   * The database did not open. Whether that is the agent's doing, whose keys do not vouch for the key file: then they
   * are dropped, and the agent is not asked again.
   */
  doubt(): boolean {
    if (this.#held === undefined || this.#copies === undefined) return false;
    if (winnerUnder(this.#copies, this.#held.keys) !== undefined) return false;
    this.#held.keys.wipe();
    this.#held = undefined;
    this.#isAgentDoubted = true;
    return true;
  }

  /**
   * Writes over a copy of the key file that is absent or outvoted: once these keys have opened the database, and under
   * its lock, as every change of keys.
   */
  mend(database: VaultDatabase): void {
    const { folder, uid } = this.#parts;
    const found = this.#copies?.found ?? [];
    const keys = this.#held?.keys;
    const [one] = found;
    if (keys === undefined || found.every((copy) => one !== undefined && copy?.bytes.equals(one.bytes)))
      return;
    const mending = database.transaction(() => {
      const copies = readKeyCopies(folder(), uid);
      const winner = copies && winnerUnder(copies, keys);
      if (copies !== undefined && winner !== undefined) mendKeyCopies(copies, winner);
    });
    try {
      mending.immediate();
    } catch {
      // A vault that cannot be written must not keep anybody from reading.
    }
  }

  /** Finishes a change of the master key that was cut off. */
  #settle(unlocked: UnlockedBySecret): Settled {
    const { previous, keys, keyFile } = unlocked;
    if (previous === undefined) return { keys, keyFile, waiting: undefined };
    const { folder, uid, log, notices } = this.#parts;
    try {
      const settled = settleRotation({ folder: folder(), uid, log }, { ...unlocked, previous });
      if (settled.waiting === undefined)
        notices.say('rapport: finished a change of the master key that was cut off');
      else notices.warn(`rapport: a change of the master key is not finished: ${settled.waiting.message}`);
      return settled;
    } finally {
      wipe(previous);
      keys.wipe();
    }
  }

  /** Takes the keys of a vault that was just made. */
  accept(keys: Keys, keyFile: KeyFile, isTyped: boolean): void {
    this.#held = { keys, keyFile, isTyped };
  }

  /** Hands keys to the agent, where the person wants one. @returns whether it took them */
  async remember(
    { keys, keyFile, waiting }: Pick<KeysInHand, 'keys' | 'keyFile' | 'waiting'>,
    minutes?: number,
  ): Promise<boolean> {
    const idle = (minutes ?? this.#parts.idleMinutes()) * minute;
    if (idle === 0 || waiting !== undefined) return false;
    const { vault, generation } = keyFile.payload;
    const total = minutes === undefined ? longestTotal : idle;
    return this.#parts.agent.put({ vault, generation }, keys, { idle, total });
  }

  /**
   * Unlocks for a while, asking whatever is in hand.
   * @returns what the agent holds then. @throws usage where keys are never kept, failed where no agent can be, busy where
   *   it does not answer
   */
  async unlock(by: Authority, minutes: number | undefined): Promise<HeldKeys> {
    const { agent, idleMinutes } = this.#parts;
    if (!agent.isPossible)
      throw new Failure('failed', 'no agent can be trusted on this system', [
        'every command asks for the key',
      ]);
    if ((minutes ?? idleMinutes()) === 0)
      throw usage('keys are never kept: idle is 0', 'rapport unlock --for 3h', 'rapport config idle 3h');
    if (agent.obstacle !== undefined)
      throw new Failure('failed', `no agent can be trusted there: ${agent.obstacle}`, [
        'take it away, or set XDG_RUNTIME_DIR to a folder that only you can enter',
        'every command asks for the key meanwhile',
      ]);
    // Before anybody types: an agent that does not answer would not take the keys.
    const [newest] = this.read().candidates;
    if (newest !== undefined) await agent.held(newest.payload.vault);
    const unlocked = await this.authorise(by);
    wipe(unlocked.master);
    const isTaken = await this.remember(unlocked, minutes);
    unlocked.keys.wipe();
    const { vault, generation } = unlocked.keyFile.payload;
    for (let waited = 0; isTaken && waited < startLimit; waited += startStep) {
      const held = await agent.held(vault);
      if (held?.generation === generation) return held;
      await new Promise((resolve) => setTimeout(resolve, startStep));
    }
    throw new Failure('failed', 'the agent did not start', ['every command asks for the key meanwhile']);
  }

  async #fromAgent(
    copies: KeyCopies,
    isOpening: boolean,
    hurries: boolean | undefined,
  ): Promise<Omit<KeysInHand, 'isTyped'> | 'silent' | undefined> {
    const [newest] = copies.candidates;
    // While the master key changes, what the agent holds may open nothing in a moment.
    if (newest === undefined || newest.payload.previous !== undefined) return undefined;
    if (this.#isAgentDoubted) return undefined;
    const { vault, generation } = newest.payload;
    const keys = await this.#parts.agent.get({ vault, generation }, hurries);
    if (keys === undefined || keys === 'silent') return keys;
    const isAlike = isOpening && copies.candidates.length === 1;
    const keyFile = isAlike ? newest : winnerUnder(copies, keys);
    if (keyFile !== undefined) return { keys, keyFile };
    keys.wipe();
    return undefined;
  }

  /** From the system's keyring, where such a slot was made. One that gives nothing is as if there were none. */
  async #fromKeyring(copies: KeyCopies, ask: boolean): Promise<UnlockedBySecret | undefined> {
    const payload = copies.candidates[0]?.payload;
    if (!payload?.slots.some(({ type }) => type === 'keyring')) return undefined;
    const { osKeyring, notices } = this.#parts;
    const without = (why: string): undefined => {
      notices.say(`rapport: the system's keyring does not open the vault: ${why}`);
      return undefined;
    };
    let bytes: Buffer | undefined;
    try {
      bytes = await osKeyring.get(payload.vault, ask ? keyringPatience : briefPatience);
      const unlocked = bytes && (await unlockWithSecret(copies, { type: 'keyring', bytes }));
      if (unlocked !== undefined) return { ...unlocked, isTyped: false, secret: undefined };
      return without(bytes === undefined ? 'it holds no key of it' : 'it holds another key');
    } catch (error) {
      if (error instanceof Failure && error.exit === 'failed') return without(error.message);
      throw error;
    } finally {
      wipe(bytes);
    }
  }

  /** The keys that open a vault vouch for a restore that was cut off, too. @throws not-found where they don't */
  #hold(copies: KeyCopies, found: Omit<KeysInHand, 'isTyped'> & { readonly isTyped?: boolean }): KeysInHand {
    const folder = this.#parts.folder();
    if (copies.folder !== folder) {
      const { keys, keyFile } = found;
      finishRestore({ folder, vaultId: keyFile.payload.vault, keys }, copies.folder);
    }
    this.#copies = copies;
    this.#held = { isTyped: false, ...found };
    return this.#held;
  }
}
