/** What a newcomer's slip is answered with: one cause, and a way out that works. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePlace, makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Amara Obi', 'amara', {
    commitments: [{ text: 'Recipe sheet' }],
    notes: [{ kind: 'story', text: 'Sings in the choir' }],
  });
});
afterEach(() => place.remove());

const complaint = async (...argv: readonly string[]): Promise<string> => {
  const { stderr, code } = await place.run(argv);
  return `${stderr}= ${code}`;
};

describe('words that do not fit', () => {
  it.each([
    [['move'], "missing required argument 'id'", 'rapport move --help'],
    [['patient', 'alias'], "missing required argument 'patient'", 'rapport patient alias --help'],
    [
      ['init', 'here'],
      "too many arguments for 'init'. Expected 0 arguments but got 1",
      'rapport init --help',
    ],
    [
      ['--json', 'person', 'died', 'a', 'b', 'c'],
      "too many arguments for 'died'. Expected 2 arguments but got 3",
      'rapport person died --help',
    ],
    [['due', '--days'], "option '--days <number>' argument missing", 'rapport due --help'],
    [['due', '--frobnicate'], "unknown option '--frobnicate'", 'rapport due --help'],
  ])('%j leads to the help of its command', async (argv, message, hint) => {
    const { stderr, code } = await place.run(argv);
    expect(code).toBe(2);
    if (argv.includes('--json')) expect(JSON.parse(stderr).error).toMatchObject({ message, hints: [hint] });
    else expect(stderr).toBe(`rapport: ${message}\nhint: ${hint}\n`);
  });

  it.each([
    [['due', '--dayz=3'], "unknown option '--dayz'", 'did you mean --days?'],
    [['due', '--jsno'], "unknown option '--jsno'", 'did you mean --json?'],
    [['due', '--ab'], "unknown option '--ab'", 'rapport due --help'],
    [['patient', 'lst'], "unknown command 'lst'", 'did you mean list?'],
    [['ls'], "unknown command 'ls'", 'rapport --help'],
    // What was typed is nobody's advice.
    [['word\n(Did you mean another?)'], "unknown command 'word (Did you mean another?)'", 'rapport --help'],
    [
      ["argument 'a' is invalid. Allowed choices are b."],
      "unknown command 'argument 'a' is invalid. Allowed choices are b.'",
      'rapport --help',
    ],
  ])('%j has the nearest word, or the help', async (argv, message, hint) => {
    const { stderr } = await place.run([...argv, '--json']);
    expect(JSON.parse(stderr).error).toMatchObject({ message, hints: [hint] });
  });

  it('gives the choices in full, and the nearest of them', async () => {
    expect(await complaint('note', 'amara', '--kind', 'famly', '-')).toBe(
      [
        "rapport: option '--kind <kind>' argument 'famly' is invalid",
        'hint: did you mean family?',
        'hint: use story, interest, family, concern, question, matters, preference, explain, decision, milestone, loss, avoid, next',
        '= 2',
      ].join('\n'),
    );
    expect(await complaint('patient', 'set', 'amara', '--declined', 'zzzzzzzz')).toMatch(
      /\nhint: use [^…]+\n= 2$/,
    );
  });

  it.each([
    [['done', 'zzzzz'], "no promise matches 'zzzzz'", 'rapport due --all shows their refs', 3],
    [['done', ''], "no promise matches ''", 'rapport due --all shows their refs', 3],
    [['retire', 'zzzzz'], "no note matches 'zzzzz'", 'rapport notes NAME shows their refs', 3],
    [['retire', 'amara-c1'], "'amara-c1' is a promise, not a note", 'rapport drop amara-c1', 3],
    [['drop', 'amara-n1'], "'amara-n1' is a note, not a promise", 'rapport retire amara-n1', 3],
    [['done', 'amara-n1'], "'amara-n1' is a note, not a promise", 'rapport answer amara-n1', 3],
  ])('%j says where the right id is', async (argv, message, hint, code) => {
    expect(await complaint(...argv)).toBe(`rapport: ${message}\nhint: ${hint}\n= ${code}`);
  });

  it('lists what was done by the words of the field', async () => {
    await place.run(['done', 'amara-c1']);
    expect((await place.run(['undo', '--list'])).stdout).toMatch(
      / commitment kept 'Recipe sheet' \(Amara Obi, /,
    );
    const { operations } = (await place.json(['undo', '--list'])) as {
      readonly operations: readonly { readonly records: readonly object[] }[];
    };
    expect(operations[0]?.records).toMatchObject([{ table: 'commitment' }]);
  });

  it('says what is wrong with the file of a passphrase', async () => {
    const openedBy = async (file: string): Promise<string> => {
      const env = { RAPPORT_PASSPHRASE_FILE: join(place.work, file) };
      return (await place.run(['due'], { locked: true, env })).stderr;
    };
    expect(await openedBy('none')).toMatch(
      /\nhint: mend that, or unset RAPPORT_PASSPHRASE_FILE to be asked\n$/,
    );
    writeFileSync(join(place.work, 'empty'), '', { mode: 0o600 });
    expect(await openedBy('empty')).toMatch(/\nhint: the passphrase must be all of its first line\n$/);
  });

  it('knows -h, -v and -V', async () => {
    expect((await place.run(['-h'])).stdout).toBe((await place.run(['--help'])).stdout);
    expect((await place.run(['brief', '-h'])).stdout).toBe((await place.run(['brief', '--help'])).stdout);
    const { stdout } = await place.run(['--version']);
    expect(await place.run(['-v'])).toMatchObject({ stdout, code: 0 });
    expect(await place.run(['-V'])).toMatchObject({ stdout, code: 0 });
  });
});

describe('after what was done', () => {
  it('names the note of a loss that a mistaken death leaves', async () => {
    await place.run(['note', 'amara', '-'], { stdin: 'x husband Leo, 10 nov 2025\n' });
    const note = await withStore(place, (store) =>
      store.notes.of('amara').find(({ kind }) => kind === 'loss'),
    );
    expect(await place.run(['person', 'died', 'amara', 'Leo', '--mistaken'])).toMatchObject({
      code: 0,
      stderr: `hint: the note of the loss stays: rapport retire ${note?.ref}\n`,
    });
    await place.run(['retire', note?.ref ?? '']);
    expect((await place.run(['person', 'died', 'amara', 'Leo', '--mistaken'])).stderr).toBe('');
  });

  it('names the promises that a mistaken death had dropped', async () => {
    const ref = await withStore(place, (store) => store.commitments.byId('amara-c1')?.ref ?? '');
    await place.run(['patient', 'died', 'amara', '--drop', ref]);
    const { stderr } = await place.run(['patient', 'died', 'amara', '--mistaken']);
    expect(stderr).toBe(
      `hint: ${ref} was dropped with the death and stays so: promise it again if it is still wanted\n`,
    );
  });

  it('asks again for a text that was emptied', async () => {
    const { asked, code } = await place.run(['edit', 'amara-n1'], {
      answers: [
        ['the text', '  '],
        ['the text', 'Sings no more'],
      ],
    });
    expect(asked.join('\n')).toContain('a few words, please');
    expect(code).toBe(0);
  });

  it('goes on with the handle, not with the whole name', async () => {
    const { stderr } = await place.run(['patient', 'add', '-'], { stdin: 'Ned Hintz' });
    expect(stderr).toBe('next: rapport commit ned, or rapport patient add\n');
  });

  it('says which the last page of a search is', async () => {
    expect((await place.run(['search', 'choir', '--page', '99'])).stdout).toBe(
      'There are only 1: the last page is --page 1\n',
    );
  });

  it('lists notes newest first, also within a day', async () => {
    await place.run(['note', 'amara', '-'], { stdin: 'the first' });
    await place.run(['note', 'amara', '-'], { stdin: 'the second' });
    const { stdout } = await place.run(['notes', 'amara']);
    expect(stdout.indexOf('the second')).toBeLessThan(stdout.indexOf('the first'));
  });

  it('keeps the indent of the first line of help', async () => {
    expect((await place.run(['help', 'dates'])).stdout).toMatch(/^ {2}today, .*\(every\s+year\)/s);
    expect((await place.run(['help', 'exit-codes'])).stdout).toMatch(/^ {3}0 {2}ok /);
  });
});

describe('a backup', () => {
  it.each(['bk/stick/', 'bk/stick/a.backup', 'stick/'])(
    'is not written to %s, which has no folder',
    async (file) => {
      const folder = file.slice(0, file.lastIndexOf('/'));
      expect(await complaint('backup', file)).toBe(
        `rapport: no folder '${folder}'\nhint: make it first, or name another\n= 3`,
      );
      expect(readdirSync(place.work)).toEqual([]);
    },
  );

  it.each(['stick', 'stick/'])('gets its usual name in the folder %s', async (file) => {
    mkdirSync(join(place.work, 'stick'));
    expect((await place.run(['backup', file])).code).toBe(0);
    expect(readdirSync(join(place.work, 'stick'))).toEqual(['rapport-2026-03-12.backup']);
  });
});

describe('without a vault', () => {
  it('a shell prompt gets nothing', async () => {
    const bare = makePlace();
    expect(await bare.run(['due', '--line'])).toEqual({ stdout: '', stderr: '', code: 0, asked: [] });
    bare.remove();
  });
});
