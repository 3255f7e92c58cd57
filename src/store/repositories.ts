/** What every kind of record offers. */
import type { New, Patch } from '../domain/records.ts';

export interface Repository<R extends { readonly id: string; readonly ref: string }> {
  byId(id: string): R | undefined;
  /** Those of them that there are, by id. */
  byIds<K extends keyof R & string>(
    ids: Iterable<string>,
    fields: readonly K[],
  ): ReadonlyMap<string, Pick<R, K | 'id'>>;
  /** A record that was shown, as it is now, whatever changed in it. @throws conflict which says what became of it */
  present(seen: R): R;
  /** The same where it has to be as it was shown, but for what was added to its lists. @throws conflict */
  asSeen(seen: R): R;
  /** Changes a record that was shown, if it is as it was, and returns it whole. Only inside `write`. @throws conflict */
  change(seen: R, patch: (fresh: R) => Patch<R>): R;
  /** Adds a record; gives it its ref, and a ULID where it brings no id. Only inside `write`. */
  insert(record: New<R>): R;
  /** Changes fields of a record that nobody was shown, and returns it whole. Only inside `write`. */
  update(id: string, patch: Patch<R>): R;
}
