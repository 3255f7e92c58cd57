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
