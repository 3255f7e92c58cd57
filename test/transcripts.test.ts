/** What the transcripts of test/scripts leave out of the commands that are declared: nothing. Each is a test file of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../src/commands/index.ts';
import { settingDeclarations } from '../src/domain/settings.ts';

const folder = new URL('scripts/', import.meta.url);
const scripts = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
const commands = scripts.join('').match(/^\$ .*/gm) ?? [];

const paths = (await loadCommands()).filter(({ summary }) => summary !== '').map(({ path }) => path);
const groups = [...new Set(paths.filter((path) => path.includes(' ')).map((path) => path.split(' ')[0]))];
const missing = (wanted: readonly (string | undefined)[], rest: string): readonly unknown[] =>
  wanted.filter((path) => !commands.some((line) => new RegExp(`^\\$ rapport ${path}\\b${rest}`).test(line)));

describe('the transcripts', () => {
  it('hold every command, for a person and for programs', () => {
    expect(missing(paths, '(?!.* --(?:json|help))')).toEqual([]);
    expect(missing(paths, '.* --json')).toEqual([]);
    expect(commands).toContain('$ rapport --json');
  });

  it('hold every setting that starts no program and draws no screen', () => {
    const keys = settingDeclarations
      .map(({ key }) => key)
      .filter((key) => !/^(?:editor|pager|brief\.glance)$/.test(key));
    expect(
      missing(
        keys.map((key) => `config ${key.replace('.', '\\.')}`),
        ' (?!--)',
      ),
    ).toEqual([]);
  });

  it('hold the help of every command and group, and a list of them all', () => {
    expect(missing([...paths, ...groups], ' --help')).toEqual([]);
    const list = scripts.map((text) => /^\$ rapport --help\n((?:\|.*\n)+)/m.exec(text)?.[1]).find(Boolean);
    const listed = [...(list ?? '').matchAll(/^\| {3}([a-z]+)/gm)].map(([, word]) => word);
    expect(listed).toEqual(expect.arrayContaining(paths.map((path) => path.split(' ')[0])));
  });
});
