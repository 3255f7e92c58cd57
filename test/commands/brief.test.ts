/** `rapport brief` on real vaults: whom it offers, what counts as shown, and the same bytes wherever the clock stands. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../../src/dates/civil.ts';
import { aNote } from '../support/records.ts';
import { addPatient, addSample } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

const told = day('2026-01-10');
let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});

/** Sets the clock to a morning in Madrid. */
const morning = (date: string): void => place.at(`${date}T08:30:00Z`);
const onTerminal = { terminal: 80 } as const;

interface Brief {
  readonly on: string;
  readonly sections: readonly {
    readonly id: string;
    readonly items: readonly { readonly id: string; readonly score: number; readonly why: string }[];
  }[];
}

/** The score of each note in LIFE on a day, as a script reads it: reading so leaves nothing behind. */
async function scores(date: string): Promise<Readonly<Record<string, number>>> {
  morning(date);
  const { sections } = (await place.json(['brief', 'ana'])) as Brief;
  const life = sections.find(({ id }) => id === 'life')?.items ?? [];
  return Object.fromEntries(life.map(({ id, score }) => [id, score]));
}

/** 40, halved every 180 days since it was told. */
const fresh = (date: string): number => 40 * 0.5 ** (daysBetween(told, day(date)) / 180);

describe('what a briefing on the screen counts as shown', () => {
  beforeEach(() =>
    addPatient(place, 'Ana Berg', 'ana', {
      notes: [
        { kind: 'story', text: 'Bakes for the street', recorded_on: told },
        { kind: 'story', text: 'Sings', recorded_on: told, pinned: true },
      ],
      contacts: [{ on: day('2026-01-10') }],
    }),
  );

  const lookAt = async (date: string, ...more: readonly string[]): Promise<void> => {
    morning(date);
    expect((await place.run(['brief', 'ana', ...more], onTerminal)).code).toBe(0);
  };
  const visit = async (...more: readonly string[]): Promise<void> => {
    expect((await place.run(['contact', 'ana', ...more])).code).toBe(0);
  };

  it('halves the score once two of them came before a visit of their day, and never what is pinned', async () => {
    await lookAt('2026-03-12');
    await visit();
    expect(await scores('2026-03-13')).toEqual({ 'ana-n1': fresh('2026-03-13'), 'ana-n2': 100 });
    await lookAt('2026-04-12');
    expect(await scores('2026-04-13')).toEqual({ 'ana-n1': fresh('2026-04-13'), 'ana-n2': 100 });
    morning('2026-04-14');
    await visit('--on', '2026-04-12');
    expect(await scores('2026-04-14')).toEqual({ 'ana-n1': fresh('2026-04-14') / 2, 'ana-n2': 100 });
    // A third makes no difference.
    await lookAt('2026-05-12');
    await visit();
    expect(await scores('2026-05-13')).toEqual({ 'ana-n1': fresh('2026-05-13') / 2, 'ana-n2': 100 });
    const { stdout } = await place.run(['brief', 'ana', '--why'], onTerminal);
    expect(stdout).toMatch(/^ · Sings {2}\[pinned; score 100\]$/m);
    expect(stdout).toMatch(/^ · Bakes for the street\s+\[noted .*, halved: shown in two briefings; score /m);
  });

  it('needs a visit that was held that day: not a call, not a missed one, not a plan', async () => {
    const others = [[], ['--channel', 'call'], ['--missed'], ['--planned', '--at', '18:00'], ['--cancelled']];
    let date = day('2026-03-12');
    for (const other of others) {
      await lookAt(date);
      if (other.length > 0) await visit(...other);
      date = addDays(date, 1);
    }
    // Whoever was seen on two days without a look at the screen was shown nothing.
    for (const _ of [1, 2]) {
      morning(date);
      await visit();
      date = addDays(date, 1);
    }
    expect((await scores(date))['ana-n1']).toBe(fresh(date));
  });

  it('counts a home visit, and several looks on one day once', async () => {
    for (const _ of [1, 2, 3]) await lookAt('2026-03-12');
    await visit('--channel', 'home');
    expect((await scores('2026-03-13'))['ana-n1']).toBe(fresh('2026-03-13'));
    await lookAt('2026-03-13');
    await visit('--channel', 'home');
    expect((await scores('2026-03-14'))['ana-n1']).toBe(fresh('2026-03-14') / 2);
  });

  it('leaves out what went into a script or a pipe, what was asked for another day, and briefings of a whole day', async () => {
    for (const date of ['2026-03-12', '2026-03-13', '2026-03-14']) {
      morning(date);
      await place.run(['brief', 'ana', '--json']);
      await place.run(['brief', 'ana', '--json'], onTerminal);
      await place.run(['brief', 'ana', '--force']);
      await place.run(['brief', 'ana', '--on', addDays(day(date), 1)], onTerminal);
      await visit();
      expect((await place.run(['day', '--full'], onTerminal)).stdout).toContain('Bakes for the street');
    }
    expect((await scores('2026-03-15'))['ana-n1']).toBe(fresh('2026-03-15'));
  });

  it('forgets it where a newer note took the place of the old one', async () => {
    for (const date of ['2026-03-12', '2026-03-13']) {
      await lookAt(date);
      await visit();
    }
    expect((await scores('2026-03-14'))['ana-n1']).toBe(fresh('2026-03-14') / 2);
    await place.run(['note', 'ana', '--replaces', 'ana-n1', '--kind', 'story', '-'], {
      stdin: 'Bakes no more\n',
    });
    const after = await scores('2026-03-14');
    expect(after['ana-n1']).toBeUndefined();
    const [[, score] = []] = Object.entries(after).filter(([id]) => id !== 'ana-n2');
    expect(score).toBe(40);
  });
});

describe('the same vault on the same day', () => {
  const zones = ['America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati'] as const;
  const machineZone = process.env['TZ'];
  afterEach(() => {
    if (machineZone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = machineZone;
  });

  it('gives the same bytes in three time zones', async () => {
    await place.withStore(addSample);
    await place.withStore((store) =>
      store.write({ verb: 'note' }, () => {
        store.notes.insert(
          aNote('Birthday', { kind: 'milestone', recorded_on: told, date: '--03-29', yearly: true }),
        );
      }),
    );
    const printed = new Set<string>();
    const documents = new Set<string>();
    for (const zone of zones) {
      process.env['TZ'] = zone;
      expect((await place.run(['config', 'time-zone', zone])).code).toBe(0);
      // A new and an old day at once, here or there; the fixed clock decides.
      for (const instant of ['2026-03-28T23:59:59Z', '2026-03-29T01:30:00Z', '2026-03-12T10:00:00Z']) {
        place.at(instant);
        const env = { RAPPORT_TODAY: '2026-03-12' };
        for (const words of [['malu'], ['walt', '--why'], ['ned', '--all']])
          printed.add(
            `${words[0]}: ${(await place.run(['brief', ...words], { ...onTerminal, env })).stdout}`,
          );
        documents.add((await place.run(['brief', 'malu', '--json'], { env })).stdout);
      }
    }
    expect([...printed].map((text) => text.slice(0, 4))).toEqual(['malu', 'walt', 'ned:']);
    expect([...printed][0]).toContain('Birthday, Sun 29 Mar, in 17 days');
    expect(documents.size).toBe(1);
    expect(JSON.parse([...documents][0] ?? '')).toMatchObject({ on: '2026-03-12', clock: 'fixed' });
  });
});
