import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveVisit } from '../../src/commands/visit-records.ts';
import type { Commitment, Contact, Note, Person } from '../../src/domain/records.ts';
import { day } from '../dates/support.ts';
import { draftTexts, typeDraft } from '../support/drafts.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
});
afterEach(() => place.remove());

interface Held {
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
  readonly people: readonly Person[];
  readonly draft: readonly string[] | undefined;
}

/** All of a patient's records, oldest first, and the lines of the draft. */
const recordsOf = (id: string): Promise<Held> =>
  withStore(place, (store) => {
    const byId = <R extends { readonly id: string }>(records: readonly R[]): readonly R[] =>
      records.toSorted((left, right) => (left.id < right.id ? -1 : 1));
    return {
      notes: byId(store.notes.of(id)),
      commitments: byId(store.commitments.of(id)),
      contacts: byId(store.contacts.of(id)),
      people: byId(store.people.of(id)),
      draft: draftTexts(store, id),
    };
  });

const malu = () =>
  addPatient(place, 'María Luisa Razo', 'malu', {
    people: [{ name: 'Ana', relation: 'daughter' }],
    commitments: [
      { text: 'Low-salt recipe sheet', due: day('2025-12-16') },
      { text: 'Bring the food diary', owner: 'patient', due: day('2026-03-01') },
    ],
    notes: [
      { kind: 'question', text: 'Can I fly with this?' },
      { kind: 'next', text: 'How the operation went' },
      { kind: 'concern', text: 'The stairs', sensitive: true },
    ],
    contacts: [{ on: day('2025-12-09') }, { on: day('2026-03-12'), at: '10:20' as never, state: 'planned' }],
  });

