// Builds dist/: a CommonJS file for all commands and one for each that is typed many times a day, one for the agent, and
// one for each heavy library, which is loaded only when a command calls for it. Only the native driver stays outside.
// With --explain it says what each is made of, and leaves dist/ as it is.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { analyzeMetafile, build } from 'esbuild';

/** Loaded by a dynamic import. */
const heavy = {
  inquirer: 'inquirer',
  'chrono-node': 'chrono-node',
  'csv-parse': 'csv-parse',
  'ical.js': 'ical',
};

/**
 * Words that are typed many times a day have a bundle of their own, which holds no other command: a start takes as
 * long as its bundle is large. 'help' is for the options that ask for help, and holds none at all. With each, what it is
 * tried with, on a vault of fictional patients.
 */
const quick = {
  help: ['--help'],
  due: ['due'],
  brief: ['brief', 'henrik', '--force'],
  commit: ['commit', 'henrik', '--stdin'],
  done: ['done', 'REF'],
  search: ['search', 'choir'],
};

/** Those of them that make new ids in every run. */
const writing = ['commit', 'done'];

const bundleOf = (word) => (word === undefined || word === 'help' ? (word ?? 'rapport') : `rapport-${word}`);

/** Wanted now and then, for one function or class: loaded at its first call, since evaluating them takes its time. */
const lazy = {
  'string-width': "export default (...given) => (made ??= require('./string-width.cjs').default)(...given);",
  ulid: "export const monotonicFactory = (...by) => { let next; return (...given) => (next ??= require('./ulid.cjs').monotonicFactory(...by))(...given); };",
  chalk: "export function Chalk(...given) { return new (made ??= require('./chalk.cjs').Chalk)(...given); }",
};

// Built beside dist and put in its place when whole: a build that fails leaves the last one working.
const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

/** What src/commands/index.ts declares, and from which file it has each command. */
async function readCommands() {
  const index = 'src/commands/index.ts';
  const imports = (await readFile(index, 'utf8')).matchAll(/^import \{ ([^}]*) \} from '([^']+)';$/gm);
  const files = [...imports].flatMap(([, names, file]) => names.split(', ').map((name) => ({ name, file })));
  const contents = [{ name: 'declarations, rootPath', file: './index.ts' }, ...files]
    .map(({ name, file }) => `export { ${name} } from '${file}';`)
    .join('\n');
  const outfile = resolve(fresh, 'commands.mjs');
  const stdin = { contents, resolveDir: dirname(index) };
  await build({ stdin, bundle: true, packages: 'external', platform: 'node', format: 'esm', outfile });
  const all = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  const { declarations, rootPath } = all;
  return { declarations, rootPath, cells: files.map((one) => ({ ...one, path: all[one.name].path })) };
}

const commands = await readCommands();

/**
 * Stands for src/commands/index.ts: what the commands declare as text, and the commands themselves: those of one word,
 * or all of them, each loaded when it runs.
 */
function indexOf(word) {
  const { rootPath, cells } = commands;
  const isOwn = ({ path }) => path.split(' ')[0] === word;
  const own = cells.filter(isOwn);
  const declarations = own.length > 0 ? commands.declarations.filter(isOwn) : commands.declarations;
  const statics = own.map(({ name, file }) => `import { ${name} } from '${file}';`);
  const made = own.map(({ name, path }) => `${JSON.stringify(path)}: async () => ${name},`);
  const late = cells.map(
    ({ name, file, path }) => `${JSON.stringify(path)}: async () => (await import('${file}')).${name},`,
  );
  return `${statics.join('\n')}
    export const declarations = JSON.parse(${JSON.stringify(JSON.stringify(declarations))});
    export const rootPath = ${JSON.stringify(rootPath)};
    const cells = { ${(word === undefined ? late : made).join('\n')} };
    export const cellAt = (path) => cells[path]();`;
}

/** Parts of the world that the commands of a bundle have no use for, and what makes them. */
function without(word) {
  if (word === undefined) return {};
  return word === 'help'
    ? { compose: 'composeWorld' }
    : { caretaker: 'createCaretaker', locksmith: 'createLocksmith' };
}

/** Points the imports of both sorts at files of their own, and the commands at those of one word. */
const apart = (word) => ({
  name: 'apart',
  setup(setup) {
    setup.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      if (kind === 'dynamic-import' && path in heavy) return { path: `./${heavy[path]}.cjs`, external: true };
      // Our own imports only: what a library requires is a version of its own.
      const isLate =
        kind === 'import-statement' && path in lazy && !(path === 'ulid' && writing.includes(word));
      return isLate ? { path, namespace: 'lazy' } : undefined;
    });
    // Colour is for every terminal: it comes into the bundle, and so into the cached code. We tell it when it is wanted.
    const hasColour = word !== undefined && word !== 'help';
    setup.onResolve({ filter: /^\.\/.*\.cjs$/, namespace: 'lazy' }, ({ path, kind }) =>
      path === './chalk.cjs' && hasColour
        ? setup.resolve('chalk', { kind, resolveDir: import.meta.dirname })
        : { path, external: true },
    );
    setup.onResolve({ filter: /^#supports-color$/ }, ({ path }) => ({ path, namespace: 'none' }));
    setup.onLoad({ filter: /[\\/]commands[\\/]index\.ts$/ }, ({ path }) => ({
      contents: indexOf(word),
      resolveDir: dirname(path),
    }));
    for (const [file, made] of Object.entries(without(word)))
      setup.onLoad({ filter: new RegExp(`[\\\\/]world[\\\\/]${file}\\.ts$`) }, () => ({
        contents: `export const ${made} = () => undefined;`,
      }));
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
      contents: "module.exports = (name) => require('better-sqlite3/build/Release/' + name);",
    }));
    // Commander starts no programs for us, and ulid is told where chance comes from: what they would load costs every start.
    setup.onResolve({ filter: /^(node:)?(child_process|crypto)$/ }, ({ importer }) =>
      /[\\/](commander|ulid)[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    setup.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
    setup.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `let made; ${lazy[path]}`,
    }));
  },
});

