/**
 * Bringing a vault's schema up to this program's: numbered steps, appended and never edited, each in one transaction
 * with its number in `user_version`. A schema newer than the last step is refused, and the file is left as it is.
 */
import type Database from 'better-sqlite3';
import { conflict } from '../errors.ts';
import { schema1 } from './schema-1.ts';
import { Sql } from './sql.ts';
import { beginSettings } from './vault-settings.ts';

/**
 * Schema 2: a patient may have several drafts, each of one run and for one command. What was typed before it belongs to
 * a run that has ended, named after its patient; a merge that took such a draft along knows it by that name.
 */
export const schema2 = `
CREATE TABLE typed (id TEXT PRIMARY KEY, run TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  task TEXT NOT NULL, record TEXT, "on" TEXT NOT NULL, options TEXT) STRICT;
CREATE TABLE typed_line (number INTEGER PRIMARY KEY, draft TEXT NOT NULL REFERENCES typed (id),
  place TEXT NOT NULL, text TEXT NOT NULL) STRICT;
INSERT INTO typed SELECT patient_id, '', patient_id, 'commit', NULL, "on", NULL FROM draft ORDER BY "on", rowid;
INSERT INTO typed_line SELECT number, patient_id, place, text FROM draft_line;
UPDATE meta SET value = json_set(json_remove(value, '$.lines'), '$.drafts',
  (SELECT json_group_array(DISTINCT patient_id) FROM draft_line
    WHERE number IN (SELECT value FROM json_each(meta.value, '$.lines'))))
  WHERE key > 'merge:' AND key < 'merge;';
DROP TABLE draft_line;
DROP TABLE draft;
ALTER TABLE typed RENAME TO draft;
ALTER TABLE typed_line RENAME TO draft_line;
CREATE INDEX draft_of ON draft (patient_id);
CREATE INDEX draft_for ON draft (record) WHERE record IS NOT NULL;
CREATE INDEX draft_line_of ON draft_line (draft);
`;

const released: readonly string[] = [schema1, schema2];

/** The schema that this program reads and writes. */
export const newestSchema = released.length;

/** The tables of a new vault, and its first settings. */
export function makeTables(
  database: Database.Database,
  settings: Readonly<Record<string, string>> = {},
): void {
  migrate(new Sql(database));
  beginSettings(database, settings);
}

/**
 * @param beforeFirst called once before an older vault's first step, for a copy to be set aside; under the write lock,
 *   so that the vault stays as it is copied. What it throws leaves the vault as it was
 * @param steps those that were released, unless a test has more
 * @throws conflict where the vault is of a newer schema
 */
export function migrate(
  sql: Sql,
  beforeFirst?: (from: number, to: number) => void,
  steps: readonly string[] = released,
): void {
  const found = sql.pragma('user_version');
  if (found > steps.length)
    throw conflict('this vault was written by a newer rapport', 'update rapport, then try again');
  for (const [index, step] of steps.entries()) {
    const target = index + 1;
    if (found >= target) continue;
    const work = (): void => {
      // Another rapport may have taken this step while this one waited.
      if (sql.pragma('user_version') >= target) return;
      if (found > 0 && index === found) beforeFirst?.(found, steps.length);
      sql.exec(step);
      sql.pragma(`user_version = ${target}`);
    };
    sql.immediate(work, () => sql.pragma('user_version') >= target);
  }
}
