/**
 * One command line: split by commander, whose tree is made from the declarations, and run. Commander's complaints are
 * ours: every error of rapport reads alike. Of a defect no text is told, which might be a patient's.
 */
import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import { isCommand, loadNamed, loadRoot } from '../commands/index.ts';
import { present, printable, shellQuoted } from '../domain/text.ts';
import { type ExitName, errorCode, exitCodes, Failure, usage } from '../errors.ts';
import { type Globals, type Outside, realOutside, versionText } from '../host/process.ts';
import {
  type Entry,
  globalOptions,
  groupSummaries,
  type Listed,
  type OptionDeclaration,
  type Raw,
  type Runnable,
  type Words as Typed,
} from './command.ts';
import { namesPatient, runCommand } from './runner.ts';

interface Program {
  /** Those that are only listed have neither arguments nor options. */
  readonly commands: readonly (Entry | Listed)[];
  readonly write: (text: string) => void;
  readonly columns: number;
  readonly version: string;
  readonly run: (command: Listed, words: Typed, globals: Globals) => Promise<void>;
}

interface Near {
  readonly typed: string;
  readonly among: readonly string[];
  readonly known?: string | undefined;
  readonly lead?: string;
}

/** What was mistyped. What words are near, and how they are shown, is loaded only where it is told. */
class Slip extends Error {
  readonly near: Near | undefined;
  /** All that stands where a command was expected. */
  words: readonly string[] = [];
  readonly hints: readonly string[];

  constructor(message: string, near?: Near, ...hints: readonly string[]) {
    super(message);
    this.near = near;
    this.hints = hints;
  }

  /** @param isPatient whether the words name one */
  async told(isPatient: boolean): Promise<Failure> {
    const { nearestWord } = await import('../domain/patient-names.ts');
    const text = printable(this.message);
    const { typed = '', among = [], known, lead = '' } = this.near ?? {};
    const near = known ?? nearestWord(typed, among);
    return usage(
      text.length > 160 ? `${text.slice(0, 157)}…` : text,
      ...present(
        isPatient && `did you mean rapport brief ${this.words.map(shellQuoted).join(' ')}?`,
        near && `did you mean ${lead}${near}?`,
      ),
      ...this.hints,
    );
  }
}

/** Commander calls these methods at a slip, and knows no other way to say what it is about but a sentence. */
class Words extends Command {
  override createCommand(name?: string): Command {
    return new Words(name);
  }
  unknownOption(typed: string): never {
    // What follows '=' may be a patient's.
    const [flag = ''] = typed.split('=');
    const help = Object.assign(this.createHelp(), { showGlobalOptions: true });
    const known = [...help.visibleOptions(this), ...help.visibleGlobalOptions(this)];
    const among = flag.startsWith('--') ? known.flatMap(({ long }) => long?.slice(2) ?? []) : [];
    throw new Slip(`unknown option '${flag}'`, { typed: flag.slice(2), among, lead: '--' });
  }
  unknownCommand(): never {
    const [typed = ''] = this.args;
    const among = this.createHelp()
      .visibleCommands(this)
      .map((command) => command.name());
    const slip = new Slip(`unknown command '${typed}'`, { typed, among });
    if (this.parent === null) slip.words = this.args.filter((word) => !word.startsWith('-'));
    throw slip;
  }
  missingArgument(name: string): never {
    throw new Slip(`<${name}> is missing`);
  }
  optionMissingArgument({ flags }: Option): never {
    throw new Slip(`${flags} needs a value`);
  }
  _excessArguments({ length }: readonly string[]): never {
    const most = this.registeredArguments.length;
    const name = `'${this.name()}'`;
    throw new Slip(
      most === 0
        ? `${name} takes no arguments`
        : `${name} takes ${most} argument${most === 1 ? '' : 's'}, and ${length} were given: quote words that belong together`,
    );
  }
}

function optionOf({ flags, help, choices, near, repeat }: OptionDeclaration): Option {
  const option = new Option(flags, help);
  if (choices === undefined && !repeat) return option;
  // The choices are for the help: the parser checks them.
  if (choices !== undefined) option.choices([...choices]);
  return option.argParser((value: string, before: string | readonly string[] | undefined) => {
    if (choices !== undefined && !choices.includes(value)) {
      const typed = value.toLowerCase();
      throw new Slip(
        `${flags.split(' ')[0]} cannot be '${value}'`,
        { typed, among: choices, known: near?.get(typed) },
        `use ${choices.join(', ')}`,
      );
    }
    return repeat ? [...(before ?? []), value] : value;
  });
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

function addCommand(command: Command, declared: Listed, program: Program): void {
  command.addHelpText('after', `\nExamples:\n${declared.examples.map((line) => `  $ ${line}`).join('\n')}`);
  for (const argument of declared.arguments) {
    const name = argument.variadic ? `${argument.name}...` : argument.name;
    command.argument(argument.optional ? `[${name}]` : `<${name}>`, argument.help);
  }
  for (const option of declared.options) command.addOption(optionOf(option));
  command.action(async () => {
    const globals = readGlobals(command.optsWithGlobals());
    const names = declared.arguments.map(({ name }) => name);
    const given = names.map((name, place): [string, Raw] => [name, command.processedArgs[place]]);
    await program.run(declared, { ...Object.fromEntries(given), ...command.opts<Typed>() }, globals);
  });
}

const takesValue = new Set(
  globalOptions.filter(({ flags }) => flags.includes('<')).map(({ flags }) => flags.split(' ')[0]),
);

/** The first words that are no options: a command, what it is about. */
export const plainWords = (words: readonly string[]): readonly string[] =>
  words.filter((word, place) => !word.startsWith('-') && !takesValue.has(words[place - 1])).slice(0, 2);

export function buildProgram(program: Program): Command {
  const root = new Words('rapport');
  root
    .description('a memory for the human side of care: who they are, what was promised, what is still open')
    .version(program.version, '-V')
    .version(program.version, '-v, --version', 'print the versions')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ helpWidth: Math.min(program.columns, 100), sortSubcommands: false })
    .configureOutput({ writeOut: program.write, writeErr: () => undefined, outputError: () => undefined })
    .exitOverride();
  root.options[0]?.hideHelp();
  for (const option of globalOptions) root.addOption(optionOf(option));
  const groups = new Map<string, Command>();
  for (const declared of program.commands) {
    const [first = '', second] = declared.path.split(' ');
    const add = (parent: Command, name: string, summary = name): Command => {
      const command = parent
        .command(name, { hidden: summary === '' })
        .summary(summary)
        .description(summary);
      return parent === root ? command.helpGroup(`${declared.group}:`) : command;
    };
    const parent =
      second === undefined ? root : (groups.get(first) ?? add(root, first, groupSummaries[first]));
    if (second !== undefined) groups.set(first, parent.helpCommand(false));
    const command = add(parent, second ?? first, declared.summary);
    if ('read' in declared) addCommand(command, declared, program);
  }
  return root;
}