describe('the flow', () => {
  it('asks what is done, promised, learned and next, shows it, and saves it in one operation', async () => {
    await malu();
    const result = await place.run(['commit', 'malu'], {
      answers: [
        ['Visit on', ''],
        ['Done or answered?', '1 3; 4 well, she is home'],
        ['What did you promise', 'call with the echo result by fri'],
        ['What did you promise', 'staff: send the form in 3 business days'],
        ['What did you promise', ''],
        ['What did you learn?', "@21 mar Ana's wedding"],
        ['What did you learn?', 'sings in the choir'],
        ['What did you learn?', ''],
        ['Ask next time?', 'how the wedding was'],
        ['Enter saves', '7 interest'],
        ['Enter saves', '4 due tomorrow'],
        ['Enter saves', '5 drop'],
        ['Enter saves', ''],
        ['Saved', ''],
      ],
    });
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(result.asked.join('\n')).toMatchInlineSnapshot(`
      "? Visit on →
      : OPEN
      :  1  promise   Low-salt recipe sheet   due 16 Dec, 86 days late
      :  2  patient   Bring the food diary    due Sun 1 Mar
      :  3  question  Can I fly with this?    9 Dec
      :  4  next      How the operation went  9 Dec
      :  +1 private
      ? Done or answered? (at once: '1 3; 2 and how it went') → 1 3; 4 well, she is home
      :    kept  Low-salt recipe sheet
      :    answered  Can I fly with this?
      :    answered  How the operation went  well, she is home
      ? What did you promise, by when? → call with the echo result by fri
      :    promise  call with the echo result  Fri 13 Mar, 1 business day
      ? What did you promise, by when? → staff: send the form in 3 business days
      :    staff  send the form  Tue 17 Mar, 3 business days
      ? What did you promise, by when? →
      ? What did you learn? → @21 mar Ana's wedding
      :    milestone  Ana's wedding  Sat 21 Mar
      ? What did you learn? → sings in the choir
      :    story  sings in the choir
      ? What did you learn? →
      ? Ask next time? → how the wedding was
      :    next  how the wedding was
      :
      : María Luisa Razo, Thu 12 Mar 2026, visit
      :  1  kept       Low-salt recipe sheet
      :  2  answered   Can I fly with this?
      :  3  answered   How the operation went     well, she is home
      :  4  promise    call with the echo result  Fri 13 Mar, 1 business day
      :  5  staff      send the form              Tue 17 Mar, 3 business days
      :  6  milestone  Ana's wedding              Sat 21 Mar
      :  7  story      sings in the choir
      :  8  next       how the wedding was
      ? Enter saves. Change with '3 family', '3 due fri', '3 drop' → 7 interest
      :
      : María Luisa Razo, Thu 12 Mar 2026, visit
      :  1  kept       Low-salt recipe sheet
      :  2  answered   Can I fly with this?
      :  3  answered   How the operation went     well, she is home
      :  4  promise    call with the echo result  Fri 13 Mar, 1 business day
      :  5  staff      send the form              Tue 17 Mar, 3 business days
      :  6  milestone  Ana's wedding              Sat 21 Mar
      :  7  interest   sings in the choir
      :  8  next       how the wedding was
      ? Enter saves. Change with '3 family', '3 due fri', '3 drop' → 4 due tomorrow
      :
      : María Luisa Razo, Thu 12 Mar 2026, visit
      :  1  kept       Low-salt recipe sheet
      :  2  answered   Can I fly with this?
      :  3  answered   How the operation went     well, she is home
      :  4  promise    call with the echo result  Fri 13 Mar, 1 business day
      :  5  staff      send the form              Tue 17 Mar, 3 business days
      :  6  milestone  Ana's wedding              Sat 21 Mar
      :  7  interest   sings in the choir
      :  8  next       how the wedding was
      ? Enter saves. Change with '3 family', '3 due fri', '3 drop' → 5 drop
      :
      : María Luisa Razo, Thu 12 Mar 2026, visit
      :  1  kept       Low-salt recipe sheet
      :  2  answered   Can I fly with this?
      :  3  answered   How the operation went     well, she is home
      :  4  promise    call with the echo result  Fri 13 Mar, 1 business day
      :  5  milestone  Ana's wedding              Sat 21 Mar
      :  6  interest   sings in the choir
      :  7  next       how the wedding was
      ? Enter saves. Change with '3 family', '3 due fri', '3 drop' →
      ? Saved. Enter ends, u takes it back →"
    `);
    expect(result.stdout).toMatchInlineSnapshot(`
      "María Luisa Razo, Thu 12 Mar 2026: visit recorded
       1ht38  kept       Low-salt recipe sheet
       gtpxe  answered   Can I fly with this?
       hb7fk  answered   How the operation went     well, she is home
       dxa5s  promise    call with the echo result  Fri 13 Mar, 1 business day
       zafbp  milestone  Ana's wedding              Sat 21 Mar
       dxnqg  interest   sings in the choir
       8vgje  next       how the wedding was
      "
    `);
    const { notes, commitments, contacts, draft } = await recordsOf('malu');
    expect(draft).toBeUndefined();
    expect(contacts.map(({ on, state }) => [on, state])).toEqual([
      ['2025-12-09', 'held'],
      ['2026-03-12', 'held'],
    ]);
    expect(
      commitments.map(({ text, owner, kind, due, status, closed_on }) => ({
        text,
        owner,
        kind,
        due,
        status,
        closed_on,
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "closed_on": null,
          "due": "2026-03-13",
          "kind": "call",
          "owner": "me",
          "status": "open",
          "text": "call with the echo result",
        },
        {
          "closed_on": "2026-03-12",
          "due": "2025-12-16",
          "kind": "other",
          "owner": "me",
          "status": "kept",
          "text": "Low-salt recipe sheet",
        },
        {
          "closed_on": null,
          "due": "2026-03-01",
          "kind": "other",
          "owner": "patient",
          "status": "open",
          "text": "Bring the food diary",
        },
      ]
    `);
    expect(
      notes.map(({ kind, text, date, status, answer, tone, recorded_on }) => ({
        kind,
        text,
        date,
        status,
        answer,
        tone,
        recorded_on,
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "answer": null,
          "date": "2026-03-21",
          "kind": "milestone",
          "recorded_on": "2026-03-12",
          "status": "current",
          "text": "Ana's wedding",
          "tone": "joyful",
        },
        {
          "answer": null,
          "date": null,
          "kind": "interest",
          "recorded_on": "2026-03-12",
          "status": "current",
          "text": "sings in the choir",
          "tone": "joyful",
        },
        {
          "answer": null,
          "date": null,
          "kind": "next",
          "recorded_on": "2026-03-12",
          "status": "current",
          "text": "how the wedding was",
          "tone": "neutral",
        },
        {
          "answer": null,
          "date": null,
          "kind": "question",
          "recorded_on": "2025-12-09",
          "status": "answered",
          "text": "Can I fly with this?",
          "tone": "neutral",
        },
        {
          "answer": "well, she is home",
          "date": null,
          "kind": "next",
          "recorded_on": "2025-12-09",
          "status": "answered",
          "text": "How the operation went",
          "tone": "neutral",
        },
        {
          "answer": null,
          "date": null,
          "kind": "concern",
          "recorded_on": "2025-12-09",
          "status": "current",
          "text": "The stairs",
          "tone": "neutral",
        },
      ]
    `);
  });
});

describe('the draft', () => {
  it('holds every entered line after Ctrl-C, and the next commit goes on with it', async () => {
    await malu();
    const left = await place.run(['commit', 'malu'], {
      answers: [
        ['Visit on', ''],
        ['Done', '1'],
        ['promise', 'call her sister by fri'],
        ['promise', '^C'],
      ],
    });
    expect(left.code).toBe(130);
    expect(left.stderr).toBe(
      'rapport: not saved yet; what you typed is kept as a draft\nhint: rapport commit malu goes on with it\n',
    );
    const between = await recordsOf('malu');
    expect(between.draft).toHaveLength(2);
    expect(between.commitments.every(({ status }) => status === 'open')).toBe(true);
    // Relative dates still count from the day of the visit.
    place.at('2026-03-16T09:00:00Z');
    const again = await place.run(['commit', 'malu'], {
      answers: [
        ['A write-up of 12 Mar is not saved yet (2 lines)', 'go on'],
        ['Done', ''],
        ['promise', ''],
        ['learn', 'has a new dog'],
        ['learn', ''],
        ['next', ''],
        ['Enter saves', ''],
        ['Saved', ''],
      ],
    });
    expect(again.code).toBe(0);
    expect(again.asked).toContain(':  2  promise  call her sister        Fri 13 Mar, 1 business day');
    const { commitments, notes, contacts, draft } = await recordsOf('malu');
    expect(draft).toBeUndefined();
    expect(commitments.find(({ text }) => text === 'call her sister')).toMatchObject({
      due: '2026-03-13',
      made_on: '2026-03-12',
    });
    expect(commitments.find(({ id }) => id === 'malu-c1')).toMatchObject({
      status: 'kept',
      closed_on: '2026-03-12',
    });
    expect(notes.find(({ text }) => text === 'has a new dog')).toMatchObject({
      recorded_on: '2026-03-16',
      said_on: '2026-03-12',
    });
    expect(contacts.find(({ on }) => on === '2026-03-12')?.state).toBe('held');
  });

  it('can be thrown away', async () => {
    await malu();
    await place.run(['commit', 'malu'], {
      answers: ['', '', ['promise', 'call her by fri'], ['promise', '^C']],
    });
    await place.run(['commit', 'malu'], { answers: [['not saved yet (1 line)', 'throw it away'], '^C'] });
    expect((await recordsOf('malu')).draft).toBeUndefined();
  });

  it('is left alone by lines that come without questions, which say that it waits', async () => {
    await malu();
    await place.run(['commit', 'malu'], {
      answers: ['', '', ['promise', 'call her by fri'], ['promise', '^C']],
    });
    const { stderr } = await place.run(['commit', 'malu', '--stdin'], { stdin: '? can I fly\n' });
    expect(stderr).toBe('something of this patient is not saved yet: rapport commit malu\n');
    expect((await recordsOf('malu')).draft).toEqual(['call her by fri']);
  });

  it('asks again for a line that can no longer be read, and leaves out what is no longer open', async () => {
    await malu();
    await withStore(place, (store) => {
      const ref = store.commitments.byId('malu-c1')?.ref ?? '';
      typeDraft(
        store,
        'malu',
        day('2026-03-12'),
        { place: 'done', text: ref },
        { place: 'learn', text: '! call by 31 feb' },
      );
      store.write({ verb: 'done' }, () => store.commitments.update('malu-c1', { status: 'kept' }));
    });
    const result = await place.run(['commit', 'malu'], {
      answers: [
        ['A write-up', 'go on'],
        ['could not be read', '! call by fri'],
        ['Done', ''],
        ['promise', ''],
        ['learn', ''],
        ['next', ''],
        ['Enter saves', ''],
        ['Saved', ''],
      ],
    });
    expect(result.asked).toContain(':  1  -        no longer open');
    const { commitments } = await recordsOf('malu');
    expect(commitments.find(({ text }) => text === 'call')).toMatchObject({ due: '2026-03-13' });
    expect(commitments.find(({ id }) => id === 'malu-c1')).toMatchObject({ status: 'kept', closed_on: null });
  });

  it('never overwrites what another command did while the questions stood', async () => {
    await malu();
    const { asked } = await place.run(['commit', 'malu'], {
      answers: ['', ['Done', '3'], '', '', '', ['Enter saves', '^C']],
    });
    expect(asked.length).toBeGreaterThan(0);
    await withStore(place, (store) =>
      store.write({ verb: 'answer' }, () =>
        store.notes.update('malu-n1', { status: 'answered', answer: 'yes, said the nurse' }),
      ),
    );
    await place.run(['commit', 'malu'], { answers: [['A write-up', 'go on'], '', '', '', '', '', ''] });
    expect((await recordsOf('malu')).notes.find(({ id }) => id === 'malu-n1')).toMatchObject({
      answer: 'yes, said the nurse',
    });
  });
});

describe('changes at the summary', () => {
  const change = (text: string) => ['Enter saves', text] as const;

  it('say what they cannot do, and change the rest', async () => {
    await malu();
    const { asked } = await place.run(['commit', 'malu'], {
      answers: [
        '',
        ['Done', '9'],
        ['Done', 'the sheet'],
        ['Done', '1 2 with words'],
        ['Done', '1; 1 again'],
        ['Done', '1'],
        ['promise', 'call by fri'],
        ['promise', ''],
        ['learn', '@21 mar wedding'],
        ['learn', ''],
        ['next', ''],
        change('what?'),
        change('7 family'),
        change('1 family'),
        change('2 stroy'),
        change('2 due 31 feb'),
        change('3 family tree'),
        change('2 due friday next week'),
        ['Is that Fri 20 Mar 2026?', 'yes'],
        change('2 staff'),
        change('3 date 22 mar'),
        change('1 drop'),
        ['Enter saves', ''],
        ['Saved', ''],
      ],
    });
    const refused = asked.filter((line) =>
      /^[✗:] (?:there|a number|words|\d+ is|that|only|'|hint)/u.test(line),
    );
    expect(refused).toEqual([
      '✗ there is no 9 in the list',
      "✗ a number from the list is needed; write '1 3', '2 and how it went', or '1 3; 2 and how it went'",
      "✗ words go with one number; write '1 3', '2 and how it went', or '1 3; 2 and how it went'",
      '✗ 1 is marked already',
      ': that changes nothing',
      ": hint: '3 family' changes its kind, '3 due fri' its date, '3 drop' takes it out",
      ': there is no line 7',
      ': only what was typed now can be changed',
      ': hint: 1 drop',
      ": 'stroy' is not a kind",
      ": hint: did you mean 'story'?",
      ": '31 feb' is not a date",
      ': hint: dates read like: fri, 2 apr, 2 apr 2027, 2026-04-02, in 2 weeks, end of month',
      ': that changes nothing',
      ": hint: '3 family' changes its kind, '3 due fri' its date, '3 drop' takes it out",
    ]);
    const { commitments, notes } = await recordsOf('malu');
    expect(commitments.find(({ text }) => text === 'call')).toMatchObject({
      owner: 'staff',
      due: '2026-03-20',
    });
    expect(commitments.find(({ id }) => id === 'malu-c1')?.status).toBe('open');
    expect(notes.find(({ text }) => text === 'wedding')).toMatchObject({ date: '2026-03-22' });
  });

  it('read a line anew as another kind, its date included', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    await place.run(['commit', 'ned'], {
      answers: [
        '',
        ['promise', 'call by fri'],
        ['promise', ''],
        ['learn', 'send a card by 2 apr'],
        ['learn', '2 grandsons'],
        ['learn', ''],
        ['next', ''],
        change('1 concern'),
        change('2 promise'),
        change('3 milestone'),
        change('3 family'),
        change('2 due none'),
        change('3 due fri'),
        ['Enter saves', ''],
        ['Saved', ''],
      ],
    });
    const { commitments, notes } = await recordsOf('ned');
    expect(commitments.map(({ text, due, kind }) => [text, due, kind])).toEqual([
      ['send a card', null, 'send'],
    ]);
    expect(notes.map(({ kind, text }) => [kind, text]).sort()).toEqual([
      ['concern', 'call by fri'],
      ['family', '2 grandsons'],
    ]);
  });
});

it('a write-up made of stale records leaves alone what was closed meanwhile', async () => {
  await malu();
  await withStore(place, (store) => {
    const patient = store.patients.byId('malu');
    const record = store.commitments.byId('malu-c1');
    if (patient === undefined || record === undefined) throw new Error('the seed is missing');
    store.write({ verb: 'drop' }, () => store.commitments.update(record.id, { status: 'dropped' }));
    const today = day('2026-03-12');
    const visit = { patient, on: today, today, now: '12:00' as never, channel: undefined };
    const item = { type: 'commitment', record } as const;
    const saved = saveVisit(store, visit, [{ type: 'done', item, words: null }], undefined);
    expect(saved.kept).toEqual([]);
    expect(store.commitments.byId(record.id)?.status).toBe('dropped');
  });
});

/** Answers to a flow without open items in which nothing is typed but at the places named. */
const flow = (more: {
  readonly learn?: readonly string[];
  readonly rest?: readonly (readonly [string, string])[];
}) => [
  ['Visit on', ''] as const,
  ['promise', ''] as const,
  ...(more.learn ?? []).map((line) => ['learn', line] as const),
  ['learn', ''] as const,
  ['next', ''] as const,
  ...(more.rest ?? []),
  ['Enter saves', ''] as const,
];

describe('after saving', () => {
  it('takes everything back with u, and keeps the lines as a draft', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    const { stderr } = await place.run(['commit', 'ned'], {
      answers: [...flow({ learn: ['works nights'] }), ['Saved', 'u']],
    });
    expect(stderr).toBe('taken back; your lines are kept as a draft, not saved yet\n');
    expect(await recordsOf('ned')).toMatchObject({ notes: [], contacts: [], draft: ['works nights'] });
  });

  it('counts what it would give, not the changes of the summary', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    await place.run(['commit', 'ned'], {
      answers: [
        '',
        ['promise', 'call by fri'],
        ['promise', ''],
        ['learn', 'works nights'],
        ['learn', 'has a new dog'],
        ['learn', ''],
        ['next', ''],
        ['Enter saves', '2 family'],
        ['Enter saves', '1 due thu'],
        ['Enter saves', '3 drop'],
        ['Enter saves', '^C'],
      ],
    });
    const { code } = await place.run(['commit', 'ned'], {
      answers: [['is not saved yet (2 lines)', 'throw'], '^C'],
    });
    expect(code).toBe(130);
  });

  it('offers no second time what a redo saved again, and keeps what was typed since', async () => {
    await malu();
    const answers = [
      '',
      ['Done', '1; 4 well, she is home'],
      ['promise', 'call by fri'],
      ['promise', ''],
      ['learn', 'works nights'],
      ['learn', ''],
      ['next', ''],
      ['Enter saves', '4 family'],
      ['Enter saves', ''],
      ['Saved', 'u'],
    ] as const;
    await place.run(['commit', 'malu'], { answers });
    expect((await recordsOf('malu')).draft).toHaveLength(5);
    await place.run(['undo', '--redo']);
    expect((await recordsOf('malu')).draft).toBeUndefined();
    await place.run(['undo']);
    await withStore(place, (store) => {
      const lines = ['works nights', 'has a dog'].map((text) => ({ place: 'learn', text }));
      typeDraft(store, 'malu', day('2026-03-12'), ...lines);
    });
    await place.run(['undo', '--redo']);
    expect((await recordsOf('malu')).draft).toEqual(['works nights', 'has a dog']);
  });

  it('stays saved when the last question is left by Ctrl-C', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    const { code } = await place.run(['commit', 'ned'], {
      answers: [...flow({ learn: ['works nights'] }), ['Saved', '^C']],
    });
    expect(code).toBe(0);
    expect(await recordsOf('ned')).toMatchObject({ notes: [{ text: 'works nights' }], draft: undefined });
  });
});

