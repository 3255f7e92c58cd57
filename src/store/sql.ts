/** The only place that runs SQL. Trap: no message may carry a value, since values are patients' text. */
import type Database from 'better-sqlite3';
import { damaged, errorCode, type Failure, refusalOf, StorageFailure } from '../errors.ts';
import type { RecordDigest } from './record-digest.ts';

export type Scalar = string | number | Buffer | null;
export type Row = Readonly<Record<string, Scalar>>;

const damagedVault = (): Failure =>
  damaged('the vault is damaged and can no longer be written', 'rapport doctor');

interface Outcomes {
  readonly there: string;
  readonly unclear: readonly [outcome: string, hint: string];
}
const ofChange: Outcomes = {
  there: 'but it was saved',
  unclear: ['it may have been saved', 'rapport undo --list shows whether it was'],
};

export class Sql {
  readonly #connected: { readonly database: Database.Database };
  #prepared: Database.Database | undefined;
  readonly #statements = new Map<string, Database.Statement<Scalar[], unknown>>();
  #isDamaged = false;
  #refusal: Failure | undefined;
  #afterCommit: (() => void) | undefined;
  #hooks: Pick<StoreNeeds, 'whyUnreadable' | 'report' | 'digest'> = {};

  /** @param connected another database each time that it was closed while a person was waited for */
  constructor(connected: { readonly database: Database.Database }) {
    this.#connected = connected;
  }

  get #database(): Database.Database {
    return this.#connected.database;
  }

  all<R = Row>(text: string, ...values: readonly Scalar[]): readonly R[] {
    return this.#guard(() => this.#statement(text).all(...values) as R[]);
  }

  /** Holds no row longer than it takes to convert it. */
  map<T>(text: string, make: (row: Row) => T, ...values: readonly Scalar[]): readonly T[] {
    return this.#guard(() => Array.from(this.#statement(text).iterate(...values), (row) => make(row as Row)));
  }

  get<R = Row>(text: string, ...values: readonly Scalar[]): R | undefined {
    return this.#guard(() => this.#statement(text).get(...values) as R | undefined);
  }

  /** The first column of each row. */
  column<T extends Scalar>(text: string, ...values: readonly Scalar[]): readonly T[] {
    return this.all(text, ...values).map((row) => Object.values(row)[0] as T);
  }

  /** The first column of the first row; undefined where there is no row, or nothing in it. */
  value<T extends Scalar>(text: string, ...values: readonly Scalar[]): T | undefined {
    return (Object.values(this.get(text, ...values) ?? {})[0] ?? undefined) as T | undefined;
  }

  has(text: string, ...values: readonly Scalar[]): boolean {
    return this.get(text, ...values) !== undefined;
  }

  /** @returns the row's number */
  insert(table: string, row: Row): number {
    const columns = Object.keys(row).map((column) => `"${column}"`);
    const text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    return this.run(text, ...Object.values(row)).number;
  }

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

  /** Locks before the first read, so that waiting for a writer works. @param isThere asked after a failed commit */
  immediate<T>(work: () => T, isThere?: (made: T) => boolean, outcomes = ofChange): T {
    this.checkWritable();
    const isInner = this.#database.inTransaction;
    const earlier = this.#afterCommit;
    let made: { readonly value: T } | undefined;
    try {
      this.#guard(() =>
        this.#database
          .transaction(() => {
            made = { value: work() };
          })
          .immediate(),
      );
    } catch (error) {
      const failure = isInner ? error : this.#lookAfter(error, made, isThere, outcomes);
      if (failure !== undefined) {
        this.#afterCommit = earlier;
        throw failure;
      }
    }
    if (made === undefined) throw new Error('a transaction ended without its work');
    if (!isInner) {
      const action = this.#afterCommit;
      this.#afterCommit = undefined;
      action?.();
    }
    return made.value;
  }

  /** `immediate` for work that changes records or drafts. */
  changing<T>(work: () => T, isThere?: (made: T) => boolean, outcomes = ofChange): T {
    const { digest } = this.#hooks;
    if (digest === undefined) return this.immediate(work, isThere, outcomes);
    this.checkWritable();
    const isOutermost = !this.#database.inTransaction;
    this.#guard(() => digest.follow(this.#database));
    return this.immediate(() => digest.change(this.#database, isOutermost, work), isThere, outcomes);
  }

  /** @returns what to throw, with the outcome; undefined where all is saved after all */
  #lookAfter<T>(
    error: unknown,
    made: { readonly value: T } | undefined,
    isThere: ((made: T) => boolean) | undefined,
    { there, unclear }: Outcomes,
  ): unknown {
    if (!(error instanceof StorageFailure) || error.exit === 'busy' || this.#isDamaged) return error;
    if (isThere === undefined) return error;
    try {
      if (made === undefined) {
        // If the database can be read, everything was rolled back.
        this.get('SELECT 1 FROM sqlite_schema LIMIT 1');
        return error.saying('nothing was changed');
      }
      if (!isThere(made.value)) return error.saying('nothing was changed');
    } catch {
      return error.saying(...unclear);
    }
    this.#hooks.report?.(error.saying(there));
    return undefined;
  }

  checkWritable(): void {
    if (this.#isDamaged) throw damagedVault();
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  refuseWriting(refusal: Failure | undefined): void {
    this.#refusal = refusal;
  }

  attach(hooks: Pick<StoreNeeds, 'whyUnreadable' | 'report' | 'digest'>): void {
    this.#hooks = hooks;
  }

  /** Runs once the current transaction is committed, instead of an earlier action. */
  afterCommit(action: () => void): void {
    this.#afterCommit = action;
  }

  reading<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).deferred());
  }

  #statement(text: string): Database.Statement<Scalar[], unknown> {
    const database = this.#database;
    if (database !== this.#prepared) this.#statements.clear();
    this.#prepared = database;
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = database.prepare<Scalar[]>(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const code = errorCode(error);
      const failure = refusalOf(code);
      if (failure?.exit !== 'damaged') throw failure ?? error;
      const why = this.#hooks.whyUnreadable?.();
      if (why !== undefined) throw why;
      this.#isDamaged = true;
      throw damagedVault();
    }
  }
}

