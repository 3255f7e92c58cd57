/** What the outside gives, as types. */
import type { Readable, Writable } from 'node:stream';
import type { Questions } from '../terminal/questions.ts';
import type { HoldInterrupts } from '../terminal/subprocess.ts';
import type { JobControl } from '../terminal/typed-input.ts';

/** The flags that every command takes. */
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

/** Where questions are asked: not always standard input, which may be a pipe. */
export interface TerminalStreams {
  readonly input: InStream;
  readonly output: OutStream & Writable;
  /** File descriptors of the two, for a child that takes the terminal over. */
  readonly descriptors: { readonly input: number; readonly output: number };
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
  /** Everybody's folder in memory, which not every system has. */
  readonly memory: string;
  readonly workingFolder: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly nodePath: string;
  readonly nodeVersion: string;
  /** The bundled agent, started as a process of its own. */
  readonly agentPath: string;
  /** Where agents are on most machines, whatever the environment says now; absolute. */
  readonly agentFolders: readonly string[];
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  /** From 0 to below 1, in steps of 1/256: for ids. */
  readonly chance: () => number;
  /** The civil date and time of day at an instant, where the machine is. */
  machineClock(instant: number): WallClock;
  /** The machine's own zone, an IANA name. */
  readonly machineZone: () => string;
  /** The version of the zones that Intl knows. */
  readonly zonesVersion: string | undefined;
  /** scrypt's N for new slots; undefined is the vault's own choice. */
  readonly scryptCost: number | undefined;
  /** Calls back at Ctrl-C, a closed terminal or a polite kill; returns what ends that. */
  onInterrupt(action: (signal: string) => void): () => void;
  /** Ctrl-Z while a question stands, and what follows it; undefined on Windows. */
  readonly jobs: JobControl | undefined;
  /** Lets a child have Ctrl-C to itself, and a polite kill too; returns what ends that. */
  readonly holdInterrupts: HoldInterrupts;
}

export interface WallClock {
  /** 'YYYY-MM-DD'. */
  readonly date: string;
  /** 'HH:MM'. */
  readonly time: string;
}
