/** Which notes a briefing had on the screen, and on which days. */
import type { Sql } from './sql.ts';
import type { Shown } from './store.ts';

/** For each note: the days on which it was shown and a visit was held. */
export function countShown(sql: Sql, patientId: string): ReadonlyMap<string, number> {
  const rows = sql.all<{ note_id: string; days: number }>(
    `SELECT note_id, count(*) AS days FROM shown WHERE patient_id = ? AND "on" IN (
       SELECT "on" FROM contact WHERE patient_id = shown.patient_id AND state = 'held' AND channel IN ('visit', 'home'))
     GROUP BY note_id`,
    patientId,
  );
  return new Map(rows.map((row) => [row.note_id, row.days]));
}

/** Remembers what was on the screen, inside the caller's transaction; read again by `countShown`. */
export function recordShown(sql: Sql, patientId: string, { noteIds, on }: Shown): void {
  for (const id of noteIds)
    sql.run('INSERT OR IGNORE INTO shown (patient_id, "on", note_id) VALUES (?, ?, ?)', patientId, on, id);
}
