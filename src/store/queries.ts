/** The records of each kind with their named queries. */
import type { CivilDate } from '../dates/civil.ts';
import {
  type Commitment,
  type Contact,
  isOfEvent,
  type Note,
  type NoteKind,
  type NoteStatus,
  type Owner,
  type Patient,
  type PatientStatus,
  type Person,
} from '../domain/records.ts';
import { fold } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import { type Parts, recordsOf } from './records.ts';
import { above, quoted, type Scalar } from './sql.ts';
import { heldVisit, told } from './tables.ts';

/** Of a note, in SQL: the newest of its thread, as `newestOfThreads` of the domain has it. */
export const isNewest = `NOT EXISTS (SELECT 1 FROM note AS newer WHERE newer.replaces = note.id AND newer.status <> 'retired')`;

/** Conditions with their values; what is undefined is no condition. */
function filtered(conditions: Readonly<Record<string, Scalar | true | undefined>>) {
  const wanted = Object.entries(conditions).filter(([, value]) => value !== undefined);
  return {
    where: wanted.length === 0 ? '' : `WHERE ${wanted.map(([condition]) => condition).join(' AND ')}`,
    values: wanted.flatMap(([, value]) => (value === undefined || value === true ? [] : [value])),
  };
}

/** SQLite uses a partial index over one value only for an equation. */
const among = (column: string, values: readonly string[] | undefined): Readonly<Record<string, true>> =>
  values === undefined
    ? {}
    : { [`${column} ${values.length === 1 ? `= ${quoted(values)}` : `IN (${quoted(values)})`}`]: true };

function patientQueries(parts: Parts) {
  const { sql, unit, merges } = parts;
  const { records, select, selectFrom } = recordsOf<Patient>('patient', parts);
  return {
    ...records,
    /** @param inTouch only those with a cadence */
    all(status?: readonly PatientStatus[], inTouch?: boolean): readonly Patient[] {
      const { where } = filtered({
        'cadence_days IS NOT NULL': inTouch || undefined,
        ...among('status', status),
      });
      return select(`${where} ORDER BY handle, number`);
    },
    isEmpty: (): boolean => !sql.has('SELECT number FROM patient WHERE number >= 0 LIMIT 1'),
    some: (status: PatientStatus | undefined, limit: number, offset: number): readonly Patient[] =>
      selectFrom(
        `patient_handle CROSS JOIN patient ON patient.id = patient_handle.patient_id
          ${status === undefined ? '' : `WHERE patient.status = ${quoted([status])}`}
          ORDER BY patient_handle.handle LIMIT ? OFFSET ?`,
        limit,
        offset,
      ),
    byHandle: (handle: string): Patient | undefined =>
      select('WHERE id = (SELECT patient_id FROM patient_handle WHERE handle = ?)', fold(handle))[0],
    /** Every word must begin some word of name, goes_by, handle or alias. */
    withWords(words: readonly string[]): readonly Patient[] {
      if (words.length === 0) return [];
      const one = 'SELECT patient_id FROM patient_word WHERE word >= ? AND word < ?';
      return select(
        `WHERE id IN (${words.map(() => one).join(' INTERSECT ')}) ORDER BY handle, number`,
        ...words.flatMap((word) => [word, word + above]),
      );
    },
    byIdentifier: (system: string, value: string): Patient | undefined =>
      select(
        'WHERE id IN (SELECT patient_id FROM patient_identifier WHERE system = ? AND value = ?) ORDER BY number LIMIT 1',
        system,
        value,
      )[0],
    /** Ends a merge, when all records belong to the other patient. Drafts move along; undo returns them. */
    join(id: string, into: string): void {
      merges.join(unit.operation(), id, into);
      records.remove(id);
    },
  };
}

function personQueries(parts: Parts) {
  const { records, select } = recordsOf<Person>('person', parts);
  return {
    ...records,
    of: (patientId: string): readonly Person[] => select('WHERE patient_id = ? ORDER BY number', patientId),
    /** That patient, around others; null is those who are none. */
    whoAre: (id: string | null): readonly Person[] => select('WHERE patient IS ? ORDER BY number', id),
  };
}

interface NoteFilter {
  readonly kinds?: readonly NoteKind[] | undefined;
  readonly status?: readonly NoteStatus[];
  readonly since?: CivilDate | undefined;
  readonly newest?: true;
}

const newestFirst = 'ORDER BY recorded_on DESC, id DESC';

