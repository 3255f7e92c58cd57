/**
 * The commander tree, made from the commands' declarations. Commander splits the words and knows the near misses;
 * what it complains about is turned into our own failures, so that every error of rapport reads alike.
 */
import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import { type Declaration, type OptionDeclaration, RawInput, type Reading } from './commands/command.ts';
import { globalOptions, groupSummaries } from './commands/common.ts';
import { nearestWord } from './domain/naming.ts';
import { channelWords } from './domain/records.ts';
import { printable } from './domain/text.ts';
import { Failure, usage } from './errors.ts';
import type { Globals } from './world.ts';

export interface Program {
  readonly declarations: readonly Declaration[];
  /** Text for the person who asked for help or the version. */
  readonly write: (text: string) => void;
  readonly columns: number;
  readonly version: string;
  readonly execute: (path: string, raw: (reading: Reading) => RawInput, globals: Globals) => Promise<void>;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function optionOf(declaration: OptionDeclaration): Option {
  const option = new Option(declaration.flags, declaration.help);
  if (declaration.choices) option.choices([...declaration.choices]);
  const { choices, repeat } = declaration;
  // A parser of our own takes the place of commander's check of the choices.
  if (repeat)
    option.argParser((value: string, before: readonly string[] | undefined) => {
      if (choices !== undefined && !choices.includes(value))
        throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
      return collect(value, before);
    });
  return option;
}

export function readGlobals(options: Readonly<Record<string, unknown>>): Globals {
  const color = options['color'];
  return {
    vault: typeof options['vault'] === 'string' ? options['vault'] : undefined,
    color: color === 'always' || color === 'never' ? color : 'auto',
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    yes: options['yes'] === true,
    noInput: options['input'] === false,
    debug: options['debug'] === true,
    passphraseStdin: options['passphraseStdin'] === true,
    screenReader: options['screenReader'] === true,
  };
}

/** Options under their own names: commander's camel case and its `--no-` flags turned back. */
const underFlagNames = (
  command: Command,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    command.options.map((option) => [option.long?.replace(/^--/, '') ?? '', values[option.attributeName()]]),
  );

function describe(command: Command, declaration: Declaration): void {
  command.summary(declaration.summary).description(declaration.summary);
  command.addHelpText(
    'after',
    `\nExamples:\n${declaration.examples.map((line) => `  $ ${line}`).join('\n')}`,
  );
}

function addCommand(parent: Command, declared: Declaration, program: Program): void {
  const command = parent.command(declared.path.split(' ').at(-1) ?? declared.path, {
    hidden: declared.hidden === true,
  });
  describe(command, declared);
  if (parent.parent === null) command.helpGroup(`${declared.group}:`);
  for (const argument of declared.arguments ?? []) {
    const name = argument.variadic ? `${argument.name}...` : argument.name;
    command.argument(argument.optional ? `[${name}]` : `<${name}>`, argument.help);
  }
  for (const option of declared.options ?? []) command.addOption(optionOf(option));
  command.action(async () => {
    const globals = readGlobals(command.optsWithGlobals());
    const words = Object.fromEntries(
      command.processedArgs.map((value: unknown, index) => [
        declared.arguments?.[index]?.name ?? '',
        Array.isArray(value) ? value.map(String) : value === undefined ? undefined : String(value),
      ]),
    );
    const options = underFlagNames(command, command.opts());
    await program.execute(declared.path, (reading) => new RawInput(words, options, reading), globals);
  });
}

const takesValue = new Set(
  globalOptions.filter(({ flags }) => flags.includes('<')).map(({ flags }) => flags.split(' ')[0]),
);

/** What a command line can mean: the commands of its first word where that is one, else all. */
export function declarationsFor(
  declarations: readonly Declaration[],
  argv: readonly string[],
): readonly Declaration[] {
  const first = argv.find((word, place) => !word.startsWith('-') && !takesValue.has(argv[place - 1]));
  const meant = declarations.filter(({ path }) => path === first || path.startsWith(`${first} `));
  if (meant.length > 0) return meant;
  // These are listed, not run: the list shows whether there are options, and to make them all takes its time.
  return declarations.map((one) =>
    one.options === undefined ? one : { ...one, options: one.options.slice(0, 1) },
  );
}

export function buildProgram(program: Program): Command {
  const root = new Command('rapport');
  root
    .description('a memory for the human side of care: who they are, what was promised, what is still open')
    .version(program.version, '-V')
    .version(program.version, '-v, --version', 'print the versions')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ helpWidth: Math.min(program.columns, 100), sortSubcommands: false })
    .configureOutput({ writeOut: program.write, writeErr: () => undefined, outputError: () => undefined })
    .exitOverride()
    .showSuggestionAfterError(true);
  root.options[0]?.hideHelp();
  for (const option of globalOptions) root.addOption(optionOf(option));
  const groups = new Map<string, Command>();
  for (const declared of program.declarations) {
    const [first = '', second] = declared.path.split(' ');
    if (second === undefined) {
      addCommand(root, declared, program);
      continue;
    }
    let group = groups.get(first);
    if (group === undefined) {
      group = root
        .command(first)
        .summary(groupSummaries[first] ?? first)
        .description(groupSummaries[first] ?? first)
        .helpCommand(false)
        .helpGroup(`${declared.group}:`);
      groups.set(first, group);
    }
    addCommand(group, declared, program);
  }
  return root;
}

