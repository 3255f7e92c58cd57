/** Files that others wrote, of each format; skipped where they are absent. All come in once, and nothing twice. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everythingKept, exportedPatients, sharedInputs } from '../support/imports.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

const filesIn = (folder: string): readonly string[] =>
  existsSync(join(sharedInputs, folder)) ? readdirSync(join(sharedInputs, folder)).toSorted() : [];

async function expectTwiceAsOnce(place: TestPlace, argv: readonly string[]): Promise<string> {
  const first = await place.run(['import', ...argv]);
  expect(first.code).toBe(0);
  const before = await exportedPatients(place);
  expect(before.length).toBeGreaterThan(0);
  expect((await place.run(['import', ...argv])).stdout).toContain('Nothing to import');
  expect(await exportedPatients(place)).toEqual(before);
  return first.stdout;
}

describe.skipIf(!existsSync(sharedInputs))('what others wrote', () => {
  // Whole numbers: three digits alone stand in one random id of a hundred.
  const elsewhere =
    /555[- ]?(?:1111|1234|2222|asd)|676[- ]?95\d\d|656[- ]?9254|ibm\.com|Crescent|COPYRIGHT|Laurier|Battleford/;
  it.each(filesIn('vcard'))('vcard/%s leaves nothing but the name and the day', async (name) => {
    const place = await makeVault();
    await expectTwiceAsOnce(place, [join(sharedInputs, 'vcard', name)]);
    expect(await everythingKept(place)).not.toMatch(elsewhere);
  });

  it.each(filesIn('ics'))('ics/%s', async (name) => {
    const place = await makeVault();
    await place.withStore(addSample);
    for (const patient of ['Crazy Event', 'Really Long']) await place.run(['patient', 'add', patient]);
    const file = join(sharedInputs, 'ics', name);
    const match = ['--match', 'summary={patient} Thingy!;summary={patient} event name thing'];
    await expectTwiceAsOnce(place, [file, '--since', '2012-01-01', '--until', '2026-12-31', ...match]);
    expect((await place.run(['day', '--schedule', file, '--on', '2012-11-10'])).code).toBe(0);
  });

  it('the Synthea list, without what is not mapped', async () => {
    const place = await makeVault();
    const file = join(sharedInputs, 'csv/synthea-patients.csv');
    const maps = ['name=FIRST+LAST', 'birth_date=BIRTHDATE', 'died_on=DEATHDATE'];
    const said = await expectTwiceAsOnce(place, [file, ...maps.flatMap((map) => ['--map', map])]);
    expect(said).toMatch(/names have digits in them; --clean-names cuts them/);
    const patients = await exportedPatients(place);
    expect(patients).toHaveLength(readFileSync(file, 'utf8').trim().split('\n').length - 1);
    expect(patients.some(({ status }) => status === 'died')).toBe(true);
    expect(JSON.stringify(patients)).not.toMatch(/\d{3}-\d{2}-\d{4}"|Massachusetts|S9999/);
  });

  it('FHIR of all sorts comes in, or is refused in one line; twice changes nothing', async () => {
    const place = await makeVault();
    const files = filesIn('fhir').toSorted(
      (left, right) => Number(right.startsWith('Patient')) - Number(left.startsWith('Patient')),
    );
    const importAll = async (): Promise<ReadonlyMap<string, number>> => {
      const codes = new Map<string, number>();
      for (const file of files)
        codes.set(file, (await place.run(['import', join(sharedInputs, 'fhir', file), '--with-tasks'])).code);
      return codes;
    };
    for (const [file, code] of await importAll())
      expect(/^Patient-(?:animal|newborn)/.test(file) ? [2] : [0, 2], file).toContain(code);
    const before = await exportedPatients(place);
    expect(before.length).toBeGreaterThan(4);
    await importAll();
    expect(await exportedPatients(place)).toEqual(before);
  });

  interface Resource {
    readonly resourceType: string;
    readonly [field: string]: unknown;
  }
  const bundles = filesIn('fhir').filter((name) => name.startsWith('synthea-'));
  it.each(bundles)('fhir/%s leaves no word of its chart in the decrypted vault', async (name) => {
    const place = await makeVault();
    const file = join(sharedInputs, 'fhir', name);
    expect((await place.run(['import', file, '--with-tasks'])).code).toBe(0);
    const kept = (await everythingKept(place)).toLowerCase();
    const bundle: { readonly entry: readonly { readonly resource: Resource }[] } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const patient = bundle.entry.find(({ resource }) => resource.resourceType === 'Patient')?.resource;
    const { name: names, birthDate, communication, id, ...rest } = patient ?? { resourceType: 'none' };
    const allowed = JSON.stringify({ names, birthDate, communication, id }).toLowerCase();
    const { identifier, address, telecom, extension, maritalStatus, text } = rest as Partial<Resource>;
    const words = new Set<string>();
    const gather = (value: unknown): void => {
      if (typeof value === 'string')
        for (const word of value.toLowerCase().match(/[\p{L}\p{N}-]{5,}/gu) ?? []) words.add(word);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(gather);
    };
    gather(bundle.entry.map(({ resource }) => resource).filter((resource) => resource !== patient));
    gather([identifier, address, telecom, extension, maritalStatus, text]);
    // Words of the vault's own schema and of the person's allowed fields prove nothing.
    const other = await makeVault();
    await other.run(['import', '-'], {
      stdin:
        '{"resourceType":"Patient","id":"p1","name":[{"text":"Peter James Chalmers"}],"birthDate":"1974"}',
    });
    const own = (await everythingKept(other)).toLowerCase();
    const telling = [...words].filter((word) => !allowed.includes(word) && !own.includes(word));
    expect(telling.length).toBeGreaterThan(250);
    expect(telling.filter((word) => kept.includes(word))).toEqual([]);
  });
});
