/** One command line: its words, the context, the command. Of a defect no text is told, which might be a patient's. */
import { version } from '../../package.json';
import { isCommand, loadNamed, loadRoot } from '../commands/index.ts';
import { type ExitName, errorCode, exitCodes, Failure } from '../errors.ts';
import type { Globals, Outside } from '../host/outside.ts';
import { realOutside, versionText } from '../host/process.ts';
import type { Runnable, Words } from './command.ts';
import { buildProgram, failureOf, plainWords, readGlobals, refuseBroken } from './program.ts';
import { runCommand } from './runner.ts';

export { endWhenDone } from '../host/process.ts';

const has = (words: readonly string[], option: RegExp): boolean => words.some((word) => option.test(word));

export async function main(argv: readonly string[], outside: Outside): Promise<number> {
  let exit: ExitName = 'ok';
  const run = async (command: Runnable, words: Words, globals: Globals): Promise<void> => {
    const { composeContext } = await import('../host/compose.ts');
    const composed = composeContext(outside, globals);
    try {
      exit = await runCommand(command, words, composed.ctx);
      composed.tellHeld();
    } catch (error) {
      composed.giveBack(error);
      throw error;
    } finally {
      composed.close();
    }
  };
  const words = argv[0] === 'help' && isCommand(argv[1]) ? [...argv.slice(1), '--help'] : argv;
  const named = plainWords(words);
  // Options alone run no command, and only help lists them.
  const commands = named.length > 0 || has(words, /^(?:--help|-h)$/) ? await loadNamed(named) : [];
  const program = buildProgram({
    commands,
    write: (text) => void outside.stdout.write(text),
    columns: outside.stdout.columns ?? 80,
    version: has(words, /^(?:--version|-[vV])$/) ? versionText(version, outside.nodeVersion) : version,
    run,
  });
  try {
    refuseBroken(words);
    await program.parseAsync(words, { from: 'user' });
    if (named.length === 0) await run(await loadRoot(), {}, readGlobals(program.opts()));
  } catch (error) {
    const failure = await failureOf(error, program.args, commands);
    if (failure === undefined || errorCode(failure) === 'EPIPE') return exitCodes.ok;
    const { failureLines, fitToScreen } = await import('../terminal/styles.ts');
    const manner = { json: argv.includes('--json'), debug: argv.includes('--debug') };
    const lines = failureLines(failure, manner);
    const { stderr } = outside;
    stderr.write(`${stderr.isTTY && !manner.json ? fitToScreen(lines, stderr.columns ?? 80) : lines}\n`);
    return failure instanceof Failure ? exitCodes[failure.exit] : exitCodes.failed;
  }
  return exitCodes[exit];
}

export function start(): Promise<number> {
  const outside = realOutside();
  return main(outside.argv, outside);
}
