// Installs, shows and tests the committed state with other Nodes than the one at hand, and says how each went.
//   npm run test:nodes                 Node 22, 24 and 26
//   npm run test:nodes -- 20.17 24     these
//   npm run test:nodes -- --quick      without the test suite
// Each Node comes from the npm package `node`, with its headers, for the driver where that has to be compiled.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const given = process.argv.slice(2);
const isQuick = given.includes('--quick');
const named = given.filter((word) => word !== '--quick');
const wrong = named.find((word) => !/^\d+(\.\d+){0,2}$/.test(word));
if (wrong !== undefined) {
  console.error(`'${wrong}' is no version of Node: npm run test:nodes -- [--quick] [22 24 26]`);
  process.exit(2);
}
const versions = named.length > 0 ? named : ['22', '24', '26'];

let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (isStopped = true));

/** Runs it where it can be watched; `ok`, or how it failed, with the time that it took. */
async function step(words, options) {
  if (isStopped) return { isDone: false, told: 'not run' };
  console.log(`\n== ${words.join(' ')}`);
  const began = performance.now();
  const [command, ...more] = words;
  const ended = await new Promise((resolve) => {
    const child = spawn(command, more, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
    child.once('error', ({ code }) => resolve(code));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  return { isDone: ended === 0, told: `${ended === 0 ? 'ok' : `failed (${ended})`} ${seconds} s` };
}

/** The folder with this Node's bin and include. */
async function bring(version, folder) {
  mkdirSync(folder);
  // npm asks for leave before a package may run what brings the binary.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ allowScripts: { node: true } }));
  await step(['npm', 'install', '--no-audit', '--no-fund', `node@${version}`], { cwd: folder });
  const inner = join(folder, 'node_modules', 'node', 'node_modules');
  if (!existsSync(inner)) return undefined;
  return readdirSync(inner)
    .map((name) => join(inner, name))
    .find((home) => existsSync(join(home, 'include', 'node')));
}

async function tryOn(version) {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-nodes-'));
  try {
    const home = await bring(version, join(folder, 'node'));
    if (home === undefined) return { node: version, install: isStopped ? 'not run' : 'no such Node here' };
    const checkout = join(folder, 'rapport');
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const env = {
      ...process.env,
      PATH: [join(home, 'bin'), process.env.PATH].join(delimiter),
      npm_config_nodedir: home,
      TMPDIR: temporary,
      XDG_CACHE_HOME: join(temporary, 'cache'),
    };
    // Read at each start of Node, of which the tests make thousands; npm has the registry's certificates by its settings.
    delete env.NODE_EXTRA_CA_CERTS;
    const inCheckout = { cwd: checkout, env };
    await step(['git', 'clone', '--quiet', '--depth=1', `file://${root}`, checkout]);
    await step(['node', '--version'], { env });
    const install = await step(['npm', 'ci', '--no-audit', '--no-fund'], inCheckout);
    const after = async (earlier, words) =>
      earlier.isDone ? await step(words, inCheckout) : { isDone: false, told: 'not run' };
    const demo = await after(install, ['npm', 'run', 'demo']);
    const suite = isQuick ? { isDone: true, told: 'left out' } : await after(install, ['npm', 'test']);
    const isFine = [install, demo, suite].every(({ isDone }) => isDone);
    const { version: whole } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    return { node: whole, install: install.told, demo: demo.told, suite: suite.told, isFine };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const rows = [];
for (const version of versions) rows.push(await tryOn(version));
const line = (...cells) =>
  console.log(
    cells
      .map((cell = 'not run') => cell.padEnd(18))
      .join('')
      .trimEnd(),
  );
console.log();
line('Node', 'npm ci', 'npm run demo', 'npm test');
for (const { node, install, demo, suite } of rows) line(node, install, demo, suite);
process.exitCode = rows.every(({ isFine }) => isFine) ? 0 : 1;
