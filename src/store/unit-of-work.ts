/** The one way to change records: a `write` is one transaction, one operation; undo replays its images as another. */
import { conflict, notFound } from '../errors.ts';
import type { AccessLog } from './chained-log.ts';
import type { Indexes } from './indexes.ts';
import { isUniqueViolation, type Row, type Scalar, type Sql, type StoreNeeds } from './sql.ts';
import { type TrackedTable, tableNamed } from './tables.ts';

/** The verb is the command's name ('patient set'), never a patient's text. */
export interface Intent {
  readonly verb: string;
  readonly undoable?: boolean;
}

/** Record numbers are unique over all records; the calendar's rows carry their table's name. */
type Touched = number | string;

interface Current {
  readonly intent: Intent;
  /** Created by the first change: an operation without changes leaves no trace. */
  operation: { readonly number: number; readonly id: string } | undefined;
  step: number;
  isErasing: boolean;
  /** By patient. A single record stands by itself: a long list touches one record of each. */
  readonly touched: Map<string | null, Touched | Set<Touched>>;
}

export interface ChangeRow {
  readonly step: number;
  readonly record: string;
  readonly number: number;
  readonly patient_id: string | null;
  readonly before: string | null;
}

const refTries = 50;
const patientOf = (table: TrackedTable, row: Row): string | null => {
  const id = row[table.name === 'patient' ? 'id' : 'patient_id'];
  return typeof id === 'string' ? id : null;
};

export class UnitOfWork {
  readonly #sql: Sql;
  readonly #log: AccessLog;
  readonly #indexes: Indexes;
  readonly #needs: StoreNeeds;
  readonly #inserts = new Map<TrackedTable, { readonly columns: readonly string[]; readonly text: string }>();
  #current: Current | undefined;

  constructor(sql: Sql, log: AccessLog, indexes: Indexes, needs: StoreNeeds) {
    this.#sql = sql;
    this.#log = log;
    this.#indexes = indexes;
    this.#needs = needs;
  }

  /** Rolls back if the work throws. @returns the work's value, and the operation's id if anything changed */
  write<T>(intent: Intent, work: () => T): { readonly value: T; readonly operation: string | undefined } {
    if (this.#current !== undefined) throw new Error('one write at a time');
    const current: Current = { intent, operation: undefined, step: 0, isErasing: false, touched: new Map() };
    this.#current = current;
    try {
      return this.#sql.immediate(
        () => {
          this.#indexes.begin();
          const value = work();
          this.#finish(current);
          if (current.isErasing) this.#needs.erasing?.();
          return { value, operation: current.operation?.id };
        },
        ({ operation }) => operation === undefined || this.#isThere(operation),
      );
    } finally {
      this.#current = undefined;
    }
  }

