/** Notes, their threads (a note and those that replace it) and their earlier texts. */
import type { CivilDate } from '../dates/civil.ts';
import type { Note, NoteKind, NoteStatus } from '../domain/records.ts';
import { conflict } from '../errors.ts';
import type { ChosenNotes } from './briefing-notes.ts';
import { eraseNote } from './erasure.ts';
import { type Parts, RecordRepository } from './record-repository.ts';
import { quoted, type Scalar } from './sql.ts';
import { isNewest, tables } from './tables.ts';

interface NoteFilter {
  readonly kinds?: readonly NoteKind[];
  readonly status?: readonly NoteStatus[];
  readonly since?: CivilDate;
  /** Of each thread the newest. */
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

  /** Newest recorded first, then id. */
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

  chosen({ where, values }: Pick<ChosenNotes, 'where' | 'values'>): readonly Note[] {
    return this.selectMany(where, 'recorded_on DESC, id DESC', ...values);
  }

  /** Current milestones marked to reach out for: of one patient, or of all. */
  reachingOut(patientId?: string): readonly Note[] {
    // As in the partial index.
    const where = `WHERE reach_out = 1 AND status = 'current' AND kind = 'milestone'`;
    return patientId === undefined
      ? this.select(`${where} ORDER BY patient_id, number`)
      : this.select(`${where} AND patient_id = ? ORDER BY number`, patientId);
  }

  /** Newest first. */
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

  /** Oldest first, itself included. */
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

  /**
   * Erases a note with its history. Only in a `write` that is not undoable. @throws conflict where the patient is on
   * hold
   */
  erase(id: string): void {
    eraseNote(this.#parts, id, this.numberOf(id));
  }

  /** Moves a note with its thread and history to another patient; clears person links. */
  move(id: string, patientId: string): Note {
    const thread = this.thread(id);
    if (thread.some((note) => note.patient_id === patientId))
      throw conflict('the note is with this patient already');
    for (const note of thread) this.update(note.id, { patient_id: patientId, person: null });
    return this.update(id, {});
  }
}
