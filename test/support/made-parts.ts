/** The parts of the docs that are made from what the commands declare. */

import {
  commandGroups,
  type Declaration,
  globalOptions,
  type OptionDeclaration,
} from '../../src/cli/command.ts';
import { installs, shells } from '../../src/cli/completion.ts';
import { topics, topicText } from '../../src/cli/help.ts';
import { helpOf, inGroup, listed, usageOf } from '../../src/cli/manual.ts';
import { settingDeclarations } from '../../src/domain/settings.ts';
import { exitCodes } from '../../src/errors.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;

const optionRows = (options: readonly OptionDeclaration[]): string =>
  table(
    ['option', 'what it does'],
    options.map((option) => [code(option.flags), cell(helpOf(option))]),
  );

const formatsOf = (path: string): readonly string[] =>
  listed
    .flatMap((one) => (one.path === path ? one.options : []))
    .flatMap(({ flags, choices }) => (flags.startsWith('--format ') ? (choices ?? []) : []));

/** One command of the reference. */
const entryOf = (declared: Declaration): string =>
  [
    `### ${code(usageOf(declared))}`,
    `${declared.summary.charAt(0).toUpperCase()}${declared.summary.slice(1)}.`,
    ...(declared.arguments.length === 0
      ? []
      : [declared.arguments.map(({ name, help }) => `- ${code(name)}: ${help}`).join('\n')]),
    ...(declared.options.length === 0 ? [] : [optionRows(declared.options)]),
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
  'exit codes': () => {
    const rows = topicText('exit-codes')
      .replace(/\n {8,}/g, ' ')
      .split('\n');
    return table(
      ['code', 'name', 'when'],
      Object.entries(exitCodes).map(([name, code]) => {
        const [, meaning] =
          rows.map((row) => row.trim().split(/ {2,}/)).find(([head]) => head === `${code} ${name}`) ?? [];
        if (meaning === undefined) throw new Error(`no help says what exit code ${code} means`);
        return [String(code), name, cell(meaning)];
      }),
    );
  },
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
