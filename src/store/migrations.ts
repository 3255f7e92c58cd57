/** Numbered, append-only steps, one transaction each, with the number in `user_version`. */
import type Database from 'better-sqlite3';
import { conflict } from '../errors.ts';
import { putMeta, Sql } from './sql.ts';
import { foldAnew } from './tables.ts';

/** Several drafts a patient, each of one run and one command. Older ones get an ended run's name, the patient's id. */
const schema2 = `
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

/**
 * Whom rapport keeps quiet about, who is apart, what repeats, dates that were not read, and people without a name. What
 * the text index can't fold itself stands in a table of its own, where there is any.
 */
const columnsOfSchema3 = `
ALTER TABLE patient ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
ALTER TABLE patient ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]';
ALTER TABLE person ADD COLUMN called TEXT;
UPDATE person SET called = name;
ALTER TABLE person DROP COLUMN name;
ALTER TABLE person RENAME COLUMN called TO name;
ALTER TABLE person ADD COLUMN apart_since TEXT;
ALTER TABLE person ADD COLUMN patient TEXT;
CREATE INDEX person_is_patient ON person (patient) WHERE patient IS NOT NULL;
ALTER TABLE note ADD COLUMN unread TEXT;
ALTER TABLE commitment ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitment ADD COLUMN every TEXT;
ALTER TABLE commitment ADD COLUMN unread TEXT;
ALTER TABLE commitment ADD COLUMN undated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0;
CREATE INDEX note_turning ON note (patient_id) WHERE kind IN ('loss', 'avoid');
CREATE TABLE folded (number INTEGER PRIMARY KEY, text TEXT, outcome TEXT) STRICT;
DROP VIEW searchable;
CREATE VIEW searchable (number, text, outcome) AS
  SELECT note.number, coalesce(folded.text, note.text), coalesce(folded.outcome, answer, '')
    FROM note LEFT JOIN folded ON folded.number = note.number
  UNION ALL SELECT commitment.number, coalesce(folded.text, commitment.text), coalesce(folded.outcome, how, '')
    FROM commitment LEFT JOIN folded ON folded.number = commitment.number;
