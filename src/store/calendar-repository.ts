/** Closed days, time away and the weekend: few rows, read whole. */
import type { CivilDate } from '../dates/civil.ts';
import type { Sql } from './sql.ts';
import { encode, type TrackedTable, tables } from './tables.ts';
import type { UnitOfWork } from './unit-of-work.ts';

export interface ClosedDay {
  readonly on: CivilDate;
  readonly name: string | null;
}

export interface Away {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly reason: string | null;
}

export interface CalendarRecords {
  readonly closed_days: readonly ClosedDay[];
  readonly away: readonly Away[];
  /** ISO weekdays, 1 Monday to 7 Sunday. */
  readonly weekend: readonly number[];
}

const usualWeekend: readonly number[] = [6, 7];

export class CalendarRepository {
  readonly #sql: Sql;
  readonly #unit: UnitOfWork;

  constructor(parts: { readonly sql: Sql; readonly unit: UnitOfWork }) {
    this.#sql = parts.sql;
    this.#unit = parts.unit;
  }

  read(): CalendarRecords {
    const weekend = this.#sql.get<{ days: string }>('SELECT days FROM weekend');
    return {
      closed_days: this.#sql.all<ClosedDay>('SELECT "on", name FROM closed_day ORDER BY "on"'),
      away: this.#sql.all<Away>('SELECT "from", "to", reason FROM away ORDER BY "from", "to"'),
      weekend: weekend === undefined ? usualWeekend : (JSON.parse(weekend.days) as number[]),
    };
  }

  merge(records: Partial<CalendarRecords>): void {
    for (const day of records.closed_days ?? [])
      this.#put(tables.closedDay, day, 'SELECT number FROM closed_day WHERE "on" = ?', day.on);
    for (const away of records.away ?? [])
      this.#put(
        tables.away,
        away,
        'SELECT number FROM away WHERE "from" = ? AND "to" = ?',
        away.from,
        away.to,
      );
    if (records.weekend !== undefined)
      this.#put(tables.weekend, { days: records.weekend }, 'SELECT number FROM weekend');
  }

  remove({ closed_days = [], away = [] }: Pick<Partial<CalendarRecords>, 'closed_days' | 'away'>): void {
    for (const { on } of closed_days)
      this.#drop(tables.closedDay, 'SELECT number FROM closed_day WHERE "on" = ?', on);
    for (const { from, to } of away)
      this.#drop(tables.away, 'SELECT number FROM away WHERE "from" = ? AND "to" = ?', from, to);
  }

  #drop(table: TrackedTable, lookUp: string, ...values: readonly string[]): void {
    const found = this.#sql.get<{ number: number }>(lookUp, ...values);
    if (found !== undefined) this.#unit.remove(table, found.number);
  }

  #put(table: TrackedTable, fields: object, lookUp: string, ...values: readonly string[]): void {
    const found = this.#sql.get<{ number: number }>(lookUp, ...values);
    if (found === undefined) this.#unit.insert(table, encode(table, fields));
    else this.#unit.update(table, found.number, encode(table, fields));
  }
}