  #isThere(operation: string): boolean {
    return this.#sql.get('SELECT 1 FROM operation WHERE id = ?', operation) !== undefined;
  }

  get #open(): Current {
    if (this.#current === undefined) throw new Error('records change only inside write');
    return this.#current;
  }

  beginErasing(): void {
    const current = this.#open;
    if (current.intent.undoable !== false) throw new Error('only a write that is not undoable may erase');
    current.isErasing = true;
    this.#indexes.rebuildText();
  }

  get operation(): number {
    const current = this.#open;
    if (current.operation === undefined) {
      const id = this.#needs.newId();
      const { number } = this.#sql.run(
        'INSERT INTO operation (id, at, verb, undoable) VALUES (?, ?, ?, ?)',
        id,
        this.#needs.instant(),
        current.intent.verb,
        current.intent.undoable === false ? 0 : 1,
      );
      current.operation = { number, id };
    }
    return current.operation.number;
  }

  touch(patientId: string | null, table: TrackedTable, number: number): void {
    void this.operation;
    const { touched } = this.#open;
    const record = patientId === null ? `${table.name} ${number}` : number;
    const records = touched.get(patientId);
    if (records === undefined) touched.set(patientId, record);
    else if (records instanceof Set) records.add(record);
    else if (records !== record) touched.set(patientId, new Set([records, record]));
  }

  draw(record: TrackedTable['name']): { readonly number: number; readonly ref: string } {
    void this.#open;
    for (let tries = 0; tries < refTries; tries += 1) {
      const ref = this.#needs.newRef();
      const { changes, number } = this.#sql.run(
        'INSERT OR IGNORE INTO ref (ref, record) VALUES (?, ?)',
        ref,
        record,
      );
      if (changes === 1) return { number, ref };
    }
    throw new Error('no free ref was drawn');
  }

  insert(table: TrackedTable, row: Row): Row {
    const number = this.#insertRow(table, row);
    const added = 'number' in row ? row : { number, ...row };
    this.#follow(table, undefined, added);
    return added;
  }

  update(table: TrackedTable, number: number, fields: Row): Row {
    const before = this.row(table, number);
    if (before === undefined) throw notFound(`no such ${table.name}`);
    const columns = Object.keys(fields).filter((column) => fields[column] !== before[column]);
    if (columns.length === 0) return before;
    this.#sql.run(
      `UPDATE ${table.name} SET ${columns.map((column) => `"${column}" = ?`).join(', ')} WHERE number = ?`,
      ...columns.map((column): Scalar => fields[column] ?? null),
      number,
    );
    const after = { ...before, ...fields };
    this.#follow(table, before, after, columns);
    return after;
  }

  remove(table: TrackedTable, number: number): void {
    const before = this.row(table, number);
    if (before === undefined) return;
    this.#sql.run(`DELETE FROM ${table.name} WHERE number = ?`, number);
    this.#follow(table, before, undefined);
  }

  row(table: TrackedTable, number: number): Row | undefined {
    return this.#sql.get(`SELECT * FROM ${table.name} WHERE number = ?`, number);
  }

  replay(operation: number): void {
    const changes = this.#sql.all<ChangeRow>(
      'SELECT step, record, number, patient_id, before FROM change WHERE operation = ? ORDER BY step DESC',
      operation,
    );
    this.#indexes.expect(changes.length);
    for (const change of changes) {
      const table = tableNamed(change.record);
      if (change.before === null) {
        this.remove(table, change.number);
        continue;
      }
      const image = JSON.parse(change.before) as Row;
      if (this.row(table, change.number) === undefined) this.insert(table, image);
      else this.update(table, change.number, image);
    }
  }

  #insertRow(table: TrackedTable, row: Row): number {
    try {
      return this.#sql.run(this.#insertText(table, Object.keys(row)), ...Object.values(row)).number;
    } catch (error) {
      if (isUniqueViolation(error)) throw conflict(`a ${table.name} with this id is there already`);
      throw error;
    }
  }

  /** A long import inserts many rows with the same columns: the statement is built once. */
  #insertText(table: TrackedTable, columns: readonly string[]): string {
    const last = this.#inserts.get(table);
    if (last?.columns.length === columns.length && columns.every((name, at) => name === last.columns[at]))
      return last.text;
    const names = columns.map((column) => `"${column}"`).join(', ');
    const text = `INSERT INTO ${table.name} (${names}) VALUES (${columns.map(() => '?').join(', ')})`;
    this.#inserts.set(table, { columns, text });
    return text;
  }

  #follow(
    table: TrackedTable,
    before: Row | undefined,
    after: Row | undefined,
    changed?: readonly string[],
  ): void {
    const row = after ?? before ?? {};
    const patientId = patientOf(table, row);
    const number = Number(row['number']);
    const current = this.#open;
    const { operation } = this;
    current.step += 1;
    const kept =
      before && changed ? Object.fromEntries(changed.map((column) => [column, before[column]])) : before;
    this.#sql.run(
      'INSERT INTO change (operation, step, record, number, patient_id, before) VALUES (?, ?, ?, ?, ?, ?)',
      operation,
      current.step,
      table.name,
      number,
      patientId,
      kept === undefined ? null : JSON.stringify(kept),
    );
    this.#indexes.follow(table, before, after);
    this.touch(patientId, table, number);
    const earlier = before && after ? patientOf(table, before) : patientId;
    if (earlier !== patientId) this.#changeHands(table, number, earlier, patientId);
  }

  #changeHands(table: TrackedTable, number: number, from: string | null, to: string | null): void {
    this.touch(from, table, number);
    this.#sql.run('UPDATE change SET patient_id = ? WHERE number = ? AND record = ?', to, number, table.name);
    if (table.name === 'note')
      this.#sql.run(
        'UPDATE OR REPLACE shown SET patient_id = ? WHERE patient_id = ? AND note_id = (SELECT id FROM note WHERE number = ?)',
        to,
        from,
        number,
      );
  }

  #finish(current: Current): void {
    if (current.operation === undefined) return;
    this.#indexes.finish();
    const { touched } = current;
    const all = new Set<Touched>();
    for (const records of touched.values())
      if (records instanceof Set) for (const record of records) all.add(record);
      else all.add(records);
    let head = this.#log.head();
    for (const [patientId, records] of touched)
      head = this.#log.append(
        {
          operation: current.operation.id,
          patient_id: patientId,
          verb: current.intent.verb,
          count: records instanceof Set ? records.size : 1,
        },
        head,
      );
    this.#sql.run('UPDATE operation SET count = ? WHERE number = ?', all.size, current.operation.number);
  }
}
