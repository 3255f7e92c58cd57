/** A record that was shown is looked at again: what became of it meanwhile is told apart, and lists may have grown. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { aNote, aPatient } from '../support/records.ts';
import { failureOf } from '../support/values.ts';
import { openBench } from './vault.ts';

let bench: ReturnType<typeof openBench>;
beforeEach(() => {
  bench = openBench(join(temporaryFolder(), 'vault.db'));
});
afterEach(() => bench.end());

const add = (id: string) =>
  bench.store.write({ verb: 'patient add' }, () => bench.store.patients.insert(aPatient(id))).value;
const joinInto = (from: string, into: string): void =>
  void bench.store.write({ verb: 'patient merge' }, () => bench.store.patients.join(from, into));

it('changes what is as it was seen, but for its lists', () => {
  const { patients, write } = bench.store;
  const seen = add('malu');
  const alias = (name: string) =>
    write({ verb: 'patient alias' }, () =>
      patients.change(seen, ({ aliases }) => ({ aliases: [...aliases, name] })),
    ).value.aliases;
  expect(alias('Mari')).toEqual(['Mari']);
  expect(alias('Lulu')).toEqual(['Mari', 'Lulu']);
  write({ verb: 'patient set' }, () => patients.update('malu', { pronouns: 'she/her' }));
  expect(failureOf(() => alias('Lou'))).toMatchObject({
    exit: 'conflict',
    message: `another command changed ${seen.ref} meanwhile (pronouns)`,
    shown: [`${seen.ref} now, pronouns: she/her`],
  });
});

it('says whom a patient became part of in the end, though entries became parts of one another', async () => {
  const seen = add('one');
  add('two');
  add('three');
  joinInto('one', 'two');
  joinInto('two', 'three');
  const told = (): readonly string[] => failureOf(() => bench.store.patients.present(seen)).hints;
  expect(told()).toEqual(['see the patient who was kept: rapport patient show three']);
  add('one');
  joinInto('three', 'one');
  const erasing = await bench.store.erasing();
  bench.store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('one'));
  expect(failureOf(() => bench.store.patients.present(seen)).message).toBe(
    'another command forgot this patient meanwhile',
  );
});

it('shows of a private note only that it changed', () => {
  const { notes, write } = bench.store;
  add('malu');
  const note = aNote('first');
  const { value: seen } = write({ verb: 'note' }, () => notes.insert({ ...note, sensitive: true }));
  write({ verb: 'edit' }, () => notes.update(seen.id, { text: 'second' }));
  const failure = failureOf(() => notes.asSeen(seen));
  expect(failure).toMatchObject({ shown: [] });
  expect(JSON.stringify([failure.message, failure.hints])).not.toContain('second');
});
