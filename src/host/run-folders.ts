/** A run's private folder for text in an editor: in memory where possible, locked while the run lives. */
// What an ended run left goes into the vault before it is removed, and stays where that fails.
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draftLinesOf } from '../domain/text.ts';
import { Failure, systemReason } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Questions } from '../terminal/questions.ts';
import { type Lock, tryLock } from '../vault/work-folder.ts';
import type { Outside } from './outside.ts';
import type { Notices } from './text-streams.ts';

export type RunFolders = ReturnType<typeof createRunFolders>;

interface Sweeping {
  /** Takes an ended run's text into its draft. @returns whether the file may go. Never throws */
  take(draftId: string, path: string): Promise<boolean>;
  tell(path: string): void;
}

const textName = 'rapport.txt';
const prefix = 'rapport-edit-';
/** Version 0.1, with a process id. */
const older = /^rapport-edit-\d+-[0-9a-f]{16}$/;

function orElse<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const isFolder = (path: string | undefined): path is string =>
  path?.startsWith('/') === true && orElse(() => statSync(path).isDirectory(), false);

const namesIn = (folder: string): readonly string[] => orElse(() => readdirSync(folder), []);

export function createRunFolders(
  { env, memory, temporary, uid }: Pick<Outside, 'env' | 'memory' | 'temporary' | 'uid'>,
  vaultId: string,
  warn: (text: string) => void,
) {
  /** A folder that stays is no reason to fail: the text that it held is in the vault. */
  const remove = (folder: string): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      warn(`rapport: ${folder} can't be removed: ${systemReason(error)}`);
      warn('hint: remove it yourself: it may hold a copy of what you typed');
    }
  };
  const inMemory = [env['XDG_RUNTIME_DIR'], memory].filter(isFolder);
  const begins = `${prefix}${vaultId}-`;
  /** Its lock is this run's for now. */
  let swept: string | undefined;
  let held: Lock | undefined;

  const make = (): { readonly path: string; readonly isInMemory: boolean; readonly id: string } => {
    for (const parent of [...inMemory, temporary]) {
      try {
        const path = mkdtempSync(join(parent, begins));
        held = tryLock(join(path, 'lock'));
        // It was swept just now, or nothing can be locked there.
        if (held !== undefined && existsSync(join(path, 'lock')))
          return { path, isInMemory: parent !== temporary, id: path.slice(join(parent, begins).length) };
        held?.release();
        remove(path);
      } catch {
        // Not writable, or full.
      }
    }
    throw new Failure('failed', `no private folder can be made in ${temporary}`, ['set XDG_RUNTIME_DIR']);
  };
  let made: ReturnType<typeof make> | undefined;
  const own = () => {
    made ??= make();
    return made;
  };

  /** Not a link. */
  const isOwned = (path: string): boolean => {
    const found = orElse(() => lstatSync(path), undefined);
    return found?.isDirectory() === true && (uid === undefined || found.uid === uid);
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
    /** Created at the first call. @throws failed */
    own,
    remove,
    /** Empty where no folder can be made: drafts are kept, but no other run can tell that they are being typed. */
    id: (): string => orElse(() => own().id, ''),
    isAnother: (id: string): boolean => {
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
    async sweep(sweeping: Sweeping): Promise<void> {
      // The temporary folder may be large: only where it may have been used.
      for (const parent of inMemory.length > 0 ? inMemory : [temporary]) {
        for (const name of namesIn(parent)) {
          const path = join(parent, name);
          try {
            if (older.test(name) && isOwned(path)) tellOnce(path, sweeping);
            else if (name.startsWith(begins) && isOwned(path)) await sweepOne(path, sweeping);
          } catch {
            // Gone, or not ours: no command fails for it.
          }
        }
      }
    },
    close(): void {
      if (made === undefined) return;
      const { path } = made;
      const isLeft = namesIn(path).some((name) => existsSync(join(path, name, textName)));
      if (!isLeft) remove(path);
      held?.release();
    },
  };
}

/** Takes a text that an ended run left in its editor's folder into its draft, where a person can be told. */
export function rescuing(
  store: Store,
  questions: Pick<Questions, 'possible'>,
  notices: Pick<Notices, 'warn'>,
): Sweeping {
  return {
    async take(draftId, path) {
      // A script's output may have no reader.
      if (!questions.possible) return false;
      try {
        const { readText } = await import('../terminal/editor.ts');
        const text = await readText(path);
        const draft = store.drafts.goOn(draftId);
        if (draft === undefined) return false;
        const { task, record } = draft.head;
        const before =
          record === null ? undefined : (store.notes.byId(record) ?? store.commitments.byId(record))?.text;
        const lines = text.trim() === before?.trim() ? [] : draftLinesOf(task, text);
        if (lines.length > 0) draft.replace(lines);
        else if (!draft.isKept) draft.discard();
        if (lines.length > 0)
          notices.warn(
            'what was typed in an editor when its rapport was cut off is kept, and not saved yet: rapport due names it',
          );
        return true;
      } catch (failure) {
        if (failure instanceof Failure) return false;
        throw failure;
      }
    },
    tell: (path) => notices.warn(`a text that was typed and never saved lies in ${path}`),
  };
}
