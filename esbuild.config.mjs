// Builds dist/: one CommonJS file for the commands, one for the agent, and one for each heavy library, which is
// loaded only when a command calls for it. Only the native driver stays outside.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/** Loaded by a dynamic import. */
const heavy = {
  inquirer: 'inquirer',
  'chrono-node': 'chrono-node',
  'csv-parse': 'csv-parse',
  'csv-parse/sync': 'csv-parse-sync',
};

/** One function each, wanted now and then: loaded at its first call, since evaluating them takes as long as node itself. */
const lazy = ['string-width'];

/** Points the imports of both sorts at files of their own. */
const apart = {
  name: 'heavy-libraries-apart',
  setup(setup) {
    setup.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      if (kind === 'dynamic-import' && path in heavy) return { path: `./${heavy[path]}.cjs`, external: true };
      return lazy.includes(path) ? { path, namespace: 'lazy' } : undefined;
    });
    setup.onResolve({ filter: /^\.\/.*\.cjs$/, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    // Commander starts no programs for us, and loading what it would need for that costs every start.
    setup.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    setup.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
    setup.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `let made; export default (...given) => (made ??= require('./${path}.cjs').default)(...given);`,
    }));
  },
};

// Built beside dist and put in its place when whole: a build that fails leaves the last one working.
const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.17',
  format: 'cjs',
  outdir: fresh,
  outExtension: { '.js': '.cjs' },
  external: ['better-sqlite3'],
  minify: true,
  legalComments: 'linked',
  // A script run from cached code has no import(): it becomes a late require.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
  // A CommonJS file has no import.meta: the source's one use of it is the file's own place.
  define: { 'import.meta.url': '__url' },
  banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: { rapport: 'src/main.ts', agent: 'src/agent/serve.ts' },
    plugins: [apart],
  }),
  build({
    ...shared,
    entryPoints: Object.fromEntries([
      ...Object.entries(heavy).map(([from, to]) => [to, from]),
      ...lazy.map((name) => [name, name]),
    ]),
  }),
]);

/** Runs the bundle once and keeps what V8 compiled on the way, under the bundle's own name. See bin/rapport.js. */
const bundle = `${fresh}/rapport.cjs`;
const text = await readFile(bundle, 'utf8');
const name = `// ${createHash('sha256').update(text).digest('hex')}\n`;
await writeFile(bundle, name + text);
execFileSync(
  process.execPath,
  [
    '-e',
    `const { readFileSync, writeFileSync } = require('node:fs'), { createRequire, wrap } = require('node:module'), { resolve } = require('node:path');
   const file = resolve('${bundle}'), folder = resolve('${fresh}');
   const script = new (require('node:vm').Script)(wrap(readFileSync(file, 'utf8')), { filename: file });
   const made = { exports: {} };
   script.runInThisContext()(made.exports, createRequire(file), made, file, folder);
   process.argv = [process.execPath, file, '--help'];
   made.exports.start().then(() => writeFileSync(file + '.cache', Buffer.concat([Buffer.from(${JSON.stringify(name.trimEnd())}), script.createCachedData()])));`,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');
