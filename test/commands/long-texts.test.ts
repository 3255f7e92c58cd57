/** Whatever is typed, no record gets a text that its schema refuses: each option and argument of what writes records is tried. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCommands } from '../../src/commands/index.ts';
import { readFields } from '../../src/domain/fields.ts';
import { nameLimit, schemas, textLimit } from '../../src/domain/records.ts';
import { aContact, aNote, aPatient, aPerson, aPromise } from '../support/records.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

/** A line of each command that is taken but for its texts; a text is its last argument where it ends in a blank. */
const lines = [
  'note malu ',
  'contact malu --channel call',
  'done c0 --who me',
  'tried c0',
  'snooze c0 --to 2026-04-01',
  'drop c0',
  'edit n0',
  'edit n1',
  'edit c0',
  'edit v0',
  'answer n0',
  'patient add ',
  'patient add Walt',
  'patient set malu',
  'patient alias malu ',
  'person add malu ',
  'person add malu Ana',
  'person set malu p0',
  'calendar add 2026-12-25 ',
  'calendar away 2026-08-03 2026-08-21 ',
];
/** What is read from standard input as well, with the text in it. */
const piped = [
  ['note malu -', ''],
  ['note malu --stdin', 'wife '],
  ['note malu --stdin', 'x wife June '],
  ['commit malu --stdin', '! call '],
  ['commit malu --stdin', 'daughter '],
  ['commit malu --stdin', 'x wife '],
  ['done c0 --how -', ''],
  ['edit n0 --text -', ''],
  ['edit v0 --gist -', ''],
  ['patient add -', ''],
  ['patient set malu --say -', ''],
  ['person add malu -', ''],
] as const;

const commands = await loadCommands();
const textOptions = (line: string): readonly string[] => {
  const command = commands.find(({ path }) => line.startsWith(`${path} `));
  const options = command?.options.filter(({ flags, choices }) => flags.includes('<') && !choices) ?? [];
  return options.map(({ flags }) => `${line.trim()} ${flags.split(' ')[0]} `);
};
const typed = [
  ...lines.filter((line) => line.endsWith(' ')),
  ...lines.filter((line) => !line.endsWith(' ')).flatMap(textOptions),
];

/** Of all records and days of a vault, what their schemas say against them. */
const faultsIn = (place: TestPlace): Promise<readonly string[]> =>
  place.withStore(({ patients, people, notes, commitments, contacts, calendar }) => {
    const faults: string[] = [];
    const check = (table: keyof typeof schemas, records: readonly object[]): void => {
      for (const { ref: _, patient_id: __, ...fields } of records as readonly Record<string, unknown>[])
        readFields(schemas[table], { ...fields }, (what, where) => faults.push(`${table}${where}: ${what}`));
    };
    const all = patients.all();
    check('patient', all);
    for (const { id } of all) {
      check('person', people.of(id));
      check('note', notes.of(id));
      check('commitment', commitments.of(id));
      check('contact', contacts.of(id));
    }
    check('closed_day', calendar.read().closed_days);
    check('away', calendar.read().away);
    return faults;
  });

describe.each([nameLimit + 1, textLimit + 1])('a text of %i characters', { timeout: 60_000 }, (length) => {
  let place: TestPlace;
  let refs: ReadonlyMap<string, string>;
  beforeAll(async () => {
    place = await makeVault();
    refs = await place.withStore(
      (store) =>
        store.write({ verb: 'import' }, () => {
          store.patients.insert(aPatient('malu'));
          const made = [
            store.people.insert(aPerson('Tom', { id: 'p0' })),
            store.notes.insert(aNote('may I fly', { id: 'n0', kind: 'question' })),
            store.notes.insert(aNote('may I swim', { id: 'n1', kind: 'question', status: 'answered' })),
            store.commitments.insert(aPromise('call', { id: 'c0' })),
            store.contacts.insert(aContact('2026-03-02', { id: 'v0' })),
          ];
          return new Map(made.map(({ id, ref }) => [id, ref]));
        }).value,
    );
  });
  const text = 'Harbour '
    .repeat(length)
    .slice(0, length - 1)
    .concat('e');
  const argvOf = (line: string) =>
    line
      .trim()
      .split(' ')
      .map((word) => refs.get(word) ?? word);

  it.each(typed)('is refused, or fits, at %s', async (line) => {
    const { code } = await place.run([...argvOf(line), text]);
    expect(await faultsIn(place)).toEqual([]);
    if (code === 0) await place.run(['undo', '--yes']);
    expect(code).not.toBe(1);
  });

  it.each(piped)('is refused, or fits, piped into %s after "%s"', async (line, before) => {
    const { code } = await place.run(argvOf(line), { stdin: before + text });
    expect(await faultsIn(place)).toEqual([]);
    if (code === 0) await place.run(['undo', '--yes']);
    expect(code).not.toBe(1);
  });
});
