/** What a newcomer's slip is answered with: one cause, and a way out that works. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient } from './seeding.ts';

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
    [['done'], "missing required argument 'id'", 'rapport done --help'],
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

  it('knows -h, -v and -V', async () => {
    expect((await place.run(['-h'])).stdout).toBe((await place.run(['--help'])).stdout);
    expect((await place.run(['brief', '-h'])).stdout).toBe((await place.run(['brief', '--help'])).stdout);
    const { stdout } = await place.run(['--version']);
    expect(await place.run(['-v'])).toMatchObject({ stdout, code: 0 });
    expect(await place.run(['-V'])).toMatchObject({ stdout, code: 0 });
  });
});
