/** Fault 8: the key files edited, exchanged, blown up or gone. */

import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { macOf } from '../../src/keys.ts';
import { readKeyCopies, unlockWithSecret } from '../../src/vault/key-copies.ts';
import {
  bytesOf,
  copyOf,
  expectRefusal,
  makeTemplate,
  type Place,
  rapport,
  recoverySecret,
  runHere,
} from './support/clinic.ts';
import { tally } from './support/counting.ts';

const counts = tally(
  (of) =>
    `key files: ${of('fields')} fields edited in both copies and refused, ${of('forms')} malformed ones, ` +
    `${of('bombs')} bombs that ran no derivation, ${of('copies')} ways to lose one copy or both`,
);
const names = ['vault.keys', 'vault.keys.copy'];

let template: Place;
let line: string;
let macKey: Buffer;
beforeAll(async () => {
  template = await makeTemplate(2);
  line = readFileSync(join(template.folder, 'vault.keys'), 'utf8').split('\n')[0] ?? '';
  const copies = readKeyCopies(template.folder, process.getuid?.());
  const opened = copies && (await unlockWithSecret(copies, { type: 'recovery', bytes: recoverySecret }));
  if (opened === undefined) throw new Error('it does not open');
  macKey = opened.keys.keyFile;
});

/** With the MAC that it had: nobody without the keys can make another. */
function plant({ folder }: Place, text: string | Buffer): void {
  for (const name of names) writeFileSync(join(folder, name), text);
}
const oldMac = (): string => readFileSync(join(template.folder, 'vault.keys'), 'utf8').split('\n')[1] ?? '';
const unsigned = (edited: string): string => `${edited}\n${oldMac()}\n`;
const signed = (edited: string): string =>
  `${edited}\n${macOf(macKey, Buffer.from(edited)).toString('hex')}\n`;

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

describe('a key file of another form', () => {
  const deep = (open: string, close: string, depth: number): string =>
    open.repeat(depth) + close.repeat(depth);
  const forms: readonly (readonly [string, (text: string) => string | Buffer])[] = [
    ['nothing', () => ''],
    ['a line end', () => '\n'],
    ['one line', (text) => text],
    ['noise', () => Buffer.alloc(2000, 0xfe)],
    ['zeros', () => Buffer.alloc(2000)],
    ['64 kB of blanks', () => ' '.repeat(64 * 1024)],
    ['65 kB', () => `${' '.repeat(65 * 1024)}\n`],
    ['8 MB of JSON', () => JSON.stringify({ slots: Array(400_000).fill('slot of nothing') })],
    ['deep arrays', () => signed(deep('[', ']', 20_000))],
    ['deep objects', () => signed(`${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`)],
    ['two ids that are one', (text) => signed(text.replaceAll(/"id":"\w+"/g, '"id":"00112233"'))],
    ['a doubled name', (text) => signed(text.replace('"generation":1', '"generation":9,"generation":1'))],
    [
      'seventeen slots',
      (text) =>
        signed(
          text.replace(/"slots":\[(\{.*?\})(?=,\{).*\]/, (_, slot) => `"slots":[${Array(17).fill(slot)}]`),
        ),
    ],
    ['line ends of Windows', (text) => unsigned(text).replaceAll('\n', '\r\n')],
    ['a byte order mark', (text) => `\uFEFF${unsigned(text)}`],
    ['UTF-16', (text) => Buffer.from(unsigned(text), 'utf16le')],
  ];
  it.each(forms)('(%s) is refused', async (_, form) => {
    const place = copyOf(template);
    plant(place, form(line));
    await expectRefused(place, [7], /vault\.keys/);
    counts.add('forms');
  });

  it('of a newer version is refused untouched, as one copy or as both', async () => {
    const newer = signed(line.replace('"version":1', '"version":2'));
    for (const some of [names, names.slice(0, 1), names.slice(1)]) {
      const place = copyOf(template);
      for (const name of some) writeFileSync(join(place.folder, name), newer);
      await expectRefused(place, [9], /newer rapport/);
      counts.add('forms');
    }
  });
});

describe('a bomb in the key derivation', () => {
  it.each([
    ['N', '"n":2', '"n":1073741824'],
    ['N beyond 2^20', '"n":2', '"n":2097152'],
    ['N with an exponent', '"n":2', '"n":1e300'],
    ['r', '"r":8', '"r":1048576'],
    ['p', '"p":1', '"p":1000000'],
  ])('(%s) is not run', async (_, from, to) => {
    const place = copyOf(template);
    const edited = line.replace(from, to);
    expect(edited).not.toBe(line);
    plant(place, signed(edited));
    const begun = process.cpuUsage();
    await expectRefused(place, [7], /key derivation beyond|damaged/);
    // One scrypt of 2^20 takes seconds, and more memory than there may be.
    expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(3);
    counts.add('bombs');
  });

  it('within the ceilings but another than was, opens nothing', async () => {
    const place = copyOf(template);
    plant(place, unsigned(line.replace('"n":2', '"n":4')));
    await expectRefused(place, [5, 7]);
    counts.add('bombs');
  });
});

describe('a copy that is gone', () => {
  it.each(names)('(%s) is made anew', async (name) => {
    const place = copyOf(template);
    const path = join(place.folder, name);
    const whole = readFileSync(path);
    rmSync(path);
    const doctor = await rapport(place, ['doctor', '--json', '--no-input'], {
      env: { RAPPORT_PASSPHRASE: undefined },
    });
    expect(doctor.stdout).toContain(`${name} is missing`);
    expect((await rapport(place, ['notes', 'malu'])).code).toBe(0);
    expect(readFileSync(path)).toEqual(whole);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    counts.add('copies');
  });

  it('as the other is, leaves nothing that opens', async () => {
    const place = copyOf(template);
    for (const name of names) rmSync(join(place.folder, name));
    const before = bytesOf(place.folder);
    for (const argv of [['notes', 'malu'], ['key', 'list'], ['status'], ['unlock', '--for', '1h']])
      expectRefusal(await rapport(place, argv), { code: 7, says: /both key files are gone/ });
    expect((await rapport(place, ['doctor'])).code).toBe(7);
    expectRefusal(await rapport(place, ['init', '--recovery-out', 'sheet', '--no-input']), {
      code: 9,
      says: /a vault is already there/,
    });
    expect(bytesOf(place.folder)).toEqual(before);
    counts.add('copies');
  });

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
