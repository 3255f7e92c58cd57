/** The week of test/scripts/week.txt, typed into the built program on a screen of each width. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { splitCommand } from '../../src/terminal/subprocess.ts';
import { runBinary } from '../support/binary.ts';
import { runInTerminal } from '../support/pty.ts';
import { addSample } from '../support/sample.ts';
import { makeVault, passphrase } from '../support/vault.ts';

interface Step {
  readonly at: string;
  readonly words: readonly string[];
  readonly stdin: readonly string[];
  readonly answers: readonly (readonly [question: string, typed: string])[];
  readonly code: number;
}

function readSteps(): readonly Step[] {
  const script = readFileSync(new URL('../scripts/week.txt', import.meta.url), 'utf8');
  let at = '';
  return script.split(/^(?=\$ )/m).flatMap((text) => {
    const now = at;
    at = [...text.matchAll(/^@ at (.*)/gm)].at(-1)?.[1] ?? at;
    if (!text.startsWith('$ ')) return [];
    const [, ...words] = splitCommand(/^\$ (.*)/.exec(text)?.[1] ?? '');
    const stdin = [...text.matchAll(/^< (.*)/gm)].map(([, line = '']) => line);
    const answers = [...text.matchAll(/^\? ([^?]*\??).*→ ?(.*)/gm)].map(
      ([, question = '', typed = '']) => [question, typed] as const,
    );
    return [{ at: now, words, stdin, answers, code: Number(/^= (\d+)/m.exec(text)?.[1] ?? 0) }];
  });
}

const unspaced = (text: string): string => text.replace(/\s/g, '');
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** @returns the pages of all patients, without what differs from vault to vault */
async function goThrough(columns: number): Promise<string> {
  const { root, withStore } = await makeVault();
  await withStore(addSample);
  const base = { RAPPORT_PASSPHRASE: passphrase, TZ: 'UTC' };
  for (const { at, words, stdin, answers, code } of readSteps()) {
    const env = { ...base, RAPPORT_NOW: at };
    // What is piped, or told of what fits, is a script's.
    if (stdin.length > 0 || code !== 0) {
      const script = await runBinary(words, { root, env, stdin: `${stdin.join('\n')}\n` });
      expect([words, script.code]).toEqual([words, code]);
      continue;
    }
    const run = runInTerminal(words, { root, columns, rows: 300, env });
    let before = '';
    for (const [question, typed] of answers) {
      // An answered question is replaced by what was understood; asked again, it stands last and empty.
      const isAsked = (text: string): boolean =>
        question === before ? text.endsWith(unspaced(question)) : text.includes(unspaced(question));
      await run.screen.until((text) => isAsked(unspaced(text)), question);
      before = question;
      const isPicked = question.startsWith('Which');
      const isThere = (text: string): boolean =>
        isPicked
          ? text.split('\n').some((line) => line.startsWith('❯') && line.includes(typed))
          : unspaced(text).includes(unspaced(typed));
      if (isPicked) {
        if (!isThere(await run.waitFor('❯'))) run.type('\u001b[B');
      } else run.type(typed);
      await run.screen.until(isThere, typed);
      run.type('\r');
    }
    expect([words, await run.exit]).toEqual([words, 0]);
    // Sentences are the terminal's to break; pages and lists are not.
    if (answers.length > 0 || !/^(?:due|day|brief|review|patient)$/.test(words[0] ?? '')) continue;
    const wide = run
      .written()
      .replace(escapes, '')
      .split(/\r?\n/)
      .filter((line) => line.length > columns);
    expect([words, wide]).toEqual([words, []]);
  }
  const pages = await runBinary(['export', '--plain', '--sensitive', '--format', 'markdown'], {
    root,
    env: base,
  });
  expect(pages.code).toBe(0);
  return pages.stdout;
}

it('keeps the same of a week, whatever the width, and no page or list goes beyond it', async () => {
  const wide = await goThrough(100);
  expect(wide).toContain('her son drinks again');
  expect(await goThrough(80)).toBe(wide);
  expect(await goThrough(40)).toBe(wide);
}, 300_000);
