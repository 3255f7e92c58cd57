/** Temporary folders, each gone at the end of the test file that made it, and copies of folders. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'rapport-test-'));
  made.push(folder);
  return folder;
}

/** With the modes of its folders, which Node 22 leaves to the umask. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const inner = readdirSync(from, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  for (const path of ['', ...inner.map(({ parentPath, name }) => join(parentPath, name).slice(from.length))])
    chmodSync(join(to, path), statSync(join(from, path)).mode);
}
