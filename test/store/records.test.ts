import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { PartialDate, TimeOfDay } from '../../src/dates/civil.ts';
import { nameLimit, newPatient, type Patient, textLimit } from '../../src/domain/records.ts';
import type { Failure } from '../../src/errors.ts';
import type { StoreNeeds } from '../../src/store/sql.ts';
import { draftTexts, typeDraft } from '../support/drafts.ts';
import { aContact, aNote, aPatient, aPerson, aPromise } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';
import { it } from './bench.ts';
import { openBench } from './vault.ts';

const malu: Omit<Patient, 'ref'> = {
  id: 'malu',
  name: 'María Luisa Razo',
  handle: 'malu',
  goes_by: 'Malu',
  say: 'ma-LOO',
  pronouns: 'she/her',
  language: 'Spanish for numbers',
  aliases: ['Lu', 'Marilú'],
  birth_date: '1961-04' as PartialDate,
  first_met: day('2020-02-11'),
  new: true,
  quiet: true,
  former_names: ['María Luisa Prado'],
  unconfirmed: ['language'],
  declined: ['pronouns'],
  status: 'died',
  died_on: '2026' as PartialDate,
  cadence_days: 90,
  identifiers: [
    { system: 'urn:b', value: '2' },
    { system: 'urn:a', value: '1' },
  ],
  hold: true,
};

