/** What the process offers, as types. */
import type { Readable, Writable } from 'node:stream';
import type { Questions } from '../terminal/questions.ts';
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

export interface OutStream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

interface InStream extends Readable {
  readonly isTTY?: boolean;
}

/** Not always standard input, which may be a pipe. */
export interface TerminalStreams {
  readonly input: InStream;
  readonly output: OutStream & Writable;
  readonly descriptors: { readonly input: number; readonly output: number };
  close(): void;
}

export interface Outside {
  readonly argv: readonly string[];
  /** A copy; secrets are removed once read. */
  readonly env: Record<string, string | undefined>;
  readonly stdin: InStream;
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  openTerminal(): TerminalStreams | undefined;
  /** Answers by a script; undefined asks on the terminal. */
  readonly questions: Questions | undefined;
  readonly platform: string;
  readonly home: string;
  readonly temporary: string;
  /** A shared folder in memory, which not every system has. */
  readonly memory: string;
  readonly workingFolder: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly nodePath: string;
  readonly nodeVersion: string;
  readonly agentPath: string;
  /** Absolute; where agents usually are, whatever the environment says. */
  readonly agentFolders: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  /** From 0 to below 1, in steps of 1/256: for ids. */
  readonly chance: () => number;
  /** Minutes east of UTC. @param instant milliseconds since 1970 */
  machineOffset(instant: number): number;
  /** IANA name. */
  readonly machineZone: () => string;
  /** Of Intl's zones. */
  readonly zonesVersion: string | undefined;
  /** scrypt's N for new slots; undefined is the usual cost. */
  readonly scryptCost: number | undefined;
  /** At Ctrl-C, a closed terminal or SIGTERM. @returns what ends that */
  onInterrupt(action: (signal: string) => void): () => void;
  /** Ctrl-Z at a question; undefined on Windows. */
  readonly jobs: JobControl | undefined;
  /** Leaves Ctrl-C to a child; calls back on signals that end this process. @returns what ends that */
  readonly holdInterrupts: HoldInterrupts;
}
