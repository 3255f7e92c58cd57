/**
 * The access log: who was looked at or changed, when, by which command; never what it said. Rows are only appended,
 * and each carries HMAC-SHA256(key, mac of the row before it || its own columns as JSON), so that a changed, removed
 * or reordered row shows. A row cut off the end does not: the vault's state folder remembers the head for that.
 */

import type { CivilDate } from '../dates/civil.ts';
import { Failure } from '../errors.ts';
import { macOf, sameBytes } from '../keys.ts';
import { Merges } from './merges.ts';
import type { LogHead, StoreNeeds } from './needs.ts';
import type { Sql } from './sql.ts';

export interface LogRow {
  readonly sequence: number;
  readonly at: string;
  readonly operation: string | null;
  readonly patient_id: string | null;
  readonly verb: string;
  readonly count: number;
}

/** Notes that a briefing had on the screen: what its ranking counts later. Outside of the change history. */
interface Shown {
  readonly noteIds: readonly string[];
  readonly on: CivilDate;
}

type StoredRow = LogRow & { readonly mac: Buffer };
type Entry = Omit<LogRow, 'sequence' | 'at'>;

const start = Buffer.alloc(32);
const pageOfRows = 1000;
const storedColumns = 'sequence, at, operation, patient_id, verb, count, mac';

const textOf = ({ sequence, at, operation, patient_id, verb, count }: LogRow): string =>
  JSON.stringify([sequence, at, operation, patient_id, verb, count]);

const chain = (key: Buffer, before: Buffer | undefined, row: LogRow): Buffer =>
  macOf(key, before ?? start, textOf(row));

export class AccessLog {
  readonly #sql: Sql;
  readonly #needs: Pick<StoreNeeds, 'instant' | 'logKey' | 'guard'>;

  constructor(sql: Sql, needs: Pick<StoreNeeds, 'instant' | 'logKey' | 'guard'>) {
    this.#sql = sql;
    this.#needs = needs;
  }

