/** Every command's `--json`, as it is printed on real vaults, against the schemas in docs/schemas. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCommands, loadRoot } from '../src/commands/index.ts';
import {
  askableFields,
  channels,
  commitmentKinds,
  commitmentStatuses,
  contactStates,
  noteKinds,
  noteStatuses,
  owners,
  patientStatuses,
  tones,
} from '../src/domain/records.ts';
import { runBinary } from './support/binary.ts';
import { addSample } from './support/sample.ts';
import { faultsOf, readSchema, schemaNameOf, schemaNames } from './support/schemas.ts';
import { makePlace, makeVault, passphrase, type RunOptions, type TestPlace } from './support/vault.ts';

const cells = await loadCommands();
const { path: rootPath } = await loadRoot();

const nameOf = (path: string): string => (path === rootPath ? 'glance' : path.replace(' ', '-'));

/** What asks the system: the keyring is tried where there is one, with the other slow suites; the agent below. */
const elsewhere = ['key-keyring', 'unlock', 'lock'];

const seen = new Set<string>();
/** Of a document that a command printed: nothing that its schema does not know. */
function check(text: string): void {
  const document: unknown = JSON.parse(text);
  const name = schemaNameOf(document);
  seen.add(name);
  expect({ name, faults: faultsOf(name, document) }).toEqual({ name, faults: [] });
}

type Step = readonly [line: string, options?: RunOptions];
const typed = (text: string): RunOptions => ({ stdin: `${text}\n` });

/** One session, in its order; words are parted by blanks, `+` stands for a blank. */
const session: readonly Step[] = [
  [''],
  ['help'],
  ['help dates'],
  ['completion fish'],
  ['config'],
  ['config idle 0'],
  ['calendar add 2026-12-25 Christmas'],
  ['calendar away 2026-08-03 2026-08-21 summer'],
  ['calendar weekend sat sun'],
  ['calendar list'],
  ['calendar import days.txt --dry-run'],
  ['calendar import days.txt'],
  ['calendar remove 2026-12-25'],
  ['due --all'],
  ['due --names-only --days 30'],
  ['due --daily', { locked: true }],
  ['due --daily'],
  ['', { locked: true }],
  ['brief malu'],
  ['brief ned --why'],
  ['brief walt --all --sensitive'],
  ['day'],
  ['day --full --on 2026-03-18'],
  ['note malu --stdin', typed("@--06-14 Ana's wedding\n! call about it by fri\nfamily: Ana, her daughter")],
  ['note malu --kind avoid --sensitive -', typed('the house')],
  [
    'commit malu --stdin',
    typed('? is it safe to drive\n~ sketches help\nstaff: send the form by mon\n> the choir'),
  ],
  ['commit ned --channel none --stdin', typed('story: new in town')],
  ['contact walt --channel call --in --gist -', typed('asked about the bus')],
  ['contact walt --planned --on 2026-03-20 --at 9:15'],
  ['done malu-c2 --how -', typed('cheaper one found')],
  ['tried malu-c1 --note -', typed('no answer')],
  ['told malu-c1'],
  ['snooze malu-c1 --to 2026-03-30', typed('')],
  ['drop malu-c3 --reason -', typed('not wanted')],
  ['answer malu-n1 --text -', typed('yes')],
  ['edit malu-n1 --answer -', typed('yes, with a break')],
  ['edit walt-c1 --text -', typed('Call about the garden')],
  ['notes malu --earlier --sensitive'],
  ['search malu'],
  ['search fly'],
  ['timeline malu'],
  ['timeline walt'],
  ['review'],
  ['person add walt Tom --relation son --birth-date 1990-05'],
  ['person list walt'],
  ['person set walt Tom --relation stepson'],
  ['person died walt Tom --on 2026-02'],
  ['patient add Ana+Berg --goes-by Annie --declined pronouns --yes'],
  ['patient add Annie+Berg --handle berg --yes'],
  ['patient list'],
  ['patient list --status all'],
  ['patient show walt'],
  ['patient set annie --language Spanish --birth-date 1961 --cadence 90d'],
  ['patient alias annie Nan'],
  ['patient merge berg annie --yes'],
  ['patient archive annie'],
  ['patient hold ned'],
  ['patient hold ned --off'],
  ['patient died walt --on 2026-03-01 --drop walt-c1 --yes'],
  ['patient died walt --mistaken'],
  ['patient forget ned --yes'],
  ['undo --list'],
  ['import new.json --dry-run'],
  ['import new.json --yes'],
  ['import bad.json --skip-bad --dry-run'],
  ['undo --dry-run'],
  ['undo'],
  ['undo --redo'],
  ['confirm new-n1'],
  ['pin new-n1'],
  ['move new-n1 --to malu'],
  ['retire new-n1'],
  ['export --out all.json'],
  ['log'],
  ['log --patient malu'],
  ['backup kept.backup'],
  ['doctor'],
  ['status'],
  ['key list'],
  ['key recovery --out sheet.txt'],
  ['key rotate --out another.txt'],
  ['key export-raw --yes'],
  ['key export-raw --yes --out raw.sql'],
  ['key passphrase'],
  ['restore kept.backup --yes'],
];

