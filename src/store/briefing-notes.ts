/**
 * The notes that a briefing may show. Of a life of thousands only those are read that can come first in their section;
 * the others are counted. Exact: `domain/briefing` puts them in the same order, and a test holds the two together.
 */
import type { Sql } from './sql.ts';

/** Kinds of which a section shows a few, and the section's name here. All of any other kind is read. */
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
/** As many as the briefing shows of any. */
const shownOfEach = 3;
const countedOnHeading: readonly string[] = ['question', 'concern', 'decision'];

const latest = `max(coalesce(recorded_on, ''), coalesce(said_on, ''), coalesce(confirmed_on, ''))`;
// What is undated ranks between what is newer and what is older than a year: it may come first as well.
const undated = 'life, undated';
/** What is read in any case: private, pinned, or of another kind. */
const always = 'always';
const sections: readonly string[] = [...new Set([...Object.values(few), undated, always])];
const codeOf = (section: string): number => sections.indexOf(section);
const sectionCode = `CASE iif(sensitive = 1 OR pinned = 1, '', kind) ${Object.entries(few)
  .map(([kind, section]) => {
    const code = codeOf(section);
    return `WHEN '${kind}' THEN ${section === 'life' ? `iif(${latest} = '', ${codeOf(undated)}, ${code})` : code}`;
  })
  .join(' ')} ELSE ${codeOf(always)} END`;
/** Questions that wait longest come first, of all else the newest; then by id. */
const order = `CASE kind WHEN 'question' THEN coalesce(said_on, recorded_on, '') ELSE '' END,
  CASE kind WHEN 'question' THEN '' ELSE ${latest} END DESC, id`;
const current = `patient_id = ? AND status = 'current' AND NOT EXISTS (
  SELECT 1 FROM note AS later WHERE later.replaces = note.id AND later.status = 'current')`;
/** All of them in order, each as one whole number: its own, and its section's code. */
const inOrder = `SELECT json_group_array(coded) AS notes FROM (
  SELECT number * ${sections.length} + ${sectionCode} AS coded FROM note WHERE ${current} ORDER BY ${order})`;

/** Notes that could be shown but for the others, and were not read. */
export interface UnreadNotes {
  /** Of the kinds that a heading counts. */
  readonly open: number;
  readonly silent: number;
}

export interface ChosenNotes {
  /** A condition on notes, and what goes into it. */
  readonly where: string;
  readonly values: readonly string[];
  readonly unread: UnreadNotes;
}

/** @param worn how many notes were shown before: each may stand behind one that is older */
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
