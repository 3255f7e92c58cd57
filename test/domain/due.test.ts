import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../../src/dates/civil.ts';
import { closedTest, plainCalendar, type WorkCalendar } from '../../src/dates/work-calendar.ts';
import { type DueList, howManyDue, isPromise, lastDueListed, listDue } from '../../src/domain/due-list.ts';
import { type Commitment, type Contact, commitmentKinds, owners } from '../../src/domain/records.ts';
import { aContact, aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

const start = day('2026-03-12');
const anyDay = fc.integer({ min: -400, max: 400 }).map((days) => addDays(start, days));

const anyCommitment = fc.record({
  id: fc.string({ minLength: 1, maxLength: 8 }),
  patient: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
  owner: fc.constantFrom(...owners),
  kind: fc.constantFrom(...commitmentKinds),
  due: fc.option(anyDay),
  status: fc.constantFrom('open' as const, 'open' as const, 'kept' as const),
});

const made = ({ id, ...fields }: Parameters<typeof aPromise>[1] & { readonly id: string }): Commitment =>
  stored(id, aPromise('x', { patient_id: 'p1', kind: 'other', ...fields }));

const anyCommitments = fc
  .uniqueArray(anyCommitment, { selector: ({ id }) => id, maxLength: 40 })
  .map((all) => all.map(({ patient, ...fields }) => made({ ...fields, patient_id: patient })));

const anyContacts = fc
  .dictionary(
    fc.constantFrom('p1', 'p2', 'p3'),
    fc.record({ on: anyDay, at: fc.constantFrom(null, '09:00', '14:40') }),
  )
  .map(
    (all): ReadonlyMap<string, Contact> =>
      new Map(
        Object.entries(all).map(([patient_id, { on, at }]) => [
          patient_id,
          stored<Contact>(`c-${patient_id}`, aContact(on, { patient_id, state: 'planned', at })),
        ]),
      ),
  );

const anyCalendar = fc
  .record({
    closed: fc.array(anyDay, { maxLength: 10 }),
    away: fc.array(fc.tuple(anyDay, fc.integer({ min: 0, max: 20 })), { maxLength: 3 }),
  })
  .map(
    ({ closed, away }): WorkCalendar => ({
      closed_days: closed.map((on) => ({ on })),
      away: away.map(([from, days]) => ({ from, to: addDays(from, days) })),
      weekend: [6, 7],
    }),
  );

const anyFacts = fc.record({ commitments: anyCommitments, nextContacts: anyContacts, calendar: anyCalendar });
const anyOptions = fc.record({ on: anyDay, days: fc.integer({ min: 0, max: 60 }), all: fc.boolean() });
const promisesOf = (list: DueList) => list.items.filter(isPromise);
const ids = (...[facts, options]: Parameters<typeof listDue>): readonly string[] =>
  promisesOf(listDue(facts, options)).map(({ commitment }) => commitment.id);

describe('what is due', () => {
  it('loses nothing of mine or of staff that is due, and nothing at all with all', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, (facts, options) => {
        const listed = new Set(ids(facts, options));
        for (const { id, status, owner, due } of facts.commitments) {
          if (status !== 'open') expect(listed.has(id)).toBe(false);
          else if (options.all || (owner !== 'patient' && due !== null && due <= options.on))
            expect(listed.has(id)).toBe(true);
          else if (owner === 'patient') expect(listed.has(id)).toBe(false);
        }
      }),
    );
  });

  it('shows what falls on a closed day on the last open day before, and on every day between', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, (facts, options) => {
        for (const { commitment, group } of promisesOf(listDue(facts, { ...options, all: true }))) {
          if (commitment.due === null || commitment.due <= options.on) continue;
          const length = daysBetween(options.on, commitment.due);
          const between = Array.from({ length }, (_, days) => addDays(options.on, days + 1));
          const allClosed = between.every(closedTest(facts.calendar));
          expect(group).toBe(allClosed ? 'closed_day' : 'ahead');
        }
      }),
    );
  });

  it('stands in one order, whatever order it comes in', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, fc.infiniteStream(fc.nat()), (facts, options, chances) => {
        const shuffled = facts.commitments
          .map((commitment) => ({ commitment, chance: chances.next().value }))
          .sort((left, right) => left.chance - right.chance)
          .map(({ commitment }) => commitment);
        expect(ids({ ...facts, commitments: shuffled }, options)).toEqual(ids(facts, options));
      }),
    );
  });

  it('puts overdue calls and checks first, then the longest overdue', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, (facts, options) => {
        const overdue = promisesOf(listDue(facts, options)).filter(({ group }) => group === 'overdue');
        for (const [place, item] of overdue.entries()) {
          const next = overdue[place + 1];
          if (next === undefined) continue;
          const pressing = [item, next].map(({ commitment: { kind } }) => ['call', 'check'].includes(kind));
          expect(pressing).not.toEqual([false, true]);
          if (pressing[0] === pressing[1])
            expect((item.commitment.due ?? '') <= (next.commitment.due ?? '')).toBe(true);
        }
      }),
    );
  });

  it('never counts a patient late, and counts what it lists', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, (facts, options) => {
        const list = listDue(facts, options);
        for (const { commitment, group, daysLate } of promisesOf(list)) {
          const isLate = group === 'overdue' && commitment.owner !== 'patient';
          expect(daysLate).toBe(isLate ? daysBetween(commitment.due ?? start, options.on) : null);
        }
        const own = promisesOf(list).filter(({ commitment }) => commitment.owner !== 'patient');
        expect(howManyDue(list)).toBe(
          own.filter(({ group }) => ['overdue', 'today', 'closed_day'].includes(group)).length,
        );
      }),
    );
  });

  it('needs no commitment from beyond the last day that it names', () => {
    fc.assert(
      fc.property(anyFacts, anyOptions, (facts, options) => {
        const last = lastDueListed(options, facts.calendar);
        if (last === undefined) return;
        const near = facts.commitments.filter(({ due }) => due !== null && due <= last);
        expect(ids({ ...facts, commitments: near }, options)).toEqual(ids(facts, options));
      }),
    );
  });

  it('orders what is due today by the time of the visit, then calls first; other days by the next visit', () => {
    const at = (patient_id: string, time: string) =>
      [
        patient_id,
        stored<Contact>(patient_id, aContact(start, { patient_id, state: 'planned', at: time })),
      ] as const;
    const facts = {
      commitments: ['a', 'b', 'c', 'd', 'e'].map((id) =>
        made({
          id,
          due: start,
          kind: id === 'a' || id === 'd' ? 'call' : 'other',
          patient_id: id === 'c' ? 'p1' : id === 'a' ? 'p2' : 'p3',
        }),
      ),
      nextContacts: new Map([at('p1', '09:00'), at('p2', '10:00')]),
      calendar: plainCalendar,
    };
    expect(ids(facts, { on: start, days: 0, all: false })).toEqual(['c', 'a', 'd', 'b', 'e']);
    expect(ids(facts, { on: addDays(start, -2), days: 2, all: false })).toEqual(['a', 'd', 'c', 'b', 'e']);
  });
});
