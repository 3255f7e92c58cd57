/** The change history as operations, undo, and what of a merge is in no change: who became part of whom. */
import { conflict, notFound } from '../errors.ts';
import { byOperation, type Row, type Scalar, type Sql } from './sql.ts';
import { readJson, tableNamed } from './tables.ts';
import type { ChangeRow, UnitOfWork } from './unit-of-work.ts';

export type ChangedRecord = Readonly<ReturnType<ReturnType<typeof changeHistory>['records']>[number]>;

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

const select = `SELECT json_object('id', operation.id, 'number', operation.number, 'at', operation.at,
    'verb', operation.verb, 'undoable', json(iif(operation.undoable, 'true', 'false')), 'undoes', target.id,
    'undone', json(iif(operation.undone, 'true', 'false')), 'count', operation.count) AS record
  FROM operation LEFT JOIN operation AS target ON target.number = operation.undoes`;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

interface HistoryParts {
  readonly sql: Sql;
  readonly unit: UnitOfWork;
  readonly merges: Merges;
  /** Drafts that operations took away. */
  readonly aside: { has(operation: number): boolean; reverse(operation: number, by: number): void };
}

export function changeHistory({ sql, unit, merges, aside }: HistoryParts) {
  const list = (rest: string, ...values: readonly Scalar[]): readonly Operation[] =>
    readJson(sql, `${select} ${rest}`, ...values);
  const byId = (id: string): Operation | undefined => list('WHERE operation.id = ?', id)[0];
  const newestOf = (where: string): Operation | undefined =>
    list(`WHERE ${where} ORDER BY operation.number DESC LIMIT 1`)[0];

  const statusAfter = ({ number, record }: ChangeRow, operation: number, now: unknown): string | null => {
    const later = sql.value<string>(
      `SELECT coalesce(before ->> 'status', before ->> 'state') AS status FROM change
        WHERE number = ? AND record = ? AND operation > ? AND status IS NOT NULL ORDER BY operation, step LIMIT 1`,
      number,
      record,
      operation,
    );
    return later ?? textOf(now);
  };

  const describe = (change: ChangeRow, operation: number) => {
    const table = tableNamed(change.record);
    const now = unit.row(table, change.number);
    const before = change.before === null ? undefined : (JSON.parse(change.before) as Row);
    const row: Row = { ...before, ...now };
    // Only a whole row has its number.
    const isChange = before !== undefined && !('number' in before);
    return {
      table: table.name,
      id: textOf(row['id'] ?? row['on'] ?? row['from']) ?? String(change.number),
      patient_id: change.patient_id,
      change: before === undefined ? 'added' : now !== undefined && isChange ? 'changed' : 'removed',
      /** A name or text: how it reads now, or before it was removed. */
      label: textOf(row['text'] ?? row['name'] ?? row['gist'] ?? row['on'] ?? row['from']) ?? '',
      fields: isChange ? Object.keys(before) : [],
      kind: textOf(row['kind'] ?? row['channel']),
      status: statusAfter(change, operation, row['status'] ?? row['state']),
      sensitive: row['sensitive'] === 1,
      /** Of a contact. */
      day: textOf(row['on']),
    } as const;
  };

  const records = (operationId: string, limit = Number.MAX_SAFE_INTEGER) => {
    const operation = byId(operationId);
    if (operation === undefined) return [];
    // A record's first image tells how it was before the operation.
    const changes = sql.all<ChangeRow>(
      `SELECT step, record, number, patient_id, before FROM change AS one WHERE operation = ?
          AND NOT EXISTS (SELECT 1 FROM change AS other WHERE other.operation = one.operation AND other.number = one.number
            AND other.record = one.record AND other.step < one.step)
        ORDER BY step LIMIT ?`,
      operation.number,
      limit,
    );
    return changes.map((change) => describe(change, operation.number));
  };

  /** Later operations in force on the same or referring records; an undo and what it took back cancel out. */
  const laterOn = (operationId: string): readonly Operation[] => {
    const operation = byId(operationId);
    if (operation === undefined) return [];
    return readJson(
      sql,
      `WITH asked (number) AS (VALUES (?)),
         own AS (SELECT record, number, patient_id, before FROM change WHERE operation = (SELECT number FROM asked)),
         added AS (SELECT record, number, patient_id FROM own WHERE before IS NULL),
         touched (record, number) AS (
           SELECT record, number FROM own
           UNION SELECT 'note', note.number FROM added JOIN person ON added.record = 'person' AND person.number = added.number
             JOIN note ON note.person = person.id
           UNION SELECT 'commitment', commitment.number FROM added
             JOIN person ON added.record = 'person' AND person.number = added.number
             JOIN commitment ON commitment.for_person = person.id
           UNION SELECT 'note', newer.number FROM added JOIN note ON added.record = 'note' AND note.number = added.number
             JOIN note AS newer ON newer.replaces = note.id)
       ${select} WHERE operation.undoes IS NULL AND operation.undone = 0 AND operation.number IN (
         SELECT later.operation FROM touched
           JOIN change AS later ON later.number = touched.number AND later.record = touched.record
          WHERE later.operation > (SELECT number FROM asked)
         UNION SELECT later.operation FROM change AS later
          WHERE later.operation > (SELECT number FROM asked)
            AND later.patient_id IN (SELECT patient_id FROM added WHERE record = 'patient'))
       ORDER BY operation.number DESC`,
      operation.number,
    );
  };

  /** Whether nothing is left of what it changed. */
  const isEmpty = ({ id, number }: Operation): boolean => records(id, 1).length === 0 && !aside.has(number);

  return {
    isEmpty,
    newest: () => newestOf('operation.undoes IS NULL AND operation.undone = 0'),
    /** The newest undo that is still in force: what a redo takes back. */
    newestUndo: () =>
      newestOf('target.undoes IS NULL AND target.number IS NOT NULL AND operation.undone = 0'),
    byId,
    numbered: (number: number): Operation | undefined => list('WHERE operation.number = ?', number)[0],
    list: (limit: number) => list('ORDER BY operation.number DESC LIMIT ?', limit),
    /** @returns whether a record went from one patient to another since this was called */
    watchMoves(): () => boolean {
      const from = sql.value<number>('SELECT max(number) FROM operation') ?? 0;
      const moved =
        "SELECT 1 FROM change WHERE operation > ? AND before ->> 'patient_id' IS NOT NULL LIMIT 1";
      return () => sql.has(moved, from);
    },
    records,
    laterOn,
    /** The surrounding `write` becomes the undo. @throws not-found; conflict (undone, never undoable, rested on) */
    undo(operationId: string): void {
      const asked = byId(operationId);
      if (asked === undefined) throw notFound('no such operation', 'rapport undo --list');
      // Undoing a redo undoes the operation that it restored.
      const undo = asked.undoes === null ? undefined : byId(asked.undoes);
      const target = (undo?.undoes == null ? undefined : byId(undo.undoes)) ?? asked;
      if (!target.undoable) throw conflict('this cannot be undone');
      if (target.undone) throw conflict('this is undone already', 'rapport undo --list');
      if (laterOn(target.id).length > 0)
        throw conflict('later changes build on this one', 'take those back first: rapport undo --list');
      if (isEmpty(target)) throw conflict('what this changed was erased since');
      const own = unit.operation();
      unit.replay(target.number);
      merges.reverse(target.number, own);
      aside.reverse(target.number, own);
      sql.run('UPDATE operation SET undoes = ? WHERE number = ?', target.number, own);
      sql.run('UPDATE operation SET undone = 1 WHERE number = ?', target.number);
      if (target.undoes !== null) sql.run('UPDATE operation SET undone = 0 WHERE id = ?', target.undoes);
    },
  };
}

