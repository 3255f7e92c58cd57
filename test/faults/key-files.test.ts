/** Fault 8: the key files edited, exchanged, blown up or gone. */

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  rapport,
  runHere,
} from './support/clinic.ts';
import { tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `key files: ${of('fields')} fields edited in both copies and refused, ${of('forms')} malformed ones, ` +
    `${of('copies')} ways to lose one copy or both`,
);
const names = ['vault.keys', 'vault.keys.copy'];

let template: Place;
let line: string;
beforeAll(async () => {
  template = await makeTemplate(2);
  line = readFileSync(join(template.folder, 'vault.keys'), 'utf8').split('\n')[0] ?? '';
});

/** With the MAC that it had: nobody without the keys can make another. */
function plant({ folder }: Place, text: string | Buffer): void {
  for (const name of names) writeFileSync(join(folder, name), text);
}
const oldMac = (): string => readFileSync(join(template.folder, 'vault.keys'), 'utf8').split('\n')[1] ?? '';
const unsigned = (edited: string): string => `${edited}\n${oldMac()}\n`;

/** By every command that opens the vault; nothing is changed by any. */
async function expectRefused(place: Place, codes: readonly number[], says?: RegExp): Promise<void> {
  const before = bytesOf(place.folder);
  for (const argv of [['notes', 'malu'], ['note', 'malu', 'one more'], ['due']]) {
    const result = await runHere(place, argv);
    const code = Number(result.code);
    expect(codes, `${argv.join(' ')}: ${result.stderr}`).toContain(code);
    expectRefusal(result, { code, ...(says && { says }) });
  }
  const doctor = await runHere(place, ['doctor']);
  expect(doctor.stdout).not.toContain('The vault is well');
  expect(doctor.code, doctor.stdout).not.toBe(0);
  expect(bytesOf(place.folder)).toEqual(before);
}

/** Every field of the header and of each slot, with a value of its own kind in place of it. */
function edits(): readonly (readonly [string, string])[] {
  const payload = JSON.parse(line);
  const other = (value: unknown): unknown => {
    if (typeof value === 'number') return value + 1;
    const text = String(value);
    if (/^[0-9a-f]+$/.test(text)) return (text.startsWith('0') ? '1' : '0') + text.slice(1);
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return '2001-02-03';
    return `${text}x`;
  };
  const edited: (readonly [string, string])[] = [];
  const visit = (holder: Record<string, unknown>, path: string): void => {
    for (const [name, value] of Object.entries(holder)) {
      const where = `${path}${name}`;
      if (typeof value === 'object' && value !== null) {
        visit(value as Record<string, unknown>, `${where}.`);
        continue;
      }
      holder[name] = other(value);
      edited.push([where, JSON.stringify(payload)]);
      holder[name] = value;
    }
  };
  visit(payload, '');
  return edited;
}

describe('a key file that was edited', () => {
  it('in any field, in both copies, opens nothing', async () => {
    const all = edits();
    expect(all.length).toBeGreaterThanOrEqual(5 + 9 + 9);
    for (const [where, edited] of all) {
      const place = copyOf(template);
      plant(place, unsigned(edited));
      // A newer version is a conflict; a salt or a commitment that was changed looks like another passphrase.
      const isConflict = where === 'version';
      const isOther = /slots\.0\.(salt|commitment|kdf\.[np])$/.test(where);
      await expectRefused(place, [isConflict ? 9 : isOther ? 5 : 7, ...(isOther ? [7] : [])]);
      counts.add('fields');
      place.remove();
    }
  });

  it('by a slot less, a slot more or slots in another order opens nothing', async () => {
    const payload = JSON.parse(line);
    const [first, second] = payload.slots;
    for (const slots of [[first], [second, first], [first, second, { ...second, id: '00112233' }]]) {
      const place = copyOf(template);
      plant(place, unsigned(JSON.stringify({ ...payload, slots })));
      await expectRefused(place, [7], /altered|damaged/);
      counts.add('fields');
    }
  });

  it('in one copy alone is mended from the other', async () => {
    for (const [, edited] of edits()) {
      if (edited.includes('"version":2')) continue;
      const place = copyOf(template);
      const path = join(place.folder, 'vault.keys');
      const whole = readFileSync(path);
      writeFileSync(path, unsigned(edited));
      const result = await runHere(place, ['notes', 'malu']);
      expect(result.code, result.stderr).toBe(0);
      expect(readFileSync(path)).toEqual(whole);
      counts.add('copies');
      place.remove();
    }
  });
});

describe('a copy that is gone', () => {
  it('may stand in another vault’s stead without harm', async () => {
    const other = await makeTemplate(2);
    const place = copyOf(template);
    copyFileSync(join(other.folder, 'vault.keys'), join(place.folder, 'vault.keys'));
    // Of the same passphrase, alas: what it opens is the other's. At least the own copy stays what it is.
    await expectRefused(place, [7], /another vault/);
    copyFileSync(join(place.folder, 'vault.keys.copy'), join(place.folder, 'vault.keys'));
    expect((await rapport(place, ['notes', 'malu'])).code).toBe(0);
    counts.add('copies');
    const both = copyOf(template);
    for (const name of names) copyFileSync(join(other.folder, name), join(both.folder, name));
    await expectRefused(both, [7], /another vault/);
    counts.add('copies');
  });

  it('cannot be replaced by a folder', async () => {
    const place = copyOf(template);
    rmSync(join(place.folder, 'vault.keys'));
    mkdirSync(join(place.folder, 'vault.keys'), { mode: 0o700 });
    await expectRefused(place, [7], /is a folder, not a file/);
    counts.add('copies');
  });
});
