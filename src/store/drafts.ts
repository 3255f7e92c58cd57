/**
 * Drafts: what was typed and not saved yet. Each belongs to one run; its lines are durable once entered. Those that an
 * operation took away stay in `meta` for a while, so that an undo brings them back.
 */
import type { CivilDate } from '../dates/civil.ts';
import { conflict } from '../errors.ts';
import { type Parts, whyPatientGone } from './records.ts';
import { byOperation, metaOf, putMeta, type Sql } from './sql.ts';

export interface DraftHead {
  readonly patient_id: string;
  readonly task: 'commit' | 'note' | 'edit';
  /** Id of the note or promise that `edit` changes; null for the others. */
  readonly record: string | null;
  readonly on: CivilDate;
  readonly options: string | null;
}

export interface Draft extends DraftHead {
  readonly id: string;
  readonly lines: readonly DraftLine[];
  readonly isOpen: boolean;
}

/** `place` names the prompt that the line was typed at. */
export interface DraftLine {
  readonly place: string;
  readonly text: string;
}

/** In `meta`, by draft: the newest row of the log when something was typed, so that a hand-over knows what it has. */
const typed = 'drafts_typed';
export const typedAt = (sql: Sql): Readonly<Record<string, number>> => JSON.parse(metaOf(sql, typed) ?? '{}');
export function markTyped(sql: Sql, id: string): void {
  const newest = sql.value<number>('SELECT max(sequence) FROM log') ?? 0;
  const standing = new Set(sql.column('SELECT id FROM draft'));
  const others = Object.entries(typedAt(sql)).filter(([other]) => standing.has(other));
  putMeta(sql, typed, JSON.stringify({ ...Object.fromEntries(others), [id]: newest }));
}

type Found = DraftHead & { readonly id: string };
type Row = Found & { readonly run: string };

const columns = 'id, run, patient_id, task, record, "on", options';

export type OwnDraft = ReturnType<typeof ownDraft>;

/**
 * Each call is durable when it returns. @throws conflict where the draft or its patient is gone meanwhile
 * @param mayBegin whether a missing row means that nothing was written yet, not that somebody removed it
 */
function ownDraft(parts: Parts, { id, ...head }: Found, mayBegin: boolean) {
  const { sql, needs } = parts;
  let isBehind = false;
  const stands = (run: string): boolean => sql.has('SELECT 1 FROM draft WHERE id = ? AND run = ?', id, run);
  const begin = (run: string): boolean => {
    const { patient_id, task, record, on, options } = head;
    const text = `INSERT INTO draft (${columns}) SELECT ?, ?, id, ?, ?, ?, ? FROM patient WHERE id = ?`;
    return sql.run(text, id, run, task, record, on, options, patient_id).changes > 0;
  };
  const write = (work: () => unknown): void => {
    const run = needs.run.id();
    const said = (): string => JSON.stringify(linesOf(sql, id));
    sql.changing(
      () => {
        const gone = whyPatientGone(parts, head.patient_id);
        if (gone !== undefined) throw gone;
        if (!stands(run) && !(mayBegin && begin(run)))
          throw conflict('what this was typed for was erased, or taken up by another command, meanwhile');
        work();
        markTyped(sql, id);
        return said();
      },
      (made) => made === said(),
      {
        there: 'but what you typed is kept as a draft',
        unclear: ['it may be kept as a draft', 'rapport due names it where it is'],
      },
    );
    isBehind = false;
    mayBegin = false;
  };
  return {
    id,
    head,
    /** The vault refused the newest line. */
    get isBehind(): boolean {
      return isBehind;
    },
    get isKept(): boolean {
      return sql.has('SELECT 1 FROM draft_line WHERE draft = ? LIMIT 1', id);
    },
    append(line: DraftLine): void {
      isBehind = true;
      write(() => insertLines(sql, id, [line]));
    },
    /** Without lines, the draft still stands for what is being typed. */
    replace(lines: readonly DraftLine[]): void {
      isBehind = lines.length > 0;
      write(() => {
        sql.run('DELETE FROM draft_line WHERE draft = ?', id);
        insertLines(sql, id, lines);
      });
    },
    restate: ({ on, options }: Pick<DraftHead, 'on' | 'options'>): void =>
      write(() => sql.run('UPDATE draft SET "on" = ?, options = ? WHERE id = ?', on, options, id)),
    /** Also inside `write`, so that saving and dropping the draft are one step. */
    discard(): void {
      sql.changing(() => {
        if (stands(needs.run.id())) removeDraft(sql, id);
      });
      mayBegin = true;
    },
  };
}

export const linesOf = (sql: Sql, id: string): readonly DraftLine[] =>
  sql.all<DraftLine>('SELECT place, text FROM draft_line WHERE draft = ? ORDER BY number', id);

