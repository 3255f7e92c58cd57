// Builds dist/: one CommonJS file for the commands, one for the agent, and one for each heavy library, which is
// loaded only when a command calls for it. Only the native driver stays outside.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import Module from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/** Loaded by a dynamic import. */
const heavy = {
  inquirer: 'inquirer',
  'chrono-node': 'chrono-node',
  'csv-parse': 'csv-parse',
  'csv-parse/sync': 'csv-parse-sync',
  'ical.js': 'ical',
};

/** Wanted now and then, for one function or class: loaded at its first call, since evaluating them takes its time. */
const lazy = {
  'string-width': "export default (...given) => (made ??= require('./string-width.cjs').default)(...given);",
  ulid: "export const monotonicFactory = () => { let next; return (...given) => (next ??= require('./ulid.cjs').monotonicFactory())(...given); };",
  chalk: "export function Chalk(...given) { return new (made ??= require('./chalk.cjs').Chalk)(...given); }",
};

/** Points the imports of both sorts at files of their own. */
const apart = {
  name: 'heavy-libraries-apart',
  setup(setup) {
    setup.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      if (kind === 'dynamic-import' && path in heavy) return { path: `./${heavy[path]}.cjs`, external: true };
      // Our own imports only: what a library requires is a version of its own.
      return kind === 'import-statement' && path in lazy ? { path, namespace: 'lazy' } : undefined;
    });
    setup.onResolve({ filter: /^\.\/.*\.cjs$/, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    // The driver's JavaScript comes into the bundle, and so into the cached code; its native half stays where npm built it.
    setup.onLoad({ filter: /[\\/]vault[\\/]driver\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        "createRequire(import.meta.url)('better-sqlite3')",
        "require('better-sqlite3')",
      ),
      loader: 'ts',
    }));
    setup.onResolve({ filter: /^bindings$/ }, ({ path }) => ({ path, namespace: 'native' }));
    setup.onLoad({ filter: /.*/, namespace: 'native' }, () => ({
      contents: `module.exports = (name) => {
        const from = require('node:module').createRequire(__filename);
        return from(require('node:path').join(from.resolve('better-sqlite3/package.json'), '..', 'build', 'Release', name));
      };`,
    }));
    // Commander starts no programs for us, and loading what it would need for that costs every start.
    setup.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    setup.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
    setup.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `let made; ${lazy[path]}`,
    }));
  },
};

/**
 * Node's own modules that most runs do not need, or not at once, and that take milliseconds each to load: a module
 * imported by name is used as `module.name`, so that something that loads it at the first such use can stand for it.
 */
const late = (text) =>
  `const __late=(name)=>new Proxy({},{get:(_,key)=>require(name)[key]});${text}`.replace(
    /= ?require\("(node:(?:child_process|crypto|fs\/promises|net|os|stream|tty))"\)/g,
    '=__late("$1")',
  );

// Built beside dist and put in its place when whole: a build that fails leaves the last one working.
const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

const shared = {
  bundle: true,
  // Native, and optional: resolved where rapport is installed, when somebody uses it.
  external: ['@napi-rs/keyring'],
  platform: 'node',
  target: 'node20.17',
  format: 'cjs',
  outdir: fresh,
  outExtension: { '.js': '.cjs' },
  minify: true,
  legalComments: 'linked',
  // A script run from cached code has no import(): it becomes a late require.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
  // A CommonJS file has no import.meta: what the source wants of it is the file's own place.
  define: { 'import.meta.url': '__here.url' },
  banner: { js: 'const __here={get url(){return require("node:url").pathToFileURL(__filename).href}};' },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: { rapport: 'src/main.ts', agent: 'src/agent/serve.ts', copier: 'src/vault/copy-process.ts' },
    plugins: [apart],
  }),
  build({
    ...shared,
    entryPoints: Object.fromEntries([
      ...Object.entries(heavy).map(([from, to]) => [to, from]),
      ...Object.keys(lazy).map((name) => [name, name]),
    ]),
  }),
]);

/**
 * Makes a vault of fictional patients, runs on it what is run forty times a day, and keeps what V8 compiled for that,
 * under the bundle's own name: see bin/rapport.js. In processes of their own, whose temporary folder goes with them.
 */
const bundle = resolve(fresh, 'rapport.cjs');
const text = Module.wrap(late(await readFile(bundle, 'utf8')));
const name = `// ${createHash('sha256').update(text).digest('hex')}`;
await writeFile(bundle, `${name}\n${text}`);
const temporary = resolve(fresh, 'temporary');
mkdirSync(temporary);
const env = { PATH: process.env.PATH, TMPDIR: temporary, TEMP: temporary, HOME: temporary };
const run = (script, more) =>
  execFileSync(process.execPath, ['-e', script], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const start = `
  const { readFileSync, writeFileSync } = require('node:fs');
  const { createRequire } = require('node:module');
  const file = ${JSON.stringify(bundle)};
  const script = new (require('node:vm').Script)(readFileSync(file, 'latin1'), { filename: file });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, createRequire(file), made, file, require('node:path').dirname(file));
  const rapport = async (...words) => {
    process.argv = [process.execPath, file, ...words];
    const code = await made.exports.start();
    if (code !== 0) throw new Error(words.join(' ') + ' ended with ' + code);
  };`;
const { vault } = JSON.parse(run(`${start} rapport('demo', '--json');`));
run(
  `${start} (async () => {
    for (const words of [['due'], ['brief', 'henrik'], ['--help']]) await rapport(...words);
    writeFileSync(file + '.cache', Buffer.concat([Buffer.from(${JSON.stringify(name)}), script.createCachedData()]));
  })();`,
  { RAPPORT_VAULT: vault },
);
rmSync(temporary, { recursive: true });
chmodSync(`${bundle}.cache`, 0o644);

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');
