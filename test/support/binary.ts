/** The built program as a process of its own, with pipes for its streams. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const binary = fileURLToPath(new URL('../../bin/rapport.js', import.meta.url));
const bundle = fileURLToPath(new URL('../../dist/rapport.cjs', import.meta.url));

/** The environment of a test's processes: of this machine only the path, and of the run of tests what V8 compiled. */
export const binaryEnvironment = (
  root: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> => {
  if (!existsSync(bundle)) throw new Error('dist is missing: npm run build');
  const all: Readonly<Record<string, string | undefined>> = {
    PATH: process.env['PATH'],
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'temporary'),
    XDG_RUNTIME_DIR: join(root, 'runtime'),
    XDG_STATE_HOME: join(root, 'state'),
    XDG_DATA_HOME: join(root, 'home', 'data'),
    XDG_CACHE_HOME: process.env['TEST_CACHE_HOME'],
    RAPPORT_VAULT: join(root, 'vault'),
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    ...env,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

export interface BinaryOptions {
  readonly root: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  /** Another build of the program. */
  readonly script?: string;
  /** Milliseconds after which it is killed. */
  readonly limit?: number;
}

export interface BinaryResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
}

/** Runs `rapport` to its end; without a controlling terminal, so that it cannot ask. */
export function runBinary(argv: readonly string[], options: BinaryOptions): Promise<BinaryResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.script ?? binary, ...argv], {
      cwd: join(options.root, 'work'),
      env: binaryEnvironment(options.root, options.env),
      stdio: 'pipe',
      // A session of its own has no controlling terminal.
      detached: true,
      ...(options.limit === undefined ? {} : { timeout: options.limit, killSignal: 'SIGKILL' as const }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, code: code ?? signal ?? 'unknown' }));
  });
}