function noteQueries(parts: Parts) {
  const { sql } = parts;
  const { records, select, selectOf } = recordsOf<Note>('note', parts);
  const thread = (id: string): readonly Note[] =>
    select(
      `WHERE id IN (
         WITH RECURSIVE thread (id) AS (
           VALUES (?)
           UNION SELECT note.replaces FROM note JOIN thread ON note.id = thread.id WHERE note.replaces IS NOT NULL
           UNION SELECT note.id FROM note JOIN thread ON note.replaces = thread.id)
         SELECT id FROM thread) ORDER BY number`,
      id,
    );
  return {
    ...records,
    of(patientId: string, { kinds, status, since, newest }: NoteFilter = {}): readonly Note[] {
      const { where, values } = filtered({
        'patient_id = ?': patientId,
        ...among('status', status),
        ...among('kind', kinds),
        [isNewest]: newest,
        'recorded_on >= ?': since,
      });
      return select(`${where} ${newestFirst}`, ...values);
    },
    numbered: (numbers: readonly number[]): readonly Note[] =>
      select(`WHERE number IN (SELECT value FROM json_each(?)) ${newestFirst}`, JSON.stringify(numbers)),
    answeredSince: (patientId: string, day: string | undefined): readonly Note[] =>
      select(
        `WHERE patient_id = ? AND status = 'answered' AND answered_on >= ? ${newestFirst}`,
        patientId,
        day ?? '',
      ),
    /** Current ones of a kind. */
    currentOf: (patientIds: readonly string[], kind: NoteKind): readonly Note[] =>
      selectOf(patientIds, `WHERE note.status = 'current' AND note.kind = ? AND ${isNewest}`, kind),
    /** Those of the patients of whom a loss or a caution is recorded, or around whom somebody died or is apart. */
    turned: (patientIds: readonly string[]): ReadonlySet<string> =>
      new Set(
        sql.column<string>(
          `SELECT asked.value FROM json_each(?) AS asked
            WHERE EXISTS (SELECT 1 FROM note WHERE patient_id = asked.value AND kind IN ('loss', 'avoid'))
               OR EXISTS (SELECT 1 FROM person WHERE patient_id = asked.value AND status <> 'living')`,
          JSON.stringify(patientIds),
        ),
      ),
    reachingOut(patientId?: string): readonly Note[] {
      // As in the partial index.
      const due = `reach_out = 1 AND status = 'current' AND kind = 'milestone'`;
      const { where, values } = filtered({ [due]: true, 'patient_id = ?': patientId });
      return select(`${where} ORDER BY patient_id, number`, ...values);
    },
    // Leaves out an undone edit and its undo: neither text was replaced in the end.
    earlier: (id: string) =>
      sql.all<{ readonly at: string; readonly text: string }>(
        `SELECT operation.at AS at, change.before ->> 'text' AS text
           FROM change JOIN operation ON operation.number = change.operation
          WHERE change.number = ? AND change.record = 'note' AND change.before ->> 'text' IS NOT NULL
            AND operation.undoes IS NULL AND operation.undone = 0
          ORDER BY change.operation DESC, change.step DESC`,
        records.numberOf(id),
      ),
    /** A note and those that replace it. */
    thread,
    move(id: string, patientId: string): Note {
      const notes = thread(id);
      if (notes.some((note) => note.patient_id === patientId))
        throw conflict('the note is with this patient already');
      for (const note of notes) records.update(note.id, { patient_id: patientId, person: null });
      return records.update(id, {});
    },
  };
}

interface CommitmentFilter {
  readonly status?: readonly Commitment['status'][];
  readonly owners?: readonly Owner[] | undefined;
  readonly patientId?: string | undefined;
  /** Leaves out undated ones. */
  readonly dueUntil?: CivilDate;
  readonly undated?: true;
  readonly unread?: boolean;
}

const earliestDueFirst = 'ORDER BY due IS NULL, due, number';

