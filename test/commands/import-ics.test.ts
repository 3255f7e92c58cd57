/** Calendars through the whole program: shapes of other programs, changes by UID and SEQUENCE, recurrences, bad events. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { everythingKept, exportedPatients, fixture, fixtureBytes, sharedInputs } from '../support/imports.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

const places: TestPlace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

async function vault(zone = 'Europe/Madrid'): Promise<TestPlace> {
  const place = await makeVault({ at: '2026-03-12T07:00:00Z', settings: { 'time-zone': zone } });
  places.push(place);
  await place.withStore(addSample);
  return place;
}

interface ExportedContact {
  readonly id: string;
  readonly on: string;
  readonly at: string | null;
  readonly state: string;
  readonly uid: string | null;
  readonly sequence: number | null;
}

/** What calendars brought for a patient, in order: '2026-03-12 09:30 planned'. */
async function visits(place: TestPlace, id: string): Promise<readonly string[]> {
  const patient = (await exportedPatients(place)).find((one) => one.id === id);
  const contacts = patient?.['contacts'] as readonly ExportedContact[];
  return contacts
    .filter(({ uid }) => uid !== null)
    .map(({ on, at, state }) => `${on} ${at ?? 'all day'} ${state}`)
    .toSorted();
}

const calendar = (...lines: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: readonly string[]): string => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');
const importing = (place: TestPlace, text: string | Buffer, more: readonly string[] = []) =>
  place.run(['import', '-', '--format', 'ics', ...more], { stdin: text });

const malu = 'SUMMARY:Malu Razo';
const at = (stamp: string): string => `DTSTART;TZID=Europe/Madrid:${stamp}`;

