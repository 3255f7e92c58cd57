/**
 * The notes that a briefing may show: only those that can come first in their section are read, the others counted.
 * Trap: `domain/briefing` must order them the same way; a test compares the two.
 */
import type { Sql } from './sql.ts';
import { isNewest } from './tables.ts';

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
/** Each row as one integer: its number and its section's code. */
const inOrder = `SELECT json_group_array(coded) AS notes FROM (
  SELECT number * ${sections.length} + ${sectionCode} AS coded FROM note WHERE ${current} ORDER BY ${order})`;

export interface UnreadNotes {
  /** Of the kinds that a heading counts. */
  readonly open: number;
  readonly silent: number;
}

export interface ChosenNotes {
  readonly where: string;
  readonly values: readonly string[];
  readonly unread: UnreadNotes;
}

/** @param worn number of notes shown before: each may rank behind an older one */
export function chooseNotes(sql: Sql, patientId: string, worn: number): ChosenNotes {
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
  return {
    where: 'WHERE number IN (SELECT value FROM json_each(?))',
    values: [JSON.stringify(numbers)],
    unread,
  };
}
