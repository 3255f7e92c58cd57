/**
 * The person's editor on a private file: mode 0600 in a folder of mode 0700 that lives in memory where the system has
 * such a place. The file goes once its text is kept, and stays where that fails. vim and nvim are told to keep no swap,
 * undo, backup or history file. What an editor keeps elsewhere of its own accord can't be prevented.
 */
import { constants, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { Failure, usage } from '../errors.ts';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './subprocess.ts';

export interface EditorPlace {
  readonly env: Environment;
  readonly holdInterrupts: HoldInterrupts;
  /** The setting; undefined leaves it to the environment. */
  readonly editor?: string | undefined;
  /** File descriptors of the terminal to edit on; undefined where there is none. */
  readonly terminal: () => { readonly input: number; readonly output: number } | undefined;
  /** A folder of this run's own. */
  readonly folder: () => { readonly path: string; readonly isInMemory: boolean };
  /** Told once where the file has to lie on a disk. */
  readonly warn: (text: string) => void;
}

/** What becomes of the text, before anything is made of it. */
export interface Keeping {
  /** Names the text's own folder. */
  readonly id: string;
  /** What it throws leaves the file where it is. */
  readonly keep: (text: string, isChanged: boolean) => void;
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

/** The person's own settings for vim, which it does not read by itself where it is given VIMINIT. */
const ownSettings =
  "if 1 | for g:rapport_rc in has('nvim') ? [stdpath('config').'/init.lua', stdpath('config').'/init.vim'] :" +
  " [$HOME.'/.vimrc', $HOME.'/.vim/vimrc', $VIMRUNTIME.'/defaults.vim'] | if filereadable(g:rapport_rc) |" +
  " let $MYVIMRC = g:rapport_rc | exe 'source' fnameescape(g:rapport_rc) | break | endif | endfor | endif";

/** The same for vim behind `env` or a script: said before its own settings are read, and again when it has started. */
const quietEnvironment = (env: Environment): Environment => ({
  ...env,
  VIMINIT: [
    quietly,
    `if 1 | aug rapport | aug END | exe 'au rapport VimEnter * ${quietly}' | endif`,
    env['VIMINIT'] ?? env['EXINIT'] ?? ownSettings,
  ].join(' | '),
});

/** The text of such a file. @throws cancelled (it is not there), usage (it is no text of a usual length) */
export async function readText(path: string): Promise<string> {
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

/** The failure with the place of the text that could not be kept. */
const leaving = (error: unknown, path: string): unknown =>
  error instanceof Failure && existsSync(path)
    ? new Failure(
        error.exit,
        error.message,
        [
          ...error.hints,
          `what you typed is in ${path}`,
          'the next rapport in a terminal takes it into the vault, where it can',
        ],
        error.details,
      )
    : error;

/** @throws usage (no terminal, no editor), cancelled (the editor ended with an error), and what keeping the text throws */
export async function editText(initial: string, { id, keep }: Keeping, place: EditorPlace): Promise<string> {
  const terminal = place.terminal();
  if (terminal === undefined)
    throw usage('there is no terminal to edit on', 'use --stdin to pipe the text in');
  const chosen = place.editor ?? place.env['VISUAL'] ?? place.env['EDITOR'] ?? 'vi';
  const named = splitCommand(chosen);
  const command = quietEditor(named, place.env);
  if (command.length === 0) throw usage('no editor is named', 'set EDITOR');
  const { path: parent, isInMemory } = place.folder();
  if (!isInMemory) place.warn('no folder in memory here: the text lies on the disk while it is edited');
  const folder = join(parent, id);
  const path = join(folder, 'rapport.txt');
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path, initial, { flag: 'wx', mode: 0o600 });
  const code = await runChild({
    command: [...command, path],
    env: command === named ? quietEnvironment(place.env) : place.env,
    ...terminal,
    holdInterrupts: place.holdInterrupts,
  });
  let text: string;
  try {
    text = await readText(path);
    keep(text, text !== initial);
  } catch (error) {
    throw leaving(error, path);
  }
  rmSync(folder, { recursive: true, force: true });
  if (code === undefined) throw usage(`the editor '${chosen}' can't be started`, 'set EDITOR');
  if (code !== 0) {
    const outcome = text === initial ? 'nothing was changed' : 'nothing was saved';
    throw new Failure('cancelled', `the editor ended with code ${code}, ${outcome}`);
  }
  return text;
}
