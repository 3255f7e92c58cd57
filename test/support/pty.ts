/** The built program in a pseudo-terminal, with the screen as a person would see it. */
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { binary, binaryEnvironment } from './binary.ts';
import { Screen } from './screen.ts';

export interface PtyOptions {
  readonly root: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
  /** Another program than rapport, with its arguments: 'sh', '-c', … */
  readonly program?: string;
}

export interface PtyRun {
  readonly screen: Screen;
  readonly processId: number;
  type(keys: string): void;
  /** Waits for the text on the screen, then types. */
  answer(question: string, keys: string): Promise<void>;
  waitFor(text: string): Promise<string>;
  interrupt(): void;
  resize(columns: number, rows: number): void;
  /** Everything that was ever written to the terminal, escapes included. */
  written(): string;
  readonly exit: Promise<number>;
  kill(): void;
}

/** It is killed at the end of its test. */
export function runInTerminal(argv: readonly string[], options: PtyOptions): PtyRun {
  const { columns = 80, rows = 24 } = options;
  const screen = new Screen(columns, rows);
  const [program, args] =
    options.program === undefined ? [process.execPath, [binary, ...argv]] : [options.program, [...argv]];
  const child = pty.spawn(program, args, {
    name: options.env?.['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: join(options.root, 'work'),
    env: binaryEnvironment(options.root, { NO_COLOR: '1', ...options.env }),
  });
  let written = '';
  child.onData((text) => {
    written += text;
    screen.write(text);
  });
  const exit = new Promise<number>((resolve) => {
    child.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode));
  });
  const run: PtyRun = {
    screen,
    processId: child.pid,
    type: (keys) => child.write(keys),
    answer: async (question, keys) => {
      await screen.waitFor(question);
      child.write(keys);
    },
    waitFor: (text) => screen.waitFor(text),
    interrupt: () => child.write('\u0003'),
    resize: (wide, high) => {
      screen.resize(wide, high);
      child.resize(wide, high);
    },
    written: () => written,
    exit,
    kill: () => child.kill('SIGKILL'),
  };
  onTestFinished(run.kill);
  return run;
}
