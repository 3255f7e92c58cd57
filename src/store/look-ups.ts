/** Looking over all patients: search, review and completion. Loaded when one of them is wanted. */
import type { CivilDate } from '../dates/civil.ts';
import type { NoteKind, Patient } from '../domain/records.ts';
import { fold } from '../domain/text.ts';
import { isNewest, type Queries } from './queries.ts';
import { above, quoted, type Sql } from './sql.ts';

export interface SearchRequest {
  readonly words: readonly string[];
  readonly patientId?: string | undefined;
  readonly kinds?: readonly NoteKind[] | undefined;
  readonly since?: CivilDate | undefined;
  readonly sensitive: boolean;
  readonly limit: number;
  readonly offset: number;
}

export interface SearchHit {
  readonly record: 'note' | 'commitment';
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
  readonly kind: string;
  readonly text: string;
  readonly status: string;
  readonly recorded_on: CivilDate | null;
  readonly outcome: string | null;
}

/** `total` is counted among the newest, where there are more. */
export type SearchResult = ReturnType<typeof search>;

const noHits: readonly SearchHit[] = [];

/** Limit of counting where nothing narrows the search: a common word is in hundreds of thousands of texts. */
export const mostCounted = 1000;

// Scripts without blanks between words: the index holds a whole run as one word.
const isUnspaced = (word: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(
    word,
  );
const longestPart = 200;
/** Notes to confirm that are read: some of them may be held back. */
const mostConfirmed = 200;

/** Each word is quoted for the index, so that nothing typed is read as query syntax. */
function matchOf(words: readonly string[]): string | undefined {
  const terms = words
    .filter((word) => /[\p{L}\p{N}]/u.test(word) && !isUnspaced(word))
    .map((word) => `"${fold(word).replaceAll('"', '""').replaceAll('\0', ' ')}"*`);
  return terms.length === 0 ? undefined : terms.join(' AND ');
}

const columns = `SELECT iif(note.number IS NULL, 'commitment', 'note') AS record, coalesce(note.id, commitment.id) AS id,
  coalesce(note.ref, commitment.ref) AS ref, coalesce(note.patient_id, commitment.patient_id) AS patient_id,
  coalesce(note.kind, commitment.kind) AS kind, coalesce(note.text, commitment.text) AS text,
  coalesce(note.status, commitment.status) AS status, coalesce(note.recorded_on, commitment.made_on) AS recorded_on,
  coalesce(note.answer, commitment.how) AS outcome`;

export function search(sql: Sql, request: SearchRequest) {
  const { words, patientId, kinds, since, sensitive, limit, offset } = request;
  const match = matchOf(words);
  const parts = words.filter(isUnspaced);
  if (match === undefined && parts.length === 0) return { hits: noHits, total: 0, isMore: false };
  const conditions: readonly (readonly [condition: string, value: string | undefined])[] = [
    ...parts.map(
      (part) =>
        [
          `(SELECT text || ' ' || outcome FROM searchable WHERE number = found.value) LIKE ? ESCAPE '\\'`,
          `%${fold(part)
            .slice(0, longestPart)
            .replaceAll(/[\\%_]/g, '\\$&')}%`,
        ] as const,
    ),
    ['coalesce(note.patient_id, commitment.patient_id) = ?', patientId],
    ['note.kind IN (SELECT value FROM json_each(?))', kinds && JSON.stringify(kinds)],
    ['coalesce(note.recorded_on, commitment.made_on) >= ?', since],
  ];
  const wanted = conditions.filter(([, value]) => value !== undefined);
  // Private ones are not searched: how many there are would tell of the word.
  const open = sensitive ? 'true' : 'coalesce(note.sensitive, commitment.sensitive) = 0';
  const matching = `SELECT rowid AS value FROM text_index ${match === undefined ? '' : 'WHERE text_index MATCH ?'}`;
  const matched = match === undefined ? [] : [match];
  return sql.reading(() => {
    const most = Math.max(mostCounted, offset + limit);
    const joined = `LEFT JOIN note ON note.number = found.value LEFT JOIN commitment ON commitment.number = found.value
      WHERE ${[open, ...wanted.map(([condition]) => condition)].join(' AND ')}`;
    // The index is slow to read from its end: further only where what is private leaves too few.
    const newestOf = (size: number): readonly number[] => {
      const text = `SELECT value FROM (${matching} ORDER BY rowid DESC LIMIT ?) AS found ${joined} ORDER BY value DESC`;
      const found = sql.column<number>(text, ...matched, size);
      const read = sql.value<number>(`SELECT count(*) FROM (${matching} LIMIT ?)`, ...matched, size) ?? 0;
      return found.length > most || read < size ? found : newestOf(2 * size);
    };
    const newest = wanted.length > 0 ? undefined : newestOf(most + 1);
    const from = `FROM ${newest === undefined ? `(${matching})` : 'json_each(?)'} AS found ${joined}`;
    // They are in order already, and so need not all be read.
    const order = newest === undefined ? 'ORDER BY found.value DESC' : '';
    const counted = newest?.slice(0, most);
    const values = [
      ...(counted === undefined ? matched : [JSON.stringify(counted)]),
      ...wanted.flatMap(([, value]) => value ?? []),
    ];
    const total = sql.value<number>(`SELECT count(*) ${from}`, ...values) ?? 0;
    const hits = sql.all<SearchHit>(`${columns} ${from} ${order} LIMIT ? OFFSET ?`, ...values, limit, offset);
    const isMore = newest !== undefined && newest.length > most;
    return { hits, total, isMore };
  });
}

const latest = `max(coalesce(note.recorded_on, ''), coalesce(note.said_on, ''), coalesce(note.confirmed_on, ''))`;
const isHidden = '(note.sensitive AND NOT note.show_in_brief)';

/** Of the patients whose ids are given first. */
const current = (kinds: readonly NoteKind[]): string =>
  `FROM json_each(?) AS asked CROSS JOIN note ON note.patient_id = asked.value
    WHERE note.status = 'current' AND note.kind IN (${quoted(kinds)}) AND ${isNewest}`;

/**
 * All records of one review over all patients.
 * @param kinds of notes that have to be confirmed again, those first that are worth it most
 * @param lastConfirmed by that day a note was recorded, said or confirmed last
 */
export const reviewRecords = (
  { sql, patients, notes, commitments, contacts }: Queries & { readonly sql: Sql },
  since: CivilDate,
  kinds: readonly NoteKind[],
  lastConfirmed: CivilDate,
) =>
  sql.reading(() => {
    const all = patients.all();
    const ids = all.map(({ id }) => id);
    const active = all.filter(({ status }) => status === 'active').map(({ id }) => id);
    const asked = JSON.stringify(active);
    const old = `${current(kinds)} AND ${latest} <> '' AND ${latest} <= ?`;
    const counts = sql.all<{ patient_id: string; notes: number; private: number }>(
      `SELECT note.patient_id, count(*) AS notes, sum(${isHidden}) AS private ${old} GROUP BY asked.key`,
      asked,
      lastConfirmed,
    );
    const first = sql.column<string>(
      `SELECT note.id ${old} AND NOT ${isHidden}
        ORDER BY note.pinned DESC, instr(?, note.kind), ${latest}, note.number LIMIT ?`,
      asked,
      lastConfirmed,
      kinds.join(' '),
      mostConfirmed,
    );
    const matters = sql.all<{ patient_id: string; hidden: number }>(
      `SELECT note.patient_id, min(${isHidden}) AS hidden ${current(['matters'])} GROUP BY asked.key`,
      asked,
    );
    return {
      patients: all,
      commitments: [...commitments.matching({ status: ['open'] }), ...commitments.closedSince(ids, since)],
      questions: notes.currentOf(active, 'question'),
      learned: notes.currentOf(ids, 'learned').filter(({ recorded_on }) => (recorded_on ?? '') >= since),
      /** How many, and how many of them are private. */
      unconfirmed: new Map(counts.map(({ patient_id, ...count }) => [patient_id, count])),
      toConfirm: first.flatMap((id) => notes.byId(id) ?? []),
      /** The patients of whom it is noted what matters to them, and whether only private notes say so. */
      matters: new Map(matters.map(({ patient_id, hidden }) => [patient_id, { isHidden: hidden === 1 }])),
      lastSeen: contacts.lastSeen(active),
    };
  });

type PatientOffer = Pick<Patient, 'handle' | 'name' | 'goes_by' | 'status'>;

interface RefOffer {
  readonly ref: string;
  readonly kind: string;
  /** Due date of a promise, recording date of a note. */
  readonly on: string | null;
  readonly handle: string;
}

/** With fewer letters the likeliest few are offered instead. */
const tellingLetters = 2;
const fewest = 50;

const sources = {
  promises: {
    record: 'commitment',
    on: 'commitment.due',
    fits: "commitment.status = 'open' AND commitment.sensitive = 0",
    likeliest: 'commitment.due IS NOT NULL ORDER BY commitment.due',
  },
  notes: {
    record: 'note',
    on: 'note.recorded_on',
    fits: "note.status IN ('current', 'answered') AND note.sensitive = 0",
    likeliest: 'TRUE ORDER BY note.number DESC',
  },
} as const;

function refsOf(sql: Sql, { record, on, fits, likeliest }: (typeof sources)[keyof typeof sources]) {
  const offer = `SELECT ${record}.ref, ${record}.kind, ${on} AS "on", patient.handle`;
  const patient = `JOIN patient ON patient.id = ${record}.patient_id`;
  return (beginning: string, limit: number): readonly RefOffer[] =>
    beginning.length < tellingLetters
      ? sql
          .all<RefOffer>(`${offer} FROM ${record} ${patient} WHERE ${fits} AND ${likeliest} LIMIT ?`, fewest)
          .filter(({ ref }) => ref.startsWith(beginning))
      : sql.all<RefOffer>(
          `${offer} FROM ref JOIN ${record} ON ${record}.number = ref.number ${patient}
            WHERE ref.ref >= ? AND ref.ref < ? AND ref.record = '${record}' AND ${fits} ORDER BY ref.ref LIMIT ?`,
          beginning,
          beginning + above,
          limit,
        );
}

/** What the beginning of a handle or ref can mean: a bounded number of rows, no note's text, nothing logged. */
export const completing = (sql: Sql) => ({
  patients: (beginning: string, limit: number): readonly PatientOffer[] =>
    sql.all<PatientOffer>(
      `SELECT patient.handle, patient.name, patient.goes_by, patient.status
         FROM patient_handle JOIN patient ON patient.id = patient_handle.patient_id
        WHERE patient_handle.handle >= ? AND patient_handle.handle < ? ORDER BY patient_handle.handle LIMIT ?`,
      beginning,
      beginning + above,
      limit,
    ),
  promises: refsOf(sql, sources.promises),
  notes: refsOf(sql, sources.notes),
});
