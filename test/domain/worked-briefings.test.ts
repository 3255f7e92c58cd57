/** The worked examples of the design, where they are beside the project: each document gives its briefing to the byte. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeVault } from '../support/vault.ts';

const folder = fileURLToPath(new URL('../../../shared/design/examples/briefings/', import.meta.url));
const names = existsSync(folder)
  ? readdirSync(folder).flatMap((name) => /^(.+)\.txt$/.exec(name)?.[1] ?? [])
  : [];

it.skipIf(names.length === 0)('are told as they were worked out by hand', async () => {
  const place = await makeVault();
  const env = { RAPPORT_TODAY: '2026-03-12' };
  for (const name of names) {
    const { code } = await place.run(['import', join(folder, `${name}.json`), '--yes'], { env });
    expect(code).toBe(0);
    const { stdout } = await place.run(['brief', name, '--force'], { env });
    expect(stdout.trimEnd()).toBe(readFileSync(join(folder, `${name}.txt`), 'utf8').trimEnd());
  }
});