describe('calendars of other programs', () => {
  it.each([
    ['google.ics', 'malu', [], ['2026-03-12 09:30 planned']],
    ['google.ics', 'ned', [], ['2026-03-12 13:00 planned']],
    ['google.ics', 'walt', [], ['2026-03-12 all day planned']],
    ['outlook.ics', 'ned', ['--match', 'attendee'], ['2026-03-12 09:00 planned']],
    [
      'outlook.ics',
      'malu',
      [],
      // One is left out, one was moved, one is the last that UNTIL lets in: its clock is summer's by then.
      [
        '2026-03-12 10:00 planned',
        '2026-03-27 11:30 planned',
        '2026-04-02 10:00 planned',
        '2026-04-09 10:00 planned',
      ],
    ],
    ['apple.ics', 'malu', ['--match', 'X-PATIENT'], ['2026-03-12 11:30 planned']],
    ['apple.ics', 'walt', ['--match', 'X-PATIENT'], ['2026-03-12 18:00 planned']],
  ] as const)('%s gives %s their visits, once', async (name, patient, options, expected) => {
    const place = await vault();
    const argv = ['import', fixture(`ics/${name}`), ...options];
    expect((await place.run(argv)).code).toBe(0);
    expect(await visits(place, patient)).toEqual(expected);
    const again = await place.run(argv);
    expect(again.stdout).toContain('Nothing to import');
    expect(await visits(place, patient)).toEqual(expected);
    expect(await everythingKept(place)).not.toMatch(/(?:Description|Location|Street|Summary)word/);
  });

  it('show a day without storing anything of it', async () => {
    const place = await vault();
    const before = await exportedPatients(place);
    const { stdout } = await place.run([
      'day',
      '--schedule',
      fixture('ics/outlook.ics'),
      '--on',
      '2026-03-27',
    ]);
    expect(stdout).toContain('11:30  Malu Razo');
    expect(await exportedPatients(place)).toEqual(before);
    const moved = await place.run(['day', '--schedule', fixture('ics/outlook.ics'), '--on', '2026-03-26']);
    expect(moved.stdout).toContain('No visits');
    const full = await place.run(
      ['day', '--schedule', fixture('ics/apple.ics'), '--match', 'X-PATIENT', '--full'],
      { terminal: 80 },
    );
    expect(full.stdout).toMatch(/WALTER BEER[^\n]*\n[^\n]*today 18:00/);
  });

  it('are read as Windows-1252, UTF-16, with a mark and with other line ends', async () => {
    const place = await vault();
    const latin = await importing(place, Buffer.from(fixtureBytes('ics/outlook.ics')));
    expect(latin.stdout).toContain('read as Windows-1252, since it is not UTF-8');
    const text = fixtureBytes('ics/google.ics').toString('utf8');
    for (const bytes of [
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`),
      text.replaceAll('\n', '\r'),
      text.replaceAll('\n', '\n\n'),
    ])
      expect((await importing(place, bytes, ['--dry-run'])).stdout).toMatch(/contacts +3/);
  });
});

describe('an event that changes', () => {
  const visit = (...lines: readonly string[]) => calendar(event('UID:a', ...lines));

  it('is followed by its UID: moved, called off, on again; never back to an older version', async () => {
    const place = await vault();
    await importing(place, visit(at('20260320T100000'), 'SEQUENCE:1', malu));
    // What calls it off may not say whose it is.
    const steps: readonly (readonly [string, string])[] = [
      [visit(at('20260321T110000'), 'SEQUENCE:2', 'SUMMARY:moved'), '2026-03-21 11:00 planned'],
      [visit(at('20260320T100000'), 'SEQUENCE:1', malu), '2026-03-21 11:00 planned'],
      [visit(at('20260321T110000'), 'SEQUENCE:3', 'STATUS:CANCELLED'), '2026-03-21 11:00 cancelled'],
      [visit(at('20260321T110000'), 'SEQUENCE:2', malu), '2026-03-21 11:00 cancelled'],
      [visit(at('20260322T110000'), 'SEQUENCE:4', malu), '2026-03-22 11:00 planned'],
      [
        calendar('METHOD:CANCEL', event('UID:a', at('20260322T110000'), 'SEQUENCE:5')),
        '2026-03-22 11:00 cancelled',
      ],
    ];
    for (const [text, expected] of steps) {
      expect((await importing(place, text)).code).toBe(0);
      expect(await visits(place, 'malu')).toEqual([expected]);
      expect((await importing(place, text)).stdout).toContain('Nothing to import');
    }
  });

  it('counts in its newest version, wherever that stands in the file', async () => {
    const place = await vault();
    await importing(
      place,
      calendar(
        event('UID:a', at('20260322T110000'), 'SEQUENCE:2', malu),
        event('UID:a', at('20260320T110000'), 'SEQUENCE:1', malu),
      ),
    );
    expect(await visits(place, 'malu')).toEqual(['2026-03-22 11:00 planned']);
  });

  it('stays as it was written up', async () => {
    const place = await vault();
    await importing(place, visit(at('20260312T090000'), malu));
    await place.run(['contact', 'malu', '--on', '2026-03-12', '--at', '09:00', '--missed']);
    await importing(place, visit(at('20260313T090000'), 'SEQUENCE:9', malu));
    expect(await visits(place, 'malu')).toEqual(['2026-03-12 09:00 missed']);
  });

  it('gives a visit that was recorded without a time its own, and changes none that is there', async () => {
    const place = await vault();
    await place.run(['contact', 'walt', '--on', '2026-03-12']);
    const walt = 'SUMMARY:Walter Beer';
    const file = join(place.root, 'day.ics');
    writeFileSync(file, visit(at('20260312T084500'), walt));
    const { stdout } = await place.run(['day', '--schedule', file]);
    expect(stdout.split('\n').filter((line) => line.includes('Walt Beer'))).toEqual([
      expect.stringMatching(/08:45 {2}Walt Beer .* written up$/),
    ]);
    expect(stdout.indexOf('Walt Beer')).toBeLessThan(stdout.indexOf('Malu Razo'));
    await importing(place, visit(at('20260312T084500'), walt));
    expect(await visits(place, 'walt')).toEqual(['2026-03-12 08:45 held']);
    await importing(place, visit(at('20260312T100000'), 'SEQUENCE:9', walt));
    expect(await visits(place, 'walt')).toEqual(['2026-03-12 08:45 held']);
  });

  it('that names another patient than before is a doubt', async () => {
    const place = await vault();
    await importing(place, visit(at('20260320T100000'), malu));
    const { stderr } = await importing(
      place,
      visit(at('20260320T100000'), 'SEQUENCE:1', 'SUMMARY:Ned Hintz'),
    );
    expect(stderr).toMatch(/line 3: may be patient \w{5} or \w{5}: it named another patient before/);
    expect(await visits(place, 'ned')).toEqual([]);
  });

  it('is added to a visit that was planned by hand, and taken back by one undo', async () => {
    const place = await vault();
    await importing(place, visit(at('20260312T102000'), malu));
    expect(await visits(place, 'malu')).toEqual(['2026-03-12 10:20 planned']);
    const { stdout } = await place.run(['day']);
    expect(stdout.match(/Malu Razo/g)).toHaveLength(1);
    await place.run(['undo']);
    expect(await visits(place, 'malu')).toEqual([]);
    expect((await place.run(['day'])).stdout).toContain('10:20  Malu Razo');
  });
});

describe('a series', () => {
  const series = (...lines: readonly string[]) =>
    calendar(event('UID:s', at('20260105T100000'), 'RRULE:FREQ=WEEKLY', malu, ...lines));
  const april = ['--since', '2026-04-01', '--until', '2026-04-30'];
  const mondays = ['06', '13', '20', '27'].map((day) => `2026-04-${day} 10:00 planned`);

  it('without an end is taken in for a window, from today unless said otherwise', async () => {
    const place = await vault();
    const { stdout } = await importing(place, series());
    expect(stdout).toContain(
      'recurring events: from Thu 12 Mar 2026 to Fri 12 Mar 2027; --since and --until say otherwise',
    );
    const found = await visits(place, 'malu');
    expect([found[0], found.at(-1), found.length]).toEqual([
      '2026-03-16 10:00 planned',
      '2027-03-08 10:00 planned',
      52,
    ]);
  });

  it('loses what is left out, moves what is moved, and gets back what returns', async () => {
    const place = await vault();
    const steps: readonly (readonly [string, readonly string[]])[] = [
      [series(), mondays],
      [
        series('SEQUENCE:1', 'EXDATE;TZID=Europe/Madrid:20260413T100000'),
        [mondays[0] ?? '', '2026-04-13 10:00 cancelled', ...mondays.slice(2)],
      ],
      [series('SEQUENCE:2'), mondays],
      [
        // The one that is meant is named on another clock.
        series('SEQUENCE:2').replace(
          'END:VCALENDAR',
          `${event('UID:s', 'RECURRENCE-ID:20260413T080000Z', at('20260414T120000'), 'SEQUENCE:3', malu)}\r\nEND:VCALENDAR`,
        ),
        [mondays[0] ?? '', '2026-04-14 12:00 planned', ...mondays.slice(2)],
      ],
      [
        calendar(
          event(
            'UID:s',
            'RECURRENCE-ID:20260420T080000Z',
            at('20260420T100000'),
            'SEQUENCE:3',
            'STATUS:CANCELLED',
          ),
        ),
        [mondays[0] ?? '', '2026-04-14 12:00 planned', '2026-04-20 10:00 cancelled', mondays[3] ?? ''],
      ],
      [
        series('SEQUENCE:4', 'STATUS:CANCELLED'),
        [
          '2026-04-06 10:00 cancelled',
          '2026-04-14 12:00 cancelled',
          '2026-04-20 10:00 cancelled',
          '2026-04-27 10:00 cancelled',
        ],
      ],
    ];
    for (const [text, expected] of steps) {
      expect((await importing(place, text, april)).code).toBe(0);
      expect(await visits(place, 'malu')).toEqual(expected);
      expect((await importing(place, text, april)).stdout).toContain('Nothing to import');
    }
  });

  it('loses one that was moved and then left out by name, though the series was not written anew', async () => {
    const place = await vault();
    const moved = event('UID:s', 'RECURRENCE-ID:20260413T080000Z', at('20260414T120000'), 'SEQUENCE:3', malu);
    await importing(place, series().replace('END:VCALENDAR', `${moved}\r\nEND:VCALENDAR`), april);
    expect(await visits(place, 'malu')).toContain('2026-04-14 12:00 planned');
    await importing(place, series('EXDATE;TZID=Europe/Madrid:20260413T100000'), april);
    expect(await visits(place, 'malu')).toContain('2026-04-14 12:00 cancelled');
  });

  it('that was one event before takes its place', async () => {
    const place = await vault();
    await importing(place, calendar(event('UID:s', at('20260406T100000'), malu)));
    await importing(place, series('SEQUENCE:1'), april);
    expect(await visits(place, 'malu')).toEqual(mondays);
    await importing(place, calendar(event('UID:s', at('20260413T100000'), 'SEQUENCE:2', malu)));
    expect((await visits(place, 'malu')).filter((one) => one.endsWith('planned'))).toEqual([mondays[1]]);
  });
});

describe('times', () => {
  it.each([
    ['Europe/Madrid', '2026-03-29 12:00', '2026-10-25 12:00'],
    ['America/Los_Angeles', '2026-03-29 03:00', '2026-10-25 04:00'],
    ['Asia/Kolkata', '2026-03-29 15:30', '2026-10-25 16:30'],
    ['Pacific/Kiritimati', '2026-03-30 00:00', '2026-10-26 01:00'],
  ])('are those of the vault, in %s', async (zone, spring, autumn) => {
    const place = await vault(zone);
    const summer = 'DTSTART;TZID=Europe/Madrid:20260329T120000';
    const winter = 'DTSTART;TZID=/freeassociation.sourceforge.net/Tzfile/Europe/Madrid:20261025T120000';
    await importing(place, calendar(event('UID:a', summer, malu), event('UID:b', winter, malu)));
    expect(await visits(place, 'malu')).toEqual([`${spring} planned`, `${autumn} planned`]);
  });

  it('without a zone are those on the clock here; a day has none', async () => {
    const place = await vault('Asia/Kolkata');
    await importing(
      place,
      calendar(
        event('UID:a', 'DTSTART:20260401T090000', malu),
        event('UID:b', 'DTSTART;VALUE=DATE:20260402', malu),
      ),
    );
    expect(await visits(place, 'malu')).toEqual(['2026-04-01 09:00 planned', '2026-04-02 all day planned']);
  });
});

describe('what is bad in a calendar', () => {
  it('costs only the event that it is in, which is named by its line', async () => {
    const place = await vault();
    const bad: readonly (readonly string[])[] = [
      ['SUMMARY:no start'],
      [at('20260230T100000')],
      [at('16010101T100000')],
      ['DTSTART;TZID=Nowhere/Middle:20260401T100000'],
      [at('20260401T100000'), 'RRULE:FREQ=FORTNIGHTLY'],
      [at('20260401T100000'), 'RRULE:nothing'],
      [at('20260401T100000'), 'RRULE:FREQ=SECONDLY'],
      [at('20260401T100000'), 'EXDATE:20260230T100000'],
      ['RECURRENCE-ID;RANGE=THISANDFUTURE:20260401T080000Z', at('20260401T100000')],
    ];
    const lines: string[] = ['BEGIN:VCALENDAR'];
    const expected: number[] = [];
    for (const [index, parts] of bad.entries()) {
      expected.push(lines.length + 1);
      lines.push('BEGIN:VEVENT', `UID:bad${index}`, malu, ...parts, 'END:VEVENT');
      const time = `202604${String(index + 1).padStart(2, '0')}T100000`;
      lines.push('BEGIN:VEVENT', `UID:good${index}`, '', malu, 'this is no property', at(time), 'END:VEVENT');
    }
    expected.push(lines.length + 1);
    lines.push('BEGIN:VEVENT', malu, at('20260420T100000'));
    const { stdout, stderr, code } = await importing(place, lines.join('\n'));
    expect(code).toBe(0);
    expect(stdout).toContain(
      `imported ${bad.length}, skipped ${bad.length + 1} (line 2: an event without a start;`,
    );
    expect([...stderr.matchAll(/left out: line (\d+):/g)].map(([, line]) => Number(line))).toEqual(expected);
    expect(await visits(place, 'malu')).toHaveLength(bad.length);
    expect(await everythingKept(place)).not.toContain('no property');
  });

  it('is all there is: then nothing is imported', async () => {
    const place = await vault();
    const { code, stderr } = await importing(place, calendar(event(malu), event(malu)));
    expect(code).toBe(2);
    expect(stderr).toContain(
      'rapport: line 3: an event without a start, and 1 more\n  line 6: an event without a start\n',
    );
  });

  it('that we wrote ourselves is no visit: a promise', async () => {
    const place = await vault();
    const written = await place.run([
      'export',
      '--format',
      'ics',
      '--events',
      '--full',
      '--plain',
      '--sensitive',
    ]);
    expect(written.stdout).toContain('Malu Razo');
    const { stdout } = await importing(place, written.stdout);
    expect(stdout).toMatch(/promises that rapport wrote, not read: [1-9]/);
    expect(await visits(place, 'malu')).toEqual([]);
  });

  it('of 4 MB with visits of a thousand patients comes to an end', async () => {
    const place = await vault();
    const events = Array.from({ length: 12_000 }, (_, index) =>
      event(
        `UID:many${index}`,
        `DTSTART:202604${String((index % 28) + 1).padStart(2, '0')}T${String(8 + (index % 10)).padStart(2, '0')}0000Z`,
        `SUMMARY:${index % 100 === 0 ? 'Malu Razo' : `Somebody Else${index % 1000}`}`,
        `DESCRIPTION:${'long '.repeat(48)}`,
      ),
    );
    const text = calendar(...events);
    expect(text.length).toBeGreaterThan(4_000_000);
    writeFileSync(join(place.work, 'many.ics'), text);
    const { stdout, stderr } = await place.run(['import', 'many.ics']);
    expect(stdout).toContain('Added 120 contacts');
    expect(stderr.split('\n').length).toBeLessThan(110);
  }, 30_000);
});

const inputs = join(sharedInputs, 'ics');
const names = existsSync(inputs) ? readdirSync(inputs) : [];
describe.skipIf(names.length === 0)('calendars that others wrote (skipped where they are absent)', () => {
  it.each(names)('%s goes in, and changes nothing the second time', async (name) => {
    const place = await vault();
    await place.run(['patient', 'add', 'Crazy Event']);
    await place.run(['patient', 'add', 'Really Long']);
    const argv = ['import', join(inputs, name), '--since', '2012-01-01', '--until', '2026-12-31'];
    const match = ['--match', 'summary={patient} Thingy!;summary={patient} event name thing'];
    const first = await place.run([...argv, ...match]);
    expect(first.code).toBe(0);
    const before = await exportedPatients(place);
    const again = await place.run([...argv, ...match]);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('Nothing to import');
    expect(await exportedPatients(place)).toEqual(before);
    const shown = await place.run(['day', '--schedule', join(inputs, name), '--on', '2012-11-10']);
    expect(shown.code).toBe(0);
  });
});
