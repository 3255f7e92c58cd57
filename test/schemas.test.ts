/** The schemas of docs/schemas, and what `--json` prints against them where the transcripts do not: they try every command. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCommands, loadRoot } from '../src/commands/index.ts';
import { recordsSchema } from './support/record-schemas.ts';
import { faultsOf, readSchema, schemaNameOf, schemaNames, writeSchema } from './support/schemas.ts';
import { makePlace, makeVault } from './support/vault.ts';

const cells = await loadCommands();
const { path: rootPath } = await loadRoot();

const nameOf = (path: string): string => (path === rootPath ? 'glance' : path.replace(' ', '-'));

function check(text: string): void {
  const document: unknown = JSON.parse(text);
  const name = schemaNameOf(document);
  expect({ name, faults: faultsOf(name, document) }).toEqual({ name, faults: [] });
}

describe('what is printed with --json', () => {
  it('fits the schemas on an empty vault, on none, and in the demonstration', async () => {
    const empty = await makeVault();
    const none = makePlace();
    try {
      for (const line of [
        '',
        'due',
        'day',
        'review',
        'patient list',
        'search x',
        'undo --list',
        'log',
        'calendar list',
      ])
        check((await empty.run([...line.split(' ').filter(Boolean), '--json'])).stdout);
      check((await none.run(['--json'])).stdout);
      const demo = await none.run(['demo', '--json']);
      check(demo.stdout);
      const { vault }: { readonly vault: string } = JSON.parse(demo.stdout);
      const inDemo = { env: { RAPPORT_VAULT: vault, RAPPORT_PASSPHRASE: undefined } };
      for (const line of ['due --all', 'day --full', 'review', 'log', 'status', 'unlock', 'undo --list'])
        check((await none.run([...line.split(' '), '--json'], inDemo)).stdout);
      const list: { readonly items: readonly { readonly handle: string }[] } = JSON.parse(
        (await none.run(['patient', 'list', '--status', 'all', '--json'], inDemo)).stdout,
      );
      expect(list.items.length).toBeGreaterThan(5);
      for (const { handle } of list.items)
        for (const command of ['brief', 'notes', 'timeline'])
          check((await none.run([command, handle, '--sensitive', '--json'], inDemo)).stdout);
      check(
        (
          await none.run(['init', '--recovery-out', 'code.txt', '--json'], {
            env: { RAPPORT_VAULT: join(none.root, 'own') },
          })
        ).stdout,
      );
    } finally {
      empty.remove();
      none.remove();
    }
  });

  it('is an error where something is wrong, on stderr alone', async () => {
    const [none, several] = [makePlace(), await makeVault()];
    try {
      for (const name of ['Ann Berg', 'Ann Holm'])
        await several.run(['patient', 'add', name, '--handle', name.slice(4).toLowerCase(), '--yes']);
      for (const [line, exit] of [
        ['due', 3],
        ['brief nobody-here', 3],
        ['unheard-of', 2],
        ['due --days soon', 2],
        ['due --debug', 3],
      ] as const) {
        const { stdout, stderr, code } = await none.run([...line.split(' '), '--json']);
        expect({ stdout, code }).toEqual({ stdout: '', code: exit });
        const document: unknown = JSON.parse(stderr);
        expect(document).toMatchObject({ error: { code: exit } });
        expect(faultsOf('error', document)).toEqual([]);
      }
      // Several patients: the candidates are details.
      const { stderr, code } = await several.run(['brief', 'ann', '--json']);
      expect([code, faultsOf('error', JSON.parse(stderr))]).toEqual([6, []]);
      expect(JSON.parse(stderr)).toMatchObject({
        error: {
          name: 'ambiguous',
          details: [/Ann Berg/, /Ann Holm/].map((one) => expect.stringMatching(one)),
        },
      });
    } finally {
      none.remove();
      several.remove();
    }
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

  it('let a reader take what a later version adds', () => {
    for (const name of schemaNames)
      expect(JSON.stringify(readSchema(name))).not.toMatch(/additionalProperties|unevaluated/);
  });

  it('find what does not fit', () => {
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: false })).not.toEqual([]);
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: true, more: 1 })).not.toEqual([]);
  });
});
