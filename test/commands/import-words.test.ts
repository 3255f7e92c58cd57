/** What an import that brings in nothing says: what is true of its file. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeVault, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});
afterEach(() => place.remove());

const csv = ['import', '-', '--format', 'csv', '--map', 'name=NAME', '--map', 'birth_date=BORN'];

it.each([
  ['a header alone', csv, 'NAME,BORN\n', 'Nothing to import: nothing in it is for rapport, 0 patients'],
  [
    'a document without patients',
    ['import', '-'],
    '{"format":"rapport","version":1,"patients":[]}',
    'Nothing to import: nothing in it is for rapport, 0 patients',
  ],
  [
    'a bad row',
    [...csv, '--skip-bad'],
    'NAME,BORN\nAnn,soon\n',
    'Nothing to import: what is in the file was left out, 1 in all',
  ],
  [
    'bad rows',
    [...csv, '--skip-bad'],
    'NAME,BORN\nAnn,soon\nBea\n',
    'Nothing to import: what is in the file was left out, 2 in all',
  ],
])('%s', async (_, argv, stdin, sentence) => {
  const { stdout, code } = await place.run(argv, { stdin });
  expect(code).toBe(0);
  expect(stdout).toBe(`${sentence}\n`);
});

it('what is known beside what is left out', async () => {
  await place.run(csv, { stdin: 'NAME,BORN\nAnn,1950\n' });
  const { stdout } = await place.run([...csv, '--skip-bad'], { stdin: 'NAME,BORN\nAnn,1950\nBea,soon\n' });
  expect(stdout).toMatch(/Nothing to import: all of it is in the vault already, but for 1 left out\n$/);
  const again = await place.run(csv, { stdin: 'NAME,BORN\nAnn,1950\n' });
  expect(again.stdout).toMatch(/Nothing to import: all of it is in the vault already\n$/);
});

it('a line end within a name becomes one blank', async () => {
  await place.run(csv, { stdin: 'NAME,BORN\r\n"Ann\r\nLee",1950\r\n' });
  expect(await place.json(['patient', 'list'])).toMatchObject({ items: [{ name: 'Ann Lee' }] });
});
