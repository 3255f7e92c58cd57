/** The access log over a database whose schema is left as it is: for doctor, and for a change of the master key. */
import type Database from 'better-sqlite3';
import { AccessLog } from './chained-log.ts';
import { Sql, type StoreNeeds } from './sql.ts';
import { BackupTimes } from './vault-settings.ts';

export type BareLog = NonNullable<ReturnType<typeof openLog>>;
export type LogChain = ReturnType<typeof logChain>;

const hasLog = (sql: Sql): boolean => sql.pragma('user_version') > 0;

/** @returns undefined where the store never opened the vault */
export function openLog(
  database: Database.Database,
  needs: Pick<StoreNeeds, 'instant' | 'logKey' | 'guard'>,
) {
  const sql = new Sql({ database });
  if (!hasLog(sql)) return undefined;
  const log = new AccessLog(sql, needs);
  const backups = new BackupTimes(sql, log);
  return {
    head: () => log.head(),
    macAt: (sequence: number) => log.macAt(sequence),
    firstBroken: () => log.firstBroken(),
    happened: (verb: string) => log.happened(verb),
    lastBackup: () => backups.last(),
    patients: (): number => sql.get<{ count: number }>('SELECT count(*) AS count FROM patient')?.count ?? 0,
  };
}

export function logChain({ instant }: Pick<StoreNeeds, 'instant'>) {
  const under = (sql: Sql, logKey: Buffer): AccessLog => new AccessLog(sql, { instant, logKey });
  return {
    isUnder(database: Database.Database, key: Buffer): boolean {
      const sql = new Sql({ database });
      return !hasLog(sql) || under(sql, key).holdsAtHead;
    },
    /** In the caller's transaction. */
    rechain(database: Database.Database, from: Buffer, to: Buffer): void {
      const sql = new Sql({ database });
      if (!hasLog(sql) || under(sql, to).holdsAtHead) return;
      under(sql, from).rechain(to);
      under(sql, to).happened('key rotate');
    },
  };
}
