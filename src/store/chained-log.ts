/** The access log, without content: each row has HMAC-SHA256(key, previous row's mac || own columns as JSON). */
// Trap: rows cut off the end do not show here; the rollback guard remembers the head.
import type { CivilDate } from '../dates/civil.ts';
import { Failure } from '../errors.ts';
import { macOf, sameBytes } from '../keys.ts';
import { Merges } from './merges.ts';
import type { LogHead, Sql, StoreNeeds } from './sql.ts';

export interface LogRow {
  readonly sequence: number;
  readonly at: string;
  readonly operation: string | null;
  readonly patient_id: string | null;
  readonly verb: string;
  readonly count: number;
}

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

  /** In the caller's transaction. @returns the new head */
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

  /** @param shown what a briefing counts as shown. @returns false where the row can't be written */
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

  listed(verb: string, count: number): boolean {
    return this.#tryTo(() => this.append({ verb, patient_id: null, operation: null, count }));
  }

  /** In a transaction of its own. */
  happened(verb: string): void {
    this.#sql.immediate(
      () => this.append({ verb, patient_id: null, operation: null, count: 0 }),
      (head) => this.isThere(head),
    );
  }

  head(): LogHead | undefined {
    return this.#sql.get<LogHead>('SELECT sequence, mac FROM log ORDER BY sequence DESC LIMIT 1');
  }

  isThere({ sequence, mac }: LogHead): boolean {
    const found = this.macAt(sequence);
    return found !== undefined && sameBytes(found, mac);
  }

  macAt(sequence: number): Buffer | undefined {
    return this.#sql.get<{ mac: Buffer }>('SELECT mac FROM log WHERE sequence = ?', sequence)?.mac;
  }

  lastOf(verbs: readonly string[]): string | undefined {
    const wanted = verbs.map(() => '?').join(', ');
    return this.#sql.get<{ verb: string }>(
      `SELECT verb FROM log WHERE operation IS NOT NULL OR verb IN (${wanted}) ORDER BY sequence DESC LIMIT 1`,
      ...verbs,
    )?.verb;
  }

  lastBriefed(): string | undefined {
    return this.#sql.get<{ patient_id: string }>(
      `SELECT patient_id FROM log WHERE verb = 'brief' AND patient_id IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    )?.patient_id;
  }

  /** Newest first; a patient's rows include those of patients merged into them. */
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

  rechain(key: Buffer): void {
    this.#sql.immediate(() => {
      let before: Buffer = start;
      let chained: Buffer = start;
      for (const row of this.#stored()) {
        // A broken row, and all rows behind it, stay broken.
        if (!sameBytes(row.mac, chain(this.#needs.logKey, before, row))) return;
        before = row.mac;
        chained = chain(key, chained, row);
        this.#sql.run('UPDATE log SET mac = ? WHERE sequence = ?', chained, row.sequence);
      }
    });
  }

  get holdsAtHead(): boolean {
    const [last, before] = this.#sql.all<StoredRow>(
      `SELECT ${storedColumns} FROM log ORDER BY sequence DESC LIMIT 2`,
    );
    return last === undefined || sameBytes(last.mac, chain(this.#needs.logKey, before?.mac, last));
  }

  /** In pages: the log may be larger than memory. */
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
      // The command still shows its result, unless the vault is damaged.
      if (error instanceof Failure && error.exit !== 'damaged') return false;
      throw error;
    }
  }
}
