/** What a command loads is what its user waits for: the real binary, with what it loaded told at its end. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/folders.ts';

const binary = fileURLToPath(new URL('../bin/rapport.js', import.meta.url));
const agent = fileURLToPath(new URL('../dist/agent.cjs', import.meta.url));
const folder = temporaryFolder();
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
  /** Of dist/ and of packages, without folders. */
  readonly files: readonly string[];
  /** Node's own modules. */
  readonly builtins: readonly string[];
}

function loadedBy(words: readonly string[], program = binary): Loaded {
  execFileSync(process.execPath, ['--require', hook, program, ...words], {
    env: env({ RAPPORT_VAULT: vault }),
    input: '! call with the result by fri\n',
  });
  const { files, builtins }: Loaded = JSON.parse(readFileSync(told, 'utf8'));
  return { files: files.map((file) => basename(file)), builtins };
}

beforeAll(() => {
  writeFileSync(
    hook,
    `const vm = require('node:vm'), files = [];
     vm.Script = class extends vm.Script {
       constructor(source, options) {
         super(source, options);
         files.push(options.filename);
       }
     };
     process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify({
       files: [...files, ...Object.keys(require.cache)],
       builtins: process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).map((name) => name.slice(13)),
     })));`,
  );
  const demo = execFileSync(process.execPath, [binary, 'demo', '--json'], { env: env(), encoding: 'utf8' });
  vault = JSON.parse(demo).vault;
});

/** Parts that are loaded when somebody asks, imports, wants another list, or writes what is not ASCII. */
const heavy = /^(?:inquirer|dist|csv|lib|esm|import|export|doctor|review|due-)/;

describe('what is loaded', () => {
  it.each([[['--version']], [['--help']], [['help', 'dates']], [['brief', '--help']]])(
    'by %j: no vault',
    (words) => {
      const { files, builtins } = loadedBy(words);
      expect(files).toContain('rapport.cjs');
      expect(files).not.toContain('better_sqlite3.node');
      expect(builtins).not.toContain('inspector');
      // The topics know the width of the screen, and so all that a command is given.
      if (words[0] !== 'help') expect(builtins).not.toContain('crypto');
    },
  );

  it('by --version: no command, and nothing of the rules', () => {
    const { files } = loadedBy(['--version']);
    expect(files.filter((file) => file.endsWith('.cjs') && file !== 'hook.cjs').sort()).toEqual([
      'rapport.cjs',
      'rolldown-runtime.cjs',
      'start.cjs',
    ]);
  });

  it('by the agent: what it says and hears, and nothing of the vault whose keys it holds', () => {
    const { files } = loadedBy([], agent);
    expect(files).toContain('agent-client.cjs');
    expect(files.filter((file) => /^(?:vault|shared|compose|better)/.test(file))).toEqual([]);
  });

  it.each([[['due']], [['brief', 'amara']], [['notes', 'amara']], [['search', 'choir']]])(
    'by %j: the driver, and nothing for questions, lists or guesses',
    (words) => {
      const { files, builtins } = loadedBy(words);
      expect(files).toContain('better_sqlite3.node');
      expect(files.filter((file) => heavy.test(file))).toEqual([]);
      for (const name of ['readline', 'readline/promises', 'inspector']) expect(builtins).not.toContain(name);
    },
  );
});