describe('a loss', () => {
  const walt = () =>
    addPatient(place, 'Walter Beer', 'walt', {
      people: [
        { name: 'June', relation: 'wife' },
        { name: 'Tom', relation: 'son' },
      ],
    });

  it('marks who died, and offers without making', async () => {
    await walt();
    const result = await place.run(['commit', 'walt'], {
      answers: [
        ...flow({
          learn: ['x wife June, 2 mar'],
          rest: [
            ['Which of them?', '4'],
            ['Which of them?', '2 3'],
          ],
        }).map((answer) => answer),
        ['Saved', ''],
      ],
    });
    expect(result.asked).toContain(': June died. You could promise:');
    expect(result.asked).toContain(':  1  Send a condolence note, by 16 Mar');
    expect(result.asked).toContain('✗ numbers from 1 to 3, or nothing');
    const { people, commitments, notes } = await recordsOf('walt');
    expect(people.map(({ name, status, died_on }) => [name, status, died_on])).toEqual([
      ['June', 'died', '2026-03-02'],
      ['Tom', 'living', null],
    ]);
    expect(notes).toMatchObject([{ kind: 'loss', text: 'wife June', date: '2026-03-02', person: 'walt-p1' }]);
    expect(commitments.map(({ text, kind, due }) => [text, kind, due])).toEqual([
      ['Call at six weeks', 'call', '2026-04-13'],
      ['Send a note before the first anniversary', 'send', '2027-02-23'],
    ]);
  });

  it('adds somebody new where relation and name are written, and nobody otherwise', async () => {
    await walt();
    const { stderr } = await place.run(['commit', 'walt', '--stdin'], {
      stdin: 'x brother Karl, 2025\nx June, yesterday\nx the garden\nx son lost his job\n',
    });
    expect(stderr).toContain('hint: after a loss you could add: ! Send a condolence note by');
    const { people, notes } = await recordsOf('walt');
    expect(people.map(({ name, relation, status, died_on }) => [name, relation, status, died_on])).toEqual(
      expect.arrayContaining([
        ['Karl', 'brother', 'died', '2025'],
        ['June', 'wife', 'died', '2026-03-11'],
        ['Tom', 'son', 'living', null],
      ]),
    );
    expect(
      notes
        .filter(({ person }) => person === null)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['son lost his job', 'the garden']);
  });

  it('is undone with the person as before', async () => {
    await walt();
    await place.run(['commit', 'walt'], {
      answers: [...flow({ learn: ['x wife June, 2 mar'], rest: [['Which of them?', '']] }), ['Saved', 'u']],
    });
    expect((await recordsOf('walt')).people).toMatchObject([
      { status: 'living', died_on: null },
      { name: 'Tom' },
    ]);
  });
});

