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
} from '../../src/cli/declaration.ts';
import { loadCommands } from '../../src/commands/index.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, type RunOptions, type RunResult, type TestPlace } from '../support/vault.ts';

const cells = await loadCommands();

/** A good value for each argument, by its name, or by the command's path and its name. */
const good: Readonly<Record<string, string>> = {
  patient: 'malu',
  person: 'Elsie',
  'person set patient': 'walt',
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
const filled = (cell: Declaration): readonly string[] => [
  ...words(cell),
  ...cell.arguments.filter(({ optional }) => !optional).map((argument) => goodFor(cell, argument)),
];

const huge = 'x'.repeat(10_240);
/** What the command line may hold in place of a word. NUL it can't; broken UTF-8 comes as U+FFFD. */
const brokenWords = ['', '   ', huge, '\u001b[2J\u0007\nsecond line', '\ufffd\ufffd', '-', '—', '../..'];
const wrongDays = [
  '',
  'yesterdayish',
  '31 feb',
  '2026-13-01',
  '2026-02-30',
  '3/4/2026',
  '99999-01-01',
  '0000-00-00',
  'in 99999999 days',
  'fri fri',
  'today 10:20',
  '12',
  '1799-01-01',
  '\u001b[31mfri',
  '२०२६-०३-१२',
  huge,
];

interface Case {
  readonly name: string;
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

const takesValue = ({ flags }: OptionDeclaration): boolean => /[<[]/.test(flags);
const longName = ({ flags }: OptionDeclaration): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;
const isDay = ({ flags }: OptionDeclaration): boolean => flags.endsWith('<date>');
const isText = ({ flags }: OptionDeclaration): boolean => /[<[]text[>\]]$/.test(flags);

function argumentCases(cell: Declaration): readonly Case[] {
  const declared = cell.arguments;
  const cases = declared.flatMap((argument, place) =>
    brokenWords.map((word): Case => {
      const values = declared
        .slice(0, place + 1)
        .map((one) => (one === argument ? word : goodFor(cell, one)));
      const after = declared.slice(place + 1).filter(({ optional }) => !optional);
      return {
        name: `${JSON.stringify(word.slice(0, 20))} for ${argument.name}`,
        argv: [...words(cell), '--', ...values, ...after.map((one) => goodFor(cell, one))],
        isWrong: word.includes('\ufffd') || (!argument.optional && word.trim() === ''),
      };
    }),
  );
  const hasRoom = declared.some(({ variadic }) => variadic);
  return [
    // Without a fault in it, it may fail for what is not there: a keyring, somebody to ask.
    {
      name: 'no argument',
      argv: words(cell),
      ...(declared.some(({ optional }) => !optional) ? { isWrong: true } : { codes: all }),
    },
    ...(hasRoom
      ? []
      : [
          {
            name: 'one too many',
            argv: [...words(cell), ...declared.map((argument) => goodFor(cell, argument)), 'more'],
            isWrong: true,
          },
        ]),
    {
      name: '-- and a text',
      argv: [...words(cell), '--', '--not an option'],
      isWrong: declared.length === 0,
    },
    ...cases,
  ];
}

function optionCases(cell: Declaration): readonly Case[] {
  const start = filled(cell);
  const unknown = { name: 'an unknown option', argv: [...start, '--frobnicate'], isWrong: true };
  const twoDashes = { name: 'an unknown letter', argv: [...start, '-Z'], isWrong: true };
  // What every command takes is read before it is known which one it is.
  const valued = [...cell.options, ...(cell === cells[0] ? globalOptions : [])].filter(takesValue);
  return [
    unknown,
    twoDashes,
    ...valued.flatMap((option): readonly Case[] => {
      const flag = longName(option);
      const values = isDay(option) ? wrongDays : brokenWords;
      return [
        ...(option.flags.includes('[')
          ? []
          : [{ name: `${flag} without its value`, argv: [...start, flag], isWrong: true }]),
        ...values.map((value) => ({
          name: `${flag} ${JSON.stringify(value.slice(0, 20))}`,
          argv: [...start, `${flag}=${value}`],
          isWrong: isDay(option) && value !== '',
        })),
      ];
    }),
  ];
}

const brokenInputs = [
  ['nothing', Buffer.alloc(0)],
  ['NUL', Buffer.from('a\0b\n')],
  ['no UTF-8', Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28])],
  ['escapes', Buffer.from('\u001b[2J\u001b]0;title\u0007')],
] as const;

/** Those that look into no vault, or into one whose key they ask for in a way of their own. */
const keyless = /^(?:complete|completion|config|demo|doctor|help|init|key list|lock|restore|status|unlock)$/;
const asksForKey = ({ path }: Declaration): boolean => !keyless.test(path);

/** Wherever standard input is read: `-` for a text, a name or a file, `--stdin`, and the passphrase. */
function inputCases(cell: Declaration): readonly Case[] {
  const start = filled(cell);
  const declared = cell.arguments;
  const last = declared.at(-1);
  const places: readonly (readonly string[])[] = [
    ...(last === undefined
      ? []
      : [[...words(cell), ...declared.slice(0, -1).map((one) => goodFor(cell, one)), '-']]),
    ...cell.options.filter(isText).map((option) => [...start, longName(option), '-']),
    ...cell.options.filter(({ flags }) => flags === '--stdin').map(() => [...start, '--stdin']),
  ];
  const given = places.flatMap((argv) =>
    brokenInputs.map(
      ([what, stdin]): Case => ({
        name: `${argv.slice(words(cell).length).join(' ')} with ${what} on standard input`,
        argv,
        options: { stdin },
      }),
    ),
  );
  const passphrase = brokenInputs.map(
    ([what, stdin]): Case => ({
      name: `${what} as the passphrase`,
      argv: [...start, '--passphrase-stdin'],
      options: { stdin, locked: true },
      codes: keys,
      isWrong: asksForKey(cell),
    }),
  );
  return [...given, ...(asksForKey(cell) ? passphrase : [])];
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

async function trial({ name, argv, options, isWrong, codes = slips }: Case): Promise<readonly string[]> {
  const before = kept();
  const result = await place.run(argv, options);
  const isRefused = result.code !== 0;
  const changed = !isSame(before, kept());
  if (changed) {
    place.remove();
    await renew();
  }
  const faults = isRefused
    ? [...faultsOf(result, codes), ...(changed ? ['the vault was changed'] : [])]
    : isWrong
      ? ['taken as right']
      : [];
  return faults.length === 0
    ? []
    : [
        `${name} (${result.code}): ${faults.join(', ')}\n    ${result.stderr.slice(0, 300).replaceAll('\n', '\n    ')}`,
      ];
}

beforeAll(renew);

describe('bad input', () => {
  it.each(cells.map((cell) => [cell.path, cell] as const))('%s refuses it in one line', async (_, cell) => {
    const faults: string[] = [];
    for (const one of [...argumentCases(cell), ...optionCases(cell), ...inputCases(cell)])
      faults.push(...(await trial(one)));
    expect(faults).toEqual([]);
    const { stdout, stderr, code } = await place.run([...filled(cell), '--frobnicate', '--json']);
    expect([stdout, code, JSON.parse(stderr)]).toMatchObject(['', 2, { error: { code: 2, name: 'usage' } }]);
  });
});
