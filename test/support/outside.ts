/** An Outside for tests: nothing of this machine in it but its files below one temporary folder. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Outside } from '../../src/host/process.ts';
import type { Questions } from '../../src/terminal/questions.ts';
import type { OutStream } from '../../src/terminal/styles.ts';

/** Of every vault that tests make. */
export const passphrase = 'correct horse battery staple';

export interface OutsideParts {
  /** Holds home, temporary, runtime and working folders. */
  readonly root: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  readonly questions?: Questions;
  /** Width of the terminal that stdout is; a pipe unless given. */
  readonly terminal?: number;
  /** Called before each chunk on standard output. */
  readonly printing?: () => void;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
}

export interface TestOutside extends Outside {
  readonly printed: { readonly stdout: string; readonly stderr: string };
}

/** Bytes that look random and are the same at every run. */
export function seededRandom(seed: string): (bytes: number) => Buffer {
  let drawn = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let length = 0; length < bytes; length += 32) {
      drawn += 1;
      parts.push(createHash('sha256').update(`${seed} ${drawn}`).digest());
    }
    return Buffer.concat(parts).subarray(0, bytes);
  };
}

function collector(
  isTTY: boolean,
  columns: number,
  printing?: () => void,
): { readonly stream: OutStream; text(): string } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      printing?.();
      parts.push(chunk);
      done();
    },
  });
  return {
    stream: isTTY ? Object.assign(stream, { isTTY, columns }) : stream,
    text: () => Buffer.concat(parts).toString('utf8'),
  };
}

export function testOutside(parts: OutsideParts): TestOutside {
  const stdout = collector(parts.terminal !== undefined, parts.terminal ?? 80, parts.printing);
  const stderr = collector(false, 80);
  const bytes = parts.stdin === undefined ? undefined : Buffer.from(parts.stdin);
  return {
    argv: [],
    env: {
      HOME: join(parts.root, 'home'),
      XDG_RUNTIME_DIR: join(parts.root, 'runtime'),
      XDG_STATE_HOME: join(parts.root, 'state'),
      NO_COLOR: '1',
      ...parts.env,
    },
    stdin: Readable.from(bytes === undefined ? [] : [bytes], { objectMode: false }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    openTerminal: () => undefined,
    questions: parts.questions,
    platform: process.platform,
    home: join(parts.root, 'home'),
    temporary: join(parts.root, 'temporary'),
    memory: join(parts.root, 'memory'),
    workingFolder: join(parts.root, 'work'),
    uid: process.getuid?.(),
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    agentPath: join(parts.root, 'no-agent.cjs'),
    agentFolders: [],
    now: parts.now,
    random: parts.random,
    chance: Math.random,
    machineOffset: () => 0,
    machineZone: () => 'UTC',
    zonesVersion: process.versions['tz'],
    scryptCost: 2,
    onInterrupt: () => () => undefined,
    jobs: undefined,
    holdInterrupts: () => () => undefined,
    get printed() {
      return { stdout: stdout.text(), stderr: stderr.text() };
    },
  };
}
