import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Note } from '../../src/domain/records.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Walter Beer', 'walt', {
    people: [
      { name: 'June', relation: 'wife' },
      { name: 'Tom Beer', relation: 'son' },
      { name: 'Tom Ray', relation: 'friend' },
    ],
    notes: [{ kind: 'interest', text: 'Sweet peas' }],
  });
});
afterEach(() => place.remove());

const notes = (): Promise<readonly Note[]> => withStore(place, (store) => store.notes.of('walt'));
const newest = async (): Promise<Note | undefined> => (await notes()).find(({ id }) => id !== 'walt-n1');

describe('note', () => {
  it('keeps a text with all that is said about it', async () => {
    const { stdout, code } = await place.run(
      ['note', 'walt', 'Wedding', 'anniversary', '--kind', 'milestone', '--date', '--03-28'].concat(
        '--person june --tone hard --reach-out --sensitive --show-in-brief --pin --on yesterday'.split(' '),
      ),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Walter Beer\n \w{5} {2}milestone {2}Wedding anniversary {2}28 Mar, every year\n$/,
    );
    expect(await newest()).toMatchObject({
      kind: 'milestone',
      text: 'Wedding anniversary',
      date: '--03-28',
      yearly: true,
      person: 'walt-p1',
      tone: 'hard',
      reach_out: true,
      sensitive: true,
      show_in_brief: true,
      pinned: true,
      recorded_on: '2026-03-12',
      said_on: '2026-03-11',
      source: 'typed',
    });
  });

  it('speaks the capture language', async () => {
    await place.run(['note', 'walt', '? did I miss something']);
    expect(await newest()).toMatchObject({ kind: 'question', text: 'did I miss something' });
    const { stdout } = await place.run(['note', 'walt', '! call by fri']);
    expect(stdout).toMatch(/promise {2}call {2}Fri 13 Mar, 1 business day/);
    const owned = await withStore(place, (store) => store.commitments.of('walt'));
    expect(owned).toMatchObject([{ text: 'call', due: '2026-03-13', made_on: '2026-03-12' }]);
  });

  it('reads its text from standard input or asks for it', async () => {
    await place.run(['note', 'walt', '-', '--kind', 'matters'], { stdin: 'Staying in the house\n' });
    expect(await newest()).toMatchObject({ kind: 'matters', text: 'Staying in the house' });
    const { asked } = await place.run(['note', 'walt'], { answers: ['plays bowls'] });
    expect(asked).toEqual(['? What is there to remember (story)? → plays bowls']);
    expect((await notes()).some(({ text }) => text === 'plays bowls')).toBe(true);
    expect(await place.run(['note', 'walt'])).toMatchObject({
      code: 2,
      stderr: 'rapport: the note is missing\nhint: give its text, or - to read it from standard input\n',
    });
  });

  it.each([
    [['note', 'nobody']],
    [['note', 'nobody', '--editor']],
    [['note', 'walt', '--person', 'Nobody']],
    [['note', 'walt', '--replaces', 'zzzzz']],
    [['commit', 'nobody', '--promise']],
  ])('asks for no text that would be lost: %s', async (argv) => {
    expect(await place.run(argv, { answers: [] })).toMatchObject({ code: 3, asked: [] });
    const env = { RAPPORT_PASSPHRASE: 'another one altogether' };
    expect(await place.run(argv, { answers: [], env })).toMatchObject({ code: 5, asked: [] });
  });

  it('takes many lines, each with the options', async () => {
    await place.run(['note', 'walt', '--stdin', '--kind', 'interest', '--sensitive'], {
      stdin: 'bowls\n? may I drive\n\nsweet peas\n',
    });
    const added = (await notes()).filter(({ id }) => id !== 'walt-n1');
    expect(added.map(({ kind, text, sensitive }) => [kind, text, sensitive]).sort()).toEqual([
      ['interest', 'bowls', true],
      ['interest', 'sweet peas', true],
      ['question', 'may I drive', true],
    ]);
    const operations = await withStore(place, (store) => store.history.list(10));
    expect(operations.filter(({ verb }) => verb === 'note')).toHaveLength(1);
  });

  it('takes the place of an older note', async () => {
    const [older] = await notes();
    await place.run([
      'note',
      'walt',
      'Sweet peas and roses',
      '--kind',
      'interest',
      '--replaces',
      older?.ref ?? '',
    ]);
    expect(await newest()).toMatchObject({ replaces: 'walt-n1', status: 'current' });
    expect((await notes()).find(({ id }) => id === 'walt-n1')?.status).toBe('superseded');
    const again = await place.run(['note', 'walt', 'Roses', '--replaces', older?.ref ?? '']);
    expect(again.code).toBe(9);
  });

  it('marks as died whom a loss names, and only links whom the option names', async () => {
    await place.run(['note', 'walt', 'lost her job', '--kind', 'loss', '--person', 'june']);
    const people = () =>
      withStore(place, (store) => store.people.of('walt').map(({ name, died_on }) => [name, died_on]));
    expect(await people()).toContainEqual(['June', null]);
    await place.run(['note', 'walt', 'x wife June, 2 feb', '--person', 'june']);
    expect(await people()).toContainEqual(['June', '2026-02-02']);
    expect((await notes()).filter(({ kind }) => kind === 'loss').map(({ person }) => person)).toEqual([
      'walt-p1',
      'walt-p1',
    ]);
  });

  it('gives one JSON document', async () => {
    expect(await place.json(['note', 'walt', 'plays bowls'])).toMatchObject({
      schema: 'rapport.note/1',
      notes: [{ kind: 'story', text: 'plays bowls' }],
      commitments: [],
    });
  });

  it('hints, and never blocks', async () => {
    const { stderr, code } = await place.run(['note', 'walt', 'a difficult morning, BP 150/90']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'hint: "difficult": quote what they said?\nhint: a clinical value? put it in the chart\n',
    );
  });

  it.each([
    [['note', 'walt', ''], 2],
    [['note', 'walt', '?'], 2],
    [['note', 'walt', 'x', '--kind', 'stroy'], 2],
    [['note', 'walt', 'so', '--date', '31 feb'], 2],
    [['note', 'walt', 'so', '--on', 'tomorrow'], 2],
    [['note', 'walt', 'so', '--tone', 'glad'], 2],
    [['note', 'walt', 'so', '--yearly'], 2],
    [['note', 'walt', 'so', '--stdin'], 2],
    [['note', 'walt', '! call by fri', '--pin'], 2],
    [['note', 'walt', 'a'.repeat(10_001)], 2],
    [['note', 'walt', 'so', '--person', 'nobody'], 3],
    [['note', 'walt', 'so', '--person', 'tom'], 6],
    [['note', 'walt', 'so', '--replaces', 'zzzzz'], 3],
    [['note', 'margo', 'so'], 3],
  ])('%j ends with %i and changes nothing', async (argv, code) => {
    const result = await place.run(argv);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(await notes()).toHaveLength(1);
  });

  it('asks for no passphrase over a text that cannot be read', async () => {
    const { code } = await place.run(['note', 'walt', '! call by 31 feb'], { locked: true });
    expect(code).toBe(2);
  });
});