const shorten = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}…` : text);

/** How help on what the words begin with is asked for: 'rapport patient add --help'. */
function helpOn(words: readonly string[], declarations: readonly Declaration[]): string {
  const [first = '', second = ''] = words;
  const isCommand = (path: string): boolean => declarations.some((one) => one.path === path);
  const isGroup = declarations.some(({ path }) => path.startsWith(`${first} `));
  const command = isCommand(`${first} ${second}`)
    ? [first, second]
    : isCommand(first) || isGroup
      ? [first]
      : [];
  return ['rapport', ...command, '--help'].join(' ');
}

/** A value that is none of the choices: the nearest of them, and all. */
function choiceFailure(complaint: string): Failure | undefined {
  const found = /^error: (.* argument '(.*)' is invalid)\. Allowed choices are (.*)\.$/su.exec(complaint);
  if (!found) return undefined;
  const [, message = '', value = '', listed = ''] = found;
  const choices = listed.split(', ');
  const typed = value.toLowerCase();
  const near = choices.find((choice) => choice === channelWords.get(typed)) ?? nearestWord(typed, choices);
  return usage(
    shorten(printable(message)),
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    `use ${listed}`,
  );
}

/** What came as no UTF-8 has lost its characters by now: nothing is to be stored or looked for by what is left. @throws usage */
export function refuseBroken(words: readonly string[]): void {
  if (words.some((word) => word.includes('\ufffd')))
    throw usage('a word of the command line is not UTF-8', 'is the terminal set to UTF-8? see: locale');
}

/** A slip whose failure names no way out leads to the help of its command. */
export const withWayOut = (
  error: unknown,
  words: readonly string[],
  declarations: readonly Declaration[],
): unknown =>
  error instanceof Failure && error.hints.length === 0 && /^(?:usage|not-found)$/.test(error.exit)
    ? new Failure(error.exit, error.message, [helpOn(words, declarations)], error.details)
    : error;

/** Commander's complaint as a failure of ours, or undefined where it was no error (help, version). */
export function failureOf(
  error: CommanderError,
  words: readonly string[],
  declarations: readonly Declaration[],
): Failure | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') {
    const group = words.find((word) => !word.startsWith('-'));
    const ofGroup = declarations.flatMap(({ path }) =>
      path.startsWith(`${group} `) ? path.split(' ')[1] : [],
    );
    return usage(
      `${group ?? 'rapport'}: which command?`,
      ...(ofGroup.length > 0 ? [ofGroup.join(', ')] : []),
      `rapport ${group ?? ''} --help`.replace('  ', ' '),
    );
  }
  const ofChoices = choiceFailure(error.message);
  if (ofChoices !== undefined) return ofChoices;
  const [line = '', ...rest] = error.message.split('\n');
  const near = /\(Did you mean (.*)\?\)/.exec(rest.join(' '))?.[1];
  const message = shorten(printable(line.replace(/^error: /, '').replace(/\.$/, '')));
  return usage(message, near === undefined ? helpOn(words, declarations) : `did you mean ${near}?`);
}
