/** When the vault was last backed up, kept in the vault's `meta`. */
import type { AccessLog } from './chained-log.ts';
import type { Sql } from './sql.ts';

const key = 'last_backup';

export class BackupTimes {
  readonly #sql: Sql;
  readonly #log: AccessLog;

  constructor(sql: Sql, log: AccessLog) {
    this.#sql = sql;
    this.#log = log;
  }

  /** ISO instant. */
  last(): string | undefined {
    return this.#sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value;
  }

  /** ISO instants of the known backups made since a patient was added, newest first. */
  holding(patientId: string): readonly string[] {
    const added = this.#sql.get<{ at: string }>(
      `SELECT operation.at FROM patient JOIN change ON change.number = patient.number AND change.record = 'patient'
         JOIN operation ON operation.number = change.operation
        WHERE patient.id = ? ORDER BY change.operation LIMIT 1`,
      patientId,
    );
    const logged = this.#sql.all<{ at: string }>(`SELECT at FROM log WHERE verb = 'backup'`);
    const last = this.last();
    return [...logged.map(({ at }) => at), ...(last === undefined ? [] : [last])]
      .filter((at) => added === undefined || at >= added.at)
      .sort()
      .reverse();
  }

  /** In a transaction of its own. */
  remember(at: string, verb: 'backup' | 'restore'): void {
    this.#sql.immediate(
      () => {
        this.#sql.run(
          'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
          key,
          at,
        );
        return this.#log.append({ verb, patient_id: null, operation: null, count: 0 });
      },
      (head) => this.#log.isThere(head),
    );
  }
}
