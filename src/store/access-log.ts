/** The access log, without content: each row has HMAC-SHA256(key, previous row's mac || own columns as JSON). */
// Trap: rows cut off the end do not show here; the rollback guard remembers the head.
import type Database from 'better-sqlite3';
import type { CivilDate } from '../dates/civil.ts';
import { Failure } from '../errors.ts';
import { macOf, sameBytes } from '../keys.ts';
import { type LogHead, metaOf, Sql, type StoreNeeds } from './sql.ts';

export interface LogRow {
  readonly sequence: number;
  readonly at: string;
  readonly operation: string | null;
  readonly patient_id: string | null;
  readonly verb: string;
  readonly count: number;
}

interface ShownNotes {
  readonly noteIds: readonly string[];
  readonly on: CivilDate;
}

type StoredRow = LogRow & { readonly mac: Buffer };
type LogNeeds = Pick<StoreNeeds, 'instant' | 'logKey' | 'guard'>;

/** In `meta`: an ISO instant. */
export const lastBackup = 'last_backup';

const start = Buffer.alloc(32);
const pageOfRows = 1000;
const columns = 'sequence, at, operation, patient_id, verb, count';

/** In the order of `columns`. */
const valuesOf = ({ sequence, at, operation, patient_id, verb, count }: LogRow) =>
  [sequence, at, operation, patient_id, verb, count] as const;

const chain = (key: Buffer, before: Buffer | undefined, row: LogRow): Buffer =>
  macOf(key, before ?? start, JSON.stringify(valuesOf(row)));

export type AccessLog = ReturnType<typeof accessLog>;

export function accessLog(sql: Sql, { instant, logKey, guard }: LogNeeds) {
  const head = (): LogHead | undefined =>
    sql.get<LogHead>('SELECT sequence, mac FROM log ORDER BY sequence DESC LIMIT 1');

  const macAt = (sequence: number): Buffer | undefined =>
    sql.value('SELECT mac FROM log WHERE sequence = ?', sequence);

  /** In the caller's transaction. @returns the new head */
  const append = (
    entry: Omit<LogRow, 'sequence' | 'at'> & Partial<Pick<LogRow, 'at'>>,
    before: LogHead | undefined = head(),
  ): LogHead => {
    const sequence = (before?.sequence ?? 0) + 1;
    const row: LogRow = { sequence, at: instant(), ...entry };
    const moved = { sequence, mac: chain(logKey, before?.mac, row) };
    sql.run(`INSERT INTO log (${columns}, mac) VALUES (?, ?, ?, ?, ?, ?, ?)`, ...valuesOf(row), moved.mac);
    if (guard !== undefined) sql.afterCommit(() => guard.moved(moved));
    return moved;
  };

  /** In a transaction of its own, with `work`. */
  const happened = (verb: string, work: () => void = () => undefined): void => {
    sql.immediate(
      () => {
        work();
        return append({ verb, patient_id: null, operation: null, count: 0 });
      },
      ({ sequence, mac }) => {
        const found = macAt(sequence);
        return found !== undefined && sameBytes(found, mac);
      },
    );
  };

  /** @returns false where the row can't be written: the command still shows its result */
  const looked = (work: () => void): boolean => {
    try {
      sql.immediate(work);
      return true;
    } catch (error) {
      if (error instanceof Failure && error.exit !== 'damaged') return false;
      throw error;
    }
  };

  return {
    append,
    happened,
    /** @param shown what a briefing counts as shown */
    opened: (verb: string, patientId: string, shown?: ShownNotes): boolean =>
      looked(() => {
        append({ verb, patient_id: patientId, operation: null, count: 1 });
        const text = 'INSERT OR IGNORE INTO shown (patient_id, "on", note_id) VALUES (?, ?, ?)';
        for (const id of shown?.noteIds ?? []) sql.run(text, patientId, shown?.on ?? '', id);
      }),
    listed: (verb: string, count: number): boolean =>
      looked(() => append({ verb, patient_id: null, operation: null, count })),
    head,
    macAt,
    lastOf(verbs: readonly string[]): string | undefined {
      const wanted = verbs.map(() => '?').join(', ');
      return sql.value(
        `SELECT verb FROM log WHERE operation IS NOT NULL OR verb IN (${wanted}) ORDER BY sequence DESC LIMIT 1`,
        ...verbs,
      );
    },
    lastBriefed: (): string | undefined =>
      sql.value(
        `SELECT patient_id FROM log WHERE verb = 'brief' AND patient_id IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
      ),
    /** Newest first. @param ids of patients; undefined is the whole log */
    rows(limit: number, ids?: readonly string[]): readonly LogRow[] {
      const where = ids === undefined ? '' : `WHERE patient_id IN (${ids.map(() => '?').join(', ')})`;
      return sql.all<LogRow>(
        `SELECT ${columns} FROM log ${where} ORDER BY sequence DESC LIMIT ?`,
        ...(ids ?? []),
        limit,
      );
    },
    firstBroken(): number | undefined {
      let expected = 1;
      for (const { holds } of checked(sql, logKey)) {
        if (!holds) return expected;
        expected += 1;
      }
      return undefined;
    },
  };
}

const hasLog = (sql: Sql): boolean => sql.pragma('user_version') > 0;

/** Each row, and whether it holds: all behind a broken one are. In pages: the log may be larger than memory. */
function* checked(sql: Sql, key: Buffer, after = 0) {
  let before = sql.get<StoredRow>(`SELECT ${columns}, mac FROM log WHERE sequence = ?`, after);
  for (;;) {
    const rows = sql.all<StoredRow>(
      `SELECT ${columns}, mac FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      before?.sequence ?? 0,
      pageOfRows,
    );
    if (rows.length === 0) return;
    for (const row of rows) {
      const follows = row.sequence === (before?.sequence ?? 0) + 1;
      yield { row, holds: follows && sameBytes(row.mac, chain(key, before?.mac, row)) };
      before = row;
    }
  }
}

