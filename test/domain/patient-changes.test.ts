import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patientPatch, stateOf } from '../../src/domain/patient-changes.ts';
import { askableFields, type Patient } from '../../src/domain/records.ts';
import { aPatient, stored } from '../support/records.ts';

const patientOf = (fields: Partial<Patient>): Patient =>
  stored('a', aPatient('ann', { name: 'Ann Lee', ...fields }));
const changed = (patient: Patient, wish: Partial<Parameters<typeof patientPatch>[1]>): Patient => ({
  ...patient,
  ...patientPatch(patient, { values: {}, declined: [], confirmed: [], ...wish }),
});

describe('the four states of what can be asked', () => {
  it('declining empties it, clearing forgets that it was declined, confirming keeps it', () => {
    const patient = patientOf({ language: 'Thai', unconfirmed: ['language', 'say'] });
    const declined = changed(patient, { declined: ['language'] });
    expect(declined).toMatchObject({ language: null, unconfirmed: ['say'], declined: ['language'] });
    expect(stateOf(declined, 'language')).toBe('declined');
    expect(stateOf(changed(declined, { values: { language: null } }), 'language')).toBe('not asked');
    const confirmed = changed(patient, { confirmed: ['language'] });
    expect(confirmed).toMatchObject({ language: 'Thai', unconfirmed: ['say'] });
  });

  it('changes nothing twice', () => {
    const someFields = fc.subarray([...askableFields]);
    fc.assert(
      fc.property(
        someFields,
        someFields,
        someFields,
        someFields,
        (unconfirmed, wasDeclined, declined, confirmed) => {
          const patient = patientOf({
            goes_by: 'Annie',
            language: 'Thai',
            unconfirmed,
            declined: wasDeclined,
          });
          const wish = {
            values: { pronouns: 'she/her' },
            declined: declined.filter((field) => field !== 'pronouns'),
            confirmed,
          };
          const once = changed(patient, wish);
          expect(patientPatch(once, wish)).toEqual({});
          for (const field of wish.declined) expect(stateOf(once, field)).toBe('declined');
        },
      ),
    );
  });
});
