/**
 * Two copies of one vault, as two machines have them: which goes on from the other, since when they differ, and what one
 * takes over of the other that is no change: looks, what a briefing showed, drafts, settings.
 */
import type Database from 'better-sqlite3';
import { damaged } from '../errors.ts';
import { sameBytes } from '../keys.ts';
import { accessLog, type LogRow, rowsBehind } from './access-log.ts';
import { type Draft, insertLines, isDraft, linesOf, markTyped, removeDraft, typedAt } from './drafts.ts';
import { recordDigest } from './record-digest.ts';
import { metaOf, putMeta, type Row, Sql, type StoreNeeds } from './sql.ts';

/** How far a copy goes. */
export interface Point {
  readonly operation: { readonly number: number; readonly id: string } | null;
  /** The newest row of its log. */
  readonly look: LogRow | null;
  readonly drafts: number;
}

export function pointOf(database: Database.Database): Point {
  const sql = new Sql({ database });
  const tables = "SELECT 1 FROM sqlite_schema WHERE name IN ('operation', 'log', 'draft')";
  if (sql.all(tables).length < 3) return { operation: null, look: null, drafts: 0 };
  const operation = sql.get<NonNullable<Point['operation']>>(
    'SELECT number, id FROM operation ORDER BY number DESC LIMIT 1',
  );
  const look = sql.get<LogRow>(
    'SELECT sequence, at, operation, patient_id, verb, count FROM log ORDER BY sequence DESC LIMIT 1',
  );
  const drafts = sql.column('SELECT id FROM draft').length;
  return { operation: operation ?? null, look: look ?? null, drafts };
}

const idAt = (sql: Sql, number: number): string | undefined =>
  sql.value('SELECT id FROM operation WHERE number = ?', number);

/** Whether all changes of that copy are here. Rows of operations are never deleted: one tells of all before it. */
export function holdsChanges(database: Database.Database, { operation }: Point): boolean {
  return operation === null || idAt(new Sql({ database }), operation.number) === operation.id;
}

/** Whether all looks of that copy are here: whoever takes one takes all before it, at another place of the log perhaps. */
export function holdsLooks(database: Database.Database, { look }: Point): boolean {
  const text =
    'SELECT 1 FROM log WHERE at = ? AND operation IS ? AND patient_id IS ? AND verb = ? AND count = ? LIMIT 1';
  if (look === null) return true;
  const { at, operation, patient_id, verb, count } = look;
  return new Sql({ database }).has(text, at, operation, patient_id, verb, count);
}