describe('records', () => {
  it('are refused with a text that is longer than its field may be, in a list too', ({ bench }) => {
    const { store } = bench;
    const told = (work: () => unknown): string =>
      failureOf(() => store.write({ verb: 'import' }, work)).message;
    store.write({ verb: 'import' }, () => store.patients.insert(malu));
    const long = 'x'.repeat(nameLimit + 1);
    expect(told(() => store.patients.update('malu', { goes_by: long }))).toBe(
      'the goes by has 201 characters; the limit is 200',
    );
    expect(told(() => store.patients.update('malu', { aliases: [long] }))).toMatch(/^the aliases has/);
    const attempts = [{ on: day('2026-03-01'), note: 'x'.repeat(textLimit + 1) }];
    expect(told(() => store.commitments.insert({ ...aPromise('call'), attempts }))).toMatch(/^the note has/);
    expect(store.commitments.of('malu')).toEqual([]);
  });

  it('come back as they went in, every field, from another handle', ({ bench }) => {
    const { store } = bench;
    const { value: added } = store.write({ verb: 'import' }, () => {
      const patient = store.patients.insert(malu);
      const person = store.people.insert({
        id: 'ana',
        patient_id: 'malu',
        name: 'Ana',
        relation: 'daughter',
        birth_date: '1990-05-06' as PartialDate,
        status: 'died',
        died_on: '2025-01' as PartialDate,
        apart_since: '2024' as PartialDate,
        patient: 'malu',
      });
      const first = store.notes.insert(aNote('first', { kind: 'concern', recorded_on: '2025-12-01' }));
      const note = store.notes.insert({
        id: 'n1',
        patient_id: 'malu',
        kind: 'question',
        text: 'Can I fly?\u001b[31m\n"quoted" \u0000 ünï 漢字',
        recorded_on: day('2025-12-09'),
        said_on: day('2025-12-08'),
        confirmed_on: day('2026-01-02'),
        person: 'ana',
        date: '--06-14' as PartialDate,
        yearly: true,
        tone: 'hard',
        reach_out: true,
        sensitive: true,
        show_in_brief: true,
        pinned: true,
        status: 'answered',
        answered_on: day('2026-01-03'),
        answer: 'Yes, short ones',
        replaces: first.id,
        unread: 'after Easter',
        source: 'imported',
      });
      const commitment = store.commitments.insert({
        patient_id: 'malu',
        text: 'Recipe sheet',
        owner: 'staff',
        kind: 'send',
        for_person: 'ana',
        sensitive: true,
        every: '2 weeks',
        unread: 'next ramadan',
        undated: true,
        made_on: day('2025-12-09'),
        due: day('2025-12-16'),
        status: 'dropped',
        closed_on: day('2026-01-05'),
        how: 'by post',
        who: 'me',
        reason: 'moved away',
        told_on: day('2026-01-06'),
        snoozes: [{ on: day('2025-12-15'), from: day('2025-12-16'), to: day('2026-01-16'), reason: null }],
        attempts: [{ on: day('2025-12-17'), note: 'no answer' }],
      });
      const contact = store.contacts.insert({
        patient_id: 'malu',
        on: day('2025-12-09'),
        at: '10:20' as TimeOfDay,
        time_zone: 'Europe/Madrid',
        channel: 'home',
        direction: 'out',
        state: 'held',
        gist: 'talked of Ana',
        sensitive: true,
        uid: 'u@x',
        sequence: 3,
        source: 'imported',
      });
      return { patient, person, first, note, commitment, contact };
    });
    const other = bench.again();
    try {
      expect(other.store.patients.byId('malu')).toEqual(added.patient);
      expect(added.patient).toMatchObject(malu);
      expect(other.store.people.byId('ana')).toEqual(added.person);
      expect(other.store.notes.byId('n1')).toEqual(added.note);
      expect(added.note.text).toBe('Can I fly?\u001b[31m\n"quoted" \u0000 ünï 漢字');
      expect(other.store.commitments.byId(added.commitment.id)).toEqual(added.commitment);
      expect(added.commitment.snoozes).toEqual([
        { on: '2025-12-15', from: '2025-12-16', to: '2026-01-16', reason: null },
      ]);
      expect(other.store.contacts.byId(added.contact.id)).toEqual(added.contact);
      expect(other.store.notes.thread('n1').map((note) => note.id)).toEqual([added.first.id, 'n1']);
    } finally {
      other.end();
    }
  });

  it('take any text unchanged', ({ store }) => {
    store.write({ verb: 'patient add' }, () => store.patients.insert(malu));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // A lone surrogate has no UTF-8; the capture language never lets one through.
        fc.pre(!/\p{Surrogate}/u.test(text));
        const { value } = store.write({ verb: 'note' }, () => store.notes.insert(aNote(text)));
        expect(store.notes.byId(value.id)?.text).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('each have a ref of their own, found in any case, and keep it through a clash', ({ bench }) => {
    const drawn = ['aaaaa', 'aaaaa', 'aaaaa', 'bbbbb', 'bbbbb', 'ccccc'];
    const { store } = openBench(bench.path, { newRef: () => drawn.shift() ?? 'zzzzz' });
    const { value: refs } = store.write({ verb: 'import' }, () => [
      store.patients.insert(malu).ref,
      store.people.insert(aPerson('Ana')).ref,
      store.notes.insert(aNote('x')).ref,
    ]);
    expect(refs).toEqual(['aaaaa', 'bbbbb', 'ccccc']);
    expect(store.find('AAAAA')).toEqual([{ table: 'patient', id: 'malu' }]);
    expect(store.find('ccccc')).toMatchObject([{ table: 'note' }]);
    const [note] = store.find('ccccc');
    expect(store.find(String(note?.id).toLowerCase())).toEqual([note]);
    expect(store.find('malu')).toEqual([{ table: 'patient', id: 'malu' }]);
    expect(store.find('nosuch')).toEqual([]);
  });

  it('are never changed outside of write, and not at all when the work throws', ({ store }) => {
    expect(() => store.patients.insert(malu)).toThrow('only inside write');
    expect(() => store.calendar.merge({ weekend: [5] })).toThrow('only inside write');
    const boom = new Error('boom');
    expect(() =>
      store.write({ verb: 'import' }, () => {
        store.patients.insert(malu);
        throw boom;
      }),
    ).toThrow(boom);
    expect(store.patients.all()).toEqual([]);
    expect(store.patients.byHandle('malu')).toBeUndefined();
    expect(store.log.rows({ limit: 9 })).toEqual([]);
    expect(store.history.list(9)).toEqual([]);
    const { operation } = store.write({ verb: 'patient add' }, () => store.patients.insert(malu));
    expect(operation).toBeDefined();
    // Changing nothing is no operation.
    expect(
      store.write({ verb: 'patient set' }, () => store.patients.update('malu', { say: 'ma-LOO' })).operation,
    ).toBeUndefined();
    expect(store.log.rows({ limit: 9 })).toHaveLength(1);
  });

  it('stay as they were when the disk is full or the file may not be written', ({ bench }) => {
    const { store, database } = bench;
    store.write({ verb: 'patient add' }, () => store.patients.insert(malu));
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 2}`);
    const fill = (): unknown =>
      store.write({ verb: 'import' }, () => {
        for (let index = 0; index < 50; index += 1) store.notes.insert(aNote('long '.repeat(900)));
      });
    expect(failureOf(fill)).toMatchObject({
      exit: 'failed',
      message: 'the disk is full; nothing was changed',
    });
    expect(store.notes.of('malu')).toEqual([]);
    expect(store.log.rows({ limit: 9 })).toHaveLength(1);
    const reader = bench.again({ readonly: true });
    const rename = (): unknown =>
      reader.store.write({ verb: 'patient set' }, () => reader.store.patients.update('malu', { name: 'M' }));
    expect(failureOf(rename)).toMatchObject({ exit: 'failed' });
    expect(reader.store.patients.byId('malu')?.name).toBe(malu.name);
    reader.end();
  });

  it('refuse a taken handle, a taken id and a link to another patient', ({ store }) => {
    store.write({ verb: 'patient add' }, () => {
      store.patients.insert(malu);
      store.patients.insert(aPatient('walt', { name: 'Walter Beer' }));
      store.people.insert(aPerson('June', { id: 'june', patient_id: 'walt' }));
    });
    const adding = (work: () => unknown): Failure => failureOf(() => store.write({ verb: 'x' }, work));
    expect(adding(() => store.patients.insert(newPatient({ name: 'X', handle: 'MÁLU' }))).exit).toBe(
      'conflict',
    );
    expect(adding(() => store.patients.insert({ ...malu, handle: 'other' })).exit).toBe('conflict');
    expect(adding(() => store.notes.insert(aNote('x', { kind: 'family', person: 'june' }))).exit).toBe(
      'conflict',
    );
    expect(adding(() => store.notes.update('nosuch', { text: 'x' })).exit).toBe('not-found');
    expect(store.patients.all().map((patient) => patient.handle)).toEqual(['malu', 'walt']);
  });
});

describe('look-ups', () => {
  it('find patients by handle, folded words and identifier, also after a change', ({ store }) => {
    store.write({ verb: 'patient add' }, () => {
      store.patients.insert({ ...malu, status: 'active' });
      store.patients.insert(aPatient('w', { name: 'Walter Beer', handle: 'walt', status: 'archived' }));
    });
    const found = (...words: string[]): readonly string[] =>
      store.patients.withWords(words).map((patient) => patient.handle);
    expect(found('mar', 'raz')).toEqual(['malu']);
    expect(found('marilu')).toEqual(['malu']);
    expect(found('ma', 'be')).toEqual([]);
    expect(found('w')).toEqual(['walt']);
    expect(found()).toEqual([]);
    expect(found('%')).toEqual([]);
    expect(store.patients.byHandle('MALÚ')?.id).toBe('malu');
    expect(store.patients.byIdentifier('urn:a', '1')?.id).toBe('malu');
    expect(store.patients.byIdentifier('urn:a', '2')).toBeUndefined();
    expect(store.patients.all(['archived']).map((patient) => patient.id)).toEqual(['w']);
    store.write({ verb: 'patient set' }, () =>
      store.patients.update('malu', { handle: 'luisa', aliases: [], identifiers: [], goes_by: null }),
    );
    expect(found('marilu')).toEqual([]);
    expect(store.patients.byHandle('malu')).toBeUndefined();
    expect(store.patients.byIdentifier('urn:a', '1')).toBeUndefined();
    expect(found('luisa')).toEqual(['luisa']);
  });

  it('filter notes, commitments and contacts', ({ store }) => {
    const note = (id: string, recorded_on: string, more: object = {}): void => {
      store.notes.insert(aNote(id, { id, recorded_on: day(recorded_on), ...more }));
    };
    const promise = (id: string, due: string | null, more: object = {}): void => {
      store.commitments.insert(aPromise(id, { id, due: due === null ? null : day(due), ...more }));
    };
    const contact = (id: string, on: string, more: object = {}): void => {
      store.contacts.insert(aContact(day(on), { id, ...more }));
    };
    store.write({ verb: 'import' }, () => {
      store.patients.insert(malu);
      store.patients.insert(aPatient('walt'));
      note('b', '2026-01-02');
      note('a', '2026-01-02');
      note('old', '2025-01-01', { kind: 'family', status: 'retired' });
      promise('late', '2025-12-01');
      promise('today', '2026-03-12', { owner: 'staff' });
      promise('undated', null);
      promise('kept', '2025-12-01', { status: 'kept', closed_on: day('2025-12-02') });
      contact('v1', '2025-12-09');
      contact('call', '2026-01-09', { channel: 'call' });
      contact('missed', '2026-02-09', { state: 'missed' });
      contact('p2', '2026-03-12', { state: 'planned', at: '10:20' });
      contact('p1', '2026-03-12', { state: 'planned', at: '09:00', patient_id: 'walt' });
      contact('p3', '2026-03-12', { state: 'planned' });
    });
    expect(store.notes.of('malu').map((one) => one.id)).toEqual(['b', 'a', 'old']);
    expect(store.notes.of('malu', { status: ['retired'], kinds: ['family'] }).map((one) => one.id)).toEqual([
      'old',
    ]);
    expect(store.notes.of('malu', { since: day('2026-01-02') })).toHaveLength(2);
    const open = store.commitments.matching({ status: ['open'] }).map((one) => one.id);
    expect(open).toEqual(['late', 'today', 'undated']);
    const due = store.commitments.matching({
      status: ['open', 'kept'],
      owners: ['me'],
      dueUntil: day('2026-03-12'),
      patientId: 'malu',
    });
    expect(due.map((one) => one.id)).toEqual(['late', 'kept']);
    expect(store.contacts.on(day('2026-03-12')).map((one) => one.id)).toEqual(['p1', 'p2', 'p3']);
    expect(store.contacts.of('malu').at(-1)?.id).toBe('v1');
    expect([...store.contacts.lastSeen(['malu', 'walt', 'nosuch'])]).toEqual([['malu', '2025-12-09']]);
    const planned = store.contacts.nextPlanned(['walt', 'malu'], day('2026-03-01'));
    expect(planned.get('malu')?.id).toBe('p2');
    expect(planned.get('walt')?.id).toBe('p1');
    expect(store.contacts.nextPlanned(['walt'], day('2026-03-13')).size).toBe(0);
  });
});

describe('drafts', () => {
  const text = (words: string) => ({ place: 'learn', text: words });

  it('keep each line at once, outlive the handle, and go with the saving', ({ bench }) => {
    const { store } = bench;
    store.write({ verb: 'patient add' }, () => store.patients.insert(malu));
    const draft = typeDraft(store, 'malu', day('2026-03-12'), { place: 'promise', text: 'call her' });
    draft.append(text('sings'));
    const other = bench.again();
    const found = {
      id: draft.id,
      patient_id: 'malu',
      task: 'commit',
      record: null,
      on: '2026-03-12',
      options: null,
      isOpen: false,
      lines: [{ place: 'promise', text: 'call her' }, text('sings')],
    };
    expect(other.store.drafts.of('malu')).toEqual([found]);
    other.end();
    expect(() =>
      store.write({ verb: 'commit' }, () => {
        draft.discard();
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(draft.isKept).toBe(true);
    draft.append(text('rides'));
    expect(store.drafts.all()).toEqual([{ ...found, lines: [...found.lines, text('rides')] }]);
    draft.discard();
    expect(store.drafts.all()).toEqual([]);
    expect(draft.isKept).toBe(false);
    draft.replace([text('back again')]);
    expect(store.drafts.of('malu')).toEqual([{ ...found, lines: [text('back again')] }]);
  });

  it('belong to one run: another leaves a living one to it, and takes over what a dead one left', ({
    bench,
  }) => {
    const living = new Set(['first', 'second']);
    const runOf = (id: string): StoreNeeds['run'] => ({
      id: () => id,
      isAnother: (other) => other !== id && living.has(other),
    });
    const [first, second] = [bench.again({ run: runOf('first') }), bench.again({ run: runOf('second') })];
    bench.store.write({ verb: 'patient add' }, () => bench.store.patients.insert(malu));
    const one = typeDraft(first.store, 'malu', day('2026-03-12'), text('of the first'));
    const two = typeDraft(second.store, 'malu', day('2026-03-12'), text('of the second'));
    expect(second.store.drafts.of('malu').map(({ isOpen }) => isOpen)).toEqual([true, false]);
    expect(second.store.drafts.goOn(one.id)).toBeUndefined();
    two.replace([text('again')]);
    two.discard();
    expect(draftTexts(second.store, 'malu')).toEqual(['of the first']);
    living.delete('first');
    const taken = second.store.drafts.goOn(one.id);
    taken?.append(text('and on'));
    expect(draftTexts(second.store, 'malu')).toEqual(['of the first', 'and on']);
    // It was not dead after all: what it types now is nowhere, and it is told.
    expect(failureOf(() => one.append(text('late'))).exit).toBe('conflict');
    first.end();
    second.end();
  });

  it('are not written of somebody who was forgotten meanwhile', async ({ bench }) => {
    const { store } = bench;
    store.write({ verb: 'patient add' }, () => store.patients.insert({ ...malu, hold: false }));
    const begun = typeDraft(store, 'malu', day('2026-03-12'), text('before'));
    const later = typeDraft(store, 'malu', day('2026-03-12'));
    const other = bench.again();
    const erasing = await other.store.erasing();
    other.store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('malu'));
    for (const draft of [begun, later])
      expect(failureOf(() => draft.append(text('after'))).exit).toBe('conflict');
    expect(store.drafts.all()).toEqual([]);
  });
});
