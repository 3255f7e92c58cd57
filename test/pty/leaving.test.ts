/** What a terminal keeps after the pager and the editor are left: nothing of what they showed. */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newCommitment, newNote, newPerson } from '../../src/domain/records.ts';
import { type PtyRun, runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';

let place: TestPlace | undefined;

const start = (
  argv: readonly string[],
  root: string,
  env: Readonly<Record<string, string>> = {},
  rows = 16,
): PtyRun => runInTerminal(argv, { root, rows, env: { RAPPORT_PASSPHRASE: passphrase, ...env } });

const installed = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));

describe('a long list', () => {
  it.skipIf(!installed('less'))('is paged on the alternate screen and leaves none of it behind', async () => {
    place = await makeVault();
    await place.withStore((store) => {
      addSample(store);
      store.write({ verb: 'import' }, () => {
        for (let number = 0; number < 30; number += 1)
          store.commitments.insert(
            newCommitment({
              patient_id: 'malu',
              text: `promise ${number}`,
              owner: 'me',
              kind: 'other',
              made_on: day('2026-01-01'),
              due: day('2026-02-01'),
            }),
          );
      });
    });
    const run = start(['due', '--on', '2026-03-12'], place.root, { PAGER: 'less', LESS: '-FX' });
    await run.waitFor('OVERDUE');
    expect(run.screen.isAlternate).toBe(true);
    expect(run.screen.text()).not.toContain('promise 29');
    run.type('G');
    await run.waitFor('promise 29');
    run.type('q');
    expect(await run.exit).toBe(0);
    await run.screen.until(() => !run.screen.isAlternate, 'the screen as it was');
    expect(run.screen.text()).toBe('');
    expect(readdirSync(join(place.root, 'home'))).toEqual(['.config']);
  });
});

describe.skipIf(!installed('less'))('what may be long', () => {
  const long = async (): Promise<TestPlace> => {
    place = await makeVault();
    await place.withStore((store) => {
      addSample(store);
      store.write({ verb: 'import' }, () => {
        for (let number = 0; number < 30; number += 1) {
          const told = { patient_id: 'malu', text: `choir ${number}`, recorded_on: day('2026-01-01') };
          store.notes.insert(newNote({ ...told, kind: 'story' }));
          store.people.insert(newPerson({ patient_id: 'malu', name: `Singer ${number}` }));
        }
      });
    });
    return place;
  };

  it.each([
    ['notes', ['notes', 'malu']],
    ['search', ['search', 'choir']],
    ['patient show', ['patient', 'show', 'malu']],
    ['timeline', ['timeline', 'malu']],
    ['log', ['log', '--patient', 'malu']],
  ])('%s is paged, logged before the pager is left, and gone after it', async (verb, argv) => {
    const { root, withStore } = await long();
    // The log is long only after some looks.
    if (verb === 'log')
      await withStore((store) => {
        for (let count = 0; count < 20; count += 1) store.log.opened('notes', 'malu');
      });
    const run = start(argv, root, { PAGER: 'less -FX' }, 8);
    await run.screen.until(() => run.screen.isAlternate, 'the pager');
    await run.screen.until((text) => text.length > 40, 'a page');
    // The pager shows the page while the row is written.
    await expect.poll(() => withStore((store) => store.log.rows({ limit: 1 })[0])).toMatchObject({ verb });
    run.type('q');
    expect(await run.exit).toBe(0);
    await run.screen.until(() => !run.screen.isAlternate, 'the screen as it was');
    expect(run.screen.text()).toBe('');
  });

  it('is printed under --no-input, and with a warning where the pager cannot be started', async () => {
    const { root } = await long();
    const plain = start(['notes', 'malu', '--no-input'], root, {}, 8);
    expect(await plain.exit).toBe(0);
    await plain.waitFor('choir 29');
    expect(plain.written()).not.toContain('\u001b[?1049h');
    const without = start(['notes', 'malu'], root, { PAGER: 'no-such-pager' }, 8);
    expect(await without.exit).toBe(0);
    await without.waitFor('choir 0');
    await without.waitFor("rapport: the pager 'no-such-pager' can't be started");
  });
});

describe('a pager', () => {
  it('has Ctrl-C to itself', async () => {
    place = await makeVault();
    await place.withStore(addSample);
    const pager = join(place.root, 'pager');
    const lines = ['trap "echo caught; exit 0" INT', 'cat >/dev/null', 'echo ready', 'sleep 60 & wait'];
    writeFileSync(pager, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
    const run = start(['due', '--all', '--on', '2026-03-12'], place.root, { PAGER: pager }, 8);
    await run.waitFor('ready');
    run.interrupt();
    await run.waitFor('caught');
    expect(await run.exit).toBe(0);
  });
});

describe('the editor', () => {
  it.skipIf(!installed('vim'))('is vim without traces', async () => {
    place = await makeVault();
    await place.withStore(addSample);
    const run = start(['commit', 'malu', '--editor'], place.root, { EDITOR: 'vim' });
    await run.screen.until(() => run.screen.isAlternate, 'the editor');
    run.type('ggO');
    run.type('~ sketches help a lot');
    await run.waitFor('sketches help');
    const runtime = join(place.root, 'runtime');
    const files = readdirSync(runtime, { recursive: true, encoding: 'utf8' });
    const edited = files.filter((name) => name.includes('/') && !name.endsWith('/lock'));
    expect(edited).toEqual([expect.stringMatching(/\/\w{26}$/), expect.stringMatching(/\/rapport\.txt$/)]);
    run.type('\u001b:wq\r');
    expect(await run.exit).toBe(0);
    expect(readdirSync(runtime).filter((name) => name.startsWith('rapport-edit-'))).toEqual([]);
    expect(readdirSync(join(place.root, 'home'))).toEqual(['.config']);
    const found = await place.withStore((store) => store.notes.of('malu').map(({ text }) => text));
    expect(found).toContain('sketches help a lot');
  });
});
