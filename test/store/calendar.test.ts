import { describe, expect } from 'vitest';
import { day } from '../support/values.ts';
import { it } from './bench.ts';

describe('the calendar', () => {
  it('adds and renames days, adds spans, sets the weekend, and is undone like all else', ({ store }) => {
    const { calendar, history } = store;
    expect(calendar.read()).toEqual({ closed_days: [], away: [], weekend: [6, 7] });
    store.write({ verb: 'calendar add' }, () =>
      calendar.merge({
        closed_days: [
          { on: day('2026-12-25'), name: null },
          { on: day('2026-01-06'), name: 'Epiphany' },
        ],
        away: [{ from: day('2026-08-01'), to: day('2026-08-15'), reason: 'leave' }],
      }),
    );
    const first = calendar.read();
    store.write({ verb: 'calendar add' }, () =>
      calendar.merge({
        closed_days: [{ on: day('2026-12-25'), name: 'Christmas' }],
        away: [{ from: day('2026-08-01'), to: day('2026-08-15'), reason: null }],
        weekend: [5, 6],
      }),
    );
    expect(calendar.read()).toEqual({
      closed_days: [
        { on: '2026-01-06', name: 'Epiphany' },
        { on: '2026-12-25', name: 'Christmas' },
      ],
      away: [{ from: '2026-08-01', to: '2026-08-15', reason: null }],
      weekend: [5, 6],
    });
    const newest = String(history.newest()?.id);
    expect(history.records(newest).map((record) => [record.table, record.change, record.id])).toEqual([
      ['closed_day', 'changed', '2026-12-25'],
      ['away', 'changed', '2026-08-01'],
      ['weekend', 'added', '1'],
    ]);
    store.write({ verb: 'undo' }, () => history.undo(newest));
    expect(calendar.read()).toEqual(first);
    const { operation = '' } = store.write({ verb: 'calendar remove' }, () =>
      calendar.remove({
        closed_days: [
          { on: day('2026-12-25'), name: null },
          { on: day('2026-12-26'), name: null },
        ],
        away: [{ from: day('2026-08-01'), to: day('2026-08-15'), reason: null }],
      }),
    );
    expect(calendar.read()).toEqual({
      closed_days: [{ on: '2026-01-06', name: 'Epiphany' }],
      away: [],
      weekend: [6, 7],
    });
    store.write({ verb: 'undo' }, () => history.undo(operation));
    expect(calendar.read()).toEqual(first);
  });
});
