/** `rapport help <topic>`: what no single command's help can hold. */

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

export const help = defineCommand<{ readonly topic: string | undefined }>({
  path: 'help',
  summary: 'help on dates, capture, calendars, exit-codes, security or patients',
  group: 'More',
  arguments: [
    { name: 'topic', help: 'dates, capture, calendars, exit-codes, security or patients', optional: true },
  ],
  examples: ['rapport help capture', 'rapport help exit-codes'],
  access: 'none',
  parse: (raw) => ({ topic: raw.text('topic') }),
  run: async ({ topic }, { output }: Pick<World, 'output'>) => {
    const names = ['exit-codes', ...Object.keys(topics)];
    if (topic === undefined) {
      output.print(
        `Topics: ${names.join(', ')}\nrapport --help lists the commands; rapport <command> --help explains one.`,
      );
      return 'ok';
    }
    const text = topic === 'exit-codes' ? exitTable(output.columns) : topics[topic];
    if (text === undefined)
      throw notFound(
        `no help on '${topic.slice(0, 60)}'`,
        `topics: ${names.join(', ')}`,
        'rapport --help lists the commands',
      );
    output.print(text.replace(/^\n+|\s+$/g, ''));
    return 'ok';
  },
});
