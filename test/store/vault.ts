/** Real encrypted databases in a temporary folder, opened as the vault does, for tests of the store. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { monotonicFactory } from 'ulid';
import { Sql, type StoreNeeds } from '../../src/store/sql.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
export const pageKey = Buffer.alloc(32, 7);
export const logKey = Buffer.alloc(32, 9);

export function storeNeeds(): StoreNeeds {
  let pool = randomBytes(4096);
  let used = 0;
  const nextByte = (): number => {
    if (used === pool.length) {
      pool = randomBytes(4096);
      used = 0;
    }
    return pool[used++] ?? 0;
  };
  const newId = monotonicFactory(() => nextByte() / 256);
  return {
    instant: () => new Date().toISOString(),
    newId: () => newId(),
    newRef: () => Array.from({ length: 5 }, () => alphabet[nextByte() & 31]).join(''),
    logKey,
    run: { id: () => 'this1r', isAnother: () => false },
  };
}

export function openDatabase(path: string, options: Database.Options = {}): Database.Database {
  const Driver = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
  const database = new Driver(path, options);
  database.pragma("cipher='sqlcipher'");
  database.pragma('legacy=4');
  database.key(Buffer.concat([Buffer.from('raw:'), pageKey]));
  database.pragma('temp_store=MEMORY');
  database.pragma('trusted_schema=OFF');
  database.pragma('foreign_keys=ON');
  database.pragma('secure_delete=ON');
  database.pragma('journal_mode=DELETE');
  database.pragma('synchronous=EXTRA');
  return database;
}

export type BenchOptions = Partial<StoreNeeds> & { readonly timeout?: number; readonly readonly?: boolean };

export interface Bench {
  readonly path: string;
  readonly store: Store;
  readonly sql: Sql;
  readonly database: Database.Database;
  /** Fills with what is run from now on, values and all. */
  statements(): readonly string[];
  /** Another handle on the same file. */
  again(options?: BenchOptions): Bench;
  end(): void;
}

export function openBench(path: string, options: BenchOptions = {}): Bench {
  const { timeout = 5000, readonly = false } = options;
  const listeners: string[][] = [];
  const verbose = (text: unknown): void => {
    for (const listener of listeners) listener.push(String(text));
  };
  const database = openDatabase(path, { timeout, readonly, verbose });
  const sql = new Sql({ database });
  return {
    path,
    database,
    sql,
    store: openStore(sql, { ...storeNeeds(), ...options }),
    statements() {
      const ran: string[] = [];
      listeners.push(ran);
      return ran;
    },
    again: (more = {}) => openBench(path, more),
    end: () => database.close(),
  };
}
