/**
 * The outside as the process gives it: streams, environment, clocks, randomness. The only file that reads `process`
 * or the clock; everything else gets an Outside, which a test can make as well.
 */
import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { Questions } from '../world.ts';

export interface OutStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface InStream extends Readable {
  readonly isTTY?: boolean;
}

/** Where questions are asked: not always standard input, which may be a pipe. */
export interface TerminalStreams {
  readonly input: InStream;
  readonly output: OutStream;
  close(): void;
}

export interface Outside {
  /** The command line, without `node` and the script. */
  readonly argv: readonly string[];
  /** A copy; secrets are taken out of it once read. */
  readonly env: Record<string, string | undefined>;
  readonly stdin: InStream;
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  /** Opens the person's terminal, or undefined where there is none. */
  openTerminal(): TerminalStreams | undefined;
  /** Questions answered by a script; undefined asks on the terminal. */
  readonly questions: Questions | undefined;
  readonly platform: string;
  readonly home: string;
  readonly temporary: string;
  readonly workingFolder: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly nodePath: string;
  readonly nodeVersion: string;
  /** The bundled agent, started as a process of its own. */
  readonly agentPath: string;
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  /** scrypt's N for new slots; undefined is the vault's own choice. */
  readonly scryptCost: number | undefined;
  /** Calls back at Ctrl-C, a closed terminal or a polite kill; returns what ends that. */
  onInterrupt(action: (signal: string) => void): () => void;
}

function openTerminal(): TerminalStreams | undefined {
  const { stdin, stderr } = process;
  if (stdin.isTTY && stderr.isTTY)
    return { input: stdin, output: stderr, close: () => void stdin.pause() };
  if (process.platform === 'win32') return undefined;
  try {
    const input = new ReadStream(openSync('/dev/tty', 'r'));
    const output = new WriteStream(openSync('/dev/tty', 'w'));
    return { input, output, close: () => (input.destroy(), void output.destroy()) };
  } catch {
    return undefined;
  }
}

/** The outside of this very process. */
export function realOutside(): Outside {
  return {
    argv: process.argv.slice(2),
    env: { ...process.env },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    openTerminal,
    questions: undefined,
    platform: process.platform,
    home: homedir(),
    temporary: tmpdir(),
    workingFolder: process.cwd(),
    uid: process.getuid?.(),
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    agentPath: fileURLToPath(new URL('./agent.cjs', import.meta.url)),
    now: Date.now,
    random: randomBytes,
    scryptCost: undefined,
    onInterrupt(action) {
      const signals = ['SIGTERM', 'SIGHUP'] as const;
      for (const signal of signals) process.once(signal, action);
      return () => {
        for (const signal of signals) process.off(signal, action);
      };
    },
  };
}
