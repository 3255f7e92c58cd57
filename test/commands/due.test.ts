/** `rapport due` on real vaults: the reminder of a backup, what the morning costs, and mornings in three time zones. */

import { describe, expect, it } from 'vitest';
import { newCommitment, newPatient } from '../../src/domain/records.ts';
import { addSample } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, type PlaceOptions, type TestPlace } from '../support/vault.ts';

async function vault(options: PlaceOptions = {}): Promise<TestPlace> {
  const place = await makeVault(options);
  return place;
}

describe('the reminder of a backup', () => {
  const said = async (place: TestPlace, ...argv: readonly string[]): Promise<string> =>
    (await place.run(['due', ...argv])).stderr;

  it('is silent unless the settings ask for it, and then says how old the last one is', async () => {
    const place = await vault();
    expect(await said(place)).toBe('');
    await place.run(['config', 'backup.remind', '2w']);
    expect(await said(place)).toContain('No backup was made yet');
    expect(await said(place, '--quiet')).toBe('');
    expect(await said(place, '--line')).toBe('');
    await place.withStore((store) => store.backups.remember('2026-03-12T08:30:00.000Z', 'backup'));
    expect(await said(place)).toBe('');
    place.at('2026-03-26T08:30:00Z');
    expect(await said(place)).toBe('');
    place.at('2026-03-27T08:30:00Z');
    const old = 'The last backup is 15 days old, of 12 Mar. rapport backup\n';
    expect(await said(place)).toBe(old);
    expect(await said(place, '--daily')).toBe(old);
    expect(await said(place, '--daily')).toBe('');
    // A clock that is fixed for a demonstration does not make the backup any younger.
    const { stderr } = await place.run(['due'], { env: { RAPPORT_TODAY: '2026-03-12' } });
    expect(stderr).toContain(old);
  });
});

describe('without the texts', () => {
  it('there are none in the document either', async () => {
    const place = await vault();
    await place.withStore(addSample);
    await place.run(['config', 'due.quiet', '30d']);
    const shown = (await place.json(['due', '--all', '--names-only'])) as { items: { text: unknown }[] };
    expect(shown.items.length).toBeGreaterThan(6);
    expect(shown.items.every(({ text }) => text === null)).toBe(true);
  });
});

describe('a morning', () => {
  // Just before and after midnight of UTC−8, +5:30 and +14, and on the nights when clocks change.
  it.each([
    ['America/Los_Angeles', '2026-03-09T06:59:00Z', '2026-03-08'],
    ['America/Los_Angeles', '2026-03-09T07:01:00Z', '2026-03-09'],
    ['America/Los_Angeles', '2026-11-02T07:59:00Z', '2026-11-01'],
    ['America/Los_Angeles', '2026-11-02T08:01:00Z', '2026-11-02'],
    ['Asia/Kolkata', '2026-03-29T18:29:00Z', '2026-03-29'],
    ['Asia/Kolkata', '2026-03-29T18:31:00Z', '2026-03-30'],
    ['Pacific/Kiritimati', '2026-10-25T09:59:00Z', '2026-10-25'],
    ['Pacific/Kiritimati', '2026-10-25T10:01:00Z', '2026-10-26'],
  ])('in %s at %s is that of %s, once', async (zone, at, on) => {
    const place = await vault({ at, settings: { 'time-zone': zone } });
    await place.withStore((store) =>
      store.write({ verb: 'import' }, () => {
        const patient_id = store.patients.insert(newPatient({ name: 'Malu Razo', handle: 'malu' })).id;
        const fields = { patient_id, text: 'x', owner: 'me', kind: 'call', made_on: null } as const;
        store.commitments.insert(newCommitment({ ...fields, due: day(on) }));
      }),
    );
    const { on: shown, counts } = (await place.json(['due'])) as {
      on: string;
      counts: Record<string, number>;
    };
    expect(shown).toBe(on);
    expect(counts).toMatchObject({ overdue: 0, today: 1 });
    expect((await place.run(['due', '--daily'])).stdout).toContain('TODAY');
    expect((await place.run(['due', '--daily'])).stdout).toBe('');
    expect((await place.run(['due', '--check', '--line'])).code).toBe(10);
  });
});
