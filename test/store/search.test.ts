import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { NoteKind } from '../../src/domain/records.ts';
import { mostCounted, type SearchRequest, type SearchResult } from '../../src/store/look-ups.ts';
import type { Store } from '../../src/store/store.ts';
import { aNote, aPatient, aPromise } from '../support/records.ts';
import { day } from '../support/values.ts';
import { it, withBench } from './bench.ts';

function addNotes(store: Store, texts: readonly string[], more: object = {}): void {
  store.write({ verb: 'import' }, () => {
    if (store.patients.byId('malu') === undefined) store.patients.insert(aPatient('malu'));
    for (const text of texts) store.notes.insert(aNote(text, { ...more }));
  });
}

const search = (
  store: Store,
  words: readonly string[],
  more: Partial<SearchRequest> = {},
): Promise<SearchResult> => store.search({ words, sensitive: false, limit: 20, offset: 0, ...more });

const find = async (
  store: Store,
  words: string,
  more: Partial<SearchRequest> = {},
): Promise<readonly string[]> => (await search(store, words.split(' '), more)).hits.map((hit) => hit.text);

describe('search', () => {
  it('ignores case and accents, takes beginnings of words, and wants every word', async ({ store }) => {
    addNotes(store, [
      'Sings café songs in the CHOIR',
      'Walks to the Cafétéria',
      'Über die Straße',
      'Пела в хоре',
    ]);
    expect(await find(store, 'CAFE')).toEqual(['Walks to the Cafétéria', 'Sings café songs in the CHOIR']);
    expect(await find(store, 'cafe choir')).toEqual(['Sings café songs in the CHOIR']);
    expect(await find(store, 'chói')).toEqual(['Sings café songs in the CHOIR']);
    expect(await find(store, 'oir')).toEqual([]);
    expect(await find(store, 'uber')).toEqual(['Über die Straße']);
    expect(await find(store, 'ПЕЛА')).toEqual(['Пела в хоре']);
    expect(await find(store, "ana's")).toEqual([]);
  });

  it('finds letters as they are typed elsewhere, also after a change and where many are added at once', async ({
    store,
  }) => {
    const texts = ['Straßenlärm bei Łódź', 'Ёлка и чай', 'كَتَبَ رسالة', '開始ﾕｰｻﾞｰ認証', 'Ｔｅａ at four'];
    const found = async () =>
      Promise.all(
        ['strassenlarm lodz', 'елка', 'كتب', 'ユーザー', 'tea'].map(
          async (words) => (await find(store, words)).length,
        ),
      );
    addNotes(store, texts);
    expect(await found()).toEqual([1, 1, 1, 1, 1]);
    addNotes(
      store,
      Array.from({ length: 2500 }, (_, index) => `${texts[index % 5]} ${index}`),
    );
    expect((await search(store, ['strassenlarm'])).total).toBe(501);
    store.write({ verb: 'edit' }, () => {
      for (const { id } of store.notes.of('malu')) store.notes.update(id, { text: 'nothing', answer: 'ß' });
    });
    expect(await found()).toEqual([0, 0, 0, 0, 0]);
    expect((await search(store, ['ss'])).total).toBe(mostCounted);
  });

  it.each([
    '"',
    '""',
    'a"b',
    '*',
    'NEAR(a',
    'OR',
    'AND',
    'NOT',
    '-sings',
    'text:sings',
    '{text}:sings',
    '^sings',
    'sings)',
    "'; DROP TABLE note; --",
    'a\0b',
    '%',
    '\\',
  ])('never reads %j as a query', (word) =>
    withBench(async ({ store }) => {
      addNotes(store, ['sings or walks and not near the text']);
      const plain = /^(OR|AND|NOT)$/.test(word);
      const begins = /^[^\p{L}]*sings[^\p{L}]*$/u.test(word);
      const result = await search(store, [word]);
      expect(result.total).toBe(plain || begins ? 1 : 0);
      expect(await find(store, 'sings')).toHaveLength(1);
    }),
  );

  it('finds parts of words in scripts that put no blanks between them', async ({ store }) => {
    addNotes(store, ['王老师每天写书法', '王老师 likes tea', 'ชอบร้องเพลงในโบสถ์', '100% 書%道']);
    expect(await find(store, '书法')).toEqual(['王老师每天写书法']);
    expect(await find(store, '老师')).toEqual(['王老师 likes tea', '王老师每天写书法']);
    expect(await find(store, '老师 TEA')).toEqual(['王老师 likes tea']);
    expect(await find(store, 'ร้องเพลง')).toEqual(['ชอบร้องเพลงในโบสถ์']);
    expect(await find(store, '書_道')).toEqual([]);
    expect(await find(store, '書%道')).toEqual(['100% 書%道']);
  });

  it('never fails, whatever is typed', async ({ store }) => {
    addNotes(store, ['sings']);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), async (words) => {
        const { total, hits } = await search(store, words);
        expect(hits.length).toBe(total);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the newest entered first, by pages, with promises among them', async ({ store }) => {
    addNotes(
      store,
      Array.from({ length: 24 }, (_, index) => `dog ${index}`),
    );
    store.write({ verb: 'commit' }, () => {
      store.commitments.insert(aPromise('ask about the dog', { kind: 'ask', how: 'by phone' }));
    });
    const first = await search(store, ['dog']);
    expect(first.total).toBe(25);
    expect(first.hits.map((hit) => hit.text).slice(0, 3)).toEqual(['ask about the dog', 'dog 23', 'dog 22']);
    expect(first.hits[0]).toMatchObject({
      record: 'commitment',
      kind: 'ask',
      status: 'open',
      outcome: 'by phone',
    });
    const second = await search(store, ['dog'], { offset: 20 });
    expect(second.hits.map((hit) => hit.text)).toEqual(['dog 4', 'dog 3', 'dog 2', 'dog 1', 'dog 0']);
    expect(await find(store, 'phone')).toEqual(['ask about the dog']);
  });

  it('keeps to the patient, kinds and day that were asked for', async ({ store }) => {
    const kinds: readonly NoteKind[] = ['family', 'story'];
    addNotes(store, ['dog one'], { kind: 'family' });
    addNotes(store, ['dog two'], { recorded_on: day('2026-04-01') });
    store.write({ verb: 'x' }, () => {
      store.patients.insert(aPatient('walt'));
      store.notes.insert(aNote('dog three', { patient_id: 'walt' }));
      store.commitments.insert(aPromise('dog four', { patient_id: 'walt', kind: 'ask' }));
    });
    expect(await find(store, 'dog')).toEqual(['dog four', 'dog three', 'dog two', 'dog one']);
    expect(await find(store, 'dog', { patientId: 'walt' })).toEqual(['dog four', 'dog three']);
    expect(await find(store, 'dog', { kinds })).toEqual(['dog three', 'dog two', 'dog one']);
    expect(await find(store, 'dog', { kinds: ['family'] })).toEqual(['dog one']);
    expect(await find(store, 'dog', { since: day('2026-03-15') })).toEqual(['dog two']);
  });

  it('does not search private ones unless asked, nor counts them', async ({ store }) => {
    addNotes(store, ['dog one']);
    addNotes(store, ['dog two', 'dog three'], { sensitive: true, show_in_brief: true });
    const hidden = await search(store, ['dog']);
    expect(hidden).toEqual({ total: 1, isMore: false, hits: [expect.objectContaining({ text: 'dog one' })] });
    const shown = await search(store, ['dog'], { sensitive: true });
    expect(shown).toMatchObject({ total: 3 });
    expect(shown.hits).toHaveLength(3);
  });

  it('follows edits, answers and a large import alike', async ({ store, database }) => {
    addNotes(store, ['choir'], { id: 'n' });
    store.write({ verb: 'edit' }, () => store.notes.update('n', { text: 'orchestra', answer: 'since May' }));
    expect(await find(store, 'choir')).toEqual([]);
    expect(await find(store, 'orchestra may')).toEqual(['orchestra']);
    addNotes(
      store,
      Array.from({ length: 2100 }, (_, index) => `bulk word${index}`),
    );
    expect(await find(store, 'word2099')).toEqual(['bulk word2099']);
    expect(await find(store, 'word7 bulk', { limit: 200 })).toHaveLength(111);
    const newest = store.history.newest();
    store.write({ verb: 'undo' }, () => store.history.undo(String(newest?.id)));
    expect(await find(store, 'bulk')).toEqual([]);
    expect(await find(store, 'orchestra')).toHaveLength(1);
    database.exec("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)");
  });
});