function helpOn(words: readonly string[], declarations: readonly Entry[]): string {
  const [first = '', second = ''] = words;
  const paths = declarations.flatMap(({ path }) => [path, path.split(' ')[0]]);
  const known = [`${first} ${second}`, first].find((path) => paths.includes(path));
  return ['rapport', known, '--help'].filter(Boolean).join(' ');
}

/** Bytes that are no UTF-8 are lost by now: nothing may be stored or looked for by the rest. @throws usage */
function refuseBroken(words: readonly string[]): void {
  if (words.some((word) => word.includes('\ufffd')))
    throw usage('a word of the command line is not UTF-8', 'is the terminal set to UTF-8? see: locale');
}

/** What ended the splitting or the run, as it is told; undefined where it was no error (help, version). */
async function failureOf(
  thrown: unknown,
  words: readonly string[],
  declarations: readonly Entry[],
  isPatient: (words: readonly string[]) => Promise<boolean>,
): Promise<unknown> {
  const error = thrown instanceof Slip ? await thrown.told(await isPatient(thrown.words)) : thrown;
  if (error instanceof CommanderError && error.exitCode === 0) return undefined;
  if (error instanceof CommanderError && error.code === 'commander.help') {
    const group = words.find((word) => !word.startsWith('-')) ?? '';
    const ofGroup = declarations.flatMap(({ path }) =>
      path.startsWith(`${group} `) ? path.split(' ')[1] : [],
    );
    return usage(`${group}: which command?`, ofGroup.join(', '), `rapport ${group} --help`);
  }
  return error instanceof Failure && error.hints.length === 0 && /^(?:usage|not-found)$/.test(error.exit)
    ? error.hinting([helpOn(words, declarations)])
    : error;
}

const has = (words: readonly string[], option: RegExp): boolean => words.some((word) => option.test(word));

export async function main(argv: readonly string[], outside: Outside): Promise<number> {
  let exit: ExitName = 'ok';
  const run = async (command: Runnable, words: Typed, globals: Globals): Promise<void> => {
    const { composeContext } = await import('../host/compose.ts');
    const composed = composeContext(outside, globals);
    try {
      exit = await runCommand(command, words, composed.ctx);
      composed.tellHeld();
    } catch (error) {
      composed.giveBack(error);
      throw error;
    } finally {
      composed.close();
    }
  };
  const words = argv[0] === 'help' && isCommand(argv[1]) ? [...argv.slice(1), '--help'] : argv;
  const named = plainWords(words);
  // Options alone run no command, and only help lists them.
  const commands = named.length > 0 || has(words, /^(?:--help|-h)$/) ? await loadNamed(named) : [];
  const program = buildProgram({
    commands,
    write: (text) => void outside.stdout.write(text),
    columns: outside.stdout.columns ?? 80,
    version: has(words, /^(?:--version|-[vV])$/) ? versionText(version, outside.nodeVersion) : version,
    run,
  });
  try {
    refuseBroken(words);
    await program.parseAsync(words, { from: 'user' });
    if (named.length === 0) await run(await loadRoot(), {}, readGlobals(program.opts()));
  } catch (error) {
    const isPatient = async (typed: readonly string[]) => {
      const { composeContext } = await import('../host/compose.ts');
      const { ctx, close } = composeContext(outside, readGlobals(program.opts()));
      return namesPatient(typed, ctx).finally(close);
    };
    const failure = await failureOf(error, program.args, commands, isPatient);
    if (failure === undefined || errorCode(failure) === 'EPIPE') return exitCodes.ok;
    const { failureLines, fitToScreen } = await import('../terminal/styles.ts');
    const manner = { json: argv.includes('--json'), debug: argv.includes('--debug') };
    const lines = failureLines(failure, manner);
    const { stderr } = outside;
    stderr.write(`${stderr.isTTY && !manner.json ? fitToScreen(lines, stderr.columns ?? 80) : lines}\n`);
    return failure instanceof Failure ? exitCodes[failure.exit] : exitCodes.failed;
  }
  return exitCodes[exit];
}

export function start(): Promise<number> {
  const outside = realOutside();
  return main(outside.argv, outside);
}

export { endWhenDone } from '../host/process.ts';