/**
 * Node's own modules that most runs do not need, or not at once, and that take milliseconds each to load: a module
 * imported by name is used as `module.name`, so that something that loads it at the first such use can stand for it.
 */
const late = (text) =>
  `const __late=(name)=>new Proxy({},{get:(_,key)=>require(name)[key]});${text}`.replace(
    /= ?require\("(node:(?:child_process|crypto|fs\/promises|module|net|os|stream|tty|url))"\)/g,
    '=__late("$1")',
  );

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
  metafile: true,
  // A CommonJS file has no import.meta: what the source wants of it is the file's own place.
  define: { 'import.meta.url': '__here.url' },
  banner: { js: 'const __here={get url(){return require("node:url").pathToFileURL(__filename).href}};' },
};

const built = await Promise.all([
  ...[undefined, ...Object.keys(quick)].map((word) =>
    build({
      ...shared,
      entryPoints: { [bundleOf(word)]: 'src/main.ts' },
      plugins: [apart(word)],
    }),
  ),
  build({
    ...shared,
    entryPoints: { agent: 'src/agent/serve.ts', copier: 'src/vault/copy-process.ts' },
    plugins: [apart()],
  }),
  build({
    ...shared,
    entryPoints: Object.fromEntries([
      ...Object.entries(heavy).map(([from, to]) => [to, from]),
      ...Object.keys(lazy).map((name) => [name, name]),
    ]),
  }),
]);
if (process.argv.includes('--explain')) {
  for (const { metafile } of built) console.log(await analyzeMetafile(metafile));
  process.exit();
}

/**
 * Makes a vault of fictional patients, runs on it what each bundle is for, with the key in the agent as on any day, and
 * keeps what V8 compiled of that beside the bundle, under its name: see bin/rapport.js. In processes of their own, whose
 * temporary folder goes with them.
 */
const temporary = mkdtempSync(join(tmpdir(), 'rapport-build-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
const inTemporary = (name) => join(temporary, name);
writeFileSync(inTemporary('passphrase'), `${randomUUID()}\n`, { mode: 0o600 });
const env = {
  PATH: process.env.PATH,
  TMPDIR: temporary,
  TEMP: temporary,
  HOME: temporary,
  XDG_RUNTIME_DIR: temporary,
  RAPPORT_PASSPHRASE_FILE: inTemporary('passphrase'),
};

async function nameBundle(word) {
  const bundle = resolve(fresh, `${bundleOf(word)}.cjs`);
  const text = Module.wrap(late(await readFile(bundle, 'utf8')));
  const name = `// ${createHash('sha256').update(text).digest('hex')}`;
  await writeFile(bundle, `${name}\n${text}`);
  return { bundle, name };
}

function run({ bundle, name }, words, vault = inTemporary('vault'), more = {}) {
  const script = `
    const { chmodSync, readFileSync, writeFileSync } = require('node:fs');
    const { createRequire } = require('node:module');
    const file = ${JSON.stringify(bundle)};
    const script = new (require('node:vm').Script)(readFileSync(file, 'latin1'), { filename: file });
    const bundle = { exports: {} };
    script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, require('node:path').dirname(file));
    process.argv = [process.execPath, file, ...${JSON.stringify([...words, '--no-input'])}];
    bundle.exports.start().then((code) => {
      if (code !== 0) throw new Error(process.argv.join(' ') + ' ended with ' + code);
      const made = script.createCachedData();
      writeFileSync(file + '.cache', Buffer.concat([Buffer.from(${JSON.stringify(`${name} ${process.version} ${process.arch}`)}), made, made]));
      chmodSync(file + '.cache', 0o644);
    });`;
  return execFileSync(process.execPath, ['-e', script], {
    env: { ...env, RAPPORT_VAULT: vault, ...more },
    input: '! call with the result by fri\n',
    stdio: 'pipe',
  });
}

const whole = await nameBundle();
const { vault: demo } = JSON.parse(run(whole, ['demo', '--json']));
run(whole, ['export', '--out', inTemporary('patients')], demo);
run(whole, ['init', '--recovery-out', inTemporary('sheet')]);
run(whole, ['import', inTemporary('patients'), '--yes']);
/** Where there can be no agent (on Windows, or in a path too long for a socket), the passphrase does. */
function whereThereIsAnAgent(...words) {
  try {
    run(whole, words);
  } catch {
    // The code that is kept is of a start without one, and serves as well.
  }
}
whereThereIsAnAgent('unlock', '--for', '10m');
const { items } = JSON.parse(run(whole, ['due', '--json']));
for (const [word, line] of Object.entries(quick)) {
  const words = line.map((one) => (one === 'REF' ? items[0].ref : one));
  run(await nameBundle(word), words, undefined, { FORCE_COLOR: '1' });
}
whereThereIsAnAgent('lock');
run(whole, ['patient', 'list'], demo);

/** The manual page, made from what the commands declare. */
const maker = resolve(fresh, 'manual.mjs');
await build({
  entryPoints: ['src/manual.ts'],
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  outfile: maker,
});
const { manualPage } = await import(pathToFileURL(maker).href);
await writeFile(resolve(fresh, 'rapport.1'), manualPage());
rmSync(maker);

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');