describe('the contact', () => {
  const channelsOf = async (id: string) =>
    (await recordsOf(id)).contacts.map(({ on, channel, state }) => `${on} ${channel} ${state}`).sort();

  it('is recorded once a day, also by an empty commit', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    await place.run(['commit', 'ned', '--stdin'], { stdin: '' });
    await place.run(['commit', 'ned', '--stdin'], { stdin: 'works nights\n' });
    expect(await channelsOf('ned')).toEqual(['2026-03-12 visit held']);
  });

  it('is of the channel asked for, or none', async () => {
    await addPatient(place, 'Ned Hintz', 'ned', {
      contacts: [{ on: day('2026-03-12'), at: '15:00' as never, state: 'planned' }],
    });
    await place.run(['commit', 'ned', '--stdin', '--channel', 'none'], { stdin: 'works nights\n' });
    expect(await channelsOf('ned')).toEqual(['2026-03-12 visit planned']);
    await place.run(['commit', 'ned', '--stdin', '--channel', 'call'], { stdin: 'he rang\n' });
    expect(await channelsOf('ned')).toEqual(['2026-03-12 call held', '2026-03-12 visit planned']);
    await place.run(['commit', 'ned', '--stdin'], { stdin: '' });
    expect(await channelsOf('ned')).toEqual(['2026-03-12 call held', '2026-03-12 visit held']);
  });

  it('is the planned call where only that was planned', async () => {
    await addPatient(place, 'Ned Hintz', 'ned', {
      contacts: [{ on: day('2026-03-12'), channel: 'call', state: 'planned' }],
    });
    await place.run(['commit', 'ned', '--stdin'], { stdin: '' });
    expect(await channelsOf('ned')).toEqual(['2026-03-12 call held']);
  });

  it('of the afternoon stays planned while the morning is written up again', async () => {
    await addPatient(place, 'Ned Hintz', 'ned', {
      contacts: [
        { on: day('2026-03-12'), at: '09:00' as never, state: 'planned' },
        { on: day('2026-03-12'), at: '15:00' as never, state: 'planned' },
      ],
    });
    const commit = () => place.run(['commit', 'ned', '--stdin'], { stdin: '' });
    await commit();
    await commit();
    expect(await channelsOf('ned')).toEqual(['2026-03-12 visit held', '2026-03-12 visit planned']);
    place.at('2026-03-12T15:00:00Z');
    await commit();
    expect(await channelsOf('ned')).toEqual(['2026-03-12 visit held', '2026-03-12 visit held']);
  });
});

