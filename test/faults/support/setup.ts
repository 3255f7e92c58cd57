/** Before all suites: builds the program, the writer that is killed, and the library of faults. After them: the counts. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'rolldown';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The library that is loaded into a process to make it fail, or why there is none. */
    readonly faults: { readonly preload: string } | { readonly absent: string };
    /** A program that writes without end. */
    readonly writer: string;
    /** The program with one migration more than was released. */
    readonly later: string;
    /** The program with a key derivation that costs nothing, for new passphrases that are tried by the hundred. */
    readonly cheap: string;
    /** What all chance of a run comes from. */
    readonly seed: number;
    /** Takes one line a suite. */
    readonly counts: string;
  }
}

const repository = join(import.meta.dirname, '..', '..', '..');

function compile(folder: string): { readonly preload: string } | { readonly absent: string } {
  if (process.platform !== 'linux') return { absent: 'faults are injected on Linux only' };
  const preload = join(folder, 'faults.so');
  const source = join(import.meta.dirname, 'faults.c');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', preload, source, '-ldl'], { stdio: 'pipe' });
    return { preload };
  } catch {
    return { absent: 'there is no C compiler (cc)' };
  }
}

const bundled = (input: string, file: string) =>
  ({
    input: join(import.meta.dirname, input),
    platform: 'node',
    external: ['@napi-rs/keyring', /\.node$/],
    transform: { target: 'node20.17' },
    output: { file, format: 'cjs', codeSplitting: false },
  }) satisfies BuildOptions;

/** A migration that writes some pages. */
const laterStep = `
  CREATE TABLE second (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  INSERT INTO second SELECT number, text || text FROM note;`;

/** The program with one line of it changed. @param file below src */
async function variant(outfile: string, file: string, from: string | RegExp, to: string): Promise<string> {
  await build({
    ...bundled('start.ts', outfile),
    // As if it lay in dist, beside the agent and below the driver.
    transform: {
      target: 'node20.17',
      define: {
        'import.meta.url': JSON.stringify(pathToFileURL(join(repository, 'dist', 'variant.cjs')).href),
      },
    },
    plugins: [
      {
        name: 'changed',
        transform(text, id) {
          if (id !== join(repository, 'src', file)) return undefined;
          const changed = text.replace(from, to);
          if (changed === text) throw new Error(`'${from}' is not in ${file} any more`);
          return changed;
        },
      },
    ],
  });
  return outfile;
}

export default async function setUp(project: TestProject): Promise<() => void> {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: repository, stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'rapport-faults-'));
  const writer = join(folder, 'writer.cjs');
  await build(bundled('writer.ts', writer));
  const steps = `$1, ${JSON.stringify(laterStep)}];`;
  const later = await variant(
    join(folder, 'later.cjs'),
    'store/migrations.ts',
    /(const released.*)\];/,
    steps,
  );
  const cheap = await variant(
    join(folder, 'cheap.cjs'),
    'host/process.ts',
    'scryptCost: undefined',
    'scryptCost: 2',
  );
  const counts = join(folder, 'counts');
  project.provide('faults', compile(folder));
  project.provide('writer', writer);
  project.provide('later', later);
  project.provide('cheap', cheap);
  project.provide('counts', counts);
  const seed = Number(process.env['RAPPORT_FAULTS_SEED'] ?? Date.now() % 1_000_000);
  project.provide('seed', seed);
  return () => {
    if (existsSync(counts))
      console.log(`\n${readFileSync(counts, 'utf8')}The same again: RAPPORT_FAULTS_SEED=${seed}`);
    rmSync(folder, { recursive: true });
  };
}
