/** How every command behaves on terminals of all kinds: colour, width, scripts, and questions that are left. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { widthOf } from '../../src/domain/text.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient } from './seeding.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await place.withStore(addSample);
});
afterEach(() => place.remove());

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
    const { writeFileSync } = await import('node:fs');
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
