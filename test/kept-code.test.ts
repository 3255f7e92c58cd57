/** What V8 compiled is kept where an installation came without it, believed only where nobody else could have written it. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rapport-test-'));
const install = join(folder, 'installed');
const caches = join(folder, 'caches');
const kept = join(caches, 'rapport');
const hook = join(folder, 'hook.cjs');
const told = join(folder, 'told');

/** Runs `rapport --version` as installed. @returns whether V8 took each piece of kept code that it was given */
function run(): readonly boolean[] {
  writeFileSync(told, '');
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: caches };
  const binary = join(install, 'bin', 'rapport.js');
  const version = execFileSync(process.execPath, ['--require', hook, binary, '--version'], {
    env,
    encoding: 'utf8',
  });
  expect(version).toMatch(/\d+\.\d+\.\d+/);
  return readFileSync(told, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line === 'taken');
}

/** Without the version that V8's header has behind its magic number, in both copies. */
function otherV8(whole: Buffer): Buffer {
  const start = `// ${'0'.repeat(64)} ${process.version} ${process.arch}`.length;
  const half = (whole.length - start) / 2;
  return whole.fill(0, start + 4, start + 8).fill(0, start + half + 4, start + half + 8);
}

/** As a build under another Node names it. */
const renamed = (whole: Buffer): Buffer =>
  Buffer.from(whole.toString('latin1').replace(process.version, 'v20.17.0'), 'latin1');

const only = (): string => {
  const [file = '', ...more] = readdirSync(kept);
  expect(more).toEqual([]);
  return join(kept, file);
};

beforeAll(() => {
  for (const name of ['bin', 'dist'])
    cpSync(join(project, name), join(install, name), {
      recursive: true,
      filter: (file) => !file.endsWith('.cache'),
    });
  symlinkSync(join(project, 'node_modules'), join(install, 'node_modules'));
  writeFileSync(
    hook,
    `const vm = require('node:vm'), fs = require('node:fs');
     vm.Script = class extends vm.Script {
       constructor(source, options) {
         super(source, options);
         if (options?.cachedData) fs.appendFileSync(${JSON.stringify(told)}, this.cachedDataRejected ? 'refused\\n' : 'taken\\n');
       }
     };`,
  );
});

beforeEach(() => {
  rmSync(caches, { recursive: true, force: true });
  expect(run()).toEqual([]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('kept code', () => {
  it('is written by the first run, for its user alone, and taken by the next', () => {
    expect(statSync(kept).mode & 0o777).toBe(0o700);
    expect(statSync(only()).mode & 0o777).toBe(0o600);
    expect(run()).toEqual([true]);
  });

  it.each([
    ['cut short', (whole: Buffer) => whole.subarray(0, whole.length / 2), []],
    ['empty', () => Buffer.alloc(0), []],
    ['damaged', (whole: Buffer) => whole.fill(0, whole.length - 4096), []],
    ['of another text', (whole: Buffer) => whole.fill('0', 3, 9), []],
    ['of another V8', (whole: Buffer) => otherV8(whole), [false]],
  ])('is made again where it is %s', (_, spoil, tried) => {
    const file = only();
    writeFileSync(file, spoil(readFileSync(file)));
    expect(run()).toEqual(tried);
    expect(run()).toEqual([true]);
  });

  it.each([
    ['another Node, which is told by its name', (whole: Buffer) => renamed(whole), [true]],
    ['other flags, which V8 tells', (whole: Buffer) => otherV8(whole), [false, true]],
  ])('is taken where the build’s is of %s', (_, spoil, tried) => {
    const built = join(install, 'dist', 'help.cjs.cache');
    writeFileSync(built, spoil(readFileSync(only())));
    expect(run()).toEqual(tried);
    rmSync(built);
  });

  it('replaces what was kept for another Node', () => {
    const current = only();
    const other = join(kept, 'help-v20.17.0-x64');
    renameSync(current, other);
    expect(run()).toEqual([]);
    expect(only()).toBe(current);
  });

  it.each([
    ['a file that others can write', () => chmodSync(only(), 0o666)],
    ['a folder that others can write', () => chmodSync(kept, 0o777)],
  ])('is not run from %s', (_, loosen) => {
    loosen();
    expect(run()).toEqual([]);
  });

  it('is not waited for where it is a pipe', () => {
    const file = only();
    rmSync(file);
    execFileSync('mkfifo', [file]);
    expect(run()).toEqual([]);
  });

  it('is kept beside that of other bundles', () => {
    const env = { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: caches };
    const binary = join(install, 'bin', 'rapport.js');
    for (const words of [
      ['config', '--help'],
      ['due', '--help'],
      ['config', '--help'],
    ])
      execFileSync(process.execPath, [binary, ...words], { env });
    const bundles = readdirSync(kept).map((name) => name.split('-v')[0]);
    expect(bundles.sort()).toEqual(['help', 'rapport', 'rapport-due']);
  });

  it('is not run through a link', () => {
    const file = only();
    const elsewhere = join(folder, 'elsewhere');
    cpSync(file, elsewhere);
    rmSync(file);
    symlinkSync(elsewhere, file);
    expect(run()).toEqual([]);
  });
});
