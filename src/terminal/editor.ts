/**
 * The person's editor on a private file: mode 0600 in a folder of mode 0700 that lives in memory where the system has
 * such a place, removed afterwards, and swept at the next start where a crash left it behind. vim and nvim are told to
 * keep no swap, undo, backup or history file. What an editor keeps elsewhere of its own accord can't be prevented.
 */
import { constants, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { Failure, usage } from '../errors.ts';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './children.ts';
import { type EditorFolders, makeEditorFolder, sweepEditorFolders } from './editor-folders.ts';

export interface EditorPlace extends EditorFolders {
  readonly holdInterrupts: HoldInterrupts;
  /** The setting; undefined leaves it to the environment. */
  readonly editor?: string | undefined;
  /** File descriptors of the terminal to edit on; undefined where there is none. */
  readonly terminal: () => { readonly input: number; readonly output: number } | undefined;
  /** Told once where the file has to lie on a disk. */
  readonly warn: (text: string) => void;
}

const largest = 4 * 1024 * 1024;

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
  const chosen = place.editor ?? place.env['VISUAL'] ?? place.env['EDITOR'] ?? 'vi';
  const command = quietEditor(splitCommand(chosen), place.env);
  if (command.length === 0) throw usage('no editor is named', 'set EDITOR');
  sweepEditorFolders(place);
  const { path: folder, isInMemory } = makeEditorFolder(place);
  if (!isInMemory) place.warn('no folder in memory here: the text lies on the disk while it is edited');
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
