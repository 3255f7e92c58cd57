/** Closed days, time away and the weekend: few rows, read whole. */
import type { Away, CalendarRecords, ClosedDay } from '../domain/records.ts';
import type { Parts } from './records.ts';
import { rowOf, tableNamed } from './tables.ts';

const usualWeekend: readonly number[] = [6, 7];

type Days = Partial<Pick<CalendarRecords, 'closed_days' | 'away'>>;

export function calendarIn({ sql, unit }: Pick<Parts, 'sql' | 'unit'>) {
  /** Adds a row, changes the one of the same key, or without `fields` takes that out. */
  const put = (name: string, key: Readonly<Record<string, string>>, fields?: object): void => {
    const table = tableNamed(name);
    const where = ['true', ...Object.keys(key).map((column) => `"${column}" = ?`)].join(' AND ');
    const found = sql.get<{ number: number }>(
      `SELECT number FROM ${name} WHERE ${where}`,
      ...Object.values(key),
    );
    if (fields === undefined) {
      if (found !== undefined) unit.remove(table, found.number);
    } else if (found === undefined) unit.insert(table, rowOf(table, fields));
    else unit.update(table, found.number, rowOf(table, fields));
  };
  return {
    read(): CalendarRecords {
      const weekend = sql.get<{ days: string }>('SELECT days FROM weekend');
      return {
        closed_days: sql.all<ClosedDay>('SELECT "on", name FROM closed_day ORDER BY "on"'),
        away: sql.all<Away>('SELECT "from", "to", reason FROM away ORDER BY "from", "to"'),
        weekend: weekend === undefined ? usualWeekend : (JSON.parse(weekend.days) as number[]),
      };
    },
    merge({ closed_days = [], away = [], weekend }: Partial<CalendarRecords>): void {
      for (const day of closed_days) put('closed_day', { on: day.on }, day);
      for (const span of away) put('away', { from: span.from, to: span.to }, span);
      if (weekend !== undefined) put('weekend', {}, { days: weekend });
    },
    remove({ closed_days = [], away = [] }: Days): void {
      for (const { on } of closed_days) put('closed_day', { on });
      for (const { from, to } of away) put('away', { from, to });
    },
  };
}
