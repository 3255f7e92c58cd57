import { describe, expect } from 'vitest';
import { typeDraft } from '../support/drafts.ts';
import { aContact, aNote, aPatient, aPromise } from '../support/records.ts';
import { day } from '../support/values.ts';
import { explain, it } from './bench.ts';

const growing =
  /^SCAN (?!commitment USING INDEX commitment_open|note USING INDEX note_reaching_out)(note|commitment|contact|person|patient|change|operation|log|shown|ref|patient_word)\b/;
const today = day('2026-03-12');

describe('the statements of due, brief and commit', () => {
  it('walk no table that grows with the years', ({ bench }) => {
    const { store, database } = bench;
    store.write({ verb: 'import' }, () => {
      store.patients.insert(aPatient('malu', { name: 'Malu Razo' }));
      store.notes.insert(aNote('x', { id: 'n' }));
    });
    const daily = bench.again();
    const ran = daily.statements();
    daily.store.commitments.matching({ status: ['open'], owners: ['me', 'staff'], dueUntil: today });
    daily.store.commitments.matching({ status: ['open'] });
    daily.store.commitments.matching({ status: ['open'], patientId: 'malu' });
    daily.store.contacts.on(today);
    daily.store.contacts.lastSeen(['malu']);
    daily.store.contacts.nextPlanned(['malu'], today);
    daily.store.contacts.lastHeld(['malu'], today);
    daily.store.contacts.ofEvent('uid');
    daily.store.notes.reachingOut();
    daily.store.notes.reachingOut('malu');
    daily.store.patients.all(['active'], true);
    daily.store.patients.isEmpty();
    daily.store.patients.byHandle('malu');
    daily.store.patients.withWords(['mal', 'raz']);
    daily.store.patients.byIdentifier('a', 'b');
    daily.store.find('malu');
    daily.store.briefingRecords('malu', today);
    daily.store.log.opened('brief', 'malu', { noteIds: ['n'], on: today });
    daily.store.log.opened('brief', 'malu');
    daily.store.log.lastBriefed();
    daily.store.log.rows({ patientId: 'malu', limit: 20 });
    const draft = typeDraft(daily.store, 'malu', today, { place: 'learned', text: 'x' });
    daily.store.write({ verb: 'commit' }, () => {
      daily.store.commitments.insert(aPromise('x', { id: 'c' }));
      daily.store.commitments.update('c', { status: 'kept' });
      daily.store.contacts.insert(aContact(today));
      daily.store.notes.update('n', { status: 'answered' });
      draft.discard();
    });
    const newest = String(daily.store.history.newest()?.id);
    daily.store.history.records(newest);
    daily.store.history.laterOn(newest);
    daily.store.write({ verb: 'undo' }, () => daily.store.history.undo(newest));
    daily.store.notes.earlier('n');
    daily.store.notes.thread('n');
    const texts = [...new Set(ran)].filter((text) => /^\s*(SELECT|UPDATE|DELETE|WITH|INSERT)/.test(text));
    expect(texts.length).toBeGreaterThan(30);
    const scans = texts.flatMap((text) =>
      explain(daily.database, text)
        .filter(
          (line) =>
            growing.test(line) && !/ORDER BY (log\.)?(sequence|operation\.number) DESC LIMIT/.test(text),
        )
        .map((line) => `${line}: ${text}`),
    );
    expect(scans).toEqual([]);
    // The check itself can fail: a search by a column without an index is seen.
    expect(explain(database, "SELECT * FROM note WHERE text = 'x'").some((line) => growing.test(line))).toBe(
      true,
    );
    daily.end();
  });

  it('of completion walk no table either: the newest notes from their end', async ({ bench }) => {
    const completing = await bench.store.completing();
    const ran = bench.statements();
    for (const beginning of ['', 'ma']) {
      completing.patients(beginning, 10);
      completing.promises(beginning, 10);
      completing.notes(beginning, 10);
    }
    const texts = [...new Set(ran)].filter((text) => /patient\.handle/.test(text));
    expect(texts.length).toBe(6);
    const scans = texts.flatMap((text) => explain(bench.database, text).filter((line) => growing.test(line)));
    expect(scans).toEqual(['SCAN note']);
  });

  it('of a review look up each patient by index, whatever there is of other patients and years', async ({
    bench,
  }) => {
    const ran = bench.statements();
    await bench.store.reviewRecords(today, ['story', 'avoid'], today);
    const plans = ran
      .filter((text) => /FROM json_each/.test(text))
      .map((text) => explain(bench.database, text).join('\n'));
    expect(plans).toHaveLength(7);
    for (const plan of plans) {
      expect(plan).not.toMatch(/^SCAN (?:note|commitment|newer)/m);
      expect(plan).toMatch(
        /SEARCH (?:(note|commitment) USING INDEX \1_of_patient|contact USING INDEX contact_held)/,
      );
    }
  });

  it('finds open commitments by their own small index', ({ database }) => {
    const plan = explain(
      database,
      "SELECT * FROM commitment WHERE status = 'open' AND due <= '2026' ORDER BY due IS NULL, due, number",
    );
    expect(plan.join()).toContain('commitment_open');
  });
});
