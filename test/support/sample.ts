/** Three fictional patients with what was promised them, around Thursday 12 March 2026. Friday the 13th is closed. */

import type {
  Commitment,
  CommitmentStatus,
  Contact,
  ContactState,
  Note,
  Person,
} from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, aNote, aPatient, aPerson, aPromise } from './records.ts';
import { day } from './values.ts';
import type { TestPlace } from './vault.ts';

export const commitmentStatuses = ['open', 'kept', 'dropped'] as const satisfies readonly CommitmentStatus[];
export const contactStates = [
  'held',
  'planned',
  'missed',
  'cancelled',
] as const satisfies readonly ContactState[];

const recorded_on = '2025-12-09';
const made_on = recorded_on;

/** Adds them to an empty vault; ids are 'malu', 'malu-c1', 'malu-v1', … */
export function addSample({ patients, people, notes, commitments, contacts, calendar, write }: Store): void {
  const ned = { patient_id: 'ned' };
  const walt = { patient_id: 'walt' };
  const planned = { state: 'planned' } as const;
  const promise = (id: string, text: string, fields: Parameters<typeof aPromise>[1]): unknown =>
    commitments.insert(aPromise(text, { id, made_on, ...fields }));
  write({ verb: 'import' }, () => {
    patients.insert(
      aPatient('malu', {
        name: 'María Luisa Razo',
        goes_by: 'Malu',
        say: 'ma-LOO',
        pronouns: 'she/her',
        birth_date: '1961-04',
        first_met: '2020-02-11',
      }),
    );
    patients.insert(aPatient('ned', { name: 'Ned Hintz', new: true }));
    patients.insert(aPatient('walt', { name: 'Walter Beer', goes_by: 'Walt', pronouns: 'he/him' }));
    people.insert(aPerson('Elsie Beer', { id: 'walt-elsie', relation: 'granddaughter', ...walt }));
    notes.insert(aNote('Can I fly with this?', { id: 'malu-n1', kind: 'question', recorded_on }));
    contacts.insert(aContact('2025-12-09', { id: 'malu-v1' }));
    contacts.insert(aContact('2026-03-12', { id: 'malu-v2', at: '10:20', ...planned }));
    contacts.insert(aContact('2026-03-12', { id: 'ned-v1', at: '11:00', ...planned, ...ned }));
    contacts.insert(aContact('2026-01-20', { id: 'walt-v1', ...walt }));
    contacts.insert(aContact('2026-03-18', { id: 'walt-v2', at: '14:40', ...planned, ...walt }));
    promise('malu-c1', 'Low-salt recipe sheet', { kind: 'send', due: '2025-12-16' });
    promise('malu-c2', 'Ask cardiology about a cheaper pill', { kind: 'ask', due: '2026-03-12' });
    promise('malu-c3', 'bring the food diary', { owner: 'patient', kind: 'other', due: '2026-03-02' });
    promise('ned-c1', 'send the new-patient form', {
      owner: 'staff',
      kind: 'send',
      due: '2026-03-12',
      ...ned,
    });
    promise('walt-c1', 'Call about the memorial', { due: '2026-03-14', ...walt });
    promise('walt-c2', 'Call at six weeks', { due: '2026-03-16', ...walt });
    promise('walt-c3', 'Find out about the garden group', { kind: 'other', ...walt });
    calendar.merge({ closed_days: [{ on: day('2026-03-13'), name: 'Founders’ day' }] });
  });
}

export interface Seed {
  readonly people?: readonly (Pick<Person, 'name'> & Partial<Person>)[];
  readonly notes?: readonly (Pick<Note, 'kind' | 'text'> & Partial<Note>)[];
  readonly commitments?: readonly (Pick<Commitment, 'text'> & Partial<Commitment>)[];
  readonly contacts?: readonly (Pick<Contact, 'on'> & Partial<Contact>)[];
}

/** A patient with what is around them; ids are their handle with a number behind. */
export const addPatient = (place: TestPlace, name: string, handle: string, seed: Seed = {}): Promise<void> =>
  place.withStore((store) => {
    const own = (letter: string, index: number) => ({
      id: `${handle}-${letter}${index + 1}`,
      patient_id: handle,
    });
    store.write({ verb: 'import' }, () => {
      store.patients.insert(aPatient(handle, { name }));
      for (const [index, person] of (seed.people ?? []).entries())
        store.people.insert(aPerson(person.name ?? '', { ...person, ...own('p', index) }));
      for (const [index, note] of (seed.notes ?? []).entries())
        store.notes.insert(aNote(note.text, { recorded_on, ...note, ...own('n', index) }));
      for (const [index, one] of (seed.commitments ?? []).entries())
        store.commitments.insert(aPromise(one.text, { kind: 'other', made_on, ...one, ...own('c', index) }));
      for (const [index, contact] of (seed.contacts ?? []).entries())
        store.contacts.insert(aContact(contact.on, { ...contact, ...own('v', index) }));
    });
  });
