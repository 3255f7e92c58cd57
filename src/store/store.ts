/** A vault's records over an open, keyed database; all changes go through `write`. No output, no clock. */
import type { CivilDate } from '../dates/civil.ts';
import { type NoteKind, type RecordName, recordNames } from '../domain/records.ts';
import { accessLog } from './access-log.ts';
import { briefingRecords } from './briefing-records.ts';
import { draftsIn } from './drafts.ts';
import { changeHistory } from './history.ts';
import type { SearchRequest } from './look-ups.ts';
import { backupTimes, mergesIn, settingsRow } from './meta.ts';
import { migrate } from './migrations.ts';
import { queries } from './queries.ts';
import { calendarIn } from './records.ts';
import type { Sql, StoreNeeds } from './sql.ts';
import { indexes } from './tables.ts';
import { type Intent, unitOfWork } from './unit-of-work.ts';

export type Store = ReturnType<typeof openStore>;

const noLog = { head: () => undefined, macAt: () => undefined };

/** What few commands ask for, and is loaded for those. */
const lookUps = () => import('./look-ups.ts');

interface ReviewRequest {
  readonly since: CivilDate;
  readonly kinds: readonly NoteKind[];
  readonly lastConfirmed: CivilDate;
}

/** @throws conflict (a newer schema), busy, failed, damaged */
export function openStore(sql: Sql, needs: StoreNeeds) {
  const log = accessLog(sql, needs);
  sql.attach(needs);
  // Before the first write, which may be a migration.
  sql.refuseWriting(needs.guard?.refusal(sql.pragma('user_version') > 0 ? log : noLog));
  migrate(sql, needs.beforeMigration);
  const unit = unitOfWork(sql, log, indexes(sql), needs);
  const parts = { sql, unit, merges: mergesIn(sql), needs };
  const records = queries(parts);
  const { patients, notes, commitments } = records;
  return {
    ...records,
    drafts: draftsIn(parts),
    calendar: calendarIn(parts),
    history: changeHistory(parts),
    log,
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
    /** All records of one review over all patients. */
    async reviewRecords({ since, kinds, lastConfirmed }: ReviewRequest) {
      const { countUnconfirmed } = await lookUps();
      return sql.reading(() => {
        const all = patients.all();
        const active = all.filter(({ status }) => status === 'active').map(({ id }) => id);
        const closed = commitments.closedSince(
          all.map(({ id }) => id),
          since,
        );
        return {
          patients: all,
          commitments: [...commitments.matching({ status: ['open'] }), ...closed],
          questions: notes.questions(active),
          unconfirmed: countUnconfirmed(sql, active, kinds, lastConfirmed),
        };
      });
    },
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