describe('which day and whom', () => {
  it('offers yesterday until four in the morning', async () => {
    place.at('2026-03-13T02:30:00Z');
    await addPatient(place, 'Ned Hintz', 'ned');
    await place.run(['commit', 'ned'], {
      answers: [...flow({}), ['Saved', '']],
    });
    expect((await recordsOf('ned')).contacts).toMatchObject([{ on: '2026-03-12' }]);
    const { stderr } = await place.run(['commit', 'ned', '--stdin'], { stdin: '! call by fri\n' });
    expect(stderr).toContain('before 04:00 this is written up for Thu 12 Mar 2026');
    expect((await recordsOf('ned')).commitments).toMatchObject([
      { made_on: '2026-03-12', due: '2026-03-13' },
    ]);
    place.at('2026-03-13T03:00:00Z');
    await place.run(['commit', 'ned', '--stdin'], { stdin: '' });
    expect((await recordsOf('ned')).contacts.map(({ on }) => on)).toContain('2026-03-13');
  });

  it('asks again for a day that is none, and says back one that had to be guessed', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    const [, ...rest] = flow({});
    const { asked } = await place.run(['commit', 'ned'], {
      answers: [
        ['Visit on', '31 feb'],
        ['Visit on', 'tomorrow'],
        ['Visit on', 'the second of march'],
        ['Is that Mon 2 Mar 2026?', 'yes'],
        ...rest,
        ['Saved', ''],
      ],
    });
    expect(asked).toContain(": '31 feb' is not a date");
    expect(asked).toContain(": 'tomorrow' is still ahead: 2026-03-13");
    expect((await recordsOf('ned')).contacts).toMatchObject([{ on: '2026-03-02' }]);
  });

  it('takes a day that was typed behind the one that stands there, and nothing else behind it', async () => {
    await addPatient(place, 'Ned Hintz', 'ned');
    const [, ...rest] = flow({});
    const { asked } = await place.run(['commit', 'ned'], {
      answers: [
        ['Visit on', 'Thu 12 Mar 2026?'],
        ['Visit on', 'Thu 12 Mar 2026!!'],
        ['Visit on', 'Thu 12 Mar 2026tomorrow'],
        ['Visit on', 'Thu 12 Mar 2026yesterday'],
        ...rest,
        ['Saved', ''],
      ],
    });
    expect(asked.filter((line) => /^: (?:')/u.test(line))).toEqual([
      ": '?' is not a date",
      ": '!!' is not a date",
      ": 'tomorrow' is still ahead: 2026-03-13",
    ]);
    expect((await recordsOf('ned')).contacts).toMatchObject([{ on: '2026-03-11' }]);
  });

  it('offers the patient last briefed, then the visits still planned', async () => {
    await malu();
    await addPatient(place, 'Ned Hintz', 'ned');
    await place.run(['brief', 'ned', '--force']);
    const { asked } = await place.run(['commit'], {
      answers: [['Which patient?', 'Ned Hintz (ned)'], ...flow({}), ['Saved', '']],
    });
    expect(asked[0]).toBe('? Which patient? → Ned Hintz (ned)');
    const other = await place.run(['commit'], { answers: [['Which patient?', 'malu), 10:20'], '^C'] });
    expect(other.code).toBe(130);
    expect((await place.run(['commit', '--stdin'], { stdin: 'x\n' })).code).toBe(2);
  });
});