describe('what is printed with --json', () => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await makeVault({ settings: { 'due.quiet': '30d' } });
    await place.withStore(addSample);
    const write = (name: string, text: string) =>
      writeFileSync(join(place.work, name), text, { mode: 0o600 });
    write('days.txt', '2026-10-12 Holiday\n2026-11-01\n');
    write('new-passphrase.txt', 'another horse battery staple\n');
    const note = { id: 'new-n1', kind: 'story', text: 'keeps bees' };
    const patients = [{ id: 'new', name: 'Rosa Lind', notes: [note], people: [{ id: 'p', name: 'Per' }] }];
    const bad = [{ name: 'No Body', notes: [{ kind: 'story', text: 'x', date: '2026-13-01' }] }];
    write('bad.json', JSON.stringify({ format: 'rapport', version: 1, patients: bad }));
    write('new.json', JSON.stringify({ format: 'rapport', version: 1, patients }));
  });
  afterAll(() => place.remove());

  it('fits the schemas in a session of every command', async () => {
    for (const [line, options] of session) {
      const words = line.split(' ').filter((word) => word !== '');
      const argv = [...words.map((word) => word.replaceAll('+', ' ')), '--json'];
      const env = { ...options?.env, RAPPORT_NEW_PASSPHRASE_FILE: join(place.work, 'new-passphrase.txt') };
      const { stdout, stderr, code } = await place.run(argv, { ...options, env });
      expect({ line, stderr: code === 0 ? '' : stderr, code }).toEqual({ line, stderr: '', code: 0 });
      check(stdout);
    }
  }, 60_000);

  it('fits them on an empty vault, on none, and in the demonstration', async () => {
    const empty = await makeVault();
    const none = makePlace();
    try {
      for (const line of [
        '',
        'due',
        'day',
        'review',
        'patient list',
        'search x',
        'undo --list',
        'log',
        'calendar list',
      ])
        check((await empty.run([...line.split(' ').filter(Boolean), '--json'])).stdout);
      check((await none.run(['--json'])).stdout);
      const demo = await none.run(['demo', '--json']);
      check(demo.stdout);
      const { vault }: { readonly vault: string } = JSON.parse(demo.stdout);
      const inDemo = { env: { RAPPORT_VAULT: vault, RAPPORT_PASSPHRASE: undefined } };
      for (const line of ['due --all', 'day --full', 'review', 'log', 'status', 'unlock', 'undo --list'])
        check((await none.run([...line.split(' '), '--json'], inDemo)).stdout);
      const list: { readonly items: readonly { readonly handle: string }[] } = JSON.parse(
        (await none.run(['patient', 'list', '--status', 'all', '--json'], inDemo)).stdout,
      );
      expect(list.items.length).toBeGreaterThan(5);
      for (const { handle } of list.items)
        for (const command of ['brief', 'notes', 'timeline'])
          check((await none.run([command, handle, '--sensitive', '--json'], inDemo)).stdout);
      check(
        (
          await none.run(['init', '--recovery-out', 'code.txt', '--json'], {
            env: { RAPPORT_VAULT: join(none.root, 'own') },
          })
        ).stdout,
      );
    } finally {
      empty.remove();
      none.remove();
    }
  });

  it('fits them with the agent', async () => {
    const own = await makeVault({ settings: { idle: '3h' } });
    try {
      const env = { RAPPORT_PASSPHRASE: passphrase };
      check((await runBinary(['unlock', '--json'], { root: own.root, env })).stdout);
      check((await runBinary(['status', '--json'], own)).stdout);
      check((await runBinary(['--json'], own)).stdout);
      check((await runBinary(['lock', '--json'], own)).stdout);
    } finally {
      own.remove();
    }
  });

  it('is an error where something is wrong, on stderr alone', async () => {
    const [none, several] = [makePlace(), await makeVault()];
    try {
      for (const name of ['Ann Berg', 'Ann Holm'])
        await several.run(['patient', 'add', name, '--handle', name.slice(4).toLowerCase(), '--yes']);
      for (const [line, exit] of [
        ['due', 3],
        ['brief nobody-here', 3],
        ['unheard-of', 2],
        ['due --days soon', 2],
        ['due --debug', 3],
      ] as const) {
        const { stdout, stderr, code } = await none.run([...line.split(' '), '--json']);
        expect({ stdout, code }).toEqual({ stdout: '', code: exit });
        const document: unknown = JSON.parse(stderr);
        expect(document).toMatchObject({ error: { code: exit } });
        expect(faultsOf('error', document)).toEqual([]);
      }
      // Several patients: the candidates are details.
      const { stderr, code } = await several.run(['brief', 'ann', '--json']);
      expect([code, faultsOf('error', JSON.parse(stderr))]).toEqual([6, []]);
      expect(JSON.parse(stderr)).toMatchObject({
        error: {
          name: 'ambiguous',
          details: [/Ann Berg/, /Ann Holm/].map((one) => expect.stringMatching(one)),
        },
      });
    } finally {
      none.remove();
      several.remove();
    }
  });

  it('was seen of every command, and each has a schema', () => {
    const wanted = [...cells.filter(({ hidden }) => hidden !== true).map(({ path }) => path), rootPath].map(
      nameOf,
    );
    expect([...seen, ...elsewhere].filter((name) => !wanted.includes(name))).toEqual([]);
    expect(wanted.filter((name) => !seen.has(name) && !elsewhere.includes(name))).toEqual([]);
    expect([...schemaNames].sort()).toEqual([...wanted, 'records', 'error'].sort());
  });
});

describe('the schemas', () => {
  it('know the same words as the program', () => {
    const defs = readSchema('records')['$defs'];
    expect(defs).toMatchObject({
      note_kind: { enum: noteKinds },
      note_status: { enum: noteStatuses },
      tone: { enum: tones },
      owner: { enum: owners },
      commitment_kind: { enum: commitmentKinds },
      commitment_status: { enum: commitmentStatuses },
      channel: { enum: channels },
      contact_state: { enum: contactStates },
      patient_status: { enum: patientStatuses },
      askable_field: { enum: askableFields },
    });
  });

  it('let a reader take what a later version adds', () => {
    for (const name of schemaNames)
      expect(JSON.stringify(readSchema(name))).not.toMatch(/additionalProperties|unevaluated/);
  });

  it('find what does not fit', () => {
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: false })).not.toEqual([]);
    expect(faultsOf('lock', { schema: 'rapport.lock/1', locked: true, more: 1 })).not.toEqual([]);
  });
});
