/** What the command of RAPPORT_PASSPHRASE_COMMAND gives: a program that may ask somebody, and may not answer. */
import { spawn } from 'node:child_process';
import { failed, systemReason } from '../errors.ts';
import { childEnvironment, type Environment, killFamily, splitCommand } from '../terminal/subprocess.ts';

/** In bytes: a passphrase, and what a manager prints below it. */
const longest = 16 * 1024;

/**
 * What RAPPORT_PASSPHRASE_COMMAND prints, without a shell.
 * @param isQuiet its stderr is not shown. @param limit milliseconds: it may ask in a window of its own
 * @returns undefined where it names no program. @throws failed, saying why it gives nothing
 */
export async function outputOf(command: string, env: Environment, isQuiet: boolean, limit = 60_000) {
  const [program, ...args] = splitCommand(command);
  if (program === undefined) return undefined;
  return new Promise<Buffer>((done, refuse) => {
    const child = spawn(program, args, {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', isQuiet ? 'ignore' : 'inherit'],
    });
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (why: string): void => {
      clearTimeout(timer);
      killFamily(child);
      // A grandchild may hold the pipe open.
      child.stdout.destroy();
      refuse(failed(`the command ${why}`));
    };
    const timer = setTimeout(() => stop(`gave no answer in ${limit / 1000} seconds`), limit);
    child.once('error', (error) => stop(`cannot be started (${systemReason(error)})`));
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > longest) stop('prints too much to be a passphrase');
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done(Buffer.concat(chunks));
      else stop(`failed (${code === null ? signal : `exit ${code}`})`);
    });
  });
}
