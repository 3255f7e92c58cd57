/** Calendars of every kind, planned against what they gave before: twice is once, and order does not matter. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactsAfter } from '../../src/domain/clinic-day.ts';
import { readEventRules } from '../../src/domain/event-rules.ts';
import { planImport, sizeOf } from '../../src/domain/import-plan.ts';
import type { Held } from '../../src/domain/interchange.ts';
import { type Contact, isOfEvent, type Patient } from '../../src/domain/records.ts';
import { readSchedule } from '../../src/formats/ics/schedule.ts';
import { fixtureBytes } from '../support/imports.ts';
import { aPatient, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

const today = day('2026-03-12');
const names = ['Malu Razo', 'Ned Hintz', 'Walter Beer'];
const patients = names.map((name, index): Patient => stored(`p${index}`, aPatient(`p${index}`, { name })));

const none = { byId: () => undefined, of: () => [] };

/** A vault with these contacts alone. */
const holding = (contacts: readonly Contact[]): Held => ({
  patients,
  records: {
    person: none,
    note: none,
    commitment: none,
    contact: {
      byId: (id) => contacts.find((one) => one.id === id),
      of: (id) => contacts.filter(({ patient_id }) => patient_id === id),
    },
  },
  contactsOfEvent: (uid) => contacts.filter((one) => one.uid !== null && isOfEvent(one.uid, uid)),
  calendar: { closed_days: [], away: [], weekend: [6, 7] },
  wasForgotten: () => false,
});

async function planned(text: string, contacts: readonly Contact[]) {
  const document = await readSchedule(text, {
    rules: readEventRules(['summary']),
    window: { from: today, until: day('2026-06-30') },
    singles: {},
    zone: 'Europe/Madrid',
  });
  return planImport(document, holding(contacts), { today, skipBad: true });
}

/** The contacts after importing a calendar, with ids of their own. */
async function imported(text: string, contacts: readonly Contact[]): Promise<readonly Contact[]> {
  const plan = await planned(text, contacts);
  const held = holding(contacts);
  return contactsAfter(plan, contacts, held.records.contact.byId).map((contact, index) =>
    contact.ref === '' ? { ...contact, id: `c${contacts.length}-${index}`, ref: `c${index}` } : contact,
  );
}

const shown = (contacts: readonly Contact[]): readonly string[] =>
  contacts
    .map(({ patient_id, on, at, state, uid }) => `${patient_id} ${on} ${at} ${state} ${uid}`)
    .toSorted();

const two = (value: number): string => String(value).padStart(2, '0');
const when = fc
  .record({
    month: fc.integer({ min: 2, max: 6 }),
    day: fc.integer({ min: 1, max: 28 }),
    hour: fc.integer({ min: 0, max: 23 }),
  })
  .map(({ month, day: number, hour }) => `2026${two(month)}${two(number)}T${two(hour)}0000`);
const clock = fc.constantFrom('', ';TZID=Europe/Madrid', ';TZID=America/New_York', ';TZID=Asia/Kolkata');
const rule = fc.constantFrom(
  undefined,
  undefined,
  'FREQ=WEEKLY',
  'FREQ=WEEKLY;COUNT=5',
  'FREQ=MONTHLY;UNTIL=20260520T100000Z',
  'FREQ=DAILY;INTERVAL=9;UNTIL=20260601',
);

/** Events by name of their patient; those of one UID are one patient's. */
const events = fc
  .array(
    fc.record({
      uid: fc.constantFrom('a', 'b', 'c', 'a/b', undefined),
      sequence: fc.integer({ min: 0, max: 3 }),
      start: when,
      clock,
      rule,
      left: fc.option(when, { nil: undefined }),
      replaces: fc.option(when, { nil: undefined, freq: 4 }),
      status: fc.constantFrom('CONFIRMED', 'CONFIRMED', 'CANCELLED'),
    }),
    { maxLength: 6 },
  )
  .map((list) =>
    list.map(({ uid, sequence, start, clock: zone, rule: recurs, left, replaces, status }, index) =>
      [
        'BEGIN:VEVENT',
        ...(uid === undefined ? [] : [`UID:${uid}`]),
        `SUMMARY:Visit: ${names[(uid ?? '').length % names.length]}`,
        `SEQUENCE:${sequence}`,
        `DTSTAMP:20260301T0000${two(index)}Z`,
        `STATUS:${status}`,
        `DTSTART${zone}:${start}`,
        ...(recurs === undefined || replaces !== undefined ? [] : [`RRULE:${recurs}`]),
        ...(left === undefined ? [] : [`EXDATE${zone}:${left}`]),
        ...(replaces === undefined ? [] : [`RECURRENCE-ID${zone}:${replaces}`]),
        'END:VEVENT',
      ].join('\n'),
    ),
  );

