/** `rapport brief` gives the same bytes for the same records and day, wherever the clock stands. */
import { afterEach, expect, it } from 'vitest';
import { aNote } from '../support/records.ts';
import { addSample } from '../support/sample.ts';
import { makeVault } from '../support/vault.ts';

const machineZone = process.env['TZ'];
afterEach(() => {
  if (machineZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = machineZone;
});

it('is the same in three time zones', async () => {
  const place = await makeVault();
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'note' }, () =>
      store.notes.insert(aNote('Birthday', { kind: 'milestone', date: '--03-29', yearly: true })),
    );
  });
  const printed = new Set<string>();
  for (const zone of ['America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati']) {
    process.env['TZ'] = zone;
    expect((await place.run(['config', 'time-zone', zone])).code).toBe(0);
    // A new and an old day at once, here or there; the fixed clock decides.
    for (const instant of ['2026-03-28T23:59:59Z', '2026-03-29T01:30:00Z', '2026-03-12T10:00:00Z']) {
      place.at(instant);
      const env = { RAPPORT_TODAY: '2026-03-12' };
      for (const words of [['malu'], ['walt', '--why'], ['ned', '--all'], ['malu', '--json']])
        printed.add((await place.run(['brief', ...words], { terminal: 80, env })).stdout);
    }
  }
  expect(printed.size).toBe(4);
  expect([...printed][0]).toContain('Birthday, Sun 29 Mar, in 17 days');
  expect(JSON.parse([...printed][3] ?? '')).toMatchObject({ on: '2026-03-12', clock: 'fixed' });
});
