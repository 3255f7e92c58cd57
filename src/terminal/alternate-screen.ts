/**
 * Text on the alternate screen, which leaves nothing in the scrollback: a timed glance, or a pager. Trap: only less
 * is told to keep no history; another pager does as it does.
 */
import { basename } from 'node:path';
import { widthOf } from '../domain/text.ts';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './subprocess.ts';
import type { KeySource } from './typed-input.ts';

interface GlancePlace {
  readonly write: (text: string) => void;
  readonly rows: number | undefined;
  readonly columns: number;
  readonly keys: KeySource | undefined;
  readonly onInterrupt: (action: () => void) => () => void;
  readonly quiet: (text: string) => string;
}

// Enter the alternate screen, clear it and hide the cursor; and the reverse, cleared again.
const enter = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l';
const leave = '\u001b[2J\u001b[?25h\u001b[?1049l';

const height = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(widthOf(line.replace(/\u001b\[\d+m/g, '')) / columns));

/** Never scrolls: lines that do not fit are counted in the last one. */
function withinRows(text: string, rows: number, columns: number): readonly string[] {
  const lines = text.split('\n');
  const ends: number[] = [];
  for (const line of lines) ends.push((ends.at(-1) ?? 0) + height(line, columns));
  if ((ends.at(-1) ?? 0) <= rows) return lines;
  const kept = ends.filter((end) => end < rows).length;
  return [...lines.slice(0, kept), `+ ${lines.length - kept} lines more than fit here: --glance 0`];
}

/** Writes `text`, which must be safe, before it returns; resolves when the glance ends, at a key or after `seconds`. */
export function showGlance(text: string, seconds: number, place: GlancePlace): Promise<void> {
  const { rows, columns, keys } = place;
  const lines = rows === undefined ? text.split('\n') : withinRows(text, rows, columns);
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
    // Before the first byte is written, so that a signal always clears the screen.
    const release = place.onInterrupt(finish);
    keys?.setRawMode?.(true);
    keys?.on('data', finish).on('end', finish).on('close', finish).on('error', finish);
    keys?.resume();
    place.write(shown);
  });
}

interface PagerPlace {
  readonly env: Environment;
  readonly pager?: string | undefined;
  /** Undefined where it is no terminal. */
  readonly rows: number | undefined;
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly holdInterrupts: HoldInterrupts;
}

/** less writes no history file and runs nothing (LESSSECURE). Secure mode also ignores Ctrl-Z. */
const forLess = {
  LESS: '-R',
  LESSHISTFILE: '-',
  LESSSECURE: '1',
  LESSOPEN: undefined,
  LESSCLOSE: undefined,
  LESSKEYIN: undefined,
};

/** Options of less that leave the text in the scrollback: -X, and -F and -E, which do not page at all. */
const untidy = /^-[A-Za-z]*[XFE]|^--(?:no-init|quit-if-one-screen|QUIT-AT-EOF)/;

const isLess = ([program = '']: readonly string[]): boolean => basename(program) === 'less';

function quietPager(command: readonly string[]): readonly string[] {
  const isUntidyLess = isLess(command) && command.some((word) => untidy.test(word));
  return isUntidyLess ? [...command, '-+X', '-+F', '-+E'] : command;
}

/** A shell's exit codes: 126 not executable, 127 not found. */
const notStarted: readonly (number | undefined)[] = [undefined, 126, 127];

export async function page(text: string, place: PagerPlace): Promise<void> {
  const { env, rows, print } = place;
  const lines = text.split('\n').length;
  const chosen = place.pager ?? env['RAPPORT_PAGER'] ?? env['PAGER'] ?? 'less';
  const isNone = /^\s*(?:cat\s*)?$/.test(chosen);
  if (rows === undefined || lines < rows || isNone) return print(text);
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
