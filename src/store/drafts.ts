/** What was typed and not yet saved: one draft a patient, each line on the disk as soon as it is entered. */
import type { CivilDate } from '../dates/civil.ts';
import type { Meanwhile } from './meanwhile.ts';
import type { Sql } from './sql.ts';
import type { Draft, DraftLine, Drafts } from './store.ts';

export class DraftRepository implements Drafts {
  readonly #sql: Sql;
  readonly #meanwhile: Pick<Meanwhile, 'ofPatient'>;

  constructor(sql: Sql, meanwhile: Pick<Meanwhile, 'ofPatient'>) {
    this.#sql = sql;
    this.#meanwhile = meanwhile;
  }

  of(patientId: string): Draft | undefined {
    const draft = this.#sql.get<{ on: CivilDate }>('SELECT "on" FROM draft WHERE patient_id = ?', patientId);
    return draft && { patient_id: patientId, on: draft.on, lines: this.#linesOf(patientId) };
  }

  all(): readonly Draft[] {
    return this.#sql
      .all<{ patient_id: string; on: CivilDate }>('SELECT patient_id, "on" FROM draft ORDER BY "on", rowid')
      .map((draft) => ({ ...draft, lines: this.#linesOf(draft.patient_id) }));
  }

  append(patientId: string, on: CivilDate, line: DraftLine): void {
    this.#sql.immediate(() => {
      const gone = this.#meanwhile.ofPatient(patientId);
      if (gone !== undefined) throw gone;
      this.#sql.run(
        'INSERT INTO draft (patient_id, "on") VALUES (?, ?) ON CONFLICT (patient_id) DO UPDATE SET "on" = excluded."on"',
        patientId,
        on,
      );
      this.#sql.run(
        'INSERT INTO draft_line (patient_id, place, text) VALUES (?, ?, ?)',
        patientId,
        line.place,
        line.text,
      );
    });
  }

  discard(patientId: string): void {
    this.#sql.immediate(() => {
      this.#sql.run('DELETE FROM draft_line WHERE patient_id = ?', patientId);
      this.#sql.run('DELETE FROM draft WHERE patient_id = ?', patientId);
    });
  }

  #linesOf(patientId: string): readonly DraftLine[] {
    return this.#sql.all<DraftLine>(
      'SELECT place, text FROM draft_line WHERE patient_id = ? ORDER BY number',
      patientId,
    );
  }
}
