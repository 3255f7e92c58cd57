/** The manual page, made from what the commands declare where rapport is built, and never when it runs. */
import { version } from '../../package.json';
import { loadCommands } from '../commands/index.ts';
import { settingDeclarations } from '../domain/settings.ts';
import { present } from '../domain/text.ts';
import { commandGroups, type Declaration, globalOptions, type OptionDeclaration } from './command.ts';
import { installs, shells } from './completion.ts';
import { topics, topicText } from './help.ts';

export const listed: readonly Declaration[] = (await loadCommands()).filter(({ summary }) => summary !== '');

export function usageOf({ path, arguments: words }: Declaration): string {
  const named = words.map(({ name, optional, variadic }) => {
    const word = variadic ? `${name}…` : name;
    return optional ? `[${word}]` : `<${word}>`;
  });
  return ['rapport', path, ...named].join(' ');
}

export const helpOf = ({ help, choices, repeat }: OptionDeclaration): string =>
  present(
    help,
    choices?.some((choice) => !help.includes(choice)) && `one of ${choices.join(', ')}`,
    repeat && 'may be repeated',
  ).join('; ');

export const inGroup = (group: string): readonly Declaration[] => listed.filter((one) => one.group === group);

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
    ...declared.options.map((option) => item(option.flags, helpOf(option))),
    '.PP',
    asIs(declared.examples.map((line) => `$ ${line}`).join('\n')),
    '.RE',
  ].join('\n');

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
    '.SH COMPLETION',
    ...shells.map((shell) => item(shell, installs[shell])),
    '.SH SEE ALSO',
    roff('rapport help TOPIC, and the pages in the docs folder of the source.'),
  ].join('\n')}\n`;
