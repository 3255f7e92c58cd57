/** The forms of an export through the whole program, on real vaults. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newContact, newNote } from '../../src/domain/records.ts';
import { addSample, day } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

const places: TestPlace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

async function vault(): Promise<TestPlace> {
  const place = await makeVault();
  places.push(place);
  return place;
}

const secret = 'Owes his brother money';

/** Malu, Ned and Walt, with a sensitive note that is shown in briefings. */
async function sampleVault(): Promise<TestPlace> {
  const place = await vault();
  await place.withStore((store) => {
    addSample(store);
    store.write({ verb: 'note' }, () =>
      store.notes.insert(
        newNote({
          patient_id: 'walt',
          kind: 'story',
          text: secret,
          recorded_on: day('2026-03-01'),
          sensitive: true,
          show_in_brief: true,
        }),
      ),
    );
  });
  return place;
}

const plainFormats = ['markdown', 'csv', 'ics', 'fhir'] as const;

describe('an export that others can read', () => {
  it.each(plainFormats)('as %s wants --plain before anything is opened', async (format) => {
    const place = await sampleVault();
    const { stdout, stderr, code } = await place.run(['export', '--format', format, '--out', 'x'], {
      locked: true,
    });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain('hint: add --plain');
  });

  it.each(plainFormats)(
    'as %s is a private file with one warning, and goes over no other',
    async (format) => {
      const place = await sampleVault();
      const argv = ['export', '--format', format, '--plain', '--out', 'made'];
      const { stdout, stderr, code } = await place.run(argv);
      // Of a calendar it is said what is in it.
      const inFile = format === 'ics' ? '7 promises of 3 patients' : '3 patients';
      expect({ stdout, code }).toEqual({ stdout: `${inFile} in made\n`, code: 0 });
      expect(stderr.match(/not encrypted/g)).toHaveLength(1);
      const file = join(place.work, 'made');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      writeFileSync(file, 'mine');
      expect((await place.run(argv)).code).toBe(9);
      expect(readFileSync(file, 'utf8')).toBe('mine');
      expect((await place.run([...argv, '--yes'])).code).toBe(0);
      expect(readFileSync(file, 'utf8')).not.toBe('mine');
      mkdirSync(join(place.work, 'folder'));
      for (const more of [[], ['--yes']])
        expect((await place.run([...argv.slice(0, -1), 'folder', ...more])).code).toBe(9);
      const keys = join(place.folder, 'vault.keys');
      const before = readFileSync(keys);
      expect((await place.run([...argv.slice(0, -1), keys, '--yes'])).code).toBe(2);
      expect(readFileSync(keys)).toEqual(before);
      expect(readdirSync(place.work).sort()).toEqual(['folder', 'made']);
    },
  );

  it.each(plainFormats)('as %s is the same on standard output', async (format) => {
    const place = await sampleVault();
    const argv = ['export', '--format', format, '--plain'];
    await place.run([...argv, '--out', 'made']);
    const { stdout, stderr } = await place.run(argv);
    const written = readFileSync(join(place.work, 'made'), 'utf8');
    const untimed = (text: string): string =>
      text.replaceAll(/DTSTAMP:\w+|"timestamp":"[^"]+"|looked at or changed: .*/g, '');
    expect(untimed(stdout)).toBe(untimed(written.replace(/^\ufeff/, '')));
    expect(stderr).toContain('not encrypted');
  });

  it('leaves sensitive notes out and says so, unless they are asked for', async () => {
    const place = await sampleVault();
    for (const format of ['markdown', 'csv']) {
      const argv = ['export', '--format', format, '--plain'];
      const { stdout, stderr } = await place.run(argv);
      expect(stdout).not.toContain(secret);
      expect(stderr).toContain('left out: 1 sensitive note; --sensitive takes them along');
      const all = await place.run([...argv, '--sensitive']);
      expect(all.stdout).toContain(secret);
      expect(all.stderr).not.toContain('left out');
    }
    expect((await place.run(['export'])).stdout).toContain(secret);
    const { stdout, stderr } = await place.run(['export', '--format', 'fhir', '--plain', '--sensitive']);
    expect(stdout).not.toContain('money');
    expect(stdout).not.toContain('Can I fly');
    expect(stderr).toContain('left out: 2 notes');
  });

  it('says in JSON what it left out', async () => {
    const place = await sampleVault();
    expect(await place.json(['export', '--plain', '--out', 'all.md'])).toEqual({
      schema: 'rapport.export/1',
      format: 'markdown',
      file: 'all.md',
      patients: 3,
      left_out: { sensitive: 1, notes: 0, undated: 0 },
    });
    expect(
      await place.json(['export', '--format', 'ics', '--events', '--plain', '--out', 'all']),
    ).toMatchObject({
      left_out: { undated: 1 },
    });
  });

  it('is in the form that the file is called by, and a page to read where only --plain is said', async () => {
    const place = await sampleVault();
    const head = async (...argv: string[]): Promise<string> => {
      expect((await place.run(['export', ...argv, '--yes'])).code).toBe(0);
      return readFileSync(join(place.work, argv.at(-1) ?? ''), 'utf8').slice(0, 10);
    };
    expect(await head('--plain', '--out', 'a.md')).toBe('# María Lu');
    expect(await head('--plain', '--out', 'a.csv')).toBe('\ufeffrecord,pa');
    expect(await head('--plain', '--out', 'a.ICS')).toBe('BEGIN:VCAL');
    expect(await head('--plain', '--out', 'a.json')).toBe('{\n  "forma');
    expect(await head('--plain', '--format', 'fhir', '--out', 'a.json')).toBe('{"resource');
    expect(await head('--plain', '--out', 'a')).toBe('# María Lu');
    expect(await head('--out', 'a')).toBe('{\n  "forma');
  });

  it('tells a patient all that is kept on them, and of nobody else', async () => {
    const place = await sampleVault();
    await place.run(['note', 'malu', '--kind', 'story', '--stdin'], { stdin: 'Sings on Thursdays' });
    const { stdout: notes } = await place.run(['notes', 'malu', '--kind', 'story', '--json']);
    const [{ ref }] = JSON.parse(notes).notes;
    await place.run(['edit', ref, '--text', '-'], { stdin: 'Sings on Fridays' });
    const { stdout, code } = await place.run(['export', '--patient', 'malu', '--plain']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '- Sings on Fridays (noted 12 Mar 2026)\n  - until 12 Mar 2026 it read: Sings on Thursdays\n',
    );
    expect(stdout).toMatch(/looked at or changed: \d+ times from 12 Mar 2026 to 12 Mar 2026\n/);
    expect(stdout).not.toMatch(/Ned|Walt/);
    expect((await place.run(['log', '--patient', 'malu'])).stdout).toContain('export');
  });

  it.each([
    [['--full'], '--full is for --format ics only'],
    [['--events', '--format', 'csv', '--plain'], '--events is for --format ics only'],
    [['--format', 'pdf'], "'pdf'"],
    [['--format', 'csv', '--plain', '--json'], 'a csv export is not JSON'],
  ])('refuses %j', async (argv, message) => {
    const place = await sampleVault();
    const { stdout, stderr, code } = await place.run(['export', ...argv]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
  });
});

describe('FHIR that was exported', () => {
  const fields = async (place: TestPlace): Promise<unknown> => {
    const { patients } = JSON.parse((await place.run(['export'])).stdout);
    type Record = { readonly [field: string]: unknown };
    const pick = (records: readonly Record[], ...names: string[]) =>
      records.map((record) => JSON.stringify(names.map((name) => record[name]))).toSorted();
    return patients
      .map((one: { readonly [field: string]: readonly Record[] }) => [
        pick([one], 'name', 'goes_by', 'pronouns', 'birth_date', 'status'),
        pick(one['people'] ?? [], 'name', 'relation'),
        pick(one['commitments'] ?? [], 'id', 'text', 'owner', 'made_on', 'due', 'status', 'closed_on'),
        pick(one['contacts'] ?? [], 'on', 'at', 'state'),
      ])
      .map(String)
      .toSorted();
  };

  it('is known again where it came from, and brings as much elsewhere', async () => {
    const [place, other] = [await sampleVault(), await vault()];
    await place.withStore((store) => {
      store.write({ verb: 'contact' }, () =>
        store.contacts.insert(
          newContact({ patient_id: 'walt', on: day('2026-02-10'), channel: 'home', state: 'held' }),
        ),
      );
      const { commitments } = store;
      store.write({ verb: 'done' }, () =>
        commitments.update('malu-c1', { status: 'kept', closed_on: day('2026-03-01'), how: 'By post' }),
      );
    });
    const { stdout } = await place.run(['export', '--format', 'fhir', '--plain']);
    const argv = ['import', '-', '--format', 'fhir', '--with-tasks', '--yes'];
    const before = await fields(place);
    const again = await place.run([...argv, '--json'], { stdin: stdout });
    expect(JSON.parse(again.stdout).add).toEqual({
      patients: 0,
      people: 0,
      notes: 0,
      commitments: 0,
      contacts: 0,
      calendar: 0,
    });
    expect(await fields(place)).toEqual(before);
    expect((await other.run(argv, { stdin: stdout })).code).toBe(0);
    expect(await fields(other)).toEqual(before);
  });
});
