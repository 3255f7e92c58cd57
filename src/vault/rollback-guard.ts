/**
 * What this machine remembers of the vault in a place, outside of its folder: how far its log had come, and the MAC of
 * that row. A copy elsewhere, made to look at a backup, has a memory of its own. A vault that is behind it, or another
 * one at that row, is an older or forked copy that somebody put back: it is read, with a warning, and not written until
 * that is accepted. So it is where a memory is there that somebody else may have written. One small write a commit,
 * without fsync, since a memory that is a little old only notices a little less.
 */

import { closeSync, constants, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conflict, Failure, shellQuoted } from '../errors.ts';
import { digestOf, macOf, sameBytes } from '../keys.ts';
import { type OwnerId, readPrivateFile, removeFile, statOf } from './modes.ts';

/** A row of the log: its place, from 1 upward, and its MAC of 32 bytes. */
interface SeenHead {
  readonly sequence: number;
  readonly mac: Buffer;
}

/** The log as it stands in the vault that was opened. */
interface LogView {
  head(): SeenHead | undefined;
  macAt(sequence: number): Buffer | undefined;
}

interface MemoryPlace {
  /** The state folder. Made where it is not there. */
  readonly folder: string;
  readonly uid: OwnerId;
  readonly vaultId: string;
  /** Where the vault is, absolute. */
  readonly vaultFolder: string;
  /** Tells whether a remembered MAC was made under the key that the vault has now. */
  readonly logKey: Buffer;
}

interface Remembered extends SeenHead {
  /** Made of both under the key of that time: a line torn in its writing is not believed either. */
  readonly mark: string;
}

/** One line of fixed length, so that one write replaces it whole. */
const form = /^rapport head 1 (\d{16}) ([0-9a-f]{64}) ([0-9a-f]{16})\n$/;
/** In bytes; it takes 114. What is longer was never torn in its writing. */
const longest = 4096;

const wayOut = [
  'rapport doctor --accept-rollback takes the vault as it is',
  'or bring the newest one back: rapport restore FILE',
];

const forked = (): Failure =>
  conflict('another copy of the vault was put in the place of this one', ...wayOut);
const older = (missing: number): Failure =>
  conflict(
    `an older copy of the vault was put back: the last ${missing === 1 ? 'entry of its log is' : `${missing} entries of its log are`} missing`,
    ...wayOut,
  );

const unbelieved = (path: string, { message }: Failure): Failure =>
  conflict(
    `nobody can tell whether the vault is the newest one: ${message}`,
    `where it is, remove that: rm ${statOf(path)?.isDirectory() ? '-r ' : ''}${shellQuoted(path)}`,
  );

/** Whether something stands there at all; not where nobody could look or keep anything. */
function isThere(path: string): boolean {
  try {
    return statOf(path) !== undefined;
  } catch {
    return false;
  }
}

/** The part of the memory's name that stands for where the vault is. */
const placeDigits = 16;

const memoryPath = ({ folder, vaultId, vaultFolder }: MemoryPlace): string =>
  join(folder, `${vaultId}.${digestOf(vaultFolder).slice(0, placeDigits)}.head`);

export class RollbackGuard {
  readonly #place: MemoryPlace;
  readonly #path: string;
  /** Whether what was read last was no such line. */
  #isTorn = false;

  constructor(place: MemoryPlace) {
    this.#place = place;
    this.#path = memoryPath(place);
  }

  /** Compares, and remembers a vault that was never seen here. @returns why it may not be written, or undefined */
  refusal(log: LogView): Failure | undefined {
    const seen = this.#read();
    if (seen instanceof Failure) return seen;
    const head = log.head();
    if (seen === undefined) {
      if (head !== undefined) this.#write(head);
      return undefined;
    }
    const missing = seen.sequence - (head?.sequence ?? 0);
    if (missing > 0) return older(missing);
    // Under a new master key every MAC of the log is another.
    if (seen.mark !== this.#markOf(seen)) return undefined;
    const mac = seen.sequence === head?.sequence ? head.mac : log.macAt(seen.sequence);
    return mac !== undefined && sameBytes(mac, seen.mac) ? undefined : forked();
  }

  /** After a commit. Upward only: of two at once, the later row stays. */
  moved(head: SeenHead): void {
    const seen = this.#read();
    // What changed meanwhile so that it is not believed is told by the next opening.
    if (!(seen instanceof Failure) && (seen?.sequence ?? 0) < head.sequence) this.#write(head);
  }

  /** Takes the vault as it is, whatever was seen before. @throws conflict, failed where what is there stays */
  accept(head: SeenHead | undefined): void {
    if (this.#read() instanceof Failure) removeFile(this.#path);
    if (head === undefined) this.forget();
    else this.#write(head);
  }

  /** The next opening takes the vault as it is. */
  forget(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // There is nothing to be forgotten where nothing can be kept.
    }
  }

  /** @returns undefined where there is none, or one that was torn; why it is not believed */
  #read(): Remembered | Failure | undefined {
    try {
      const bytes = readPrivateFile(this.#path, this.#place.uid, longest);
      const [, sequence, mac = '', mark = ''] = form.exec(bytes?.toString('latin1') ?? '') ?? [];
      this.#isTorn = bytes !== undefined && sequence === undefined;
      return sequence === undefined
        ? undefined
        : { sequence: Number(sequence), mac: Buffer.from(mac, 'hex'), mark };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return isThere(this.#path) ? unbelieved(this.#path, error) : undefined;
    }
  }

  #markOf({ sequence, mac }: SeenHead): string {
    return macOf(this.#place.logKey, `rapport head ${sequence} `, mac).toString('hex').slice(0, 16);
  }

  #write(head: SeenHead): void {
    const place = String(head.sequence).padStart(16, '0');
    const line = `rapport head 1 ${place} ${head.mac.toString('hex')} ${this.#markOf(head)}\n`;
    // No link is followed, and a pipe cannot hang it. Windows has neither flag.
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      (constants.O_NOFOLLOW ?? 0) |
      (constants.O_NONBLOCK ?? 0) |
      (this.#isTorn ? constants.O_TRUNC : 0);
    let descriptor: number | undefined;
    try {
      try {
        descriptor = openSync(this.#path, flags, 0o600);
      } catch {
        mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
        descriptor = openSync(this.#path, flags, 0o600);
      }
      writeSync(descriptor, line, 0, 'latin1');
    } catch {
      // A machine that can remember nothing still has its vault.
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
}

/** As the store asks it: warns once, at opening, and reading goes on. */
export const guardOfStore = (guard: RollbackGuard, warn: (text: string) => void) => ({
  refusal(log: LogView): Failure | undefined {
    const refusal = guard.refusal(log);
    if (refusal !== undefined) {
      warn(`rapport: ${refusal.message}; it can be read, not written`);
      for (const hint of refusal.hints) warn(`hint: ${hint}`);
    }
    return refusal;
  },
  moved: (head: SeenHead): void => guard.moved(head),
});
