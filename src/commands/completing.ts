/** What is being typed, told from the words of a command line and from what the commands declare. Pure. */
import type { ArgumentDeclaration, Declaration, Named, OptionDeclaration } from './command.ts';
import { globalOptions, groupSummaries } from './common.ts';

export interface Offer {
  readonly value: string;
  readonly help: string;
}

export interface Typing {
  readonly offers: readonly Offer[];
  /** What the word names, where that is asked of the vault or of the file system. */
  readonly named?: Named;
  /** The word as far as it is typed, without a quote before it. */
  readonly typed: string;
  /** What stands before it in the same word: '--kind='. */
  readonly lead: string;
  /** Whether the line names another vault than the usual one. */
  readonly isElsewhere: boolean;
}

const helpOption: OptionDeclaration = { flags: '--help', help: 'show help' };
const named = new Set<string>(['patient', 'promise', 'note', 'record', 'file', 'folder'] satisfies Named[]);
const isNamed = (name: string): name is Named => named.has(name);

/** '--kind' of '-k, --kind <kind>'. */
const longName = ({ flags }: OptionDeclaration): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;
const placeholder = ({ flags }: OptionDeclaration): string => /[<[]([^<>[\]]+)[>\]]/.exec(flags)?.[1] ?? '';
const isCalled = (option: OptionDeclaration, word: string): boolean =>
  option.flags.split(/[ ,]+/).includes(word.split('=')[0] ?? word);

const among = (choices: readonly string[] | undefined): readonly Offer[] =>
  (choices ?? []).map((value) => ({ value, help: '' }));

interface Line {
  /** The words before the one being typed, as far as they name the command. */
  readonly path: readonly string[];
  readonly command: Declaration | undefined;
  /** How many words of the command's arguments are typed. */
  readonly given: number;
  readonly used: readonly string[];
  /** The option whose value comes next. */
  readonly waiting: OptionDeclaration | undefined;
  /** After '--' every word is an argument. */
  readonly isPlain: boolean;
}

const optionsOf = (command: Declaration | undefined): readonly OptionDeclaration[] => [
  ...(command?.options ?? []),
  ...globalOptions,
  helpOption,
];

function afterWord(line: Line, word: string, declarations: readonly Declaration[]): Line {
  const { command, waiting } = line;
  const isOption = !line.isPlain && word.startsWith('-') && word !== '-';
  // An option whose value may be left out takes no option for it.
  if (waiting !== undefined && !(isOption && waiting.flags.includes('[')))
    return { ...line, waiting: undefined };
  if (word === '--' && !line.isPlain) return { ...line, waiting: undefined, isPlain: true };
  if (isOption) {
    const option = optionsOf(command).find((one) => isCalled(one, word));
    const takesNext = option !== undefined && placeholder(option) !== '' && !word.includes('=');
    return {
      ...line,
      used: option === undefined ? line.used : [...line.used, longName(option)],
      waiting: takesNext ? option : undefined,
    };
  }
  if (command !== undefined) return { ...line, given: line.given + 1 };
  const path = [...line.path, word];
  return { ...line, path, command: declarations.find((one) => one.path === path.join(' ')) };
}

function readLine(words: readonly string[], declarations: readonly Declaration[]): Line {
  let line: Line = { path: [], command: undefined, given: 0, used: [], waiting: undefined, isPlain: false };
  for (const word of words) line = afterWord(line, word, declarations);
  return line;
}

/** The words that can follow those of a path: commands, or groups of them. */
function followers(path: readonly string[], declarations: readonly Declaration[]): readonly Offer[] {
  const before = path.map((word) => `${word} `).join('');
  const offers = declarations
    .filter((one) => one.hidden !== true && one.path.startsWith(before))
    .map(({ path: whole, summary }): Offer => {
      const [value = '', second] = whole.slice(before.length).split(' ');
      return { value, help: second === undefined ? summary : (groupSummaries[value] ?? '') };
    });
  return [...new Map(offers.map((offer) => [offer.value, offer])).values()];
}

/** The argument that the next word is, where it says what to offer: a name of several words is begun only once. */
function argumentAt({ command, given }: Line): ArgumentDeclaration | undefined {
  const all = command?.arguments ?? [];
  const next = all[given];
  if (next !== undefined) return next;
  const last = all.at(-1);
  return last?.variadic && last.takes !== undefined ? last : undefined;
}

/** @param words after the program's name, up to the one being typed, which is the last and may be empty */
export function readTyping(words: readonly string[], declarations: readonly Declaration[]): Typing {
  const before = words.slice(0, -1);
  const line = readLine(before, declarations);
  const last = (words.at(-1) ?? '').replace(/^['"]/, '');
  const options = optionsOf(line.command);
  const isOption = last.startsWith('-') && !line.isPlain && line.waiting === undefined;
  const joined = isOption && last.includes('=') ? options.find((one) => isCalled(one, last)) : undefined;
  const option = line.waiting ?? joined;
  const lead = joined === undefined ? '' : last.slice(0, last.indexOf('=') + 1);
  const common = {
    typed: last.slice(lead.length),
    lead,
    isElsewhere: before.some((word) => /^--vault(?:=|$)/.test(word)),
  };
  const fitting = (offers: readonly Offer[]): readonly Offer[] =>
    offers.filter(({ value }) => value.startsWith(common.typed));
  if (option === undefined && isOption)
    return {
      ...common,
      offers: fitting(
        options
          .filter((one) => one.repeat === true || !line.used.includes(longName(one)))
          .map((one) => ({ value: longName(one), help: one.help })),
      ),
    };
  if (option === undefined && line.command === undefined)
    return { ...common, offers: fitting(followers(line.path, declarations)) };
  const wanted = option ?? argumentAt(line);
  const name = option === undefined ? (argumentAt(line)?.name ?? '') : placeholder(option);
  const kind = wanted?.takes ?? (isNamed(name) ? name : undefined);
  return { ...common, offers: fitting(among(wanted?.choices)), ...(kind && { named: kind }) };
}
