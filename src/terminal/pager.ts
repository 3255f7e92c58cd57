/**
 * Long output on a terminal goes through a pager on the alternate screen, so that it leaves neither the scrollback nor
 * a history file behind. Where it fits, and where there is no pager, it is printed. Only less is known well enough to
 * be told to keep quiet; another program that the person named does as it does.
 */
import { basename } from 'node:path';
import { type Environment, type HoldInterrupts, runChild, splitCommand } from './children.ts';

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