  /** Appends a row behind the head, inside the caller's transaction. @returns the new head */
  append(entry: Entry, head: LogHead | undefined = this.head()): LogHead {
    const row: LogRow = { sequence: (head?.sequence ?? 0) + 1, at: this.#needs.instant(), ...entry };
    const mac = chain(this.#needs.logKey, head?.mac, row);
    this.#sql.run(
      'INSERT INTO log (sequence, at, operation, patient_id, verb, count, mac) VALUES (?, ?, ?, ?, ?, ?, ?)',
      row.sequence,
      row.at,
      row.operation,
      row.patient_id,
      row.verb,
      row.count,
      mac,
    );
    const { guard } = this.#needs;
    const moved = { sequence: row.sequence, mac };
    if (guard !== undefined) this.#sql.afterCommit(() => guard.moved(moved));
    return moved;
  }

  /**
   * Records that a patient's notes were shown, and which ones, where a briefing counts them.
   * @returns false where that can't be written (read-only, full, busy)
   */
  opened(verb: string, patientId: string, shown?: Shown): boolean {
    return this.#tryTo(() => {
      this.append({ verb, patient_id: patientId, operation: null, count: 1 });
      for (const id of shown?.noteIds ?? [])
        this.#sql.run(
          'INSERT OR IGNORE INTO shown (patient_id, "on", note_id) VALUES (?, ?, ?)',
          patientId,
          shown?.on ?? '',
          id,
        );
    });
  }

  /** Records that a list over patients was shown. @returns false where the row can't be written */
  listed(verb: string, count: number): boolean {
    return this.#tryTo(() => this.append({ verb, patient_id: null, operation: null, count }));
  }

  /** Records what was done to the vault itself ('init', 'key rotate'). Its own transaction. */
  happened(verb: string): void {
    this.#sql.immediate(
      () => this.append({ verb, patient_id: null, operation: null, count: 0 }),
      (head) => this.isThere(head),
    );
  }

  /** The newest row's: what a rolled-back vault is told by. */
  head(): LogHead | undefined {
    return this.#sql.get<LogHead>('SELECT sequence, mac FROM log ORDER BY sequence DESC LIMIT 1');
  }

  /** Whether a row that was appended is in the log now. */
  isThere({ sequence, mac }: LogHead): boolean {
    const found = this.macAt(sequence);
    return found !== undefined && sameBytes(found, mac);
  }

  macAt(sequence: number): Buffer | undefined {
    return this.#sql.get<{ mac: Buffer }>('SELECT mac FROM log WHERE sequence = ?', sequence)?.mac;
  }

  /** The verb of the newest row that is of an operation, or has one of these verbs. */
  lastOf(verbs: readonly string[]): string | undefined {
    const wanted = verbs.map(() => '?').join(', ');
    return this.#sql.get<{ verb: string }>(
      `SELECT verb FROM log WHERE operation IS NOT NULL OR verb IN (${wanted}) ORDER BY sequence DESC LIMIT 1`,
      ...verbs,
    )?.verb;
  }

  /** The patient whose briefing was opened last. */
  lastBriefed(): string | undefined {
    return this.#sql.get<{ patient_id: string }>(
      `SELECT patient_id FROM log WHERE verb = 'brief' AND patient_id IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    )?.patient_id;
  }

  /** Newest first; of a patient with those who became part of them by a merge. */
  rows(filter: { readonly patientId?: string; readonly limit: number }): readonly LogRow[] {
    const columns = 'sequence, at, operation, patient_id, verb, count';
    if (filter.patientId === undefined)
      return this.#sql.all<LogRow>(`SELECT ${columns} FROM log ORDER BY sequence DESC LIMIT ?`, filter.limit);
    const ids = [filter.patientId, ...new Merges(this.#sql).partsOf(filter.patientId)];
    return this.#sql.all<LogRow>(
      `SELECT ${columns} FROM log WHERE patient_id IN (${ids.map(() => '?').join(', ')}) ORDER BY sequence DESC LIMIT ?`,
      ...ids,
      filter.limit,
    );
  }

  /** The sequence of the first row whose MAC doesn't hold, or undefined where the chain is whole. */
  firstBroken(): number | undefined {
    let before: Buffer = start;
    let expected = 1;
    for (const row of this.#stored()) {
      const mac = chain(this.#needs.logKey, before, row);
      if (row.sequence !== expected || !sameBytes(row.mac, mac)) return expected;
      before = row.mac;
      expected += 1;
    }
    return undefined;
  }

  /** Makes every MAC anew under another key, as far as the chain holds. */
  rechain(key: Buffer): void {
    this.#sql.immediate(() => {
      let before: Buffer = start;
      let chained: Buffer = start;
      for (const row of this.#stored()) {
        // A row that was broken stays so, and all after it: nothing is vouched for anew.
        if (!sameBytes(row.mac, chain(this.#needs.logKey, before, row))) return;
        before = row.mac;
        chained = chain(key, chained, row);
        this.#sql.run('UPDATE log SET mac = ? WHERE sequence = ?', chained, row.sequence);
      }
    });
  }

  /** Whether the newest row was chained under this log's key; so it is where there is none. */
  get holdsAtHead(): boolean {
    const [last, before] = this.#sql.all<StoredRow>(
      `SELECT ${storedColumns} FROM log ORDER BY sequence DESC LIMIT 2`,
    );
    return last === undefined || sameBytes(last.mac, chain(this.#needs.logKey, before?.mac, last));
  }

  /** All rows in order, a page at a time: the log outgrows memory before it outgrows the disk. */
  *#stored(): Generator<StoredRow> {
    let last = 0;
    for (;;) {
      const rows = this.#sql.all<StoredRow>(
        `SELECT ${storedColumns} FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        last,
        pageOfRows,
      );
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end.sequence;
    }
  }

  #tryTo(work: () => void): boolean {
    try {
      this.#sql.immediate(work);
      return true;
    } catch (error) {
      // What was asked for is still shown; only damage must not pass for a full disk.
      if (error instanceof Failure && error.exit !== 'damaged') return false;
      throw error;
    }
  }
}