const calendarOf = (list: readonly string[]): string =>
  ['BEGIN:VCALENDAR', ...list, 'END:VCALENDAR'].join('\n');

describe('any calendar', () => {
  it('imported again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const text = calendarOf(list);
        const once = await imported(text, []);
        expect(sizeOf(await planned(text, once))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same in any order of its events', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const forwards = await imported(calendarOf(list), []);
        expect(shown(await imported(calendarOf(list.toReversed()), []))).toEqual(shown(forwards));
      }),
      { numRuns: 100 },
    );
  });

  it('follows another and then changes nothing, and touches nothing that was written up', async () => {
    await fc.assert(
      fc.asyncProperty(events, events, async (first, second) => {
        const before = (await imported(calendarOf(first), [])).map(
          (contact, index): Contact => (index % 3 === 0 ? { ...contact, state: 'held' } : contact),
        );
        const text = calendarOf(second);
        const then = await imported(text, before);
        for (const contact of before) if (contact.state === 'held') expect(then).toContainEqual(contact);
        expect(sizeOf(await planned(text, then))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a series and its changes, in every form that calendars write them in', () => {
  const [zone, days] = ['TZID=Europe/Madrid', 'VALUE=DATE'];
  const event = (...lines: readonly string[]): string =>
    ['BEGIN:VEVENT', 'UID:s', 'SUMMARY:Malu Razo', ...lines, 'END:VEVENT'].join('\n');
  const weekly = [`DTSTART;${zone}:20260401T090000`, 'RRULE:FREQ=WEEKLY;COUNT=3'];
  const daily = [`DTSTART;${zone}:20260401T090000`, 'RRULE:FREQ=DAILY;COUNT=4'];
  const wholeDays = [`DTSTART;${days}:20260401`, 'RRULE:FREQ=WEEKLY;COUNT=3'];
  it.each<readonly [what: string, ...(readonly [events: readonly string[], visits: string])]>([
    [
      'a change without a zone',
      [event(...weekly), event('RECURRENCE-ID:20260408T090000', `DTSTART;${zone}:20260409T110000`)],
      '04-01 09:00, 04-09 11:00, 04-15 09:00',
    ],
    [
      'a change by its day',
      [event(...weekly), event(`RECURRENCE-ID;${days}:20260408`, `DTSTART;${zone}:20260408T120000`)],
      '04-01 09:00, 04-08 12:00, 04-15 09:00',
    ],
    [
      'a change of a series without a zone by an instant',
      [
        event('DTSTART:20260401T090000', 'RRULE:FREQ=WEEKLY;COUNT=2'),
        event('RECURRENCE-ID:20260408T070000Z', 'DTSTART:20260408T120000'),
      ],
      '04-01 09:00, 04-08 12:00',
    ],
    [
      'a change of days by an instant',
      [event(...wholeDays), event('RECURRENCE-ID:20260407T220000Z', `DTSTART;${days}:20260409`)],
      '04-01 -, 04-09 -, 04-15 -',
    ],
    ['a day left out by a time', [event(...wholeDays, `EXDATE;${zone}:20260408T000000`)], '04-01 -, 04-15 -'],
    ['a time left out by its day', [event(...weekly, `EXDATE;${days}:20260408`)], '04-01 09:00, 04-15 09:00'],
    [
      'a time left out without a zone',
      [event(...weekly, 'EXDATE:20260408T090000')],
      '04-01 09:00, 04-15 09:00',
    ],
    [
      'a day added to times',
      [event(...weekly, `RDATE;${days}:20260420`)],
      '04-01 09:00, 04-08 09:00, 04-15 09:00, 04-20 09:00',
    ],
    [
      'times left out by a rule',
      [
        event(
          `DTSTART;${zone}:20260401T090000`,
          'RRULE:FREQ=DAILY;COUNT=4',
          'EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2',
        ),
      ],
      '04-02 09:00, 04-04 09:00',
    ],
    ['empty rules', [event(`DTSTART;${zone}:20260401T090000`, 'RRULE:', 'RDATE:', 'EXDATE:')], '04-01 09:00'],
    [
      'a first day that its rule does not meet',
      [event(`DTSTART;${zone}:20260401T090000`, 'RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2')],
      '04-01 09:00, 04-07 09:00',
    ],
    ['an offset behind a time', [event('DTSTART:20260401T090000+0500')], '04-01 06:00'],
    ['a day with a time that says nothing', [event(`DTSTART;${days}:20260401T090000`)], '04-01 -'],
    [
      'a change to all later ones, and one of its own',
      [
        event(...daily),
        event(`RECURRENCE-ID;RANGE=THISANDFUTURE;${zone}:20260402T090000`, `DTSTART;${zone}:20260403T140000`),
        event(`RECURRENCE-ID;${zone}:20260403T090000`, `DTSTART;${zone}:20260403T160000`),
      ],
      '04-01 09:00, 04-03 14:00, 04-03 16:00, 04-05 14:00',
    ],
    [
      'all later ones called off',
      [
        event(...daily),
        event(
          'STATUS:CANCELLED',
          `RECURRENCE-ID;RANGE=THISANDFUTURE;${zone}:20260403T090000`,
          `DTSTART;${zone}:20260403T090000`,
        ),
      ],
      '04-01 09:00, 04-02 09:00',
    ],
    [
      'one left out by a newer version than its change',
      [
        event('SEQUENCE:2', ...weekly, `EXDATE;${zone}:20260408T090000`),
        event('SEQUENCE:1', `RECURRENCE-ID;${zone}:20260408T090000`, `DTSTART;${zone}:20260409T090000`),
      ],
      '04-01 09:00, 04-15 09:00',
    ],
    [
      'one left out by an older version than its change',
      [
        event('SEQUENCE:1', ...weekly, `EXDATE;${zone}:20260408T090000`),
        event('SEQUENCE:2', `RECURRENCE-ID;${zone}:20260408T090000`, `DTSTART;${zone}:20260409T090000`),
      ],
      '04-01 09:00, 04-09 09:00, 04-15 09:00',
    ],
  ])('%s', async (_, list, visits) => {
    for (const text of [calendarOf(list), calendarOf(list.toReversed())]) {
      const contacts = await imported(text, []);
      const found = contacts
        .filter(({ state }) => state === 'planned')
        .map(({ on, at }) => `${on.slice(5)} ${at ?? '-'}`);
      expect(found.toSorted().join(', ')).toBe(visits);
      expect(sizeOf(await planned(text, contacts))).toBe(0);
    }
  });
});

describe('a calendar that was spoilt', () => {
  const whole = ['google.ics', 'outlook.ics', 'apple.ics'].map((name) =>
    fixtureBytes(`ics/${name}`).toString('latin1'),
  );
  const chunk = fc.constantFrom(
    '',
    '\n',
    '\r',
    ':',
    ';',
    '"',
    '\\',
    '=',
    'Z',
    '9',
    'T',
    '\u0000',
    '\ud800',
    ',',
    'BEGIN:VEVENT\n',
  );

  it('is read to its end, whatever is in it', async () => {
    const spoil = fc.array(fc.tuple(fc.nat(3000), fc.integer({ min: 0, max: 3 }), chunk), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...whole), spoil, async (text, changes) => {
        const spoilt = changes.reduce(
          (now, [at, length, more]) => now.slice(0, at) + more + now.slice(at + length),
          text,
        );
        const plan = await planned(spoilt, []);
        for (const { path, what } of plan.refuse)
          expect(`${path}: ${what}`).toMatch(/^line \d+: [\w ,':-]+$/);
      }),
      { numRuns: 100 },
    );
  });
});
