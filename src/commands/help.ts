/** `rapport help <topic>`: what no single command's help can hold. */

import { nearestWord } from '../domain/naming.ts';
import { wrapToWidth } from '../domain/text.ts';
import { type ExitName, exitCodes, exitMeanings, notFound } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { topics } from './help-topics.ts';

const exitTable = (columns: number): string =>
  (Object.keys(exitCodes) as readonly ExitName[])
    .map((name) => {
      const [first = '', ...rest] = wrapToWidth(exitMeanings[name], columns - 18);
      const lead = `${String(exitCodes[name]).padStart(4)}  ${name.padEnd(11)} `;
      return [lead + first, ...rest.map((line) => ' '.repeat(18) + line)].join('\n');
    })
    .join('\n');

const names = ['exit-codes', ...Object.keys(topics)];
const listed = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

function textOf(topic: string | undefined, columns: number): string {
  if (topic === undefined)
    return `Topics: ${names.join(', ')}\nrapport --help lists the commands; rapport <command> --help explains one.`;
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
    else output.print(text);
    return 'ok';
  },
});
