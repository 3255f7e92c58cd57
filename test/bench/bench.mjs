/**
 * `npm run bench`: times whole processes of the built rapport against bare `node -e 0`, in turn, in the same run.
 * A row is the median of the ratios pair by pair; memory is the largest resident set of one run. Nothing here is a
 * test: a bound that is missed is printed as such, and exits 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/rapport.js', import.meta.url));
const pairs = Number(process.env.BENCH_RUNS ?? 15);
const patientCount = Number(process.env.BENCH_PATIENTS ?? 1000);
const notesEach = Number(process.env.BENCH_NOTES_EACH ?? 50);

const folder = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
const runtime = join(folder, 'run');
mkdirSync(runtime, { mode: 0o700 });
const passphraseFile = join(folder, 'passphrase');
writeFileSync(passphraseFile, 'a bench of seven planks\n', { mode: 0o600 });

// NODE_EXTRA_CA_CERTS slows node's own start, and with it both sides of every ratio.
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const env = {
  ...inherited,
  RAPPORT_VAULT: join(folder, 'vault'),
  RAPPORT_TODAY: '2026-03-12',
  XDG_RUNTIME_DIR: runtime,
  XDG_STATE_HOME: join(folder, 'state'),
};
const withPassphrase = { ...env, RAPPORT_PASSPHRASE_FILE: passphraseFile };

/** A small generator, so that every run benches the same vault. */
let seed = 20260312;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const pick = (list) => list[random(list.length)];
const day = (back) => new Date(Date.UTC(2026, 2, 12) - back * 86_400_000).toISOString().slice(0, 10);

const first =
  'Ana Ben Cleo Dara Emil Fay Gus Hana Ivo June Karl Lena Milo Nora Otis Pia Remy Sara Tom Uma'.split(' ');
const last =
  'Abel Brook Castle Dunn Ewing Frost Grove Hale Ingram Jarvis Kent Lowe Marsh Nye Orr Platt Quist Reed'.split(
    ' ',
  );
const words =
  'garden choir sister bakery winter letter train river sketch window market cousin harbour piano walking knitting ' +
  'football school island teacher orchard bridge station summer kitchen dog bicycle mountain radio library';
const phrase = (count) => Array.from({ length: count }, () => pick(words.split(' '))).join(' ');
const kinds = [
  'story',
  'interest',
  'family',
  'concern',
  'question',
  'matters',
  'preference',
  'explain',
  'next',
];

function bigDocument() {
  const patients = Array.from({ length: patientCount }, (_, index) => ({
    id: `bench-${index}`,
    name: `${pick(first)} ${pick(last)} ${index}`,
    handle: `p${index}`,
    goes_by: pick(first),
    pronouns: 'they/them',
    birth_date: String(1930 + random(80)),
    first_met: day(2000 + random(3000)),
    notes: Array.from({ length: notesEach }, (_, note) => ({
      id: `bench-${index}-n${note}`,
      kind: pick(kinds),
      text: phrase(6 + random(8)),
      recorded_on: day(random(3000)),
      status: random(3) === 0 ? 'current' : 'retired',
    })),
    commitments: Array.from({ length: 4 }, (_, place) => {
      const made = random(2000);
      const isOpen = place === 0 && index % 20 === 0;
      return {
        id: `bench-${index}-c${place}`,
        text: phrase(5),
        owner: 'me',
        kind: 'call',
        made_on: day(made),
        due: day(isOpen ? random(40) : made - 7),
        ...(isOpen ? { status: 'open' } : { status: 'kept', closed_on: day(made - 6) }),
      };
    }),
    contacts: Array.from({ length: 6 }, (_, place) => ({
      id: `bench-${index}-v${place}`,
      on: day(30 + random(2000)),
      channel: 'visit',
      state: 'held',
    })),
  }));
  return JSON.stringify({ format: 'rapport', version: 1, patients });
}

function run(args, environment = env, input = '') {
  const result = spawnSync(process.execPath, args, { env: environment, input, encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${result.status}\n${result.stderr}`);
  return result;
}

function milliseconds(args, input) {
  const start = process.hrtime.bigint();
  run(args, env, input);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (values) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

const memoryHook = join(folder, 'memory.cjs');
const memoryFile = join(folder, 'memory');
writeFileSync(
  memoryHook,
  `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(memoryFile)}, String(process.resourceUsage().maxRSS)));`,
);
function peakMegabytes(args, input, environment = env) {
  run(['--require', memoryHook, ...args], environment, input);
  return Number(readFileSync(memoryFile, 'utf8')) / 1024;
}

function bench({ name, words: argv, input = '', ratio: bound, memory: memoryBound }) {
  const args = [binary, ...argv];
  run(args, env, input);
  const times = [];
  const ratios = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = milliseconds(['-e', '0']);
    const own = milliseconds(args, input);
    times.push(own);
    ratios.push(own / bare);
  }
  const memory = peakMegabytes(args, input);
  const ratio = median(ratios);
  const isKept = ratio <= bound && memory <= memoryBound;
  return {
    name,
    ratio,
    bound,
    milliseconds: median(times),
    memory,
    memoryBound,
    verdict: isKept ? 'kept' : 'MISSED',
  };
}

const rounded = (value, digits = 1) => value.toFixed(digits);
const results = [];
try {
  run([binary, 'init', '--no-input', '--recovery-out', join(folder, 'recovery')], withPassphrase);
  const document = join(folder, 'patients.json');
  writeFileSync(document, bigDocument());
  const started = process.hrtime.bigint();
  const importMemory = peakMegabytes([binary, 'import', document, '--yes'], '', withPassphrase);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(
    `import of ${patientCount} patients and ${patientCount * notesEach} notes: ${rounded(seconds)} s (bound 10 s), ${rounded(importMemory, 0)} MB`,
  );
  results.push({
    name: 'import',
    seconds,
    bound: 10,
    memory: importMemory,
    verdict: seconds <= 10 ? 'kept' : 'MISSED',
  });
  run([binary, 'unlock'], withPassphrase);
  const rows = [
    { name: '--help', words: ['--help'], ratio: 2.0, memory: 90 },
    { name: '--version', words: ['--version'], ratio: 2.0, memory: 90 },
    { name: 'due', words: ['due'], ratio: 2.5, memory: 90 },
    { name: 'brief', words: ['brief', 'p7', '--force'], ratio: 2.5, memory: 90 },
    { name: 'brief --json', words: ['brief', 'p7', '--json'], ratio: 2.5, memory: 90 },
    { name: 'search', words: ['search', 'harbour'], ratio: 3, memory: 90 },
    { name: 'notes', words: ['notes', 'p7'], ratio: 3, memory: 90 },
    {
      name: 'commit --stdin',
      words: ['commit', 'p7', '--stdin'],
      input: '! call by fri\n',
      ratio: 3,
      memory: 90,
    },
  ];
  console.log('command          ratio  bound       ms   MB  verdict');
  for (const row of rows) {
    const result = bench(row);
    results.push(result);
    console.log(
      `${result.name.padEnd(15)} ${rounded(result.ratio, 2).padStart(6)} ${rounded(result.bound).padStart(6)} ${rounded(result.milliseconds, 0).padStart(8)} ${rounded(result.memory, 0).padStart(4)}  ${result.verdict}`,
    );
  }
  writeFileSync(
    'bench-results.json',
    `${JSON.stringify({ node: process.version, pairs, results }, null, 2)}\n`,
  );
} finally {
  if (existsSync(env.RAPPORT_VAULT)) spawnSync(process.execPath, [binary, 'lock'], { env });
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = results.every(({ verdict }) => verdict === 'kept') ? 0 : 1;
