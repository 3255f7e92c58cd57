/** Tab in the real shells, with the script that the built program prints for each. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { binary, runBinary } from '../support/binary.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  place = await makeVault({ settings: { idle: '3h' } });
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'set' }, () => store.patients.update('ned', { handle: 'josé.m_1' }));
  });
  const folder = join(place.root, 'bin');
  mkdirSync(folder);
  symlinkSync(binary, join(folder, 'rapport'));
  env = { PATH: `${folder}:${process.env['PATH']}` };
});

const has = (shell: string): boolean => {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
};

const shells = {
  bash: { words: ['--norc', '-i'], load: 'PS1="> "; eval "$(rapport completion bash)"' },
  zsh: { words: ['-f', '-i'], load: 'PS1="> "; eval "$(rapport completion zsh)"' },
  fish: {
    words: ['--no-config', '-i'],
    load: 'function fish_prompt; echo "> "; end; rapport completion fish | source',
  },
} as const;

/** Types a line to be completed, waits for what it has become, and clears it. */
async function completed(shell: PtyRun, typed: string, whole: string): Promise<void> {
  shell.type(`${typed}\t`);
  // What is typed next is read when the completion is done.
  shell.type('X');
  await shell.waitFor(`${whole}X`);
  shell.type('\u0015');
}

describe.each(Object.entries(shells))('%s', (name, { words, load }) => {
  it.skipIf(!has(name))(`completes (skipped where ${name} is not installed)`, async () => {
    await runBinary(['unlock'], { root: place.root, env: { RAPPORT_PASSPHRASE: passphrase } });
    const shell = runInTerminal(words, { root: place.root, program: name, env, columns: 100, rows: 40 });
    try {
      shell.type(`${load}; echo rea''dy\r`);
      await shell.waitFor('\nready');
      await completed(shell, 'rapport timel', 'rapport timeline ');
      await completed(shell, 'rapport patient arc', 'rapport patient archive ');
      await completed(shell, 'rapport note malu --show', 'rapport note malu --show-in-brief ');
      await completed(shell, 'rapport note malu --kind fa', 'rapport note malu --kind family ');
      await completed(shell, 'rapport note malu --kind=fa', 'rapport note malu --kind=family ');
      await completed(shell, 'rapport brief mal', 'rapport brief malu ');
      await completed(shell, 'rapport brief jos', 'rapport brief josé.m_1 ');
      await completed(shell, 'rapport import ../vault/vault.d', 'rapport import ../vault/vault.db ');
      const ref = await place.withStore((store) => store.commitments.byId('malu-c1')?.ref ?? '');
      await completed(shell, `rapport done ${ref.slice(0, 4)}`, `rapport done ${ref} `);
      // Several: they are listed, and the line stays as it is.
      shell.type('rapport --color \t\t');
      await shell.waitFor('never');
      await runBinary(['lock'], place);
      shell.type('\u0015');
      await completed(shell, 'rapport brief wal', 'rapport brief wal');
      expect(shell.screen.text()).not.toMatch(/locked|passphrase|error|command not found/);
    } finally {
      shell.kill();
      await runBinary(['lock'], place);
    }
  });
});
