/** notes, search, edit, answer, retire, confirm, pin, move, undo and log, through the whole program. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Note } from '../../src/domain/records.ts';
import { day } from '../dates/support.ts';
import { makeVault, type RunOptions, type TestPlace } from '../support/vault.ts';
import { addPatient, withStore } from './seeding.ts';

const tooLong = '$TOO_LONG';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'María Luisa Razo', 'malu', {
    people: [{ name: 'Ana', relation: 'daughter' }],
    commitments: [{ text: 'Low-salt recipe sheet for the choir', due: day('2025-12-16') }],
    notes: [
      { kind: 'question', text: 'Can I fly with this?' },
      { kind: 'milestone', text: "Daughter Ana's wedding", person: 'malu-p1', date: day('2026-03-21') },
      { kind: 'story', text: 'Sings in the choir', recorded_on: null },
      { kind: 'concern', text: 'The choir master', sensitive: true },
      { kind: 'story', text: 'An older story', status: 'retired' },
    ],
  });
  await addPatient(place, 'Walter Beer', 'walt', {
    notes: [{ kind: 'story', text: 'Choir \u001b[31m too' }],
  });
});
afterEach(() => place.remove());

/** What a run prints, with refs and ids as the seeds name them. */
async function print(line: readonly string[], options?: RunOptions): Promise<string> {
  const { stdout, stderr, code } = await place.run(await named(line), options);
  const text = `${stdout}${stderr.replaceAll(/^(?=.)/gm, '! ')}${code === 0 ? '' : `= ${code}\n`}`;
  return unnamed(text);
}

const refs = () =>
  withStore(place, (store) => {
    const found = ['malu', 'walt'].flatMap((id) => [...store.notes.of(id), ...store.commitments.of(id)]);
    return new Map(found.map(({ id, ref }) => [id, ref]));
  });

async function named(line: readonly string[]): Promise<string[]> {
  const known = await refs();
  return line.map((word) => (word === tooLong ? 'x'.repeat(10_001) : (known.get(word) ?? word)));
}

async function unnamed(text: string): Promise<string> {
  let result = text;
  for (const [id, ref] of await refs()) result = result.replaceAll(ref, id);
  return result;
}

const noteOf = (id: string): Promise<Note | undefined> => withStore(place, (store) => store.notes.byId(id));
const verbs = () => withStore(place, (store) => store.log.rows({ limit: 50 }).map(({ verb }) => verb));

