/** A vault of every released schema opens, whole, and can be worked on. */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newestSchema } from '../../src/store/migrations.ts';
import { makePlace, makeVault, type TestPlace, passphrase as usual } from '../support/vault.ts';
import { inContext } from './contexts.ts';

const fixtures = join(import.meta.dirname, '../fixtures/vaults');
const env = { RAPPORT_PASSPHRASE: 'a fixture of seven fictional words', RAPPORT_TODAY: '2026-03-12' };
const schemas = Array.from({ length: newestSchema }, (_, index) => `schema-${index + 1}`);

const schemaOf = async (place: TestPlace, more: Readonly<Record<string, string>> = {}) =>
  (
    await inContext(
      place,
      async (ctx) =>
        (
          await ctx.vault.open()
        ).database
          .prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name')
          .all(),
      { env: { RAPPORT_PASSPHRASE: usual, ...more } },
    )
  ).value;

it('one of each is kept', () => {
  const kept = readdirSync(fixtures).filter((name) => name.startsWith('schema-'));
  expect(kept.sort()).toEqual([...schemas].sort());
});

it.each(schemas)('%s opens with all that it holds', async (name) => {
  const place = makePlace();
  mkdirSync(place.folder, { mode: 0o700 });
  for (const file of readdirSync(join(fixtures, name))) {
    copyFileSync(join(fixtures, name, file), join(place.folder, file));
    chmodSync(join(place.folder, file), 0o600);
  }
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { stdout, stderr, code: exit } = await place.run(argv, { env });
    expect(exit, `${argv.join(' ')}: ${stderr}`).toBe(0);
    return stdout;
  };
  expect(await run('brief', 'malu', '--force')).toMatch(
    /seen 2 Mar[\s\S]*Pep died at home[\s\S]*write to the insurer/,
  );
  expect(await run('search', 'cafe')).toContain('五郎 Sato');
  // Schema 1 could hold a draft that was typed at prompts alone.
  if (name !== 'schema-1') expect(await run('due')).toMatch(/Not saved yet: Malu.*commit malu/);
  const exported: unknown = JSON.parse(await run('export', '--format', 'rapport'));
  expect(exported).toMatchObject({ format: 'rapport' });
  expect(JSON.stringify(exported)).toMatch(/was a printer[\s\S]*afraid of the stairs[\s\S]*keeps bees/);
  expect(await run('undo', '--yes')).toMatch(/^undone: /);
  expect(await run('doctor')).not.toMatch(/DAMAGED|OLDER/);
  // Brought up to date, it is as one that is made today: a step that was released is never edited.
  const fresh = await makeVault();
  await fresh.run(['due']);
  expect(await schemaOf(place, env)).toEqual(await schemaOf(fresh));
  // Under its own scrypt and by the code as well.
  const sheet = join(place.work, 'sheet');
  writeFileSync(sheet, readFileSync(join(fixtures, name, 'recovery.txt')), { mode: 0o600 });
  const next = join(place.work, 'next');
  writeFileSync(next, 'another passphrase of words', { mode: 0o600 });
  const changed = await place.run(['key', 'passphrase', '--recovery'], {
    env: { ...env, RAPPORT_RECOVERY_FILE: sheet, RAPPORT_NEW_PASSPHRASE_FILE: next },
  });
  expect(changed.code, changed.stderr).toBe(0);
});
