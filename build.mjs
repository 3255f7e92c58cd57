// Builds dist/: the program and its parts, the agent, their licences and the manual page.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

// Built beside dist and put in its place when whole: a build that fails leaves the last one working.
const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

const programs = {
  rapport: 'src/cli/main.ts',
  agent: 'src/agent/serve.ts',
};

async function build(input, output) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: ['@napi-rs/keyring', /\.node$/],
    // Without it, `using` stays as it is, which Node has from 24 on.
    transform: { target: 'node20.17' },
    checks: { ineffectiveDynamicImport: false },
  });
  const written = await bundle.write(output);
  await bundle.close();
  return written.output;
}

/** A file for what these run, with all that it imports, as far as other files of dist/ share it. */
function sharedBy(name, ...paths) {
  const all = new Set(paths.map((path) => join(import.meta.dirname, 'src', path)));
  const nameOf = (id, graph) => {
    for (const one of all)
      for (const imported of graph.getModuleInfo(one)?.importedIds ?? []) all.add(imported);
    return all.has(id) ? name : null;
  };
  return { name: nameOf, debugName: name, minShareCount: 2 };
}

const chunks = await build(programs, {
  dir: fresh,
  format: 'cjs',
  minify: true,
  // A text of one byte a character is half as much for V8 to hold.
  charset: 'ascii',
  // What many commands share is three files: to open thirty takes longer.
  codeSplitting: {
    groups: [
      // A group takes along what its files import: the first of these that wants a file has it.
      { ...sharedBy('start', 'cli/main.ts'), priority: 5 },
      // All that the agent loads: the process that holds the keys runs no more code than that.
      { name: 'agent-client', test: /src.(?:agent.(?:client|protocol)|keys)\.ts$/, priority: 4 },
      { ...sharedBy('daily', 'commands/brief.ts', 'commands/due.ts'), priority: 3 },
      { ...sharedBy('vault', 'host/compose.ts'), priority: 2 },
      {
        name: 'shared',
        test: /src.(?:cli|commands|dates|domain|store|terminal|vault)/,
        minShareCount: 6,
        priority: 1,
      },
    ],
  },
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
});

/** The folder of the package that a bundled file belongs to. */
const packageOf = (file) => /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file)?.[1];
const packages = new Set(chunks.flatMap(({ moduleIds = [] }) => moduleIds.map(packageOf)));
packages.delete(undefined);
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
});
writeFileSync(join(fresh, 'licences.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);

const maker = join(fresh, 'manual.mjs');
await build('src/cli/manual.ts', { file: maker, format: 'esm', codeSplitting: false });
const { manualPage } = await import(pathToFileURL(maker).href);
writeFileSync(join(fresh, 'rapport.1'), manualPage());
rmSync(maker);

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');