describe('notes', () => {
  it('lists what is current or answered, and says what it leaves out', async () => {
    expect(await print(['notes', 'malu'])).toMatchInlineSnapshot(`
      "María Luisa Razo
      malu-n2  9 Dec  milestone  Daughter Ana's wedding
                               Sat 21 Mar · Ana, daughter
      malu-n1  9 Dec  question   Can I fly with this?
      malu-n3         story      Sings in the choir
      + 1 private: rapport notes malu --sensitive
      + 1 superseded or retired: rapport notes malu --status all
      "
    `);
    expect(await print(['notes', 'malu', '--sensitive', '--status', 'all'])).toMatchInlineSnapshot(`
      "María Luisa Razo
      malu-n5  9 Dec  story      An older story
                               retired
      malu-n4  9 Dec  concern    The choir master
                               private
      malu-n2  9 Dec  milestone  Daughter Ana's wedding
                               Sat 21 Mar · Ana, daughter
      malu-n1  9 Dec  question   Can I fly with this?
      malu-n3         story      Sings in the choir
      "
    `);
    expect(await print(['notes', 'walt', '--kind', 'avoid'])).toBe('No notes of Walter Beer to show\n');
    expect((await verbs()).slice(0, 3)).toEqual(['notes', 'notes', 'notes']);
  });

  it('gives whole notes as JSON, without the private ones', async () => {
    const document = await place.json(['notes', 'malu', '--since', '2025-12-01']);
    expect(document).toMatchObject({
      schema: 'rapport.notes/1',
      patient: { id: 'malu', handle: 'malu', name: 'María Luisa Razo' },
      notes: [{ id: 'malu-n2' }, { id: 'malu-n1', kind: 'question', sensitive: false }],
      private: 1,
    });
  });

  it.each([
    [['notes'], 2],
    [['notes', 'nobody'], 3],
    [['notes', 'malu', '--kind', 'poem'], 2],
    [['notes', 'malu', '--status', 'open'], 2],
    [['notes', 'malu', '--since', '31 feb'], 2],
    [['search'], 2],
    [['search', '!!', '"'], 2],
    [['search', 'choir', '--page', '0'], 2],
    [['search', 'choir', '--patient', 'nobody'], 3],
    [['edit', 'nosuch', '--text', 'x'], 3],
    [['edit', 'malu-n1'], 2],
    [['edit', 'malu-n1', '--text', ' '], 2],
    [['edit', 'malu-n1', '--text', tooLong], 2],
    [['edit', 'malu-n1', 'malu-n2', '--text', 'x'], 2],
    [['edit', 'malu-n1', '--kind', 'poem'], 2],
    [['edit', 'malu-n1', '--date', '2026-13-01'], 2],
    [['edit', 'malu-n1', '--person', 'Nobody'], 3],
    [['edit', 'malu-n1', '--answer', 'x'], 9],
    [['edit', 'malu-c1', '--kind', 'story'], 2],
    [['answer', 'malu-n1'], 2],
    [['answer', 'malu-n3', '--text', 'x'], 9],
    [['answer', 'malu-c1', '--text', 'x'], 3],
    [['retire', 'malu-n5'], 9],
    [['retire', 'malu-n1', '--erase'], 2],
    [['confirm', 'malu-n5'], 9],
    [['confirm', 'malu-n1', '--on', '2026-04-01'], 2],
    [['pin', 'malu-n5'], 9],
    [['move', 'malu-n1'], 2],
    [['move', 'malu-n1', '--to', 'malu'], 9],
    [['move', 'malu-n1', '--to', 'nobody'], 3],
    [['undo', 'nosuch'], 3],
    [['undo', '1', '--list'], 2],
    [['undo', '--redo'], 3],
    [['log', '--limit', 'many'], 2],
  ])('ends %j with %i, says why in one line, and changes nothing', async (line, code) => {
    const before = await withStore(place, (store) => [store.notes.of('malu'), store.history.list(9)]);
    const result = await place.run(await named(line));
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n')[0]).toMatch(/^rapport: [^\n]{5,}$/);
    expect(result.stderr).not.toMatch(/Can I fly|Sings|wedding|choir master/);
    expect(await withStore(place, (store) => [store.notes.of('malu'), store.history.list(9)])).toEqual(
      before,
    );
  });
});

