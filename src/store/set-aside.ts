/** Drafts that an operation took away, in `meta` by its number: an undo brings them back. Only the newest are kept. */
import { metaOf, putMeta, type Sql } from './sql.ts';

interface Aside {
  readonly draft: Readonly<Record<string, string | null>>;
  readonly lines: readonly { readonly place: string; readonly text: string }[];
  /** Of an undo: it brought the draft back. */
  readonly isBack: boolean;
}

const prefix = 'draft:';
/** Follows the prefix in key order. */
const end = 'draft;';
const mostKept = 20;

export type SetAside = ReturnType<typeof setAsideIn>;

export function setAsideIn(sql: Sql) {
  const read = (operation: number): Aside | undefined => {
    const value = metaOf(sql, prefix + operation);
    return value === undefined ? undefined : JSON.parse(value);
  };
  const write = (operation: number, aside: Aside): void => {
    putMeta(sql, prefix + operation, JSON.stringify(aside));
    sql.run(
      `DELETE FROM meta WHERE key > ? AND key < ? AND CAST(substr(key, ?) AS INTEGER) <= ?`,
      prefix,
      end,
      prefix.length + 1,
      operation - mostKept,
    );
  };
  const linesOf = (id: string): Aside['lines'] =>
    sql.all('SELECT place, text FROM draft_line WHERE draft = ? ORDER BY number', id);
  const remove = (id: string): void => {
    sql.run('DELETE FROM draft_line WHERE draft = ?', id);
    sql.run('DELETE FROM draft WHERE id = ?', id);
  };
  const isThere = (id: string): boolean => sql.get('SELECT 1 FROM draft WHERE id = ?', id) !== undefined;

  const take = (operation: number, id: string): void => {
    const draft = sql.get<Aside['draft']>('SELECT * FROM draft WHERE id = ?', id);
    if (draft !== undefined) write(operation, { draft, lines: linesOf(id), isBack: false });
    remove(id);
  };
  const bringBack = ({ draft, lines }: Aside): void => {
    const id = draft['id'] ?? '';
    const patientId = draft['patient_id'] ?? '';
    if (isThere(id) || sql.get('SELECT 1 FROM patient WHERE id = ?', patientId) === undefined) return;
    const columns = Object.keys(draft).map((column) => `"${column}"`);
    sql.run(
      `INSERT INTO draft (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      // Of no run: whoever comes next may go on with it.
      ...Object.entries(draft).map(([column, value]) => (column === 'run' ? '' : value)),
    );
    for (const { place, text } of lines)
      sql.run('INSERT INTO draft_line (draft, place, text) VALUES (?, ?, ?)', id, place, text);
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
        if (JSON.stringify(linesOf(id)) === JSON.stringify(aside.lines)) remove(id);
        write(by, { ...aside, isBack: false });
      }
    },
    /** Their words are to be gone, or are another's. */
    forget(...patientIds: readonly string[]): void {
      sql.run(
        `DELETE FROM meta WHERE key > ? AND key < ? AND value ->> '$.draft.patient_id' IN (SELECT value FROM json_each(?))`,
        prefix,
        end,
        JSON.stringify(patientIds),
      );
    },
  };
}
