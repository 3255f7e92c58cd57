// Builds dist/: one CommonJS file for the commands, one for the agent, and one for each heavy library, which is
// loaded only when a command calls for it. Only the native driver stays outside.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

const heavy = { inquirer: 'inquirer', 'chrono-node': 'chrono-node', 'csv-parse': 'csv-parse', 'csv-parse/sync': 'csv-parse-sync' };

/** Points a dynamic import of a heavy library at its own file. */
const apart = {
  name: 'heavy-libraries-apart',
  setup(setup) {
    setup.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && path in heavy ? { path: `./${heavy[path]}.cjs`, external: true } : undefined,
    );
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.17',
  format: 'cjs',
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  external: ['better-sqlite3'],
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // A CommonJS file has no import.meta: the source's one use of it is the file's own place.
  define: { 'import.meta.url': '__url' },
  banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
};

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({ ...shared, entryPoints: { rapport: 'src/main.ts', agent: 'src/agent/serve.ts' }, plugins: [apart] }),
  build({ ...shared, entryPoints: Object.fromEntries(Object.entries(heavy).map(([from, to]) => [to, from])) }),
]);
