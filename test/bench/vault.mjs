/**
 * `npm run bench:vault`: what the key, the agent and a backup cost. Whole processes of the built rapport; two things
 * that are compared run in turn, pair by pair, and a row is the median of the pairs' differences. Nothing here is a
 * test: a bound that is missed is printed as such, and exits 1. Linux, for the memory of other processes (/proc).
 *
 * - unlock beyond scrypt: `rapport unlock` with a passphrase in a file and no agent yet, less one scrypt of N = 2^17 in
 *   a process of its own, by that process's clock.
 * - due by the agent: less `due` with a passphrase in the environment, in a vault whose scrypt is N = 2 and costs
 *   nothing: a key in hand.
 * - agent: resident memory after 100 answers, and its peak.
 * - backup: its peak, sampled every 10 ms. With a passphrase scrypt's 128 MiB come first and are given back: the row is
 *   what is resident once copying has begun.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keptVault, makeVault, passphrase } from './making.mjs';
import { binary, createTable, makePlace, median, pairs, rapport, run } from './measuring.mjs';

const notes = Number(process.env.BENCH_NOTES ?? 1_000_000);
const dear = 2 ** 17;

const { folder, env: common, remove } = makePlace();
const place = (name) => {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700, recursive: true });
  return path;
};
const passphraseFile = join(folder, 'passphrase');
writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
const environment = (vault, more = {}) => ({ ...common, RAPPORT_VAULT: vault, ...more });

/** Runs both in turn. @returns the median of what the first takes beyond the second */
function difference(first, second) {
  first();
  second();
  return median(Array.from({ length: pairs }, () => first() - second()));
}

const table = createTable();
const notesEach = 1000;
const madeOf = (n, count) => ({
  n,
  patients: count / notesEach,
  notesEach,
  commitmentsEach: 0,
  contactsEach: 0,
});

function scrypt() {
  const script = `const { scryptSync } = require('node:crypto'); const began = process.hrtime.bigint();
    scryptSync('x', 'y', 32, { N: ${dear}, r: 8, p: 1, maxmem: 2 ** 28 });
    console.log(Number(process.hrtime.bigint() - began) / 1e6);`;
  return Number(run([process.execPath, '-e', script]).stdout);
}

/** Of a process, in MB: what is resident, and the most that ever was. */
function memoryOf(id) {
  try {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    const value = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
    return { resident: value('VmRSS'), peak: value('VmHWM') };
  } catch {
    return { resident: 0, peak: 0 };
  }
}

/** The process behind a socket: the path's inode, then whoever has it open. */
function agentOf(socket) {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((one) => one.includes(` ${dirname(socket)}/`));
  const wanted = `socket:[${line?.trim().split(/\s+/)[6]}]`;
  const isBehind = (id) => {
    try {
      return readdirSync(`/proc/${id}/fd`).some((fd) => readlinkSync(`/proc/${id}/fd/${fd}`) === wanted);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').find((id) => /^\d+$/.test(id) && isBehind(id));
}

/** Runs a backup and looks at its memory every 10 ms: all the time, and once the copying has begun. */
function watched(words, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binary, ...words], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const seen = { peak: 0, copying: 0 };
    const look = setInterval(() => {
      const { peak, resident } = memoryOf(child.pid);
      seen.peak = Math.max(seen.peak, peak);
      if (readdirSync(folder).some((name) => name.endsWith('.making')))
        seen.copying = Math.max(seen.copying, resident);
    }, 10);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve(seen);
      else reject(new Error(`${words.join(' ')} ended with ${code}`));
    });
  });
}

const locking = [];
try {
  const usual = join(folder, 'usual');
  await makeVault(usual, madeOf(dear, 1000));
  const typed = environment(usual, { RAPPORT_PASSPHRASE_FILE: passphraseFile });
  locking.push(typed);
  const unlock = () => {
    rapport(['lock'], typed);
    return rapport(['unlock'], typed).milliseconds;
  };
  table.add({ name: 'one scrypt', milliseconds: scrypt() });
  table.add({
    name: 'unlock, beyond one scrypt',
    milliseconds: difference(unlock, scrypt),
    timeBound: 150,
  });

  const cheap = join(folder, 'cheap');
  await makeVault(cheap, madeOf(2, 1000));
  const byAgent = environment(cheap, { RAPPORT_PASSPHRASE: undefined });
  const inHand = environment(cheap, {
    RAPPORT_PASSPHRASE: passphrase,
    XDG_RUNTIME_DIR: place('empty'),
    TMPDIR: place('tmp'),
  });
  locking.push(byAgent);
  rapport(['unlock'], { ...byAgent, RAPPORT_PASSPHRASE_FILE: passphraseFile });
  const due = (env) => rapport(['due', '--no-input'], env).milliseconds;
  const more = difference(
    () => due(byAgent),
    () => due(inHand),
  );
  table.add({ name: 'due by the agent', milliseconds: due(byAgent) });
  table.add({ name: 'due by the agent, beyond a key', milliseconds: more, timeBound: 10 });

  const agent = agentOf(join(folder, 'run/rapport/agent.sock'));
  if (agent === undefined) throw new Error('the agent is not found');
  for (let asked = 0; asked < 100 - pairs; asked += 1) due(byAgent);
  const { resident, peak } = memoryOf(agent);
  table.add({ name: 'agent, resident', memory: resident, memoryBound: 60 });
  table.add({ name: 'agent, at its peak', memory: peak });

  const kept = join(folder, 'large');
  await keptVault(kept, 'notes', madeOf(dear, notes));
  const large = environment(kept, { RAPPORT_PASSPHRASE_FILE: passphraseFile });
  locking.push(large);
  const target = ['backup', join(folder, 'backup'), '--yes', '--quiet'];
  rapport(['lock'], large);
  const fromFile = await watched(target, large);
  table.add({ name: 'backup by passphrase, from scrypt on', memory: fromFile.peak });
  table.add({ name: 'backup by passphrase, copying', memory: fromFile.copying, memoryBound: 150 });
  rapport(['unlock'], large);
  const unlocked = await watched(target, { ...large, RAPPORT_PASSPHRASE_FILE: undefined });
  table.add({ name: 'backup, unlocked', memory: unlocked.peak, memoryBound: 150 });
} finally {
  for (const env of locking) rapport(['lock'], env);
  remove();
}
process.exitCode = table.end('bench-vault.json') ? 0 : 1;
