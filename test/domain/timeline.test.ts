/** What stands on a timeline, and on which day; drawn and spoken so that nothing is left out in silence. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Commitment, commitmentKinds, type Patient } from '../../src/domain/records.ts';
import { composeTimeline } from '../../src/domain/timeline-events.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

type TimelineFacts = Parameters<typeof composeTimeline>[0];

const on = day('2026-03-12');
const patient: Patient = stored('p', aPatient('ana', { name: 'Ana Berg', first_met: '2020-02' }));
const plain: TimelineFacts = { patient, people: [], notes: [], commitments: [], contacts: [] };
const promise = (id: string, fields: Parameters<typeof aPromise>[1]): Commitment =>
  stored(id, aPromise(id, { patient_id: 'p', made_on: '2025-01-10', ...fields }));
const compose = (facts: Partial<TimelineFacts>, sensitive = false) =>
  composeTimeline({ ...plain, ...facts }, { on, sensitive });
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
