/**
 * README, the pages of docs/ and the manual page, held against what the commands declare. Parts that are made from the
 * declarations stand between `<!-- made: NAME -->` and `<!-- /made -->`; `npm run test:update` makes them anew.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { globalOptions } from '../src/cli/command.ts';
import { listed, manualPage, usageOf } from '../src/cli/manual.ts';
import { splitCommand } from '../src/terminal/subprocess.ts';
import { readWords } from './support/command-line.ts';
import { madeParts } from './support/made-parts.ts';
import { recordTables } from './support/record-schemas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const isUpdate = process.env['UPDATE_TRANSCRIPTS'] === '1';

const madeBlock = /(<!-- made: ([a-z -]+) -->\n)[\s\S]*?(<!-- \/made -->)/g;

/** What commander says that is no fault of an example: asked for help or the version, or nothing but the name was given. */
const isHarmless = (error: unknown): boolean =>
  error instanceof CommanderError && /^commander\.(?:help|helpDisplayed|version)$/.test(error.code);

/** The words behind each `rapport` of a line, up to where the shell has the word again. */
const commandsIn = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|[\s(`])rapport(?=$|[\s)])((?:'[^']*'|"[^"]*"|[^'"|&;<>()#`])*)/g)].map(
    ([, words = '']) => words.trim(),
  );

const languages = new Set(['sh', 'cron', 'ini', 'fish', '']);

/** Lines of code that a shell or a service runs, with continued ones joined. */
const runnable = (text: string): readonly string[] => [
  ...(text.match(/^ {4}rapport .*/gm) ?? []),
  ...[...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language = '']) => languages.has(language))
    .flatMap(([, , code = '']) => code.replace(/\\\n\s*#?\s*/g, ' ').split('\n'))
    .filter((line) => !line.startsWith('Description=')),
];

const inline = (text: string): readonly string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

const flagsOf = (options: readonly { readonly flags: string }[]): readonly string[] =>
  options.flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []);
const everywhere = [...flagsOf(globalOptions), '--help', '--version'];
/** What the security page calls so in a format. */
const labels = /^head(?: \d)?$/;
const anywhere = new Set([...everywhere, ...flagsOf(listed.flatMap(({ options }) => options))]);

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('holds what is made from the declarations as it is made', () => {
    const wanted = text.replace(madeBlock, (_, start: string, name: string, end: string) => {
      const make = name === 'records' ? recordTables : madeParts[name];
      if (make === undefined) throw new Error(`${page}: nothing makes '${name}'`);
      return `${start}\n${make()}\n\n${end}`;
    });
    if (isUpdate) writeFileSync(join(root, page), wanted);
    else expect(text).toBe(wanted);
  });

  it('shows commands that are taken', async () => {
    for (const line of runnable(text).flatMap(commandsIn))
      await readWords(splitCommand(line)).catch((error: unknown) => {
        if (!isHarmless(error)) throw new Error(`${page}: rapport ${line}: ${String(error)}`);
      });
  });

  it('names commands and options that there are', async () => {
    for (const code of inline(text)) {
      for (const line of commandsIn(code)) {
        // Shown with their arguments' names they are no examples.
        if (/[<[…]|\b[A-Z]{3,}\b/.test(line) || labels.test(line)) continue;
        await readWords(splitCommand(line)).catch((error: unknown) => {
          const isIncomplete = error instanceof Error && /which|missing|one of/.test(error.message);
          if (!isHarmless(error) && !isIncomplete)
            throw new Error(`${page}: \`rapport ${line}\`: ${String(error)}`);
        });
      }
      if (/^--[a-z]/.test(code)) expect(anywhere, page).toContain(/^--[a-z-]*/.exec(code)?.[0]);
    }
  });

  it('leads to files that there are', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g))
      if (!/^https?:/.test(target))
        expect(existsSync(join(root, dirname(page), target)), `${page}: ${target}`).toBe(true);
    for (const code of inline(text))
      if (/^(?:src|test|docs|bin)\/[\w./-]+$/.test(code))
        expect(existsSync(join(root, code)), `${page}: ${code}`).toBe(true);
  });
});

describe('the pages together', () => {
  it('are all led to from the README', () => {
    const readme = read('README.md');
    for (const page of pages.slice(1)) expect(readme).toContain(`(${page})`);
  });
});

describe('the manual page', () => {
  const manual = manualPage();

  it('was made by the build', () => {
    expect(readFileSync(join(root, 'dist', 'rapport.1'), 'utf8')).toBe(manual);
  });

  it('tells every command, option and example', () => {
    const plain = manual.replaceAll('\\-', '-').replaceAll('\\e', '\\').replaceAll('\\&', '');
    for (const declared of listed) {
      expect(plain).toContain(`\n.B ${usageOf(declared)}\n`);
      for (const { flags } of declared.options) expect(plain).toContain(`\n.B ${flags}\n`);
      for (const example of declared.examples) expect(plain).toContain(`$ ${example}\n`);
    }
  });

  const hasMandoc = spawnSync('mandoc', ['-T', 'lint', '/dev/null']).error === undefined;
  it.skipIf(!hasMandoc)('is a page without a fault (skipped where mandoc is not installed)', () => {
    // A date would have to be kept up by hand.
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], {
      input: manual,
      encoding: 'utf8',
    });
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
    const shown = execFileSync('mandoc', ['-T', 'utf8'], { input: manual, encoding: 'utf8' });
    expect(shown.replace(/.\u0008/g, '')).toContain('rapport patient forget [patient…]');
  });
});
