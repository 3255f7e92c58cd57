import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { applyImport, heldBy, newestChange } from '../../src/commands/import-store.ts';
import { readCivilDate } from '../../src/dates/civil.ts';
import { planImport } from '../../src/domain/import-plan.ts';
import { newPatient } from '../../src/domain/records.ts';
import { readRapport } from '../../src/formats/rapport.ts';
import { writeRapport } from '../../src/formats/rapport-writer.ts';
import { wholePatients } from '../formats/arbitraries.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { withStore } from './seeding.ts';

const places: TestPlace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

async function vault(): Promise<TestPlace> {
  const place = await makeVault();
  places.push(place);
  return place;
}

const put = (place: TestPlace, name: string, content: string | Buffer): void =>
  writeFileSync(join(place.work, name), content);
const documentText = (patients: readonly object[], more: object = {}): string =>
  JSON.stringify({ format: 'rapport', version: 1, patients, ...more });

const malu = {
  id: 'malu',
  name: 'María Luisa Razo',
  goes_by: 'Malu',
  people: [{ id: 'ana', name: 'Ana', relation: 'daughter' }],
  notes: [{ id: 'n1', text: "Ana's wedding", kind: 'milestone', person: 'ana', date: '2026-03-21' }],
  commitments: [{ id: 'c1', text: 'Recipe sheet', due: '2025-12-16' }],
  contacts: [{ id: 'v1', on: '2025-12-09' }],
};

/** What an export says, without when it was made. */
async function exported(place: TestPlace): Promise<unknown> {
  const { stdout, code } = await place.run(['export', '--format', 'rapport']);
  expect(code).toBe(0);
  const { exported_at, ...document } = JSON.parse(stdout);
  expect(exported_at).toMatch(/^\d{4}-\d\d-\d\dT/);
  return document;
}

