/** The change history as operations, and undo. */
import type { TableName } from '../domain/records.ts';
import { conflict, notFound } from '../errors.ts';
import type { Merges } from './merges.ts';
import type { Parts } from './record-repository.ts';
import type { Row, Sql } from './sql.ts';
import { tableNamed } from './tables.ts';
import type { ChangeRow, UnitOfWork } from './unit-of-work.ts';

export interface ChangedRecord {
  readonly table: TableName;
  readonly id: string;
  readonly patient_id: string | null;
  readonly change: 'added' | 'changed' | 'removed';
  /** A name or text: how it reads now, or before it was removed. */
  readonly label: string;
  readonly fields: readonly string[];
  readonly kind: string | null;
  readonly status: string | null;
  readonly sensitive: boolean;
}

export interface Operation {
  readonly id: string;
  /** From 1 upward: what a person types. */
  readonly number: number;
  readonly at: string;
  readonly verb: string;
  readonly undoable: boolean;
  /** Set for an undo or a redo: the operation it takes back. */
  readonly undoes: string | null;
  readonly undone: boolean;
  readonly count: number;
}

interface OperationRow extends Omit<Operation, 'undoable' | 'undone' | 'undoes'> {
  readonly undoable: number;
  readonly undone: number;
  readonly undoes: number | null;
  readonly undoes_id: string | null;
}

const columns = `SELECT operation.*, target.id AS undoes_id
  FROM operation LEFT JOIN operation AS target ON target.number = operation.undoes`;

