/**
 * The private folder of a run in which something is typed: in memory where the system has such a place, locked as long
 * as the run lives. In it lies the text that is in an editor, in a folder named after its draft. What a run that ended
 * left there goes into the vault before it goes from here, and stays where nothing can take it.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../errors.ts';
import { type Lock, tryLock } from '../vault/work-folder.ts';
import type { Outside } from './outside.ts';

interface RunFolder {
  readonly path: string;
  readonly isInMemory: boolean;
}

export interface RunFolders {
  /** This run's, made at the first call. @throws failed */
  readonly own: () => RunFolder;
  /** This run's name, for others to ask after; empty where it has no folder. */
  readonly id: () => string;
  /** Whether another run of that name is there. */
  readonly isAnother: (id: string) => boolean;
  sweep(sweeping: Sweeping): Promise<void>;
  /** Removes this run's, but for a text that is still in it. */
  close(): void;
}

export interface Sweeping {
  /** Takes a text into its draft, from a run that ended. @returns whether the file may go. Never throws */
  take(draftId: string, path: string): Promise<boolean>;
  /** Says once where a text lies that nothing takes. */
  tell(path: string): void;
}

const textName = 'rapport.txt';
const prefix = 'rapport-edit-';
/** As version 0.1 made them, for a process id. */
const older = /^rapport-edit-\d+-[0-9a-f]{16}$/;

const isFolder = (path: string | undefined): path is string => {
  try {
    return path?.startsWith('/') === true && statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // Another user's, or gone meanwhile.
    return [];
  }
};

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export function createRunFolders(
  { env, memory, temporary, uid }: Pick<Outside, 'env' | 'memory' | 'temporary' | 'uid'>,
  vaultId: string,
): RunFolders {
  const inMemory = [env['XDG_RUNTIME_DIR'], memory].filter(isFolder);
  const begins = `${prefix}${vaultId}-`;
  /** The folder that is being swept: its lock is this run's for now. */
  let swept: string | undefined;
  let held: Lock | undefined;

  const make = (): RunFolder & { readonly id: string } => {
    for (const parent of [...inMemory, temporary]) {
      try {
        const path = mkdtempSync(join(parent, begins));
        held = tryLock(join(path, 'lock'));
        // Without its lock it was swept at this very moment, or no lock can be held there.
        if (held !== undefined && existsSync(join(path, 'lock')))
          return { path, isInMemory: parent !== temporary, id: path.slice(join(parent, begins).length) };
        held?.release();
        remove(path);
      } catch {
        // Not ours to write in, or full.
      }
    }
    throw new Failure('failed', `no private folder can be made in ${temporary}`, ['set XDG_RUNTIME_DIR']);
  };
  let made: ReturnType<typeof make> | undefined;
  const own = () => {
    made ??= make();
    return made;
  };

  /** Ours, and not a link to somewhere else. */
  const isOwned = (path: string): boolean => {
    try {
      const found = lstatSync(path);
      return found.isDirectory() && (uid === undefined || found.uid === uid);
    } catch {
      return false;
    }
  };
  const tellOnce = (path: string, { tell }: Sweeping): void => {
    const mark = join(path, 'told');
    if (!existsSync(join(path, textName)) || existsSync(mark)) return;
    tell(join(path, textName));
    writeFileSync(mark, '', { mode: 0o600 });
  };
  const sweepOne = async (path: string, sweeping: Sweeping): Promise<void> => {
    const lock = tryLock(join(path, 'lock'));
    if (lock === undefined) return;
    swept = path;
    try {
      const drafts = namesIn(path).filter((name) => isOwned(join(path, name)));
      let left = 0;
      for (const draft of drafts) {
        const text = join(path, draft, textName);
        if (!existsSync(text) || (await sweeping.take(draft, text))) continue;
        left += 1;
        tellOnce(join(path, draft), sweeping);
      }
      if (left === 0) remove(path);
    } finally {
      swept = undefined;
      lock.release();
    }
  };

  return {
    own,
    id: () => {
      try {
        return own().id;
      } catch {
        // What is typed is kept all the same; nobody can tell then that it is being typed.
        return '';
      }
    },
    isAnother: (id) => {
      if (!/^\w{6}$/.test(id) || made?.id === id) return false;
      return [...inMemory, temporary].some((parent) => {
        const path = join(parent, `${begins}${id}`);
        const lock = join(path, 'lock');
        if (path === swept || !existsSync(lock)) return false;
        const taken = tryLock(lock);
        taken?.release();
        return taken === undefined;
      });
    },
    async sweep(sweeping) {
      // A folder for temporary files may be large: looked through only where it may have been used.
      for (const parent of inMemory.length > 0 ? inMemory : [temporary]) {
        for (const name of namesIn(parent)) {
          const path = join(parent, name);
          try {
            if (older.test(name) && isOwned(path)) tellOnce(path, sweeping);
            else if (name.startsWith(begins) && isOwned(path)) await sweepOne(path, sweeping);
          } catch {
            // Gone meanwhile, or not ours to mend: no command fails for it.
          }
        }
      }
    },
    close() {
      if (made === undefined) return;
      const { path } = made;
      const isLeft = namesIn(path).some((name) => existsSync(join(path, name, textName)));
      if (!isLeft) remove(path);
      held?.release();
    },
  };
}
