import { describe, expect } from 'vitest';
import { rechain } from '../../src/store/access-log.ts';
import { aNote, aPatient } from '../support/records.ts';
import { day } from '../support/values.ts';
import { it, withBench } from './bench.ts';
import { type Bench, logKey, openBench } from './vault.ts';

const addTwo = ({ store }: Bench): string | undefined =>
  store.write({ verb: 'import' }, () => {
    for (const id of ['malu', 'walt']) {
      store.patients.insert(aPatient(id));
      store.notes.insert(aNote('sings', { patient_id: id }));
    }
    store.notes.insert(aNote('two'));
  }).operation;

describe('the access log', () => {
  it('has a row for each patient that an operation touched, and for what was looked at', ({ bench }) => {
    const operation = addTwo(bench);
    const { log, calendar, write } = bench.store;
    expect(log.opened('brief', 'malu')).toBe(true);
    expect(log.listed('due', 7)).toBe(true);
    log.happened('key passphrase');
    write({ verb: 'calendar add' }, () => calendar.merge({ weekend: [7] }));
    const seen = log.rows({ limit: 9 }).map(({ at, sequence, ...row }) => row);
    expect(seen.slice(1)).toEqual([
      { operation: null, patient_id: null, verb: 'key passphrase', count: 0 },
      { operation: null, patient_id: null, verb: 'due', count: 7 },
      { operation: null, patient_id: 'malu', verb: 'brief', count: 1 },
      { operation, patient_id: 'walt', verb: 'import', count: 2 },
      { operation, patient_id: 'malu', verb: 'import', count: 3 },
    ]);
    expect(seen[0]).toMatchObject({ patient_id: null, verb: 'calendar add', count: 1 });
    expect(log.rows({ patientId: 'malu', limit: 9 }).map((row) => row.verb)).toEqual(['brief', 'import']);
    expect(log.rows({ limit: 1 })).toHaveLength(1);
    expect(log.lastBriefed()).toBe('malu');
    expect(log.head()?.sequence).toBe(6);
  });

  it('tells each backup once, by the moment that it was begun', ({ bench }) => {
    addTwo(bench);
    const { backups } = bench.store;
    const [first, second, elsewhere] = [
      '2199-01-01T08:00:00.000Z',
      '2199-01-02T08:00:00.000Z',
      '2198-12-31T08:00:00.000Z',
    ];
    backups.remember(first, 'backup');
    expect(backups.holding('malu')).toEqual([first]);
    backups.remember(second, 'backup');
    expect(backups.holding('malu')).toEqual([second, expect.any(String)]);
    // What is remembered of a restore is the backup that it was from, which has no row.
    backups.remember(elsewhere, 'restore');
    expect(backups.holding('malu')).toHaveLength(3);
  });

  it.each([
    ['a changed patient', "UPDATE log SET patient_id = 'malu' WHERE sequence = 2", 2],
    ['a changed verb', "UPDATE log SET verb = 'due' WHERE sequence = 1", 1],
    ['a changed time', "UPDATE log SET at = '2020-01-01T00:00:00.000Z' WHERE sequence = 3", 3],
    ['a removed row', 'DELETE FROM log WHERE sequence = 2', 2],
    ['a removed first row', 'DELETE FROM log WHERE sequence = 1', 1],
    ['a changed mac', 'UPDATE log SET mac = zeroblob(32) WHERE sequence = 3', 3],
    ['a cut mac', "UPDATE log SET mac = x'00' WHERE sequence = 3", 3],
    [
      'two rows that changed places',
      'UPDATE log SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN (2, 3); UPDATE log SET sequence = -sequence WHERE sequence < 0',
      2,
    ],
  ])('shows %s', (_, tampering, sequence) => {
    withBench((bench) => {
      addTwo(bench);
      bench.store.log.opened('brief', 'malu');
      bench.store.log.listed('due', 2);
      expect(bench.store.log.firstBroken()).toBeUndefined();
      bench.database.exec(tampering);
      expect(bench.store.log.firstBroken()).toBe(sequence);
    });
  });

  it('does not hold under another key, until it is chained anew', ({ bench }) => {
    addTwo(bench);
    const key = Buffer.alloc(32, 1);
    const other = openBench(bench.path, { logKey: key });
    expect(other.store.log.firstBroken()).toBe(1);
    bench.database.transaction(() =>
      rechain(bench.database, { from: logKey, to: key, instant: () => '2026-03-12T08:30:00.000Z' }),
    )();
    expect(other.store.log.firstBroken()).toBeUndefined();
    expect(bench.store.log.firstBroken()).toBe(1);
    expect(logKey).not.toEqual(key);
    other.end();
  });

  it('takes what a briefing showed along in the same transaction, all or nothing', ({ bench }) => {
    addTwo(bench);
    const commits: number[] = [];
    const briefing = bench.again({
      guard: { refusal: () => undefined, moved: ({ sequence }) => void commits.push(sequence) },
    });
    const on = day('2026-03-12');
    const before = briefing.store.log.head()?.sequence ?? 0;
    expect(briefing.store.log.opened('brief', 'malu', { noteIds: ['n', 'm'], on })).toBe(true);
    expect(commits).toEqual([before + 1]);
    const shown = (): unknown => bench.database.prepare('SELECT count(*) AS n FROM shown').get();
    expect(shown()).toEqual({ n: 2 });
    bench.database.exec(
      "CREATE TRIGGER no_more BEFORE INSERT ON shown WHEN new.note_id = 'x' BEGIN SELECT raise(ROLLBACK, 'no'); END",
    );
    expect(() => briefing.store.log.opened('brief', 'malu', { noteIds: ['o', 'x'], on })).toThrow();
    expect(shown()).toEqual({ n: 2 });
    expect(briefing.store.log.head()?.sequence).toBe(before + 1);
    briefing.end();
  });

  it('says when a row could not be written, and lets the reading go on', ({ bench }) => {
    addTwo(bench);
    const reader = bench.again({ readonly: true });
    expect(reader.store.log.opened('brief', 'malu')).toBe(false);
    expect(reader.store.log.opened('brief', 'malu', { noteIds: ['n'], on: day('2026-03-12') })).toBe(false);
    expect(reader.store.briefingRecords('malu', day('2026-03-12')).notes).toHaveLength(2);
    reader.end();
    const waiting = bench.again({ timeout: 1 });
    bench.database.exec('BEGIN IMMEDIATE');
    expect(waiting.store.log.listed('due', 1)).toBe(false);
    bench.database.exec('ROLLBACK');
    expect(waiting.store.log.listed('due', 1)).toBe(true);
    waiting.end();
  });
});
