/**
 * The notes that a briefing may show. Of a life of thousands only those are read that can come first in their section;
 * the others are counted. Exact: `domain/briefing` puts them in the same order, and a test holds the two together.
 */
import { quoted, type Sql } from './sql.ts';
import type { UnreadNotes } from './store.ts';

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
const fewKinds = Object.keys(few);
/** As many as the briefing shows of any. */
const shownOfEach = 3;
const countedOnHeading: readonly string[] = ['question', 'concern', 'decision'];

const latest = `max(coalesce(recorded_on, ''), coalesce(said_on, ''), coalesce(confirmed_on, ''))`;
// What is undated ranks between what is newer and what is older than a year: it may come first as well.
const sectionOf = `CASE kind ${Object.entries(few)
  .map(([kind, section]) => `WHEN '${kind}' THEN '${section}'`)
  .join(' ')} END || iif(kind IN ('story', 'interest', 'family') AND ${latest} = '', ', undated', '')`;
/** Questions that wait longest come first, of all else the newest; then by id. */
const order = `CASE kind WHEN 'question' THEN coalesce(said_on, recorded_on, '') ELSE '' END,
  CASE kind WHEN 'question' THEN '' ELSE ${latest} END DESC, id`;
const current = `patient_id = ? AND status = 'current' AND NOT EXISTS (
  SELECT 1 FROM note AS later WHERE later.replaces = note.id AND later.status = 'current')`;

export interface ChosenNotes {
  /** A condition on notes, and what goes into it. */
  readonly where: string;
  readonly values: readonly string[];
  readonly unread: UnreadNotes;
}

/** @param worn how many notes were shown before: each may stand behind one that is older */
export function chooseNotes(sql: Sql, patientId: string, worn: number): ChosenNotes {
  const limit = (section: string): number => (section.startsWith('life') ? shownOfEach + worn : shownOfEach);
  const found = sql.all<{ number: number; section: string; place: number; total: number }>(
    `SELECT number, section, place, total FROM (
       SELECT number, ${sectionOf} AS section,
         row_number() OVER (PARTITION BY ${sectionOf} ORDER BY ${order}) AS place,
         count(*) OVER (PARTITION BY ${sectionOf}) AS total
       FROM note WHERE ${current} AND sensitive = 0 AND pinned = 0 AND kind IN (${quoted(fewKinds)}))
     WHERE place <= iif(section LIKE 'life%', ?, ?)`,
    patientId,
    limit('life'),
    limit(''),
  );
  const unread = { silent: 0, open: 0 };
  for (const { section, place, total } of found)
    if (place === 1)
      unread[countedOnHeading.includes(section) ? 'open' : 'silent'] += Math.max(0, total - limit(section));
  return {
    where: `WHERE ${current} AND (sensitive = 1 OR pinned = 1 OR kind NOT IN (${quoted(fewKinds)})
      OR number IN (SELECT value FROM json_each(?)))`,
    values: [patientId, JSON.stringify(found.map(({ number }) => number))],
    unread,
  };
}
