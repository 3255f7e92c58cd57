/** What the vault keeps about itself, in `meta`: its settings, an object of strings, and when it was backed up. */
import type Database from 'better-sqlite3';
import type { Sql } from './sql.ts';

type Values = Readonly<Record<string, string>>;

/** Does the work together with a row of the log. */
interface Log {
  readonly happened: (verb: string, work: () => void) => void;
}

const settings = 'settings';
const lastBackup = 'last_backup';
const select = 'SELECT value FROM meta WHERE key = ?';

export const metaOf = (sql: Sql, key: string): string | undefined =>
  sql.get<{ value: string }>(select, key)?.value;

export function putMeta(sql: Sql, key: string, value: string): void {
  sql.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}

/** Older vaults have no such row. */
export function settingsIn(database: Database.Database): Values {
  const row = database.prepare<[string], { value: string }>(select).get(settings);
  return row === undefined ? {} : JSON.parse(row.value);
}

export function settingsRow(sql: Sql, log: Log) {
  const read = (): Values | undefined => {
    const value = metaOf(sql, settings);
    return value === undefined ? undefined : JSON.parse(value);
  };
  const put = (values: Values): void => putMeta(sql, settings, JSON.stringify(values));
  return {
    read,
    set: (name: string, value: string | undefined): void =>
      log.happened('config', () => {
        const { [name]: _, ...others } = read() ?? {};
        put(value === undefined ? others : { ...others, [name]: value });
      }),
    takeOver: (values: Values): void =>
      sql.immediate(() => {
        if (read() === undefined) put(values);
      }),
  };
}

/** ISO instant. */
export const lastBackupIn = (sql: Sql): string | undefined => metaOf(sql, lastBackup);

export const backupTimes = (sql: Sql, log: Log) => ({
  last: () => lastBackupIn(sql),
  /** ISO instants of the known backups made since a patient was added, newest first. */
  holding(patientId: string): readonly string[] {
    const added = sql.get<{ at: string }>(
      `SELECT operation.at FROM patient JOIN change ON change.number = patient.number AND change.record = 'patient'
         JOIN operation ON operation.number = change.operation
        WHERE patient.id = ? ORDER BY change.operation LIMIT 1`,
      patientId,
    );
    // The newest of these rows tells of the same backup as `last`, by the moment that it was done.
    const logged = sql.all<{ at: string }>(
      `SELECT at FROM log WHERE verb = 'backup'
          AND sequence < (SELECT max(sequence) FROM log WHERE verb IN ('backup', 'restore'))`,
    );
    return [...logged.map(({ at }) => at), lastBackupIn(sql)]
      .filter((at) => at !== undefined)
      .filter((at) => added === undefined || at >= added.at)
      .sort()
      .reverse();
  },
  remember: (at: string, verb: 'backup' | 'restore'): void =>
    log.happened(verb, () => putMeta(sql, lastBackup, at)),
});
