/** The log by itself, over a database whose schema is left as it is: for looking at a vault that may be damaged. */
import type Database from 'better-sqlite3';
import { BackupTimes } from './backup-times.ts';
import { AccessLog } from './log.ts';
import type { StoreNeeds } from './needs.ts';
import { Sql } from './sql.ts';
import type { LogHead } from './store.ts';

export interface LogAlone {
  head(): LogHead | undefined;
  macAt(sequence: number): Buffer | undefined;
  firstBroken(): number | undefined;
  happened(verb: string): void;
  /** ISO instant of the last backup. */
  lastBackup(): string | undefined;
  /** Of patients. */
  patients(): number;
}

/** @returns undefined where the vault was never used: it has no log yet */
export function openLog(
  database: Database.Database,
  needs: Pick<StoreNeeds, 'instant' | 'logKey' | 'guard'>,
): LogAlone | undefined {
  const sql = new Sql(database);
  if (sql.pragma('user_version') === 0) return undefined;
  const log = new AccessLog(sql, needs);
  const backups = new BackupTimes(sql, log);
  return {
    head: () => log.head(),
    macAt: (sequence) => log.macAt(sequence),
    firstBroken: () => log.firstBroken(),
    happened: (verb) => log.happened(verb),
    lastBackup: () => backups.last(),
    patients: () => sql.get<{ count: number }>('SELECT count(*) AS count FROM patient')?.count ?? 0,
  };
}
