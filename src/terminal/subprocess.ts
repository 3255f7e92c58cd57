/** Programs that rapport starts for the person: a secret-free environment, and command lines split without a shell. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

const secret = /^RAPPORT_(?:\w*PASSPHRASE|RECOVERY)/;

export const childEnvironment = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || secret.test(name) ? [] : [[name, value]],
    ),
  );

/** Splits a command line as a shell would (quotes, backslashes) without running one. */
export function splitCommand(command: string): readonly string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gsu;
  for (const [word] of command.matchAll(pattern)) {
    words.push(
      word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gsu, (_, escaped, double, single) =>
        escaped !== undefined
          ? escaped
          : double !== undefined
            ? double.replace(/\\(["\\$`])/gsu, '$1')
            : (single ?? ''),
      ),
    );
  }
  return words;
}

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

export function runChild({
  command,
  env,
  input,
  output = 1,
  isUnstoppable = false,
  holdInterrupts,
}: ChildRun): Promise<number | undefined> {
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

export function killFamily(child: ChildProcess): void {
  // Its process id may have been reused.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    execFileSync('sh', ['-c', 'kill -KILL "$@"', 'sh', ...familyOf(child.pid)], { stdio: 'ignore' });
  } catch {
    // Some had ended, or there is no `ps` (Windows).
  }
  child.kill('SIGKILL');
}