export function insertLines(sql: Sql, id: string, lines: readonly DraftLine[]): void {
  for (const { place, text } of lines)
    sql.run('INSERT INTO draft_line (draft, place, text) VALUES (?, ?, ?)', id, place, text);
}

export const isDraft = (sql: Sql, id: string): boolean => sql.has('SELECT 1 FROM draft WHERE id = ?', id);

export const removeDraft = (sql: Sql, id: string): void =>
  sql.changing(() => {
    sql.run('DELETE FROM draft_line WHERE draft = ?', id);
    sql.run('DELETE FROM draft WHERE id = ?', id);
  });

export function draftsIn(parts: Parts) {
  const { sql, needs, unit } = parts;
  const aside = setAsideIn(sql);
  const { run } = needs;
  const select = (where: string, ...values: readonly string[]): readonly Draft[] =>
    sql
      .all<Row>(`SELECT ${columns} FROM draft WHERE ${where} ORDER BY "on", rowid`, ...values)
      .map(({ run: of, ...head }) => ({ ...head, lines: linesOf(sql, head.id), isOpen: run.isAnother(of) }))
      .filter(({ lines, isOpen }) => isOpen || lines.length > 0);
  return {
    of: (patientId: string) => select('patient_id = ?', patientId),
    all: () => select('true'),
    begin: (head: DraftHead): OwnDraft => ownDraft(parts, { ...head, id: needs.newId() }, true),
    /** Takes over what an ended run left; undefined where it is gone, or its run is still there. */
    goOn: (id: string): OwnDraft | undefined =>
      sql.changing(() => {
        const found = sql.get<Row>(`SELECT ${columns} FROM draft WHERE id = ?`, id);
        if (found === undefined || run.isAnother(found.run)) return undefined;
        sql.run('UPDATE draft SET run = ? WHERE id = ?', run.id(), id);
        const { run: _, ...head } = found;
        return ownDraft(parts, head, false);
      }),
    discard: (id: string): void => removeDraft(sql, id),
    /** What was typed of a record that is another patient's now. Only inside `write`. */
    follow(record: string, from: string, to: string): void {
      sql.run('UPDATE draft SET patient_id = ? WHERE record = ?', to, record);
      aside.forget(from);
    },
    /** Gone, and back with an undo of the operation. Only inside `write`. */
    setAside(id: string): void {
      if (linesOf(sql, id).length > 0) aside.take(unit.operation(), id);
    },
  };
}

/** A draft that an operation took away, in `meta` by its number. Only the newest are kept. */
interface Aside {
  readonly draft: Readonly<Record<string, string | null>>;
  readonly lines: readonly DraftLine[];
  /** Of an undo: it brought the draft back. */
  readonly isBack: boolean;
}

const mostKept = 20;

export function setAsideIn(sql: Sql) {
  const { read, areThese, number, ...kept } = byOperation<Aside>(sql, 'draft');
  const write = (operation: number, aside: Aside): void => {
    kept.write(operation, aside);
    sql.run(`DELETE FROM meta WHERE ${areThese} AND ${number} <= ?`, operation - mostKept);
  };
  const take = (operation: number, id: string): void => {
    const draft = sql.get<Aside['draft']>('SELECT * FROM draft WHERE id = ?', id);
    if (draft !== undefined) write(operation, { draft, lines: linesOf(sql, id), isBack: false });
    removeDraft(sql, id);
  };
  const bringBack = ({ draft, lines }: Aside): void => {
    const id = draft['id'] ?? '';
    const patientId = draft['patient_id'] ?? '';
    if (isDraft(sql, id) || !sql.has('SELECT 1 FROM patient WHERE id = ?', patientId)) return;
    // Of no run: whoever comes next may go on with it.
    sql.insert('draft', { ...draft, run: '' });
    insertLines(sql, id, lines);
  };
  return {
    take,
    has: (operation: number): boolean => read(operation) !== undefined,
    /** What was typed on since it came back stays. */
    reverse(operation: number, by: number): void {
      const aside = read(operation);
      if (aside === undefined) return;
      const id = aside.draft['id'] ?? '';
      if (!aside.isBack) {
        bringBack(aside);
        write(by, { ...aside, isBack: true });
      } else {
        if (JSON.stringify(linesOf(sql, id)) === JSON.stringify(aside.lines)) removeDraft(sql, id);
        write(by, { ...aside, isBack: false });
      }
    },
    /** Their words are to be gone, or are another's. */
    forget(...patientIds: readonly string[]): void {
      sql.run(
        `DELETE FROM meta WHERE ${areThese} AND value ->> '$.draft.patient_id' IN (SELECT value FROM json_each(?))`,
        JSON.stringify(patientIds),
      );
    },
  };
}
