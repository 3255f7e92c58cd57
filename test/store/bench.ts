/** A fresh vault for a test, and what is in one. */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { it as plainIt } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import type { Sql } from '../../src/store/sql.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folders.ts';
import { type Bench, openBench } from './vault.ts';

/** Runs the work with a fresh vault. */
export function withBench<T>(work: (bench: Bench) => T): T {
  const bench = openBench(join(temporaryFolder(), 'vault.db'));
  let isLater = false;
  try {
    const made = work(bench);
    isLater = made instanceof Promise;
    return made instanceof Promise ? (made.finally(() => bench.end()) as T) : made;
  } finally {
    if (!isLater) bench.end();
  }
}

/** The lines of a statement's plan. */
export const explain = (database: Database.Database, text: string): readonly string[] =>
  database
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail);

/** A test that is given a fresh vault. */
export const it = plainIt.extend<{ bench: Bench; store: Store; database: Database.Database; sql: Sql }>({
  bench: async ({ task: _ }, use) => {
    const bench = openBench(join(temporaryFolder(), 'vault.db'));
    await use(bench);
    bench.end();
  },
  store: async ({ bench }, use) => use(bench.store),
  database: async ({ bench }, use) => use(bench.database),
  sql: async ({ bench }, use) => use(bench.sql),
});

/** Every row of every table but the refs and histories: the state that an undo must give back. */
export function snapshot(database: Database.Database): Readonly<Record<string, readonly unknown[]>> {
  const kept = [
    'patient',
    'patient_handle',
    'patient_word',
    'patient_identifier',
    'person',
    'note',
    'commitment',
    'contact',
    'closed_day',
    'away',
    'weekend',
  ];
  return Object.fromEntries(
    kept.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]),
  );
}

export const insertWhole = (
  store: Store,
  {
    patient,
    people,
    notes,
    commitments,
    contacts,
  }: Pick<WholePatient, 'patient' | 'people' | 'notes' | 'commitments' | 'contacts'>,
): void =>
  void store.write({ verb: 'import' }, () => {
    store.patients.insert(patient);
    for (const one of people) store.people.insert(one);
    for (const one of notes) store.notes.insert(one);
    for (const one of commitments) store.commitments.insert(one);
    for (const one of contacts) store.contacts.insert(one);
  });
