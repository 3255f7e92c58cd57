/** What V8 compiled is kept for its user, and believed only where nobody else could have written it and it is whole. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/folders.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = temporaryFolder();
const install = join(folder, 'installed');
const caches = join(folder, 'caches');
const kept = join(caches, 'rapport');
const file = join(kept, 'help');
const hook = join(folder, 'hook.cjs');
const told = join(folder, 'told');

/** Runs a command as installed. @returns whether V8 took the kept code of each file, refused it, or was given none */
function run(...words: readonly string[]): ReadonlySet<string> {
  writeFileSync(told, '');
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: caches };
  const binary = join(install, 'bin', 'rapport.js');
  const [word = 'help', ...more] = words;
  const text = execFileSync(process.execPath, ['--require', hook, binary, word, ...more], {
    env,
    encoding: 'utf8',
  });
  expect(text).toContain('rapport');
  return new Set(readFileSync(told, 'utf8').split('\n').slice(0, -1));
}

/** Changes the code, and its checksum with it. */
function changed(from: RegExp, to: (found: string) => string) {
  return (whole: Buffer): Buffer => {
    const code = Buffer.from(whole.subarray(4).toString('latin1').replace(from, to), 'latin1');
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(code));
    return Buffer.concat([sum, code]);
  };
}

beforeAll(() => {
  for (const name of ['bin', 'dist']) cpSync(join(project, name), join(install, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(install, 'node_modules'));
  writeFileSync(
    hook,
    `const vm = require('node:vm'), fs = require('node:fs');
     vm.Script = class extends vm.Script {
       constructor(source, options) {
         super(source, options);
         const fate = options.cachedData ? (this.cachedDataRejected ? 'refused' : 'taken') : 'none';
         fs.appendFileSync(${JSON.stringify(told)}, fate + '\\n');
       }
     };`,
  );
});

beforeEach(() => {
  rmSync(caches, { recursive: true, force: true });
  expect(run()).toEqual(new Set(['none']));
});

describe('kept code', () => {
  it('is written by the first run, for its user alone, and taken by the next', () => {
    expect(statSync(kept).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(kept)).toEqual(['help']);
    expect(run()).toEqual(new Set(['taken']));
  });

  it.each([
    ['cut short', (whole: Buffer) => whole.subarray(0, whole.length / 2), 'none'],
    ['empty', () => Buffer.alloc(0), 'none'],
    ['damaged', (whole: Buffer) => whole.fill(0, whole.length - 4096), 'none'],
    ['of another Node', changed(/ v\d+\.\d+\.\d+ /g, () => ' v20.17.0 '), 'none'],
    // V8 checks its own version, behind a magic number.
    ['of another V8', changed(/(\]\n.{4}).{4}/gs, (found) => `${found.slice(0, -4)}\0\0\0\0`), 'refused'],
  ])('is made again where it is %s', (_, spoil, fate) => {
    const whole = readFileSync(file);
    writeFileSync(file, spoil(whole));
    expect(run()).toContain(fate);
    expect(run()).toEqual(new Set(['taken']));
  });

  it('is made again of a file that was built again', () => {
    const rapport = join(install, 'dist', 'rapport.cjs');
    utimesSync(rapport, new Date(), new Date());
    expect(run()).toEqual(new Set(['none', 'taken']));
    expect(run()).toEqual(new Set(['taken']));
  });

  it.each([
    ['a file that others can write', () => chmodSync(file, 0o666)],
    ['a folder that others can write', () => chmodSync(kept, 0o777)],
    [
      'a pipe',
      () => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
    [
      'a link',
      () => {
        const elsewhere = join(folder, 'elsewhere');
        cpSync(file, elsewhere);
        rmSync(file);
        symlinkSync(elsewhere, file);
      },
    ],
  ])('is not taken from %s', (_, loosen) => {
    loosen();
    expect(run()).toEqual(new Set(['none']));
  });

  it('is kept for each first word, and of what a later run loads beside it', () => {
    run('config', '--help');
    expect(readdirSync(kept).sort()).toEqual(['config', 'help']);
    expect(run('help', 'config')).toContain('none');
    expect(run('help', 'config')).toEqual(new Set(['taken']));
    expect(run('help', 'dates')).toEqual(new Set(['taken']));
  });

  it('is not kept of a run that failed, nor under a word that is no command', () => {
    expect(() => run('mari')).toThrow();
    expect(readdirSync(kept)).toEqual(['help']);
  });

  it('is missed by nobody where no folder can be had', () => {
    rmSync(caches, { recursive: true });
    appendFileSync(caches, '');
    expect(run()).toEqual(new Set(['none']));
  });
});
