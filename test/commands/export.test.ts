/** The forms of an export through the whole program, on real vaults. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportFormats } from '../../src/formats/registry.ts';
import { aContact } from '../support/records.ts';
import { addSample } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

/** Malu, Ned and Walt, with a call that was held and a promise that was kept. */
async function sampleVault(): Promise<TestPlace> {
  const place = await makeVault();
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'done' }, () => {
      store.contacts.insert(aContact('2026-02-10', { patient_id: 'walt', channel: 'home' }));
      store.commitments.update('malu-c1', { status: 'kept', closed_on: day('2026-03-01'), how: 'By post' });
    });
  });
  return place;
}

it.each(exportFormats)(
  'as %s is a private file with one warning, which goes over no other and is the same on standard output',
  async (format) => {
    const place = await sampleVault();
    const argv = ['export', '--format', format, '--plain'];
    const toFile = [...argv, '--out', 'made'];
    const file = join(place.work, 'made');
    const { stderr, code } = await place.run(toFile);
    expect(code).toBe(0);
    expect(stderr.match(/not encrypted/g)).toHaveLength(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const untimed = (text: string): string =>
      text.replaceAll(/DTSTAMP:\w+|"(?:timestamp|exported_at)": ?"[^"]+"|looked at or changed: .*/g, '');
    const printed = (await place.run(argv)).stdout;
    expect(untimed(printed)).toBe(untimed(readFileSync(file, 'utf8').replace(/^\ufeff/, '')));
    writeFileSync(file, 'mine');
    expect((await place.run(toFile)).code).toBe(9);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await place.run([...toFile, '--yes'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).not.toBe('mine');
    expect(readdirSync(place.work)).toEqual(['made']);
  },
);

it('is refused where a record went to another patient while it was printed', async () => {
  const place = await sampleVault();
  const run = await place.withStore((other) => {
    let isMoved = false;
    const move = (): void => {
      if (!isMoved)
        other.write({ verb: 'move' }, () => other.commitments.update('walt-c1', { patient_id: 'malu' }));
      isMoved = true;
    };
    return place.run(['export'], { printing: move });
  });
  expect(run).toMatchObject({ code: 8, stderr: expect.stringContaining('records moved from one patient') });
});

describe('FHIR that was exported', () => {
  const fields = async (place: TestPlace): Promise<unknown> => {
    const { patients } = JSON.parse((await place.run(['export'])).stdout);
    type Record = { readonly [field: string]: unknown };
    const pick = (records: readonly Record[], ...names: string[]) =>
      records.map((record) => JSON.stringify(names.map((name) => record[name]))).toSorted();
    return patients
      .map((one: { readonly [field: string]: readonly Record[] }) => [
        pick([one], 'name', 'goes_by', 'pronouns', 'birth_date', 'status'),
        pick(one['people'] ?? [], 'name', 'relation'),
        pick(one['commitments'] ?? [], 'id', 'text', 'owner', 'made_on', 'due', 'status', 'closed_on'),
        pick(one['contacts'] ?? [], 'on', 'at', 'state'),
      ])
      .map(String)
      .toSorted();
  };

  it('is known again where it came from, and brings as much elsewhere', async () => {
    const [place, other] = [await sampleVault(), await makeVault()];
    const { stdout } = await place.run(['export', '--format', 'fhir', '--plain']);
    const argv = ['import', '-', '--format', 'fhir', '--with-tasks', '--yes'];
    const before = await fields(place);
    const again = await place.run([...argv, '--json'], { stdin: stdout });
    expect(JSON.parse(again.stdout).add).toEqual({
      patients: 0,
      people: 0,
      notes: 0,
      commitments: 0,
      contacts: 0,
      calendar: 0,
    });
    expect(await fields(place)).toEqual(before);
    expect((await other.run(argv, { stdin: stdout })).code).toBe(0);
    expect(await fields(other)).toEqual(before);
  });
});
