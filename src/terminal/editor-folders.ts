/**
 * Where a text lies while it is edited: a private folder in memory where the system has such a place, named after the
 * process that made it, so that what a crash left behind can be told from what is in use.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface EditorFolders {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Everybody's folder in memory, which not every system has. */
  readonly memory: string;
  /** The system's folder for temporary files: the last resort. */
  readonly temporary: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly processId: number;
  /** Whether a process with that id runs. */
  readonly isRunning: (processId: number) => boolean;
  readonly random: (bytes: number) => Buffer;
}

const prefix = 'rapport-edit-';

const isFolder = (path: string | undefined): path is string => {
  try {
    return path?.startsWith('/') === true && statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const inMemory = ({ env, memory }: Pick<EditorFolders, 'env' | 'memory'>): readonly string[] =>
  [env['XDG_RUNTIME_DIR'], memory].filter(isFolder);

/** Removes what an earlier run that no longer lives left behind. Never fails. */
export function sweepEditorFolders(
  place: Pick<EditorFolders, 'env' | 'memory' | 'temporary' | 'uid' | 'isRunning'>,
): void {
  const parents = inMemory(place);
  // A folder for temporary files may be large: looked through only where it may have been used.
  for (const parent of parents.length > 0 ? parents : [place.temporary]) {
    try {
      for (const name of readdirSync(parent)) {
        const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
        if (Number.isNaN(owner) || place.isRunning(owner)) continue;
        const found = lstatSync(join(parent, name));
        if (found.isDirectory() && (place.uid === undefined || found.uid === place.uid))
          rmSync(join(parent, name), { recursive: true, force: true });
      }
    } catch {
      // Another user's folder, or gone meanwhile: not ours to mend.
    }
  }
}

/** A new folder of mode 0700, in memory where one of the places there takes it. */
export function makeEditorFolder(place: EditorFolders): {
  readonly path: string;
  readonly isInMemory: boolean;
} {
  const name = `${prefix}${place.processId}-${place.random(8).toString('hex')}`;
  for (const parent of inMemory(place)) {
    try {
      mkdirSync(join(parent, name), { mode: 0o700 });
      return { path: join(parent, name), isInMemory: true };
    } catch {
      // Not ours to write in, or full.
    }
  }
  const path = join(place.temporary, name);
  mkdirSync(path, { mode: 0o700 });
  return { path, isInMemory: false };
}
