/** The build where the folder for temporary files has too long a path for a socket: nothing keeps it from its end. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

it('is made without an agent, cached code and all', () => {
  const root = mkdtempSync(join(tmpdir(), 'rapport-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['src', 'bin', 'esbuild.config.mjs', 'package.json', 'tsconfig.json'])
    cpSync(join(project, name), join(root, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  const temporary = join(root, 'x'.repeat(100));
  mkdirSync(temporary);
  const env = { PATH: process.env['PATH'], HOME: root, TMPDIR: temporary };
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: root, env, stdio: 'pipe' });
  for (const bundle of ['rapport', 'rapport-due', 'help'])
    expect(existsSync(join(root, 'dist', `${bundle}.cjs.cache`))).toBe(true);
});
