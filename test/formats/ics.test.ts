/** Zones, recurrences and components of iCalendar: the same as others reckon them, and each file comes to an end. */

import fc from 'fast-check';
import { RRuleTemporal as Rule } from 'rrule-temporal';
import { describe, expect, it } from 'vitest';
import { findIana } from 'windows-iana';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import { cutComponents, unfolded, withWholeLetters } from '../../src/formats/content-lines.ts';
import { followRule, newBudget, utcZone } from '../../src/formats/ics/times.ts';
import { type Zones, zonesOf } from '../../src/formats/ics/zones.ts';
import { fixtureBytes } from '../support/imports.ts';
import { anyDate, day } from '../support/values.ts';

const clockIn = (zone: string, instant: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    .format(instant)
    .replace(' ', 'T');

const zones = [
  'Europe/Madrid',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'UTC',
  'Asia/Kathmandu',
];
const instants = fc
  .integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) })
  .map((ms) => ms - (ms % 60_000));

const tools = () => ({ budget: newBudget('visits'), Rule, findIana });
const namedZone = (name: string) => zonesOf([], tools()).of(name);

describe('a zone by its name', () => {
  it('gives back every time that a clock there shows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (name, instant) => {
        const zone = namedZone(name);
        const wall = clockIn(name, instant);
        // Another instant may have the same time, in the hour that comes twice.
        expect(clockIn(name, zone(wall))).toBe(wall);
        if (zone(wall) !== instant) expect(Math.abs(zone(wall) - instant)).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 300 },
    );
  });

  it('knows both nights on which the clock is changed', () => {
    const madrid = namedZone('Europe/Madrid');
    const at = (wall: string): string => new Date(madrid(wall)).toISOString().slice(11, 16);
    expect(['01:59', '02:30', '03:00'].map((time) => at(`2026-03-29T${time}:00`))).toEqual([
      '00:59',
      '01:30',
      '01:00',
    ]);
    expect(['01:59', '02:30', '03:00'].map((time) => at(`2026-10-25T${time}:00`))).toEqual([
      '23:59',
      '00:30',
      '02:00',
    ]);
    expect(() => namedZone('Nowhere/Middle')).toThrow('its time zone is not known');
    expect(namedZone('Romance Standard Time')('2026-07-01T12:00:00')).toBe(madrid('2026-07-01T12:00:00'));
  });
});

describe('a zone of the file', () => {
  const part = (offset: string): readonly string[] => [
    'BEGIN:STANDARD',
    'DTSTART:16010101T000000',
    'TZOFFSETFROM:-0741',
    `TZOFFSETTO:${offset}`,
    'RRULE:FREQ=SECONDLY',
    'END:STANDARD',
  ];
  const zoneOf = (tzid: string, ...offsets: readonly string[]) => {
    const lines = ['BEGIN:VTIMEZONE', `TZID:${tzid}`, ...offsets.flatMap(part), 'END:VTIMEZONE'];
    return zonesOf(cutComponents(lines.join('\n')).zones, tools()).of(tzid);
  };

  it('counts where its name is not known and its clock never changes', () => {
    const noon = (zone: ReturnType<typeof zoneOf>): string =>
      new Date(zone('2026-04-01T12:00:00')).toISOString();
    expect(noon(zoneOf('Nowhere/Middle', '-0741', '-0741'))).toContain('T19:41');
    expect(noon(zoneOf('Asia/Kolkata', '-0741'))).toContain('T06:30');
    for (const offsets of [[], ['soon'], ['+0100', '+0200']])
      expect(() => zoneOf('Nowhere/Middle', ...offsets)).toThrow('its time zone is not known');
  });
});

