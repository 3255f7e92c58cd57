/** Vaults to be harmed: one is made with a cheap key, a copy of it for every case, and both are looked at whole. */

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { newNote, newPatient } from '../../../src/domain/records.ts';
import type { Store } from '../../../src/store/store.ts';
import { type BinaryOptions, type BinaryResult, runBinary } from '../../support/binary.ts';
import { copyFolder, temporaryFolder } from '../../support/folders.ts';
import { testOutside } from '../../support/outside.ts';
import { day } from '../../support/values.ts';
import { makeVault, passphrase } from '../../support/vault.ts';
import { inContext } from '../../vault/contexts.ts';

export { passphrase } from '../../support/vault.ts';

export interface Place {
  /** Holds home, temporary, runtime, state and work folders, and the vault. */
  readonly root: string;
  readonly folder: string;
}

const placeAt = (root: string): Place => ({ root, folder: join(root, 'vault') });

/** A vault with two patients and their notes. */
export async function makeTemplate(notes = 8): Promise<Place> {
  const place = await makeVault();
  await place.withStore((store) =>
    store.write({ verb: 'import' }, () => {
      for (const id of ['malu', 'walt']) {
        store.patients.insert(newPatient({ id, name: `${id} Razo`, handle: id }));
        for (let index = 0; index < notes; index += 1)
          store.notes.insert(
            newNote({
              patient_id: id,
              kind: 'story',
              text: `${id} tells story ${index}`,
              recorded_on: day('2026-01-02'),
            }),
          );
      }
    }),
  );
  return placeAt(place.root);
}

/** A copy to do harm to, gone when the test ends unless it is removed before. */
export function copyOf(template: Place): Place & { remove(): void } {
  const root = temporaryFolder();
  copyFolder(template.root, root);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  onTestFinished(remove);
  return { ...placeAt(root), remove };
}

/** Runs the built program, with the passphrase in its environment. */
export const rapport = (
  place: Place,
  argv: readonly string[],
  more: Omit<BinaryOptions, 'root'> = {},
): Promise<BinaryResult> =>
  runBinary(argv, { ...more, root: place.root, env: { RAPPORT_PASSPHRASE: passphrase, ...more.env } });

/** Runs the program in this process, for what is tried many times. */
export async function runHere(
  place: Place,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<BinaryResult> {
  const outside = testOutside({
    root: place.root,
    env: { RAPPORT_VAULT: place.folder, RAPPORT_PASSPHRASE: passphrase, ...env },
    now: Date.now,
    random: randomBytes,
  });
  const code = await main(argv, outside);
  return { ...outside.printed, code };
}

/** Every file of a folder with a digest of its bytes and its mode. */
export function bytesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => {
        const path = join(folder, name);
        const found = statSync(path);
        const mode = (found.mode & 0o777).toString(8);
        if (!found.isFile()) return [name, `${mode} no file`];
        return [name, `${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
      }),
  );
}

/** What a vault holds, without what differs between two runs of the same command. */
export interface Picture {
  readonly records: Readonly<Record<string, readonly string[]>>;
  readonly rows: Readonly<Record<string, number>>;
}

const texts: Readonly<Record<string, string>> = {
  patient: 'name',
  note: 'text',
  commitment: 'text',
  contact: '"on"',
  draft_line: 'text',
};

/** Of every template: opens it at no cost. */
export const recoverySecret: Buffer = Buffer.alloc(20, 5);

/**
 * Opens a vault as a command does, checks all that SQLite and the log can tell, and reads what it holds.
 * @param then is done before it is closed
 */
export async function pictureOf(
  place: Place,
  { secret = passphrase, then }: { readonly secret?: string; readonly then?: (store: Store) => void } = {},
): Promise<Picture> {
  const { value, failure, stderr } = await inContext(
    place,
    async (ctx) => {
      const store = await ctx.openStore();
      const { database } = await ctx.vault.open();
      expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      expect(database.pragma('foreign_key_check')).toEqual([]);
      database.exec("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)");
      expect(store.log.firstBroken()).toBeUndefined();
      const column = (text: string): readonly string[] =>
        database.prepare<[], string>(text).pluck().all().map(String);
      const tables = column(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'text_index%' ORDER BY 1",
      );
      const picture = {
        records: Object.fromEntries(
          Object.entries(texts).map(([table, field]) => [
            table,
            column(`SELECT ${field} FROM ${table} ORDER BY 1`),
          ]),
        ),
        rows: Object.fromEntries(
          tables.map((name) => [name, Number(column(`SELECT count(*) FROM "${name}"`)[0])]),
        ),
      };
      then?.(store);
      return picture;
    },
    { env: { RAPPORT_PASSPHRASE: secret } },
  );
  if (value === undefined) throw new Error(`it did not open: ${failure?.message} ${stderr}`);
  expect(stderr).toBe('');
  return value;
}

export interface Refused {
  readonly code: number;
  readonly says?: RegExp;
  /** Some have no way out. */
  readonly withoutHint?: boolean;
}

/** One line that says why, then hints; nothing on stdout, no stack, nothing of the patients. */
export function expectRefusal({ code, stdout, stderr }: BinaryResult, wanted: Refused): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines[0], stderr).toMatch(/^rapport: (?![A-Z][a-z ]).*[^.]$/);
  if (wanted.says) expect(lines[0]).toMatch(wanted.says);
  for (const line of lines.slice(1)) expect(line).toMatch(/^hint: /);
  if (!wanted.withoutHint) expect(lines.length, `a hint with: ${stderr}`).toBeGreaterThan(1);
  expect(stdout).toBe('');
  expect(stderr).not.toContain('tells story');
  expect(code, stderr).toBe(wanted.code);
}
