/** What tests of imports share: our own small files, and all that a vault holds as plain bytes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { TestPlace } from './vault.ts';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
export const fixtureBytes = (name: string): Buffer => readFileSync(fixture(name));

/** Other people's real files; their tests skip where they are absent. */
export const sharedInputs = fileURLToPath(new URL('../../../shared/inputs/', import.meta.url));

export interface ExportedPatient {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export async function exportedPatients(place: TestPlace): Promise<readonly ExportedPatient[]> {
  const { stdout, code } = await place.run(['export', '--format', 'rapport']);
  expect(code).toBe(0);
  return JSON.parse(stdout).patients;
}

/**
 * Every page of the vault as it is after decryption: tables, history, log and index, in UTF-8. The log's MACs are taken
 * out: random bytes behind 'import' make 'porto' of it in one run of a hundred.
 */
export const everythingKept = (place: TestPlace): Promise<string> =>
  place.withDatabase((database) => {
    const bytes = database.serialize();
    for (const mac of database.prepare<[], Buffer>('SELECT mac FROM log').pluck().all())
      bytes.fill(0, bytes.indexOf(mac), bytes.indexOf(mac) + mac.length);
    return bytes.toString('utf8');
  });
