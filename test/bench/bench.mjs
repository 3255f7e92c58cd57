/**
 * `npm run bench`: what rapport's users wait for, as whole processes of the built program, each in turn with bare
 * `node -e 0`: the ratio of a row is the median of the pairs' ratios, the memory the largest resident set of one run. The key
 * is in the agent. Three vaults: 100 patients, 1,000 and 20,000 (1,000,000 notes, 200,000 promises of which 60 are due).
 * Nothing here is a test: a bound that is missed is printed as such, and exits 1. BENCH_LARGE=0 leaves the large vault
 * out; BENCH_RUNS is how many pairs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptVault, passphrase } from './making.mjs';
import { bareNode, createTable, makePlace, pair, pairs, peakOf, rapport } from './measuring.mjs';
import { benchPeers } from './peers.mjs';

const place = makePlace();
const passphraseFile = join(place.folder, 'passphrase');
writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
const table = createTable();
const opened = [];

function row(name, words, env, bounds = {}, input = '') {
  const wordsOf = typeof words === 'function' ? words : () => words;
  const measured = pair((turn) => rapport(wordsOf(turn), env, input).milliseconds, bareNode);
  table.add({
    name,
    ...measured,
    memory: peakOf(wordsOf(pairs), env, input, place.folder),
    memoryBound: 80,
    ...bounds,
  });
}

/** Opens a copy of a kept vault. @returns the environment in which its key is in the agent */
async function open(name, spec) {
  const folder = join(place.folder, name);
  await keptVault(folder, name, spec);
  const env = { ...place.env, RAPPORT_VAULT: folder };
  rapport(['unlock'], { ...env, RAPPORT_PASSPHRASE_FILE: passphraseFile });
  opened.push(env);
  return env;
}

/** The quick way to the agent is for a few vaults at a time: nobody has more. */
function lockAll() {
  for (const env of opened.splice(0)) rapport(['lock'], env);
}

/** One promise for each run: they can be kept only once. */
function refsOf(env) {
  const { items } = JSON.parse(rapport(['due', '--patient', 'busy', '--all', '--json'], env).stdout);
  return items.map(({ ref }) => ref);
}

function everyDay(size, env, { daily, writing }) {
  const refs = refsOf(env);
  const line = '! call with the result by fri\n';
  row(`due, ${size}`, ['due'], env, { ratioBound: daily });
  row(`brief, ${size}`, ['brief', 'p7', '--force'], env, { ratioBound: daily });
  row(`commit --stdin, ${size}`, ['commit', 'p7', '--stdin'], env, { ratioBound: writing }, line);
  row(`done, ${size}`, (turn) => ['done', refs[turn + 1]], env, { ratioBound: writing });
}

function looking(size, env) {
  row(`search, a common word, ${size}`, ['search', 'garden'], env, { ratioBound: 3 });
  row(`search, a rare word, ${size}`, ['search', 'marigold'], env, { ratioBound: 3 });
  row(`notes, ${size}`, ['notes', 'p7'], env);
  row(`patient list, ${size}`, ['patient', 'list'], env);
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
  row('--help', ['--help'], place.env, { ratioBound: 1.5 });
  row('--version', ['--version'], place.env, { ratioBound: 1.5 });
  const some = { notesEach: 50, commitmentsEach: 10, busy: 100, deep: 5000 };
  everyDay('100 patients', await open('small', { ...some, patients: 100, due: 10 }), {
    daily: 2,
    writing: 2.5,
  });
  const medium = await open('medium', { ...some, patients: 1000, due: 50 });
  everyDay('1,000 patients', medium, { daily: 2.5, writing: 2.5 });
  const typed = { ...medium, RAPPORT_PASSPHRASE_FILE: passphraseFile };
  const unlocking = pair(() => {
    rapport(['lock'], medium);
    return rapport(['unlock'], typed).milliseconds;
  }, bareNode);
  table.add({ name: 'unlock', ...unlocking });
  importing();
  if (process.env.BENCH_LARGE !== '0') {
    const large = await open('large', { ...some, patients: 20_000, due: 60 });
    everyDay('1,000,000 notes', large, { daily: 2.2, writing: 2.5 });
    looking('1,000,000 notes', large);
    const briefing = (handle) => () => rapport(['brief', handle, '--force'], large).milliseconds;
    table.add({
      name: 'brief: 5,000 notes to 50',
      ...pair(briefing('deep'), briefing('fifty')),
      ratioBound: 1.2,
    });
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
