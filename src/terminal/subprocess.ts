/** Programs that rapport starts for the person: their environment without secrets, and how their command is read. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

const secret = /^RAPPORT_(?:\w*PASSPHRASE|RECOVERY)/;

/** The environment for a child: nothing in it opens a vault. */
export const childEnvironment = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || secret.test(name) ? [] : [[name, value]],
    ),
  );

/** Splits a command as a shell would, quotes and backslashes too, without running one. */
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

/** @param stops whether Ctrl-Z is passed over as well: the shell is to stop both of us or none */
export type HoldInterrupts = (end: (signal: NodeJS.Signals) => void, stops: boolean) => () => void;

export interface ChildRun {
  readonly command: readonly string[];
  readonly env: Environment;
  /** What it reads: a text through a pipe, or the terminal with that file descriptor. */
  readonly input: string | number;
  /** File descriptor of the terminal that it writes to; 1 unless given. */
  readonly output?: number;
  /** It passes over Ctrl-Z. */
  readonly isUnstoppable?: boolean;
  /** Leaves Ctrl-C to the child while it has the terminal, and tells when this process is to end; returns what ends that. */
  readonly holdInterrupts: HoldInterrupts;
}

/** Runs a program on the person's terminal. @returns its exit code, or undefined where it can't be started */
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
    // A pager that is left early closes its end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  }).finally(release);
}

/**
 * Ids of a process and of all that it started, by the system's list of processes. No group of its own tells them: a
 * program that is to ask on the terminal must stay in ours.
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

/** Kills a child that still runs, and all that it started. */
export function killFamily(child: ChildProcess): void {
  // The id of one that ended may be another process's by now.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    execFileSync('sh', ['-c', 'kill -KILL "$@"', 'sh', ...familyOf(child.pid)], { stdio: 'ignore' });
  } catch {
    // Some had ended by themselves, or there is no such list (Windows).
  }
  child.kill('SIGKILL');
}
