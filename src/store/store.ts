/** A vault's records over an open, keyed database; all changes go through `write`. No output, no clock. */
import type Database from 'better-sqlite3';
import type { CivilDate } from '../dates/civil.ts';
import { type NoteKind, type RecordName, recordNames } from '../domain/records.ts';
import { type AccessLog, accessLog, lastBackup } from './access-log.ts';
import { briefingRecords } from './briefing-records.ts';
import { draftsIn, setAsideIn } from './drafts.ts';
import { changeHistory, mergesIn } from './history.ts';
import type { SearchRequest } from './look-ups.ts';
import { migrate } from './migrations.ts';
import { queries } from './queries.ts';
import { calendarIn } from './records.ts';
import { metaOf, putMeta, Sql, type StoreNeeds } from './sql.ts';
import { indexes } from './tables.ts';
import { type Intent, unitOfWork } from './unit-of-work.ts';

export type Store = ReturnType<typeof openStore>;

const noLog = { head: () => undefined, macAt: () => undefined };

/** What few commands ask for, and is loaded for those. */
const lookUps = () => import('./look-ups.ts');

/** @throws conflict (a newer schema), busy, failed, damaged */
export function openStore(sql: Sql, needs: StoreNeeds) {
  const log = accessLog(sql, needs);
  sql.attach(needs);
  // Before the first write, which may be a migration.
  const refusal = needs.guard?.refusal(sql.pragma('user_version') > 0 ? log : noLog);
  sql.refuseWriting(refusal);
  if (refusal !== undefined) needs.report?.(refusal.saying('it can be read, not written'));
  migrate(sql, needs.beforeMigration);
  const unit = unitOfWork(sql, log, indexes(sql), needs);
  const merges = mergesIn(sql);
  const parts = { sql, unit, merges, needs };
  const records = queries(parts);
  return {
    ...records,
    drafts: draftsIn(parts),
    calendar: calendarIn(parts),
    history: changeHistory({ ...parts, aside: setAsideIn(sql) }),
    log: {
      ...log,
      /** Newest first; a patient's rows include those of patients merged into them. */
      rows: ({ patientId, limit }: { readonly patientId?: string | undefined; readonly limit: number }) =>
        log.rows(limit, patientId === undefined ? undefined : [patientId, ...merges.partsOf(patientId)]),
    },
    backups: backupTimes(sql, log),
    settings: settingsRow(sql, log),
    erasing: async () => (await import('./erasure.ts')).erasure(parts, records),
    completing: async () => (await lookUps()).completing(sql),
    /** A ref (case ignored) or a whole id of any record. */
    find: (idOrRef: string) => find(sql, idOrRef),
    search: async (request: SearchRequest) => (await lookUps()).search(sql, request),
    /** @param everything all current notes, not only those that can come first */
    briefingRecords: (patientId: string, on: CivilDate, everything?: boolean) =>
      briefingRecords({ ...records, sql }, patientId, on, everything),
    reviewRecords: async (since: CivilDate, kinds: readonly NoteKind[], lastConfirmed: CivilDate) =>
      (await lookUps()).reviewRecords({ ...records, sql }, since, kinds, lastConfirmed),
    /** Reads from one snapshot: nothing may be asked or awaited in it. */
    reading: <T>(work: () => T): T => sql.reading(work),
    /** Called before somebody types. @throws conflict where this copy of the vault is not written */
    checkWritable: () => sql.checkWritable(),
    write: <T>(intent: Intent, work: () => T) => unit.write(intent, work),
  };
}

interface Found {
  readonly table: RecordName;
  readonly id: string;
}

const anywhere = recordNames.map((name) => `SELECT '${name}' AS "table", number, id FROM ${name}`);

/** Refs come first: they are unique over all records, imported ids only within their kind. */
function find(sql: Sql, idOrRef: string): readonly Found[] {
  const look = (condition: string, value: string): readonly Found[] =>
    sql.all<Found>(`SELECT "table", id FROM (${anywhere.join(' UNION ALL ')}) WHERE ${condition}`, value);
  const byRef = look('number = (SELECT number FROM ref WHERE ref = ?)', idOrRef.toLowerCase());
  if (byRef.length > 0) return byRef;
  const found = look('id = ?', idOrRef);
  // Our own ids are upper case, however they are typed.
  return found.length > 0 || idOrRef === idOrRef.toUpperCase()
    ? found
    : look('id = ?', idOrRef.toUpperCase());
}

type Values = Readonly<Record<string, string>>;

/** Older vaults have no such row. */
export const settingsIn = (database: Database.Database): Values =>
  JSON.parse(metaOf(new Sql({ database }), 'settings') ?? '{}');

/** Each change of them, and each backup, with a row of the log. */
function settingsRow(sql: Sql, log: AccessLog) {
  const read = (): Values | undefined => {
    const value = metaOf(sql, 'settings');
    return value === undefined ? undefined : JSON.parse(value);
  };
  const put = (values: Values): void => putMeta(sql, 'settings', JSON.stringify(values));
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

const backupTimes = (sql: Sql, log: AccessLog) => ({
  last: () => metaOf(sql, lastBackup),
  /** ISO instants of the known backups made since a patient was added, newest first. */
  holding(patientId: string): readonly string[] {
    const added = sql.value<string>(
      `SELECT operation.at FROM patient JOIN change ON change.number = patient.number AND change.record = 'patient'
         JOIN operation ON operation.number = change.operation
        WHERE patient.id = ? ORDER BY change.operation LIMIT 1`,
      patientId,
    );
    // The newest of these rows tells of the same backup as `last`, by the moment that it was done.
    const logged = sql.column<string>(
      `SELECT at FROM log WHERE verb = 'backup'
          AND sequence < (SELECT max(sequence) FROM log WHERE verb IN ('backup', 'restore'))`,
    );
    return [...logged, metaOf(sql, lastBackup)]
      .filter((at) => at !== undefined)
      .filter((at) => at >= (added ?? ''))
      .sort()
      .reverse();
  },
  remember: (at: string, verb: 'backup' | 'restore'): void =>
    log.happened(verb, () => putMeta(sql, lastBackup, at)),
});
