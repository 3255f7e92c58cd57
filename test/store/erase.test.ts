import { describe, expect } from 'vitest';
import { typeDraft } from '../support/drafts.ts';
import { aContact, aNote, aPatient, aPerson, aPromise } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';
import { it } from './bench.ts';
import type { Bench } from './vault.ts';

const on = day('2026-03-12');
const marker = 'qxzmarker';

/** Every page as it is after decryption: free pages and slack of used ones as well. */
const pages = ({ database }: Bench): string => database.serialize().toString('latin1').toLowerCase();

function addPatient({ store }: Bench, id: string): void {
  store.write({ verb: 'patient add' }, () => store.patients.insert(aPatient(id)));
}

/** Notes enough that the marker's are not alone in the index. */
function addFiller({ store }: Bench, patientId: string): void {
  store.write({ verb: 'import' }, () => {
    for (let index = 0; index < 300; index += 1)
      store.notes.insert(aNote(`story q${index} of many words`, { patient_id: patientId }));
  });
}

describe('erasing a note', () => {
  it('leaves its text in no page, its history and its ref gone', async ({ bench }) => {
    const { store } = bench;
    const erasing = await store.erasing();
    addPatient(bench, 'malu');
    addFiller(bench, 'malu');
    const { value: note } = store.write({ verb: 'note' }, () =>
      store.notes.insert(aNote(`first ${marker}`, { id: 'n' })),
    );
    store.write({ verb: 'edit' }, () =>
      store.notes.update('n', { text: `second ${marker}s`, answer: `${marker} answer` }),
    );
    store.write({ verb: 'edit' }, () => store.notes.update('n', { text: 'harmless' }));
    store.log.opened('brief', 'malu', { noteIds: ['n'], on });
    expect(pages(bench)).toContain(marker);
    const found = async (word: string): Promise<number> =>
      (await store.search({ words: [word], sensitive: true, limit: 9, offset: 0 })).total;
    store.write({ verb: 'retire', undoable: false }, () => erasing.note('n'));
    expect(pages(bench)).not.toContain(marker);
    expect(store.notes.byId('n')).toBeUndefined();
    expect(store.find(note.ref)).toEqual([]);
    expect(await found('harmless')).toBe(0);
    expect(await found('q299')).toBe(1);
    expect(bench.database.prepare('SELECT count(*) AS n FROM shown').get()).toEqual({ n: 0 });
    const newest = store.history.newest();
    expect(newest).toMatchObject({ verb: 'retire', undoable: false });
    const refusal = failureOf(() =>
      store.write({ verb: 'undo' }, () => store.history.undo(String(newest?.id))),
    );
    expect(refusal).toMatchObject({ exit: 'conflict', message: 'this cannot be undone' });
  });

  it('closes the thread that it stood in', async ({ bench }) => {
    const { store } = bench;
    const erasing = await store.erasing();
    addPatient(bench, 'malu');
    const add = (id: string, replaces: string | null): void => {
      store.write({ verb: 'note' }, () => store.notes.insert(aNote(id, { id, replaces })));
    };
    add('a', null);
    add('b', 'a');
    add('c', 'b');
    store.write({ verb: 'retire', undoable: false }, () => erasing.note('b'));
    expect(store.notes.byId('c')?.replaces).toBe('a');
    expect(store.notes.thread('a').map((note) => note.id)).toEqual(['a', 'c']);
    expect(bench.database.pragma('foreign_key_check')).toEqual([]);
  });

  it('needs a write that says it cannot be undone, and a patient not on hold', async ({ bench }) => {
    const { store } = bench;
    const erasing = await store.erasing();
    addPatient(bench, 'malu');
    addFiller(bench, 'malu');
    const id = String(store.notes.of('malu')[0]?.id);
    expect(() => store.write({ verb: 'retire' }, () => erasing.note(id))).toThrow('not undoable');
    store.write({ verb: 'patient hold' }, () => store.patients.update('malu', { hold: true }));
    const final = { verb: 'retire', undoable: false };
    expect(failureOf(() => store.write(final, () => erasing.note(id))).exit).toBe('conflict');
    expect(failureOf(() => store.write(final, () => erasing.patient('malu'))).exit).toBe('conflict');
    expect(store.notes.of('malu')).toHaveLength(300);
  });
});

