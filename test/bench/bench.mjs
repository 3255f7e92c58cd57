/**
 * `npm run bench`: what rapport's users wait for, as whole processes of the built program, each in turn with bare
 * `node -e 0`, and all rows in turn. A ratio is the median of a row's pairs, the memory the largest resident set of one
 * run. The key is in the agent. Three vaults: 100 patients, 1,000 and 20,000 (1,000,000 notes, 200,000 promises of which
 * 60 are due). Each output is checked. Nothing here is a test: a bound that is missed is printed as such, and exits 1.
 * BENCH_LARGE=0 leaves the large vault out; BENCH_RUNS is how many pairs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptVault, passphrase } from './making.mjs';
import {
  bareNode,
  binary,
  createTable,
  makePlace,
  pair,
  pairAll,
  pairs,
  peakOf,
  rapport,
  run,
  unpackTarball,
} from './measuring.mjs';
import { benchPeers } from './peers.mjs';

const place = makePlace();
const passphraseFile = join(place.folder, 'passphrase');
writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
const table = createTable();
const opened = [];
const rows = [];
const helpSays = /^ +brief [\s\S]*^ +commit [\s\S]*^ +completion /m;

/** A command to be timed. @param says what each of its outputs must hold: a program that does not work is quick */
function row(name, words, env, { says, input = '', program = binary, ...bounds }) {
  const wordsOf = typeof words === 'function' ? words : () => words;
  const timed = (turn) => {
    const { stdout, milliseconds } = run([process.execPath, program, ...wordsOf(turn)], env, input);
    if (!says.test(stdout)) throw new Error(`${name} printed something else: ${stdout.slice(0, 200)}`);
    return milliseconds;
  };
  const memory = () => peakOf(wordsOf(pairs), env, input, place.folder, program);
  rows.push({ name, own: timed, memory, memoryBound: 80, ...bounds });
}

function measure() {
  console.log(`${rows.length} rows, ${pairs} times in turn …`);
  const found = pairAll(rows);
  for (const [at, { own, other, memory, ...row }] of rows.entries())
    table.add({ ...row, ...found[at], memory: memory?.() });
}

/** Opens a copy of a kept vault. @returns the environment in which its key is in the agent */
async function open(name, spec, copy = name) {
  const folder = join(place.folder, copy);
  await keptVault(folder, name, spec);
  const env = { ...place.env, RAPPORT_VAULT: folder };
  rapport(['unlock'], { ...env, RAPPORT_PASSPHRASE_FILE: passphraseFile });
  opened.push(env);
  return env;
}

function lockAll() {
  for (const env of opened.splice(0)) rapport(['lock'], env);
}

/** One promise for each run: they can be kept only once. */
function refsOf(env) {
  const { items } = JSON.parse(rapport(['due', '--patient', 'busy', '--all', '--json'], env).stdout);
  return items.map(({ ref }) => ref);
}

const dueSays = /^Thu 12 Mar 2026[\s\S]*^OVERDUE$[\s\S]*days late$/m;
const briefSays = /^YOU PROMISED$/m;

/** Writes into another copy: what is looked at stays as large as it is. @returns the environment of the one that stays */
async function everyDay(size, name, spec, daily) {
  const env = await open(name, spec);
  const written = await open(name, spec, `${name}-written`);
  const refs = refsOf(written);
  const input = '! call with the result by fri\n';
  row(`due, ${size}`, ['due'], env, { says: dueSays, ratioBound: daily });
  row(`brief, ${size}`, ['brief', 'p7', '--force'], env, { says: briefSays, ratioBound: daily });
  const commit = ['commit', 'p7', '--stdin'];
  row(`commit --stdin, ${size}`, commit, written, { says: /call with the result/i, input, ratioBound: 3 });
  row(`done, ${size}`, (turn) => ['done', refs[turn + 1]], written, { says: /^Kept /, ratioBound: 3 });
  return env;
}

