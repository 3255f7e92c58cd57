/** Imports as a transcript can't show them: bytes of all kinds, what is never kept, and whole documents there and back. */

import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyImport, heldBy } from '../../src/commands/import.ts';
import { newestChange } from '../../src/commands/lookup.ts';
import { planImport } from '../../src/domain/import-plan.ts';
import { newPatient } from '../../src/domain/records.ts';
import { readRapport, writeRapport } from '../../src/formats/rapport.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { everythingKept, fixture, fixtureBytes } from '../support/imports.ts';
import { addSample } from '../support/sample.ts';
import { day } from '../support/values.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

const vault = (): Promise<TestPlace> => makeVault({ settings: { 'date-style': 'day-first' } });

const praxis = ['--map', 'name=Vorname+Nachname', '--map', 'birth_date=geb.'];
const person = '{"resourceType":"Patient","id":"p1","name":[{"text":"Peter James Chalmers"}]}';

it.each([
  [
    'fhir/clinic.json',
    [],
    ['Ingrid Marie', 'Odd Sørby', 'Appointment/a1'],
    /MRN-4711|999-55-1234|RELATEDNUMBER9|echo result/,
  ],
  ['csv/praxis.csv', praxis, ['Jürgen'], /never/],
  ['vcard/old.vcf', [], ['Jürgen'], /never/],
  ['vcard/new.vcf', [], ['Kamau'], /never/],
  ['ics/google.ics', [], ['malu1@google.com'], /never/],
  ['ics/outlook.ics', [], ['040000008200'], /never/],
  ['ics/apple.ics', ['--match', 'X-PATIENT'], ['2F5C1A3E'], /never/],
] as const)('keeps no word of %s but what is asked for', async (name, more, taken, never) => {
  const place = await vault();
  await place.withStore(addSample);
  expect((await place.run(['import', fixture(name), ...more])).code).toBe(0);
  const kept = await everythingKept(place);
  // Enough is in there for the search to mean something.
  for (const word of taken) expect(kept).toContain(word);
  const words =
    fixtureBytes(name)
      .toString('latin1')
      .match(/\w*WORD\b\w*|\b\w+word\b/g) ?? [];
  expect(words.length).toBeGreaterThan(0);
  for (const word of words) expect(kept).not.toContain(word);
  expect(kept).not.toMatch(never);
});

it.each([
  ['a zip archive', Buffer.from('PK\u0003\u0004rest'), 'the file is a zip archive'],
  ['zeros', Buffer.from('a,b\0\0\0\n'), 'the file is not text: it has zero bytes in it'],
  ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe]), 'line 1: not UTF-8 text'],
])('refuses %s before it asks for a key, as a file or in a pipe', async (_, content, message) => {
  const place = await vault();
  writeFileSync(join(place.work, 'in'), content);
  for (const source of ['in', '-']) {
    const { stdout, stderr, code } = await place.run(['import', source], { locked: true, stdin: content });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(`rapport: ${message}`);
  }
});

it.skipIf(process.platform !== 'linux')('closes its file at a fault on the way', async () => {
  const place = await vault();
  const path = join(place.work, 'long.ndjson');
  writeFileSync(path, `${person}\n{]\n${`${person}\n`.repeat(20_000)}`);
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

it('is refused where the vault changed after the plan was made', async () => {
  await (await vault()).withStore(async (store) => {
    const document = readRapport('{"format":"rapport","version":1,"patients":[{"name":"Malu"}]}', {
      skipBad: false,
    });
    const plannedAt = newestChange(store);
    const held = heldBy(store, await store.erasing());
    const plan = planImport(document, held, { today: day('2026-03-12'), skipBad: false });
    store.write({ verb: 'patient add' }, () =>
      store.patients.insert(newPatient({ name: 'Bo', handle: 'malu' })),
    );
    expect(() => applyImport(plan, store, plannedAt)).toThrow(
      'the vault was changed after the import was planned',
    );
    expect(store.patients.all().map(({ name }) => name)).toEqual(['Bo']);
  });
});

it('gives the same document after an import into a fresh vault', async () => {
  const exported = async (place: TestPlace): Promise<{ readonly patients: readonly { id: string }[] }> => {
    const { exported_at: _, ...document } = JSON.parse((await place.run(['export'])).stdout);
    return document;
  };
  await fc.assert(
    fc.asyncProperty(wholePatients, async (patients) => {
      const calendar = {
        closed_days: [{ on: patients[0]?.notes[0]?.recorded_on, name: null }].filter(({ on }) => on),
        away: [],
        weekend: [5, 6],
      };
      const text = [...writeRapport(patients, '2026-03-12T08:00:00.000Z', calendar as never)].join('\n');
      const [one, other] = [await vault(), await vault()];
      const first = await one.run(['import', '-', '--json'], { stdin: text });
      expect(first.stderr).toBe('');
      const document = await exported(one);
      const written: { readonly patients: readonly { id: string }[] } = JSON.parse(text);
      expect(document.patients.map(({ id }) => id).toSorted()).toEqual(
        written.patients.map(({ id }) => id).toSorted(),
      );
      const { stdout } = await one.run(['export']);
      expect((await other.run(['import', '-'], { stdin: stdout })).code).toBe(0);
      expect(await exported(other)).toEqual(document);
      expect((await other.run(['import', '-'], { stdin: stdout })).stdout).toContain('Nothing to import');
    }),
    { numRuns: 25 },
  );
});

it('knows again what has no id', async () => {
  const bare = (key: string, value: unknown): unknown =>
    ['id', 'person', 'for_person', 'replaces'].includes(key) ? undefined : value;
  await fc.assert(
    fc.asyncProperty(wholePatients, async (patients) => {
      const place = await vault();
      const document = [...writeRapport(patients, '2026-03-12T08:00:00.000Z', undefined)].join('\n');
      const text = JSON.stringify(JSON.parse(document), bare);
      const exported = async () => JSON.parse((await place.run(['export'])).stdout).patients;
      expect((await place.run(['import', '-'], { stdin: text })).code).toBe(0);
      const once = await exported();
      expect(once.length).toBe(patients.length);
      expect((await place.run(['import', '-'], { stdin: text })).stdout).toContain('Nothing to import');
      expect(await exported()).toEqual(once);
    }),
    { numRuns: 25 },
  );
});

it('comes to an end with a calendar of 4 MB and visits of a thousand patients', async () => {
  const place = await vault();
  await place.withStore(addSample);
  const events = Array.from({ length: 12_000 }, (_, index) => [
    'BEGIN:VEVENT',
    `UID:many${index}`,
    `DTSTART:202604${String((index % 28) + 1).padStart(2, '0')}T${String(8 + (index % 10)).padStart(2, '0')}0000Z`,
    `SUMMARY:${index % 100 === 0 ? 'Malu Razo' : `Somebody Else${index % 1000}`}`,
    `DESCRIPTION:${'long '.repeat(48)}`,
    'END:VEVENT',
  ]);
  const lines = ['BEGIN:VCALENDAR', ...events.flat(), 'END:VCALENDAR', ''];
  writeFileSync(join(place.work, 'many.ics'), lines.join('\r\n'));
  const { stdout, stderr } = await place.run(['import', 'many.ics']);
  expect(stdout).toContain('Added 120 contacts');
  expect(stderr.split('\n').length).toBeLessThan(110);
}, 30_000);
