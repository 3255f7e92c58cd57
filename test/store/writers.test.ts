import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import { temporaryFolder } from '../support/folders.ts';
import { aNote, aPatient } from '../support/records.ts';
import { failureOf } from '../support/values.ts';
import { openBench } from './vault.ts';

const run = promisify(execFile);
let folder: string;
let writer: string;

beforeAll(async () => {
  folder = temporaryFolder();
  writer = join(folder, 'writer.mjs');
  await build({
    input: join(import.meta.dirname, 'writer.ts'),
    platform: 'node',
    transform: { target: 'node20.17' },
    output: { file: writer, format: 'esm', codeSplitting: false },
  });
});

describe('several writers', () => {
  it('all get their turn, and every write is there', async () => {
    const path = join(folder, 'vault.db');
    const { store, end } = openBench(path);
    store.write({ verb: 'patient add' }, () => store.patients.insert(aPatient('malu')));
    const env = { ...process.env, NODE_PATH: join(import.meta.dirname, '..', '..', 'node_modules') };
    const others = ['one', 'two', 'three'].map((name) =>
      run(process.execPath, [writer, path, 'malu', '15', name], { env }),
    );
    for (let index = 0; index < 15; index += 1) {
      store.write({ verb: 'note' }, () => store.notes.insert(aNote(`here ${index}`)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(others);
    const notes = store.notes.of('malu');
    expect(notes).toHaveLength(60);
    expect(new Set(notes.map((note) => note.ref)).size).toBe(60);
    for (const name of ['here', 'one', 'two', 'three']) {
      const found = await store.search({ words: [name], sensitive: false, limit: 99, offset: 0 });
      expect(found.total).toBe(15);
    }
    expect(store.log.rows({ limit: 99 })).toHaveLength(61);
    expect(store.log.firstBroken()).toBeUndefined();
    end();
  });

  it('are told when one holds the vault for too long, with nothing changed', () => {
    const path = join(folder, 'busy.db');
    const first = openBench(path);
    const second = openBench(path, { timeout: 1 });
    first.database.exec('BEGIN IMMEDIATE');
    const add = (): unknown =>
      second.store.write({ verb: 'patient add' }, () =>
        second.store.patients.insert(newPatient({ name: 'A', handle: 'a' })),
      );
    expect(failureOf(add).exit).toBe('busy');
    first.database.exec('ROLLBACK');
    add();
    expect(second.store.patients.all()).toHaveLength(1);
    first.end();
    second.end();
  });
});
