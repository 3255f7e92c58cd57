/** The outside of this process. The only file that reads `process` or the clock; all else gets an Outside. */
import { openSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../errors.ts';
import type { Questions } from '../terminal/questions.ts';
import type { OutStream } from '../terminal/styles.ts';
import type { HoldInterrupts } from '../terminal/subprocess.ts';
import type { JobControl } from '../terminal/typed-input.ts';

export interface Globals {
  readonly vault: string | undefined;
  readonly color: 'auto' | 'always' | 'never';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly yes: boolean;
  readonly noInput: boolean;
  readonly debug: boolean;
  readonly passphraseStdin: boolean;
  readonly screenReader: boolean;
}

/** What the process offers. */
export type Outside = Readonly<ReturnType<typeof realOutside>>;

const zoneName = /^[A-Z][A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/;

function machineZone(): string {
  const named = process.env['TZ'];
  if (named !== undefined && zoneName.test(named)) return named;
  try {
    const link = named === undefined ? readlinkSync('/etc/localtime').split('/zoneinfo/')[1] : undefined;
    if (link !== undefined && zoneName.test(link)) return link;
  } catch {
    // No such link: ask Intl.
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Not always standard input, which may be a pipe. */
function openTerminal() {
  const { stdin, stderr } = process;
  if (stdin.isTTY && stderr.isTTY) {
    const descriptors = { input: 0, output: 2 };
    return { input: stdin, output: stderr, descriptors, close: () => void stdin.pause() };
  }
  if (process.platform === 'win32') return undefined;
  try {
    const descriptors = { input: openSync('/dev/tty', 'r'), output: openSync('/dev/tty', 'w') };
    const { ReadStream, WriteStream } = process.getBuiltinModule('node:tty');
    const input = new ReadStream(descriptors.input);
    const output = new WriteStream(descriptors.output);
    const close = () => [input, output].forEach((stream) => void stream.destroy());
    return { input, output, descriptors, close };
  } catch {
    return undefined;
  }
}

function onSignals(signals: readonly NodeJS.Signals[], action: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, action);
  return () => {
    for (const signal of signals) process.off(signal, action);
  };
}

const streams: NodeJS.WriteStream[] = [];

/** A held signal is about to be raised again. */
let isEnding = false;

/** A stream reports on a later turn that it could not write. */
export function endWhenDone(): void {
  if (isEnding) return;
  setImmediate(() => {
    if (streams.every(({ writableLength }) => writableLength === 0)) process.exit();
  });
}

/** A reader may close its pipe early: no error. Any other failure to write is reported once, and exits 1. */
function output(name: 'stdout' | 'stderr'): OutStream {
  const stream = process[name];
  streams.push(stream);
  return stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || process.exitCode === exitCodes.failed) return;
    process.exitCode = exitCodes.failed;
    if (name === 'stdout') process.stderr.write(`rapport: the result can't be written (${code})\n`);
  });
}

const endings: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** The child gets Ctrl-C. SIGTERM and SIGHUP are passed on, and raised here again after cleaning up. */
const holdInterrupts: HoldInterrupts = (end, stops) => {
  let ending: NodeJS.Signals | undefined;
  const releases = [
    onSignals(['SIGINT', 'SIGQUIT', ...(stops ? (['SIGTSTP'] as const) : [])], () => undefined),
    onSignals(endings, (signal) => {
      ending = signal;
      end(signal);
    }),
  ];
  return () => {
    for (const release of releases) release();
    const signal = ending;
    if (signal === undefined) return;
    isEnding = true;
    setImmediate(() => process.kill(process.pid, signal));
  };
};

const jobs: JobControl = {
  // The whole process group, as the terminal does.
  suspend: () => void process.kill(0, 'SIGTSTP'),
  onContinue: (action) => onSignals(['SIGCONT'], action),
  onInterrupt: (action) => onSignals(['SIGINT'], action),
  onEnd: (action) => {
    const release = onSignals(endings, (signal) => {
      release();
      action();
      process.kill(process.pid, signal);
    });
    return release;
  },
};

