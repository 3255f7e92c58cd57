/** How every command behaves on terminals of all kinds: colour, width, scripts, and questions that are left. */
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { topics, topicText } from '../../src/cli/help.ts';
import { widthOf } from '../../src/domain/text.ts';
import { splitCommand } from '../../src/terminal/subprocess.ts';
import { runBinary } from '../support/binary.ts';
import { addPatient, addSample } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});

describe('colour', () => {
  const none = { NO_COLOR: undefined };
  it.each([
    ['a terminal', 80, [], none, true],
    ['no terminal', undefined, [], none, false],
    ['NO_COLOR', 80, [], { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', 80, [], { NO_COLOR: '' }, true],
    ['TERM=dumb', 80, [], { ...none, TERM: 'dumb' }, false],
    ['FORCE_COLOR in a pipe', undefined, [], { ...none, FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR over NO_COLOR', undefined, [], { NO_COLOR: '1', FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', 80, [], { ...none, FORCE_COLOR: '0' }, false],
    ['--color never over FORCE_COLOR', 80, ['--color', 'never'], { ...none, FORCE_COLOR: '1' }, false],
    ['--color always over all', undefined, ['--color', 'always'], { NO_COLOR: '1', TERM: 'dumb' }, true],
    ['--json on a terminal', 80, ['--json'], none, false],
  ] as const)('with %s', async (_, terminal, flags, env, isColoured) => {
    const options = { env, ...(terminal !== undefined && { terminal }) };
    for (const command of ['due', 'config', 'patient list', 'timeline malu', 'review', 'day', 'brief malu']) {
      const force = command.startsWith('brief') ? ['--force'] : [];
      const { stdout } = await place.run([...command.split(' '), ...force, ...flags], options);
      expect(stdout.includes('\u001b['), command).toBe(isColoured);
    }
  });
});

const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

describe('the topics of help', () => {
  it.each([80, 60, 40])('fit %i columns, and no word is broken', async (terminal) => {
    for (const topic of [...Object.keys(topics), 'exit-codes', '']) {
      const argv = ['help', topic].filter((word) => word !== '');
      const [shown, whole] = [await place.run(argv, { terminal }), await place.run(argv, { terminal: 200 })];
      for (const line of shown.stdout.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(terminal);
      expect(wordsOf(shown.stdout)).toEqual(wordsOf(topicText(topic) || whole.stdout));
    }
  });
});

describe('with --json', () => {
  it('an error is all that is on stderr, whatever a program complained of', async () => {
    const complaining = { RAPPORT_PASSPHRASE_COMMAND: `sh -c 'echo a complaint >&2; exit 1'` };
    const { stderr } = await runBinary(['due', '--json'], { root: place.root, env: complaining });
    expect(JSON.parse(stderr).error).toMatchObject({ name: 'locked' });
  });

  it('what was said on the way is told at the end, but for the clock', async () => {
    const argv = ['note', 'malu', 'family: is a difficult patient', '--json'];
    const { code, stderr } = await place.run(argv, { env: { RAPPORT_TODAY: '2026-03-12' } });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^hint: /);
    expect(stderr).not.toContain('clock');
  });
});

const lists = [
  'rapport',
  'due --all',
  'day',
  'brief malu',
  'notes malu',
  'timeline malu',
  'review',
  'search call',
  'patient list',
  'patient show malu',
  'person list malu',
  'log',
  'undo --list',
  'config',
  'calendar list',
  'key list',
  'help exit-codes',
  'import plan.csv --map name=NAME --dry-run',
] as const;

describe('from 40 to 200 columns', () => {
  beforeEach(async () => {
    await addPatient(place, 'אברהם בן דוד', 'avraham', {
      notes: [{ kind: 'story', text: 'גר ליד הים עם אחותו ושר במקהלה כל יום חמישי בערב' }],
    });
    await addPatient(place, '王小明 和他的很长很长的名字', 'wang', {
      commitments: [{ text: '给他打电话谈谈检查结果，然后寄一份低盐食谱' }],
    });
    await addPatient(place, 'مريم العلي', 'maryam', { people: [{ name: 'José María Ibáñez de la Cruz' }] });
    writeFileSync(`${place.work}/plan.csv`, 'NAME\nJosé Ibáñez\n王小明\n');
  });

  it.each([40, 61, 80, 132, 200])('%i: nothing is wider', async (terminal) => {
    const wide: string[] = [];
    for (const list of lists) {
      const { stdout } = await place.run(list === 'rapport' ? [] : list.split(' '), { terminal });
      wide.push(
        ...stdout
          .split('\n')
          .filter((line) => widthOf(line) > terminal)
          .map((line) => `${list}: ${line}`),
      );
    }
    expect(wide).toEqual([]);
  });
});

it('a folder without a vault may be open to others', async () => {
  const folder = join(place.root, 'open');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const { code, stderr } = await place.run(['due', '--vault', folder]);
  expect({ code, stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(`no vault in ${folder}\nhint: rapport init`),
  });
  expect(statSync(folder).mode & 0o777).toBe(0o777);
});

it.each([
  'note nobody',
  'note nobody --editor',
  'note malu --person Nobody',
  'note malu --replaces zzzzz',
  'commit nobody --promise',
])('%s asks for no text that would be lost', async (command) => {
  const argv = command.split(' ');
  expect(await place.run(argv, { answers: [] })).toMatchObject({ code: 3, asked: [] });
  const env = { RAPPORT_PASSPHRASE: 'another one altogether' };
  expect(await place.run(argv, { answers: [], env })).toMatchObject({ code: 5, asked: [] });
});

/** Commands that ask, each with all of its answers. */
const asking: readonly (readonly [command: string, answers: readonly string[]])[] = [
  ['patient add', ['Amara Obi', 'Amara', '', 'she/her', '-', '1961', 'yes', 'yes']],
  ['patient add "Maria Luisa Razo"', ['no']],
  ['note malu', ['likes tea']],
  ['commit malu', ['', '', 'call by fri', '', 'a story', '', 'a question', '']],
  ['snooze malu-c1', ['2 apr', 'she asked']],
  ['snooze walt-c1 --to 2026-04-02', ['yes']],
  ['drop malu-c1', ['not wanted']],
  ['tried malu-c1', ['no reply']],
  ['answer malu-n1', ['Yes']],
  ['edit malu-n1', ['Can I fly?']],
  ['retire malu-n1 --erase', ['yes']],
  ['patient died malu', ['drop', 'drop', 'drop']],
  ['patient forget malu', ['María Luisa Razo']],
  ['patient merge ned walt', ['yes']],
  ['search', ['call']],
  ['person add malu', ['Ana', 'sister']],
  ['key passphrase', ['correct horse battery staple', 'other words and more', 'other words and more']],
];

describe('Ctrl-C', () => {
  const records = async (): Promise<string> =>
    (await place.run(['export'])).stdout.replace(/"exported_at": "[^"]*"/, '');

  it.each(asking)('at any question of %s leaves the records as they were', async (command, answers) => {
    for (const at of answers.keys()) {
      const before = [await records(), await place.withStore((store) => store.history.newest()?.id)];
      const { code, stderr, stdout } = await place.run(splitCommand(command), {
        answers: [...answers.slice(0, at), '^C'],
        terminal: 80,
      });
      expect({ code, at, stdout }).toEqual({ code: 130, at, stdout: '' });
      expect(stderr).toMatch(/^rapport: [^\n]*(?:nothing was changed|draft)[^\n]*$/m);
      expect([await records(), await place.withStore((store) => store.history.newest()?.id)]).toEqual(before);
      await place.withStore((store) => {
        for (const { id } of store.drafts.of('malu')) store.drafts.discard(id);
      });
    }
  });
});
