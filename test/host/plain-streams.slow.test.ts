/** Files, folders and devices as standard input and output of the built program. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { binary, binaryEnvironment } from '../support/binary.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeAll(async () => {
  place = await makeVault();
  await place.run(['patient', 'add', 'Ada Quill', '--yes']);
});

function opened(path: string, flags: string): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
}

const rapport = (words: readonly string[], stdin: number | 'ignore', stdout: number | 'pipe') =>
  spawnSync(process.execPath, [binary, ...words], {
    env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
    stdio: [stdin, stdout, 'pipe'],
    encoding: 'utf8',
  });

describe.runIf(existsSync('/dev/full'))('a device that takes nothing', () => {
  it.each([['due'], ['status'], ['log'], ['due', '--json'], ['--help']])(
    'is told of, and fails: %s %s',
    (...words) => {
      const { status, stderr } = rapport(
        words.filter((word) => word !== undefined),
        'ignore',
        opened('/dev/full', 'w'),
      );
      expect(stderr).toContain("rapport: the result can't be written (ENOSPC)");
      expect(status).toBe(1);
    },
  );
});

describe.runIf(process.platform !== 'win32')('standard input', () => {
  it.each([
    // Node gives nothing of a folder.
    ['a folder', () => opened(place.root, 'r'), 'the file is empty'],
    [
      'a file that is open for writing only',
      () => opened(join(place.root, 'written'), 'w'),
      "standard input can't be read (EBADF)",
    ],
  ])('that is %s is refused in one line', (_, open, cause) => {
    const { status, stderr } = rapport(['import', '-'], open(), 'pipe');
    expect(stderr).toContain(`rapport: ${cause}`);
    expect(stderr).not.toContain('fault in rapport');
    expect(status).toBe(2);
  });

  it('that is a file is read to its end', () => {
    const file = join(place.root, 'list.csv');
    writeFileSync(
      file,
      `name\n${Array.from({ length: 9000 }, (_, number) => `Ada ${number} Quill`).join('\n')}\n`,
    );
    const words = ['import', '-', '--format', 'csv', '--map', 'name=name', '--dry-run', '--json'];
    const { status, stdout } = rapport(words, opened(file, 'r'), 'pipe');
    expect(status).toBe(0);
    expect(stdout).toContain('9000');
  });
});

describe.runIf(process.platform !== 'win32')('a reader that has seen enough, as head does', () => {
  it.each([
    ['patient list'],
    ['notes ada'],
    ['due --all'],
    ['search ada'],
    ['review'],
    ['backup whole.backup'],
    ['demo'],
    ['config'],
    ['help exit-codes'],
    ['--help'],
    ['export'],
  ])('ends %s quietly', (line) => {
    // Nobody reads: every write meets a pipe without an end.
    const piped = ['-c', 'set -o pipefail; "$@" | :', 'bash', process.execPath, binary, ...line.split(' ')];
    const { status, stderr } = spawnSync('bash', piped, {
      cwd: place.work,
      env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
      encoding: 'utf8',
    });
    expect(stderr).not.toMatch(/EPIPE|at |fault/);
    expect(status).toBe(0);
  });
});