function looking(size, env) {
  row(`search, a common word, ${size}`, ['search', 'garden'], env, { says: /garden/i, ratioBound: 3.2 });
  row(`search, a rare word, ${size}`, ['search', 'marigold'], env, { says: /marigold/i, ratioBound: 3.2 });
  row(`notes, ${size}`, ['notes', 'p7'], env, { says: /\d{4}/ });
  row(`patient list, ${size}`, ['patient', 'list'], env, { says: /Special busy/ });
}

/** What a person installs: another program in another place, with kept code of its own. */
function installed(vault) {
  const program = unpackTarball(place.folder);
  const env = { ...vault, XDG_CACHE_HOME: join(place.folder, 'cache-installed') };
  row('--help, installed', ['--help'], env, { says: helpSays, program, ratioBound: 2.1 });
  row('due, 1,000 patients, installed', ['due'], env, { says: dueSays, program, ratioBound: 2.5 });
}

async function elsewhere(spec) {
  const env = await open('medium', spec, 'elsewhere');
  rapport(['config', 'time-zone', 'Asia/Kolkata'], env);
  row('due, 1,000 patients, a time zone set', ['due'], env, { says: /Asia\/Kolkata/, ratioBound: 2.5 });
}

function importing() {
  const folder = join(place.folder, 'new');
  const env = { ...place.env, RAPPORT_VAULT: folder, RAPPORT_PASSPHRASE_FILE: passphraseFile };
  rapport(['init', '--no-input', '--recovery-out', join(place.folder, 'recovery')], env);
  const medium = opened.find(({ RAPPORT_VAULT }) => RAPPORT_VAULT.endsWith('medium'));
  const document = join(place.folder, 'all.json');
  rapport(['export', '--format', 'rapport', '--out', document, '--quiet'], medium);
  const began = process.hrtime.bigint();
  const memory = peakOf(['import', document, '--yes'], env, '', place.folder);
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  table.add({
    name: 'import of 1,000 and 50,000 notes',
    milliseconds,
    timeBound: 10_000,
    memory,
  });
}

try {
  row('--help', ['--help'], place.env, { says: helpSays, ratioBound: 2.1 });
  row('--version', ['--version'], place.env, { says: /^rapport \d.*\nNode .* SQLite/, ratioBound: 1.5 });
  const some = { notesEach: 50, commitmentsEach: 10, busy: 100, deep: 5000 };
  const ofMedium = { ...some, patients: 1000, due: 50 };
  await everyDay('100 patients', 'small', { ...some, patients: 100, due: 10 }, 2.5);
  const medium = await everyDay('1,000 patients', 'medium', ofMedium, 2.5);
  installed(medium);
  await elsewhere(ofMedium);
  const isLarge = process.env.BENCH_LARGE !== '0';
  const ofLarge = { ...some, patients: 20_000, due: 60 };
  const large = isLarge ? await everyDay('1,000,000 notes', 'large', ofLarge, 2.8) : undefined;
  if (large !== undefined) {
    looking('1,000,000 notes', large);
    const briefing = (handle) => () => rapport(['brief', handle, '--force'], large).milliseconds;
    const ofDepth = { own: briefing('deep'), other: briefing('fifty') };
    rows.push({ name: 'brief: 5,000 notes to 50', ...ofDepth, ratioBound: 1.2 });
  }
  measure();
  const typed = { ...medium, RAPPORT_PASSPHRASE_FILE: passphraseFile };
  const unlocking = pair(() => {
    rapport(['lock'], medium);
    return rapport(['unlock'], typed).milliseconds;
  }, bareNode);
  table.add({ name: 'unlock', ...unlocking });
  importing();
  if (large !== undefined) {
    const { milliseconds } = rapport(['backup', join(place.folder, 'backup'), '--quiet'], large);
    table.add({ name: 'backup, 1,000,000 notes', milliseconds });
  }
  lockAll();
  await benchPeers(table, place);
} finally {
  lockAll();
  place.remove();
}
process.exitCode = table.end('bench-results.json') ? 0 : 1;