/** Undefined where one of them does not hold. */
export function rowsBehind(sql: Sql, key: Buffer, after: number): readonly LogRow[] | undefined {
  const rows: LogRow[] = [];
  for (const { row, holds } of checked(sql, key, after)) {
    if (!holds) return undefined;
    rows.push(row);
  }
  return rows;
}

export type BareLog = NonNullable<ReturnType<typeof openLog>>;

/**
 * The log over a database whose schema is left as it is: for doctor and backup.
 * @returns undefined where the store never opened the vault
 */
export function openLog(database: Database.Database, needs: LogNeeds) {
  const sql = new Sql({ database });
  if (!hasLog(sql)) return undefined;
  return {
    ...accessLog(sql, needs),
    lastBackup: (): string | undefined => metaOf(sql, lastBackup),
    patients: (): number => sql.value<number>('SELECT count(*) FROM patient') ?? 0,
  };
}

/** Whether the newest row is of this key; so is a log that has not begun. */
export function isLogOf(database: Database.Database, key: Buffer): boolean {
  const sql = new Sql({ database });
  if (!hasLog(sql)) return true;
  const [last, before] = sql.all<StoredRow>(`SELECT ${columns}, mac FROM log ORDER BY sequence DESC LIMIT 2`);
  return last === undefined || sameBytes(last.mac, chain(key, before?.mac, last));
}

/** Chains all rows under another key, in the caller's transaction; a broken row, and all behind it, stay broken. */
export function rechain(
  database: Database.Database,
  { from, to, instant }: { readonly from: Buffer; readonly to: Buffer; readonly instant: () => string },
): void {
  if (isLogOf(database, to)) return;
  const sql = new Sql({ database });
  let mac: Buffer | undefined;
  for (const { row, holds } of checked(sql, from)) {
    if (!holds) break;
    mac = chain(to, mac, row);
    sql.run('UPDATE log SET mac = ? WHERE sequence = ?', mac, row.sequence);
  }
  accessLog(sql, { instant, logKey: to }).happened('key rotate');
}
