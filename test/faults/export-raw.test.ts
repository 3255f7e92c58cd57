/** The way out: a standard SQLCipher 4 opens vault.db with the key that `key export-raw` gives. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyOf, makeTemplate, type Place, rapport } from './support/clinic.ts';
import { tally } from './support/counting.ts';

type Oracle = typeof import('@signalapp/sqlcipher').default;

/** The SQLCipher of another project, or why there is none. */
const oracle = await import('@signalapp/sqlcipher').then(
  ({ default: Database }): { readonly Database: Oracle } | { readonly absent: string } => ({ Database }),
  () => ({ absent: 'no SQLCipher is installed for this system' }),
);

const counts = tally((of) => `export-raw: ${of('rows')} rows read by another SQLCipher 4`);

let template: Place;
beforeAll(async () => {
  template = await makeTemplate(200);
});

describe.skipIf('absent' in oracle)(`the raw key${'absent' in oracle ? ` (${oracle.absent})` : ''}`, () => {
  /** Opens a copy as the script says, and reads. */
  function readCopy({ root, folder }: Place, script: string) {
    if ('absent' in oracle) throw new Error(oracle.absent);
    const copy = join(root, 'work', 'copy.db');
    copyFileSync(join(folder, 'vault.db'), copy);
    const database = new oracle.Database(copy);
    try {
      database.exec(script);
      const texts = database.prepare('SELECT text FROM note ORDER BY text', { pluck: true }).all();
      counts.add('rows', texts.length);
      return {
        version: String(database.pragma('cipher_version', { simple: true })),
        faults: database.pragma('cipher_integrity_check'),
        integrity: database.pragma('integrity_check', { simple: true }),
        names: database.prepare('SELECT name FROM patient ORDER BY name', { pluck: true }).all(),
        count: texts.length,
      };
    } finally {
      database.close();
    }
  }

  const wanted = {
    version: expect.stringMatching(/^4\./),
    faults: [],
    integrity: 'ok',
    names: ['malu Razo', 'walt Razo'],
    count: 400,
  };

  it('opens the vault, before a change of the master key and after it', async () => {
    const place = copyOf(template);
    const first = await rapport(place, ['key', 'export-raw', '--yes']);
    expect(first.code).toBe(0);
    expect(readCopy(place, first.stdout)).toEqual(wanted);
    const rotated = await rapport(place, ['key', 'rotate', '--out', 'sheet.txt', '--no-input']);
    expect(rotated.code, rotated.stderr).toBe(0);
    expect(() => readCopy(place, first.stdout)).toThrow(/NOTADB|not a database/);
    const second = await rapport(place, ['key', 'export-raw', '--yes', '--out', 'key.sql']);
    expect(second.code).toBe(0);
    const script = readFileSync(join(place.root, 'work', 'key.sql'), 'utf8');
    expect(readCopy(place, script)).toEqual(wanted);
  });
});
