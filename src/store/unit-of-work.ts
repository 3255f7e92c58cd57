/** The one way to change records: a `write` is one transaction, one operation; undo replays its images as another. */
import { conflict, notFound } from '../errors.ts';
import type { AccessLog } from './access-log.ts';
import { isUniqueViolation, type Row, type Scalar, type Sql, type StoreNeeds } from './sql.ts';
import { type Indexes, type Table, tableNamed } from './tables.ts';

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
  /** JSON: the whole row of a removed record, the changed columns of a changed one, null of an added one. */
  readonly before: string | null;
}

const refTries = 50;
const patientOf = ({ name }: Table, row: Row): string | null => {
  const id = row[name === 'patient' ? 'id' : 'patient_id'];
  return typeof id === 'string' ? id : null;
};

export type UnitOfWork = ReturnType<typeof unitOfWork>;

export function unitOfWork(sql: Sql, log: AccessLog, indexes: Indexes, needs: StoreNeeds) {
  let current: Current | undefined;

  const open = (): Current => {
    if (current === undefined) throw new Error('records change only inside write');
    return current;
  };

  const operation = (): number => {
    const now = open();
    if (now.operation === undefined) {
      const id = needs.newId();
      const { number } = sql.run(
        'INSERT INTO operation (id, at, verb, undoable) VALUES (?, ?, ?, ?)',
        id,
        needs.instant(),
        now.intent.verb,
        now.intent.undoable === false ? 0 : 1,
      );
      now.operation = { number, id };
    }
    return now.operation.number;
  };

  const touch = (patientId: string | null, { name }: Table, number: number): void => {
    const { touched } = open();
    const record = patientId === null ? `${name} ${number}` : number;
    const records = touched.get(patientId);
    if (records === undefined) touched.set(patientId, record);
    else if (records instanceof Set) records.add(record);
    else if (records !== record) touched.set(patientId, new Set([records, record]));
  };

  const changeHands = (table: Table, number: number, from: string | null, to: string | null): void => {
    touch(from, table, number);
    sql.run('UPDATE change SET patient_id = ? WHERE number = ? AND record = ?', to, number, table.name);
    if (table.name === 'note')
      sql.run(
        'UPDATE OR REPLACE shown SET patient_id = ? WHERE patient_id = ? AND note_id = (SELECT id FROM note WHERE number = ?)',
        to,
        from,
        number,
      );
  };

  /** @returns the row with its number */
  const insertRow = (table: string, fields: Row): Row => {
    const added = { number: sql.insert(table, fields), ...fields };
    needs.digest?.added(table, added);
    return added;
  };

  /** @param before what undo needs of the row */
  const remember = (table: Table, row: Row, before: Row | undefined): void => {
    const now = open();
    now.step += 1;
    const change = {
      operation: operation(),
      step: now.step,
      record: table.name,
      number: Number(row['number']),
      patient_id: patientOf(table, row),
      before: before === undefined ? null : JSON.stringify(before),
    };
    insertRow('change', change);
    touch(patientOf(table, row), table, Number(row['number']));
  };

  const row = (table: Table, number: number): Row | undefined =>
    sql.get(`SELECT * FROM ${table.name} WHERE number = ?`, number);

  const insert = (table: Table, fields: Row): void => {
    let added: Row;
    try {
      added = insertRow(table.name, fields);
    } catch (error) {
      if (isUniqueViolation(error)) throw conflict(`a ${table.name} with this id is there already`);
      throw error;
    }
    remember(table, added, undefined);
    indexes.follow(table, undefined, added);
  };

  const update = (table: Table, number: number, fields: Row): void => {
    const before = row(table, number);
    if (before === undefined) throw notFound(`no such ${table.name}`);
    const columns = Object.keys(fields).filter((column) => fields[column] !== before[column]);
    if (columns.length === 0) return;
    sql.run(
      `UPDATE ${table.name} SET ${columns.map((column) => `"${column}" = ?`).join(', ')} WHERE number = ?`,
      ...columns.map((column): Scalar => fields[column] ?? null),
      number,
    );
    const after = { ...before, ...fields };
    remember(table, after, Object.fromEntries(columns.map((column) => [column, before[column] ?? null])));
    indexes.follow(table, before, after);
    const [from, to] = [patientOf(table, before), patientOf(table, after)];
    if (from !== to) changeHands(table, number, from, to);
  };

  const remove = (table: Table, number: number): void => {
    const before = row(table, number);
    if (before === undefined) return;
    sql.run(`DELETE FROM ${table.name} WHERE number = ?`, number);
    remember(table, before, before);
    indexes.follow(table, before, undefined);
  };

  const finish = ({ operation, intent, touched }: Current): void => {
    if (operation === undefined) return;
    indexes.finish();
    const all = new Set<Touched>();
    let head = log.head();
    for (const [patient_id, records] of touched) {
      const some = records instanceof Set ? records : [records];
      for (const record of some) all.add(record);
      const count = records instanceof Set ? records.size : 1;
      head = log.append({ operation: operation.id, patient_id, verb: intent.verb, count }, head);
    }
    sql.run('UPDATE operation SET count = ? WHERE number = ?', all.size, operation.number);
  };

  return {
    /** Rolls back if the work throws. @returns the work's value, and the operation's id if anything changed */
    write<T>(intent: Intent, work: () => T): { readonly value: T; readonly operation: string | undefined } {
      if (current !== undefined) throw new Error('one write at a time');
      const now: Current = { intent, operation: undefined, step: 0, isErasing: false, touched: new Map() };
      current = now;
      try {
        return sql.changing(
          () => {
            indexes.begin();
            const value = work();
            finish(now);
            if (now.isErasing) needs.erasing?.();
            return { value, operation: now.operation?.id };
          },
          ({ operation: id }) => id === undefined || sql.has('SELECT 1 FROM operation WHERE id = ?', id),
        );
      } finally {
        current = undefined;
      }
    },
    beginErasing(): void {
      const now = open();
      if (now.intent.undoable !== false) throw new Error('only a write that is not undoable may erase');
      now.isErasing = true;
      indexes.rebuildText();
    },
    operation,
    draw(record: Table['name']): { readonly number: number; readonly ref: string } {
      open();
      for (let tries = 0; tries < refTries; tries += 1) {
        const ref = needs.newRef();
        const drawn = sql.run('INSERT OR IGNORE INTO ref (ref, record) VALUES (?, ?)', ref, record);
        if (drawn.changes === 1) return { number: drawn.number, ref };
      }
      throw new Error('no free ref was drawn');
    },
    row,
    insert,
    update,
    remove,
    /** Makes each record what it was before an operation, the last changed first. */
    replay(operation: number): void {
      const changes = sql.all<ChangeRow>(
        'SELECT step, record, number, patient_id, before FROM change WHERE operation = ? ORDER BY step DESC',
        operation,
      );
      indexes.expect(changes.length);
      for (const { record, number, before } of changes) {
        const table = tableNamed(record);
        const image = before === null ? undefined : (JSON.parse(before) as Row);
        if (image === undefined) remove(table, number);
        else if (row(table, number) === undefined) insert(table, image);
        else update(table, number, image);
      }
    },
  };
}
