/** What stands on a timeline, and on which day; drawn and spoken so that nothing is left out in silence. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Commitment,
  type Contact,
  commitmentKinds,
  type Note,
  type Patient,
  type Person,
} from '../../src/domain/records.ts';
import { composeTimeline } from '../../src/domain/timeline-events.ts';
import { aContact, aNote, aPatient, aPerson, aPromise, stored } from '../support/records.ts';
import { day, partial } from '../support/values.ts';

type TimelineFacts = Parameters<typeof composeTimeline>[0];

const on = day('2026-03-12');
const patient: Patient = stored('p', aPatient('ana', { name: 'Ana Berg', first_met: '2020-02' }));
const plain: TimelineFacts = { patient, people: [], notes: [], commitments: [], contacts: [] };
const own = { patient_id: 'p' };
const promise = (id: string, fields: Parameters<typeof aPromise>[1]): Commitment =>
  stored(id, aPromise(id, { ...own, made_on: '2025-01-10', ...fields }));
const note = (id: string, fields: Parameters<typeof aNote>[1]): Note =>
  stored(id, aNote(id, { ...own, recorded_on: '2025-06-01', ...fields }));
const contact = (id: string, on: string, fields: Parameters<typeof aContact>[1] = {}): Contact =>
  stored(id, aContact(on, { ...own, ...fields }));
const compose = (facts: Partial<TimelineFacts>, sensitive = false) =>
  composeTimeline({ ...plain, ...facts }, { on, sensitive });
const brief = (facts: Partial<TimelineFacts>, sensitive = false) =>
  compose(facts, sensitive).events.map((event) => [event.id, event.lane, event.state, event.on]);

describe('a timeline', () => {
  it('puts visits and other contacts into lanes of their own, in order of time', () => {
    const contacts = [
      contact('planned', '2026-04-01', { state: 'planned' }),
      contact('call', '2025-05-01', { channel: 'call' }),
      contact('home', '2024-05-01', { channel: 'home' }),
      contact('missed', '2025-07-01', { state: 'missed' }),
    ];
    expect(brief({ contacts })).toEqual([
      ['home', 'visits', 'held', '2024-05-01'],
      ['call', 'contacts', 'held', '2025-05-01'],
      ['missed', 'visits', 'missed', '2025-07-01'],
      ['planned', 'visits', 'planned', '2026-04-01'],
    ]);
    expect(compose({ contacts })).toMatchObject({ from: '2020-02-01', to: '2026-04-01' });
  });

  it('says of a commitment whether it was kept by its date, late, or is late still', () => {
    const kept = (due: string | null, closed_on: string) => ({ due, status: 'kept', closed_on }) as const;
    const commitments = [
      promise('by its date', kept('2025-02-01', '2025-02-01')),
      promise('without a date', kept(null, '2025-02-02')),
      promise('late', kept('2025-02-01', '2025-02-04')),
      promise('theirs', { ...kept('2025-02-01', '2025-02-05'), owner: 'patient' }),
      promise('open', { due: on }),
      promise('overdue', { due: '2026-03-02' }),
      promise('theirs, open', { due: '2026-03-01', owner: 'patient' }),
      promise('dropped', { status: 'dropped', due: '2025-02-01', closed_on: '2025-03-01' }),
      promise('some day', {}),
    ];
    const { events, undated } = compose({ commitments });
    expect(events.map(({ id, state, on: at, daysLate }) => [id, state, at, daysLate])).toEqual([
      ['by its date', 'kept', '2025-02-01', null],
      ['without a date', 'kept', '2025-02-02', null],
      ['late', 'kept late', '2025-02-04', 3],
      ['theirs', 'kept', '2025-02-05', null],
      ['dropped', 'dropped', '2025-03-01', null],
      ['theirs, open', 'open', '2026-03-01', null],
      ['overdue', 'late', '2026-03-02', 10],
      ['open', 'open', '2026-03-12', null],
    ]);
    expect(undated).toBe(1);
  });

  it('stands a month and a year in their middle, and a loss without a date where it was told', () => {
    const notes = [
      note('year', { kind: 'milestone', date: '2024' }),
      note('month', { kind: 'milestone', date: '2025-02' }),
      note('told', { kind: 'loss' }),
      note('undated', { kind: 'milestone' }),
      note('no event', { kind: 'story', date: '2024' }),
    ];
    expect(brief({ notes })).toEqual([
      ['year', 'milestones', 'milestone', '2024-07-01'],
      ['month', 'milestones', 'milestone', '2025-02-14'],
      ['told', 'losses', 'loss', '2025-06-01'],
    ]);
    expect(compose({ notes })).toMatchObject({ undated: 1, private: 0 });
  });

  it('marks what returns every year in each year of the axis, never before it began', () => {
    const notes = [
      note('bare', { kind: 'milestone', date: '--06-14' }),
      note('begun', { kind: 'milestone', date: '2024-02-29', yearly: true }),
    ];
    const days = (id: string, facts: Partial<TimelineFacts> = {}) =>
      compose({ notes, ...facts }).events.find((event) => event.id === id)?.days;
    expect(days('bare')).toEqual([
      '2020-06-14',
      '2021-06-14',
      '2022-06-14',
      '2023-06-14',
      '2024-06-14',
      '2025-06-14',
    ]);
    expect(days('begun')).toEqual(['2024-02-29', '2025-02-28', '2026-02-28']);
    // The dead have no birthdays; the milestone itself is still told.
    const died = { ...patient, status: 'died', died_on: partial('2021-09-01') } as const;
    expect(days('bare', { patient: died })).toEqual(['2020-06-14', '2021-06-14']);
    const young = { ...patient, first_met: partial('2026-01') };
    expect(compose({ notes, patient: young }).events.find(({ id }) => id === 'bare')).toMatchObject({
      on: '2026-06-14',
      days: [],
    });
  });

  it('is not stretched by what lies long before the first meeting, or far ahead', () => {
    const notes = [
      note('wedding', { kind: 'milestone', date: '1961-06-14' }),
      note('soon', { kind: 'milestone', date: '2026-05-01' }),
      note('far', { kind: 'milestone', date: '2090' }),
    ];
    expect(compose({ notes })).toMatchObject({ from: '2020-02-01', to: '2026-05-01' });
    expect(compose({ notes }).events).toHaveLength(3);
    expect(compose({ notes, patient: { ...patient, first_met: null } }).from).toBe('1961-06-14');
  });

  it('counts sensitive notes and shows them only when asked; so with a death that only they tell of', () => {
    const people: readonly Person[] = [
      stored('june', aPerson('June', { ...own, relation: 'wife', status: 'died', died_on: '2026-02-02' })),
    ];
    const notes = [
      note('private', { kind: 'loss', date: '2026-02-02', sensitive: true, person: 'june' }),
      note('shown in brief', {
        kind: 'milestone',
        date: '2025-01-01',
        sensitive: true,
        show_in_brief: true,
      }),
    ];
    expect(compose({ notes, people })).toMatchObject({ events: [], private: 2 });
    expect(brief({ notes, people }, true).map(([id]) => id)).toEqual(['shown in brief', 'private']);
    expect(brief({ people })).toEqual([['june', 'losses', 'died', '2026-02-02']]);
  });

  it('shows the newest of a thread, and nothing retired', () => {
    const notes = [
      note('old', { kind: 'milestone', date: '2025-01-01' }),
      note('new', { kind: 'milestone', date: '2025-02-01', replaces: 'old' }),
      note('gone', { kind: 'milestone', date: '2025-03-01', status: 'retired' }),
    ];
    expect(brief({ notes }).map(([id]) => id)).toEqual(['new']);
  });

  it('is the same however the records are ordered, and has every commitment or counts it', () => {
    const dates = fc
      .integer({ min: 0, max: 5000 })
      .map((days) => day(`20${10 + (days % 25)}-0${1 + (days % 9)}-1${days % 10}`));
    const commitments = fc
      .array(
        fc.record({
          kind: fc.constantFrom(...commitmentKinds),
          owner: fc.constantFrom('me', 'staff', 'patient'),
          due: fc.option(dates, { nil: null }),
          status: fc.constantFrom('open', 'kept', 'dropped'),
          closed_on: fc.option(dates, { nil: null }),
        }),
        { maxLength: 30 },
      )
      .map((list) => list.map((fields, index) => promise(`c${index}`, fields as Partial<Commitment>)));
    fc.assert(
      fc.property(commitments, (list) => {
        const timeline = compose({ commitments: list });
        expect(timeline.events.length + timeline.undated).toBe(list.length);
        expect(compose({ commitments: list.toReversed() })).toEqual(timeline);
        for (const { state, daysLate } of timeline.events)
          expect(daysLate !== null).toBe(state === 'late' || state === 'kept late');
      }),
    );
  });
});
