import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});
afterEach(() => place.remove());

const steering = '\u001b]0;owned\u0007\u009b2J\u202eevil\rx';

describe('patients from the command line', () => {
  it('keeps control characters as typed, and never sends them to the screen', async () => {
    const added = await place.json(['patient', 'add', `Ann ${steering}`, '--goes-by', `A${steering}`]);
    expect(added).toMatchObject({ patient: { name: `Ann ${steering}`, goes_by: `A${steering}` } });
    await place.run(['person', 'add', 'ann', `Bo ${steering}`]);
    const { patients } = JSON.parse((await place.run(['export'])).stdout);
    expect(patients[0]).toMatchObject({ name: `Ann ${steering}`, people: [{ name: `Bo ${steering}` }] });
    const handle = String(patients[0].handle);
    for (const argv of [
      ['patient', 'list'],
      ['patient', 'show', handle],
      ['person', 'list', handle],
      ['patient', 'set', handle, '--say', steering],
      ['patient', 'alias', handle, steering],
      ['patient', 'archive', handle],
      ['patient', 'add', `Ann ${steering}`],
      ['person', 'died', handle, 'nobody'],
      ['import', '-', '--dry-run'],
      ['export'],
    ]) {
      const stdin = JSON.stringify({ format: 'rapport', version: 1, patients: [{ name: steering }] });
      const { stdout, stderr } = await place.run(argv, { stdin });
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });

  it.each([
    [
      'a name that is too long',
      ['patient', 'add', 'x'.repeat(201)],
      'the name has 201 characters; the limit is 200',
    ],
    ['blanks for a name', ['patient', 'add', '   '], 'the name is empty'],
    [
      'two texts from one input',
      ['patient', 'add', '-', '--goes-by', '-'],
      'only one text can come from standard input',
    ],
    ['lines for a name', ['patient', 'add', '-'], 'the name on standard input is more than one line'],
    ['an unknown field', ['patient', 'set', 'ann', '--clear', 'name'], "argument 'name' is invalid"],
    ['no name for a person', ['person', 'add', 'ann', ''], 'the name is empty'],
    [
      'half a redirection',
      ['patient', 'died', 'ann', '--redirect', 'abcde'],
      "--redirect: 'abcde' is not REF=PERSON",
    ],
  ])('refuses %s before it asks for a key', async (_, argv, message) => {
    const { stdout, stderr, code } = await place.run(argv, { locked: true, stdin: 'Ann\nBo\n' });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
  });

  it.each([
    [['patient', 'list']],
    [['patient', 'show', 'ann']],
    [['patient', 'add', 'Ann']],
    [['person', 'list', 'ann']],
    [['export']],
  ])('says nothing of anybody while locked: %j', async (argv) => {
    await place.run(['patient', 'add', 'Ann']);
    const { stdout, code } = await place.run([...argv, '--no-input'], { locked: true });
    expect({ stdout, code }).toEqual({ stdout: '', code: 4 });
  });

  it('reads the passphrase and then a name from standard input', async () => {
    const options = { locked: true, stdin: 'correct horse battery staple\nZoë Ng\n' };
    const { stdout, code } = await place.run(['patient', 'add', '-', '--passphrase-stdin'], options);
    expect(code).toBe(0);
    expect(stdout).toContain('Zoë Ng (zoe) added');
  });

  it('leaves one row in the log for a list, and one for each page opened', async () => {
    await place.run(['patient', 'add', 'Ann']);
    await place.run(['patient', 'list']);
    await place.run(['patient', 'show', 'ann']);
    await place.run(['export']);
    const { rows } = (await place.json(['log'])) as { rows: readonly { verb: string; patient: unknown }[] };
    const verbs = rows.map(({ verb, patient }) => `${verb}${patient === null ? '' : ' of one'}`);
    expect(verbs.slice(0, 4)).toEqual([
      'export',
      'patient show of one',
      'patient list',
      'patient add of one',
    ]);
  });

  it('takes a change back in one step', async () => {
    await place.run(['patient', 'add', 'Ann']);
    await place.run(['patient', 'set', 'ann', '--name', 'Anna', '--pronouns', 'she/her']);
    await place.run(['undo', '--yes']);
    expect(await place.json(['patient', 'show', 'ann'])).toMatchObject({
      patient: { name: 'Ann', pronouns: null },
    });
  });
});

describe('a long list of patients', () => {
  it('comes a page at a time, by handle, and whole where all is asked for', async () => {
    await place.withStore((store) =>
      store.write({ verb: 'import' }, () => {
        for (let index = 0; index < 103; index += 1) {
          const handle = `p${String(index).padStart(3, '0')}`;
          store.patients.insert(newPatient({ name: `Patient ${index}`, handle }));
        }
      }),
    );
    const list = async (...more: readonly string[]) =>
      (await place.json(['patient', 'list', '--json', ...more])) as {
        readonly items: readonly { readonly handle: string }[];
        readonly page: number | null;
        readonly more: boolean;
      };
    const pages = [await list(), await list('--page', '2'), await list('--page', '3')];
    expect(pages.map(({ items, page, more }) => [items.length, page, more])).toEqual([
      [50, 1, true],
      [50, 2, true],
      [3, 3, false],
    ]);
    const all = await list('--all');
    expect(all).toMatchObject({ page: null, more: false });
    expect(pages.flatMap(({ items }) => items)).toEqual(all.items);
    expect((await place.run(['patient', 'list'])).stdout).toMatch(/more: add --page 2, --all, or a name\n$/);
    const both = await place.run(['patient', 'list', '--all', '--page', '2']);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("--all and --page don't go together");
    const { stdout, stderr, code } = await place.run(['patient', 'list', '--page', '9']);
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: 'no more patients\n', code: 0 });
  });
});
