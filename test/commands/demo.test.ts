/** The demonstration on days of every sort: all that rapport can show is there, and what it says to try works. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addDays, type CivilDate, weekdayOf } from '../../src/dates/civil.ts';
import { demoDocument } from '../../src/domain/demo-patients.ts';
import { readRapport } from '../../src/formats/rapport.ts';
import { day } from '../support/values.ts';

import { makePlace, type RunOptions, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(() => {
  place = makePlace();
});

/** What `demo` prints as worth trying, as words. */
const triesOf = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/^ {2}rapport (\S.*?)(?: {2,}\S.*)?$/gm)].map((match) => match[1] ?? '');

const answers: Readonly<Record<string, RunOptions['answers']>> = {
  'commit peg': [
    ['is not saved yet', 'go on'],
    ['Done or answered?', '1'],
    ['What did you promise', ''],
    ['What did you learn?', ''],
    ['Ask next time?', ''],
    ['Enter saves', ''],
  ],
  'patient died george': [['Find a home for the pigeons', 'Ruth']],
  'patient merge xiuying wang': [['Are they one person?', 'yes']],
};

describe.each([
  ['a Thursday', '2026-03-12'],
  ['a Saturday', '2026-03-14'],
  ['a Sunday', '2026-03-15'],
  ['a leap day', '2028-02-29'],
])('on %s', (_, today) => {
  it('holds something of everything, and what it says to try works', async () => {
    const env = { RAPPORT_TODAY: today };
    const shown = await place.run(['demo'], { env });
    expect(shown).toMatchObject({ code: 0 });
    // The last line is the vault's folder, wherever temporary files go here.
    for (const line of shown.stdout.split('\n').slice(0, -1))
      if (!line.includes(place.root)) expect(line.length).toBeLessThanOrEqual(80);
    for (const heading of ['OVERDUE', 'TODAY', 'CLOSED DAY AHEAD', 'OUTREACH', 'QUIET', 'TREAD GENTLY'])
      expect(shown.stdout.split('\n')).toContain(heading);
    expect(shown.stdout).toMatch(/, died .*Give back the photographs/);
    expect(shown.stdout).toContain('(for Ruth)');
    expect(shown.stdout).toMatch(/^Not saved yet: Peg O'Connor/m);

    const [folder = ''] = readdirSync(join(place.root, 'temporary'));
    const vault = ['--vault', join(place.root, 'temporary', folder)];
    const tries = triesOf(shown.stdout);
    expect(tries).toHaveLength(13);
    for (const one of tries) {
      const typed = answers[one];
      const done = await place.run([...one.split(' '), ...vault], {
        env,
        terminal: 80,
        ...(typed && { answers: typed }),
      });
      expect([
        one,
        done.stderr.replace(/^rapport: (?:the clock is fixed|a demonstration).*\n/gm, ''),
        done.code,
      ]).toEqual([one, expect.not.stringMatching(/^rapport:/m), 0]);
    }
    const run = async (...argv: string[]): Promise<string> =>
      (await place.run([...argv, ...vault], { env, terminal: 80 })).stdout;
    const undone = await run('undo', '--list');
    expect(undone).toMatch(/ promise kept 'Ask for the first slot of the day' \(Leila, /);
    expect(undone).toMatch(/ patient merge: /);
    expect(
      await run('day', '--on', addDays(day(today), -1 - Math.max(0, weekdayOf(addDays(day(today), -1)) - 5))),
    ).toMatch(/Peg O'Connor .* written up/);
    expect(await run('calendar', 'list')).toContain('Team day');
    expect(await run('brief', 'leila')).toMatch(/private caution/);
    expect((await place.run(['patient', 'forget', 'george', '--yes', ...vault], { env })).code).toBe(9);
  });
});

interface Dated {
  readonly patients: readonly {
    readonly contacts?: readonly { readonly on: CivilDate; readonly state: string }[];
    readonly notes?: readonly { readonly recorded_on: CivilDate }[];
    readonly commitments?: readonly { readonly made_on: CivilDate }[];
  }[];
}

it('lies around any day, visits and words of the past on working days', () => {
  for (let today = day('2028-02-20'); today < day('2028-03-08'); today = addDays(today, 1)) {
    readRapport(demoDocument(today), { skipBad: false });
    const { patients } = JSON.parse(demoDocument(today)) as Dated;
    const past = patients.flatMap(({ contacts = [], notes = [], commitments = [] }) => [
      // What is planned may lie ahead.
      ...contacts.flatMap(({ on, state }) => (state === 'planned' && on > today ? [] : on)),
      ...notes.map((note) => note.recorded_on),
      ...commitments.map((one) => one.made_on),
    ]);
    for (const on of past) {
      expect(on <= today).toBe(true);
      if (on !== today) expect(weekdayOf(on)).toBeLessThan(6);
    }
  }
});
