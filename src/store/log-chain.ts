/** The log's chain under one key and then another: what a change of the master key asks of the store. */
import type Database from 'better-sqlite3';
import { AccessLog } from './log.ts';
import type { StoreNeeds } from './needs.ts';
import { Sql } from './sql.ts';

export interface LogChain {
  isUnder(database: Database.Database, key: Buffer): boolean;
  rechain(database: Database.Database, from: Buffer, to: Buffer): void;
}

/** A vault that was never used has no log yet. */
const hasLog = (sql: Sql): boolean => sql.pragma('user_version') > 0;

/** Chains the log anew once, and logs that, in the caller's transaction. */
export function logChain({ instant }: Pick<StoreNeeds, 'instant'>): LogChain {
  const under = (sql: Sql, logKey: Buffer): AccessLog => new AccessLog(sql, { instant, logKey });
  return {
    isUnder(database, key) {
      const sql = new Sql(database);
      return !hasLog(sql) || under(sql, key).holdsAtHead;
    },
    rechain(database, from, to) {
      const sql = new Sql(database);
      if (!hasLog(sql) || under(sql, to).holdsAtHead) return;
      under(sql, from).rechain(to);
      under(sql, to).happened('key rotate');
    },
  };
}
