import { beforeEach, describe, expect, it } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});

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
});

it('names the backups that hold who is forgotten, before and after', async () => {
  const backup = async (at: string): Promise<void> => {
    place.at(at);
    expect((await place.run(['backup', `${at.slice(0, 10)}.backup`])).code).toBe(0);
  };
  await backup('2026-03-10T08:00:00Z');
  place.at('2026-03-11T08:00:00Z');
  await place.run(['patient', 'add', 'Ned', 'Hintz']);
  await backup('2026-03-12T13:20:00Z');
  await backup('2026-03-13T08:00:00Z');
  const { asked, stderr, stdout } = await place.run(['patient', 'forget', 'ned'], {
    answers: [['type the name: Ned Hintz', 'NED HINTZ']],
  });
  const line =
    'Backups and exports made before still hold them. Backups that are known: Fri 13 Mar 2026 09:00, Thu 12 Mar 2026 14:20.';
  expect(asked).toContain(`: ${line}`);
  expect(stderr).toContain(line);
  expect(stdout).toMatch(/^The patient \w{5} is forgotten\n$/);
  expect(await place.withStore((store) => store.patients.byHandle('ned'))).toBeUndefined();
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
  });
});
