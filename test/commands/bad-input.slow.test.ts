/**
 * What no command may take: words left out, one too many, empty, huge or broken ones, everywhere that the declarations
 * have room for one. Each is answered with one cause and a way out, and leaves the vault as it was, byte for byte.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ArgumentDeclaration,
  type Declaration,
  globalOptions,
  type OptionDeclaration,
} from '../../src/cli/command.ts';
import { loadCommands } from '../../src/commands/index.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, type RunOptions, type RunResult, type TestPlace } from '../support/vault.ts';

const cells = await loadCommands();

/** A good value for each argument, by its name, or by the command's path and its name. */
const good: Readonly<Record<string, string>> = {
  patient: 'malu',
  whose: 'walt',
  person: 'Elsie',
  'person died patient': 'walt',
  id: 'malu-c1',
  'edit id': 'malu-n1',
  'answer id': 'malu-n1',
  'retire id': 'malu-n1',
  'confirm id': 'malu-n1',
  'pin id': 'malu-n1',
  'move id': 'malu-n1',
  text: 'likes tea',
  words: 'recipe',
  name: 'Ana Berg',
  operation: 'zzzzz',
  from: '2026-04-01',
  to: '2026-04-03',
  'patient merge from': 'malu',
  'patient merge into': 'ned',
  date: '2026-04-01',
  reason: 'holiday',
  days: 'sat',
  file: 'list.json',
  key: 'language',
  value: 'Spanish',
  topic: 'dates',
  shell: 'bash',
};

const goodFor = (cell: Declaration, { name }: ArgumentDeclaration): string => {
  const value = good[`${cell.path} ${name}`] ?? good[name];
  if (value === undefined) throw new Error(`no good value is known for ${name} of ${cell.path}`);
  return value;
};

const words = (cell: Declaration): readonly string[] => cell.path.split(' ');
/** Good values for the arguments that have to be there, from one of them on. */
const needed = (cell: Declaration, from = 0): readonly string[] =>
  cell.arguments
    .slice(from)
    .filter(({ optional }) => !optional)
    .map((one) => goodFor(cell, one));

const huge = 'x'.repeat(10_240);
/** What the command line may hold in place of a word. NUL it can't; broken UTF-8 comes as U+FFFD. */
const brokenWords = ['', '   ', huge, '\u001b[2J\u0007\nsecond line', '\ufffd\ufffd', '-', '—', '../..'];
const wrongDays = [
  ...['', 'yesterdayish', '31 feb', '2026-13-01', '2026-02-30', '3/4/2026', '99999-01-01', '0000-00-00'],
  ...['in 99999999 days', 'fri fri', 'today 10:20', '12', '1799-01-01', '\u001b[31mfri', '२०२६-०३-१२', huge],
];
const brokenInputs = [
  Buffer.alloc(0),
  Buffer.from('a\0b\n'),
  Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28]),
  Buffer.from('\u001b[2J\u001b]0;title\u0007'),
];

interface Case {
  readonly argv: readonly string[];
  readonly options?: RunOptions;
  /** It can't be right, whatever the command makes of it. */
  readonly isWrong?: boolean;
  /** Those of a slip unless given. */
  readonly codes?: readonly number[];
}

/** Usage, not found and ambiguous; a file that is there already. */
const slips = [2, 3, 6, 9];
const keys = [...slips, 4, 5];
const all = [...keys, 1, 7, 8];

const longName = ({ flags }: OptionDeclaration): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;

function* argumentCases(cell: Declaration): Generator<Case> {
  const declared = cell.arguments;
  // Without a fault in it, it may fail for what is not there: a keyring, somebody to ask.
  yield { argv: words(cell), ...(needed(cell).length > 0 ? { isWrong: true } : { codes: all }) };
  const whole = [...words(cell), ...declared.map((one) => goodFor(cell, one))];
  if (!declared.some(({ variadic }) => variadic)) yield { argv: [...whole, 'more'], isWrong: true };
  yield { argv: [...words(cell), '--', '--not an option'], isWrong: declared.length === 0 };
  for (const [place, argument] of declared.entries())
    for (const word of brokenWords) {
      const before = declared.slice(0, place).map((one) => goodFor(cell, one));
      yield {
        argv: [...words(cell), '--', ...before, word, ...needed(cell, place + 1)],
        isWrong: word.includes('\ufffd') || (!argument.optional && word.trim() === ''),
      };
    }
}

