/**
 * The manual page and the parts of the docs that are made from what the commands declare. Used where rapport is built
 * and tested, and never when it runs.
 */
import { version } from '../../package.json';
import { loadCommands } from '../commands/index.ts';
import { settingDeclarations } from '../domain/setting-declarations.ts';
import { type ExitName, exitCodes, exitMeanings } from '../errors.ts';
import { installs, shells } from './completion-scripts.ts';
import { commandGroups, type Declaration, globalOptions, type OptionDeclaration } from './declaration.ts';
import { topics } from './help.ts';

/** Those that a person may use. */
export const listed: readonly Declaration[] = (await loadCommands()).filter(({ hidden }) => hidden !== true);

export function usageOf({ path, arguments: words = [] }: Declaration): string {
  const named = words.map(({ name, optional, variadic }) => {
    const word = variadic ? `${name}…` : name;
    return optional ? `[${word}]` : `<${word}>`;
  });
  return ['rapport', path, ...named].join(' ');
}

const helpOf = ({ help, choices, repeat }: OptionDeclaration): string =>
  [
    help,
    ...(choices === undefined || choices.every((choice) => help.includes(choice))
      ? []
      : [`one of ${choices.join(', ')}`]),
    ...(repeat ? ['may be repeated'] : []),
  ].join('; ');

const exits = (Object.keys(exitCodes) as readonly ExitName[]).map(
  (name) => [String(exitCodes[name]), name, exitMeanings[name]] as const,
);

const topicText = (name: string): string => (topics[name] ?? '').replace(/^\n+|(?<!\s)\s+$/g, '');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;

const optionRows = (options: readonly OptionDeclaration[]): string =>
  table(
    ['option', 'what it does'],
    options.map((option) => [code(option.flags), cell(helpOf(option))]),
  );

const inGroup = (group: string): readonly Declaration[] => listed.filter((one) => one.group === group);

const formatsOf = (path: string): readonly string[] =>
  listed
    .flatMap((one) => (one.path === path ? (one.options ?? []) : []))
    .flatMap(({ flags, choices }) => (flags.startsWith('--format ') ? (choices ?? []) : []));

/** One command of the reference. */
const entryOf = (declared: Declaration): string =>
  [
    `### ${code(usageOf(declared))}`,
    `${declared.summary.charAt(0).toUpperCase()}${declared.summary.slice(1)}.`,
    ...(declared.arguments === undefined
      ? []
      : [declared.arguments.map(({ name, help }) => `- ${code(name)}: ${help}`).join('\n')]),
    ...(declared.options === undefined ? [] : [optionRows(declared.options)]),
    ['```sh', ...declared.examples, '```'].join('\n'),
  ].join('\n\n');

/** Parts of pages by name, each between `<!-- made: NAME -->` and `<!-- /made -->`. */
export const madeParts: Readonly<Record<string, () => string>> = {
  commands: () =>
    table(
      ['', 'command', 'what it does'],
      commandGroups.flatMap((group) =>
        inGroup(group).map((one, place) => [place === 0 ? group : '', code(usageOf(one)), cell(one.summary)]),
      ),
    ),
  reference: () =>
    commandGroups.flatMap((group) => [`## ${group}`, ...inGroup(group).map(entryOf)]).join('\n\n'),
  groups: () =>
    table(
      ['', 'commands'],
      commandGroups.map((group) => [
        group,
        inGroup(group)
          .map(({ path }) => code(path))
          .join(' '),
      ]),
    ),
  completion: () =>
    shells
      .map((shell) => [`${shell}:`, ['```sh', installs[shell], '```'].join('\n')].join('\n\n'))
      .join('\n\n'),
  formats: () =>
    table(
      ['', 'formats'],
      ['import', 'export'].map((path) => [code(`rapport ${path}`), formatsOf(path).map(code).join(', ')]),
    ),
  'global options': () => optionRows(globalOptions),
  'exit codes': () =>
    table(
      ['code', 'name', 'when'],
      exits.map(([number, name, meaning]) => [number, name, cell(meaning)]),
    ),
  settings: () =>
    table(
      ['setting', 'default', 'meaning', 'example'],
      settingDeclarations.map(({ key, fallback, meaning, example }) => [
        code(key),
        cell(fallback),
        cell(meaning),
        code(`rapport config ${key} ${example.includes(' ') ? `'${example}'` : example}`),
      ]),
    ),
  ...Object.fromEntries(
    Object.keys(topics).map((name) => [`help ${name}`, () => ['```text', topicText(name), '```'].join('\n')]),
  ),
};

/** Text for roff: no character of it is taken for a request. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

const item = (head: string, ...lines: readonly string[]): string =>
  ['.TP', `.B ${roff(head)}`, ...lines.map(roff)].join('\n');

const asIs = (text: string): string => ['.nf', roff(text), '.fi'].join('\n');

const manualEntry = (declared: Declaration): string =>
  [
    item(usageOf(declared), declared.summary),
    '.RS',
    ...(declared.options ?? []).map((option) => item(option.flags, helpOf(option))),
    '.PP',
    asIs(declared.examples.map((line) => `$ ${line}`).join('\n')),
    '.RE',
  ].join('\n');

/** `rapport.1`, for man. */
export const manualPage = (): string =>
  `${[
    `.TH RAPPORT 1 "" "rapport ${version}" "User commands"`,
    '.SH NAME',
    'rapport \\- a memory for the human side of care',
    '.SH SYNOPSIS',
    '.B rapport',
    '.RI [ command ]\n.RI [ argument " ...]"\n.RI [ option " ...]"',
    '.SH DESCRIPTION',
    roff(
      "A clinician's own memory: who the patient is, what they worry about, what was promised, what is still open.\nIt is kept in one encrypted vault on this machine. A memory aid, not the medical record.",
    ),
    '.PP',
    roff('Before a visit: rapport brief. After it: rapport commit. Every morning: rapport due.'),
    '.SH COMMANDS',
    ...commandGroups.flatMap((group) => [`.SS ${group}`, ...inGroup(group).map(manualEntry)]),
    '.SH OPTIONS OF EVERY COMMAND',
    ...globalOptions.map((option) => item(option.flags, helpOf(option))),
    item('--help', 'options and examples of a command'),
    item('--version', 'the versions'),
    '.SH SETTINGS',
    ...settingDeclarations.map(({ key, fallback, meaning }) => item(key, `${meaning}; default: ${fallback}`)),
    ...Object.keys(topics).flatMap((name) => [`.SH ${name.toUpperCase()}`, asIs(topicText(name))]),
    '.SH EXIT STATUS',
    ...exits.map(([number, name, meaning]) => item(`${number} ${name}`, meaning)),
    '.SH COMPLETION',
    ...shells.map((shell) => item(shell, installs[shell])),
    '.SH SEE ALSO',
    roff('rapport help TOPIC, and the pages in the docs folder of the source.'),
  ].join('\n')}\n`;