describe('without questions', () => {
  it('reads lines, and prints what it read with refs and days', async () => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    const result = await place.run(['commit', 'jackie', '--stdin'], {
      stdin: '! call with the echo result by fri\n? can I fly\n@21 mar wedding of Ana\n',
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.replace(/^ \w{5} /gm, ' ----- ')).toBe(
      [
        'Jackie Mraz, Thu 12 Mar 2026: visit recorded',
        ' -----  promise    call with the echo result  Fri 13 Mar, 1 business day',
        ' -----  question   can I fly',
        ' -----  milestone  wedding of Ana             Sat 21 Mar',
        '',
      ].join('\n'),
    );
  });

  it('gives one JSON document', async () => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    expect(
      await place.json(['commit', 'jackie', '--stdin'], { stdin: '! call by fri\nsings\n' }),
    ).toMatchObject({
      schema: 'rapport.commit/1',
      on: '2026-03-12',
      patient: { id: 'jackie', name: 'Jackie Mraz', handle: 'jackie', goes_by: null },
      contact: { channel: 'visit', state: 'held', joined: false },
      commitments: [{ text: 'call', owner: 'me', kind: 'call', due: '2026-03-13', made_on: '2026-03-12' }],
      notes: [{ kind: 'story', text: 'sings', date: null }],
      kept: [],
      answered: [],
    });
  });

  it.each([
    ['! see Rosa by 31 feb\n', "line 1: '31 feb' is not a date"],
    ['sings\nfamly: two sons\n', "line 2: the word before ':' is nearly the kind 'family'"],
    ['!\n? x\n@31 feb y\n', '2 lines cannot be read'],
    [`? ${'a'.repeat(1_048_576)}\n`, 'line 1: the text has 1048578 characters; the limit is 10000'],
  ])('refuses %.20j whole', async (stdin, message) => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    const result = await place.run(['commit', 'jackie', '--stdin'], { stdin });
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n')[0]).toBe(`rapport: ${message}`);
    expect(result.stderr).not.toMatch(/Rosa|two sons/);
    expect(await recordsOf('jackie')).toMatchObject({ notes: [], commitments: [], contacts: [] });
  });

  it('keeps control characters as typed and never prints them raw', async () => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    const { stdout } = await place.run(['commit', 'jackie', '--stdin'], { stdin: '? \u001b[31mred\u0007\n' });
    expect(stdout).not.toMatch(/[\u0007\u001b]/);
    expect((await recordsOf('jackie')).notes).toMatchObject([{ text: '\u001b[31mred\u0007' }]);
  });

  it('takes one promise from an option, standard input or a question', async () => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    await place.run(['commit', 'jackie', '--promise', 'staff: send the form by mon']);
    await place.run(['commit', 'jackie', '--promise', '-'], { stdin: 'call by fri\n' });
    await place.run(['commit', 'jackie', '--promise'], { answers: [['promise', 'ask her by 2 apr']] });
    const { commitments } = await recordsOf('jackie');
    expect(commitments.map(({ owner, text, due }) => [owner, text, due]).sort()).toEqual([
      ['me', 'ask her', '2026-04-02'],
      ['me', 'call', '2026-03-13'],
      ['staff', 'send the form', '2026-03-16'],
    ]);
    expect((await place.run(['commit', 'jackie', '--promise', '? can I fly'])).code).toBe(2);
    const loss = await place.run(['commit', 'jackie', '--promise', 'x by fri']);
    expect(loss.code).toBe(2);
    expect(loss.stderr).toContain("--promise takes a promise, and this is marked as 'loss'");
    expect(loss.stderr).toContain('hint: x with a blank behind it marks a loss');
    expect(loss.stderr).toContain("hint: 'promise: …' makes it a promise");
    expect((await place.run(['commit', 'jackie', '--promise', 'x', '--stdin'])).code).toBe(2);
    expect((await place.run(['commit', 'jackie', '--promise'])).code).toBe(2);
  });

  it.each([
    [['--promise', 'jackie']],
    [['--promise', 'call her by fri']],
    [['--promise', 'jackie', 'mraz']],
    [['mraz', '--promise', 'Jackie']],
  ])('lets %j take no name for a promise', async (argv) => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    await addPatient(place, 'Ann Other', 'ann');
    const { code, stderr } = await place.run(['commit', ...argv], { answers: [] });
    expect(code).toBe(2);
    expect(stderr).toContain('what follows --promise is the promise, and it has taken the name');
    expect(await recordsOf('jackie')).toMatchObject({ commitments: [], contacts: [] });
  });

  it('says what is missing where there is nobody to ask', async () => {
    await addPatient(place, 'Jackie Mraz', 'jackie');
    expect(await place.run(['commit', 'jackie'])).toMatchObject({ code: 2, stdout: '' });
    expect(
      await place.run(['commit', 'jackie', '--on', 'yesterdayish', '--stdin'], { stdin: '' }),
    ).toMatchObject({ code: 2 });
    expect(await place.run(['commit', 'jackie', '--on', 'tomorrow', '--stdin'], { stdin: '' })).toMatchObject(
      { code: 2 },
    );
    expect(await place.run(['commit', 'jackie', '--channel', 'fax', '--stdin'], { stdin: '' })).toMatchObject(
      { code: 2 },
    );
    expect(await place.run(['commit', 'nobody', '--stdin'], { stdin: 'sings' })).toMatchObject({ code: 3 });
    expect(await recordsOf('jackie')).toMatchObject({ notes: [], contacts: [] });
  });
});
