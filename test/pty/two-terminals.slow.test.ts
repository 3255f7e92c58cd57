/**
 * Two terminals: a command waits at its question, another process of the build changes what it was about, and the first
 * goes on. What was acknowledged stands, a list is added to, anything else is a conflict that gives back what was typed.
 */

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newNote, newPatient } from '../../src/domain/records.ts';
import { runBinary } from '../support/binary.ts';
import { runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { day, partial } from '../support/values.ts';
import { makeVault, passphrase, type TestPlace } from '../support/vault.ts';
import { notes } from './two-terminals/notes.ts';
import { patients } from './two-terminals/patients.ts';
import { promises } from './two-terminals/promises.ts';
import type { Row } from './two-terminals/row.ts';
import { writeUps } from './two-terminals/write-ups.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'patient add' }, () =>
      store.patients.insert(newPatient({ id: 'walda', name: 'Walda Beer', handle: 'walda' })),
    );
    store.write({ verb: 'note' }, () => {
      const recorded_on = day('2026-01-20');
      store.notes.insert({
        ...newNote({ patient_id: 'walt', kind: 'story', text: 'sings', recorded_on }),
        id: 'walt-n1',
      });
      const date = partial('2026-03-14');
      store.notes.insert({
        ...newNote({ patient_id: 'ned', kind: 'milestone', text: 'the wedding', recorded_on, date }),
        id: 'ned-n1',
        reach_out: true,
      });
    });
  });
  const patients = [{ id: 'new', name: 'Somebody New' }];
  writeFileSync(join(place.work, 'in.json'), JSON.stringify({ format: 'rapport', version: 1, patients }));
  writeFileSync(join(place.work, 'days.txt'), '2026-12-25\nnot a day\n');
  const editor = join(place.root, 'editor.sh');
  writeFileSync(
    editor,
    '#!/bin/sh\nprintf "the editor is open"\nread line\nprintf "text from the editor" > "$1"\n',
  );
  chmodSync(editor, 0o700);
});

const env = { RAPPORT_PASSPHRASE: passphrase, RAPPORT_NOW: '2026-03-12T17:00:00Z' };

async function newest(): Promise<string> {
  return place.withStore((store) => {
    const [added] = store.history.list(1);
    const records = store.history.records(added?.id ?? '');
    return records.findLast(({ table, change }) => table !== 'contact' && change === 'added')?.id ?? '';
  });
}

const here = async (words: readonly string[]): Promise<readonly string[]> => {
  if (!words.includes('NEWEST')) return words;
  const id = await newest();
  return words.map((word) => (word === 'NEWEST' ? id : word));
};

async function play(row: Row): Promise<void> {
  if (row.here.includes('NEWEST'))
    await runBinary(['note', 'malu', '? can I swim'], { root: place.root, env });
  const run = runInTerminal(await here(row.here), {
    root: place.root,
    env: { ...env, EDITOR: join(place.root, 'editor.sh') },
    rows: 40,
    columns: 120,
  });
  for (const [question, keys] of row.before ?? []) await run.answer(question, keys);
  await run.waitFor(row.at);
  // Another terminal is not kept waiting: no transaction is open while somebody is asked.
  for (const words of row.there) {
    const { code, stderr } = await runBinary(await here(words), { root: place.root, env });
    expect(code, stderr).toBe(0);
  }
  run.type(row.keys);
  for (const [question, keys] of row.after ?? []) await run.answer(question, keys);
  const code = await run.exit;
  const screen = run.screen.text();
  expect(code, screen).toBe(row.code);
  for (const said of row.says) await run.waitFor(said);
  expect(await place.withStore(row.look)).toEqual(row.stands);
}

describe.each([
  ['promises', promises],
  ['notes', notes],
  ['patients', patients],
  ['write-ups', writeUps],
])('in two terminals, %s', (_, rows) => {
  it.each(Object.entries(rows))('%s', (_name, row) => play(row));
});
