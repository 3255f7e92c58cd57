/** Programs that rapport starts for the person: a secret-free environment, and command lines split without a shell. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { failed, systemReason } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const secret = /^RAPPORT_(?:\w*PASSPHRASE|RECOVERY)/;

const childEnvironment = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || secret.test(name) ? [] : [[name, value]],
    ),
  );

const wordForm = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gsu;
const quotedForm = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gsu;
const unquoted = (_: string, escaped?: string, double?: string, single?: string): string =>
  escaped ?? double?.replace(/\\(["\\$`])/gsu, '$1') ?? single ?? '';

/** Splits a command line as a shell would (quotes, backslashes) without running one. */
export const splitCommand = (command: string): readonly string[] =>
  [...command.matchAll(wordForm)].map(([word]) => word.replace(quotedForm, unquoted));

/** @param stops also ignores Ctrl-Z, so that the shell stops parent and child together or neither */
export type HoldInterrupts = (end: (signal: NodeJS.Signals) => void, stops: boolean) => () => void;

interface ChildRun {
  readonly command: readonly string[];
  readonly env: Environment;
  readonly input: string | number;
  readonly output?: number;
  readonly isUnstoppable?: boolean;
  /** Leaves Ctrl-C to the child, and calls back on signals that end this process; returns a function that stops it. */
  readonly holdInterrupts: HoldInterrupts;
}

export function runChild(run: ChildRun): Promise<number | undefined> {
  const { command, env, input, output = 1, isUnstoppable = false, holdInterrupts } = run;
  const [program = '', ...args] = command;
  let running: ChildProcess | undefined;
  const release = holdInterrupts((signal) => void running?.kill(signal), isUnstoppable);
  return new Promise<number | undefined>((resolve) => {
    const child = spawn(program, args, {
      env: childEnvironment(env),
      stdio: [typeof input === 'string' ? 'pipe' : input, output, 'inherit'],
    });
    running = child;
    child.once('error', () => resolve(undefined));
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 128));
    if (typeof input !== 'string') return;
    // A pager that quits early closes the pipe (EPIPE).
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  }).finally(release);
}

/**
 * A process and its descendants, from `ps`. Not a process group: a program that asks on the terminal must stay in ours.
 */
function familyOf(id: number): readonly string[] {
  const family = [String(id)];
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', stdio: 'pipe' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  for (const one of family)
    family.push(...rows.flatMap(([child, parent]) => (parent === one && child !== undefined ? [child] : [])));
  return family;
}

function killFamily(child: ChildProcess): void {
  // Its process id may have been reused.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    execFileSync('sh', ['-c', 'kill -KILL "$@"', 'sh', ...familyOf(child.pid)], { stdio: 'ignore' });
  } catch {
    // Some had ended, or there is no `ps` (Windows).
  }
  child.kill('SIGKILL');
}

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