describe('a zone that a file defines under a name of its own', () => {
  const part = (name: string, ...lines: readonly string[]) => [`BEGIN:${name}`, ...lines, `END:${name}`];
  const zoneOf = (lines: readonly string[], tzid = 'Clinic'): Zones =>
    zonesOf(
      cutComponents(['BEGIN:VTIMEZONE', `TZID:${tzid}`, ...lines, 'END:VTIMEZONE'].join('\n')).zones,
      tools(),
    );
  /** As programs write them: by rules from a first onset on. */
  const byRules = new Map([
    [
      'Europe/Berlin',
      [
        ...part(
          'DAYLIGHT',
          'DTSTART:19960331T020000',
          'TZOFFSETFROM:+0100',
          'TZOFFSETTO:+0200',
          'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
        ),
        ...part(
          'STANDARD',
          'DTSTART:19961027T030000',
          'TZOFFSETFROM:+0200',
          'TZOFFSETTO:+0100',
          'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
        ),
      ],
    ],
    [
      'America/New_York',
      [
        ...part(
          'STANDARD',
          'DTSTART:16011104T020000',
          'RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11',
          'TZOFFSETFROM:-0400',
          'TZOFFSETTO:-0500',
        ),
        ...part(
          'DAYLIGHT',
          'DTSTART:16010311T020000',
          'RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3',
          'TZOFFSETFROM:-0500',
          'TZOFFSETTO:-0400',
        ),
      ],
    ],
  ]);
  const offsetIn = (name: string, instant: number): number =>
    Date.parse(`${clockIn(name, instant)}Z`) - instant;
  const written = (offset: number): string =>
    `${offset < 0 ? '-' : '+'}${new Date(Math.abs(offset)).toISOString().slice(11, 16).replace(':', '')}`;
  /** Each change of a clock from 2024 to 2030 as an onset: the first of a kind as DTSTART, the others as RDATE. */
  function byDates(name: string): readonly string[] {
    const kinds = new Map<string, string[]>();
    for (let start = Date.UTC(2024, 0); start < Date.UTC(2031, 0); start += 86_400_000) {
      const [from, to] = [offsetIn(name, start), offsetIn(name, start + 86_400_000)];
      if (from === to) continue;
      let hour = start;
      while (offsetIn(name, hour) === from) hour += 3_600_000;
      const key = `${written(from)} ${written(to)}`;
      const onset = new Date(hour + from).toISOString().replace(/[-:]|\.\d+Z/g, '');
      kinds.set(key, [...(kinds.get(key) ?? []), onset]);
    }
    return [...kinds].flatMap(([key, [first, ...others]]) =>
      part(
        'STANDARD',
        `DTSTART:${first}`,
        `TZOFFSETFROM:${key.slice(0, 5)}`,
        `TZOFFSETTO:${key.slice(6)}`,
        `RDATE:${others.join(',')}`,
      ),
    );
  }

  it.each([...byRules])('shows the times of %s by its rules', (name, lines) => {
    const zone = zoneOf(lines).of('Clinic');
    const known = namedZone(name);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2008, 0), max: Date.UTC(2090, 0) }), (instant) => {
        const wall = clockIn(name, instant - (instant % 60_000));
        expect(zone(wall)).toBe(known(wall));
      }),
    );
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Europe/London'])(
    'shows the times of %s by its dates',
    (name) => {
      const zones = zoneOf(byDates(name));
      const [zone, known] = [zones.of('Clinic'), namedZone(name)];
      fc.assert(
        fc.property(fc.integer({ min: Date.UTC(2024, 11), max: Date.UTC(2030, 11) }), (instant) => {
          const wall = clockIn(name, instant - (instant % 60_000));
          expect(zone(wall)).toBe(known(wall));
        }),
      );
      expect(zones.isOutside()).toBe(false);
      zone('2033-07-01T12:00:00');
      expect(zones.isOutside()).toBe(true);
    },
  );

  it.each([
    ['UTC+2', '2026-07-01T12:00:00', '10:00'],
    ['GMT-05:30', '2026-07-01T12:00:00', '17:30'],
    ['(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna', '2026-07-01T12:00:00', '10:00'],
    ['(UTC-05:00) Eastern Time (US & Canada)', '2026-07-01T12:00:00', '16:00'],
    ['Eastern Standard Time', '2026-01-01T12:00:00', '17:00'],
  ])('knows %s without a definition', (tzid, wall, time) => {
    expect(new Date(namedZone(tzid)(wall)).toISOString().slice(11, 16)).toBe(time);
  });

  it('gives way to the name that is known, its own or that of its location', () => {
    const wrong = part('STANDARD', 'DTSTART:19700101T000000', 'TZOFFSETFROM:+0900', 'TZOFFSETTO:+0900');
    const noon = (zones: Zones, tzid: string) =>
      new Date(zones.of(tzid)('2026-07-01T12:00:00')).toISOString().slice(11, 16);
    expect(noon(zoneOf(wrong, 'Europe/Berlin'), 'Europe/Berlin')).toBe('10:00');
    expect(noon(zoneOf(['X-LIC-LOCATION:Europe/Berlin', ...wrong]), 'Clinic')).toBe('10:00');
    expect(noon(zoneOf(wrong), 'Clinic')).toBe('03:00');
  });
});

