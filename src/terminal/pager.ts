/**
 * Long output on a terminal goes through a pager on the alternate screen, so that it leaves neither the scrollback nor
 * a history file behind. Without a terminal, without a pager, or where it fits, it is printed.
 */
import { type Environment, runChild, splitCommand } from './children.ts';

export interface PagerPlace {
  readonly env: Environment;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Lines of the terminal; undefined where it doesn't say. */
  readonly rows: number | undefined;
  readonly print: (text: string) => void;
  readonly holdInterrupts: () => () => void;
}

/** less as it keeps quiet: colours pass, the screen is given back, nothing is logged, saved or run. */
const forLess = { LESS: '-R', LESSHISTFILE: '-', LESSSECURE: '1', LESSOPEN: undefined, LESSCLOSE: undefined };

/** Shows text that is already safe for the terminal. */
export async function page(text: string, place: PagerPlace): Promise<void> {
  const { env, isTerminal, rows, print } = place;
  const lines = text.split('\n').length;
  const chosen = env['RAPPORT_PAGER'] ?? env['PAGER'] ?? 'less';
  if (!isTerminal || rows === undefined || lines < rows || chosen.trim() === '') return print(text);
  const code = await runChild({
    command: splitCommand(chosen),
    env: { ...env, ...forLess },
    input: `${text}\n`,
    holdInterrupts: place.holdInterrupts,
  });
  if (code === undefined) print(text);
}
