/** Lists and vCards through the whole program: encodings, separators, remembered columns, duplicates, wrong files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { everythingKept, exportedPatients, fixture, sharedInputs } from '../support/imports.ts';
import { makeVault, type RunOptions, type TestPlace } from '../support/vault.ts';

const places: TestPlace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

async function vault(): Promise<TestPlace> {
  const place = await makeVault({ settings: { 'date-style': 'day-first' } });
  places.push(place);
  return place;
}

const praxis = fixture('csv/praxis.csv');
const maps = ['--map', 'name=Vorname+Nachname', '--map', 'birth_date=geb.'];
const both = [
  { name: 'Ann Müller', birth_date: '1950' },
  { name: 'Jürgen Götz; sen.', birth_date: '1961-04-03' },
];

describe('import of a list', () => {
  it('finds out separator and encoding, and says which encoding it took', async () => {
    const place = await vault();
    const { stdout, code } = await place.run(['import', praxis, ...maps]);
    expect(code).toBe(0);
    expect(stdout).toContain('read as Windows-1252, since it is not UTF-8; --encoding says otherwise');
    expect(await exportedPatients(place)).toMatchObject(both);
    expect(await everythingKept(place)).not.toContain('Addressword');
  });

  it.each([
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    [
      'UTF-8 with a mark and tabs',
      (text: string) => Buffer.from(`\ufeff${text.replaceAll(';', '\t').replace('\t sen', '; sen')}`),
    ],
    ["Excel's own first line", (text: string) => Buffer.from(`sep=;\r\n${text}`)],
  ])('reads %s', async (_, encode) => {
    const place = await vault();
    const text = new TextDecoder('latin1').decode(readFileSync(praxis));
    const { code } = await place.run(['import', '-', ...maps], { stdin: encode(text) });
    expect(code).toBe(0);
    expect(await exportedPatients(place)).toMatchObject(both);
  });

  it('takes separator and encoding as they are said', async () => {
    const place = await vault();
    const stdin = Buffer.from('who~is,born\nJ\u00fcr,gen~1950\n', 'latin1');
    const argv = ['import', '-', '--map', 'name=who', '--separator', '~', '--encoding', 'latin1'];
    expect((await place.run(argv, { stdin })).code).toBe(0);
    expect(await exportedPatients(place)).toMatchObject([{ name: 'Jür,gen' }]);
    const wrong = await place.run(['import', '-', '--map', 'name=who', '--encoding', 'utf-8'], { stdin });
    expect(wrong.stderr).toContain('rapport: line 2: not UTF-8 text');
  });

  it('remembers how a list is read, in the vault, once it is in', async () => {
    const place = await vault();
    const settings = () => place.withStore((store) => JSON.stringify(store.settings.read()));
    const named = [...maps, '--map-name', 'praxis', '--separator', 'semicolon'];
    const early = await place.run(['import', praxis, '--map-name', 'praxis']);
    expect(early.code).toBe(2);
    expect(early.stderr).toContain("--map-name: no mapping 'praxis' is remembered");
    await place.run(['import', praxis, ...named, '--dry-run']);
    expect(await settings()).not.toContain('praxis');
    expect((await place.run(['import', praxis, ...named])).code).toBe(0);
    expect(await settings()).toContain('csv.map.praxis');
    expect(await settings()).not.toMatch(/Jürgen|Müller/);
    const again = await place.run(['import', praxis, '--map-name', 'praxis']);
    expect(again.stdout).toContain('Nothing to import: all of it is in the vault already');
    expect((await place.run(['config'])).stdout).toContain('csv.map.praxis');
    await place.run(['config', 'csv.map.praxis', '--unset']);
    expect(await settings()).not.toContain('csv.map.praxis');
    const bad = await place.run(['import', praxis, ...maps, '--map-name', '../x']);
    expect(bad.stderr).toContain("--map-name: '../x' is not a name");
  });

  it('shows which rows are the same patient', async () => {
    const place = await vault();
    const { stdout } = await place.run(['import', '-', '--map', 'name=n', '--map', 'birth_date=b'], {
      stdin: 'n,b\nAnn Lee,1950\nBo Wu,1960\nann lee,1950\n',
    });
    expect(stdout).toContain('Ann Lee: line 4 repeats line 2 and was joined with it');
    expect(stdout).toContain('Added 2 patients');
  });

  it.each([
    ['--with-tasks', 'fhir'],
    ['--identifier-system=https://x.example/a', 'fhir'],
  ])('refuses %s, which is for %s', async (option, format) => {
    const place = await vault();
    const { stderr, code } = await place.run(['import', praxis, ...maps, option]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${option.split('=')[0]} is for ${format}, and the file is csv`);
  });
});

describe('import of vCards', () => {
  it('brings in patients, shows those who are there twice, and adds nothing the second time', async () => {
    const place = await vault();
    const first = await place.run(['import', fixture('vcard/new.vcf')]);
    expect(first.stdout).toContain('Ciru Kamau: line 24 repeats line 1 and was joined with it');
    expect(first.stdout).toContain('Added 2 patients');
    expect(first.stderr).toBe('left out: line 14: no card of a person\n');
    expect((await place.run(['import', fixture('vcard/old.vcf')])).stdout).toContain('Added 2 patients');
    const before = await exportedPatients(place);
    expect(before.map(({ name }) => name).toSorted()).toEqual([
      'José Luis Nuñez',
      'Jürgen Götz',
      'Turid Moe',
      'Wanjiru Kamau',
    ]);
    expect(await everythingKept(place)).not.toMatch(/(?:Note|PHONE|Address|Label|Agent|Org)word/i);
    for (const name of ['old.vcf', 'new.vcf'])
      expect((await place.run(['import', fixture(`vcard/${name}`)])).stdout).toContain('Nothing to import');
    expect(await exportedPatients(place)).toEqual(before);
  });
});

describe('what is no import', () => {
  async function expectRefused(
    content: string | Buffer,
    message: string,
    options: RunOptions,
  ): Promise<void> {
    const place = await vault();
    writeFileSync(join(place.work, 'in'), content);
    for (const source of ['in', '-']) {
      const { stdout, stderr, code } = await place.run(['import', source], { ...options, stdin: content });
      expect({ stdout, code, line: stderr.split('\n')[0] }).toEqual({
        stdout: '',
        code: 2,
        line: `rapport: ${message}`,
      });
    }
  }

  it.each([
    [
      'a zip archive',
      Buffer.from('PK\u0003\u0004...'),
      'the file is a zip archive, or a spreadsheet or document made of one, not text',
    ],
    ['XML', '<Bundle xmlns="http://hl7.org/fhir"/>', "the file looks like XML, which can't be imported"],
    ['nothing', '', 'the file is empty'],
    ['zeros', Buffer.from('a,b\0\0\0\n'), 'the file is not text: it has zero bytes in it'],
  ])('%s is refused in one line, before a key is asked for', async (_, content, message) => {
    await expectRefused(content, message, { locked: true });
  });

  // Times of FHIR are turned to the vault's time zone, so that it is open by then.
  it.each([
    [
      'deep nesting',
      `{"resourceType":"Bundle","entry":[${'['.repeat(5000)}${']'.repeat(5000)}]}`,
      'entry[0]: not an object',
    ],
    ['half a resource', '{"resourceType":"Patient"\n"name":[', 'not valid JSON at line 2'],
  ])('%s is refused in one line', async (_, content, message) => {
    await expectRefused(content, message, {});
  });

  it('a folder, a pipe that is none, a file that is not there', async () => {
    const place = await vault();
    mkdirSync(join(place.work, 'folder'));
    expect((await place.run(['import', 'folder'])).stderr).toContain("rapport: 'folder' is a folder");
    expect((await place.run(['import', 'none.vcf'])).code).toBe(3);
    expect((await place.run(['import', '-'])).stderr).toContain('the file is empty');
  });
});

describe.skipIf(!existsSync(sharedInputs))('real vCards (skipped where ../shared/inputs is absent)', () => {
  const folder = join(sharedInputs, 'vcard');
  // Whole numbers: three digits alone stand in one random id of a hundred.
  const elsewhere =
    /555[- ]?(?:1111|1234|2222|asd)|676[- ]?95\d\d|656[- ]?9254|ibm\.com|Crescent|COPYRIGHT|Laurier|Battleford/;
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  it.each(files)('%s comes in, twice, with nothing but the name and the day', async (name) => {
    const place = await vault();
    const first = await place.run(['import', join(folder, name)]);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    const before = await exportedPatients(place);
    expect(before.length).toBeGreaterThan(0);
    expect(await everythingKept(place)).not.toMatch(elsewhere);
    expect((await place.run(['import', join(folder, name)])).stdout).toContain('Nothing to import');
    expect(await exportedPatients(place)).toEqual(before);
  });
});