function* optionCases(cell: Declaration): Generator<Case> {
  const start = [...words(cell), ...needed(cell)];
  for (const unknown of ['--frobnicate', '-Z']) yield { argv: [...start, unknown], isWrong: true };
  // What every command takes is read before it is known which one it is.
  for (const option of [...cell.options, ...(cell === cells[0] ? globalOptions : [])]) {
    const { flags } = option;
    if (!/[<[]/.test(flags)) continue;
    const isDay = flags.endsWith('<date>');
    if (!flags.includes('[')) yield { argv: [...start, longName(option)], isWrong: true };
    for (const value of isDay ? wrongDays : brokenWords)
      yield { argv: [...start, `${longName(option)}=${value}`], isWrong: isDay && value !== '' };
  }
}

/** Those that look into no vault, or into one whose key they ask for in a way of their own. */
const keyless = /^(?:complete|completion|config|demo|doctor|help|init|key list|lock|restore|status|unlock)$/;

/** Wherever standard input is read: `-` for a text, a name or a file, `--stdin`, and the passphrase. */
function* inputCases(cell: Declaration): Generator<Case> {
  const start = [...words(cell), ...needed(cell)];
  const before = cell.arguments.slice(0, -1).map((one) => goodFor(cell, one));
  const texts = cell.options.filter(({ flags }) => /[<[]text[>\]]$/.test(flags));
  const places = [
    ...(cell.arguments.length === 0 ? [] : [[...words(cell), ...before, '-']]),
    ...texts.map((option) => [...start, longName(option), '-']),
    ...(cell.options.some(({ flags }) => flags === '--stdin') ? [[...start, '--stdin']] : []),
  ];
  for (const stdin of brokenInputs) {
    for (const argv of places) yield { argv, options: { stdin } };
    if (keyless.test(cell.path)) continue;
    const options = { stdin, locked: true };
    yield { argv: [...start, '--passphrase-stdin'], options, codes: keys, isWrong: true };
  }
}

let place: TestPlace;
const renew = async (): Promise<void> => {
  place = await makeVault();
  await place.withStore(addSample);
};

/** Everything in the vault's folder and beside it, as bytes. */
const kept = (): ReadonlyMap<string, string> =>
  new Map(
    [place.folder, place.work].flatMap((folder) =>
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')] as const),
    ),
  );

const isSame = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean =>
  before.size === after.size && [...before].every(([name, bytes]) => after.get(name) === bytes);

/** What is wrong with a refusal; nothing where it is a good one. */
function faultsOf({ stdout, stderr, code }: RunResult, codes: readonly number[]): readonly string[] {
  const lines = stderr.trimEnd().split('\n');
  // A notice may stand before it.
  const cause = lines.findIndex((line) => line.startsWith('rapport: '));
  const fault = (holds: boolean, what: string): readonly string[] => (holds ? [] : [what]);
  return [
    ...fault(codes.includes(code), `exit code ${code}`),
    ...fault(stdout === '', 'something on standard output'),
    ...fault(cause >= 0, 'no cause'),
    ...fault(
      lines.slice(cause + 1).some((line) => /^hint: \S/.test(line)),
      'no hint',
    ),
    ...fault(
      lines.every((line) => line.length <= 400),
      'a line without end',
    ),
    ...fault(!/^\s+at .*:\d+/m.test(stderr) && !/fault in rapport/.test(stderr), 'a defect'),
    ...fault(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(stderr), 'control characters'),
    ...fault(lines.length <= 12, 'too many lines'),
  ];
}

/** What is wrong with how it went. A vault that was changed is made anew. */
async function trial({ argv, options, isWrong, codes = slips }: Case): Promise<readonly string[]> {
  const before = kept();
  const result = await place.run(argv, options);
  const changed = !isSame(before, kept());
  if (changed) {
    place.remove();
    await renew();
  }
  if (result.code === 0) return isWrong ? ['taken as right'] : [];
  return [...faultsOf(result, codes), ...(changed ? ['the vault was changed'] : [])];
}

beforeAll(renew);

describe('bad input', () => {
  it.each(cells.map((cell) => [cell.path, cell] as const))('%s refuses it in one line', async (_, cell) => {
    for (const one of [...argumentCases(cell), ...optionCases(cell), ...inputCases(cell)]) {
      const argv = one.argv.map((word) => word.slice(0, 30));
      expect([argv, await trial(one)]).toEqual([argv, []]);
    }
    const wrong = [...words(cell), ...needed(cell), '--frobnicate', '--json'];
    const { stdout, stderr, code } = await place.run(wrong);
    expect([stdout, code, JSON.parse(stderr)]).toMatchObject(['', 2, { error: { code: 2, name: 'usage' } }]);
  });
});
