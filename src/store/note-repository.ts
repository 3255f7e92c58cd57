/** Notes, their threads (a note and those that replace it) and their earlier texts. */
import type { CivilDate } from '../dates/civil.ts';
import type { Note, NoteKind, NoteStatus } from '../domain/records.ts';
import { conflict } from '../errors.ts';
import { eraseNote } from './erasure.ts';
import { type Parts, RecordRepository } from './record-repository.ts';
import { quoted, type Scalar, type Sql } from './sql.ts';
import { isNewest, tables } from './tables.ts';

interface NoteFilter {
  readonly kinds?: readonly NoteKind[];
  readonly status?: readonly NoteStatus[];
  readonly since?: CivilDate;
  readonly newest?: true;
}

interface Earlier {
  readonly at: string;
  readonly text: string;
}

export class NoteRepository extends RecordRepository<Note> {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(parts, tables.note);
    this.#parts = parts;
  }

  of(patientId: string, filter: NoteFilter = {}): readonly Note[] {
    const values: Scalar[] = [patientId];
    let where = 'WHERE patient_id = ?';
    if (filter.status) where += ` AND status IN (${quoted(filter.status)})`;
    if (filter.kinds) where += ` AND kind IN (${quoted(filter.kinds)})`;
    if (filter.newest) where += ` AND ${isNewest}`;
    if (filter.since) {
      where += ' AND recorded_on >= ?';
      values.push(filter.since);
    }
    return this.selectMany(where, 'recorded_on DESC, id DESC', ...values);
  }

  numbered(numbers: readonly number[]): readonly Note[] {
    const where = 'WHERE number IN (SELECT value FROM json_each(?))';
    return this.selectMany(where, 'recorded_on DESC, id DESC', JSON.stringify(numbers));
  }

  reachingOut(patientId?: string): readonly Note[] {
    // As in the partial index.
    const where = `WHERE reach_out = 1 AND status = 'current' AND kind = 'milestone'`;
    return patientId === undefined
      ? this.select(`${where} ORDER BY patient_id, number`)
      : this.select(`${where} AND patient_id = ? ORDER BY number`, patientId);
  }

  earlier(id: string): readonly Earlier[] {
    // Leaves out an undone edit and its undo: neither text was replaced in the end.
    return this.sql.all<Earlier>(
      `SELECT operation.at AS at, change.before ->> 'text' AS text
         FROM change JOIN operation ON operation.number = change.operation
        WHERE change.number = ? AND change.record = 'note' AND change.before ->> 'text' IS NOT NULL
          AND operation.undoes IS NULL AND operation.undone = 0
        ORDER BY change.operation DESC, change.step DESC`,
      this.numberOf(id),
    );
  }

  thread(id: string): readonly Note[] {
    return this.select(
      `WHERE id IN (
         WITH RECURSIVE thread (id) AS (
           VALUES (?)
           UNION SELECT note.replaces FROM note JOIN thread ON note.id = thread.id WHERE note.replaces IS NOT NULL
           UNION SELECT note.id FROM note JOIN thread ON note.replaces = thread.id)
         SELECT id FROM thread) ORDER BY number`,
      id,
    );
  }

  /** Only in a `write` that is not undoable. @throws conflict where the patient is on hold */
  erase(id: string): void {
    eraseNote(this.#parts, id, this.numberOf(id));
  }

  move(id: string, patientId: string): Note {
    const thread = this.thread(id);
    if (thread.some((note) => note.patient_id === patientId))
      throw conflict('the note is with this patient already');
    for (const note of thread) this.update(note.id, { patient_id: patientId, person: null });
    return this.update(id, {});
  }
}

/** Kinds of which a section shows only a few, and that section. All notes of other kinds are read. */
const few = {
  story: 'life',
  interest: 'life',
  family: 'life',
  explain: 'explain',
  preference: 'explain',
  matters: 'matters',
  next: 'next',
  question: 'question',
  concern: 'concern',
  decision: 'decision',
} as const;
const shownOfEach = 3;
const countedOnHeading: readonly string[] = ['question', 'concern', 'decision'];

const latest = `max(coalesce(recorded_on, ''), coalesce(said_on, ''), coalesce(confirmed_on, ''))`;
// Undated notes rank between those newer and those older than a year, so they may come first as well.
const undated = 'life, undated';
/** Always read: private, pinned, or of another kind. */
const always = 'always';
const sections: readonly string[] = [...new Set([...Object.values(few), undated, always])];
const codeOf = (section: string): number => sections.indexOf(section);
const sectionCode = `CASE iif(sensitive = 1 OR pinned = 1, '', kind) ${Object.entries(few)
  .map(([kind, section]) => {
    const code = codeOf(section);
    return `WHEN '${kind}' THEN ${section === 'life' ? `iif(${latest} = '', ${codeOf(undated)}, ${code})` : code}`;
  })
  .join(' ')} ELSE ${codeOf(always)} END`;
/** The longest waiting questions first, the newest of all else; then by id. */
const order = `CASE kind WHEN 'question' THEN coalesce(said_on, recorded_on, '') ELSE '' END,
  CASE kind WHEN 'question' THEN '' ELSE ${latest} END DESC, id`;
const current = `patient_id = ? AND status = 'current' AND ${isNewest}`;
const inOrder = `SELECT json_group_array(coded) AS notes FROM (
  SELECT number * ${sections.length} + ${sectionCode} AS coded FROM note WHERE ${current} ORDER BY ${order})`;

/** @param worn number of notes shown before: each may rank behind an older one */
export function chooseNotes(sql: Sql, patientId: string, worn: number) {
  const limits = sections.map((section) =>
    section === always ? Number.POSITIVE_INFINITY : shownOfEach + (section.startsWith('life') ? worn : 0),
  );
  const totals = sections.map(() => 0);
  const numbers: number[] = [];
  for (const coded of JSON.parse(sql.get<{ notes: string }>(inOrder, patientId)?.notes ?? '[]') as number[]) {
    const code = coded % sections.length;
    const total = (totals[code] ?? 0) + 1;
    totals[code] = total;
    if (total <= (limits[code] ?? 0)) numbers.push((coded - code) / sections.length);
  }
  const unread = { silent: 0, open: 0 };
  for (const [code, section] of sections.entries())
    unread[countedOnHeading.includes(section) ? 'open' : 'silent'] += Math.max(
      0,
      (totals[code] ?? 0) - (limits[code] ?? 0),
    );
  return { numbers, unread };
}
