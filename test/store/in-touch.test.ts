/** What keeping in touch is made of: the latest contact of any kind, those with a cadence, milestones to reach out for. */

import { describe, expect } from 'vitest';
import { type Channel, type ContactState, newNote } from '../../src/domain/records.ts';
import { aContact, aPatient } from '../support/records.ts';
import { day } from '../support/values.ts';
import { it } from './bench.ts';

describe('keeping in touch', () => {
  it('finds the latest contact that was held by a day, whatever its channel', ({ store }) => {
    const contact = (on: string, channel: Channel, state: ContactState) =>
      store.contacts.insert(aContact(day(on), { channel, state }));
    store.write({ verb: 'import' }, () => {
      store.patients.insert(aPatient('malu', { name: 'Malu Razo', cadence_days: 90 }));
      store.patients.insert(aPatient('ned', { name: 'Ned Hintz' }));
      contact('2025-06-03', 'visit', 'held');
      contact('2025-07-01', 'letter', 'held');
      contact('2025-09-01', 'visit', 'missed');
      contact('2025-10-01', 'visit', 'cancelled');
      contact('2026-04-01', 'visit', 'planned');
      contact('2026-05-01', 'call', 'held');
    });
    const last = (by: string) => [...store.contacts.lastHeld(['malu', 'ned', 'nobody'], day(by))];
    expect(last('2026-03-12')).toEqual([['malu', '2025-07-01']]);
    expect(last('2025-07-01')).toEqual([['malu', '2025-07-01']]);
    expect(last('2025-06-30')).toEqual([['malu', '2025-06-03']]);
    expect(last('2025-06-02')).toEqual([]);
    expect(last('2026-12-31')).toEqual([['malu', '2026-05-01']]);
  });

  it('lists the current milestones that are marked, and the active patients with a cadence', ({ store }) => {
    store.write({ verb: 'import' }, () => {
      for (const [id, cadence_days] of [
        ['malu', 90],
        ['ned', null],
        ['walt', 30],
      ] as const)
        store.patients.insert(aPatient(id, { cadence_days }));
      store.patients.update('walt', { status: 'archived' });
      const note = { patient_id: 'malu', text: 'x', recorded_on: day('2026-03-01'), reach_out: true };
      store.notes.insert(newNote({ ...note, id: 'a', kind: 'milestone' }));
      store.notes.insert(newNote({ ...note, id: 'b', kind: 'milestone', status: 'retired' }));
      store.notes.insert(newNote({ ...note, id: 'c', kind: 'milestone', reach_out: false }));
      store.notes.insert(newNote({ ...note, id: 'd', kind: 'family' }));
      store.notes.insert(newNote({ ...note, id: 'e', kind: 'milestone', patient_id: 'ned' }));
    });
    expect(store.notes.reachingOut().map(({ id }) => id)).toEqual(['a', 'e']);
    expect(store.notes.reachingOut('ned').map(({ id }) => id)).toEqual(['e']);
    expect(store.patients.all({ status: ['active'], inTouch: true }).map(({ id }) => id)).toEqual(['malu']);
  });
});