`;

/** Letters that have no accent to lose, half and full width, and vowel signs are folded as well. */
function schema3(sql: Sql): void {
  sql.exec(columnsOfSchema3);
  foldAnew(sql);
}

const schema1 = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- A ref outlives an undone record, so that a redo gives it back; only erasing frees it.
CREATE TABLE ref (number INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, record TEXT NOT NULL) STRICT;

CREATE TABLE patient (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  name TEXT NOT NULL, handle TEXT NOT NULL, goes_by TEXT, say TEXT, pronouns TEXT, language TEXT,
  aliases TEXT NOT NULL, birth_date TEXT, first_met TEXT, "new" INTEGER NOT NULL,
  unconfirmed TEXT NOT NULL, declined TEXT NOT NULL, status TEXT NOT NULL, died_on TEXT,
  cadence_days INTEGER, identifiers TEXT NOT NULL, hold INTEGER NOT NULL) STRICT;

CREATE INDEX patient_in_touch ON patient (status) WHERE cadence_days IS NOT NULL;

-- What patients are looked up by, folded; made from the patient's row whenever that changes.
CREATE TABLE patient_handle (handle TEXT PRIMARY KEY, patient_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE patient_word (word TEXT NOT NULL, patient_id TEXT NOT NULL, PRIMARY KEY (word, patient_id)) STRICT, WITHOUT ROWID;
CREATE INDEX patient_word_of ON patient_word (patient_id);
CREATE TABLE patient_identifier (system TEXT NOT NULL, value TEXT NOT NULL, patient_id TEXT NOT NULL,
  PRIMARY KEY (system, value, patient_id)) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  name TEXT NOT NULL, relation TEXT, birth_date TEXT, status TEXT NOT NULL, died_on TEXT,
  UNIQUE (id, patient_id)) STRICT;
CREATE INDEX person_of_patient ON person (patient_id);

CREATE TABLE note (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  kind TEXT NOT NULL, text TEXT NOT NULL, recorded_on TEXT, said_on TEXT, confirmed_on TEXT,
  person TEXT, "date" TEXT, yearly INTEGER NOT NULL, tone TEXT NOT NULL, reach_out INTEGER NOT NULL,
  sensitive INTEGER NOT NULL, show_in_brief INTEGER NOT NULL, pinned INTEGER NOT NULL, status TEXT NOT NULL,
  answered_on TEXT, answer TEXT, replaces TEXT REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED,
  source TEXT NOT NULL,
  FOREIGN KEY (person, patient_id) REFERENCES person (id, patient_id) DEFERRABLE INITIALLY DEFERRED) STRICT;
CREATE INDEX note_of_patient ON note (patient_id, status);
CREATE INDEX note_of_person ON note (person) WHERE person IS NOT NULL;
CREATE INDEX note_replacing ON note (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX note_reaching_out ON note (patient_id) WHERE reach_out = 1 AND status = 'current';

CREATE TABLE commitment (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  text TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, for_person TEXT, made_on TEXT, due TEXT,
  status TEXT NOT NULL, closed_on TEXT, how TEXT, who TEXT, reason TEXT, told_on TEXT,
  snoozes TEXT NOT NULL, attempts TEXT NOT NULL,
  FOREIGN KEY (for_person, patient_id) REFERENCES person (id, patient_id) DEFERRABLE INITIALLY DEFERRED) STRICT;
CREATE INDEX commitment_of_patient ON commitment (patient_id, status, closed_on);
CREATE INDEX commitment_open ON commitment (due) WHERE status = 'open';
CREATE INDEX commitment_for_person ON commitment (for_person) WHERE for_person IS NOT NULL;

CREATE TABLE contact (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  "on" TEXT NOT NULL, at TEXT, time_zone TEXT, channel TEXT NOT NULL, direction TEXT, state TEXT NOT NULL,
  gist TEXT, uid TEXT, sequence INTEGER, source TEXT NOT NULL) STRICT;
CREATE INDEX contact_of_patient ON contact (patient_id, "on");
CREATE INDEX contact_on ON contact ("on");
CREATE INDEX contact_held ON contact (patient_id, "on") WHERE state = 'held' AND channel IN ('visit', 'home');
CREATE INDEX contact_planned ON contact (patient_id, "on", at) WHERE state = 'planned';
CREATE INDEX contact_uid ON contact (uid) WHERE uid IS NOT NULL;

CREATE TABLE closed_day (number INTEGER PRIMARY KEY, "on" TEXT NOT NULL UNIQUE, name TEXT) STRICT;
CREATE TABLE away (number INTEGER PRIMARY KEY, "from" TEXT NOT NULL, "to" TEXT NOT NULL, reason TEXT) STRICT;
CREATE TABLE weekend (number INTEGER PRIMARY KEY, days TEXT NOT NULL) STRICT;

CREATE TABLE draft (patient_id TEXT PRIMARY KEY REFERENCES patient (id) DEFERRABLE INITIALLY DEFERRED,
  "on" TEXT NOT NULL) STRICT;
CREATE TABLE draft_line (number INTEGER PRIMARY KEY, patient_id TEXT NOT NULL REFERENCES draft (patient_id),
  place TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX draft_line_of ON draft_line (patient_id);

CREATE TABLE shown (patient_id TEXT NOT NULL, "on" TEXT NOT NULL, note_id TEXT NOT NULL,
  PRIMARY KEY (patient_id, "on", note_id)) STRICT, WITHOUT ROWID;

-- What undo needs. 'before' holds a removed record whole, a changed one's changed fields, and null for an added one.
CREATE TABLE operation (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, verb TEXT NOT NULL, undoable INTEGER NOT NULL,
  undoes INTEGER REFERENCES operation (number), undone INTEGER NOT NULL DEFAULT 0, count INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE change (
  operation INTEGER NOT NULL REFERENCES operation (number), step INTEGER NOT NULL, record TEXT NOT NULL,
  number INTEGER NOT NULL, patient_id TEXT, before TEXT, PRIMARY KEY (operation, step)) STRICT, WITHOUT ROWID;
CREATE INDEX change_of ON change (number, record);

-- Who looked at or changed what, without content; each row's mac covers the row before it.
CREATE TABLE log (sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT, patient_id TEXT, verb TEXT NOT NULL,
  count INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE INDEX log_of_patient ON log (patient_id, sequence) WHERE patient_id IS NOT NULL;
CREATE INDEX log_briefed ON log (sequence) WHERE verb = 'brief' AND patient_id IS NOT NULL;

-- Marks of forgotten people, without their names, so that bringing one back by an import is noticed.
CREATE TABLE forgotten (mark TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;

-- The index holds no text of its own: it reads the records through this view.
CREATE VIEW searchable (number, text, outcome) AS
  SELECT number, text, coalesce(answer, '') FROM note
  UNION ALL SELECT number, text, coalesce(how, '') FROM commitment;
CREATE VIRTUAL TABLE text_index USING fts5 (text, outcome, content = 'searchable', content_rowid = 'number',
  columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO text_index (text_index, rank) VALUES ('secure-delete', 1);
`;

type Step = string | ((sql: Sql) => void);

export const released: readonly Step[] = [schema1, schema2, schema3];

export const newestSchema = released.length;

/** Whether opening it changes what is there. */
export function isOlder(database: Database.Database): boolean {
  const schema = Number(database.pragma('user_version', { simple: true }));
  return schema > 0 && schema < newestSchema;
}

export function makeTables(
  database: Database.Database,
  settings: Readonly<Record<string, string>> = {},
): void {
  const sql = new Sql({ database });
  migrate(sql);
  putMeta(sql, 'settings', JSON.stringify(settings));
}

/** @param beforeFirst under the write lock; if it throws, the vault is unchanged. @throws conflict (newer schema) */
export function migrate(
  sql: Sql,
  beforeFirst?: (from: number, to: number) => void,
  steps: readonly Step[] = released,
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
      if (typeof step === 'string') sql.exec(step);
      else step(sql);
      // Rows may have changed: the next change makes another one.
      sql.exec("DELETE FROM meta WHERE key = 'digest'");
      sql.pragma(`user_version = ${target}`);
    };
    sql.immediate(work, () => sql.pragma('user_version') >= target);
  }
}
