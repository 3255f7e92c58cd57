/** What the benches share: whole processes timed in pairs, their memory, and a table with bounds. */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const binary = join(repository, 'bin/rapport.js');
export const pairs = Number(process.env.BENCH_RUNS ?? 31);

// NODE_EXTRA_CA_CERTS slows node's own start, and with it both sides of every ratio.
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;

export { inherited };

/** A temporary folder, and rapport's environment in it. */
export function makePlace() {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
  const runtime = join(folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    ...inherited,
    RAPPORT_NOW: '2026-03-12T08:30:00Z',
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_RUNTIME_DIR: runtime,
    XDG_STATE_HOME: join(folder, 'state'),
  };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a program to its end. @returns its output, and how long it took in milliseconds */
export function run(argv, env = inherited, input = '') {
  const [file = '', ...args] = argv;
  const began = process.hrtime.bigint();
  const result = spawnSync(file, args, { env, input, encoding: 'utf8', maxBuffer: 2 ** 30 });
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  if (result.status !== 0) throw new Error(`${argv.join(' ')} ended with ${result.status}\n${result.stderr}`);
  return { stdout: result.stdout, milliseconds };
}

export const rapport = (words, env, input) => run([process.execPath, binary, ...words], env, input);

/** The packed tarball, unpacked in a folder, with this checkout's driver. @returns its program */
export function unpackTarball(folder) {
  const pack = ['npm', 'pack', repository, '--ignore-scripts', '--silent', '--pack-destination', folder];
  run(pack);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  run(['tar', '-xf', join(folder, tarball), '-C', folder]);
  symlinkSync(join(repository, 'node_modules'), join(folder, 'package', 'node_modules'));
  return join(folder, 'package', 'bin', 'rapport.js');
}

export const median = (values) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

/** The largest resident set of one run, in MB, as the process itself is told at its end. */
export function peakOf(words, env, input, folder, program = binary) {
  const hook = join(folder, 'memory.cjs');
  const told = join(folder, 'memory');
  writeFileSync(
    hook,
    `process.on('exit', () => {
       const { readFileSync, writeFileSync } = require('node:fs');
       let most = process.resourceUsage().maxRSS;
       // Linux counts in maxRSS what the parent had when it started the process.
       if (process.platform === 'linux') most = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
       writeFileSync(${JSON.stringify(told)}, String(most));
     });`,
  );
  run([process.execPath, '--require', hook, program, ...words], env, input);
  return Number(readFileSync(told, 'utf8')) / 1024;
}

/**
 * Runs each row and what it is held against, all rows once and then all again: what slows the machine for a minute slows
 * them all. One turn goes before that does not count.
 * @param rows each function gets the number of its turn, since some can be done only once
 * @returns each row's ratio, the median of its pairs', and its own milliseconds
 */
export function pairAll(rows, turns = pairs) {
  const taken = rows.map(() => []);
  for (let turn = -1; turn < turns; turn += 1)
    for (const [at, { own, other = bareNode }] of rows.entries()) {
      const base = other(turn);
      const time = own(turn);
      if (turn >= 0) taken[at].push({ time, ratio: time / base });
    }
  return taken.map((all) => ({
    ratio: median(all.map(({ ratio }) => ratio)),
    milliseconds: median(all.map(({ time }) => time)),
  }));
}

export const pair = (own, other, turns) => pairAll([{ own, other }], turns)[0];

export const bareNode = () => run([process.execPath, '-e', '0']).milliseconds;

const shown = (value, digits) => (value === undefined ? '' : value.toFixed(digits));
const verdictOf = ({ ratio, ratioBound, milliseconds, timeBound, memory, memoryBound }) => {
  const isKept = (value, bound) => bound === undefined || value === undefined || value <= bound;
  if (ratioBound === undefined && timeBound === undefined && memoryBound === undefined) return '';
  const all = [isKept(ratio, ratioBound), isKept(milliseconds, timeBound), isKept(memory, memoryBound)];
  return all.every(Boolean) ? 'kept' : 'MISSED';
};

/** Rows as they come; `end` writes them as JSON and tells whether every bound was kept. */
export function createTable() {
  const rows = [];
  console.log(`${'what'.padEnd(34)} ratio bound       ms   bound   MB bound  verdict\n${'-'.repeat(82)}`);
  return {
    add(row) {
      const whole = { ...row, verdict: verdictOf(row) };
      rows.push(whole);
      const { name, ratio, ratioBound, milliseconds, timeBound, memory, memoryBound, verdict } = whole;
      console.log(
        [
          name.padEnd(34),
          shown(ratio, 2).padStart(5),
          shown(ratioBound, 1).padStart(5),
          shown(milliseconds, 0).padStart(8),
          shown(timeBound, 0).padStart(7),
          shown(memory, 0).padStart(4),
          shown(memoryBound, 0).padStart(5),
          ` ${verdict}`,
        ].join(' '),
      );
    },
    end(file) {
      const results = { node: process.version, platform: `${process.platform} ${process.arch}`, pairs, rows };
      writeFileSync(join(repository, file), `${JSON.stringify(results, null, 2)}\n`);
      return rows.every(({ verdict }) => verdict !== 'MISSED');
    },
  };
}
