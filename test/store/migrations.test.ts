import { createHmac } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { migrate, newestSchema, released } from '../../src/store/migrations.ts';
import { Sql } from '../../src/store/sql.ts';
import { brokenLookUps } from '../../src/store/tables.ts';
import { brokenTextIndexes } from '../../src/vault/database-copy.ts';
import { aNote, aPatient } from '../support/records.ts';
import { failureOf } from '../support/values.ts';
import { it } from './bench.ts';
import { openBench, openDatabase } from './vault.ts';

describe('opening a store', () => {
  it('brings a new database to the newest schema, once', ({ bench }) => {
    expect(bench.database.pragma('user_version', { simple: true })).toBe(newestSchema);
    let copies = 0;
    const again = bench.again({ beforeMigration: () => (copies += 1) });
    expect(copies).toBe(0);
    again.end();
  });

  it('takes the meta table that the vault made', ({ bench }) => {
    const path = `${bench.path}-made`;
    const database = openDatabase(path);
    database.exec(
      "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT; INSERT INTO meta VALUES ('vault_id', 'v')",
    );
    database.close();
    const made = openBench(path);
    expect(made.database.prepare('SELECT * FROM meta').all()).toEqual([{ key: 'vault_id', value: 'v' }]);
    made.end();
  });

  it('takes the steps that a vault lacks, with one copy before the first', ({ bench }) => {
    const steps = [...released, 'CREATE TABLE second (a) STRICT_', 'CREATE TABLE third (a)'];
    const calls: unknown[] = [];
    const again = (): void => migrate(bench.sql, (...given) => calls.push(given), steps);
    expect(again).toThrow('STRICT_');
    expect(bench.sql.pragma('user_version')).toBe(newestSchema);
    steps[newestSchema] = 'CREATE TABLE second (a)';
    again();
    again();
    expect(calls).toEqual([
      [newestSchema, newestSchema + 2],
      [newestSchema, newestSchema + 2],
    ]);
    expect(bench.sql.pragma('user_version')).toBe(newestSchema + 2);
    expect(bench.sql.all('SELECT * FROM second, third')).toEqual([]);
  });

  it('leaves a vault as it is of which no copy can be set aside', ({ bench }) => {
    const before = readFileSync(bench.path);
    const refuse = (): never => {
      throw new Error('no room for a copy');
    };
    expect(() => migrate(bench.sql, refuse, [...released, 'CREATE TABLE second (a)'])).toThrow('no room');
    expect(readFileSync(bench.path).equals(before)).toBe(true);
  });

  it('takes the drafts of schema 1 along, and what a merge knows of them', ({ bench }) => {
    const path = `${bench.path}-old`;
    const database = openDatabase(path);
    migrate(new Sql({ database }), undefined, released.slice(0, 1));
    database.exec(`
      INSERT INTO patient VALUES (1, 'kept', 'aaaaa', 'Malu', 'malu', NULL, NULL, NULL, NULL, '[]', NULL, NULL, 0, '[]', '[]',
        'active', NULL, NULL, '[]', 0);
      INSERT INTO draft VALUES ('kept', '2026-03-12');
      INSERT INTO draft_line VALUES (4, 'kept', 'promise', 'call by fri'), (5, 'kept', 'learn', 'sings');
      INSERT INTO meta VALUES ('merge:7', '{"gone":"g","kept":"kept","lines":[4,5],"isBack":false}'),
        ('merge:8', '{"gone":"h","kept":"kept","lines":[],"isBack":false}');`);
    database.close();
    const made = openBench(path);
    expect(made.store.drafts.all()).toEqual([
      {
        id: 'kept',
        patient_id: 'kept',
        task: 'commit',
        record: null,
        on: '2026-03-12',
        options: null,
        isOpen: false,
        lines: [
          { place: 'promise', text: 'call by fri' },
          { place: 'learn', text: 'sings' },
        ],
      },
    ]);
    const merges = made.database
      .prepare("SELECT value FROM meta WHERE key LIKE 'merge:%' ORDER BY key")
      .pluck()
      .all();
    expect(merges.map((value) => JSON.parse(String(value)))).toEqual([
      { gone: 'g', kept: 'kept', isBack: false, drafts: ['kept'] },
      { gone: 'h', kept: 'kept', isBack: false, drafts: [] },
    ]);
    made.store.drafts.goOn('kept')?.discard();
    expect(made.store.drafts.all()).toEqual([]);
    made.end();
  });

  it('folds anew what schema 2 looks patients and texts up by', async ({ bench }) => {
    const path = `${bench.path}-folded`;
    const database = openDatabase(path);
    migrate(new Sql({ database }), undefined, released.slice(0, 2));
    const patient =
      database.prepare(`INSERT INTO patient VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, ?, NULL, NULL, 0,
      '[]', '[]', 'active', NULL, NULL, '[]', 0)`);
    patient.run(1, 'a', 'aaaaa', 'Oyvind Moe', 'oyvind', '[]');
    patient.run(2, 'b', 'bbbbb', 'Øyvind Åsen', 'øyvind', '["Vind"]');
    database.exec(`
      INSERT INTO ref VALUES (1, 'aaaaa', 'patient'), (2, 'bbbbb', 'patient'), (3, 'nnnnn', 'note');
      INSERT INTO patient_handle VALUES ('oyvind', 'a'), ('øyvind', 'b');
      INSERT INTO patient_word VALUES ('øyvind', 'b'), ('asen', 'b');
      INSERT INTO note VALUES (3, 'n', 'nnnnn', 'b', 'story', 'Straßenlärm', NULL, NULL, NULL, NULL, NULL, 0, 'neutral', 0, 0, 0, 0,
        'answered', NULL, 'ёлка', NULL, 'typed');
      INSERT INTO text_index (text_index) VALUES ('rebuild');
      INSERT INTO meta VALUES ('forgotten_key', 'key');
      INSERT INTO forgotten VALUES ('${createHmac('sha256', 'key').update('["max groß","any"]').digest('hex')}', '');`);
    database.close();
    const made = openBench(path);
    const { patients, search, erasing } = made.store;
    expect(patients.byHandle('øyvind')?.id).toBe('a');
    expect(patients.byId('b')).toMatchObject({ handle: 'øyvind-bbbbb', aliases: ['Vind', 'øyvind'] });
    expect(patients.withWords(['oyvind']).map(({ id }) => id)).toEqual(['a', 'b']);
    for (const words of [['strassenlarm'], ['елка']])
      expect((await search({ words, sensitive: false, limit: 9, offset: 0 })).total).toBe(1);
    expect((await erasing()).wasForgotten('Max Groß', null)).toBe(true);
    expect(brokenLookUps(made.database)).toEqual([]);
    expect(brokenTextIndexes(made.database)).toEqual([]);
    made.end();
  });

  it.for(['patient_handle', 'patient_word', 'ref'])('finds a row that %s lacks', (table, { bench }) => {
    bench.store.write({ verb: 'patient add' }, () => bench.store.patients.insert(aPatient('malu')));
    expect(brokenLookUps(bench.database)).toEqual([]);
    bench.database.exec(`DELETE FROM ${table}`);
    expect(brokenLookUps(bench.database)).toEqual([table]);
  });

  it('refuses a newer schema and leaves the file as it was', ({ bench }) => {
    bench.database.pragma(`user_version = ${newestSchema + 1}`);
    const before = readFileSync(bench.path);
    const refusal = failureOf(() => bench.again());
    expect(refusal).toMatchObject({ exit: 'conflict', hints: ['update rapport, then try again'] });
    expect(readFileSync(bench.path).equals(before)).toBe(true);
  });

  it('reports damage as damage, and refuses to write from then on', ({ bench }) => {
    const { store } = bench;
    store.write({ verb: 'import' }, () => {
      store.patients.insert(aPatient('malu', { name: 'A' }));
      for (let index = 0; index < 400; index += 1) store.notes.insert(aNote(`note ${index}`));
    });
    const other = bench.again();
    const bytes = readFileSync(bench.path);
    const pages = bench.database
      .prepare<[], { pageno: number }>("SELECT pageno FROM dbstat WHERE name = 'note'")
      .all();
    // Of every page of the notes a byte is flipped; the schema stays good, so that the vault opens.
    for (const { pageno } of pages) {
      const at = (pageno - 1) * 4096 + 100;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    writeFileSync(bench.path, bytes);
    const damaged = bench.again();
    expect(failureOf(() => damaged.store.notes.of('malu')).exit).toBe('damaged');
    const add = (): unknown =>
      damaged.store.write({ verb: 'x' }, () =>
        damaged.store.patients.insert(newPatient({ name: 'B', handle: 'b' })),
      );
    expect(failureOf(add)).toMatchObject({ exit: 'damaged', hints: ['rapport doctor'] });
    expect(() => damaged.store.log.opened('brief', 'malu')).toThrow('damaged');
    expect(readFileSync(bench.path).equals(bytes)).toBe(true);
    damaged.end();
    other.end();
    truncateSync(bench.path, 0);
  });
});
