/** An installation whose driver does not fit: moved to another Node, copied to another machine, or without it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runBinary } from './support/binary.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

const source = fileURLToPath(new URL('..', import.meta.url));
let place: TestPlace;
let script: string;
let native: string;

beforeAll(async () => {
  place = await makeVault();
  const home = join(place.root, 'installed');
  const driver = join('node_modules', 'better-sqlite3');
  const parts = ['package.json', 'bin', 'dist', join(driver, 'package.json'), join(driver, 'lib')];
  for (const part of [...parts, join('node_modules', 'bindings'), join('node_modules', 'file-uri-to-path')])
    cpSync(join(source, part), join(home, part), { recursive: true });
  script = join(home, 'bin', 'rapport.js');
  native = join(home, driver, 'build', 'Release', 'better_sqlite3.node');
  mkdirSync(join(native, '..'), { recursive: true });
});

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

/** As every native module tells Node for which one it was built. */
const ofAnotherNode = `
struct node_module { int version; unsigned flags; void *rest[7]; };
extern void node_module_register(void *);
static struct node_module this_module = { 1 };
__attribute__((constructor)) static void begin(void) { node_module_register(&this_module); }
`;

function compileForAnotherNode(): void {
  const text = join(place.root, 'other.c');
  writeFileSync(text, ofAnotherNode);
  const late = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  execFileSync('cc', ['-shared', '-fPIC', ...late, '-o', native, text]);
}

const cases = [
  {
    name: 'built for another Node',
    make: compileForAnotherNode,
    message: `the database driver was built for another Node (of module version 1, this one's is ${process.versions.modules})`,
  },
  {
    name: 'that is of another machine',
    make: () => writeFileSync(native, 'of another machine'),
    message: "the database driver can't be loaded here",
  },
  { name: 'that is missing', make: () => rmSync(native), message: 'the database driver is missing' },
] as const;

describe.each(cases)('a driver $name', ({ name, make, message }) => {
  it.skipIf(name === 'built for another Node' && !hasCompiler)(
    'is one line and its way out, for every command (skipped where no C compiler is there)',
    async () => {
      make();
      const env = { RAPPORT_PASSPHRASE: passphrase };
      const hint = 'npm rebuild, or install rapport again';
      const rapport = (...words: readonly string[]) => runBinary(words, { root: place.root, env, script });
      for (const words of [['due'], ['backup', join(place.root, 'kept.rapport')], ['demo']])
        expect([words, await rapport(...words)]).toEqual([
          words,
          { stdout: '', stderr: `rapport: ${message}\nhint: ${hint}\n`, code: 1 },
        ]);
      const inJson = await rapport('due', '--json');
      expect([inJson.code, JSON.parse(inJson.stderr)]).toEqual([
        1,
        { error: { code: 1, name: 'failed', message, hints: [hint] } },
      ]);
      const { stdout } = await rapport('doctor');
      expect(stdout).toContain(`not tried ${message}\n          hint: ${hint}\n`);
    },
  );
});
