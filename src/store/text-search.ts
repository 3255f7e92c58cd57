/** Full-text search. Each word is quoted for the index, so that nothing typed is read as query syntax. */
import type { CivilDate } from '../dates/civil.ts';
import type { NoteKind } from '../domain/records.ts';
import { quoted, type Scalar, type Sql } from './sql.ts';

export interface SearchRequest {
  readonly words: readonly string[];
  readonly patientId?: string;
  readonly kinds?: readonly NoteKind[];
  readonly since?: CivilDate;
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

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Counted among the newest, where there are more. */
  readonly total: number;
  /** Sensitive notes that match and were left out. */
  readonly private: number;
  readonly isMore: boolean;
}

/** Limit of counting where nothing narrows the search: a common word is in hundreds of thousands of texts. */
export const mostCounted = 1000;

// Scripts without blanks between words: the index holds a whole run as one word.
const isUnspaced = (word: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(
    word,
  );
const longestPart = 200;

function matchOf(words: readonly string[]): string | undefined {
  const terms = words
    .filter((word) => /[\p{L}\p{N}]/u.test(word) && !isUnspaced(word))
    .map((word) => `"${word.replaceAll('"', '""').replaceAll('\0', ' ')}"*`);
  return terms.length === 0 ? undefined : terms.join(' AND ');
}

const columns = `iif(note.number IS NULL, 'commitment', 'note') AS record, coalesce(note.id, commitment.id) AS id,
  coalesce(note.ref, commitment.ref) AS ref, coalesce(note.patient_id, commitment.patient_id) AS patient_id,
  coalesce(note.kind, commitment.kind) AS kind, coalesce(note.text, commitment.text) AS text,
  coalesce(note.status, commitment.status) AS status, coalesce(note.recorded_on, commitment.made_on) AS recorded_on,
  coalesce(note.answer, commitment.how) AS outcome`;

/** From the index alone: only rows that are shown are looked up. */
function newest(sql: Sql, match: string, { sensitive, limit, offset }: SearchRequest): SearchResult {
  const most = Math.max(mostCounted, offset + limit);
  const numbersOf = (text: string, ...values: readonly Scalar[]): readonly number[] =>
    JSON.parse(sql.get<{ numbers: string }>(text, ...values)?.numbers ?? '[]') as number[];
  const found = numbersOf(
    `SELECT json_group_array(rowid) AS numbers FROM (
       SELECT rowid FROM text_index WHERE text_index MATCH ? ORDER BY rowid DESC LIMIT ?)`,
    match,
    most + 1,
  );
  const counted = found.slice(0, most).sort((left, right) => right - left);
  const hidden = new Set(
    sensitive
      ? []
      : numbersOf(
          `SELECT json_group_array(number) AS numbers FROM note
            WHERE sensitive = 1 AND number IN (SELECT value FROM json_each(?))`,
          JSON.stringify(counted),
        ),
  );
  const visible = counted.filter((number) => !hidden.has(number));
  const hits = sql.all<SearchHit>(
    `SELECT ${columns} FROM json_each(?) AS asked LEFT JOIN note ON note.number = asked.value
       LEFT JOIN commitment ON commitment.number = asked.value ORDER BY asked.value DESC`,
    JSON.stringify(visible.slice(offset, offset + limit)),
  );
  return { hits, total: visible.length, private: hidden.size, isMore: found.length > most };
}

export function search(sql: Sql, request: SearchRequest): SearchResult {
  const match = matchOf(request.words);
  const parts = request.words.filter(isUnspaced);
  if (match === undefined && parts.length === 0) return { hits: [], total: 0, private: 0, isMore: false };
  const { patientId, kinds, since } = request;
  const isNarrowed = parts.length > 0 || [patientId, kinds, since].some((one) => one !== undefined);
  if (match !== undefined && !isNarrowed) return sql.reading(() => newest(sql, match, request));
  const conditions: string[] = [];
  const values: Scalar[] = [];
  if (match !== undefined) {
    conditions.push('text_index MATCH ?');
    values.push(match);
  }
  for (const part of parts) {
    conditions.push(
      `coalesce(note.text, commitment.text) || ' ' || coalesce(note.answer, commitment.how, '') LIKE ? ESCAPE '\\'`,
    );
    values.push(`%${part.slice(0, longestPart).replaceAll(/[\\%_]/g, '\\$&')}%`);
  }
  if (patientId !== undefined) {
    conditions.push('coalesce(note.patient_id, commitment.patient_id) = ?');
    values.push(patientId);
  }
  if (kinds !== undefined) conditions.push(`note.kind IN (${quoted(kinds)})`);
  if (since !== undefined) {
    conditions.push('coalesce(note.recorded_on, commitment.made_on) >= ?');
    values.push(since);
  }
  const from = `FROM text_index LEFT JOIN note ON note.number = text_index.rowid
    LEFT JOIN commitment ON commitment.number = text_index.rowid WHERE ${conditions.join(' AND ')}`;
  const shown = request.sensitive ? '' : ' AND coalesce(note.sensitive, 0) = 0';
  return sql.reading(() => {
    const counts = sql.get<{ total: number; private: number }>(
      `SELECT count(*) AS total, coalesce(sum(note.sensitive), 0) AS private ${from}`,
      ...values,
    );
    const total = counts?.total ?? 0;
    const hidden = request.sensitive ? 0 : (counts?.private ?? 0);
    const hits = sql.all<SearchHit>(
      `SELECT ${columns} ${from}${shown} ORDER BY text_index.rowid DESC LIMIT ? OFFSET ?`,
      ...values,
      request.limit,
      request.offset,
    );
    return { hits, total: total - hidden, private: hidden, isMore: false };
  });
}
