import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { newPatient } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { draftTexts, typeDraft } from '../support/drafts.ts';
import { aContact, aNote, aPatient, aPerson, aPromise } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';
import { it, snapshot, withBench } from './bench.ts';
import type { Bench } from './vault.ts';

type Act = { readonly kind: number; readonly pick: number; readonly word: string };

const kinds = [
  'note',
  'commitment',
  'contact',
  'person',
  'patient',
  'edit',
  'answer',
  'keep',
  'snooze',
  'rename',
  'hold contact',
  'replace',
  'move',
  'calendar',
  'weekend',
  'person died',
  'commit',
] as const;

/** One operation of the kind; false where there is nothing to do it to. */
function perform(store: Store, act: Act, count: number): boolean {
  const patients = store.patients.all();
  const patient = patients[act.pick % patients.length];
  if (patient === undefined) return false;
  const notes = store.notes.of(patient.id);
  const note = notes[act.pick % Math.max(1, notes.length)];
  const promises = store.commitments.of(patient.id);
  const promise = promises[act.pick % Math.max(1, promises.length)];
  const contacts = store.contacts.of(patient.id);
  const contact = contacts[act.pick % Math.max(1, contacts.length)];
  const people = store.people.of(patient.id);
  const person = people[act.pick % Math.max(1, people.length)];
  const other = patients[(act.pick + 1) % patients.length];
  const on = day('2026-03-12');
  const addNote = (): unknown =>
    store.notes.insert(aNote(act.word, { patient_id: patient.id, person: person?.id ?? null }));
  const addPromise = (): unknown => store.commitments.insert(aPromise(act.word, { patient_id: patient.id }));
  const works: Record<(typeof kinds)[number], (() => unknown) | false | undefined> = {
    note: addNote,
    commitment: addPromise,
    contact: () => store.contacts.insert(aContact(on, { patient_id: patient.id, state: 'planned' })),
    person: () => store.people.insert(aPerson(act.word, { patient_id: patient.id })),
    patient: () =>
      store.patients.insert(
        newPatient({ name: act.word, handle: `p${count}`, identifiers: [{ system: 's', value: act.word }] }),
      ),
    edit: note && (() => store.notes.update(note.id, { text: `${act.word} again` })),
    answer:
      note && (() => store.notes.update(note.id, { status: 'answered', answer: act.word, answered_on: on })),
    keep:
      promise &&
      (() => store.commitments.update(promise.id, { status: 'kept', how: act.word, closed_on: on })),
    snooze:
      promise &&
      (() =>
        store.commitments.update(promise.id, {
          snoozes: [...promise.snoozes, { on, from: null, to: on, reason: act.word }],
        })),
    rename: () =>
      store.patients.update(patient.id, { name: `${act.word} B`, handle: `r${count}`, aliases: [act.word] }),
    'hold contact': contact && (() => store.contacts.update(contact.id, { state: 'held' })),
    replace:
      note &&
      (() => {
        store.notes.update(note.id, { status: 'superseded' });
        store.notes.insert(aNote(act.word, { patient_id: patient.id, replaces: note.id }));
      }),
    move:
      note && other !== undefined && other.id !== patient.id && (() => store.notes.move(note.id, other.id)),
    calendar: () =>
      store.calendar.merge({
        closed_days: [{ on, name: act.word }],
        away: [{ from: on, to: on, reason: act.word }],
      }),
    weekend: () => store.calendar.merge({ weekend: [1 + (act.pick % 7)] }),
    'person died': person && (() => store.people.update(person.id, { status: 'died', died_on: on })),
    commit: () => {
      addPromise();
      addNote();
      if (promise) store.commitments.update(promise.id, { status: 'dropped', reason: act.word });
    },
  };
  const work = works[kinds[act.kind % kinds.length] ?? 'note'];
  return typeof work === 'function' && store.write({ verb: 'test' }, work).operation !== undefined;
}

const checkIndex = ({ database }: Bench): void => {
  database.exec("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)");
  expect(database.pragma('foreign_key_check')).toEqual([]);
};

const undo = (store: Store): void => {
  const newest = store.history.newest();
  if (newest === undefined) throw new Error('nothing to undo');
  store.write({ verb: 'undo' }, () => store.history.undo(newest.id));
};
const redo = (store: Store): void => {
  const newest = store.history.newestUndo();
  if (newest === undefined) throw new Error('nothing to redo');
  store.write({ verb: 'redo' }, () => store.history.undo(newest.id));
};

const acts = fc.array(
  fc.record({
    kind: fc.nat(kinds.length - 1),
    pick: fc.nat(5),
    word: fc.constantFrom('choir', 'café', 'dog', 'June'),
  }),
  { minLength: 3, maxLength: 25 },
);

describe('undo', () => {
  it('takes any operations back one by one, and redo does them again, to the byte', () => {
    fc.assert(
      fc.property(acts, (list) =>
        withBench((bench) => {
          const { store, database } = bench;
          store.write({ verb: 'patient add' }, () => {
            store.patients.insert(newPatient({ name: 'First', handle: 'first' }));
            store.patients.insert(newPatient({ name: 'Second', handle: 'second' }));
          });
          const states = [snapshot(database)];
          for (const [count, act] of list.entries())
            if (perform(store, act, count)) states.push(snapshot(database));
          for (let index = states.length - 2; index >= 0; index -= 1) {
            undo(store);
            expect(snapshot(database)).toEqual(states[index]);
          }
          checkIndex(bench);
          for (const state of states.slice(1)) {
            redo(store);
            expect(snapshot(database)).toEqual(state);
          }
          checkIndex(bench);
          expect(store.log.firstBroken()).toBeUndefined();
          // And back once more: an undo of a redo is again an undo.
          for (let index = states.length - 2; index >= 0; index -= 1) undo(store);
          expect(snapshot(database)).toEqual(states[0]);
        }),
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it('goes on from where it stands when new operations come between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(kinds.length - 1), fc.nat(5)), { maxLength: 25 }),
        (list) =>
          withBench((bench) => {
            const { store, database } = bench;
            store.write({ verb: 'patient add' }, () =>
              store.patients.insert(newPatient({ name: 'A', handle: 'malu' })),
            );
            const states = [snapshot(database)];
            for (const [count, [isUndo, kind, pick]] of list.entries()) {
              if (!isUndo) {
                if (perform(store, { kind, pick, word: 'word' }, count)) states.push(snapshot(database));
              } else if (states.length > 1) {
                undo(store);
                states.pop();
                expect(snapshot(database)).toEqual(states.at(-1));
              }
            }
            checkIndex(bench);
          }),
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it('is refused while a draft hangs on the patient it would remove', ({ store }) => {
    store.write({ verb: 'patient add' }, () => store.patients.insert(aPatient('malu', { name: 'A' })));
    typeDraft(store, 'malu', day('2026-03-12'), { place: 'learned', text: 'x' });
    expect(failureOf(() => undo(store)).exit).toBe('conflict');
    expect(draftTexts(store, 'malu')).toEqual(['x']);
    expect(store.history.newest()?.undone).toBe(false);
  });
});
