/**
 * Migrations: numbered, append-only steps, one transaction each, with the number in `user_version`. A vault of a newer
 * schema is refused and left unchanged.
 */
import type Database from 'better-sqlite3';
import { conflict } from '../errors.ts';
import { schema1 } from './schema-1.ts';
import { Sql } from './sql.ts';
import { beginSettings } from './vault-settings.ts';

/**
 * Schema 2: several drafts a patient, each of one run and one command. Older drafts get an ended run's name and their
 * patient's id.
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

export const newestSchema = released.length;

export function makeTables(
  database: Database.Database,
  settings: Readonly<Record<string, string>> = {},
): void {
  migrate(new Sql({ database }));
  beginSettings(database, settings);
}

/**
 * @param beforeFirst called once, under the write lock, before an older vault's first step; if it throws, the vault is
 * unchanged
 * @param steps the released ones, unless a test has more
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
      // Another process may have taken this step meanwhile.
      if (sql.pragma('user_version') >= target) return;
      if (found > 0 && index === found) beforeFirst?.(found, steps.length);
      sql.exec(step);
      sql.pragma(`user_version = ${target}`);
    };
    sql.immediate(work, () => sql.pragma('user_version') >= target);
  }
}
