/**
 * The one place that runs SQL: statements are prepared when they first run and kept, and what the database refuses
 * becomes a Failure with a way out. No message carries a value, since values are patients' text.
 */
import type Database from 'better-sqlite3';
import { conflict, damaged, Failure } from '../errors.ts';

export type Scalar = string | number | Buffer | null;
export type Row = Readonly<Record<string, Scalar>>;

const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
};

const damagedVault = (): Failure =>
  damaged('the vault is damaged and can no longer be written', 'rapport doctor');

/** What the database's own error means to a person; anything that is not one of these is a defect and stays as it is. */
function failureOf(code: string): Failure | undefined {
  const is = (...names: readonly string[]): boolean =>
    names.some((name) => code === name || code.startsWith(`${name}_`));
  if (is('SQLITE_BUSY', 'SQLITE_LOCKED'))
    return new Failure('busy', 'another rapport holds the vault', ['try again in a moment']);
  if (is('SQLITE_CORRUPT', 'SQLITE_NOTADB')) return damagedVault();
  if (is('SQLITE_FULL'))
    return new Failure('failed', 'the disk is full, nothing was changed', ['make room, then try again']);
  if (is('SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM'))
    return new Failure('failed', 'the vault cannot be written here, nothing was changed', [
      'check that its folder and file are yours to write: rapport doctor',
    ]);
  if (is('SQLITE_IOERR'))
    return new Failure('failed', 'the disk failed to read or write the vault, nothing was changed', [
      'rapport doctor',
    ]);
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY')
    return conflict('other records still rest on this one, nothing was changed', 'rapport undo --list');
  return undefined;
}

export class Sql {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement<Scalar[], unknown>>();
  #isDamaged = false;
  #refusal: Failure | undefined;
  #whyUnreadable: (() => Failure | undefined) | undefined;
  #afterCommit: (() => void) | undefined;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  all<R = Row>(text: string, ...values: readonly Scalar[]): readonly R[] {
    return this.#guard(() => this.#statement(text).all(...values) as R[]);
  }

  /** What is made of each row; no row outlives it, so that a long list is not there twice. */
  map<T>(text: string, make: (row: Row) => T, ...values: readonly Scalar[]): readonly T[] {
    return this.#guard(() => Array.from(this.#statement(text).iterate(...values), (row) => make(row as Row)));
  }

  get<R = Row>(text: string, ...values: readonly Scalar[]): R | undefined {
    return this.#guard(() => this.#statement(text).get(...values) as R | undefined);
  }

  /** Whether a row fulfils it: those behind the first that does are not read. */
  some<R = Row>(text: string, fulfils: (row: R) => boolean, ...values: readonly Scalar[]): boolean {
    return this.#guard(() => {
      for (const row of this.#statement(text).iterate(...values)) if (fulfils(row as R)) return true;
      return false;
    });
  }

  /** Runs a change. @returns how many rows it changed, and the row id of what it inserted */
  run(text: string, ...values: readonly Scalar[]): { readonly changes: number; readonly number: number } {
    const done = this.#guard(() => this.#statement(text).run(...values));
    return { changes: done.changes, number: Number(done.lastInsertRowid) };
  }

  exec(text: string): void {
    this.#guard(() => this.#database.exec(text));
  }

  pragma(text: string): number {
    return this.#guard(() => Number(this.#database.pragma(text, { simple: true })));
  }

  get isWriting(): boolean {
    return this.#database.inTransaction;
  }

  /** Takes the write lock before the first read, so that waiting for another writer works. */
  immediate<T>(work: () => T): T {
    this.checkWritable();
    const isInner = this.#database.inTransaction;
    const earlier = this.#afterCommit;
    let value: T;
    try {
      value = this.#guard(() => this.#database.transaction(work).immediate());
    } catch (error) {
      this.#afterCommit = earlier;
      throw error;
    }
    if (!isInner) {
      const action = this.#afterCommit;
      this.#afterCommit = undefined;
      action?.();
    }
    return value;
  }

  checkWritable(): void {
    if (this.#isDamaged) throw damagedVault();
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** From now on nothing is written, for this reason; reading goes on. */
  refuseWriting(refusal: Failure | undefined): void {
    this.#refusal = refusal;
  }

  /** Asked where the database cannot be read any more, before that is called damage. */
  suspect(whyUnreadable: (() => Failure | undefined) | undefined): void {
    this.#whyUnreadable = whyUnreadable;
  }

  /** What is done once the transaction under way is committed, in place of what was to be done before; nothing if it is not. */
  afterCommit(action: () => void): void {
    this.#afterCommit = action;
  }

  /** Everything read in it is of one moment. */
  reading<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).deferred());
  }

  /** The query plan's lines, for tests that no statement walks a table that grows. */
  explain(text: string): readonly string[] {
    const plan = this.#database.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`);
    const values = text
      .split('?')
      .slice(1)
      .map(() => null);
    return plan.all(...values).map((row) => row.detail);
  }

  /** Every statement that has run on this handle. */
  get texts(): readonly string[] {
    return [...this.#statements.keys()];
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(text: string): Database.Statement<Scalar[], unknown> {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare<Scalar[]>(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const code = codeOf(error);
      const failure = code === undefined ? undefined : failureOf(code);
      if (failure?.exit !== 'damaged') throw failure ?? error;
      const why = this.#whyUnreadable?.();
      if (why !== undefined) throw why;
      this.#isDamaged = true;
      throw failure;
    }
  }
}

export const isUniqueViolation = (error: unknown): boolean =>
  codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE' || codeOf(error) === 'SQLITE_CONSTRAINT_PRIMARYKEY';

/** For the few places where a list becomes part of a statement: only names of our own, never a person's text. */
export const quoted = (names: readonly string[]): string => {
  for (const name of names)
    if (!/^[a-z_]+$/.test(name)) throw new Error('only plain words may become part of a statement');
  return names.map((name) => `'${name}'`).join(', ');
};
