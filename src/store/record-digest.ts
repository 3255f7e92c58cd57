/**
 * A page's HMAC does not say of when the page is. One row, `meta.digest`, holds the newest operation, the sum of a keyed
 * MAC over every record, calendar, change and draft row, and a MAC over both; so old pages among new ones are noticed.
 */
// Followed by TEMP triggers, so that no way of writing can forget it; but what an import adds by the thousand is told by
// `added`, since a trigger costs more than the row. No older value of the sum is kept.
import { hash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { schemas } from '../domain/records.ts';
import { keyLength, macOf, sameBytes, wipe } from '../keys.ts';

type Value = string | number | Buffer | null;

/** In `meta`; the sum in hex. */
interface Digest {
  readonly operation: number;
  readonly sum: string;
}

const watched = [...Object.keys(schemas), 'draft', 'draft_line', 'change'];

/** Each is inserted in one place, which calls `added`. */
const told = watched.filter((table) => !table.startsWith('draft'));

const bits = 128;
const functionName = 'rapport_row';

const macText = ({ operation, sum }: Digest): string => JSON.stringify([operation, sum]);
const newest = (database: Database.Database): number =>
  database.prepare<[], number>('SELECT coalesce(max(number), 0) FROM operation').pluck().get() ?? 0;

interface Column {
  readonly name: string;
  /** As the schema writes it; null where there is none. */
  readonly dflt_value: string | null;
}

/** By name: a later schema may add columns, and their nulls and defaults are left out. */
const columnsOf = (database: Database.Database, table: string): readonly Column[] =>
  database
    .prepare<[string], Column>('SELECT name, dflt_value FROM pragma_table_info(?) ORDER BY name')
    .all(table);

const isDefault = (value: Value, { dflt_value }: Column): boolean =>
  dflt_value !== null && [String(value), `'${value}'`].includes(dflt_value);

export type RecordDigest = ReturnType<typeof recordDigest>;

/** @param logKey 32 bytes; a key of its own is made from it. Disposed of, it forgets that */
export function recordDigest(logKey: Buffer) {
  const key = macOf(logKey, 'rapport record digest');
  const followed = new WeakSet<Database.Database>();
  let columns: ReadonlyMap<string, readonly Column[]> = new Map();
  let pending = 0n;
  let bytes = Buffer.alloc(4096);

  /** The first half of SHA-256 of key and row: the table, then each column's name, length and value. */
  function rowMac(table: string, columns: readonly Column[], values: readonly (Value | undefined)[]): bigint {
    let text = table;
    for (const [index, column] of columns.entries()) {
      const value = values[index] ?? null;
      if (value === null || isDefault(value, column)) continue;
      const written = String(value);
      text += ` ${column.name} ${written.length} ${written}`;
    }
    if (bytes.length < keyLength + 3 * text.length) {
      wipe(bytes);
      bytes = Buffer.alloc(keyLength + 4 * text.length);
    }
    key.copy(bytes);
    const end = keyLength + bytes.write(text, keyLength);
    return BigInt(`0x${hash('sha256', bytes.subarray(0, end), 'hex').slice(0, bits / 4)}`);
  }

  function rebuilt(database: Database.Database): Digest {
    let sum = 0n;
    for (const table of watched) {
      const columns = columnsOf(database, table);
      const names = columns.map(({ name }) => `"${name}"`).join(', ');
      const rows = database.prepare<[], Value[]>(`SELECT ${names} FROM ${table}`).raw();
      for (const row of rows.iterate()) sum += rowMac(table, columns, row);
    }
    return { operation: newest(database), sum: BigInt.asUintN(bits, sum).toString(16) };
  }

  /** Undefined where there is none; 'other' where its MAC is of another key, or none. */
  function stored(database: Database.Database): Digest | 'other' | undefined {
    const text = database.prepare<[], string>("SELECT value FROM meta WHERE key = 'digest'").pluck().get();
    if (text === undefined) return undefined;
    const [operation = '', sum = '', mac = ''] = text.split(' ');
    const found = { operation: Number(operation), sum };
    return sameBytes(Buffer.from(mac, 'hex'), macOf(key, macText(found))) ? found : 'other';
  }

  function write(database: Database.Database, digest: Digest): void {
    const text = `${digest.operation} ${digest.sum} ${macOf(key, macText(digest)).toString('hex')}`;
    database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('digest', ?)").run(text);
  }

  /** Before a connection's first change, outside a transaction. */
  function follow(database: Database.Database): void {
    if (followed.has(database)) return;
    columns = new Map(watched.map((table) => [table, columnsOf(database, table)]));
    database.function(functionName, { varargs: true }, (...given) => {
      const [sign, table, ...values] = given as [number, string, ...Value[]];
      pending += BigInt(sign) * rowMac(table, columns.get(table) ?? [], values);
      return null;
    });
    for (const [table, own] of columns)
      for (const [event, rows] of [
        ['INSERT', told.includes(table) ? [] : ['NEW']],
        ['DELETE', ['OLD']],
        ['UPDATE', ['OLD', 'NEW']],
      ] as const) {
        const calls = rows.map((row) => {
          const values = own.map(({ name }) => `${row}."${name}"`).join(', ');
          return `SELECT ${functionName}(${row === 'NEW' ? 1 : -1}, '${table}', ${values});`;
        });
        if (calls.length > 0)
          database.exec(
            `CREATE TEMP TRIGGER ${table}_${event} AFTER ${event} ON main.${table} BEGIN ${calls.join(' ')} END`,
          );
      }
    followed.add(database);
  }

  return {
    follow,
    /** A row that was inserted, but for drafts. */
    added(table: string, row: Readonly<Record<string, Value>>): void {
      const own = columns.get(table) ?? [];
      const values = own.map(({ name }) => row[name]);
      pending += rowMac(table, own, values);
    },
    /** In a transaction. What does not fit its MAC stays: doctor tells it. */
    change<T>(database: Database.Database, isOutermost: boolean, work: () => T): T {
      const before = isOutermost ? 0n : pending;
      pending = before;
      try {
        const made = work();
        if (isOutermost) {
          const found = stored(database);
          if (found === undefined) write(database, rebuilt(database));
          else if (found !== 'other') {
            const sum = BigInt.asUintN(bits, BigInt(`0x${found.sum}`) + pending).toString(16);
            const operation = newest(database);
            if (sum !== found.sum || operation !== found.operation) write(database, { operation, sum });
          }
        }
        return made;
      } catch (error) {
        pending = before;
        throw error;
      }
    },
    /** Rebuilds it, and compares. 'none': nothing was changed since the vault is kept so. */
    state: (database: Database.Database): 'same' | 'none' | 'other' =>
      // All of one moment: another process may write between two reads.
      database.transaction(() => {
        const found = stored(database);
        if (found === undefined) return 'none';
        return found !== 'other' && macText(found) === macText(rebuilt(database)) ? 'same' : 'other';
      })(),
    /** Takes what is there. In the caller's transaction, or one of its own. */
    accept: (database: Database.Database): void => write(database, rebuilt(database)),
    [Symbol.dispose]: (): void => wipe(key, bytes),
  };
}
