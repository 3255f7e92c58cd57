/** Zones, recurrences and components of iCalendar: the same as others reckon them, and each file comes to an end. */

import fc from 'fast-check';
import { RRuleTemporal as Rule } from 'rrule-temporal';
import { describe, expect, it } from 'vitest';
import { findIana } from 'windows-iana';
import { addDays, type CivilDate } from '../../src/dates/civil.ts';
import { cutComponents } from '../../src/formats/ics/components.ts';
import { followRule, newBudget, utcZone, Zones } from '../../src/formats/ics/times.ts';
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
    return new Zones(cutComponents(lines.join('\n')).zones, tools()).of(tzid);
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