const operationOf = (row: OperationRow): Operation => ({
  id: row.id,
  number: row.number,
  at: row.at,
  verb: row.verb,
  undoable: row.undoable === 1,
  undoes: row.undoes_id,
  undone: row.undone === 1,
  count: row.count,
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export class ChangeHistory {
  readonly #sql: Sql;
  readonly #unit: UnitOfWork;
  readonly #merges: Merges;

  constructor(parts: Pick<Parts, 'sql' | 'unit' | 'merges'>) {
    this.#sql = parts.sql;
    this.#unit = parts.unit;
    this.#merges = parts.merges;
  }

  newest(): Operation | undefined {
    return this.#one('WHERE operation.undoes IS NULL AND operation.undone = 0');
  }

  /** The newest undo that is still in force: what a redo takes back. */
  newestUndo(): Operation | undefined {
    return this.#one('WHERE target.undoes IS NULL AND target.number IS NOT NULL AND operation.undone = 0');
  }

  byId(id: string): Operation | undefined {
    const row = this.#row(id);
    return row && operationOf(row);
  }

  numbered(number: number): Operation | undefined {
    const row = this.#byNumber(number);
    return row && operationOf(row);
  }

  list(limit: number): readonly Operation[] {
    return this.#sql
      .all<OperationRow>(`${columns} ORDER BY operation.number DESC LIMIT ?`, limit)
      .map(operationOf);
  }

  records(operationId: string, limit = Number.MAX_SAFE_INTEGER): readonly ChangedRecord[] {
    const operation = this.#row(operationId);
    if (operation === undefined) return [];
    // A record's first image tells how it was before the operation.
    const changes = this.#sql.all<ChangeRow>(
      `SELECT step, record, number, patient_id, before FROM change AS one WHERE operation = ?
          AND NOT EXISTS (SELECT 1 FROM change AS other WHERE other.operation = one.operation AND other.number = one.number
            AND other.record = one.record AND other.step < one.step)
        ORDER BY step LIMIT ?`,
      operation.number,
      limit,
    );
    return changes.map((change) => this.#describe(change, operation.number));
  }

  /** Later operations in force on the same or referring records; an undo and what it took back cancel out. */
  laterOn(operationId: string): readonly Operation[] {
    const operation = this.#row(operationId);
    if (operation === undefined) return [];
    return this.#sql
      .all<OperationRow>(
        `WITH asked (number) AS (VALUES (?)) ${columns} WHERE operation.undoes IS NULL AND operation.undone = 0 AND operation.number IN (
           SELECT later.operation FROM change AS one JOIN change AS later
               ON later.number = one.number AND later.record = one.record
            WHERE one.operation = (SELECT number FROM asked) AND later.operation > (SELECT number FROM asked)
           UNION SELECT later.operation FROM change AS later
            WHERE later.operation > (SELECT number FROM asked) AND later.patient_id IN (
              SELECT patient_id FROM change WHERE operation = (SELECT number FROM asked) AND record = 'patient' AND before IS NULL)
           UNION SELECT later.operation FROM change AS one
             JOIN person ON one.record = 'person' AND person.number = one.number
             JOIN note ON note.person = person.id
             JOIN change AS later ON later.number = note.number AND later.record = 'note'
            WHERE one.operation = (SELECT number FROM asked) AND one.before IS NULL AND later.operation > (SELECT number FROM asked)
           UNION SELECT later.operation FROM change AS one
             JOIN person ON one.record = 'person' AND person.number = one.number
             JOIN commitment ON commitment.for_person = person.id
             JOIN change AS later ON later.number = commitment.number AND later.record = 'commitment'
            WHERE one.operation = (SELECT number FROM asked) AND one.before IS NULL AND later.operation > (SELECT number FROM asked)
           UNION SELECT later.operation FROM change AS one
             JOIN note ON one.record = 'note' AND note.number = one.number
             JOIN note AS newer ON newer.replaces = note.id
             JOIN change AS later ON later.number = newer.number AND later.record = 'note'
            WHERE one.operation = (SELECT number FROM asked) AND one.before IS NULL AND later.operation > (SELECT number FROM asked))
         ORDER BY operation.number DESC`,
        operation.number,
      )
      .map(operationOf);
  }

  /** The surrounding `write` becomes the undo. @throws not-found; conflict (undone, never undoable, rested on) */
  undo(operationId: string): void {
    const asked = this.#row(operationId);
    if (asked === undefined) throw notFound('no such operation', 'rapport undo --list');
    const target = this.#effective(asked);
    if (target.undoable === 0) throw conflict('this cannot be undone');
    if (target.undone === 1) throw conflict('this is undone already', 'rapport undo --list');
    if (this.laterOn(target.id).length > 0)
      throw conflict('later changes rest on this one', 'undo those first: rapport undo --list');
    if (this.records(target.id, 1).length === 0) throw conflict('what this changed was erased since');
    const own = this.#unit.operation;
    this.#unit.replay(target.number);
    this.#merges.reverse(target.number, own);
    this.#sql.run('UPDATE operation SET undoes = ? WHERE number = ?', target.number, own);
    this.#sql.run('UPDATE operation SET undone = 1 WHERE number = ?', target.number);
    if (target.undoes !== null)
      this.#sql.run('UPDATE operation SET undone = 0 WHERE number = ?', target.undoes);
  }

  /** Undoing a redo undoes the operation that it restored. */
  #effective(operation: OperationRow): OperationRow {
    const undo = operation.undoes === null ? undefined : this.#byNumber(operation.undoes);
    const first = undo?.undoes == null ? undefined : this.#byNumber(undo.undoes);
    return first ?? operation;
  }

  #statusAfter(change: ChangeRow, operation: number, now: unknown): string | null {
    const later = this.#sql.get<{ status: string }>(
      `SELECT coalesce(before ->> 'status', before ->> 'state') AS status FROM change
        WHERE number = ? AND record = ? AND operation > ? AND status IS NOT NULL ORDER BY operation, step LIMIT 1`,
      change.number,
      change.record,
      operation,
    );
    return later?.status ?? textOf(now);
  }

  #describe(change: ChangeRow, operation: number): ChangedRecord {
    const table = tableNamed(change.record);
    const now = this.#unit.row(table, change.number);
    const before = change.before === null ? undefined : (JSON.parse(change.before) as Row);
    const row: Row = { ...before, ...now };
    return {
      table: table.name,
      id: textOf(row['id'] ?? row['on'] ?? row['from']) ?? String(change.number),
      patient_id: change.patient_id,
      change:
        before === undefined ? 'added' : now === undefined || 'number' in before ? 'removed' : 'changed',
      label: textOf(row['text'] ?? row['name'] ?? row['gist'] ?? row['on'] ?? row['from']) ?? '',
      fields: before === undefined || 'number' in before ? [] : Object.keys(before),
      kind: textOf(row['kind'] ?? row['channel']),
      status: this.#statusAfter(change, operation, row['status'] ?? row['state']),
      sensitive: row['sensitive'] === 1,
    };
  }

  #one(where: string): Operation | undefined {
    const row = this.#sql.get<OperationRow>(`${columns} ${where} ORDER BY operation.number DESC LIMIT 1`);
    return row && operationOf(row);
  }

  #row(id: string): OperationRow | undefined {
    return this.#sql.get<OperationRow>(`${columns} WHERE operation.id = ?`, id);
  }

  #byNumber(number: number): OperationRow | undefined {
    return this.#sql.get<OperationRow>(`${columns} WHERE operation.number = ?`, number);
  }
}
