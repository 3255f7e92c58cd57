/**
 * A field is added to a record in three places, as CONTRIBUTING.md says: its schema, a migration, and where it is typed.
 * All else follows from the schema, as a build of a copy with that change shows by its processes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runBinary } from './support/binary.ts';
import { temporaryFolder } from './support/folders.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const copied = [
  'src',
  'bin',
  'test',
  'docs',
  'build.mjs',
  'package.json',
  'tsconfig.json',
  'README.md',
  'CONTRIBUTING.md',
];

/** By file, in order: a pattern that stands there, and what it becomes. */
const patch: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  'src/domain/records.ts': [[/^ {4}relation: .*$/m, '$&\n    job: maybeText(nameLimit),']],
  'src/store/migrations.ts': [
    [/(const released\b[^=]*= \[[^\]]*)\]/, "$1, 'ALTER TABLE person ADD COLUMN job TEXT']"],
  ],
  'src/commands/people.ts': [
    [
      /^ {2}relation: clearable.*$/m,
      "$&\n  job: clearable('<job>', '--job', 'what they do; nothing clears it'),",
    ],
  ],
};

const copy = temporaryFolder();
let place: TestPlace;
let other: TestPlace;

beforeAll(async () => {
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, edits] of Object.entries(patch)) {
    const before = readFileSync(join(copy, file), 'utf8');
    const after = edits.reduce((text, [pattern, becomes]) => {
      expect([file, pattern, pattern.test(text)]).toEqual([file, pattern, true]);
      return text.replace(pattern, becomes);
    }, before);
    writeFileSync(join(copy, file), after);
  }
  ran(process.execPath, 'build.mjs');
  // Made before the field was: its vault is brought up to date.
  [place, other] = [await makeVault(), await makeVault()];
  await place.run(['patient', 'add', 'Ana Berg', '--yes']);
}, 180_000);

function ran(command: string, ...words: readonly string[]): void {
  const env = { ...process.env, UPDATE_TRANSCRIPTS: '1' };
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: copy, env, encoding: 'utf8' });
  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
}

const run = (at: TestPlace, words: readonly string[], stdin = '') =>
  runBinary(words, {
    root: at.root,
    env: { RAPPORT_PASSPHRASE: passphrase },
    script: join(copy, 'bin', 'rapport.js'),
    stdin,
  });
async function json(at: TestPlace, ...words: readonly string[]) {
  const { code, stdout, stderr } = await run(at, [...words, '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}
const people = async (at: TestPlace) => (await json(at, 'person', 'list', 'ana')).items;

describe('a field that is new in three files', { timeout: 180_000 }, () => {
  it('fits the types of the program', () => {
    writeFileSync(join(copy, 'tsconfig.src.json'), '{ "extends": "./tsconfig.json", "include": ["src"] }');
    ran(join(root, 'node_modules', '.bin', 'tsc'), '--project', 'tsconfig.src.json');
  });

  it('is added, undone and redone', async () => {
    const added = await json(place, 'person', 'add', 'ana', 'Tom', '--job', 'gardener');
    expect(added.person).toMatchObject({ name: 'Tom', job: 'gardener', relation: null });
    await json(place, 'person', 'set', 'ana', 'Tom', '--job', 'cook');
    expect(await people(place)).toMatchObject([{ job: 'cook' }]);
    await json(place, 'undo');
    expect(await people(place)).toMatchObject([{ job: 'gardener' }]);
    await json(place, 'undo', '--redo');
    expect(await people(place)).toMatchObject([{ job: 'cook' }]);
  });

  it('is exported and imported', async () => {
    await json(place, 'export', '--out', 'all.json');
    const text = readFileSync(join(place.work, 'all.json'), 'utf8');
    expect(JSON.parse(text).patients[0].people).toMatchObject([{ name: 'Tom', job: 'cook' }]);
    expect((await run(other, ['import', '-', '--yes'], text)).code).toBe(0);
    expect(await people(other)).toMatchObject([{ name: 'Tom', job: 'cook' }]);
    const wrong = await run(other, ['import', '-', '--yes'], text.replace('"cook"', '7'));
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('patients[0].people[0].job: not a text'),
    ]);
    const csv = await run(place, ['export', '--format', 'csv', '--plain']);
    expect(csv.stdout).toContain(',job,');
  });

  it('is documented', () => {
    const vitest = join(root, 'node_modules', '.bin', 'vitest');
    const documents = ['test/schemas.test.ts', 'test/pages.test.ts', '-t', 'as the program|as it is made'];
    ran(vitest, 'run', '--config', 'test/vitest.config.mts', '--project', 'tests', ...documents);
    const read = (page: string) => readFileSync(join(copy, 'docs', page), 'utf8');
    const { properties, required } = JSON.parse(read('schemas/records.json')).$defs.person;
    expect(properties).toHaveProperty('job');
    expect(required).toContain('job');
    expect(read('records.md')).toContain('| `job` | text, 200 characters at most | `null` |');
    expect(read('commands.md')).toContain('| `--job <job>` |');
  });
});
