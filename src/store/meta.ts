/**
 * What the vault keeps in `meta`: its settings, an object of strings; when it was backed up; and who became part of whom
 * and which drafts moved, as ids by the operation's number, so that undo finds them.
 */
import type Database from 'better-sqlite3';
import type { Sql } from './sql.ts';

type Values = Readonly<Record<string, string>>;

/** Does the work together with a row of the log. */
interface Log {
  readonly happened: (verb: string, work: () => void) => void;
}

const settings = 'settings';
/** An ISO instant. */
export const lastBackup = 'last_backup';
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

export const backupTimes = (sql: Sql, log: Log) => ({
  last: () => metaOf(sql, lastBackup),
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
    return [...logged.map(({ at }) => at), metaOf(sql, lastBackup)]
      .filter((at) => at !== undefined)
      .filter((at) => added === undefined || at >= added.at)
      .sort()
      .reverse();
  },
  remember: (at: string, verb: 'backup' | 'restore'): void =>
    log.happened(verb, () => putMeta(sql, lastBackup, at)),
});

interface Merge {
  readonly gone: string;
  readonly kept: string;
  readonly drafts: readonly string[];
  /** Of an undo: the drafts returned to the restored patient. */
  readonly isBack: boolean;
}

const mergePrefix = 'merge:';
/** Follows the prefix in key order. */
const mergeEnd = 'merge;';

export type Merges = ReturnType<typeof mergesIn>;

export function mergesIn(sql: Sql) {
  const write = (operation: number, merge: Merge): void =>
    putMeta(sql, mergePrefix + operation, JSON.stringify(merge));

  /** @param among all drafts of a patient, or some. @returns those that moved */
  const moveDrafts = (from: string, to: string, among?: readonly string[]): readonly string[] => {
    const drafts = sql.all<{ id: string }>('SELECT id FROM draft WHERE patient_id = ?', from);
    const moved = drafts.map(({ id }) => id).filter((id) => among?.includes(id) ?? true);
    for (const id of moved) sql.run('UPDATE draft SET patient_id = ? WHERE id = ?', to, id);
    return moved;
  };

  const standing = (): readonly Merge[] =>
    sql
      .all<{ value: string }>(
        `SELECT meta.value FROM meta JOIN operation ON operation.number = CAST(substr(meta.key, ?) AS INTEGER)
          WHERE meta.key > ? AND meta.key < ? AND operation.undoes IS NULL AND operation.undone = 0`,
        mergePrefix.length + 1,
        mergePrefix,
        mergeEnd,
      )
      .map(({ value }) => JSON.parse(value));

  return {
    join(operation: number, gone: string, kept: string): void {
      write(operation, { gone, kept, drafts: moveDrafts(gone, kept), isBack: false });
    },
    reverse(operation: number, by: number): void {
      const value = metaOf(sql, mergePrefix + operation);
      if (value === undefined) return;
      const merge = JSON.parse(value) as Merge;
      const { gone, kept, isBack } = merge;
      const drafts = isBack ? moveDrafts(gone, kept) : moveDrafts(kept, gone, merge.drafts);
      write(by, { gone, kept, drafts, isBack: !isBack });
    },
    /** Ids of all that became part of a patient, or of one that did. */
    partsOf(patientId: string): readonly string[] {
      const merges = standing();
      const found = new Set([patientId]);
      for (const kept of found) for (const merge of merges) if (merge.kept === kept) found.add(merge.gone);
      return [...found].slice(1);
    },
    /** Of whom a patient is a part now, at the end of all merges. */
    keptFor(patientId: string): string | undefined {
      const keptBy = new Map(standing().map(({ gone, kept }) => [gone, kept]));
      const passed = new Set([patientId]);
      for (const one of passed) passed.add(keptBy.get(one) ?? one);
      return [...passed].slice(1).at(-1);
    },
    forget(patientIds: readonly string[]): void {
      const ids = JSON.stringify(patientIds);
      sql.run(
        `DELETE FROM meta WHERE key > ? AND key < ? AND (value ->> 'gone' IN (SELECT value FROM json_each(?))
           OR value ->> 'kept' IN (SELECT value FROM json_each(?)))`,
        mergePrefix,
        mergeEnd,
        ids,
        ids,
      );
    },
  };
}
