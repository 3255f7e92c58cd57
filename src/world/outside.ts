/**
 * The outside as the process gives it: streams, environment, clocks, randomness. The only file that reads `process`
 * or the clock; everything else gets an Outside, which a test can make as well.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { exitCodes, usage } from '../errors.ts';
import type { JobControl } from '../terminal/keys.ts';
import { directInput, directOutput, isPlain } from './direct-streams.ts';
import type { OutStream, Outside, TerminalStreams, WallClock } from './outside-parts.ts';

export type * from './outside-parts.ts';

const two = (value: number): string => String(value).padStart(2, '0');

function localClock(instant: number): WallClock {
  const moment = new Date(instant);
  return {
    date: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    time: `${two(moment.getHours())}:${two(moment.getMinutes())}`,
  };
}

/** A zone that Node does not know reads as UTC: one that looks like UTC all year has to be known to Intl. */
function checkZone(zone: string, instant: number): void {
  const halfAYear = 182 * 86_400_000;
  const isAlwaysUtc = [instant, instant + halfAYear].every((at) => new Date(at).getTimezoneOffset() === 0);
  if (!isAlwaysUtc || zone === 'UTC') return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw usage(`'${zone}' is not a time zone`, 'rapport config time-zone Europe/Madrid');
  }
}

