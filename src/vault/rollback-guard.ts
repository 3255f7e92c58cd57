/** The newest log head seen of a vault, in the state folder: an older or forked copy is not written until accepted. */
import { constants, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, conflict, Failure } from '../errors.ts';
import { digestOf, macOf, sameBytes } from '../keys.ts';
import type { LogHead, LogView } from '../store/sql.ts';
import { closing, type OwnerId, orElse, readPrivateFile, removeFile, statOf } from './vault-folder.ts';

interface MemoryPlace {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly vaultId: string;
  readonly vaultFolder: string;
  /** Tells whether the stored MAC was made under the vault's present key. */
  readonly logKey: Buffer;
}

interface Remembered extends LogHead {
  /** MAC of both under the log key of that time; also detects a torn line. */
  readonly mark: string;
}

/** Of fixed length, so that one write replaces it whole. */
const form = /^rapport head 1 (\d{16}) ([0-9a-f]{64}) ([0-9a-f]{16})\n$/;
/** In bytes; a line takes 114. */
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

export class RollbackGuard {
  readonly #place: MemoryPlace;
  readonly #path: string;
  #isTorn = false;

  constructor(place: MemoryPlace) {
    const { folder, vaultId, vaultFolder } = place;
    this.#place = place;
    this.#path = join(folder, `${vaultId}.${digestOf(vaultFolder).slice(0, 16)}.head`);
  }

  /** Stores the head of a vault never seen here. @returns why it may not be written */
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
    // A rotation changes every MAC of the log.
    if (seen.mark !== this.#markOf(seen)) return undefined;
    const mac = seen.sequence === head?.sequence ? head.mac : log.macAt(seen.sequence);
    return mac !== undefined && sameBytes(mac, seen.mac) ? undefined : forked();
  }

  /** After a commit, without fsync: a stale file only notices less. Trap: upward only, as two processes may write. */
  moved(head: LogHead): void {
    const seen = this.#read();
    // The next opening reports what is not believed.
    if (!(seen instanceof Failure) && (seen?.sequence ?? 0) < head.sequence) this.#write(head);
  }

  /** @throws conflict, failed where the old file stays */
  accept(head: LogHead | undefined): void {
    if (this.#read() instanceof Failure) removeFile(this.#path);
    if (head === undefined) this.forget();
    else this.#write(head);
  }

  /** The next opening accepts the vault as it is. */
  forget(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // Nothing was stored.
    }
  }

  #read(): Remembered | Failure | undefined {
    try {
      const bytes = readPrivateFile(this.#path, this.#place.uid, longest);
      const [, sequence, mac = '', mark = ''] = form.exec(bytes?.toString('latin1') ?? '') ?? [];
      this.#isTorn = bytes !== undefined && sequence === undefined;
      return sequence === undefined
        ? undefined
        : { sequence: Number(sequence), mac: Buffer.from(mac, 'hex'), mark };
    } catch (error) {
      const isThere = orElse(() => statOf(this.#path) !== undefined, false);
      return isThere ? unbelieved(this.#path, asFailure(error)) : undefined;
    }
  }

  #markOf({ sequence, mac }: LogHead): string {
    return macOf(this.#place.logKey, `rapport head ${sequence} `, mac).toString('hex').slice(0, 16);
  }

  #write(head: LogHead): void {
    const place = String(head.sequence).padStart(16, '0');
    const line = `rapport head 1 ${place} ${head.mac.toString('hex')} ${this.#markOf(head)}\n`;
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      (constants.O_NOFOLLOW ?? 0) |
      (constants.O_NONBLOCK ?? 0) |
      (this.#isTorn ? constants.O_TRUNC : 0);
    const open = (): number => openSync(this.#path, flags, 0o600);
    try {
      let descriptor: number;
      try {
        descriptor = open();
      } catch {
        mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
        descriptor = open();
      }
      using _ = closing(descriptor);
      writeSync(descriptor, line, 0, 'latin1');
    } catch {
      // A machine that cannot store it still has its vault.
    }
  }
}