describe('a rule', () => {
  // What another library reckons (python-dateutil 2.9), with the first start counted: dates of ten years.
  const reckoned = fixtureBytes('ics/rules.tsv').toString().trim().split('\n');
  it(`gives the days of ${reckoned.length} rules that others reckoned`, () => {
    const window = { from: day('2024-01-01'), until: day('2033-12-31') };
    for (const line of reckoned) {
      const [start = '', rule = '', days] = line.split('\t');
      const wall = start.replace(/(....)(..)(..)/, '$1-$2-$3');
      const found = followRule(rule, wall, utcZone, window, tools()).map((one) => one.replaceAll('-', ''));
      expect(found.join(' '), rule).toBe(days);
    }
  }, 60_000);

  it.each([
    ['FREQ=WEEKLY;COUNT=0', ['2026-03-09']],
    ['FREQ=WEEKLY;COUNT=-2', ['2026-03-09']],
    ['FREQ=WEEKLY; COUNT=2', ['2026-03-09', '2026-03-16']],
    ['FREQ=MONTHLY;COUNT=2;BYMONTHDAY=', ['2026-03-09', '2026-04-09']],
    ['FREQ=WEEKLY;COUNT=1;BYDAY=TU', ['2026-03-09']],
    ['FREQ=DAILY;COUNT=2;RSCALE=GREGORIAN;SKIP=OMIT', ['2026-03-09', '2026-03-10']],
  ])('%s is read as it is meant', (rule, days) => {
    const window = { from: day('2026-01-01'), until: day('2027-12-31') };
    expect(followRule(rule, '2026-03-09', utcZone, window, tools())).toEqual(days);
  });

  it.each(['FREQ=YEARLY;BYEASTER=0', 'FREQ=WEEKLY;COUNT=some', 'FREQ=YEARLY;RSCALE=HEBREW'])(
    '%s is refused',
    (rule) => {
      const window = { from: day('2026-01-01'), until: day('2027-12-31') };
      expect(() => followRule(rule, '2026-03-09', utcZone, window, tools())).toThrow("RRULE can't be read");
    },
  );

  it('gives in a late window what it gives from its start', () => {
    const rules = fc.record({
      freq: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      interval: fc.integer({ min: 1, max: 4 }),
      byday: fc.constantFrom(undefined, 'MO', 'MO,WE,SU'),
      wkst: fc.constantFrom('MO', 'SU'),
    });
    fc.assert(
      fc.property(
        rules,
        anyDate('2018-01-01', '2024-12-31'),
        fc.integer({ min: 0, max: 1500 }),
        (rule, start, later) => {
          const isNumbered = rule.freq === 'MONTHLY' || rule.freq === 'YEARLY';
          const text = `FREQ=${rule.freq};INTERVAL=${rule.interval};WKST=${rule.wkst}${rule.byday && !isNumbered ? `;BYDAY=${rule.byday}` : ''}`;
          const from = addDays(start, later);
          const follow = (day: CivilDate) =>
            followRule(text, `${start}T10:00:00`, utcZone, { from: day, until: addDays(from, 90) }, tools());
          const [all, some] = [follow(start), follow(from)];
          expect(some).toEqual(all.filter((wall) => wall.slice(0, 10) >= from));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of many years ago is not walked day by day', () => {
    const context = tools();
    const before = context.budget.left;
    const window = { from: day('2026-03-12'), until: day('2026-03-14') };
    expect(followRule('FREQ=DAILY', '1905-01-01', utcZone, window, context)).toHaveLength(3);
    expect(before - context.budget.left).toBeLessThan(50);
  });
});

describe('folded lines', () => {
  it('are whole again, wherever the bytes of a letter were parted', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', 'ё', '日', ' ', '😀'),
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.constantFrom('\r\n ', '\n\t'),
        (said, places, fold) => {
          const line = Buffer.from(`SUMMARY:${said}`);
          // Three bytes at least between two folds.
          const cuts = [
            ...new Set(places.map((place) => 9 + 4 * (place % Math.ceil(line.length / 4)))),
          ].toSorted((a, b) => a - b);
          const parts = [0, ...cuts].map((cut, at) => line.subarray(cut, cuts[at]).toString('latin1'));
          const bytes = Buffer.from(parts.join(fold), 'latin1');
          const [read] = unfolded(Buffer.from(withWholeLetters(bytes)).toString());
          expect(read?.text).toBe(line.toString());
        },
      ),
    );
  });
});

describe('components', () => {
  it('are cut with their lines, whatever is lost between them', () => {
    const whole = (index: number): readonly string[] => ['BEGIN:VEVENT', `UID:${index}`, 'END:VEVENT'];
    const junk = fc.constantFrom(
      '',
      '   ',
      'X-A:1',
      'END:VALARM',
      'nonsense',
      'BEGIN:VALARM',
      'END:VEVENT',
      'METHOD:X',
    );
    const parts = fc.array(fc.oneof(fc.constant('event'), junk), { maxLength: 30 });
    fc.assert(
      fc.property(parts, fc.constantFrom('\n', '\r\n', '\r'), (parts, end) => {
        const lines = ['BEGIN:VCALENDAR'];
        const expected: number[] = [];
        for (const [index, part] of parts.entries()) {
          if (part === 'event') expected.push(lines.length + 1);
          lines.push(...(part === 'event' ? whole(index) : [part]));
        }
        const cut = cutComponents(lines.join(end));
        expect(cut.events.map(({ line }) => line)).toEqual(expected);
        expect(cut.faults).toEqual([]);
      }),
    );
  });
});
