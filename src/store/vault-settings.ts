/** The vault's settings: one row of `meta`, an object of strings. Older vaults have no such row. */
import type Database from 'better-sqlite3';
import type { AccessLog } from './chained-log.ts';
import type { Sql } from './sql.ts';

const key = 'settings';

type Values = Readonly<Record<string, string>>;

const upsert =
  'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value';
const readRow = (text: string): Values => JSON.parse(text) as Values;

export function settingsIn(database: Database.Database): Values {
  const row = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? {} : readRow(row.value);
}

export function beginSettings(database: Database.Database, values: Values = {}): void {
  database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(key, JSON.stringify(values));
}

export class SettingsRow {
  readonly #sql: Sql;
  readonly #log: AccessLog;

  constructor(sql: Sql, log: AccessLog) {
    this.#sql = sql;
    this.#log = log;
  }

  read(): Values | undefined {
    const row = this.#sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key);
    return row && readRow(row.value);
  }

  set(name: string, value: string | undefined): void {
    this.#sql.immediate(() => {
      const { [name]: _, ...others } = this.read() ?? {};
      this.#put(value === undefined ? others : { ...others, [name]: value });
      this.#log.append({ verb: 'config', patient_id: null, operation: null, count: 0 });
    });
  }

  takeOver(values: Values): void {
    this.#sql.immediate(() => {
      if (this.read() === undefined) this.#put(values);
    });
  }

  #put(values: Values): void {
    this.#sql.run(upsert, key, JSON.stringify(values));
  }
}

const lastBackup = 'last_backup';

export class BackupTimes {
  readonly #sql: Sql;
  readonly #log: AccessLog;

  constructor(sql: Sql, log: AccessLog) {
    this.#sql = sql;
    this.#log = log;
  }

  /** ISO instant. */
  last(): string | undefined {
    return this.#sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', lastBackup)?.value;
  }

  /** ISO instants of the known backups made since a patient was added, newest first. */
  holding(patientId: string): readonly string[] {
    const added = this.#sql.get<{ at: string }>(
      `SELECT operation.at FROM patient JOIN change ON change.number = patient.number AND change.record = 'patient'
         JOIN operation ON operation.number = change.operation
        WHERE patient.id = ? ORDER BY change.operation LIMIT 1`,
      patientId,
    );
    // The newest of these rows tells of the same backup as `last`, by the moment that it was done.
    const logged = this.#sql.all<{ at: string }>(
      `SELECT at FROM log WHERE verb = 'backup'
          AND sequence < (SELECT max(sequence) FROM log WHERE verb IN ('backup', 'restore'))`,
    );
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
        this.#sql.run(upsert, lastBackup, at);
        return this.#log.append({ verb, patient_id: null, operation: null, count: 0 });
      },
      (head) => this.#log.isThere(head),
    );
  }
}
