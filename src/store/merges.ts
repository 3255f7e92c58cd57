/** Who became part of whom, and which drafts moved: ids alone, by the operation's number, so that undo finds them. */
import type { Sql } from './sql.ts';
import { metaOf, putMeta } from './vault-settings.ts';

interface Merge {
  readonly gone: string;
  readonly kept: string;
  readonly drafts: readonly string[];
  /** Of an undo: the drafts returned to the restored patient. */
  readonly isBack: boolean;
}

const prefix = 'merge:';
/** Follows the prefix in key order. */
const end = 'merge;';

export type Merges = ReturnType<typeof mergesIn>;

export function mergesIn(sql: Sql) {
  const write = (operation: number, merge: Merge): void =>
    putMeta(sql, prefix + operation, JSON.stringify(merge));

  const giveDrafts = (from: string, to: string): readonly string[] => {
    const drafts = sql.all<{ id: string }>('SELECT id FROM draft WHERE patient_id = ?', from);
    sql.run('UPDATE draft SET patient_id = ? WHERE patient_id = ?', to, from);
    return drafts.map(({ id }) => id);
  };

  const returnDrafts = ({ gone, kept, drafts }: Merge): readonly string[] =>
    drafts.filter(
      (id) =>
        sql.run('UPDATE draft SET patient_id = ? WHERE id = ? AND patient_id = ?', gone, id, kept).changes >
        0,
    );

  const standing = (): readonly Merge[] =>
    sql
      .all<{ value: string }>(
        `SELECT meta.value FROM meta JOIN operation ON operation.number = CAST(substr(meta.key, ?) AS INTEGER)
          WHERE meta.key > ? AND meta.key < ? AND operation.undoes IS NULL AND operation.undone = 0`,
        prefix.length + 1,
        prefix,
        end,
      )
      .map(({ value }) => JSON.parse(value));

  return {
    join(operation: number, gone: string, kept: string): void {
      write(operation, { gone, kept, drafts: giveDrafts(gone, kept), isBack: false });
    },
    reverse(operation: number, by: number): void {
      const value = metaOf(sql, prefix + operation);
      if (value === undefined) return;
      const merge = JSON.parse(value) as Merge;
      const { gone, kept, isBack } = merge;
      write(by, {
        gone,
        kept,
        drafts: isBack ? giveDrafts(gone, kept) : returnDrafts(merge),
        isBack: !isBack,
      });
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
        prefix,
        end,
        ids,
        ids,
      );
    },
  };
}