function commitmentQueries(parts: Parts) {
  const { sql } = parts;
  const { records, select, selectOf } = recordsOf<Commitment>('commitment', parts);
  const conditionsOf = ({ status, owners, patientId, dueUntil, undated, unread }: CommitmentFilter) =>
    filtered({
      ...among('status', status),
      ...among('owner', owners),
      'patient_id = ?': patientId,
      'due <= ?': dueUntil,
      'due IS NULL': undated,
      [`(due IS NULL AND unread IS NOT NULL AND undated = 0) ${unread ? 'IS TRUE' : 'IS NOT TRUE'}`]:
        unread === undefined ? undefined : true,
    });
  return {
    ...records,
    of: (patientId: string): readonly Commitment[] =>
      select(`WHERE patient_id = ? ${earliestDueFirst}`, patientId),
    matching(filter: CommitmentFilter): readonly Commitment[] {
      const { where, values } = conditionsOf(filter);
      return select(`${where} ${earliestDueFirst}`, ...values);
    },
    count(filter: CommitmentFilter): number {
      const { where, values } = conditionsOf(filter);
      return sql.value(`SELECT count(*) FROM commitment ${where}`, ...values) ?? 0;
    },
    closedSince: (patientIds: readonly string[], since: CivilDate): readonly Commitment[] =>
      selectOf(
        patientIds,
        `WHERE commitment.status IN ('kept', 'dropped') AND commitment.closed_on >= ?`,
        since,
      ),
    /** Open ones, and those kept since the last visit; all kept ones where there was none. */
    forBriefing: (patientId: string, lastVisit: string | undefined): readonly Commitment[] => [
      ...select(`WHERE patient_id = ? AND status = 'open' ${earliestDueFirst}`, patientId),
      ...select(
        `WHERE patient_id = ? AND status IN ('kept', 'dropped') AND closed_on >= ? ORDER BY closed_on, number`,
        patientId,
        lastVisit ?? '',
      ),
    ],
  };
}

function contactQueries(parts: Parts) {
  const { sql } = parts;
  const { records, select, selectFrom } = recordsOf<Contact>('contact', parts);
  /** By patient: the newest day of a contact. */
  const lastOf = (ids: readonly string[], condition: string, ...values: readonly Scalar[]) => {
    const rows = sql.all<{ patient_id: string; on: CivilDate | null }>(
      `SELECT asked.value AS patient_id, (SELECT "on" FROM contact WHERE patient_id = asked.value AND ${condition}
         ORDER BY "on" DESC LIMIT 1) AS "on" FROM json_each(?) AS asked`,
      ...values,
      JSON.stringify(ids),
    );
    return new Map(rows.flatMap(({ patient_id, on }) => (on === null ? [] : [[patient_id, on] as const])));
  };
  return {
    ...records,
    of: (patientId: string): readonly Contact[] =>
      select('WHERE patient_id = ? ORDER BY "on" DESC, at DESC, number DESC', patientId),
    on: (date: CivilDate, until = date): readonly Contact[] =>
      select('WHERE "on" BETWEEN ? AND ? ORDER BY "on", at IS NULL, at, number', date, until),
    ofEvent: (uid: string): readonly Contact[] =>
      // '0' follows '/' in byte order.
      select('WHERE uid >= ? AND uid < ? ORDER BY uid', uid, `${uid}0`).filter(
        (contact) => contact.uid !== null && isOfEvent(contact.uid, uid),
      ),
    lastSeen: (patientIds: readonly string[]) => lastOf(patientIds, heldVisit),
    /** Of any channel. */
    lastHeld: (patientIds: readonly string[], by: CivilDate) =>
      lastOf(patientIds, `state = 'held' AND "on" <= ? AND ${told}`, by),
    nextPlanned(patientIds: readonly string[], from: CivilDate): ReadonlyMap<string, Contact> {
      const found = selectFrom(
        `json_each(?) AS asked JOIN contact ON contact.number =
           (SELECT number FROM contact WHERE patient_id = asked.value AND state = 'planned' AND "on" >= ? AND ${told}
             ORDER BY "on", at IS NULL, at LIMIT 1)`,
        JSON.stringify(patientIds),
        from,
      );
      return new Map(found.map((contact) => [contact.patient_id, contact]));
    },
    lastVisitBefore: (patientId: string, on: CivilDate): CivilDate | undefined =>
      sql.value(
        `SELECT "on" FROM contact WHERE patient_id = ? AND "on" < ? AND ${heldVisit} ORDER BY "on" DESC LIMIT 1`,
        patientId,
        on,
      ),
  };
}

export type Queries = ReturnType<typeof queries>;

export const queries = (parts: Parts) => ({
  patients: patientQueries(parts),
  people: personQueries(parts),
  notes: noteQueries(parts),
  commitments: commitmentQueries(parts),
  contacts: contactQueries(parts),
});