describe('import', () => {
  it('shows what it brought in, and adds nothing the second time', async () => {
    const place = await vault();
    put(place, 'in.json', documentText([malu]));
    const first = await place.run(['import', 'in.json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Added 1 patient, 1 person, 1 note, 1 commitment and 1 contact');
    expect(first.stdout).toContain('New: Malu Razo (malu)');
    const again = await place.run(['import', 'in.json']);
    expect(again.stdout).toContain('Nothing to import: all of it is in the vault already');
  });

  it('stops after showing where it is a dry run', async () => {
    const place = await vault();
    const { stdout, code } = await place.run(['import', '-', '--dry-run'], { stdin: documentText([malu]) });
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing was imported: this was a dry run');
    expect(await exported(place)).toMatchObject({ patients: [] });
  });

  it('asks in a terminal, and takes no for an answer', async () => {
    const place = await vault();
    put(place, 'in.json', documentText([malu]));
    const no = await place.run(['import', 'in.json'], { answers: [['Import this?', 'no']], terminal: 80 });
    expect(no.code).toBe(130);
    expect(no.stderr).toContain('cancelled, nothing was changed');
    expect(no.asked.join('\n')).toContain('New: Malu Razo (malu)');
    const yes = await place.run(['import', 'in.json'], { answers: [['Import this?', 'yes']], terminal: 80 });
    expect(yes.stdout).toBe('Added 1 patient, 1 person, 1 note, 1 commitment and 1 contact\n');
    const sure = await place.run(['import', 'in.json', '--yes'], { answers: [], terminal: 80 });
    expect(sure.code).toBe(0);
  });

  it('is one operation, which undo takes back', async () => {
    const place = await vault();
    put(place, 'in.json', documentText([malu, { name: 'Bo' }]));
    const made = await place.json(['import', 'in.json']);
    expect(made).toMatchObject({
      schema: 'rapport.import/1',
      format: 'rapport',
      dry_run: false,
      add: { patients: 2, notes: 1 },
      refuse: [],
    });
    expect((made as { operation: string }).operation).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('changes nothing where one record deep inside is bad, and names it', async () => {
    const place = await vault();
    put(
      place,
      'in.json',
      documentText([malu, { name: 'Bo', notes: [{ text: 'x' }, { text: 'y', date: '2026-13-01' }] }]),
    );
    const { stdout, stderr, code } = await place.run(['import', 'in.json']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe(
      'rapport: patients[1].notes[1].date: "2026-13-01" is not a date\n' +
        'hint: nothing was imported; mend the file, or leave its bad records out with --skip-bad\n',
    );
    expect(await exported(place)).toMatchObject({ patients: [] });
    const skipped = await place.run(['import', 'in.json', '--skip-bad']);
    expect(skipped.code).toBe(0);
    expect(skipped.stderr).toBe('left out: patients[1].notes[1].date: "2026-13-01" is not a date\n');
    expect(skipped.stdout).toContain('Added 2 patients, 1 person, 2 notes');
  });

  it('refuses an id of another patient, found only in the vault', async () => {
    const place = await vault();
    await place.run(['import', '-'], { stdin: documentText([malu]) });
    const { stderr, code } = await place.run(['import', '-'], {
      stdin: documentText([{ name: 'Bo', notes: [{ id: 'n1', text: 'x' }] }]),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('patients[0].notes[0].id: "n1" belongs to another patient');
  });

  it('updates what it knows: absent stays, null clears', async () => {
    const place = await vault();
    await place.run(['import', '-'], { stdin: documentText([{ ...malu, hold: true }]) });
    const update = { id: 'malu', goes_by: null, hold: false, notes: [{ id: 'n1', date: null }] };
    const { stdout } = await place.run(['import', '-'], { stdin: documentText([update]) });
    expect(stdout).toContain('Changed 1 patient and 1 note');
    expect(await exported(place)).toMatchObject({
      patients: [
        {
          name: malu.name,
          goes_by: null,
          hold: true,
          notes: [{ text: "Ana's wedding", date: null, person: 'ana' }],
        },
      ],
    });
  });

  it.each([
    ['a newer version', '{"format":"rapport","version":9,"patients":[]}', 9, 'the document has version 9'],
    ['another format', '<ClinicalDocument/>', 2, 'the file looks like XML'],
    ['an archive', Buffer.from('PK\u0003\u0004rest'), 2, 'the file is a zip archive'],
    ['nothing', '', 2, 'the file is empty'],
    ['half a document', '{"format":"rapport","version":1,"patients":[{"name":"A"', 2, 'not valid JSON'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe]), 2, 'line 1: not UTF-8 text'],
  ] as const)('refuses %s before it asks for a key', async (_, content, code, message) => {
    const place = await vault();
    put(place, 'in', typeof content === 'string' ? content : content);
    for (const source of ['in', '-']) {
      const stdin = source === '-' ? { stdin: content } : {};
      const result = await place.run(['import', source, '--no-input'], { locked: true, ...stdin });
      expect(result.stderr).toContain(message);
      expect(result.code).toBe(code);
    }
  });

  it('is refused where the vault changed after the plan was made', async () => {
    const place = await vault();
    await withStore(place, (store) => {
      const document = readRapport(documentText([malu]), { skipBad: false });
      const today = readCivilDate('2026-03-12') ?? expect.fail('a date');
      const plannedAt = newestChange(store);
      const plan = planImport(document, heldBy(store), { today, skipBad: false });
      store.write({ verb: 'patient add' }, () =>
        store.patients.insert(newPatient({ name: 'Bo', handle: 'malu' })),
      );
      expect(() => applyImport(plan, store, plannedAt)).toThrow(
        'the vault was changed after the import was planned',
      );
      expect(store.patients.all().map(({ name }) => name)).toEqual(['Bo']);
    });
  });

  it('names a file that is not there, and a format that is not known', async () => {
    const place = await vault();
    expect(await place.run(['import', 'none.json'])).toMatchObject({ code: 3, stdout: '' });
    expect(await place.run(['import', 'none.json', '--format', 'xml'])).toMatchObject({
      code: 2,
      stdout: '',
    });
  });
});

describe('import of a list', () => {
  const list =
    '\ufeffFIRST,LAST,BORN,DIED,SSN,NOTE\r\nAnn,Lee,1961-04-03,,999-17-5017,"two\r\nlines"\r\nBo,Wu,1950,2020-01-02,,\r\n';
  const maps = ['--map', 'name=FIRST+LAST', '--map', 'birth_date=BORN', '--map', 'died_on=DIED'];

  it('keeps what is mapped, marks it as unconfirmed, and adds nothing twice', async () => {
    const place = await vault();
    put(place, 'list.csv', list);
    expect((await place.run(['import', 'list.csv', ...maps])).stdout).toContain('Added 2 patients');
    const document = await exported(place);
    expect(document).toMatchObject({
      patients: [
        {
          name: 'Ann Lee',
          handle: 'ann',
          birth_date: '1961-04-03',
          unconfirmed: ['birth_date'],
          status: 'active',
        },
        { name: 'Bo Wu', handle: 'bo', died_on: '2020-01-02', status: 'died' },
      ],
    });
    expect(JSON.stringify(document)).not.toMatch(/999-17|two/);
    expect((await place.run(['import', 'list.csv', ...maps])).stdout).toContain('Nothing to import');
  });

  it('names the columns where one is wrong', async () => {
    const place = await vault();
    put(place, 'list.csv', list);
    const { stderr, code } = await place.run(['import', 'list.csv', '--map', 'name=FRIST']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      "rapport: --map name: no column 'FRIST'\nhint: did you mean FIRST?\nhint: columns: FIRST, LAST, BORN, DIED, SSN, NOTE\n",
    );
  });

  it('refuses --map for a document', async () => {
    const place = await vault();
    const { stderr, code } = await place.run(['import', '-', '--map', 'name=A'], {
      stdin: documentText([malu]),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('the file looks like rapport, not csv');
  });
});

describe('export', () => {
  it('writes a private file, and not over another without --yes', async () => {
    const place = await vault();
    await place.run(['import', '-'], { stdin: documentText([malu, { name: 'Bo' }]) });
    expect((await place.run(['export', '--out', 'all.json'])).stdout).toBe('2 patients in all.json\n');
    const file = join(place.work, 'all.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    const again = await place.run(['export', '--out', 'all.json', '--patient', 'bo']);
    expect(again.code).toBe(9);
    expect(again.stderr).toContain('--yes');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect((await place.run(['export', '--out', 'all.json', '--patient', 'bo', '--yes'])).stdout).toBe(
      '1 patient in all.json\n',
    );
    const one = JSON.parse(readFileSync(file, 'utf8'));
    expect(one.patients.map(({ name }: { name: string }) => name)).toEqual(['Bo']);
    expect(one.calendar).toBeUndefined();
  });

  it('gives the same document after an import into a fresh vault', async () => {
    await fc.assert(
      fc.asyncProperty(wholePatients, async (patients) => {
        const calendar = {
          closed_days: [{ on: patients[0]?.notes[0]?.recorded_on, name: null }].filter(({ on }) => on),
          away: [],
          weekend: [5, 6],
        };
        const text = [
          ...writeRapport({ exportedAt: '2026-03-12T08:00:00.000Z', patients, calendar: calendar as never }),
        ].join('\n');
        const [one, other] = [await vault(), await vault()];
        const first = await one.run(['import', '-', '--json'], { stdin: text });
        expect(first.stderr).toBe('');
        const document = await exported(one);
        const { patients: written } = JSON.parse(text);
        expect(
          (document as { patients: readonly { id: string }[] }).patients.map(({ id }) => id).toSorted(),
        ).toEqual(written.map(({ id }: { id: string }) => id).toSorted());
        const { stdout } = await one.run(['export']);
        expect((await other.run(['import', '-'], { stdin: stdout })).code).toBe(0);
        expect(await exported(other)).toEqual(document);
        expect((await other.run(['import', '-'], { stdin: stdout })).stdout).toContain('Nothing to import');
      }),
      { numRuns: 12 },
    );
  });
});

const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));
describe.skipIf(!existsSync(shared))('what others wrote (skipped where ../shared is absent)', () => {
  it('imports the Synthea list, twice, without what is not mapped', async () => {
    const place = await vault();
    const file = join(shared, 'inputs/csv/synthea-patients.csv');
    const argv = [
      'import',
      file,
      '--format',
      'csv',
      '--map',
      'name=FIRST+LAST',
      '--map',
      'birth_date=BIRTHDATE',
      '--map',
      'died_on=DEATHDATE',
    ];
    const first = await place.run(argv);
    expect(first.stdout).toMatch(/names have digits in them; --clean-names cuts them/);
    const document = (await exported(place)) as { patients: readonly { handle: string; status: string }[] };
    const rows = readFileSync(file, 'utf8').trim().split('\n').length - 1;
    expect(document.patients).toHaveLength(rows);
    expect(document.patients.map(({ handle }) => handle)).toContain('jackie');
    expect(document.patients.some(({ status }) => status === 'died')).toBe(true);
    expect(JSON.stringify(document)).not.toMatch(/\d{3}-\d{2}-\d{4}"|Massachusetts|S9999/);
    expect((await place.run(argv)).stdout).toContain('Nothing to import');
  });

  it.each(['malu', 'ned', 'walt'])('imports %s.json', async (name) => {
    const place = await vault();
    const result = await place.run(['import', join(shared, `design/examples/${name}.json`)]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Added 1 patient');
  });
});
