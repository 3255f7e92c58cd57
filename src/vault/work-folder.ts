/**
 * Locks, and private folders that hold one: for a file in the making, and for a run's text in an editor. The next run
 * sweeps what a killed one left, by its mark and lock, never by its name.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { busy, errorCode, failed, refusalOf, systemReason } from '../errors.ts';
import { openUnkeyed, orClosed, usualPatience } from './open.ts';
import {
  configName,
  databaseName,
  isFolder,
  keyFileNames,
  type OwnerId,
  orElse,
  readPrivateFile,
  statOf,
  tryTo,
} from './vault-folder.ts';

/**
 * Node has no flock: BEGIN EXCLUSIVE on an empty SQLite file, without a journal. Trap: closing any other descriptor
 * drops the lock.
 */
const lock = (path: string): Disposable =>
  orClosed(openUnkeyed(path), (file) => file.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE'));

const tryLock = (path: string): Disposable | undefined => orElse(() => lock(path), undefined);
const namesIn = (folder: string): readonly string[] => orElse(() => readdirSync(folder), []);
const isFolderItself = (path: string): boolean => orElse(() => statOf(path)?.isDirectory() === true, false);

/** Milliseconds. */
const lockStep = 25;

/** One at a time over restore, key rotate and backup of a vault. @throws busy */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  let held: Disposable | undefined;
  for (let waited = 0; held === undefined; waited += lockStep) {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      held = lock(path);
    } catch (error) {
      // Where the state folder cannot be written, the vault's own lock has to do.
      if (refusalOf(errorCode(error))?.exit !== 'busy') break;
      if (waited >= usualPatience)
        throw busy(
          'another rapport backs the vault up, restores it or changes its key',
          'try again in a moment',
        );
      await new Promise((resolve) => setTimeout(resolve, lockStep));
    }
  }
  using _ = held;
  return await work();
}

const markName = 'mark';
const lockName = 'lock';
const mark = 'rapport is making a file here: it sweeps this folder once nobody holds its lock\n';
const madeName = 'file';
/** Renamed once it is whole. */
export const madePath = (folder: string): string => join(folder, madeName);
const parts: readonly string[] = [
  madeName,
  configName,
  ...[databaseName, ...keyFileNames].flatMap((name) => [name, `${name}-journal`]),
];
const form = /^rapport-[0-9a-f]{12}\.making$/;

interface WorkFolder extends Disposable {
  readonly folder: string;
}

