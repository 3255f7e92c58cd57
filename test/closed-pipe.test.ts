/** A reader that has seen enough, as `head` does, ends a command quietly, however much it still had to say. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { binary, binaryEnvironment } from './support/binary.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

let place: TestPlace;

beforeAll(async () => {
  place = await makeVault();
  await place.run(['patient', 'add', 'Ana Berg', '--yes']);
});

describe('a closed pipe', () => {
  it.each([
    ['patient list'],
    ['notes ana'],
    ['due --all'],
    ['search ana'],
    ['review'],
    ['backup whole.backup'],
    ['demo'],
    ['config'],
    ['help exit-codes'],
    ['--help'],
    ['export'],
  ])('%s ends quietly', async (line) => {
    const child = spawn(process.execPath, [binary, ...line.split(' ')], {
      cwd: place.work,
      env: binaryEnvironment(place.root, { RAPPORT_PASSPHRASE: passphrase }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Nobody reads: every write meets a pipe without an end.
    child.stdout.destroy();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    expect(said).not.toMatch(/EPIPE|at |fault/);
    expect(code).toBe(0);
  });
});