describe('a word that many notes have', () => {
  it('is counted among the newest alone, which are shown page by page', async ({ store }) => {
    const extra = 7;
    store.write({ verb: 'import' }, () => {
      store.patients.insert(aPatient('p', { name: 'Ann Berg', handle: 'ann' }));
      for (let index = 0; index < mostCounted + extra; index += 1)
        store.notes.insert(
          aNote('sings in the choir', {
            id: `n${index}`,
            patient_id: 'p',
            recorded_on: null,
            sensitive: index === extra || index === mostCounted,
          }),
        );
    });
    const ask = (more: Partial<SearchRequest>) => search(store, ['choir'], more);
    const first = await ask({});
    expect(first).toMatchObject({ total: mostCounted, isMore: true });
    expect(first.hits[0]?.id).toBe(`n${mostCounted + extra - 1}`);
    expect(first.hits.map(({ id }) => id)).not.toContain(`n${mostCounted}`);
    // A page beyond the count counts as far as it goes.
    const last = await ask({ offset: mostCounted, limit: 20 });
    expect(last).toMatchObject({ total: mostCounted + extra - 2, isMore: false });
    expect(last.hits.map(({ id }) => id)).toEqual(['n4', 'n3', 'n2', 'n1', 'n0']);
    expect(await ask({ patientId: 'p' })).toMatchObject({ total: mostCounted + extra - 2, isMore: false });
  });
});
