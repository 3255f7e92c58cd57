/** A briefing from the notes that can come first is the briefing from all of them, to the byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import { type Note, newNote, newPatient } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { factsWith, on, options } from '../domain/generated-facts.ts';
import { insertWhole, withBench } from './bench.ts';

/** Without a loss or a caution, which may hold back any note. */
const livingPeople = (facts: BriefingFacts): BriefingFacts => ({
  ...facts,
  notes: facts.notes.map((note) =>
    ['loss', 'avoid'].includes(note.kind) ? { ...note, kind: 'story' } : note,
  ),
  people: facts.people.map((person) => ({ ...person, status: 'living', died_on: null })),
});

function keep(store: Store, facts: BriefingFacts): void {
  insertWhole(store, facts);
  const { patient, contacts, shown } = facts;
  contacts.forEach((visit, place) => {
    const noteIds = [...shown].filter(([, days]) => days > place).map(([id]) => id);
    store.log.opened('brief', patient.id, { noteIds, on: visit.on });
  });
}

describe('the notes of a briefing', () => {
  it.each([
    ['where everybody lives', livingPeople],
    ['whoever died', (facts: BriefingFacts) => facts],
  ])('are enough, %s', (_, mapped) => {
    let unread = 0;
    fc.assert(
      fc.property(factsWith(fc.integer({ min: 0, max: 300 })).map(mapped), (facts) =>
        withBench(({ store }) => {
          keep(store, facts);
          const few = store.briefingRecords('p', on);
          const all = store.briefingRecords('p', on, true);
          unread += few.unread.open + few.unread.silent;
          for (const sensitive of [false, true]) {
            const asked = { ...options, sensitive };
            expect(composeBriefing(few, asked)).toEqual({ ...composeBriefing(all, asked) });
          }
        }),
      ),
      { numRuns: 150 },
    );
    if (mapped === livingPeople) expect(unread).toBeGreaterThan(0);
  });

  it('are without one that was replaced, whatever became of the note in its place', () => {
    const asked = (id: string, more: Partial<Note>) => ({
      ...newNote({ patient_id: 'p', kind: 'question', text: id, recorded_on: on, ...more }),
      id,
    });
    withBench(({ store }) => {
      store.write({ verb: 'import' }, () => {
        store.patients.insert(newPatient({ id: 'p', name: 'P', handle: 'p' }));
        store.notes.insert(asked('replaced', {}));
        store.notes.insert(asked('answered', { replaces: 'replaced', status: 'answered' }));
        store.notes.insert(asked('kept', {}));
        store.notes.insert(asked('retired', { replaces: 'kept', status: 'retired' }));
      });
      for (const whole of [false, true]) {
        const { sections } = composeBriefing(store.briefingRecords('p', on, whole), options);
        const open = sections.find(({ id }) => id === 'open');
        expect(open?.items.map(({ id }) => id)).toEqual(['kept']);
      }
    });
  });
});