export const metaOf = (sql: Sql, key: string): string | undefined =>
  sql.value('SELECT value FROM meta WHERE key = ?', key);

export function putMeta(sql: Sql, key: string, value: string): void {
  sql.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}

/** Values that belong to an operation, in `meta` by its number, so that an undo finds them. @param name of our own */
export const byOperation = <T>(sql: Sql, name: string) => ({
  read(operation: number): T | undefined {
    const value = metaOf(sql, `${name}:${operation}`);
    return value === undefined ? undefined : JSON.parse(value);
  },
  write: (operation: number, value: T): void => putMeta(sql, `${name}:${operation}`, JSON.stringify(value)),
  /** Of the rows of `meta`, in SQL: ';' follows ':' in the order of keys. */
  areThese: `key > '${name}:' AND key < '${name};'`,
  number: `CAST(substr(key, ${name.length + 2}) AS INTEGER)`,
});

export const isUniqueViolation = (error: unknown): boolean =>
  /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(errorCode(error) ?? '');

/** Trap: only for names of our own, never a person's text. */
export const quoted = (names: readonly string[]): string => {
  for (const name of names)
    if (!/^[a-z_]+$/.test(name)) throw new Error('only plain words may become part of a statement');
  return names.map((name) => `'${name}'`).join(', ');
};

/** Above every character: [beginning, beginning + this) holds all that begin so. */
export const above = '\u{10ffff}';

/** Sequence from 1; MAC of 32 bytes. */
export interface LogHead {
  readonly sequence: number;
  readonly mac: Buffer;
}

export interface LogView {
  head(): LogHead | undefined;
  macAt(sequence: number): Buffer | undefined;
}

interface HeadGuard {
  /** Called once, before anything is written. @returns why nothing may be written, or undefined */
  refusal(log: LogView): Failure | undefined;
  /** Called after each commit that appended to the log. Never throws. */
  moved(head: LogHead): void;
}

export interface StoreNeeds {
  /** ISO instant with milliseconds, UTC. */
  readonly instant: () => string;
  readonly newId: () => string;
  /** Five random characters of Crockford's base32, lower case. */
  readonly newRef: () => string;
  readonly logKey: Buffer;
  readonly run: {
    /** This run's name; once asked for, other runs see it. */
    readonly id: () => string;
    /** Another run of that name is still there. */
    readonly isAnother: (id: string) => boolean;
  };
  /** Called before an older vault's first migration; not for a new vault. */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
  readonly guard?: HeadGuard;
  /** Brought up to date by each change. */
  readonly digest?: RecordDigest;
  /** Asked before an unreadable database is called damaged. */
  readonly whyUnreadable?: (() => Failure | undefined) | undefined;
  /** Called with what was saved although the disk reported an error, and with why nothing may be written. */
  readonly report?: (warning: Failure) => void;
  /** Called before an erasure commits: no other file may keep the erased text. */
  readonly erasing?: () => void;
}