// node:crypto takes longer to load than the rest of --help does.
let pool: Buffer = Buffer.alloc(0);
/** Short draws, for refs and ids, share one call of the system: an import asks for them a hundred thousand times. */
function randomBytes(length: number): Buffer {
  const draw = (bytes: number): Buffer => process.getBuiltinModule('node:crypto').randomBytes(bytes);
  if (length > 8) return draw(length);
  if (pool.length < length) pool = draw(4096);
  const drawn = pool.subarray(0, length);
  pool = pool.subarray(length);
  return drawn;
}

export function realOutside() {
  let stdout: OutStream | undefined;
  let stderr: OutStream | undefined;
  // What SQLite or a child creates is private as well.
  process.umask(0o077);
  // In place of the command line in `ps`, which may hold a patient's name.
  process.title = 'rapport';
  // Trap: without a listener, Node opens its debugger at this signal.
  process.on('SIGUSR1', () => undefined);
  const uid = process.getuid?.();
  const env: Record<string, string | undefined> = { ...process.env };
  return {
    argv: process.argv.slice(2) as readonly string[],
    /** A copy; secrets are removed once read. */
    env,
    // Getters: streams take time to create, and most commands need one.
    get stdin(): Readable & { readonly isTTY?: boolean } {
      return process.stdin;
    },
    get stdout(): OutStream {
      stdout ??= output('stdout');
      return stdout;
    },
    get stderr(): OutStream {
      stderr ??= output('stderr');
      return stderr;
    },
    openTerminal,
    /** Answers by a script; undefined asks on the terminal. */
    questions: undefined as Questions | undefined,
    platform: process.platform as string,
    get home(): string {
      return homedir();
    },
    temporary: tmpdir(),
    /** A shared folder in memory, which not every system has. */
    memory: '/dev/shm',
    workingFolder: process.cwd(),
    /** Undefined on Windows. */
    uid,
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    get agentPath(): string {
      return fileURLToPath(new URL('./agent.cjs', import.meta.url));
    },
    /** Where agents usually are, whatever the environment says. */
    agentFolders: [`/run/user/${uid}/rapport`, `/tmp/rapport-${uid}`] as readonly string[],
    now: Date.now,
    random: randomBytes,
    /** From 0 to below 1, in steps of 1/256: for ids. */
    chance: (): number => randomBytes(1).readUInt8() / 256,
    /** Minutes east of UTC. @param instant milliseconds since 1970 */
    machineOffset: (instant: number): number => -new Date(instant).getTimezoneOffset(),
    machineZone,
    /** Of Intl's zones. */
    zonesVersion: process.versions['tz'],
    /** scrypt's N for new slots; undefined is the usual cost. */
    scryptCost: undefined as number | undefined,
    /** At Ctrl-C, a closed terminal or SIGTERM. @returns what ends that */
    onInterrupt: (action: (signal: string) => void): (() => void) =>
      onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], action),
    /** Ctrl-Z at a question; undefined on Windows. */
    jobs: process.platform === 'win32' ? undefined : jobs,
    holdInterrupts,
  };
}

function driverVersions(): string {
  try {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
    const header = readFileSync(join(driver, '..', 'deps', 'sqlite3', 'sqlite3.h'), 'latin1');
    const defined = (name: string) => new RegExp(`^#define ${name} +"(.*)"`, 'm').exec(header)?.[1];
    return `SQLite ${defined('SQLITE_VERSION')}, ${defined('SQLITE3MC_VERSION_STRING')} (sqlcipher 4)`;
  } catch {
    return 'no SQLite driver: install rapport again';
  }
}

export const versionText = (own: string, node: string): string =>
  `rapport ${own}\nNode ${node}, ${driverVersions()}`;