/** In `meta`, by the operation's number, so that undo finds it. */
interface Merge {
  readonly gone: string;
  readonly kept: string;
  readonly drafts: readonly string[];
  /** Of an undo: the drafts returned to the restored patient. */
  readonly isBack: boolean;
}

export type Merges = ReturnType<typeof mergesIn>;

export function mergesIn(sql: Sql) {
  const { read, write, areThese, number } = byOperation<Merge>(sql, 'merge');

  /** @param among all drafts of a patient, or some. @returns those that moved */
  const moveDrafts = (from: string, to: string, among?: readonly string[]): readonly string[] => {
    const drafts = sql.column<string>('SELECT id FROM draft WHERE patient_id = ?', from);
    const moved = drafts.filter((id) => among?.includes(id) ?? true);
    for (const id of moved) sql.run('UPDATE draft SET patient_id = ? WHERE id = ?', to, id);
    return moved;
  };

  const standing = (): readonly Merge[] =>
    sql
      .column<string>(
        `SELECT value FROM meta JOIN operation ON operation.number = ${number}
          WHERE ${areThese} AND operation.undoes IS NULL AND operation.undone = 0`,
      )
      .map((value) => JSON.parse(value));

  return {
    join(operation: number, gone: string, kept: string): void {
      write(operation, { gone, kept, drafts: moveDrafts(gone, kept), isBack: false });
    },
    reverse(operation: number, by: number): void {
      const merge = read(operation);
      if (merge === undefined) return;
      const { gone, kept, isBack } = merge;
      const drafts = isBack ? moveDrafts(gone, kept) : moveDrafts(kept, gone, merge.drafts);
      write(by, { gone, kept, drafts, isBack: !isBack });
    },
    /** Ids of all that became part of a patient, or of one that did. */
    partsOf(patientId: string): readonly string[] {
      const merges = standing();
      const found = new Set([patientId]);
      for (const kept of found) for (const merge of merges) if (merge.kept === kept) found.add(merge.gone);
      return [...found].slice(1);
    },
    /** Of whom a patient is a part now, at the end of all merges. */
    keptFor(patientId: string): string | undefined {
      const keptBy = new Map(standing().map(({ gone, kept }) => [gone, kept]));
      const passed = new Set([patientId]);
      for (const one of passed) passed.add(keptBy.get(one) ?? one);
      return [...passed].slice(1).at(-1);
    },
    forget(patientIds: readonly string[]): void {
      const ids = JSON.stringify(patientIds);
      sql.run(
        `DELETE FROM meta WHERE ${areThese} AND (value ->> 'gone' IN (SELECT value FROM json_each(?))
           OR value ->> 'kept' IN (SELECT value FROM json_each(?)))`,
        ids,
        ids,
      );
    },
  };
}
