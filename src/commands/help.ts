/** `rapport help <topic>`: what no single command's help can hold. */

import { nearestWord } from '../domain/patient-names.ts';
import { wrapToWidth } from '../domain/text.ts';
import { type ExitName, exitCodes, exitMeanings, notFound } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { topics } from './help-topics.ts';

/** A text behind its lead, broken at words; what follows stands below its first word. */
function hanging(lead: string, text: string, columns: number): string {
  const parts = wrapToWidth(text, columns - lead.length);
  return parts.map((part, place) => (place === 0 ? lead : ' '.repeat(lead.length)) + part).join('\n');
}

const exitTable = (columns: number): string =>
  (Object.keys(exitCodes) as readonly ExitName[])
    .map((name) =>
      hanging(`${String(exitCodes[name]).padStart(4)}  ${name.padEnd(11)} `, exitMeanings[name], columns),
    )
    .join('\n');

const narrowest = 24;

/** A topic's sentences broken at words, and its rows with their meaning beside them, or below where that is narrow. */
const layOut = (text: string, columns: number): string =>
  text
    // A row goes on in lines that begin far in, a sentence in the next line.
    .replace(/\n {8,}/g, ' ')
    .replace(/(?<=^\S.*)\n(?=\S)/gm, ' ')
    .split('\n')
    .map((line) => {
      const [, row = '', gap = '', meaning = ''] = /^ {2}(\S+(?: \S+)*)( *)(.*)$/.exec(line) ?? [];
      if (row === '') return hanging('', line, columns);
      const lead = `  ${row}${gap}`;
      if (meaning !== '' && columns - lead.length >= narrowest) return hanging(lead, meaning, columns);
      return [hanging('  ', row, columns), hanging('      ', meaning, columns)].filter(Boolean).join('\n');
    })
    .join('\n');

const names = ['exit-codes', ...Object.keys(topics)];
const listed = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

function textOf(topic: string | undefined, columns: number): string {
  if (topic === undefined)
    return `Topics: ${names.join(', ')}\n\nrapport --help lists the commands; rapport <command> --help explains one.`;
  const text = topic === 'exit-codes' ? exitTable(columns) : topics[topic];
  if (text === undefined) {
    const near = nearestWord(topic, names);
    throw notFound(
      `no help on '${topic.slice(0, 60)}'`,
      ...(near === undefined ? [] : [`did you mean ${near}?`]),
      `topics: ${names.join(', ')}`,
      'rapport --help lists the commands',
    );
  }
  return text.replace(/^\n+|(?<!\s)\s+$/g, '');
}

export const help = defineCommand<{ readonly topic: string | undefined }>({
  path: 'help',
  summary: `help on ${listed}`,
  group: 'More',
  arguments: [{ name: 'topic', help: listed, optional: true, choices: names }],
  examples: ['rapport help capture', 'rapport help exit-codes'],
  access: 'none',
  parse: (raw) => ({ topic: raw.text('topic') }),
  run: async ({ topic }, { output, globals }: Pick<World, 'output' | 'globals'>) => {
    const text = textOf(topic, output.columns);
    if (globals.json) output.json({ schema: 'rapport.help/1', topic: topic ?? null, topics: names, text });
    else output.print(topic === 'exit-codes' ? text : layOut(text, output.columns));
    return 'ok';
  },
});