function clear(folder: string): void {
  for (const name of [...parts, markName, lockName]) rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

/** @throws the system's error */
export function beginWork(beside: string): WorkFolder {
  const folder = join(beside, `rapport-${randomBytes(6).toString('hex')}.making`);
  mkdirSync(folder, { mode: 0o700 });
  const held = tryLock(join(folder, lockName));
  const end = (): void => {
    using _ = held;
    // What stays, the next one sweeps.
    tryTo(() => clear(folder));
  };
  try {
    // Without locks nobody could tell that it is at work: no mark, no sweeping.
    if (held !== undefined) writeFileSync(join(folder, markName), mark, { mode: 0o600 });
    return { folder, [Symbol.dispose]: end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Leaves what it cannot check or remove. */
export function sweepWork(beside: string, uid: OwnerId): void {
  for (const name of namesIn(beside).filter((one) => form.test(one))) {
    const folder = join(beside, name);
    tryTo(() => {
      if (!isFolderItself(folder)) return;
      if (readPrivateFile(join(folder, markName), uid, mark.length)?.toString() !== mark) return;
      if (!statOf(join(folder, lockName))?.isFile()) return;
      using held = tryLock(join(folder, lockName));
      if (held !== undefined) clear(folder);
    });
  }
}

export type RunFolders = ReturnType<typeof createRunFolders>;

interface RunFoldersPlace {
  /** Folders in memory, the best first. */
  readonly memories: readonly (string | undefined)[];
  readonly temporary: string;
  readonly uid: OwnerId;
}

/** What an ended run left goes into the vault before it is removed, and stays where that fails. */
interface Sweeping {
  /** Takes an ended run's text into its draft. @returns whether the file may go. Never throws */
  take(draftId: string, path: string): Promise<boolean>;
  tell(path: string): void;
}

const textName = 'rapport.txt';
/** Version 0.1, with a process id. */
const older = /^rapport-edit-\d+-[0-9a-f]{16}$/;

/** A run's own folder for text in an editor: in memory where possible, locked while the run lives. */
export function createRunFolders(
  { memories, temporary, uid }: RunFoldersPlace,
  vaultId: string,
  warn: (text: string) => void,
) {
  const begins = `rapport-edit-${vaultId}-`;
  // The system may link them elsewhere.
  const inMemory = memories
    .filter((path) => path !== undefined)
    .filter((path) => path.startsWith('/') && isFolder(path));
  const places = [...inMemory, temporary];
  /** Its lock is this run's for now. */
  let swept: string | undefined;
  let held: Disposable | undefined;

  /** A folder that stays is no reason to fail: the text that it held is in the vault. */
  const remove = (folder: string): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      warn(`rapport: ${folder} can't be removed: ${systemReason(error)}`);
      warn('hint: remove it yourself: it may hold a copy of what you typed');
    }
  };

  const make = (): { readonly path: string; readonly isInMemory: boolean; readonly id: string } => {
    for (const parent of places) {
      try {
        const path = mkdtempSync(join(parent, begins));
        held = tryLock(join(path, lockName));
        // It was swept just now, or nothing can be locked there.
        if (held !== undefined && existsSync(join(path, lockName)))
          return { path, isInMemory: parent !== temporary, id: path.slice(join(parent, begins).length) };
        held?.[Symbol.dispose]();
        remove(path);
      } catch {
        // Not writable, or full.
      }
    }
    throw failed(`no private folder can be made in ${temporary}`, 'set XDG_RUNTIME_DIR');
  };
  let made: ReturnType<typeof make> | undefined;
  const own = () => {
    made ??= make();
    return made;
  };

  const isOwned = (path: string): boolean =>
    isFolderItself(path) && (uid === undefined || statOf(path)?.uid === uid);
  const tellOnce = (path: string, { tell }: Sweeping): void => {
    const told = join(path, 'told');
    if (!existsSync(join(path, textName)) || existsSync(told)) return;
    tell(join(path, textName));
    writeFileSync(told, '', { mode: 0o600 });
  };
  const sweepOne = async (path: string, sweeping: Sweeping): Promise<void> => {
    using taken = tryLock(join(path, lockName));
    if (taken === undefined) return;
    swept = path;
    try {
      let left = 0;
      for (const draft of namesIn(path).filter((name) => isOwned(join(path, name)))) {
        const text = join(path, draft, textName);
        if (!existsSync(text) || (await sweeping.take(draft, text))) continue;
        left += 1;
        tellOnce(join(path, draft), sweeping);
      }
      if (left === 0) remove(path);
    } finally {
      swept = undefined;
    }
  };

  return {
    /** Created at the first call. @throws failed */
    own,
    remove,
    /** Empty where no folder can be made: drafts are kept, but no other run can tell that they are being typed. */
    id: (): string => orElse(() => own().id, ''),
    isAnother: (id: string): boolean =>
      /^\w{6}$/.test(id) &&
      made?.id !== id &&
      places.some((parent) => {
        const path = join(parent, `${begins}${id}`);
        if (path === swept || !existsSync(join(path, lockName))) return false;
        using taken = tryLock(join(path, lockName));
        return taken === undefined;
      }),
    async sweep(sweeping: Sweeping): Promise<void> {
      // The temporary folder may be large: only where it may have been used.
      for (const parent of inMemory.length > 0 ? inMemory : [temporary])
        for (const name of namesIn(parent)) {
          const path = join(parent, name);
          try {
            if (older.test(name) && isOwned(path)) tellOnce(path, sweeping);
            else if (name.startsWith(begins) && isOwned(path)) await sweepOne(path, sweeping);
          } catch {
            // Gone, or not ours: no command fails for it.
          }
        }
    },
    close(): void {
      if (made === undefined) return;
      const { path } = made;
      if (!namesIn(path).some((name) => existsSync(join(path, name, textName)))) remove(path);
      held?.[Symbol.dispose]();
    },
  };
}
