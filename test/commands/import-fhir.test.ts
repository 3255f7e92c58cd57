/** FHIR through the whole program on real vaults: what comes in, what never does, and who is known again. */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { everythingKept, exportedPatients, fixture, sharedInputs } from '../support/imports.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

const places: TestPlace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

async function vault(): Promise<TestPlace> {
  const place = await makeVault();
  places.push(place);
  return place;
}

const clinic = fixture('fhir/clinic.json');
const ingridId = '0b1f6a52-6a36-4a53-9a0c-1f2f6d0f7a01';
const mrn = 'https://clinic.example/mrn';

const peter = (more: object = {}): object => ({
  resourceType: 'Patient',
  id: 'p1',
  name: [{ use: 'official', family: 'Chalmers', given: ['Peter', 'James'] }],
  birthDate: '1974-12-25',
  ...more,
});
const importing = (
  place: TestPlace,
  resources: object | readonly object[],
  argv: readonly string[] = [],
  answers?: Parameters<TestPlace['run']>[1],
) => place.run(['import', '-', ...argv], { stdin: JSON.stringify(resources), ...answers });

describe('import of FHIR', () => {
  it.skipIf(process.platform !== 'linux')('closes its file at a fault on the way', async () => {
    const place = await vault();
    const path = join(place.work, 'long.ndjson');
    const line = `${JSON.stringify(peter())}\n`;
    writeFileSync(path, `${line}{]\n${line.repeat(20_000)}`);
    for (const argv of [
      ['import', path],
      ['import', path, '--format', 'ics'],
      ['day', '--schedule', path],
    ]) {
      expect((await place.run(argv)).code, argv.join(' ')).toBe(2);
      const open = readdirSync('/proc/self/fd').map((name) => {
        try {
          return readlinkSync(join('/proc/self/fd', name));
        } catch {
          return '';
        }
      });
      expect(open, argv.join(' ')).not.toContain(path);
    }
  });

  it('brings in patients, people, appointments and, where asked for, promises; nothing the second time', async () => {
    const place = await vault();
    const argv = ['import', clinic, '--format', 'fhir', '--with-tasks', '--identifier-system', mrn];
    const first = await place.run(argv);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('Added 2 patients, 2 people, 2 commitments and 2 contacts');
    expect(first.stdout.replaceAll('\n', ' ')).toContain(
      'not read, since it belongs in the chart: 1 Condition, 1 Observation',
    );
    expect(first.stderr.trimEnd().split('\n').toSorted()).toEqual([
      'left out: entry[10].resource: an appointment that is neither booked, held, missed nor cancelled',
      'left out: entry[2].resource: Patient/pal is an animal; rapport keeps people only',
      'left out: entry[3].resource: Patient/baby has no name; rapport makes none up',
      'left out: entry[5].resource: merged into another record of the same patient',
      'left out: entry[7].resource.patient: belongs to a patient who is left out',
    ]);
    expect(await exportedPatients(place)).toMatchObject([
      {
        id: ingridId,
        name: 'Ingrid Marie Sørby',
        handle: 'inga',
        goes_by: 'Inga',
        pronouns: 'she/her',
        language: 'Norwegian Nynorsk',
        birth_date: '1974-12',
        unconfirmed: ['goes_by', 'pronouns', 'language', 'birth_date'],
        identifiers: [{ system: mrn, value: 'MRN-4711' }],
        status: 'active',
        people: [{ name: 'Odd Sørby', relation: 'husband', birth_date: '1970' }],
        commitments: [
          {
            text: 'Call with the echo result',
            kind: 'call',
            owner: 'me',
            made_on: '2026-03-10',
            due: '2026-03-20',
            status: 'open',
          },
        ],
        contacts: [
          {
            on: '2026-03-16',
            at: '09:30',
            time_zone: 'Europe/Madrid',
            state: 'planned',
            gist: null,
            source: 'imported',
          },
        ],
      },
      {
        id: 'sverre',
        name: 'Sverre Lie',
        status: 'died',
        died_on: '2026-02-14',
        birth_date: '1931',
        people: [{ name: 'Turid Moe', relation: 'Neighbour' }],
        commitments: [{ text: 'Write to the family', status: 'kept', due: null }],
        contacts: [{ on: '2026-03-02', at: '05:30', state: 'missed' }],
      },
    ]);
    const before = await exportedPatients(place);
    const again = await place.run(argv);
    expect(again.stdout).toContain('Nothing to import');
    expect(await exportedPatients(place)).toEqual(before);
  });

  it('keeps no word of what is not asked for', async () => {
    const place = await vault();
    await place.run(['import', clinic]);
    const kept = await everythingKept(place);
    // Enough is in there for the search to mean something.
    for (const word of ['Ingrid Marie', 'Turid', 'Appointment/a1']) expect(kept).toContain(word);
    const text = readFileSync(clinic, 'utf8');
    const forbidden = [
      ...new Set(text.match(/\w*WORD\b\w*|\b\w+word\b|MRN-4711|999-55-1234|RELATEDNUMBER9|echo result/g)),
    ];
    expect(forbidden.length).toBeGreaterThan(15);
    for (const word of forbidden) expect(kept, word).not.toContain(word);
  });

  it('leaves tasks where they are unless they are asked for, and says so', async () => {
    const place = await vault();
    const { stdout } = await place.run(['import', clinic]);
    expect(stdout).toContain('1 Task, 1 CommunicationRequest; --with-tasks brings them in');
    expect(stdout).toContain('Added 2 patients, 2 people and 2 contacts\n');
  });

  it('is taken back whole by undo', async () => {
    const place = await vault();
    await place.run(['import', clinic, '--with-tasks']);
    expect((await place.run(['undo', '--yes'])).code).toBe(0);
    expect(await exportedPatients(place)).toEqual([]);
  });

  it('shows a dry run and changes nothing', async () => {
    const place = await vault();
    const { stdout, code } = await place.run(['import', clinic, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing was imported: this was a dry run');
    expect(await exportedPatients(place)).toEqual([]);
  });

  it.each([
    [
      'an animal',
      peter({ animal: { species: {} } }),
      'Patient: Patient/p1 is an animal; rapport keeps people only',
    ],
    ['a newborn', peter({ name: [] }), 'Patient: Patient/p1 has no name; rapport makes none up'],
    [
      'a birth date that is none',
      peter({ birthDate: '1974-13' }),
      'Patient.birthDate: "1974-13" is not a date',
    ],
    ['a birth date to come', peter({ birthDate: '2031' }), 'Patient.birthDate: "2031" is still ahead'],
    ['no resource', { a: 1 }, 'the file: no resourceType'],
    ['a wrong type', peter({ name: 'Peter' }), 'Patient.name: not a list'],
    [
      'a reference to nothing',
      [
        peter(),
        { resourceType: 'RelatedPerson', patient: { reference: 'Patient/p9' }, name: [{ text: 'A' }] },
      ],
      '[1].patient: leads to no patient in the file or the vault',
    ],
    [
      'links in a circle',
      [
        peter({ link: [{ type: 'replaced-by', other: { reference: 'Patient/p2' } }] }),
        peter({ id: 'p2', link: [{ type: 'replaced-by', other: { reference: 'Patient/p1' } }] }),
      ],
      '[0].link[0].other: leads in a circle, and 1 more',
    ],
    ['the same resource twice', [peter(), peter({ birthDate: '1950' })], '[1]: the same resource as [0]'],
  ])('refuses %s in one line, with its place', async (_, resources, message) => {
    const place = await vault();
    const { stdout, stderr, code } = await importing(place, resources, ['--format', 'fhir']);
    expect({ stdout, code, line: stderr.split('\n')[0] }).toEqual({
      stdout: '',
      code: 2,
      line: `rapport: ${message}`,
    });
    expect(await exportedPatients(place)).toEqual([]);
  });

  it('imports nothing of a file with one bad line, and all else with --skip-bad', async () => {
    const place = await vault();
    const lines = [
      peter(),
      peter({ id: 'p2', birthDate: 'soon' }),
      peter({ id: 'p3', name: [{ text: 'Ada Holm' }] }),
    ];
    const ndjson = lines.map((line) => `${JSON.stringify(line)}\r\n`).join('\n');
    writeFileSync(join(place.work, 'in.ndjson'), `\ufeff${ndjson}`);
    const bad = await place.run(['import', 'in.ndjson']);
    expect(bad.stderr).toContain('rapport: line 3: Patient.birthDate: "soon" is not a date');
    expect(await exportedPatients(place)).toEqual([]);
    const skipped = await place.run(['import', 'in.ndjson', '--skip-bad']);
    expect(skipped.stdout).toContain('Added 2 patients');
    writeFileSync(join(place.work, 'in.ndjson'), `${JSON.stringify(peter())}\n{"resourceType":\n`);
    expect((await place.run(['import', 'in.ndjson'])).stderr).toContain('not valid JSON at line 2');
  });

  it('archives who is not active, and never changes the status of somebody known but to a death', async () => {
    const place = await vault();
    await importing(place, [peter({ active: false })]);
    expect(await exportedPatients(place)).toMatchObject([{ status: 'archived' }]);
    await withStore(place, (store) => {
      store.write({ verb: 'import' }, () => store.patients.update('p1', { status: 'active' }));
    });
    expect((await importing(place, [peter({ active: false })])).stdout).toContain('Nothing to import');
    await importing(place, [peter({ deceasedBoolean: true })]);
    expect(await exportedPatients(place)).toMatchObject([{ status: 'died', died_on: null }]);
    expect((await importing(place, [peter({ deceasedBoolean: false })])).stdout).toContain(
      'Nothing to import',
    );
  });

  it('refuses systems of government numbers', async () => {
    const place = await vault();
    const system = 'http://hl7.org/fhir/sid/us-ssn';
    const { stderr, code } = await importing(place, peter(), ['--identifier-system', system]);
    expect(code).toBe(2);
    expect(stderr).toContain('gives government numbers, which rapport does not keep');
  });
});

describe('a patient who may be known', () => {
  const known = async (fields: object = {}): Promise<TestPlace> => {
    const place = await vault();
    await addPatient(place, 'Peter James Chalmers', 'peter');
    await withStore(place, (store) => {
      store.write({ verb: 'import' }, () => store.patients.update('peter', fields));
    });
    return place;
  };

  it('is by an identifier, whatever the name', async () => {
    const place = await known({ identifiers: [{ system: mrn, value: '7' }] });
    const married = peter({
      name: [{ family: 'Windsor', given: ['Peter'] }],
      identifier: [{ system: mrn, value: '7' }],
    });
    const { stdout } = await importing(place, married, ['--identifier-system', mrn]);
    expect(stdout).toContain('Changed 1 patient');
    expect(await exportedPatients(place)).toMatchObject([
      { id: 'peter', name: 'Peter James Chalmers', birth_date: '1974-12-25', unconfirmed: ['birth_date'] },
    ]);
  });

  it('is by name and birth date, and keeps what was confirmed', async () => {
    const place = await known({ birth_date: '1974-12-25', goes_by: 'Pete' });
    const named = peter({
      name: [
        { family: 'chalmers', given: ['Peter', 'James'] },
        { use: 'usual', text: 'Jim' },
      ],
    });
    const { stdout } = await importing(place, named);
    expect(stdout).toContain('Nothing to import');
    expect(await exportedPatients(place)).toMatchObject([{ id: 'peter', goes_by: 'Pete' }]);
  });

  const doubts: readonly (readonly [string, object, string])[] = [
    ['whose birth date is missing', {}, 'the same name, and not both birth dates in full'],
    [
      'of whom only the year is known',
      { birth_date: '1974' },
      'the same name, and not both birth dates in full',
    ],
    [
      'with part of the name and the birth date',
      { name: 'Peter Chalmers', birth_date: '1974-12-25' },
      'the same birth date and part of the name',
    ],
  ];

  it.each(doubts)('and %s is listed and left out, never guessed', async (_, fields, why) => {
    const place = await known(fields);
    const before = await exportedPatients(place);
    const { stdout, stderr, code } = await importing(place, [
      peter(),
      peter({ id: 'p2', name: [{ text: 'Ada Holm' }] }),
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('Added 1 patient\n');
    expect(stderr).toMatch(new RegExp(`^left out: \\[0\\]: may be patient \\w{5}: ${why}\n1 in doubt: `));
    expect((await exportedPatients(place)).filter(({ id }) => id === 'peter')).toEqual(before);
  });

  it('is asked about in a terminal: the same, another, or left out', async () => {
    const question =
      'Peter James Chalmers, born 1974-12-25 (the same name, and not both birth dates in full): who is it?';
    const place = await known();
    const ask = (answer: string, then: readonly (readonly [string, string])[] = [['Import this?', 'yes']]) =>
      importing(place, peter(), [], { answers: [[question, answer], ...then], terminal: 80 });
    expect((await ask('Leave this one out', [])).stdout).toContain('Nothing to import');
    expect((await ask('peter: Peter James Chalmers, birth date not known')).stdout).toContain(
      'Changed 1 patient',
    );
    expect(await exportedPatients(place)).toMatchObject([{ id: 'peter', birth_date: '1974-12-25' }]);
    const other = await known();
    const added = await importing(other, peter(), [], {
      answers: [
        [question, 'Somebody new'],
        ['Import this?', 'yes'],
      ],
      terminal: 80,
    });
    expect(added.stdout).toContain('Added 1 patient');
    expect(await exportedPatients(other)).toHaveLength(2);
  });

  it("gets another id where the file's is taken by somebody else", async () => {
    const place = await vault();
    await addPatient(place, 'Ada Holm', 'p1');
    await importing(place, peter());
    const patients = await exportedPatients(place);
    expect(patients.map(({ name }) => name).toSorted()).toEqual(['Ada Holm', 'Peter James Chalmers']);
    expect((await importing(place, peter())).stdout).toContain('Nothing to import');
  });
});

describe('records of a patient who is in the vault alone', () => {
  const appointment = (more: object = {}): object => ({
    resourceType: 'Appointment',
    id: 'a1',
    status: 'booked',
    start: '2026-03-20T09:00:00Z',
    participant: [{ actor: { reference: 'Patient/p1', display: 'Peter James Chalmers' } }],
    ...more,
  });
  const withPeter = async (): Promise<TestPlace> => {
    const place = await vault();
    await importing(place, peter());
    return place;
  };

  it('go to whom id and name agree on; one without a name is a doubt', async () => {
    const place = await withPeter();
    expect((await importing(place, appointment())).stdout).toContain('Added 1 contact');
    const nameless = appointment({ id: 'a2', participant: [{ actor: { reference: 'Patient/p1' } }] });
    const { stderr } = await importing(place, nameless);
    expect(stderr).toMatch(/participant\[0\]\.actor: may be patient \w{5}: the same id, and no name/);
    const chosen = await importing(place, nameless, [], {
      answers: [
        ['No name (the same id, and no name): who is it?', 'Peter James'],
        ['Import this?', 'yes'],
      ],
      terminal: 80,
    });
    expect(chosen.stdout).toBe('Added 1 contact\n');
  });

  it('follow a planned appointment as it moves, is kept, missed or cancelled, and nothing after that', async () => {
    const place = await withPeter();
    await importing(place, appointment());
    const moved = await importing(place, appointment({ start: '2026-03-21T10:00:00+01:00' }));
    expect(moved.stdout).toContain('Changed 1 contact');
    const contactsOf = async () => (await exportedPatients(place))[0]?.['contacts'];
    expect(await contactsOf()).toMatchObject([{ on: '2026-03-21', at: '10:00', state: 'planned' }]);
    await importing(place, appointment({ status: 'cancelled' }));
    expect(await contactsOf()).toMatchObject([{ on: '2026-03-20', state: 'cancelled' }]);
    expect((await importing(place, appointment())).stdout).toContain('Nothing to import');
  });

  it('join a visit that was planned here for the same day', async () => {
    const place = await withPeter();
    await place.run(['contact', 'peter', '--on', '2026-03-20', '--planned']);
    expect((await importing(place, appointment())).stdout).toContain('Changed 1 contact');
    expect((await exportedPatients(place))[0]?.['contacts']).toMatchObject([
      { at: '10:00', state: 'planned' },
    ]);
  });

  it('close a promise once, and never open or mend one again', async () => {
    const place = await withPeter();
    const task = (status: string, description: string): object => ({
      resourceType: 'Task',
      id: 't.1',
      status,
      description,
      for: { reference: 'Patient/p1', display: 'Peter James Chalmers' },
      lastModified: '2026-03-11T08:00:00Z',
    });
    const run = (status: string, text = 'Send the sheet') =>
      importing(place, task(status, text), ['--with-tasks']);
    expect((await run('requested')).stdout).toContain('Added 1 commitment');
    expect((await run('requested', 'Other words')).stdout).toContain('Nothing to import');
    expect((await run('completed')).stdout).toContain('Changed 1 commitment');
    expect((await run('requested')).stdout).toContain('Nothing to import');
    expect((await exportedPatients(place))[0]?.['commitments']).toMatchObject([
      { id: 'Task-t_1', text: 'Send the sheet', status: 'kept', closed_on: '2026-03-11' },
    ]);
  });
});

describe.skipIf(!existsSync(sharedInputs))('real FHIR (skipped where ../shared/inputs is absent)', () => {
  const folder = join(sharedInputs, 'fhir');
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : [];

  it('comes in, or is refused in one line; twice changes nothing', async () => {
    const place = await vault();
    const patientsFirst = files.toSorted(
      (left, right) => Number(/^Patient/.test(right)) - Number(/^Patient/.test(left)),
    );
    const codes = new Map<string, number>();
    for (const file of patientsFirst)
      codes.set(file, (await place.run(['import', join(folder, file), '--with-tasks'])).code);
    for (const [file, code] of codes) expect([0, 2], file).toContain(code);
    expect(
      [...codes].filter(([file, code]) => /^Patient-(?:animal|newborn)/.test(file) && code !== 2),
    ).toEqual([]);
    const before = await exportedPatients(place);
    expect(before.length).toBeGreaterThan(4);
    for (const file of patientsFirst) await place.run(['import', join(folder, file), '--with-tasks']);
    expect(await exportedPatients(place)).toEqual(before);
  });

  const bundles = files.filter((name) => name.startsWith('synthea-'));
  it.each(bundles)('%s leaves no word of its chart in the decrypted vault', async (name) => {
    const place = await vault();
    const text = readFileSync(join(folder, name), 'utf8');
    expect((await place.run(['import', join(folder, name), '--with-tasks'])).code).toBe(0);
    const kept = (await everythingKept(place)).toLowerCase();
    const bundle: { readonly entry: readonly { readonly resource: Record<string, unknown> }[] } =
      JSON.parse(text);
    const patient = bundle.entry.find(({ resource }) => resource['resourceType'] === 'Patient')?.resource;
    const { name: names, birthDate, communication, id } = patient ?? {};
    const allowed = JSON.stringify({ names, birthDate, communication, id }).toLowerCase();
    const words = new Set<string>();
    const gather = (value: unknown): void => {
      if (typeof value === 'string')
        for (const word of value.toLowerCase().match(/[\p{L}\p{N}-]{5,}/gu) ?? []) words.add(word);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(gather);
    };
    for (const { resource } of bundle.entry) if (resource !== patient) gather(resource);
    const { identifier, address, telecom, extension, maritalStatus, text: narrative } = patient ?? {};
    gather([identifier, address, telecom, extension, maritalStatus, narrative]);
    // Words of the vault's own schema and of the person's allowed fields prove nothing.
    const other = await vault();
    await importing(other, peter());
    const own = (await everythingKept(other)).toLowerCase();
    const telling = [...words].filter((word) => !allowed.includes(word) && !own.includes(word));
    expect(telling.length).toBeGreaterThan(250);
    expect(telling.filter((word) => kept.includes(word))).toEqual([]);
  });
});