describe('search', () => {
  it('shows a line a hit, newest entered first, and counts the private ones', async () => {
    expect(await print(['search', 'CHÓIR'])).toMatchInlineSnapshot(`
      "walt-n1  Walter Beer       9 Dec  story    Choir \\u{1b}[31m too
      malu-c1  María Luisa Razo  9 Dec  promise  Low-salt recipe sheet for the choir
      malu-n3  María Luisa Razo         story    Sings in the choir
      + 1 private: add --sensitive
      "
    `);
    expect(await print(['search', 'choir', '--patient', 'walt'])).not.toContain('Razo');
    expect(await print(['search', 'nothing'])).toBe('Nothing found\n');
    // Off the command line, where others could read them.
    const piped = await place.run(['search', '-'], { stdin: 'choir\n' });
    expect(piped.stdout).toBe((await place.run(['search', 'choir'])).stdout);
    const asked = await place.run(['search'], { answers: [['Search for?', 'choir']] });
    expect(asked.stdout).toBe(piped.stdout);
    expect((await place.run(['search', '-'], { stdin: ' !! ' })).code).toBe(2);
    expect(await print(['search', 'choir', '--sensitive'])).toContain('The choir master');
    expect((await verbs())[0]).toBe('search');
  });

  it('goes on to the next page', async () => {
    await withStore(place, (store) =>
      store.write({ verb: 'import' }, () => {
        for (let index = 0; index < 25; index += 1) {
          const { id: _, ref: __, ...note } = store.notes.byId('malu-n3') ?? ({} as Note);
          store.notes.insert({ ...note, text: `dog ${index}` });
        }
      }),
    );
    const first = await print(['search', 'dog']);
    expect(first.split('\n')).toHaveLength(22);
    expect(first).toContain('1 to 20 of 25: add --page 2');
    const second = await print(['search', 'dog', '--page', '2']);
    expect(second).toMatch(/dog 4\n(.*\n){3}.*dog 0\n21 to 25 of 25\n$/);
    expect(await print(['search', 'dog', '--page', '3'])).toBe(
      'There are only 25: the last page is --page 2\n',
    );
  });

  it('keeps the word that was found in sight of a long text', async () => {
    const long = `${'a word or two and '.repeat(8)}then the fig tree at last ${'and more of it '.repeat(9)}`;
    await place.run(await named(['edit', 'malu-n3', '--text', long]));
    const [line = ''] = (await print(['search', 'fig'])).split('\n');
    expect(line).toContain('…and then the fig tree');
    expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('edit', () => {
  it('keeps the earlier text, and hints without naming it', async () => {
    expect(await print(['edit', 'malu-n1', '--text', '-'], { stdin: 'Can I fly at 120/80?\n' })).toBe(
      'malu-n1 edited. María Luisa Razo: Can I fly at 120/80?\n! hint: a clinical value? put it in the chart\n',
    );
    expect(await print(['edit', 'malu-n1'], { answers: [['the text', 'Can I fly far?']] })).toContain(
      'edited',
    );
    expect(await print(['notes', 'malu', '--kind', 'question', '--earlier'])).toMatchInlineSnapshot(`
      "María Luisa Razo
      malu-n1  9 Dec  question  Can I fly far?
                              until 12 Mar: Can I fly at 120/80?
                              until 12 Mar: Can I fly with this?
      "
    `);
    expect(await print(['edit', 'malu-n1', '--text', 'Can I fly far?'])).toContain('is as it was');
  });

  it('mends every field, for several notes at once', async () => {
    const line = ['edit', 'malu-n1', 'malu-n3', '--kind', 'family', '--person', 'ana', '--date', '--06-14'];
    await print([
      ...line,
      '--tone',
      'hard',
      '--sensitive',
      'yes',
      '--show-in-brief',
      'yes',
      '--reach-out',
      'yes',
    ]);
    const fields = {
      kind: 'family',
      person: 'malu-p1',
      date: '--06-14',
      yearly: true,
      tone: 'hard',
      sensitive: true,
      show_in_brief: true,
      reach_out: true,
    };
    for (const id of ['malu-n1', 'malu-n3']) expect(await noteOf(id)).toMatchObject(fields);
    await print(['edit', 'malu-n1', '--person', 'none', '--date', 'none', '--sensitive', 'no']);
    expect(await noteOf('malu-n1')).toMatchObject({
      person: null,
      date: null,
      yearly: false,
      sensitive: false,
    });
  });

  it('never shows a private text again', async () => {
    expect(await print(['edit', 'malu-n4', '--text', 'Something else'])).toBe(
      'malu-n4 edited. María Luisa Razo: (private)\n',
    );
  });

  it('edits the words of a promise', async () => {
    expect(await print(['edit', 'malu-c1', '--text', 'Recipe sheet'])).toContain('Recipe sheet');
    const commitment = await withStore(place, (store) => store.commitments.byId('malu-c1'));
    expect(commitment).toMatchObject({ text: 'Recipe sheet', due: '2025-12-16' });
  });
});

describe('answer, retire, confirm and pin', () => {
  it('asks for the words of an answer, which may be none', async () => {
    const answers = [['Can I fly', 'Short flights are fine']] as const;
    expect(await print(['answer', 'malu-n1'], { answers })).toContain('malu-n1 answered');
    expect(await noteOf('malu-n1')).toMatchObject({
      status: 'answered',
      answered_on: '2026-03-12',
      answer: 'Short flights are fine',
    });
    expect(await print(['answer', 'malu-n1', '--text', 'x'])).toContain('is answered already');
    await print(['edit', 'malu-n1', '--answer', 'Long ones as well']);
    expect(await noteOf('malu-n1')).toMatchObject({
      answer: 'Long ones as well',
      text: 'Can I fly with this?',
    });
    await print(['answer', 'malu-n4', '--on', 'yesterday'], { answers: [['(private)', '']] });
    expect(await noteOf('malu-n4')).toMatchObject({ answered_on: '2026-03-11', answer: null });
  });

  it('changes several in one operation', async () => {
    await print(['confirm', 'malu-n2', 'malu-n3', '--on', 'yesterday']);
    expect(await noteOf('malu-n3')).toMatchObject({ confirmed_on: '2026-03-11' });
    await print(['pin', 'malu-n2', 'malu-n3']);
    expect(await noteOf('malu-n2')).toMatchObject({ pinned: true });
    await print(['pin', 'malu-n2', '--off']);
    expect(await noteOf('malu-n2')).toMatchObject({ pinned: false });
    expect(await print(['retire', 'malu-n2', 'malu-n3'])).toMatchInlineSnapshot(`
      "malu-n2 retired. María Luisa Razo: Daughter Ana's wedding
      malu-n3 retired. María Luisa Razo: Sings in the choir
      "
    `);
    await print(['undo']);
    expect(await noteOf('malu-n3')).toMatchObject({ status: 'current', pinned: true });
  });

  it('erases for good only after a yes', async () => {
    const erase = ['retire', 'malu-n3', '--erase'];
    expect(await print(erase, { answers: [['This cannot be undone', 'no']] })).toContain('= 130');
    expect(await noteOf('malu-n3')).toBeDefined();
    const { stdout, asked } = await place.run(await named(erase), { answers: ['yes'] });
    expect(asked.join('\n')).toMatch(/\w{5} {2}Sings in the choir/);
    expect(stdout).toMatch(/^\w{5} erased\n$/);
    expect(await noteOf('malu-n3')).toBeUndefined();
    expect(await print(['undo'])).toContain('was for good and cannot be undone');
    expect(await verbs()).toContain('retire --erase');
    expect((await place.run([...(await named(['retire', 'malu-n1'])), '--erase', '--yes'])).code).toBe(0);
  });

  it('erases nothing of a patient on hold', async () => {
    await withStore(place, (store) =>
      store.write({ verb: 'patient hold' }, () => store.patients.update('malu', { hold: true })),
    );
    expect(await print(['retire', 'malu-n3', '--erase', '--yes'])).toMatch(/on hold.*\n= 9/);
    expect(await print(['retire', 'malu-n3'])).toContain('retired');
  });
});

describe('move', () => {
  it('gives notes and promises to another patient, and undo brings them back', async () => {
    expect(await print(['move', 'malu-n2', 'malu-c1', '--to', 'walt'])).toMatchInlineSnapshot(`
      "malu-n2 moved. Walter Beer: Daughter Ana's wedding
      malu-c1 moved. Walter Beer: Low-salt recipe sheet for the choir
      "
    `);
    expect(await noteOf('malu-n2')).toMatchObject({ patient_id: 'walt', person: null });
    expect(await print(['notes', 'malu'])).not.toContain('wedding');
    await print(['undo']);
    expect(await noteOf('malu-n2')).toMatchObject({ patient_id: 'malu', person: 'malu-p1' });
  });
});

describe('undo', () => {
  it('goes back one by one and forward again, and says what it did', async () => {
    await print(['answer', 'malu-n1', '--text', 'Yes']);
    await print(['edit', 'malu-n4', '--text', 'Else']);
    await print(['pin', 'malu-n2', 'malu-n3']);
    expect(await print(['undo', '--list'])).toMatchInlineSnapshot(`
      "5  pin: 2 notes (María Luisa Razo, 09:30)
      4  concern edited (private) (María Luisa Razo, 09:30)
      3  question answered 'Can I fly with this?' (María Luisa Razo, 09:30)
      2  import: 1 patient, 1 note (Walter Beer, 1 Mar 09:00)
      1  import: 1 patient, 1 person, 5 notes, 1 commitment (María Luisa Razo, 1 Mar
         09:00)
      "
    `);
    expect(await print(['undo', '--dry-run'])).toMatchInlineSnapshot(`
      "undo: pin: 2 notes (María Luisa Razo, 09:30)
        milestone pin changed 'Daughter Ana's wedding'
        story pin changed 'Sings in the choir'
      "
    `);
    expect(await print(['undo'])).toContain('undone: pin: 2 notes (María Luisa Razo, 09:30)');
    expect(await print(['undo'])).toContain('undone: concern edited (private) (María Luisa Razo, 09:30)');
    expect(await print(['undo'])).toContain("undone: question answered 'Can I fly with this?'");
    expect(await noteOf('malu-n1')).toMatchObject({ status: 'current', answer: null });
    expect(await print(['undo', '--redo'])).toContain("redone: question answered 'Can I fly with this?'");
    expect(await print(['undo', '--redo'])).toContain('redone: concern edited');
    expect(await noteOf('malu-n4')).toMatchObject({ text: 'Else' });
    expect(await print(['undo', '--list'])).toMatchInlineSnapshot(`
      "10  redo of 7  concern edited (private) (María Luisa Razo, 09:30)
       9  redo of 8  question answered 'Can I fly with this?' (María Luisa Razo,
                     09:30)
       8  undo of 3  question current again 'Can I fly with this?' (María Luisa Razo,
                     09:30)
       7  undo of 4  concern edited (private) (María Luisa Razo, 09:30)
       6  undo of 5  undo: 2 notes (María Luisa Razo, 09:30)
       5  undone     pin: 2 notes (María Luisa Razo, 09:30)
       4             concern edited (private) (María Luisa Razo, 09:30)
       3             question answered 'Can I fly with this?' (María Luisa Razo,
                     09:30)
       2             import: 1 patient, 1 note (Walter Beer, 1 Mar 09:00)
       1             import: 1 patient, 1 person, 5 notes, 1 commitment (María Luisa
                     Razo, 1 Mar 09:00)
      "
    `);
    const rows = await withStore(place, (store) => store.log.firstBroken());
    expect(rows).toBeUndefined();
  });

  it('takes an older operation back, or names by number what rests on it', async () => {
    await print(['pin', 'malu-n2']);
    await print(['edit', 'malu-n1', '--text', 'Can I swim?']);
    await print(['answer', 'malu-n1', '--text', 'Yes']);
    expect(await print(['undo', '4'])).toBe(
      '! rapport: a later change rests on this one\n!   5  answer, 09:30\n! hint: rapport undo 5 first\n= 9\n',
    );
    expect(await print(['undo', '3'])).toContain('undone: milestone pin changed');
    expect(await print(['undo', '3'])).toContain('operation 3 is undone already');
    expect(await noteOf('malu-n1')).toMatchObject({ text: 'Can I swim?', status: 'answered' });
  });

  it('says the same as JSON, without private texts', async () => {
    await print(['edit', 'malu-n4', '--text', 'Else']);
    expect(await place.json(['undo', '--dry-run'])).toMatchObject({
      schema: 'rapport.undo/1',
      action: 'dry-run',
      operations: [{ number: 3, verb: 'edit', undone: false, records: [{ id: 'malu-n4', label: null }] }],
    });
    expect(await place.json(['undo'])).toMatchObject({ action: 'undo', operations: [{ number: 3 }] });
    expect(await place.json(['undo', '--redo'])).toMatchObject({
      action: 'redo',
      operations: [{ number: 3 }],
    });
    const list = await place.json(['undo', '--list']);
    expect(list).toMatchObject({
      action: 'list',
      operations: [{ verb: 'redo' }, { verb: 'undo' }, {}, {}, {}],
    });
  });
});

describe('log', () => {
  it('tells who looked at or changed what, without a word of it', async () => {
    await print(['notes', 'malu']);
    await print(['pin', 'malu-n2', 'malu-n3']);
    await print(['search', 'choir']);
    expect(await print(['log'])).toMatchInlineSnapshot(`
      "12 Mar 09:30  search                    3 listed
      12 Mar 09:30  pin     María Luisa Razo  2 changed
      12 Mar 09:30  notes   María Luisa Razo  looked at
      1 Mar 09:00   import  Walter Beer       2 changed
      1 Mar 09:00   import  María Luisa Razo  8 changed
      "
    `);
    expect(await print(['log', '--patient', 'walt'])).toMatchInlineSnapshot(`
      "1 Mar 09:00  import  Walter Beer  2 changed
      "
    `);
    expect(await place.json(['log', '--limit', '1'])).toMatchObject({
      schema: 'rapport.log/1',
      rows: [{ verb: 'log', patient: { id: 'walt' }, operation: null }],
    });
  });
});
