/** Zones, recurrences and components of iCalendar: the same as others reckon them, and each file comes to an end. */

import fc from 'fast-check';
import { RRuleTemporal as Rule } from 'rrule-temporal';
import { describe, expect, it } from 'vitest';
import { findIana } from 'windows-iana';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import { cutComponents } from '../../src/formats/ics/components.ts';
import { followRule, newBudget } from '../../src/formats/ics/recurrence.ts';
import { utcZone, Zones } from '../../src/formats/ics/zones.ts';
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
const namedZone = (name: string) => new Zones([], tools()).of(name);

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

const zonesIn = (text: string) => new Zones(cutComponents(text).zones, tools());
const zoneOf = (tzid: string, rule: readonly string[]): string =>
  ['BEGIN:VTIMEZONE', `TZID:${tzid}`, ...rule, 'END:VTIMEZONE'].join('\n');

describe('a zone of the file', () => {
  it.each([
    ['google.ics', 'America/New_York', 'America/New_York'],
    ['outlook.ics', 'Romance Standard Time', 'Europe/Madrid'],
    ['apple.ics', 'Europe/Madrid', 'Europe/Madrid'],
  ])('of %s is that which the world knows', (name, tzid, known) => {
    const text = fixtureBytes(`ics/${name}`).toString('latin1');
    const zone = zonesIn(text).of(tzid);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2036, 0) }), (ms) => {
        const instant = ms - (ms % 3_600_000);
        const wall = clockIn(known, instant);
        // Which of two is meant in the hour that comes twice is not said.
        expect(clockIn(known, zone(wall))).toBe(wall);
      }),
      { numRuns: 200 },
    );
  });

  it('holds before its first change what it changed from', () => {
    const change = ['DTSTART:20260329T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'];
    const zone = zonesIn(zoneOf('X', ['BEGIN:DAYLIGHT', ...change, 'END:DAYLIGHT'])).of('X');
    const at = (wall: string): string => new Date(zone(wall)).toISOString().slice(0, 16);
    expect(at('2019-07-01T12:00:00')).toBe('2019-07-01T11:00');
    expect(at('2026-03-29T01:59:00')).toBe('2026-03-29T00:59');
    expect(at('2026-03-29T03:00:00')).toBe('2026-03-29T01:00');
  });

  it('that is broken is as if it were not there', () => {
    const broken = (tzid: string, year = '1970'): string => {
      const offsets = ['TZOFFSETFROM:+0100', 'TZOFFSETTO:+0100', 'RRULE:FREQ=SECONDLY'];
      return zoneOf(tzid, ['BEGIN:STANDARD', `DTSTART:${year}0101T000000`, ...offsets, 'END:STANDARD']);
    };
    const known = zonesIn(
      `BEGIN:VCALENDAR\n${broken('Asia/Kolkata')}\n${broken('X')}\n${broken('Y', '1601')}`,
    );
    expect(new Date(known.of('Asia/Kolkata')('2026-04-01T12:00:00')).toISOString()).toContain('06:30');
    for (const name of ['X', 'Y']) expect(() => known.of(name)).toThrow('its time zone is not known');
  });
});

describe('a rule', () => {
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