describe('forgetting a patient', () => {
  it('leaves nothing of them in any page but log rows, and others untouched', async ({ bench }) => {
    const { store, database } = bench;
    const erasing = await store.erasing();
    addPatient(bench, 'malu');
    addFiller(bench, 'malu');
    store.write({ verb: 'import' }, () => {
      store.patients.insert(
        aPatient('walt', {
          name: `Walter ${marker}`,
          handle: `${marker}walt`,
          aliases: [`${marker}alias`],
          identifiers: [{ system: 'urn', value: `${marker}id` }],
        }),
      );
      store.people.insert(aPerson(`${marker}june`, { id: 'p', patient_id: 'walt' }));
      for (const text of [`one ${marker}`, `two ${marker}two`])
        store.notes.insert(aNote(text, { patient_id: 'walt', person: 'p' }));
      store.commitments.insert(aPromise(`${marker} call`, { patient_id: 'walt' }));
      store.contacts.insert(aContact(on, { patient_id: 'walt', gist: `${marker} gist` }));
    });
    store.write({ verb: 'note' }, () =>
      store.notes.insert(aNote(`undone ${marker}`, { patient_id: 'walt' })),
    );
    store.write({ verb: 'undo' }, () => store.history.undo(String(store.history.newest()?.id)));
    store.write({ verb: 'edit' }, () =>
      store.patients.update('walt', { name: 'Walter Beer', birth_date: null }),
    );
    typeDraft(store, 'walt', on, { place: 'learned', text: `${marker} draft` });
    store.log.opened('brief', 'walt', { noteIds: ['x'], on });
    expect(pages(bench).split(marker).length).toBeGreaterThan(10);
    const before = store.notes.of('malu');
    store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('walt'));
    expect(pages(bench)).not.toContain(marker);
    expect(pages(bench)).not.toContain('walter');
    for (const table of ['note', 'person', 'commitment', 'contact', 'draft', 'shown', 'change'])
      expect(database.prepare(`SELECT count(*) AS n FROM ${table} WHERE patient_id = 'walt'`).get()).toEqual({
        n: 0,
      });
    expect(database.prepare('SELECT count(*) AS n FROM draft_line').get()).toEqual({ n: 0 });
    const refs = database.prepare('SELECT count(*) AS n FROM ref').get();
    expect(refs).toEqual({ n: 301 });
    expect(store.notes.of('malu')).toEqual(before);
    expect(store.log.rows({ patientId: 'walt', limit: 1 })[0]).toMatchObject({ verb: 'patient forget' });
    expect(store.log.firstBroken()).toBeUndefined();
    // Nothing speaks against one whose birth date was not known here.
    for (const birth of [null, '1961', '1961-04-03'])
      expect(erasing.wasForgotten('WALTER  Béer', birth)).toBe(true);
    expect(erasing.wasForgotten(`${marker} alias`, null)).toBe(false);
    expect(erasing.wasForgotten(`${marker}alias`, null)).toBe(true);
    expect(erasing.wasForgotten('Malu', null)).toBe(false);
  });
});

describe('the mark of a forgotten patient', () => {
  it('tells another of the same name apart by the year of birth, as far as it is known', async ({
    bench,
  }) => {
    const { store, database } = bench;
    const erasing = await store.erasing();
    store.write({ verb: 'patient add' }, () =>
      store.patients.insert(aPatient('w', { name: 'Walter Beer', birth_date: '1950-04' })),
    );
    store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('w'));
    for (const birth of [null, '1950', '1950-09-01'])
      expect(erasing.wasForgotten('walter beer', birth)).toBe(true);
    expect(erasing.wasForgotten('walter beer', '1951')).toBe(false);
    const marks = database.prepare('SELECT mark FROM forgotten').pluck().all();
    // Digests, in which a year can stand by chance.
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('moving a note', () => {
  it('takes its thread and history along and leaves nothing with the old patient', ({ bench }) => {
    const { store, database } = bench;
    addPatient(bench, 'malu');
    addPatient(bench, 'walt');
    store.write({ verb: 'note' }, () => {
      store.people.insert(aPerson('Ana', { id: 'p' }));
      store.notes.insert(aNote('one', { id: 'a', person: 'p' }));
      store.notes.insert(aNote('two', { id: 'b', replaces: 'a' }));
    });
    store.write({ verb: 'edit' }, () => store.notes.update('b', { text: 'two again' }));
    store.log.opened('brief', 'malu', { noteIds: ['a', 'b'], on });
    const { value: moved } = store.write({ verb: 'move' }, () => store.notes.move('b', 'walt'));
    expect(moved).toMatchObject({ id: 'b', patient_id: 'walt', person: null, replaces: 'a' });
    expect(store.notes.byId('a')).toMatchObject({ patient_id: 'walt', person: null });
    expect(store.notes.of('malu')).toEqual([]);
    expect(store.notes.earlier('b').map((earlier) => earlier.text)).toEqual(['two']);
    const left = "SELECT count(*) AS n FROM change WHERE patient_id = 'malu' AND record = 'note'";
    expect(database.prepare(left).get()).toEqual({ n: 0 });
    // When it was shown goes along, too.
    expect(database.prepare('SELECT DISTINCT patient_id FROM shown').all()).toEqual([{ patient_id: 'walt' }]);
    // Both patients were touched, and their log says so.
    for (const patientId of ['malu', 'walt'])
      expect(store.log.rows({ patientId, limit: 1 })[0]).toMatchObject({ verb: 'move', count: 2 });
    store.write({ verb: 'undo' }, () => store.history.undo(String(store.history.newest()?.id)));
    expect(store.notes.byId('a')).toMatchObject({ patient_id: 'malu', person: 'p' });
    expect(database.prepare(left.replace("'malu'", "'walt'")).get()).toEqual({ n: 0 });
    expect(failureOf(() => store.write({ verb: 'move' }, () => store.notes.move('b', 'malu'))).exit).toBe(
      'conflict',
    );
  });
});
