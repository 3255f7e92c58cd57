/** What a command loads is what its user waits for: the real binary, with what it loaded told at its end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const binary = fileURLToPath(new URL('../bin/rapport.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
const told = join(folder, 'loaded.json');
const hook = join(folder, 'hook.cjs');
let vault: string;

const env = (more: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env['PATH'],
  HOME: folder,
  TMPDIR: folder,
  XDG_RUNTIME_DIR: folder,
  XDG_STATE_HOME: folder,
  ...more,
});

interface Loaded {
  /** File names, without folders. */
  readonly files: readonly string[];
  /** Node's own modules. */
  readonly builtins: readonly string[];
}

function loadedBy(words: readonly string[], place = vault): Loaded {
  execFileSync(process.execPath, ['--require', hook, binary, ...words], {
    env: env({ RAPPORT_VAULT: place }),
    input: '! call with the result by fri\n',
  });
  const { files, builtins }: Loaded = JSON.parse(readFileSync(told, 'utf8'));
  return { files: files.map((file) => basename(file)), builtins };
}

beforeAll(() => {
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify({
       files: Object.keys(require.cache),
       builtins: process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).map((name) => name.slice(13)),
     })));`,
  );
  const demo = execFileSync(process.execPath, [binary, 'demo', '--json'], { env: env(), encoding: 'utf8' });
  vault = JSON.parse(demo).vault;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is loaded', () => {
  it.each([['--help'], ['--version'], ['help', 'dates'], ['brief', '--help']])(
    'by %s: no driver, no crypto',
    (...words) => {
      const { files, builtins } = loadedBy(words.filter((word) => word !== undefined));
      expect(files).toEqual(['hook.cjs', 'rapport.js']);
      for (const heavy of ['crypto', 'child_process', 'readline', 'inspector'])
        expect(builtins).not.toContain(heavy);
    },
  );

  it.each([['due'], ['brief', 'amara'], ['notes', 'amara'], ['search', 'choir']])(
    'by %s: the driver, and nothing for questions, lists or guesses',
    (...words) => {
      const { files, builtins } = loadedBy(words.filter((word) => word !== undefined));
      expect(
        files.filter((file) => !['hook.cjs', 'rapport.js', 'better_sqlite3.node'].includes(file)),
      ).toEqual([]);
      expect(files).toContain('better_sqlite3.node');
      for (const heavy of ['child_process', 'readline', 'readline/promises', 'inspector'])
        expect(builtins).not.toContain(heavy);
    },
  );

  describe.runIf(process.platform !== 'win32')('with the key in the agent', () => {
    const own = join(folder, 'own');
    const rapport = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      execFileSync(process.execPath, [binary, ...words], { env: env({ RAPPORT_VAULT: own, ...more }) });

    beforeAll(() => {
      const passphraseFile = join(folder, 'passphrase');
      writeFileSync(passphraseFile, 'seven small boats at rest\n', { mode: 0o600 });
      const withPassphrase = { RAPPORT_PASSPHRASE_FILE: passphraseFile };
      rapport(['init', '--no-input', '--recovery-out', join(folder, 'sheet')], withPassphrase);
      rapport(['patient', 'add', 'Amara Okafor', '--no-input', '--yes'], withPassphrase);
      rapport(['unlock'], withPassphrase);
    });
    afterAll(() => void rapport(['lock']));

    it.each([['due'], ['brief', 'amara', '--force'], ['commit', 'amara', '--stdin'], ['search', 'choir']])(
      'by %s: neither network nor streams, nor crypto',
      (...words) => {
        const { builtins } = loadedBy(
          words.filter((word) => word !== undefined),
          own,
        );
        for (const heavy of ['net', 'stream', 'tty', 'crypto', 'child_process', 'readline'])
          expect(builtins).not.toContain(heavy);
      },
    );
  });
});
