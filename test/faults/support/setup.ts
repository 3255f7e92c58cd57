/** Before all suites: builds the program, the writer that is killed, and the library of faults. After them: the counts. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The library that is loaded into a process to make it fail, or why there is none. */
    readonly faults: { readonly library: string } | { readonly absent: string };
    /** A program that writes without end. */
    readonly writer: string;
    /** Takes one line a suite. */
    readonly counts: string;
  }
}

const repository = join(import.meta.dirname, '..', '..', '..');

function compile(folder: string): { readonly library: string } | { readonly absent: string } {
  if (process.platform !== 'linux') return { absent: 'faults are injected on Linux only' };
  const library = join(folder, 'faults.so');
  const source = join(import.meta.dirname, 'faults.c');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'pipe' });
    return { library };
  } catch {
    return { absent: 'there is no C compiler (cc)' };
  }
}

export default async function setUp(project: TestProject): Promise<() => void> {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: repository, stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'rapport-faults-'));
  const writer = join(folder, 'writer.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'writer.ts')],
    outfile: writer,
    bundle: true,
    external: ['@napi-rs/keyring'],
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.url': '__url' },
    banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
    logLevel: 'error',
  });
  const counts = join(folder, 'counts');
  project.provide('faults', compile(folder));
  project.provide('writer', writer);
  project.provide('counts', counts);
  return () => {
    if (existsSync(counts)) console.log(`\n${readFileSync(counts, 'utf8')}`);
    rmSync(folder, { recursive: true });
  };
}
