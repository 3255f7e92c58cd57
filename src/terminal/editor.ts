/**
 * The person's editor on a private file: mode 0600 in a folder of mode 0700 that lives in memory where the system has
 * such a place, removed afterwards, and swept at the next start where a crash left it behind. vim and nvim are told to
 * keep no swap, undo, backup or history file. What an editor keeps elsewhere of its own accord can't be prevented.
 */
import {
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { Failure, usage } from '../errors.ts';
import { type Environment, runChild, splitCommand } from './children.ts';

export interface EditorPlace {
  readonly env: Environment;
  /** The system's folder for temporary files: the last resort. */
  readonly temporary: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly processId: number;
  /** Whether a process with that id runs. */
  readonly isRunning: (processId: number) => boolean;
  readonly random: (bytes: number) => Buffer;
  readonly holdInterrupts: () => () => void;
  /** File descriptors of the terminal to edit on; undefined where there is none. */
  readonly terminal: () => { readonly input: number; readonly output: number } | undefined;
  /** Told once where the file has to lie on a disk. */
  readonly warn: (text: string) => void;
}

const prefix = 'rapport-edit-';
const largest = 4 * 1024 * 1024;
const memory = '/dev/shm';

const isFolder = (path: string | undefined): path is string => {
  try {
    return path?.startsWith('/') === true && statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const inMemory = (env: Environment): readonly string[] => [env['XDG_RUNTIME_DIR'], memory].filter(isFolder);

/** Removes what an earlier run that no longer lives left behind. Never fails. */
export function sweepEditorFolders(
  place: Pick<EditorPlace, 'env' | 'temporary' | 'uid' | 'isRunning'>,
): void {
  for (const parent of new Set([...inMemory(place.env), place.temporary])) {
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

/** What keeps vim from writing anything but the file itself; before and after its own settings are read. */
const quietly = 'set nobackup nowritebackup noswapfile noundofile viminfo=';
const quietlyNeo = 'set nobackup nowritebackup noswapfile noundofile shada=';

function programPath(program: string, env: Environment): string {
  const places = program.includes('/')
    ? [program]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    try {
      return realpathSync(place);
    } catch {
      // Not in this folder.
    }
  }
  return program;
}

/** The command with the words that keep a vi-like editor quiet; `vi` is one where it leads to vim. */
export function quietEditor(command: readonly string[], env: Environment): readonly string[] {
  const [program = '', ...args] = command;
  const name = `${basename(program)} ${basename(programPath(program, env))}`;
  if (/\bnvim\b/.test(name))
    return [program, '-n', '-i', 'NONE', '--cmd', quietlyNeo, '-c', quietlyNeo, ...args];
  if (/\bg?vim(?:x|diff|\.\w+)?\b/.test(name))
    return [program, '-n', '-i', 'NONE', '--cmd', quietly, '-c', quietly, ...args];
  return command;
}

async function readBack(path: string): Promise<string> {
  // An editor may put a new file in its place, but not a link to somewhere else.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) throw new Failure('cancelled', 'the editor left no file, nothing was changed');
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > largest) throw usage('the edited text is too long', 'at most 4 MB');
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (error) {
    throw error instanceof TypeError ? usage('the edited text is not UTF-8') : error;
  } finally {
    await file.close();
  }
}

/** @throws usage (no terminal, no editor), cancelled (the editor ended with an error) */
export async function editText(initial: string, place: EditorPlace): Promise<string> {
  const terminal = place.terminal();
  if (terminal === undefined)
    throw usage('there is no terminal to edit on', 'use --stdin to pipe the text in');
  const chosen = place.env['VISUAL'] ?? place.env['EDITOR'] ?? 'vi';
  const command = quietEditor(splitCommand(chosen), place.env);
  if (command.length === 0) throw usage('no editor is named', 'set EDITOR');
  sweepEditorFolders(place);
  const [parent = place.temporary] = inMemory(place.env);
  if (parent === place.temporary)
    place.warn('no folder in memory here: the text lies on the disk while it is edited');
  const folder = join(parent, `${prefix}${place.processId}-${place.random(8).toString('hex')}`);
  mkdirSync(folder, { mode: 0o700 });
  try {
    const path = join(folder, 'rapport.txt');
    writeFileSync(path, initial, { flag: 'wx', mode: 0o600 });
    const code = await runChild({
      command: [...command, path],
      env: place.env,
      ...terminal,
      holdInterrupts: place.holdInterrupts,
    });
    if (code === undefined) throw usage(`the editor '${chosen}' can't be started`, 'set EDITOR');
    if (code !== 0) throw new Failure('cancelled', `the editor ended with code ${code}, nothing was changed`);
    return await readBack(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
