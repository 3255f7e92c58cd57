/**
 * Text on the alternate screen, which leaves nothing in the scrollback: a timed glance, or a pager. Trap: only less is
 * told to keep no history; another pager does as it does.
 */

import { basename } from 'node:path';
import { widthOf } from '../domain/text.ts';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './subprocess.ts';
import type { KeySource } from './typed-input.ts';

export interface GlancePlace {
  readonly write: (text: string) => void;
  /** Lines of the terminal; undefined where it doesn't say. */
  readonly rows: number | undefined;
  readonly columns: number;
  /** Undefined where no key can be read: then time alone ends it. */
  readonly keys: KeySource | undefined;
  /** Calls back at a polite kill or a closed terminal; returns what ends that. */
  readonly onInterrupt: (action: () => void) => () => void;
  readonly quiet: (text: string) => string;
}

// Another screen, cleared, without a cursor; and back, with nothing left on it.
const enter = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l';
const leave = '\u001b[2J\u001b[?25h\u001b[?1049l';

/** How many lines of the terminal a line takes; the colours that it may hold take no room. */
const height = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(widthOf(line.replace(/\u001b\[\d+m/g, '')) / columns));

/** As many of the lines as fit; what does not is said, never scrolled away. */
export function fitToScreen(text: string, rows: number, columns: number): readonly string[] {
  const lines = text.split('\n');
  const ends: number[] = [];
  for (const line of lines) ends.push((ends.at(-1) ?? 0) + height(line, columns));
  if ((ends.at(-1) ?? 0) <= rows) return lines;
  const kept = ends.filter((end) => end < rows).length;
  return [...lines.slice(0, kept), `+ ${lines.length - kept} lines more than fit here: --glance 0`];
}

/** Shows text that is already safe for the terminal. It stands there before this returns; the promise is its end. */
export function showGlance(text: string, seconds: number, place: GlancePlace): Promise<void> {
  const { rows, columns, keys } = place;
  const lines = rows === undefined ? text.split('\n') : fitToScreen(text, rows, columns);
  const how = keys === undefined ? `for ${seconds} seconds` : `any key ends this, or ${seconds} seconds`;
  const hasRoom = rows === undefined || lines.length + 2 <= rows;
  const shown = `${enter}${[...lines, ...(hasRoom ? ['', place.quiet(how)] : [])].join('\n')}`;
  return new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      release();
      keys?.off('data', finish).off('end', finish).off('close', finish).off('error', finish);
      keys?.setRawMode?.(false);
      keys?.pause();
      place.write(leave);
      resolve();
    };
    const timer = setTimeout(finish, seconds * 1000);
    // Before the first byte of it: whatever ends this run takes the text away.
    const release = place.onInterrupt(finish);
    keys?.setRawMode?.(true);
    keys?.on('data', finish).on('end', finish).on('close', finish).on('error', finish);
    keys?.resume();
    place.write(shown);
  });
}

export interface PagerPlace {
  readonly env: Environment;
  /** The setting; undefined leaves it to the environment. */
  readonly pager?: string | undefined;
  /** Standard output is a terminal, and there may be a person to page. */
  readonly isTerminal: boolean;
  /** Lines of the terminal; undefined where it doesn't say. */
  readonly rows: number | undefined;
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly holdInterrupts: HoldInterrupts;
}

/** less as it keeps quiet: colours pass, the screen is given back, nothing is logged, saved or run. It passes over Ctrl-Z then. */
const forLess = {
  LESS: '-R',
  LESSHISTFILE: '-',
  LESSSECURE: '1',
  LESSOPEN: undefined,
  LESSCLOSE: undefined,
  LESSKEYIN: undefined,
};

/** Options of less that would leave the text in the scrollback (X), also by not paging at all (F, E). */
const untidy = /^-[A-Za-z]*[XFE]|^--(?:no-init|quit-if-one-screen|QUIT-AT-EOF)/;

const isLess = ([program = '']: readonly string[]): boolean => basename(program) === 'less';

/** The pager's command; what the person told less to do with the screen is taken back. */
export function quietPager(command: readonly string[]): readonly string[] {
  const isUntidyLess = isLess(command) && command.some((word) => untidy.test(word));
  return isUntidyLess ? [...command, '-+X', '-+F', '-+E'] : command;
}

/** A shell's own codes for a command that is not there or not to be run. */
const notStarted: readonly (number | undefined)[] = [undefined, 126, 127];

/** Shows text that is already safe for the terminal. */
export async function page(text: string, place: PagerPlace): Promise<void> {
  const { env, isTerminal, rows, print } = place;
  const lines = text.split('\n').length;
  const chosen = place.pager ?? env['RAPPORT_PAGER'] ?? env['PAGER'] ?? 'less';
  // `cat` is how people say that they want none.
  const isNone = /^\s*(?:cat\s*)?$/.test(chosen);
  if (!isTerminal || rows === undefined || lines < rows || isNone) return print(text);
  const command = splitCommand(chosen);
  const code = await runChild({
    command: quietPager(command),
    isUnstoppable: isLess(command),
    env: { ...env, ...forLess },
    input: `${text}\n`,
    holdInterrupts: place.holdInterrupts,
  });
  if (!notStarted.includes(code)) return;
  place.warn(`rapport: the pager '${chosen}' can't be started; set PAGER, or PAGER=cat for none`);
  print(text);
}
