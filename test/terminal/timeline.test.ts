/** A timeline as it is drawn and as it is read aloud: within the width, without colour, with nothing lost in silence. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worldOf } from '../../src/domain/losses.ts';
import { channels, newCommitment, newContact, newNote, newPatient } from '../../src/domain/records.ts';
import { widthOf } from '../../src/domain/text.ts';
import { composeTimeline, type Timeline } from '../../src/domain/timeline-events.ts';
import { renderTimeline, speakTimeline } from '../../src/terminal/timeline-view.ts';
import { screenOf, taggedStyle } from '../support/rendering.ts';
import { contactStates } from '../support/sample.ts';
import { anyDate, day, partial } from '../support/values.ts';

type TimelineFacts = Parameters<typeof composeTimeline>[0];

const on = day('2026-03-12');
const dates = anyDate('1990-01-01', '2032-12-31');
const texts = fc.constantFrom(
  'bakes',
  '李明 sees the sea',
  'x'.repeat(300),
  '\u001b[31mred\nline',
  'word '.repeat(60),
);
const facts: fc.Arbitrary<TimelineFacts> = fc
  .record({
    name: texts,
    met: fc.option(dates, { nil: null }),
    contacts: fc.array(
      fc.record({
        on: dates,
        channel: fc.constantFrom(...channels),
        state: fc.constantFrom(...contactStates),
        gist: texts,
      }),
      { maxLength: 60 },
    ),
    notes: fc.array(
      fc.record({
        kind: fc.constantFrom('milestone' as const, 'loss' as const),
        text: texts,
        date: fc.option(
          fc.oneof(
            dates,
            dates.map((date) => partial(`--${date.slice(5)}`)),
            dates.map((date) => partial(date.slice(0, 7))),
            dates.map((date) => partial(date.slice(0, 4))),
          ),
          { nil: null },
        ),
        yearly: fc.boolean(),
        sensitive: fc.boolean(),
      }),
      { maxLength: 30 },
    ),
    due: fc.array(dates, { maxLength: 20 }),
  })
  .map(({ name, met, contacts, notes, due }) => {
    const named = <R>(prefix: string, records: readonly R[]) =>
      records.map((record, index) => ({ ...record, id: `${prefix}${index}`, ref: `${prefix}${index}` }));
    return {
      patient: { ...newPatient({ name, handle: 'p', first_met: met }), id: 'p', ref: 'p' },
      people: [],
      contacts: named(
        'v',
        contacts.map((one) => newContact({ patient_id: 'p', ...one })),
      ),
      notes: named(
        'n',
        notes.map((one) => newNote({ patient_id: 'p', recorded_on: on, ...one })),
      ),
      commitments: named(
        'c',
        due.map((date) =>
          newCommitment({ patient_id: 'p', text: 'call', owner: 'me', kind: 'call', made_on: on, due: date }),
        ),
      ),
    };
  });
const nobody: TimelineFacts = {
  patient: { ...newPatient({ name: 'Ana', handle: 'ana' }), id: 'p', ref: 'p' },
  people: [],
  notes: [],
  contacts: [],
  commitments: [],
};
const compose = (given: TimelineFacts): Timeline => composeTimeline(given, worldOf(given, on), on);
const draw = async (timeline: Timeline, columns: number): Promise<readonly string[]> =>
  (await renderTimeline(timeline, 'p', screenOf(columns), false)).split('\n');
const laneOf = (lines: readonly string[], name: string): string =>
  (lines.find((line) => line.startsWith(name)) ?? '').slice('MILESTONES  '.length);

describe('a drawn timeline', () => {
  it('fits every width from 40 to 200', async () => {
    await fc.assert(
      fc.asyncProperty(facts, fc.integer({ min: 40, max: 200 }), async (given, columns) => {
        for (const line of await draw(compose(given), columns)) {
          expect(widthOf(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\u0000-\u001f]/u);
        }
      }),
    );
  });

  it('marks every event in its lane, or counts it', async () => {
    await fc.assert(
      fc.asyncProperty(facts, fc.integer({ min: 40, max: 200 }), async (given, columns) => {
        const timeline = compose(given);
        const lines = await draw(timeline, columns);
        for (const lane of ['visits', 'contacts'] as const) {
          const events = timeline.events.filter((event) => event.lane === lane);
          const drawn = events.filter(({ on: at }) => at >= timeline.from && at <= timeline.to).length;
          const counted = [...laneOf(lines, lane.toUpperCase())].reduce(
            (sum, cell) => sum + (cell === ' ' ? 0 : /\d/.test(cell) ? Number(cell) : 1),
            0,
          );
          if (!laneOf(lines, lane.toUpperCase()).includes('#')) expect(counted).toBe(drawn);
        }
        if (timeline.private > 0)
          expect(lines.slice(-2).join(' ')).toContain(
            `+ ${timeline.private} private: rapport timeline p --sensitive`,
          );
      }),
    );
  });

  it('shows what is still late over all else in its column, and tells it below', async () => {
    const promise = (id: string, due: string, closed: string | null) => ({
      ...newCommitment({
        patient_id: 'p',
        text: id,
        owner: 'me',
        kind: 'call',
        made_on: on,
        due: day(due),
        status: closed === null ? 'open' : 'kept',
        closed_on: closed === null ? null : day(closed),
      }),
      id,
      ref: id,
    });
    const timeline = compose({
      patient: {
        ...newPatient({ name: 'Ana', handle: 'ana', first_met: partial('2016') }),
        id: 'p',
        ref: 'p',
      },
      people: [],
      notes: [],
      contacts: [],
      commitments: [
        promise('kept', '2026-03-05', '2026-03-05'),
        promise('Send the leaflet', '2026-03-04', null),
        promise('slow', '2020-03-04', '2020-03-09'),
      ],
    });
    const lines = await draw(timeline, 80);
    expect(laneOf(lines, 'PROMISES').trim()).toMatch(/^~ +!$/);
    expect(lines).toContain('!  4 Mar 2026  promise open, 8 days late: Send the leaflet');
    expect(lines).toContain('~ kept late   ! late, open');
    const tagged = await renderTimeline(timeline, 'p', screenOf(80, taggedStyle), false);
    expect(tagged).toContain('<overdue>!</overdue>');
  });

  it.each([
    ['2020-02-11', '2020      2021      2022      2023     2024      2025'],
    ['2025-01-20', '2025         Apr         Jul          Oct          2026'],
    ['1930-05-01', '1930  1940   1950  1960  1970   1980  1990  2000   2010  2020'],
  ])('names the years or months since %s over its axis', async (from, labels) => {
    const met = newContact({ patient_id: 'p', on: day(from), channel: 'visit', state: 'held' });
    const timeline = compose({ ...nobody, contacts: [{ ...met, id: 'v', ref: 'v' }] });
    expect((await draw(timeline, 74))[3]?.trim()).toBe(labels);
  });

  it('says where there is nothing to draw', async () => {
    expect(await draw(compose(nobody), 80)).toEqual(['Ana', 'Nothing with a date yet']);
  });
});

describe('a spoken timeline', () => {
  it('has a line for each event, and nothing drawn', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const timeline = compose(given);
        const lines = speakTimeline(timeline, 'p').split('\n');
        const headings = lines.filter((line) => /^(?:Year \d{4}|Every year)$/.test(line)).length;
        const ends = Number(timeline.undated > 0) + Number(timeline.private > 0);
        expect(lines).toHaveLength(2 + timeline.events.length + headings + ends);
        expect(lines.join('')).not.toMatch(/[|^~@#│─·]|--{2}/u);
      }),
    );
  });
});
