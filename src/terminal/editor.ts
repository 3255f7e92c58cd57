/**
 * Runs the person's editor on a private file (mode 0600, folder 0700, in memory where the system has such a place).
 * Trap: only vim and nvim are told to keep no swap, undo, backup or history file.
 */
import { constants, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { draftLinesOf } from '../domain/text.ts';
import { asFailure, cancelled, Failure, usage } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './subprocess.ts';

interface EditorPlace {
  readonly env: Environment;
  readonly holdInterrupts: HoldInterrupts;
  readonly editor?: string | undefined;
  readonly terminal: () => { readonly input: number; readonly output: number } | undefined;
  readonly folder: () => { readonly path: string; readonly isInMemory: boolean };
  readonly remove: (folder: string) => void;
  readonly warn: (text: string) => void;
}

export interface Keeping {
  readonly id: string;
  readonly keep: (text: string, isChanged: boolean) => void;
}

const largest = 4 * 1024 * 1024;

/** Options that keep vim from writing anything but the file; set before and after the person's own settings. */
const quietly = (history: 'shada' | 'viminfo'): string =>
  `set nobackup nowritebackup noswapfile noundofile ${history}=`;

function programPath(program: string, env: Environment): string {
  const places = program.includes('/')
    ? [program]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    try {
      return realpathSync(place);
    } catch {}
  }
  return program;
}

/** Adds quiet options to a vim-like editor; `vi` counts where it links to vim. */
function quietEditor(command: readonly string[], env: Environment): readonly string[] {
  const [program = '', ...args] = command;
  const name = `${basename(program)} ${basename(programPath(program, env))}`;
  const isNeo = /\bnvim\b/.test(name);
  if (!isNeo && !/\bg?vim(?:x|diff|\.\w+)?\b/.test(name)) return command;
  const options = quietly(isNeo ? 'shada' : 'viminfo');
  return [program, '-n', '-i', 'NONE', '--cmd', options, '-c', options, ...args];
}

/** vim skips the person's vimrc where VIMINIT is set, so load it from there. */
const ownSettings =
  "if 1 | for g:rapport_rc in has('nvim') ? [stdpath('config').'/init.lua', stdpath('config').'/init.vim'] :" +
  " [$HOME.'/.vimrc', $HOME.'/.vim/vimrc', $VIMRUNTIME.'/defaults.vim'] | if filereadable(g:rapport_rc) |" +
  " let $MYVIMRC = g:rapport_rc | exe 'source' fnameescape(g:rapport_rc) | break | endif | endfor | endif";

/** For vim started by `env` or a script: set before its own settings, and again on VimEnter. */
const quietEnvironment = (env: Environment): Environment => ({
  ...env,
  VIMINIT: [
    quietly('viminfo'),
    `if 1 | aug rapport | aug END | exe 'au rapport VimEnter * ${quietly('viminfo')}' | endif`,
    env['VIMINIT'] ?? env['EXINIT'] ?? ownSettings,
  ].join(' | '),
});

async function readText(path: string): Promise<string> {
  // O_NOFOLLOW: an editor may replace the file, but not by a link to elsewhere.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) throw cancelled('the editor left no file, nothing was changed');
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

const leaving = (error: unknown, path: string): unknown =>
  error instanceof Failure && existsSync(path)
    ? error.hinting([
        ...error.hints,
        `what you typed is in ${path}`,
        'the next rapport in a terminal takes it into the vault, where it can',
      ])
    : error;

/** @throws usage (no terminal, no editor), cancelled (the editor failed), and whatever `keep` throws */
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
  place.remove(folder);
  if (code === undefined) throw usage(`the editor '${chosen}' can't be started`, 'set EDITOR');
  const outcome = text === initial ? 'nothing was changed' : 'nothing was saved';
  if (code !== 0) throw cancelled(`the editor ended with code ${code}, ${outcome}`);
  return text;
}

/** Takes a text that an ended run left in its editor's folder into its draft. @returns whether the file may go */
export async function rescue(
  draftId: string,
  path: string,
  { drafts, notes, commitments }: Store,
  warn: (text: string) => void,
): Promise<boolean> {
  try {
    const text = await readText(path);
    const draft = drafts.goOn(draftId);
    if (draft === undefined) return false;
    const { task, record } = draft.head;
    const before = record === null ? undefined : (notes.byId(record) ?? commitments.byId(record))?.text;
    const lines = text.trim() === before?.trim() ? [] : draftLinesOf(task, text);
    if (lines.length > 0) {
      draft.replace(lines);
      warn(
        'what was typed in an editor when its rapport was cut off is kept, and not saved yet: rapport due names it',
      );
    } else if (!draft.isKept) draft.discard();
    return true;
  } catch (error) {
    asFailure(error);
    return false;
  }
}
