/** Who became part of whom, and which drafts moved: ids alone, by the operation's number, so that undo finds them. */
import type { Sql } from './sql.ts';

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

export class Merges {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  join(operation: number, gone: string, kept: string): void {
    this.#write(operation, { gone, kept, drafts: this.#giveDrafts(gone, kept), isBack: false });
  }

  reverse(operation: number, by: number): void {
    const merge = this.#of(operation);
    if (merge === undefined) return;
    const { gone, kept, isBack } = merge;
    const drafts = isBack ? this.#giveDrafts(gone, kept) : this.#returnDrafts(merge);
    this.#write(by, { gone, kept, drafts, isBack: !isBack });
  }

  partsOf(patientId: string): readonly string[] {
    const found = new Set<string>();
    const standing = this.#standing();
    const follow = (kept: string): void => {
      for (const merge of standing) {
        if (merge.kept !== kept || merge.gone === patientId || found.has(merge.gone)) continue;
        found.add(merge.gone);
        follow(merge.gone);
      }
    };
    follow(patientId);
    return [...found];
  }

  keptFor(patientId: string): string | undefined {
    const standing = this.#standing();
    const passed = [patientId];
    for (;;) {
      const kept = standing.find(({ gone }) => gone === passed.at(-1))?.kept;
      if (kept === undefined || passed.includes(kept)) return passed[1] && passed.at(-1);
      passed.push(kept);
    }
  }

  forget(patientIds: readonly string[]): void {
    for (const [key, { gone, kept }] of this.#all())
      if (patientIds.includes(gone) || patientIds.includes(kept))
        this.#sql.run('DELETE FROM meta WHERE key = ?', key);
  }

  #giveDrafts(from: string, to: string): readonly string[] {
    const drafts = this.#sql.all<{ id: string }>('SELECT id FROM draft WHERE patient_id = ?', from);
    this.#sql.run('UPDATE draft SET patient_id = ? WHERE patient_id = ?', to, from);
    return drafts.map(({ id }) => id);
  }

  #returnDrafts({ gone, kept, drafts }: Merge): readonly string[] {
    return drafts.filter(
      (id) =>
        this.#sql.run('UPDATE draft SET patient_id = ? WHERE id = ? AND patient_id = ?', gone, id, kept)
          .changes > 0,
    );
  }

  #write(operation: number, merge: Merge): void {
    this.#sql.run('INSERT INTO meta (key, value) VALUES (?, ?)', prefix + operation, JSON.stringify(merge));
  }

  #of(operation: number): Merge | undefined {
    const row = this.#sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', prefix + operation);
    return row && (JSON.parse(row.value) as Merge);
  }

  #all(): readonly (readonly [key: string, merge: Merge])[] {
    return this.#sql
      .all<{ key: string; value: string }>(
        'SELECT key, value FROM meta WHERE key > ? AND key < ?',
        prefix,
        end,
      )
      .map(({ key, value }) => [key, JSON.parse(value) as Merge]);
  }

  #standing(): readonly Merge[] {
    return this.#all().flatMap(([key, merge]) => {
      const stands = this.#sql.get(
        'SELECT 1 FROM operation WHERE number = ? AND undoes IS NULL AND undone = 0',
        Number(key.slice(prefix.length)),
      );
      return stands === undefined ? [] : [merge];
    });
  }
}
