/** One folder for what V8 compiled, in a whole run of tests: with a fresh home each process would compile it all anew. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): (() => void) | undefined {
  if (process.env['TEST_CACHE_HOME'] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rapport-kept-'));
  // Workers are started later, and inherit it.
  process.env['TEST_CACHE_HOME'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
