import { describe, expect } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, aNote, aPatient, aPromise } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';
import { it, withBench } from './bench.ts';

const today = day('2026-03-12');

function seed(store: Store): void {
  store.write({ verb: 'import' }, () => {
    store.patients.insert(aPatient('malu', { name: 'María Luisa Razo', goes_by: 'Malu' }));
    for (const status of ['current', 'answered', 'superseded', 'retired'] as const)
      store.notes.insert(aNote(status, { id: status, status }));
    const visits = [
      ['2025-06-01', 'held', 'visit'],
      ['2025-12-09', 'held', 'home'],
      ['2026-01-20', 'held', 'call'],
      ['2026-02-01', 'missed', 'visit'],
      ['2026-03-12', 'planned', 'visit'],
    ] as const;
    for (const [on, state, channel] of visits) store.contacts.insert(aContact(day(on), { state, channel }));
    const promises = [
      ['open', 'open', null],
      ['long ago', 'kept', '2025-11-30'],
      ['that day', 'kept', '2025-12-09'],
      ['since', 'kept', '2026-01-05'],
      ['dropped', 'dropped', '2026-01-05'],
    ] as const;
    for (const [id, status, closed] of promises)
      store.commitments.insert(
        aPromise(id, { id, made_on: '2025-06-01', status, closed_on: closed === null ? null : day(closed) }),
      );
  });
}

describe('the records of a briefing', () => {
  it('are those that can be shown', ({ store }) => {
    seed(store);
    const records = store.briefingRecords('malu', today);
    expect(records.patient.goes_by).toBe('Malu');
    expect(records.notes.map((note) => note.id)).toEqual(['current']);
    expect(records.commitments.map((one) => one.id)).toEqual(['open', 'that day', 'since', 'dropped']);
    expect(records.contacts).toHaveLength(5);
    expect(store.briefingRecords('malu', day('2025-06-01')).commitments).toHaveLength(5);
    expect(failureOf(() => store.briefingRecords('nosuch', today)).exit).toBe('not-found');
  });

  it('count a note as shown once for each day on which a visit was held', ({ store }) => {
    seed(store);
    const shown = (): object => Object.fromEntries(store.briefingRecords('malu', today).shown);
    store.log.opened('brief', 'malu', { noteIds: ['current'], on: day('2025-06-01') });
    store.log.opened('brief', 'malu', { noteIds: ['current'], on: day('2025-06-01') });
    expect(shown()).toEqual({ current: 1 });
    // A call, a missed visit and a visit still planned do not count; the planned one does once it is held.
    for (const on of ['2026-01-20', '2026-02-01', '2026-03-12'])
      store.log.opened('brief', 'malu', { noteIds: ['current'], on: day(on) });
    expect(shown()).toEqual({ current: 1 });
    const planned = store.contacts.on(today)[0];
    store.write({ verb: 'commit' }, () => store.contacts.update(String(planned?.id), { state: 'held' }));
    expect(shown()).toEqual({ current: 2 });
  });

  it.each([
    [{ name: 'Maria Luisa RAZO' }, true],
    [{ name: 'Someone Else', goes_by: 'malú' }, true],
    [{ name: 'Malu' }, true],
    [{ name: 'María Luisa Razo', status: 'archived' as const }, false],
    [{ name: 'María Luisa Razo', status: 'died' as const }, true],
    [{ name: 'María Luisa' }, false],
    [{ name: 'María Luisa Razo Gil' }, false],
    [{ name: 'Luisa Razo María' }, false],
  ])('say whether %j could be meant as well', (other, expected) => {
    withBench(({ store }) => {
      seed(store);
      store.write({ verb: 'patient add' }, () =>
        store.patients.insert(newPatient({ handle: 'other', ...other })),
      );
      expect(store.briefingRecords('malu', today).hasNamesake).toBe(expected);
    });
  });
});
