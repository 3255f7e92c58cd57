/** Reaching out before milestones, and naming those who have been quiet: rules over any dates, calendars and contacts. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, daysBetween } from '../../src/dates/civil.ts';
import { plainCalendar } from '../../src/dates/work-calendar.ts';
import { listQuiet } from '../../src/domain/contact-plan.ts';
import { howManyDue, listDue } from '../../src/domain/due-list.ts';
import {
  type Contact,
  channels,
  type Note,
  type Patient,
  type Person,
  patientStatuses,
} from '../../src/domain/records.ts';
import { aContact, aNote, aPatient, aPerson, stored } from '../support/records.ts';
import { contactStates } from '../support/sample.ts';
import { day, partial } from '../support/values.ts';

const today = day('2026-03-12');
const milestone = (date: string, fields: Parameters<typeof aNote>[1] = {}): Note =>
  stored(
    'n',
    aNote('x', {
      patient_id: 'p',
      kind: 'milestone',
      recorded_on: '2020-01-01',
      date,
      reach_out: true,
      ...fields,
    }),
  );
const patientOf = ({ id = 'p', ...fields }: Parameters<typeof aPatient>[1] = {}): Patient =>
  stored(id, aPatient(id, { name: 'Malu Razo', ...fields }));
const contactOf = (on: CivilDate, fields: Partial<Contact> = {}): Contact =>
  stored(`c${on}`, aContact(on, { patient_id: 'p', channel: 'call', direction: 'out', ...fields }));
const june: Person = stored(
  'june',
  aPerson('June Beer', { patient_id: 'p', relation: 'wife', status: 'died', died_on: '2026-02-02' }),
);
type OutreachFacts = NonNullable<Parameters<typeof listDue>[0]['outreach']>[number];
const factsOf = (note: Note, more: Partial<OutreachFacts> = {}): OutreachFacts => ({
  note,
  shown: note,
  patient: patientOf(),
  people: [],
  notes: [],
  contacts: [],
  ...more,
});
const outreachOf = (facts: OutreachFacts, on: CivilDate, calendar = plainCalendar, days = 0) =>
  listDue(
    { commitments: [], nextContacts: new Map(), calendar, outreach: [facts] },
    { on, days, all: false },
  ).items.flatMap((item) => (item.group === 'outreach' ? [item] : []));
const isShown = (...given: Parameters<typeof outreachOf>): boolean => outreachOf(...given).length > 0;

const anyDay = fc.integer({ min: -800, max: 800 }).map((days) => addDays(today, days));
const anyContact = fc
  .record({
    on: fc.integer({ min: -12, max: 12 }).map((days) => addDays(today, days)),
    channel: fc.constantFrom(...channels),
    state: fc.constantFrom(...contactStates),
    direction: fc.constantFrom('in' as const, 'out' as const, null),
  })
  .map(({ on, ...fields }) => contactOf(on, fields));

describe('reaching out', () => {
  it('returns every year for what returns, leap days included, and never twice a year', () => {
    fc.assert(
      fc.property(anyDay, fc.boolean(), (date, isLeapDay) => {
        const yearly = partial(isLeapDay ? '--02-29' : `-${date.slice(4)}`);
        const shown = Array.from({ length: 366 }, (_, days) => addDays(date, days)).filter((on) =>
          isShown(factsOf(milestone(yearly, { yearly: true })), on),
        );
        expect(shown.length).toBeGreaterThanOrEqual(8);
        expect(shown.length).toBeLessThanOrEqual(9);
      }),
      { numRuns: 20 },
    );
  });

  it('is answered by what went out since it was first shown, by nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(anyContact, { maxLength: 4 }),
        fc.integer({ min: 0, max: 7 }),
        (contacts, ahead) => {
          const date = addDays(today, ahead);
          const answers = contacts.filter(
            ({ state, direction, channel, on }) =>
              state === 'held' &&
              direction !== 'in' &&
              (direction === 'out' || channel !== 'visit') &&
              on >= addDays(date, -7) &&
              on <= today,
          );
          expect(isShown(factsOf(milestone(date), { contacts }), today)).toBe(answers.length === 0);
        },
      ),
    );
  });

  it('comes sooner where the whole week is closed, so that it is never missed', () => {
    const date = day('2026-04-20');
    const calendar = { ...plainCalendar, away: [{ from: day('2026-04-06'), to: day('2026-05-01') }] };
    const first = Array.from({ length: 40 }, (_, days) => addDays(day('2026-03-20'), days)).find((on) =>
      isShown(factsOf(milestone(date)), on, calendar),
    );
    expect(first).toBe('2026-04-03');
    const always = { ...plainCalendar, weekend: [1, 2, 3, 4, 5, 6, 7] };
    expect(isShown(factsOf(milestone(date)), addDays(date, -7), always)).toBe(true);
  });

  it('begins a week before the day, and as many days sooner as are looked ahead, and ends with it', () => {
    fc.assert(
      fc.property(anyDay, anyDay, fc.integer({ min: 0, max: 60 }), (date, on, days) => {
        const ahead = daysBetween(on, date);
        expect(isShown(factsOf(milestone(date)), on, plainCalendar, days)).toBe(
          ahead >= 0 && ahead <= 7 + days,
        );
      }),
    );
  });

  it('is for months as well, for years never, and only for what is marked, current and of the living', () => {
    expect(isShown(factsOf(milestone('2026-03')), today)).toBe(true);
    expect(isShown(factsOf(milestone('2026-04')), day('2026-03-24'))).toBe(false);
    expect(isShown(factsOf(milestone('2026-04')), day('2026-03-25'))).toBe(true);
    expect(isShown(factsOf(milestone('2026')), today)).toBe(false);
    const near = milestone(today);
    expect(isShown(factsOf({ ...near, reach_out: false }), today)).toBe(false);
    expect(isShown(factsOf({ ...near, status: 'superseded' }), today)).toBe(false);
    for (const status of patientStatuses)
      expect(isShown(factsOf(near, { patient: patientOf({ status }) }), today)).toBe(status === 'active');
  });

  it('keeps back what is about someone who died, but for a day that returns, and says to check first of the rest', () => {
    const people = [june];
    const about = (fields: Partial<Note>) => factsOf(milestone(today, fields), { people });
    expect(isShown(about({ text: "June's retirement" }), today)).toBe(false);
    expect(isShown(about({ person: 'june' }), today)).toBe(false);
    expect(isShown(about({ text: "Elsie's recital" }), today)).toBe(true);
    const yearly = factsOf(milestone('--03-14', { person: 'june', yearly: true }), { people });
    const [shown] = outreachOf(yearly, today);
    expect(shown?.mark).toBe('first without June');
    const [recital] = outreachOf(about({ text: "Elsie's recital", recorded_on: day('2026-01-01') }), today);
    expect(recital?.mark).toBe('check first: June died 2 Feb');
  });
});

describe('keeping in touch', () => {
  const quiet = (patient: Patient, last: CivilDate | undefined, after?: number, on = today) =>
    listQuiet(
      {
        patients: [patient],
        lastHeld: new Map(last === undefined ? [] : [['p', last]]),
        nextContacts: new Map(),
      },
      on,
      after,
    );

  it('names a patient from the day that the wanted time is over', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.option(fc.integer({ min: 1, max: 400 })),
        fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
        fc.constantFrom(...patientStatuses),
        (ago, cadence_days, after, status) => {
          const wanted = cadence_days ?? after;
          const last = addDays(today, -ago);
          const named = quiet(patientOf({ cadence_days, status }), last, after);
          expect(named.length > 0).toBe(status === 'active' && wanted !== undefined && ago >= wanted);
          if (named[0] !== undefined) expect(named[0].since).toBe(last);
        },
      ),
    );
  });

  it('counts from when they were met where no contact is recorded, and asks nothing of those unknown to it', () => {
    const own = patientOf({ cadence_days: 30 });
    expect(quiet({ ...own, first_met: partial('2025') }, undefined)[0]?.since).toBe('2025');
    expect(quiet({ ...own, first_met: partial('2026-03') }, undefined)).toEqual([]);
    expect(quiet(own, undefined)[0]?.since).toBeNull();
    expect(quiet(patientOf(), undefined, 30)).toEqual([]);
  });

  it('lists three, longest first, those with something planned last, and says how many more', () => {
    const patients = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => patientOf({ id, cadence_days: 10 }));
    const lastHeld = new Map(patients.map(({ id }, place) => [id, addDays(today, -50 + place)]));
    const nextContacts = new Map([
      ['a', contactOf(addDays(today, 5), { state: 'planned' })],
      ['b', contactOf(today, { state: 'planned' })],
    ]);
    const facts = { commitments: [], nextContacts, calendar: plainCalendar, inTouch: patients, lastHeld };
    const options = { on: today, days: 0, all: false };
    const list = listDue(facts, options);
    const idsOf = (items: typeof list.items) =>
      items.map((item) => (item.group === 'quiet' ? item.patient.id : item.group));
    expect(idsOf(list.items)).toEqual(['c', 'd', 'e']);
    expect(list.moreQuiet).toBe(2);
    expect(list.counts.quiet).toBe(3);
    expect(howManyDue(list)).toBe(0);
    expect(idsOf(listDue(facts, { ...options, all: true }).items)).toEqual(['c', 'd', 'e', 'f', 'a']);
  });
});
