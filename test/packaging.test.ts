/** What npm would publish: these files, and nothing of the house itself. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { binary } from './support/binary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const wanted = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'package.json',
  'bin/rapport.js',
  'dist/agent.cjs',
  'dist/licences.txt',
  'dist/rapport.1',
  'dist/rapport.cjs',
];

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

describe('the package', () => {
  it('holds what runs and what tells of it, and is small', () => {
    const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [packed]: readonly Packed[] = JSON.parse(told);
    const files = packed?.files ?? [];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(wanted));
    // The rest is what the program loads when it is wanted.
    for (const path of paths)
      expect([path, wanted.includes(path) || /^dist\/[\w.-]+\.cjs$/.test(path)]).toEqual([path, true]);
    expect(files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path)).toEqual([
      'bin/rapport.js',
    ]);
    expect(packed?.size).toBeLessThan(1_500_000);
    expect(packed?.unpackedSize).toBeLessThan(5_000_000);
  });

  it('names what npm links: the command, and the manual page, which npm takes from a list only', () => {
    expect(manifest.bin).toEqual({ rapport: 'bin/rapport.js' });
    expect(manifest.man).toEqual(['dist/rapport.1']);
    expect(readFileSync(binary, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('rapport --version', () => {
  it.each([['--version'], ['-v'], ['-V']])(
    '%s names rapport, Node, SQLite and the ciphers as they are',
    (flag) => {
      const Driver = createRequire(import.meta.url)('better-sqlite3');
      const database = new Driver(':memory:');
      const { sqlite, ciphers } = database
        .prepare('SELECT sqlite_version() AS sqlite, sqlite3mc_version() AS ciphers')
        .get();
      database.close();
      expect(execFileSync(process.execPath, [binary, flag], { encoding: 'utf8' })).toBe(
        `rapport ${manifest.version}\nNode ${process.versions.node}, SQLite ${sqlite}, ${ciphers} (sqlcipher 4)\n`,
      );
    },
  );
});
