/** Three fictional patients with what was promised them, around Thursday 12 March 2026. Friday the 13th is closed. */

import {
  type CommitmentStatus,
  type ContactState,
  newCommitment,
  newContact,
  newNote,
  newPatient,
  newPerson,
} from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { day, partial, time } from './values.ts';

export const commitmentStatuses = ['open', 'kept', 'dropped'] as const satisfies readonly CommitmentStatus[];
export const contactStates = [
  'held',
  'planned',
  'missed',
  'cancelled',
] as const satisfies readonly ContactState[];

const visit = (id: string, patient_id: string, on: string, at?: string) => ({
  ...newContact({
    patient_id,
    on: day(on),
    at: at === undefined ? null : time(at),
    channel: 'visit',
    state: at === undefined ? 'held' : 'planned',
  }),
  id,
});

/** Adds them to an empty vault; ids are 'malu', 'malu-c1', 'malu-v1', … */
export function addSample(store: Store): void {
  const { patients, people, notes, commitments, contacts, calendar } = store;
  store.write({ verb: 'import' }, () => {
    patients.insert(
      newPatient({
        id: 'malu',
        name: 'María Luisa Razo',
        handle: 'malu',
        goes_by: 'Malu',
        say: 'ma-LOO',
        pronouns: 'she/her',
        birth_date: partial('1961-04'),
        first_met: partial('2020-02-11'),
      }),
    );
    patients.insert(newPatient({ id: 'ned', name: 'Ned Hintz', handle: 'ned', new: true }));
    patients.insert(
      newPatient({ id: 'walt', name: 'Walter Beer', handle: 'walt', goes_by: 'Walt', pronouns: 'he/him' }),
    );
    people.insert(
      newPerson({ id: 'walt-elsie', patient_id: 'walt', name: 'Elsie Beer', relation: 'granddaughter' }),
    );
    notes.insert(
      newNote({
        id: 'malu-n1',
        patient_id: 'malu',
        kind: 'question',
        text: 'Can I fly with this?',
        recorded_on: day('2025-12-09'),
      }),
    );
    contacts.insert(visit('malu-v1', 'malu', '2025-12-09'));
    contacts.insert(visit('malu-v2', 'malu', '2026-03-12', '10:20'));
    contacts.insert(visit('ned-v1', 'ned', '2026-03-12', '11:00'));
    contacts.insert(visit('walt-v1', 'walt', '2026-01-20'));
    contacts.insert(visit('walt-v2', 'walt', '2026-03-18', '14:40'));
    const promised = { owner: 'me', made_on: day('2025-12-09') } as const;
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'malu-c1',
        patient_id: 'malu',
        text: 'Low-salt recipe sheet',
        kind: 'send',
        due: day('2025-12-16'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'malu-c2',
        patient_id: 'malu',
        text: 'Ask cardiology about a cheaper pill',
        kind: 'ask',
        due: day('2026-03-12'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'malu-c3',
        patient_id: 'malu',
        owner: 'patient',
        text: 'bring the food diary',
        kind: 'other',
        due: day('2026-03-02'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'ned-c1',
        patient_id: 'ned',
        owner: 'staff',
        text: 'send the new-patient form',
        kind: 'send',
        due: day('2026-03-12'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'walt-c1',
        patient_id: 'walt',
        text: 'Call about the memorial',
        kind: 'call',
        due: day('2026-03-14'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'walt-c2',
        patient_id: 'walt',
        text: 'Call at six weeks',
        kind: 'call',
        due: day('2026-03-16'),
      }),
    );
    commitments.insert(
      newCommitment({
        ...promised,
        id: 'walt-c3',
        patient_id: 'walt',
        text: 'Find out about the garden group',
        kind: 'other',
      }),
    );
    calendar.merge({ closed_days: [{ on: day('2026-03-13'), name: 'Founders’ day' }] });
  });
}
