/** Drafts: what was typed and not saved yet. Each belongs to one run; its lines are durable once entered. */
import type { CivilDate } from '../dates/civil.ts';
import { conflict } from '../errors.ts';
import type { Meanwhile } from './meanwhile.ts';
import type { Sql, StoreNeeds } from './sql.ts';

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

type Found = DraftHead & { readonly id: string };
type Row = Found & { readonly run: string };

const columns = 'id, run, patient_id, task, record, "on", options';

function discard(sql: Sql, id: string): void {
  sql.immediate(() => {
    sql.run('DELETE FROM draft_line WHERE draft = ?', id);
    sql.run('DELETE FROM draft WHERE id = ?', id);
  });
}

const linesOf = (sql: Sql, id: string): readonly DraftLine[] =>
  sql.all<DraftLine>('SELECT place, text FROM draft_line WHERE draft = ? ORDER BY number', id);

interface DraftParts {
  readonly sql: Sql;
  readonly needs: Pick<StoreNeeds, 'run' | 'newId'>;
  readonly meanwhile: Pick<Meanwhile, 'ofPatient'>;
}

/** Each call is durable when it returns. @throws conflict where the draft or its patient is gone meanwhile */
export class OwnDraft {
  readonly id: string;
  readonly head: DraftHead;
  readonly #sql: Sql;
  readonly #run: () => string;
  readonly #meanwhile: Pick<Meanwhile, 'ofPatient'>;
  #isBehind = false;
  /** Whether a missing row means that nothing was written yet, not that somebody removed it. */
  #mayBegin: boolean;

  constructor({ sql, needs, meanwhile }: DraftParts, found: Found, mayBegin: boolean) {
    const { id, ...head } = found;
    this.id = id;
    this.head = head;
    this.#sql = sql;
    this.#run = needs.run.id;
    this.#meanwhile = meanwhile;
    this.#mayBegin = mayBegin;
  }

  /** The vault refused the newest line. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  get isKept(): boolean {
    return this.#sql.get('SELECT 1 FROM draft_line WHERE draft = ? LIMIT 1', this.id) !== undefined;
  }

  append(line: DraftLine): void {
    this.#isBehind = true;
    this.#write(() => this.#insert([line]));
  }

  /** Without lines, the draft still stands for what is being typed. */
  replace(lines: readonly DraftLine[]): void {
    this.#isBehind = lines.length > 0;
    this.#write(() => {
      this.#sql.run('DELETE FROM draft_line WHERE draft = ?', this.id);
      this.#insert(lines);
    });
  }

  restate({ on, options }: Pick<DraftHead, 'on' | 'options'>): void {
    this.#write(() =>
      this.#sql.run('UPDATE draft SET "on" = ?, options = ? WHERE id = ?', on, options, this.id),
    );
  }

  /** Also inside `write`, so that saving and dropping the draft are one step. */
  discard(): void {
    this.#sql.immediate(() => {
      if (this.#stands(this.#run())) discard(this.#sql, this.id);
    });
    this.#mayBegin = true;
  }

  #stands(run: string): boolean {
    return this.#sql.get('SELECT 1 FROM draft WHERE id = ? AND run = ?', this.id, run) !== undefined;
  }

  #insert(lines: readonly DraftLine[]): void {
    for (const { place, text } of lines)
      this.#sql.run('INSERT INTO draft_line (draft, place, text) VALUES (?, ?, ?)', this.id, place, text);
  }

  #write(work: () => unknown): void {
    const { patient_id, task, record, on, options } = this.head;
    const run = this.#run();
    const write = (): readonly DraftLine[] => {
      const begin = (): boolean =>
        this.#sql.run(
          `INSERT INTO draft (${columns}) SELECT ?, ?, id, ?, ?, ?, ? FROM patient WHERE id = ?`,
          ...[this.id, run, task, record, on, options, patient_id],
        ).changes > 0;
      const gone = this.#meanwhile.ofPatient(patient_id);
      if (gone !== undefined) throw gone;
      if (!this.#stands(run) && !(this.#mayBegin && begin()))
        throw conflict('what this was typed for was erased, or taken up by another command, meanwhile');
      work();
      return linesOf(this.#sql, this.id);
    };
    const isThere = (made: readonly DraftLine[]): boolean =>
      JSON.stringify(linesOf(this.#sql, this.id)) === JSON.stringify(made);
    this.#sql.immediate(write, isThere, {
      there: 'but what you typed is kept as a draft',
      unclear: ['it may be kept as a draft', 'rapport due names it where it is'],
    });
    this.#isBehind = false;
    this.#mayBegin = false;
  }
}

export class DraftRepository {
  readonly #parts: DraftParts;
  readonly #sql: Sql;

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.#sql = parts.sql;
  }

  of(patientId: string): readonly Draft[] {
    return this.#select('patient_id = ?', patientId);
  }

  all(): readonly Draft[] {
    return this.#select('true');
  }

  begin(head: DraftHead): OwnDraft {
    return new OwnDraft(this.#parts, { ...head, id: this.#parts.needs.newId() }, true);
  }

  goOn(id: string): OwnDraft | undefined {
    return this.#sql.immediate(() => {
      const found = this.#sql.get<Row>(`SELECT ${columns} FROM draft WHERE id = ?`, id);
      if (found === undefined || this.#isOpen(found.run)) return undefined;
      this.#sql.run('UPDATE draft SET run = ? WHERE id = ?', this.#parts.needs.run.id(), id);
      const { run: _, ...head } = found;
      return new OwnDraft(this.#parts, head, false);
    });
  }

  discard(id: string): void {
    discard(this.#sql, id);
  }

  #select(where: string, ...values: readonly string[]): readonly Draft[] {
    return this.#sql
      .all<Row>(`SELECT ${columns} FROM draft WHERE ${where} ORDER BY "on", rowid`, ...values)
      .map(({ run, ...head }) => ({ ...head, lines: linesOf(this.#sql, head.id), isOpen: this.#isOpen(run) }))
      .filter(({ lines, isOpen }) => isOpen || lines.length > 0);
  }

  #isOpen(run: string): boolean {
    return this.#parts.needs.run.isAnother(run);
  }
}