/** By way of TZ: Intl would do, but its start costs a third of node's own. */
export function wallClock(instant: number, zone: string | undefined): WallClock {
  const before = process.env['TZ'];
  if (zone === undefined || zone === before) return localClock(instant);
  try {
    process.env['TZ'] = zone;
    checkZone(zone, instant);
    return localClock(instant);
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

/** The kernel's own source of what is random: `node:crypto` has no other, and takes a tenth of a start to load. */
function kernelRandom(bytes: Buffer): boolean {
  if (process.platform === 'win32') return false;
  let descriptor: number | undefined;
  try {
    descriptor = openSync('/dev/urandom', constants.O_RDONLY | constants.O_NOFOLLOW);
    return fstatSync(descriptor).isCharacterDevice() && readSync(descriptor, bytes) === bytes.length;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const drawnAtOnce = 1024;

/** Ids and refs are a few bytes each, and an import draws them by the thousand; secrets are longer and never lie in a pool. */
function drawing(): Outside['random'] {
  let pool = Buffer.alloc(0);
  return (bytes) => {
    if (bytes > 8) return randomBytes(bytes);
    if (pool.length < bytes) {
      pool = Buffer.alloc(drawnAtOnce);
      if (!kernelRandom(pool)) pool = randomBytes(drawnAtOnce);
    }
    const drawn = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return drawn;
  };
}

const zoneName = /^[A-Z][A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/;

function machineZone(): string {
  const named = process.env['TZ'];
  if (named !== undefined && zoneName.test(named)) return named;
  try {
    const link = named === undefined ? readlinkSync('/etc/localtime').split('/zoneinfo/')[1] : undefined;
    if (link !== undefined && zoneName.test(link)) return link;
  } catch {
    // No such link here: the slow way.
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function openTerminal(): TerminalStreams | undefined {
  const isWindows = process.platform === 'win32';
  if (isWindows || !(isPlain(0) || isPlain(2))) {
    const { stdin, stderr } = process;
    if (stdin.isTTY && stderr.isTTY)
      return {
        input: stdin,
        output: stderr,
        descriptors: { input: 0, output: 2 },
        close: () => void stdin.pause(),
      };
  }
  if (isWindows) return undefined;
  try {
    const descriptors = { input: openSync('/dev/tty', 'r'), output: openSync('/dev/tty', 'w') };
    // Loaded here: most runs ask nothing.
    const { ReadStream, WriteStream } = process.getBuiltinModule('node:tty');
    const input = new ReadStream(descriptors.input);
    const output = new WriteStream(descriptors.output);
    return {
      input,
      output,
      descriptors,
      close: () => {
        input.destroy();
        output.destroy();
      },
    };
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

const isRunning = (processId: number): boolean => {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/**
 * A reader that has seen enough closes its pipe: no fault of anybody's, and what is left to say is not said. Anything
 * else that keeps a result from being written is told, once, and fails.
 */
function mindOutput(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') tellUnwritten(code, stream === process.stderr);
  });
}

function tellUnwritten(code: string | undefined, isDiagnostic: boolean): void {
  if (process.exitCode === exitCodes.failed) return;
  process.exitCode = exitCodes.failed;
  if (!isDiagnostic) process.stderr.write(`rapport: the result can't be written (${code})\n`);
}

const streams: NodeJS.WriteStream[] = [];

/** A signal that was held back is still to come true. */
let isEnding = false;

/** Ends the process where nothing is left to wait for. A stream tells on a later turn that it could not write. */
export function endWhenDone(): void {
  const endUnlessWaiting = (): void => {
    if (streams.every(({ writableLength }) => writableLength === 0)) process.exit();
  };
  if (isEnding) return;
  if (streams.length === 0) endUnlessWaiting();
  else setImmediate(endUnlessWaiting);
}

function output(name: 'stdout' | 'stderr'): OutStream {
  const descriptor = name === 'stdout' ? 1 : 2;
  const stream = (): OutStream => {
    streams.push(process[name]);
    return mindOutput(process[name]);
  };
  if (process.platform === 'win32' || !isPlain(descriptor)) return stream();
  return directOutput({ descriptor, stream, onFailure: (code) => tellUnwritten(code, name === 'stderr') });
}

const endings: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** Ctrl-C is the child's; an ending is passed on to it, and comes true here once what was begun is cleared away. */
function holdInterrupts(end: (signal: NodeJS.Signals) => void, stops: boolean): () => void {
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
}

const jobs: JobControl = {
  // The whole group, as the terminal itself would do.
  suspend: () => void process.kill(0, 'SIGTSTP'),
  onContinue: (action) => onSignals(['SIGCONT'], action),
  onEnd: (action) => {
    const release = onSignals(endings, (signal) => {
      release();
      action();
      process.kill(process.pid, signal);
    });
    return release;
  },
};

/** The outside of this very process. */
export function realOutside(): Outside {
  let stdout: OutStream | undefined;
  let stderr: OutStream | undefined;
  let isStreamed: boolean | undefined;
  const random = drawing();
  // Whatever is made from here on, by SQLite or by a child, is nobody else's to read.
  process.umask(0o077);
  // What ps shows while it waits; the words of the command line may hold a patient's name.
  process.title = 'rapport';
  // Node opens its debugger at this signal unless somebody listens for it; the debugger would show what was read.
  process.on('SIGUSR1', () => undefined);
  return {
    argv: process.argv.slice(2),
    env: { ...process.env },
    // Getters: the streams cost time to make, and most commands need only one of them.
    get stdin() {
      isStreamed = true;
      return process.stdin;
    },
    get plainInput() {
      isStreamed ??= process.platform === 'win32' || !isPlain(0);
      return isStreamed ? undefined : directInput(0, () => process.stdin);
    },
    get stdout() {
      stdout ??= output('stdout');
      return stdout;
    },
    get stderr() {
      stderr ??= output('stderr');
      return stderr;
    },
    openTerminal,
    questions: undefined,
    platform: process.platform,
    get home() {
      // What homedir() says too, without what it would load.
      return (process.platform !== 'win32' && process.env['HOME']) || homedir();
    },
    get temporary() {
      return tmpdir();
    },
    memory: '/dev/shm',
    workingFolder: process.cwd(),
    uid: process.getuid?.(),
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    get agentPath() {
      return fileURLToPath(new URL('./agent.cjs', import.meta.url));
    },
    get copierPath() {
      return fileURLToPath(new URL('./copier.cjs', import.meta.url));
    },
    now: Date.now,
    random,
    chance: () => random(1).readUInt8() / 256,
    wallClock,
    machineZone,
    scryptCost: undefined,
    processId: process.pid,
    isRunning,
    onInterrupt: (action) => onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], action),
    jobs: process.platform === 'win32' ? undefined : jobs,
    holdInterrupts,
  };
}
