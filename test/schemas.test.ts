/** The schemas of docs/schemas, and what `--json` prints against them where the transcripts do not: they try every command. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCommands, loadRoot } from '../src/commands/index.ts';
import { splitCommand } from '../src/terminal/subprocess.ts';
import { recordsSchema } from './support/record-schemas.ts';
import { faultsOf, readSchema, schemaNameOf, schemaNames, writeSchema } from './support/schemas.ts';
import { makePlace, makeVault, type TestPlace } from './support/vault.ts';

const cells = await loadCommands();
const { path: rootPath } = await loadRoot();

const nameOf = (path: string): string => (path === rootPath ? 'glance' : path.replace(' ', '-'));

function check(text: string): void {
  const document: unknown = JSON.parse(text);
  const name = schemaNameOf(document);
  expect({ name, faults: faultsOf(name, document) }).toEqual({ name, faults: [] });
}

describe('what is printed with --json', () => {
  const checkAll = async (place: TestPlace, lines: readonly string[], env = {}): Promise<void> => {
    for (const line of lines) check((await place.run([...splitCommand(line), '--json'], { env })).stdout);
  };

  it('fits the schemas on an empty vault, on none, and in the demonstration', async () => {
    const everyDay = ['due', 'day', 'review', 'patient list', 'search x', 'undo --list', 'log'];
    await checkAll(await makeVault(), ['', ...everyDay, 'calendar list']);
    const none = makePlace();
    await checkAll(none, ['', 'demo']);
    const { vault } = (await none.json(['demo'])) as { readonly vault: string };
    const env = { RAPPORT_VAULT: vault, RAPPORT_PASSPHRASE: undefined };
    await checkAll(
      none,
      ['due --all', 'day --full', 'review', 'log', 'status', 'unlock', 'undo --list'],
      env,
    );
    const { items } = (await none.json(['patient', 'list', '--status', 'all'], { env })) as {
      readonly items: readonly { readonly handle: string }[];
    };
    expect(items.length).toBeGreaterThan(5);
    for (const { handle } of items)
      await checkAll(
        none,
        [`brief ${handle} --sensitive`, `notes ${handle} --sensitive`, `timeline ${handle}`],
        env,
      );
    await checkAll(none, ['init --recovery-out code.txt'], { RAPPORT_VAULT: join(none.root, 'own') });
  });

  it.each([
    ['due', 3],
    ['brief nobody-here', 3],
    ['unheard-of', 2],
    ['due --days soon', 2],
    ['due --debug', 3],
  ])('is an error where something is wrong, on stderr alone: %s', async (line, exit) => {
    const { stdout, stderr, code } = await makePlace().run([...splitCommand(line), '--json']);
    expect({ stdout, code }).toEqual({ stdout: '', code: exit });
    const document: unknown = JSON.parse(stderr);
    expect(document).toMatchObject({ error: { code: exit } });
    expect(faultsOf('error', document)).toEqual([]);
  });
});

describe('the schemas', () => {
  it('are there for every command', () => {
    const wanted = [...cells.filter(({ summary }) => summary !== '').map(({ path }) => path), rootPath];
    expect([...schemaNames].sort()).toEqual([...wanted.map(nameOf), 'records', 'error'].sort());
  });

  it('have the fields and words of the records as the program has them', () => {
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeSchema('records', recordsSchema());
    expect(readSchema('records')).toEqual(recordsSchema());
  });

  it('have of every command what each of its documents may say of the clock and the vault', () => {
    const said = (name: string) => {
      const { clock, demonstration } = Object(readSchema(name)['properties']);
      return { clock, demonstration };
    };
    for (const name of schemaNames.filter((name) => name !== 'records' && name !== 'error'))
      expect([name, said(name)]).toEqual([name, said('due')]);
    expect(said('due')).toEqual({ clock: expect.anything(), demonstration: expect.anything() });
  });

  it('let a reader take what a later version adds', () => {
    for (const name of schemaNames)
      expect(JSON.stringify(readSchema(name))).not.toMatch(/additionalProperties|unevaluated/);
  });

  it('find what does not fit', () => {
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: false })).not.toEqual([]);
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: true, more: 1 })).not.toEqual([]);
  });
});
