/** No text field of a private record is shown where it was not asked for, and a former name in none: the fields are the schemas'. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { expect, it } from 'vitest';
import { wholeSchema } from '../../src/domain/fields.ts';
import { noteKinds, owners, type RecordName, schemas } from '../../src/domain/records.ts';
import { exportFormats } from '../../src/formats/registry.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

type Json = ReturnType<typeof toJsonSchema>;
type Fields = Readonly<Record<string, unknown>>;

/** A value of a field with a text wherever it can have one; undefined where it can have none. */
function filled({ type, maxLength, items, properties, anyOf }: Json, text: string): unknown {
  if (anyOf !== undefined) return filled(anyOf[0] as Json, text);
  if (type === 'array') {
    const one = filled(items as Json, text);
    return one === undefined ? undefined : [one];
  }
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, one]) => [
        name,
        filled(one as Json, `${text} ${name}`) ?? '2026-03-10',
      ]),
    );
  return type === 'string' && maxLength !== undefined ? text : undefined;
}

/** All text fields of a record, each with the word in it, its own name, and 'harbour' to search for. */
const textsOf = (table: RecordName, word: string): Fields =>
  Object.fromEntries(
    Object.entries(schemas[table]).flatMap(([field, one]) => {
      const json = toJsonSchema(wholeSchema(one), { errorMode: 'ignore', typeMode: 'output' });
      const value = filled(json, `harbour ${word} ${table} ${field}`);
      return value === undefined ? [] : [[field, value]];
    }),
  );

interface Given {
  /** In every text field of every record but the patient's and people's. */
  readonly word: string;
  readonly patient: Fields;
  readonly person: Fields;
  readonly more: Fields;
}

function documentOf({ word, patient, person, more }: Given) {
  const day = { recorded_on: '2026-03-05', said_on: '2026-03-05' };
  const notes = noteKinds.flatMap((kind) =>
    ['current', 'answered'].map((status) => ({
      ...textsOf('note', word),
      ...day,
      ...more,
      kind,
      status,
      ...(status === 'answered' && { answered_on: '2026-03-10' }),
      ...(kind === 'milestone' && { date: '2026-03-14', reach_out: true }),
      ...(kind === 'loss' && { date: '2026-02-02' }),
    })),
  );
  const commitments = owners.flatMap((owner) =>
    ['open', 'kept', 'dropped'].map((status) => ({
      ...textsOf('commitment', word),
      ...more,
      for_person: 'p1',
      owner,
      status,
      made_on: '2026-03-02',
      due: '2026-03-11',
      ...(status !== 'open' && { closed_on: '2026-03-11' }),
    })),
  );
  const contacts = [
    { on: '2026-03-12', state: 'planned', channel: 'visit' },
    { on: '2026-03-09', state: 'planned', channel: 'visit' },
    { on: '2026-03-02', state: 'held', channel: 'visit' },
    { on: '2026-03-11', state: 'held', channel: 'call' },
  ].map((one) => ({ ...textsOf('contact', word), ...more, ...one }));
  const numbered = (letter: string, records: readonly Fields[]) =>
    records.map((record, at) => ({ ...record, id: `${letter}${at}` }));
  return {
    format: 'rapport',
    version: 1,
    patients: [
      {
        ...patient,
        id: 'dana',
        name: 'Dana Reed',
        handle: 'dana',
        goes_by: 'Dana',
        cadence_days: 3,
        people: [
          { ...person, id: 'p0', name: 'Ana' },
          { ...person, id: 'p1', name: null },
        ],
        notes: numbered('n', notes),
        commitments: numbered('c', commitments),
        contacts: numbered('v', contacts),
      },
    ],
  };
}

const forOthers = exportFormats.filter((format) => format !== 'rapport');
const screens: readonly string[] = [
  '',
  'due --all',
  'due --all --by patient',
  'due --daily',
  'brief dana --force',
  'brief dana --force --all',
  'day',
  'day --full --force',
  'notes dana --status all',
  'timeline dana',
  'search harbour',
  'patient show dana',
  'patient list',
  'person list dana',
  'review --all',
  'undo --list',
  'log',
];
const changes: readonly string[] = [
  'told c0',
  'tried c0 --how x',
  'snooze c0 --to fri --reason x --yes',
  'done c0 --how x',
  'drop c3 --reason x',
  'confirm n0',
  'pin n0',
  'answer n8 --text x',
  'retire n2',
  'edit n4 --tone hard',
  'edit c6 --due fri',
  'edit v0 --at 10:00',
  'person set dana p1 --birth-date 1990',
  'person died dana p0 --on 2025',
  'person add dana Ana --relation sister',
];

async function printed(place: TestPlace, more: readonly string[] = []): Promise<readonly string[]> {
  const refs = await place.withStore(
    ({ people, notes, commitments, contacts }) =>
      new Map(
        [people, notes, commitments, contacts].flatMap((kind) =>
          kind.of('dana').map(({ id, ref }) => [id, ref]),
        ),
      ),
  );
  const lines = [
    ...screens.flatMap((line) => [line, `${line} --json`]),
    ...changes.flatMap((line) => [line, 'undo --yes', `${line} --json`, 'undo --yes --json']),
    ...forOthers.map((format) => `export --format ${format} --plain`),
    'export --format ics --plain --full --events',
  ];
  const said: string[] = [];
  for (const line of lines) {
    const words = line.split(' ').filter((word) => word !== '');
    const takesMore = /^(?:brief|day --full|notes|timeline|search|patient show|due --all|undo|export)/.test(
      line,
    );
    const argv = [...words.map((word) => refs.get(word) ?? word), ...(takesMore ? more : [])];
    const { stdout, stderr, code } = await place.run(argv, { terminal: 100 });
    expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, '']);
    said.push(`${line}\n${stdout}${stderr}`);
  }
  return said;
}

async function leaksOf(given: Given, word: string, more: readonly string[] = []) {
  const place = await makeVault();
  const stdin = JSON.stringify(documentOf(given));
  const { code, stderr } = await place.run(['import', '-', '--yes'], { stdin });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const said = await printed(place, more);
  place.remove();
  const leak = new RegExp(`.{0,60}${word}.{0,60}`, 'gi');
  return said.flatMap((text) => {
    const found = [...text.matchAll(leak)].map(([around]) => around);
    return found.length === 0 ? [] : [[text.split('\n', 1)[0], ...new Set(found)]];
  });
}

it.each([false, true])(
  'shows no text of a private record, beside a discreet patient or not: %s',
  async (quiet) => {
    const given = {
      word: 'Zqword',
      patient: { quiet },
      person: { relation: 'sister' },
      more: { sensitive: true },
    };
    expect(await leaksOf(given, 'Zqword')).toEqual([]);
  },
  60_000,
);

it.each([
  [false, []],
  [true, ['--sensitive']],
])(
  'shows a former name in no text, private or not: %s',
  async (sensitive, more) => {
    const given = {
      word: 'Zqname',
      patient: { ...textsOf('patient', 'Zqname'), aliases: [], former_names: ['Zqname'] },
      person: textsOf('person', 'Zqname'),
      more: { sensitive },
    };
    expect(await leaksOf(given, 'Zqname', more)).toEqual([]);
  },
  60_000,
);
