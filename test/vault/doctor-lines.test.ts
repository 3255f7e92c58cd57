/** One fault is one line, and the line names it. */
import { appendFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { copyOf, makeTemplate, type Place, runHere } from '../faults/support/clinic.ts';

let template: Place;
let other: Place;
let good: Buffer;
beforeAll(async () => {
  template = await makeTemplate(40);
  other = await makeTemplate(1);
  good = readFileSync(join(template.folder, 'vault.db'));
});

type Harm = (folder: string) => void;

async function faultsAfter(harm: Harm): Promise<readonly string[]> {
  const place = copyOf(template);
  harm(place.folder);
  const { stdout, code } = await runHere(place, ['doctor']);
  expect(code).toBe(7);
  place.remove();
  return stdout.split('\n').flatMap((line) => (line.startsWith('DAMAGED') ? [line.slice(10)] : []));
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}

const database =
  (work: (path: string) => void): Harm =>
  (folder) =>
    work(join(folder, 'vault.db'));

it('a byte of any page', async () => {
  for (let page = 0; page < good.length / 4096; page += 1) {
    const faults = await faultsAfter(database((path) => flip(path, page * 4096 + 300)));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^1 of \\d+ pages is damaged: ${page + 1}(;|$)`));
  }
});

const cases: readonly (readonly [string, Harm, RegExp])[] = [
  ['the salt', database((path) => flip(path, 3)), /^none of the \d+ pages is authentic; .*first page/],
  ['a byte cut off', database((path) => truncateSync(path, good.length - 1)), /^vault.db is no whole number/],
  ['a page cut off', database((path) => truncateSync(path, good.length - 4096)), /^vault.db was cut short/],
  ['all but a page cut off', database((path) => truncateSync(path, 4096)), /^vault.db was cut short/],
  ['everything cut off', database((path) => truncateSync(path, 0)), /^vault.db is empty/],
  ['a byte added', database((path) => appendFileSync(path, 'x')), /^vault.db is no whole number/],
  [
    'a page added',
    database((path) => appendFileSync(path, Buffer.alloc(4096))),
    /^the file has \d+ bytes, its/,
  ],
  ['the database gone', database((path) => rmSync(path)), /^vault.db is missing/],
  [
    'another vault’s database',
    database((path) => cpSync(join(other.folder, 'vault.db'), path)),
    /^none of the \d+ pages is authentic; .*another vault’s/,
  ],
  [
    'a plaintext database',
    database((path) =>
      writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8176)])),
    ),
    /^none of the \d+ pages is authentic; .*unencrypted/,
  ],
  ['a byte of a key file', (folder) => flip(join(folder, 'vault.keys'), 600), /^vault.keys /],
  ['a byte of the other', (folder) => flip(join(folder, 'vault.keys.copy'), 1000), /^vault.keys.copy /],
  ['a key file gone', (folder) => rmSync(join(folder, 'vault.keys')), /^vault.keys is missing/],
  [
    'both key files gone',
    (folder) => {
      for (const name of ['vault.keys', 'vault.keys.copy']) rmSync(join(folder, name));
    },
    /^no whole key file/,
  ],
];

it.each(cases)('%s', async (_, harm, says) => {
  const faults = await faultsAfter(harm);
  expect(faults).toEqual([expect.stringMatching(says)]);
});
