/** Beside a discreet patient every screen is as if the private records, and what these hold back, were not there. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noteKinds } from '../../src/domain/records.ts';
import { createMasking } from '../support/masking.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Given {
  readonly people?: readonly Fields[];
  readonly notes: readonly Fields[];
  readonly commitments: readonly Fields[];
  readonly contacts: readonly Fields[];
}

const days = fc.integer({ min: 0, max: 400 }).map((days) => iso(Date.UTC(2026, 2, 12) - days * 86_400_000));
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
const words = fc.constantFrom(
  'walks to the harbour',
  'keeps bees',
  'afraid of stairs',
  'reads at night',
  'sings',
);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const bool = fc.boolean();

/** What holds nothing back of other records. */
const note = fc.record({
  kind: fc.constantFrom(...noteKinds.filter((kind) => kind !== 'loss' && kind !== 'avoid')),
  text: words,
  recorded_on: days,
  date: maybe(fc.constantFrom('2026-03-15', '2026-03', '--03-20', '2025-03-11')),
  reach_out: bool,
  pinned: bool,
  sensitive: bool,
  show_in_brief: fc.nat(4).map((one) => one === 0),
  status: fc.constantFrom('current', 'current', 'answered', 'retired'),
  answer: maybe(words),
});
const promise = fc.record({
  text: words,
  owner: fc.constantFrom('me', 'staff', 'patient'),
  kind: fc.constantFrom('call', 'send', 'other'),
  made_on: days,
  due: maybe(fc.constantFrom('2026-03-02', '2026-03-12', '2026-03-13', '2026-04-01')),
  sensitive: bool,
  status: fc.constantFrom('open', 'open', 'kept'),
  closed_on: fc.constant('2026-03-11'),
});
const contact = fc.record({
  on: fc.oneof(days, fc.constantFrom('2026-03-12', '2026-03-18')),
  channel: fc.constantFrom('visit', 'visit', 'call', 'letter'),
  direction: maybe(fc.constantFrom('in', 'out')),
  gist: maybe(words),
  sensitive: bool,
});
const numbered = (letter: string, records: readonly Fields[]): readonly Fields[] =>
  records.map((record, at) => ({
    ...record,
    id: `${letter}${at}`,
    ...(record['status'] === 'open' && { closed_on: null }),
    ...(record['kind'] === 'milestone' ? {} : { reach_out: false, date: null }),
    ...('on' in record && { state: String(record['on']) >= '2026-03-12' ? 'planned' : 'held' }),
  }));
const given: fc.Arbitrary<Given> = fc
  .tuple(
    fc.array(note, { maxLength: 10 }),
    fc.array(promise, { maxLength: 5 }),
    fc.array(contact, { maxLength: 6 }),
  )
  .map(([notes, commitments, contacts]) => ({
    notes: numbered('n', notes).map(({ kind, reach_out, date, ...one }) => ({
      ...one,
      kind,
      ...(kind === 'milestone' && { reach_out, date }),
    })),
    commitments: numbered('c', commitments).map(({ reach_out: _, date: __, ...one }) => one),
    contacts: numbered('v', contacts).map(({ reach_out: _, date: __, ...one }) => one),
  }));

const isOpen = ({ sensitive, show_in_brief }: Fields): boolean => !sensitive || show_in_brief === true;

/** The same patient without the private records: of a visit, without its gist. */
const opened = ({ notes, commitments, contacts, ...more }: Given): Given => ({
  ...more,
  notes: notes.filter(isOpen),
  commitments: commitments.filter(isOpen),
  contacts: contacts
    .filter((one) => isOpen(one) || one['channel'] === 'visit')
    .map((one) => (isOpen(one) ? one : { ...one, sensitive: false, gist: null })),
});

const patient = { id: 'dana', name: 'Dana Reed', handle: 'dana', quiet: true, cadence_days: 30 };
const screens: readonly string[] = [
  'brief dana --force',
  'brief dana --all --json',
  'day --json',
  'day --full --force',
  'notes dana --status all',
  'notes dana --json',
  'timeline dana --json',
  'timeline dana --screen-reader',
  'search walks',
  'search keeps --json',
  'patient show dana',
  'patient show dana --json',
  'person list dana --json',
  'review',
  'review --json',
  'export --format csv --plain',
  'export --format markdown --plain',
  'export --format ics --plain --full',
  'export --format fhir --plain',
  'undo --list --json',
  'log --json',
];

async function screensOf(records: Given, lines: readonly string[]): Promise<readonly string[]> {
  const place: TestPlace = await makeVault();
  const document = { format: 'rapport', version: 1, patients: [{ ...patient, ...records }] };
  const { code, stderr } = await place.run(['import', '-', '--yes'], { stdin: JSON.stringify(document) });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const refs = await place.withStore(
    ({ patients, people, notes, commitments, contacts }) =>
      new Set(
        [
          patients.byId('dana'),
          ...[people, notes, commitments, contacts].flatMap((kind) => [...kind.of('dana')]),
        ].flatMap((record) => record?.ref ?? []),
      ),
  );
  const shown: string[] = [];
  for (const line of lines) {
    const { stdout, stderr: said } = await place.run(line.split(' '));
    shown.push(`${line}\n${createMasking().hide(stdout + said, refs)}`);
  }
  place.remove();
  return shown;
}

it('shows the same as without them', async () => {
  await fc.assert(
    fc.asyncProperty(given, async (records) => {
      expect(await screensOf(records, screens)).toEqual(await screensOf(opened(records), screens));
    }),
    { numRuns: 4, endOnFailure: true },
  );
}, 120_000);

it('tells of a private promise in due as of any other', async () => {
  const open = (one: Fields): Fields => ({ ...one, sensitive: false });
  const lines = ['due --all', 'due --all --json', 'due --days 30'];
  await fc.assert(
    fc.asyncProperty(given, async (records) => {
      const { notes, contacts } = opened(records);
      const plain = { notes, contacts, commitments: records.commitments.map(open) };
      expect(await screensOf(records, lines)).toEqual(await screensOf(plain, lines));
    }),
    { numRuns: 4, endOnFailure: true },
  );
}, 120_000);

it('holds back what a private loss holds back, without a word', async () => {
  const june = { id: 'p1', name: 'June', relation: 'wife' };
  const loss = {
    id: 'n1',
    kind: 'loss',
    text: 'wife June',
    date: '2026-02-02',
    recorded_on: '2026-02-10',
    person: 'p1',
  };
  const cruise = { id: 'n2', kind: 'next', text: 'how the cruise with June went', recorded_on: '2026-01-05' };
  const bees = { id: 'n3', kind: 'interest', text: 'keeps bees', recorded_on: '2026-01-05' };
  const nothing = {
    commitments: [],
    contacts: [{ id: 'v1', on: '2026-01-05', channel: 'visit', state: 'held' }],
  };
  const before: Given = {
    ...nothing,
    people: [{ ...june, status: 'died', died_on: '2026-02-02' }],
    notes: [{ ...loss, sensitive: true }, cruise, bees],
  };
  const after: Given = { ...nothing, people: [june], notes: [bees] };
  const lines = [
    'brief dana --force',
    'brief dana --json',
    'person list dana',
    'timeline dana --screen-reader',
  ];
  expect(await screensOf(before, lines)).toEqual(await screensOf(after, lines));
});
