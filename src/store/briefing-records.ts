/** All records of one briefing, read in one transaction: of many notes, only those that can come first. */
import type { CivilDate } from '../dates/civil.ts';
import { comparedConcerns } from '../domain/briefing/briefing.ts';
import { kindsWith } from '../domain/note-rules.ts';
import type { Patient } from '../domain/records.ts';
import { fold, foldedWords } from '../domain/text.ts';
import { notFound } from '../errors.ts';
import { isNewest, type Queries } from './queries.ts';
import type { Sql } from './sql.ts';

/** @param everything all current notes, not only those that can come first */
export function briefingRecords(
  { sql, patients, people, notes, commitments, contacts }: Queries & { readonly sql: Sql },
  patientId: string,
  on: CivilDate,
  everything = false,
) {
  return sql.reading(() => {
    const patient = patients.byId(patientId);
    if (patient === undefined) throw notFound('no such patient');
    const around = people.of(patientId);
    const shown = countShown(sql, patientId);
    const lastVisit = contacts.lastVisitBefore(patientId, on);
    const current = { status: ['current'], newest: true } as const;
    // Which notes a loss or a caution holds back depends on each note's words.
    const isWhole = everything || notes.turned([patientId]).size > 0;
    const chosen = isWhole ? undefined : chooseNotes(sql, patientId, shown.size);
    return {
      patient,
      people: around,
      notes: chosen ? notes.numbered(chosen.numbers) : notes.of(patientId, current),
      answered: notes.answeredSince(patientId, lastVisit),
      unread: chosen?.unread ?? { open: 0, silent: 0 },
      commitments: commitments.forBriefing(patientId, lastVisit),
      contacts: contacts.of(patientId),
      shown,
      hasNamesake: hasNamesake(sql, patient),
    };
  });
}

const namesOf = (patient: { readonly name: string; readonly goes_by: string | null }): readonly string[] =>
  [patient.name, patient.goes_by ?? ''].map(fold).filter((name) => name !== '');

/** Looks up whole words, so that not every patient's row is read. */
function hasNamesake(sql: Sql, patient: Patient): boolean {
  const names = new Set(namesOf(patient));
  return [...names].some((name) => {
    const words = [...new Set(foldedWords(name))];
    if (words.length === 0) return false;
    const others = sql.all<{ name: string; goes_by: string | null }>(
      `SELECT name, goes_by FROM patient WHERE id <> ? AND status <> 'archived' AND id IN (
         ${words.map(() => 'SELECT patient_id FROM patient_word WHERE word = ?').join(' INTERSECT ')})`,
      patient.id,
      ...words,
    );
    return others.some((other) => namesOf(other).some((otherName) => names.has(otherName)));
  });
}

/** By note id: the number of days on which it was shown and a visit was held. */
function countShown(sql: Sql, patientId: string): ReadonlyMap<string, number> {
  const rows = sql.all<{ note_id: string; days: number }>(
    `SELECT note_id, count(*) AS days FROM shown WHERE patient_id = ? AND "on" IN (
       SELECT "on" FROM contact WHERE patient_id = shown.patient_id AND state = 'held' AND channel IN ('visit', 'home'))
     GROUP BY note_id`,
    patientId,
  );
  return new Map(rows.map((row) => [row.note_id, row.days]));
}

const ofLife = kindsWith(({ isMany, section }) => isMany && section === 'life');
/** Of these the one that has waited longest is read as well. */
const countedOnHeading: readonly string[] = kindsWith(({ section }) => section === 'open');
/** Kinds of which their own section shows only a few, as that of life does. All notes of other kinds are read. */
const few = kindsWith(({ isMany, section }) => isMany && section !== 'life');
const unshown: readonly string[] = kindsWith(({ section }) => section === null);
const shownOfEach = 3;

const latest = `max(coalesce(recorded_on, ''), coalesce(said_on, ''), coalesce(confirmed_on, ''))`;
// Undated notes rank between those newer and those older than a year, so they may come first as well.
const undated = 'life, undated';
/** Always read: private, pinned, or of another kind. */
const always = 'always';
const sections: readonly string[] = ['life', ...few, undated, always];
const codeOf = (section: string): number => sections.indexOf(section);
const codes = [
  ...ofLife.map((kind) => [kind, `iif(${latest} = '', ${codeOf(undated)}, ${codeOf('life')})`]),
  ...few.map((kind) => [kind, codeOf(kind)]),
];
const sectionCode = `CASE iif(sensitive = 1 OR pinned = 1, '', kind)
  ${codes.map(([kind, code]) => `WHEN '${kind}' THEN ${code}`).join(' ')} ELSE ${codeOf(always)} END`;
/** The newest first, of what was asked by the day it was said; then by id. */
const order = `CASE WHEN kind IN (${countedOnHeading.map((kind) => `'${kind}'`).join()}) THEN coalesce(said_on, recorded_on, '') ELSE ${latest} END DESC, id`;
const current = `patient_id = ? AND status = 'current' AND ${isNewest}`;
const inOrder = `SELECT json_group_array(coded) FROM (
  SELECT number * ${sections.length} + ${sectionCode} AS coded FROM note WHERE ${current} ORDER BY ${order})`;

/** @param worn number of notes shown before: each may rank behind an older one */
function chooseNotes(sql: Sql, patientId: string, worn: number) {
  const limits = sections.map((section) =>
    section === always
      ? Number.POSITIVE_INFINITY
      : unshown.includes(section)
        ? 0
        : section === 'concern'
          ? comparedConcerns
          : shownOfEach + (section.startsWith('life') ? worn : 0),
  );
  const totals = sections.map(() => 0);
  const numbers: number[] = [];
  const last = new Map<string, number>();
  for (const coded of JSON.parse(sql.value(inOrder, patientId) ?? '[]') as number[]) {
    const code = coded % sections.length;
    const total = (totals[code] ?? 0) + 1;
    totals[code] = total;
    const number = (coded - code) / sections.length;
    if (total <= (limits[code] ?? 0)) numbers.push(number);
    else if (countedOnHeading.includes(sections[code] ?? '')) last.set(sections[code] ?? '', number);
  }
  const unread = { silent: 0, open: 0 };
  for (const [code, section] of sections.entries())
    if (!unshown.includes(section))
      unread[countedOnHeading.includes(section) ? 'open' : 'silent'] += Math.max(
        0,
        (totals[code] ?? 0) - (limits[code] ?? 0) - (last.has(section) ? 1 : 0),
      );
  return { numbers: [...numbers, ...last.values()], unread };
}
