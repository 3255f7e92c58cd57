/** Commands under limits that a file system or a shell sets. Mounts are private to the command and gone with it. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type BinaryResult, binary, binaryEnvironment } from '../../support/binary.ts';
import { type Place, passphrase } from './clinic.ts';

/** Why nothing can be mounted here, or undefined. */
export function mountsAreAbsent(): string | undefined {
  if (process.platform !== 'linux') return 'private mounts are tried on Linux only';
  try {
    execFileSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'nothing may be mounted here (unshare -m)';
  }
}

export interface Limited {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Lines of sh before the command; $VAULT is the vault's folder, $WORK the working folder. */
  readonly before: string;
  /** And after it; the command's exit code is kept. */
  readonly after?: string;
  readonly mounts?: boolean;
}

/** Runs the built program as the last of a few lines of sh. */
export function runLimited(
  place: Place,
  { argv, env, stdin, before, after = '', mounts }: Limited,
): Promise<BinaryResult> {
  const script = `set -e\n${before}\nset +e\n"$@"\ncode=$?\n${after}\nexit $code`;
  const shell = ['sh', '-c', script, 'sh', process.execPath, binary, ...argv];
  const [program = '', ...args] = mounts ? ['unshare', '-m', ...shell] : shell;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: join(place.root, 'work'),
      env: {
        ...binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase, ...env }),
        VAULT: place.folder,
        WORK: join(place.root, 'work'),
      },
      stdio: 'pipe',
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined).end(stdin ?? '');
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, code: code ?? signal ?? 'unknown' }));
  });
}
