/** Records of any kind, read and changed, and the calendar. Trap: no message of a change meanwhile holds a patient's text. */
import type { Away, CalendarRecords, ClosedDay, New, Patch, RecordName } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { conflict, Failure, notFound } from '../errors.ts';
import type { Merges } from './history.ts';
import type { Scalar, Sql, StoreNeeds } from './sql.ts';
import { jsonOf, readJson, rowOf, type Table, tableNamed } from './tables.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A patient's own record has no `patient_id`. */
interface Seen {
  readonly id: string;
  readonly ref: string;
  readonly patient_id?: string;
  readonly sensitive?: boolean;
}

export interface Parts {
  readonly sql: Sql;
  readonly unit: UnitOfWork;
  readonly merges: Merges;
  readonly needs: StoreNeeds;
}

/** What all kinds of record share, and below it what their named queries are made of. */
export function recordsOf<R extends Seen>(name: RecordName, parts: Parts) {
  const { sql, unit, needs } = parts;
  const table = tableNamed(name);
  /** @param from the table, perhaps joined to others */
  const selectFrom = (from: string, ...values: readonly Scalar[]): readonly R[] =>
    readJson(sql, `SELECT ${jsonOf(table)} FROM ${from}`, ...values);
  /** @param rest what follows the table's name: joins, conditions, order */
  const select = (rest: string, ...values: readonly Scalar[]) => selectFrom(`${name} ${rest}`, ...values);
  /** Those of the patients whose ids are given. */
  const selectOf = (ids: readonly string[], rest: string, ...values: readonly Scalar[]) =>
    selectFrom(
      `json_each(?) AS asked CROSS JOIN ${name} ON ${name}.patient_id = asked.value ${rest}`,
      JSON.stringify(ids),
      ...values,
    );
  const byId = (id: string): R | undefined => select('WHERE id = ?', id)[0];
  const numberOf = (id: string): number => {
    const number = sql.value<number>(`SELECT number FROM ${name} WHERE id = ?`, id);
    if (number === undefined) throw notFound(`no such ${name}`);
    return number;
  };
  /** The record as it is now. @throws conflict, saying what became of it */
  const present = (seen: R): R => {
    const now = byId(seen.id);
    if (now === undefined || now.patient_id !== seen.patient_id) throw whyGone(parts, name, seen);
    return now;
  };
  /** The record, if it is as it was shown but for additions to its lists. @throws conflict */
  const asSeen = (seen: R): R => {
    const now = present(seen);
    const fields = differing(table, seen, now);
    if (fields.length > 0) throw changedMeanwhile(now, fields);
    return now;
  };
  const update = (id: string, patch: Patch<R>): R => {
    const fields = rowOf(table, patch);
    if ('id' in fields || 'ref' in fields) throw new Error('an id or a ref never changes');
    const number = numberOf(id);
    unit.update(table, number, fields);
    return select('WHERE number = ?', number)[0] as R;
  };
  return {
    records: {
      byId,
      /** @param fields all unless given */
      byIds<K extends keyof R & string = keyof R & string>(
        ids: Iterable<string>,
        fields?: readonly K[],
      ): ReadonlyMap<string, Pick<R, K | 'id'>> {
        const records = readJson<Pick<R, K | 'id'>>(
          sql,
          `SELECT ${jsonOf(table, fields && ['id', ...fields])} FROM json_each(?) AS asked CROSS JOIN ${name} ON ${name}.id = asked.value`,
          JSON.stringify([...ids]),
        );
        return new Map(records.map((record) => [record.id, record]));
      },
      present,
      asSeen,
      /** Changes a record if it is still as it was shown. @throws conflict */
      change: (seen: R, patch: (fresh: R) => Patch<R>): R => update(seen.id, patch(asSeen(seen))),
      insert(record: New<R>): R {
        const { number, ref } = unit.draw(name);
        const given: Fields = { ...record, id: record.id ?? needs.newId(), ref };
        // In the order of the columns, as records are read.
        const whole = Object.fromEntries(Object.keys(table.columns).map((field) => [field, given[field]]));
        unit.insert(table, { number, ...rowOf(table, whole) });
        return whole as unknown as R;
      },
      update,
      /** No record may refer to it any more. */
      remove: (id: string): void => unit.remove(table, numberOf(id)),
      numberOf,
    },
    select,
    selectFrom,
    selectOf,
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that differ from what was shown, lists left out: they are appended to. */
const differing = ({ columns }: Table, seen: Seen, now: Seen): readonly string[] =>
  Object.entries(columns).flatMap(([field, kind]) =>
    kind !== 'json' && (seen as unknown as Fields)[field] !== (now as unknown as Fields)[field]
      ? [field]
      : [],
  );

const wordsOf = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : printable(String(value));

function changedMeanwhile(now: Seen, fields: readonly string[]): Failure {
  const changes = fields.map((field) => ({
    called: field.replaceAll('_', ' '),
    says: wordsOf((now as unknown as Fields)[field]),
  }));
  const named = changes.map(({ called, says }) => (called === 'status' ? `now ${says}` : called));
  return new Failure(
    'conflict',
    `another command changed ${now.ref} meanwhile (${named.join(', ')})`,
    ['run your command again: it then shows what is there now'],
    [],
    now.sensitive ? [] : changes.map(({ called, says }) => `${now.ref} now, ${called}: ${says}`),
  );
}

const undone = (what: string): Failure =>
  conflict(`an undo took ${what} out meanwhile`, 'rapport undo --list');

/** Why a patient is no longer there; undefined where they are. */
export function whyPatientGone({ sql, merges }: Parts, id: string): Failure | undefined {
  if (sql.has('SELECT 1 FROM patient WHERE id = ?', id)) return undefined;
  const kept = merges.keptFor(id);
  if (kept !== undefined) {
    const handle = sql.value<string>('SELECT handle FROM patient WHERE id = ?', kept);
    const hints = handle ? [`see the patient who was kept: rapport patient show ${handle}`] : [];
    return conflict('another command merged this patient into another one meanwhile', ...hints);
  }
  return sql.has(`SELECT 1 FROM change WHERE patient_id = ? AND record = 'patient'`, id)
    ? undone('the patient')
    : conflict('another command forgot this patient meanwhile');
}

function whyGone(parts: Parts, name: RecordName, { id, ref, patient_id = id }: Seen): Failure {
  const patient = whyPatientGone(parts, patient_id);
  if (patient !== undefined) return patient;
  if (parts.sql.has(`SELECT 1 FROM ${name} WHERE id = ?`, id))
    return conflict(
      `${ref} was moved to another patient meanwhile`,
      'run this again if it is to be changed there',
    );
  return parts.sql.has('SELECT 1 FROM ref WHERE ref = ?', ref)
    ? undone(ref)
    : conflict(`${ref} was erased meanwhile`);
}

const usualWeekend: readonly number[] = [6, 7];

type Days = Partial<Pick<CalendarRecords, 'closed_days' | 'away'>>;

/** Closed days, time away and the weekend: few rows, read whole. */
export function calendarIn({ sql, unit }: Parts) {
  /** Adds a row, changes the one of the same key, or without `fields` takes that out. */
  const put = (name: string, key: Readonly<Record<string, string>>, fields?: object): void => {
    const table = tableNamed(name);
    const where = ['true', ...Object.keys(key).map((column) => `"${column}" = ?`)].join(' AND ');
    const number = sql.value<number>(`SELECT number FROM ${name} WHERE ${where}`, ...Object.values(key));
    if (fields === undefined) {
      if (number !== undefined) unit.remove(table, number);
    } else if (number === undefined) unit.insert(table, rowOf(table, fields));
    else unit.update(table, number, rowOf(table, fields));
  };
  return {
    read(): CalendarRecords {
      const weekend = sql.value<string>('SELECT days FROM weekend');
      return {
        closed_days: sql.all<ClosedDay>('SELECT "on", name FROM closed_day ORDER BY "on"'),
        away: sql.all<Away>('SELECT "from", "to", reason FROM away ORDER BY "from", "to"'),
        weekend: weekend === undefined ? usualWeekend : (JSON.parse(weekend) as number[]),
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
