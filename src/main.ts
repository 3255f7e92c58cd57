/**
 * `main(argv, outside) → exit code`: splits the words, composes the world, runs one command. The one top-level catch:
 * a Failure is told in its own words, anything else is a defect whose text stays out of the terminal (it might be a patient's).
 */
import { CommanderError } from 'commander';
import { version } from '../package.json';
import { RawInput, type Reading } from './commands/command.ts';
import { cellAt, declarations, rootPath } from './commands/index.ts';
import { type ExitName, exitCodes, Failure } from './errors.ts';
import { buildProgram, declarationsFor, failureOf, readGlobals, refuseBroken } from './program.ts';
import { failureLines } from './terminal/failure-lines.ts';
import { fitToScreen } from './terminal/safe-output.ts';
import { composeWorld } from './world/compose.ts';
import { type Outside, realOutside } from './world/outside.ts';
import { versionText } from './world/versions.ts';
import type { Globals } from './world.ts';

export { endWhenDone } from './world/outside.ts';

const closedPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE';

/** `rapport help brief` is `rapport brief --help`. */
const asked = ([first, ...rest]: readonly string[]): string[] => {
  const names = rest.length > 0 && declarations.some(({ path }) => path.split(' ')[0] === rest[0]);
  return first === 'help' && names ? [...rest, '--help'] : first === undefined ? [] : [first, ...rest];
};

/** Runs one command line (without `node` and the script) and returns its exit code. */
export async function main(argv: readonly string[], outside: Outside): Promise<number> {
  let exit: ExitName = 'ok';
  const execute = async (
    path: string,
    raw: (reading: Reading) => RawInput,
    globals: Globals,
  ): Promise<void> => {
    const cell = await cellAt(path);
    const composed = composeWorld(outside, globals);
    try {
      exit = await cell.prepare(raw(composed.reading))(composed.world);
      composed.tellHeld();
    } catch (error) {
      composed.giveBack(error);
      throw error;
    } finally {
      composed.close();
    }
  };
  const words = asked(argv);
  const program = buildProgram({
    // Building a command takes longer than running many of them: only those that may run are built.
    declarations: declarationsFor(declarations, words),
    write: (text) => void outside.stdout.write(text),
    columns: outside.stdout.columns ?? 80,
    version: words.some((word) => /^(?:--version|-[vV])$/.test(word))
      ? versionText(version, outside.nodeVersion)
      : version,
    execute,
  });
  try {
    refuseBroken(words);
    await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
      const alone =
        error instanceof CommanderError && error.code === 'commander.help' && program.args.length === 0;
      if (!alone) throw error;
      return execute(rootPath, (reading) => new RawInput({}, {}, reading), readGlobals(program.opts()));
    });
  } catch (error) {
    const failure = failureOf(error, program.args, declarations);
    if (failure === undefined || closedPipe(failure)) return exitCodes.ok;
    const manner = { json: argv.includes('--json'), debug: argv.includes('--debug') };
    const lines = failureLines(failure, manner);
    const { stderr } = outside;
    stderr.write(`${stderr.isTTY && !manner.json ? fitToScreen(lines, stderr.columns ?? 80) : lines}\n`);
    return failure instanceof Failure ? exitCodes[failure.exit] : exitCodes.failed;
  }
  return exitCodes[exit];
}

/** The process's own run. */
export function start(): Promise<number> {
  const outside = realOutside();
  return main(outside.argv, outside);
}
