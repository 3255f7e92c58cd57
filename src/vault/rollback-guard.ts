/** The newest log head seen of a vault, in the state folder: an older or forked copy is not written until accepted. */
import { constants, mkdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { asFailure, conflict, Failure } from '../errors.ts';
import { digestOf, macOf, sameBytes } from '../keys.ts';
import type { LogHead, LogView } from '../store/sql.ts';
import {
  isFolder,
  type OwnerId,
  openFile,
  orElse,
  readPrivateFile,
  removeFile,
  statOf,
  tryTo,
} from './vault-folder.ts';

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

export type RollbackGuard = ReturnType<typeof rollbackGuard>;

export function rollbackGuard({ folder, uid, vaultId, vaultFolder, logKey }: MemoryPlace) {
  const path = join(folder, `${vaultId}.${digestOf(vaultFolder).slice(0, 16)}.head`);
  let isTorn = false;

  const markOf = ({ sequence, mac }: LogHead): string =>
    macOf(logKey, `rapport head ${sequence} `, mac).toString('hex').slice(0, 16);

  function read(): Remembered | Failure | undefined {
    try {
      const bytes = readPrivateFile(path, uid, longest);
      const [, sequence, mac = '', mark = ''] = form.exec(bytes?.toString('latin1') ?? '') ?? [];
      isTorn = bytes !== undefined && sequence === undefined;
      return sequence === undefined
        ? undefined
        : { sequence: Number(sequence), mac: Buffer.from(mac, 'hex'), mark };
    } catch (error) {
      const isThere = orElse(() => statOf(path) !== undefined, false);
      return isThere ? unbelieved(path, asFailure(error)) : undefined;
    }
  }

  function write(head: LogHead): void {
    const place = String(head.sequence).padStart(16, '0');
    const line = `rapport head 1 ${place} ${head.mac.toString('hex')} ${markOf(head)}\n`;
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      (constants.O_NOFOLLOW ?? 0) |
      (constants.O_NONBLOCK ?? 0) |
      (isTorn ? constants.O_TRUNC : 0);
    // A machine that cannot store it still has its vault.
    tryTo(() => {
      if (!isFolder(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      using file = openFile(path, flags);
      writeSync(file.descriptor, line, 0, 'latin1');
    });
  }

  /** The next opening accepts the vault as it is. */
  const forget = (): void => tryTo(() => rmSync(path, { force: true }));

  return {
    /** Stores the head of a vault never seen here. @returns why it may not be written */
    refusal(log: LogView): Failure | undefined {
      const seen = read();
      if (seen instanceof Failure) return seen;
      const head = log.head();
      if (seen === undefined) {
        if (head !== undefined) write(head);
        return undefined;
      }
      const missing = seen.sequence - (head?.sequence ?? 0);
      if (missing > 0) return older(missing);
      // A rotation changes every MAC of the log.
      if (seen.mark !== markOf(seen)) return undefined;
      const mac = seen.sequence === head?.sequence ? head.mac : log.macAt(seen.sequence);
      if (mac !== undefined && sameBytes(mac, seen.mac)) return undefined;
      return conflict('another copy of the vault was put in the place of this one', ...wayOut);
    },
    /** After a commit, without fsync: a stale file only notices less. Trap: upward only, as two processes may write. */
    moved(head: LogHead): void {
      const seen = read();
      // The next opening reports what is not believed.
      if (!(seen instanceof Failure) && (seen?.sequence ?? 0) < head.sequence) write(head);
    },
    /** @throws conflict, failed where the old file stays */
    accept(head: LogHead | undefined): void {
      if (read() instanceof Failure) removeFile(path);
      if (head === undefined) forget();
      else write(head);
    },
    forget,
  };
}