/** The last of two rows of numbers, from 1, that are the same up to somewhere. */
function lastCommon(most: number, isSame: (number: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isSame(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @returns the instant of the last change that both have, where they have any in common, and how many came since */
export function apartSince(one: Database.Database, other: Database.Database) {
  const [first, second] = [new Sql({ database: one }), new Sql({ database: other })];
  const newest = [one, other].map((database) => pointOf(database).operation?.number ?? 0);
  const [here = 0, there = 0] = newest;
  const common = lastCommon(Math.min(here, there), (number) => idAt(first, number) === idAt(second, number));
  const since = first.value<string>('SELECT at FROM operation WHERE number = ?', common);
  return { since, counts: [here - common, there - common] as const };
}

/** Whether something was erased behind that change: nothing else can't be undone. */
export const hasErasedSince = (database: Database.Database, { operation }: Point): boolean =>
  new Sql({ database }).has(
    'SELECT 1 FROM operation WHERE number > ? AND undoable = 0 LIMIT 1',
    operation?.number ?? 0,
  );

type Settings = Readonly<Record<string, string>>;
const settingsOf = (sql: Sql): Settings => JSON.parse(metaOf(sql, 'settings') ?? '{}');

/** Only where they were set here since; of what both set, what is set here stands. @returns the names of those */
function carrySettings(here: Sql, there: Sql, wereSet: readonly [here: boolean, there: boolean]) {
  if (!wereSet[0]) return [];
  const [own, others] = [settingsOf(here), settingsOf(there)];
  putMeta(there, 'settings', JSON.stringify(wereSet[1] ? { ...others, ...own } : own));
  return wereSet[1] ? Object.keys(own).filter((name) => own[name] !== (others[name] ?? own[name])) : [];
}

/**
 * Drafts typed here behind the last common row of the log; one that was typed on in both gets a new id.
 * @returns how many, and how many were left since their patient or record is no longer there
 */
function carryDrafts(here: Sql, there: Sql, common: number, newId: () => string) {
  const [own, others] = [typedAt(here), typedAt(there)];
  let [drafts, left] = [0, 0];
  for (const draft of here.all<Row & Pick<Draft, 'id' | 'patient_id' | 'record'>>('SELECT * FROM draft')) {
    const { id, patient_id, record } = draft;
    // What an older rapport kept does not say when it was typed.
    if ((own[id] ?? Number.POSITIVE_INFINITY) <= common) continue;
    const lines = linesOf(here, id);
    const isOfPatient = there.has('SELECT 1 FROM patient WHERE id = ?', patient_id);
    const isOfRecord = 'SELECT 1 FROM (SELECT id FROM note UNION ALL SELECT id FROM commitment) WHERE id = ?';
    if (!isOfPatient || (record !== null && !there.has(isOfRecord, record))) {
      left += lines.length > 0 ? 1 : 0;
      continue;
    }
    const has = isDraft(there, id);
    if (has && own[id] === undefined) continue;
    const isTypedOn = has && (others[id] ?? 0) > common;
    if (has && !isTypedOn) removeDraft(there, id);
    const kept = isTypedOn ? newId() : id;
    there.insert('draft', { ...draft, id: kept });
    insertLines(there, kept, lines);
    markTyped(there, kept);
    drafts += 1;
  }
  // Thrown away here, and not typed on there.
  for (const id of there.column<string>('SELECT id FROM draft'))
    if ((others[id] ?? Number.POSITIVE_INFINITY) <= common && !isDraft(here, id)) removeDraft(there, id);
  return { drafts, left };
}

/**
 * What `from` has behind the last row that both logs have, and is no change, goes over to `to`, which has all its changes.
 * @throws damaged where the log of `from` is broken there
 */
export function carryOver(
  from: Database.Database,
  to: Database.Database,
  { logKey, newId }: Pick<StoreNeeds, 'logKey' | 'newId'>,
) {
  const [here, there] = [new Sql({ database: from }), new Sql({ database: to })];
  using digest = recordDigest(logKey);
  there.attach({ digest });
  const [own, others] = [here, there].map((sql) => accessLog(sql, { logKey, instant: () => '' }));
  return there.changing(() => {
    const common = lastCommon(
      Math.min(own?.head()?.sequence ?? 0, others?.head()?.sequence ?? 0),
      (sequence) => {
        const [one, other] = [own?.macAt(sequence), others?.macAt(sequence)];
        return one !== undefined && other !== undefined && sameBytes(one, other);
      },
    );
    const rows = rowsBehind(here, logKey, common);
    if (rows === undefined) throw damaged('the log of this vault is broken', 'rapport doctor');
    const theirs = rowsBehind(there, logKey, common) ?? [];
    const known = new Set(theirs.map(({ operation }) => operation));
    const isSet = (all: typeof rows): boolean => all.some(({ verb }) => verb === 'config');
    const looks = rows.filter(({ operation }) => operation === null || !known.has(operation));
    for (const { at, operation, patient_id, verb, count } of looks)
      others?.append({ at, operation, patient_id, verb, count });
    for (const row of here.all<{ patient_id: string; on: string; note_id: string }>('SELECT * FROM shown'))
      there.run(
        `INSERT OR IGNORE INTO shown (patient_id, "on", note_id) SELECT patient.id, ?, note.id FROM patient, note
            WHERE patient.id = ? AND note.id = ?`,
        row.on,
        row.patient_id,
        row.note_id,
      );
    const settings = carrySettings(here, there, [isSet(rows), isSet(theirs)]);
    return { looks: looks.length, settings, ...carryDrafts(here, there, common, newId) };
  });
}
