/** What all kinds of record share: look-up by id, insert, update, and the check against what was shown. */
import type { New, Patch } from '../domain/records.ts';
import { notFound } from '../errors.ts';
import { changedMeanwhile, differing, type Meanwhile, type Seen } from './meanwhile.ts';
import type { Merges } from './merges.ts';
import type { Scalar, Sql, StoreNeeds } from './sql.ts';
import { asJson, decode, encode, encodeWhole, type RecordTable } from './tables.ts';
import type { UnitOfWork } from './unit-of-work.ts';

export interface Parts {
  readonly sql: Sql;
  readonly unit: UnitOfWork;
  readonly merges: Merges;
  readonly meanwhile: Meanwhile;
  readonly needs: StoreNeeds;
}

export class RecordRepository<R extends Seen> {
  protected readonly sql: Sql;
  protected readonly unit: UnitOfWork;
  protected readonly table: RecordTable<R>;
  readonly #needs: StoreNeeds;
  readonly #meanwhile: Meanwhile;

  constructor(parts: Parts, table: RecordTable<R>) {
    this.sql = parts.sql;
    this.unit = parts.unit;
    this.#needs = parts.needs;
    this.#meanwhile = parts.meanwhile;
    this.table = table;
  }

  byId(id: string): R | undefined {
    const row = this.sql.get(`SELECT * FROM ${this.table.name} WHERE id = ?`, id);
    return row && decode(this.table, row);
  }

  byIds<K extends keyof R & string>(
    ids: Iterable<string>,
    fields: readonly K[],
  ): ReadonlyMap<string, Pick<R, K | 'id'>> {
    const { name } = this.table;
    const records = this.#fromJson<Pick<R, K | 'id'>>(
      `SELECT json_group_array(${asJson(this.table, ['id', ...fields])}) AS records
         FROM json_each(?) AS asked CROSS JOIN ${name} ON ${name}.id = asked.value`,
      JSON.stringify([...ids]),
    );
    return new Map(records.map((record) => [record.id, record]));
  }

  /** The record as it is now. @throws conflict, saying what became of it */
  present(seen: R): R {
    const now = this.byId(seen.id);
    if (now === undefined || now.patient_id !== seen.patient_id)
      throw this.#meanwhile.of(this.table.name, seen);
    return now;
  }

  /** The record, if it is as it was shown but for additions to its lists. @throws conflict */
  asSeen(seen: R): R {
    const now = this.present(seen);
    const fields = differing(this.table, seen, now);
    if (fields.length > 0) throw changedMeanwhile(now, fields);
    return now;
  }

  /** Changes a record if it is still as it was shown. @throws conflict */
  change(seen: R, patch: (fresh: R) => Patch<R>): R {
    return this.update(seen.id, patch(this.asSeen(seen)));
  }

  insert(record: New<R>): R {
    const { number, ref } = this.unit.draw(this.table.name);
    const own = { number, id: record.id ?? this.#needs.newId(), ref };
    return decode(this.table, this.unit.insert(this.table, encodeWhole(this.table, record, own)));
  }

  update(id: string, patch: Patch<R>): R {
    const fields = encode(this.table, patch);
    if ('id' in fields || 'ref' in fields) throw new Error('an id or a ref never changes');
    return decode(this.table, this.unit.update(this.table, this.numberOf(id), fields));
  }

  protected numberOf(id: string): number {
    const row = this.sql.get<{ number: number }>(`SELECT number FROM ${this.table.name} WHERE id = ?`, id);
    if (row === undefined) throw notFound(`no such ${this.table.name}`);
    return row.number;
  }

  protected select(rest: string, ...values: readonly Scalar[]): readonly R[] {
    return this.sql.map(
      `SELECT * FROM ${this.table.name} ${rest}`,
      (row) => decode(this.table, row),
      ...values,
    );
  }

  /** For thousands of rows: one JSON text, since each value that crosses from SQLite costs time. */
  protected selectMany(where: string, order: string, ...values: readonly Scalar[]): readonly R[] {
    return this.#fromJson<R>(
      `SELECT json_group_array(${asJson(this.table)} ORDER BY ${order}) AS records FROM ${this.table.name} ${where}`,
      ...values,
    );
  }

  #fromJson<T>(text: string, ...values: readonly Scalar[]): readonly T[] {
    return JSON.parse(this.sql.get<{ records: string }>(text, ...values)?.records ?? '[]') as readonly T[];
  }
}
