/**
 * No pattern of the program takes longer than in proportion to its text: each one of `src` runs over 100,000 characters
 * of what is worst for it, as far as that can be made from its own words.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** What repeats without a bound. */
const repeats = /[*+]|\{\d+,\}/;

interface Pattern {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

function patternsOf(file: string): readonly Pattern[] {
  const found: Pattern[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || node instanceof RegExp) return;
    if ('regex' in node) {
      const { pattern, flags } = node.regex as { readonly pattern: string; readonly flags: string };
      found.push({ place: `${file} /${pattern}/${flags}`, source: pattern, flags });
      return;
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(parseAst(readFileSync(join(src, file), 'utf8'), { lang: 'ts' }));
  return found;
}

/** The words and the marks that a pattern names itself. */
function wordsOf(source: string): readonly string[] {
  const syntax =
    /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\[sdwSDWbB]|\[(?:\\.|[^\\\]])*\]|\(\?<?[:=!]|\{[\d,]+\}|[()^$*+?.|]/g;
  const characters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return source
    .replace(syntax, '\u0001')
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\(.)/g, (_, one: string) => characters[one] ?? one)
    .split('\u0001')
    .filter((word) => word !== '');
}

const marksOf = (source: string): readonly string[] =>
  [...source.matchAll(/\[\^?((?:\\.|[^\\\]])*)\]/g)].flatMap(([, inside = '']) => [
    ...inside.replace(/\\u[0-9a-f]{4}|\\[pP]\{[^}]*\}|\\./gi, ''),
  ]);

const usual = [
  ...' aA1,"(-\u2028\n\r\té\u0301#:@./\\{*_世\u001b',
  ...['a ', 'a,', 'a@', '1-', ' ,', '1 ', '1.', '1,', '"a', '\\"', '((', '[('],
];

interface Text {
  readonly start: string;
  readonly part: string;
  readonly end: string;
}

const written = ({ start, part, end }: Text, length: number): string =>
  start + part.repeat(Math.ceil(length / part.length)) + end;

function* textsFor(source: string): Generator<Text> {
  const words = wordsOf(source);
  const parts = new Set([...usual, ...words, ...marksOf(source)]);
  for (const word of words)
    for (const part of [`${word} `, `${word}a`, `${word}1`, ` ${word}`]) parts.add(part);
  const starts = new Set(['', 'a', '1', ' ', ...words]);
  for (const [place] of words.entries()) starts.add(words.slice(0, place + 1).join(''));
  for (const start of starts)
    for (const part of parts) for (const end of ['', '\u0000', 'a', '\n!']) yield { start, part, end };
}

/** Milliseconds of the processor: what else the machine does counts for nothing. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds; the best of several, since memory is cleared and code compiled at times. */
function timeOf(pattern: RegExp, text: string, times: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run += 1) {
    const from = spent();
    text.replace(pattern, '');
    best = Math.min(best, spent() - from);
  }
  return best;
}

const sample = 500;
const candidates = 3;
/** Milliseconds that are too few to be compared. */
const least = 20;

/** Four times more takes four times longer; by the square it takes sixteen. The first step that shows it is short. */
function isOutOfProportion(pattern: RegExp, text: Text): boolean {
  let before = Number.POSITIVE_INFINITY;
  for (const length of [sample, 4 * sample, 16 * sample, 64 * sample]) {
    const after = timeOf(pattern, written(text, length), 3);
    if (after > least && after > 9 * before) return true;
    before = after;
  }
  return false;
}

/** The text that a pattern takes too long over, or undefined. */
function tooLongFor({ source, flags }: Pattern): string | undefined {
  const pattern = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
  const worst: { readonly time: number; readonly text: Text }[] = [];
  for (const text of textsFor(source)) {
    const short = written(text, sample);
    const least = worst.length < candidates ? 0 : (worst.at(-1)?.time ?? 0);
    if (timeOf(pattern, short, 1) <= least) continue;
    worst.push({ time: timeOf(pattern, short, 3), text });
    worst.sort((left, right) => right.time - left.time).splice(candidates);
  }
  const slow = worst.find(({ text }) => isOutOfProportion(pattern, text));
  return slow && JSON.stringify(slow.text);
}

it('no pattern takes longer than in proportion to its text', { timeout: 300_000 }, () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const patterns = new Map(
    files
      .flatMap(patternsOf)
      .filter(({ source }) => repeats.test(source))
      .map((pattern) => [`/${pattern.source}/${pattern.flags}`, pattern]),
  );
  expect(patterns.size).toBeGreaterThan(100);
  const slow = [...patterns.values()].flatMap((pattern) => {
    const text = tooLongFor(pattern);
    return text === undefined ? [] : [`${pattern.place}: ${text}`];
  });
  expect(slow).toEqual([]);
});

it('a pattern that does is found', { timeout: 60_000 }, () => {
  for (const source of ['\\s+$', '\\s*[\\r\\n]\\s*', '\\bmrn\\b\\s*(?:no)?\\s*\\d', '[<[]([^>\\]]+)[>\\]]'])
    expect(tooLongFor({ place: '', source, flags: 'u' }), source).toBeDefined();
});
