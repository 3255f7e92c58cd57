/** Tables of lines as hurried clinicians type them, and what becomes of each on Thu 12 Mar 2026. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { months, weekdayDate, weekdays } from '../../src/dates/civil.ts';
import { dayWords, doubtful, easterDays, feasts, repeatWords } from '../../src/dates/english.ts';
import { readPromise } from '../../src/dates/line-date.ts';
import { captureLine, type Entry } from '../../src/domain/capture.ts';
import { present } from '../../src/domain/text.ts';
import { runBinary } from '../support/binary.ts';
import { anyDate, day, unlessFailure } from '../support/values.ts';
import { makeVault, passphrase } from '../support/vault.ts';

interface Row {
  readonly line: string;
  readonly what: string;
  readonly date: string;
  readonly more: string;
}

const rowsOf = (path: string): readonly Row[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [said = '', what = '', date = '', more = ''] = line.split('\t');
      return { line: said, what, date, more: more.trim() };
    });

function becomes(line: string): Row {
  const entry = unlessFailure(() => captureLine(line, { on: day('2026-03-12'), defaultKind: 'story' }));
  if (entry === undefined) return { line, what: 'refused', date: '!', more: '' };
  const { date, what } = told(entry);
  const more = present(
    entry.sensitive && 'private',
    entry.type === 'note' && entry.yearly && 'yearly',
    entry.type === 'commitment' && entry.every !== null && `every=${entry.every}`,
  ).join(' ');
  return { line, what, date: date ?? (entry.unread === null ? '-' : '?'), more };
}

const told = (entry: Entry) =>
  entry.type === 'commitment'
    ? { what: entry.owner, date: entry.due }
    : { what: entry.type === 'loss' ? 'loss' : entry.kind, date: entry.date };

const wanted = ({ line, what, date, more }: Row): Row => ({
  line,
  what: date === '!' ? 'refused' : what,
  date,
  more,
});

const tables = ['../fixtures/lines.tsv', '../../../shared/design/examples/capture.tsv'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Words of time that are no other words. */
const timeWords = [
  ...[...weekdays.keys(), ...months.keys()].filter((word) => !doubtful.has(word)),
  ...dayWords.keys(),
  ...feasts.keys(),
  ...easterDays.keys(),
  ...repeatWords.keys(),
  ...'next week|this month|in 2 weeks|6/52|a fortnight|tonight|by COB|EOM|the weekend|soon|mid april|2 days before'.split(
    '|',
  ),
];
const before = [
  '',
  'by ',
  'on ',
  'after ',
  'about ',
  'before ',
  'not before ',
  'from ',
  'for ',
  'until ',
  'how it was ',
];
const behind = ['', ' re the scan', ', then write', ' or so', ' at the latest', ' with Ana', ' morning', '.'];
const lines = fc
  .tuple(
    fc.constantFrom('call', 'send it', 'ask her how', 'see wound', 'ring the ward if worse'),
    fc.constantFrom(...before),
    fc.constantFrom(...timeWords),
    fc.constantFrom(...behind),
  )
  .map(([verb, lead, word, tail]) => `! ${verb} ${lead}${word}${tail}`);

describe('a promise with a word of time', () => {
  const promised = (line: string, on = day('2026-03-12')) =>
    unlessFailure(() => captureLine(line, { on, defaultKind: 'story' }));

  it('has a date, or its words as unread, or means none and says so', () => {
    fc.assert(
      fc.property(lines, anyDate(), (line, on) => {
        const entry = promised(line, on);
        if (entry?.type !== 'commitment') return;
        const { isNone } = readPromise(line.slice(2), { today: on });
        expect([line, entry.due !== null || entry.unread !== null || isNone]).toEqual([line, true]);
        if (entry.due !== null) expect(entry.due >= on).toBe(true);
        if (entry.unread !== null) expect(line).toContain(entry.unread);
      }),
      { numRuns: 3000 },
    );
  });

  it('is read the same where its echo is typed again', () => {
    fc.assert(
      fc.property(lines, anyDate('1905-01-01', '2195-01-01'), (line, on) => {
        const entry = promised(line, on);
        if (entry?.type !== 'commitment' || entry.due === null || line === `! ${entry.text}`) return;
        const again = promised(`! ${entry.text} by ${weekdayDate(entry.due, on)}`, on);
        expect(again).toMatchObject({ text: entry.text, due: entry.due });
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each(tables)('%s', (path) => {
  it.skipIf(!existsSync(path))(
    'becomes what was meant (skipped where the table is not beside the project)',
    () => {
      const rows = rowsOf(path);
      expect(rows.map(({ line }) => becomes(line))).toEqual(rows.map(wanted));
    },
  );
});

it('becomes the same by a pipe through the build, in one batch', async () => {
  const place = await makeVault();
  await place.run(['patient', 'add', 'Ana Berg', '--yes']);
  const rows = tables
    .slice(0, 1)
    .flatMap(rowsOf)
    .filter(({ date }) => date !== '!');
  const { stdout } = await runBinary(['commit', 'ana', '--channel', 'none', '--stdin', '--json'], {
    root: place.root,
    env: { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: '2026-03-12' },
    stdin: rows.map(({ line }) => line).join('\n'),
  });
  const { commitments, notes } = JSON.parse(stdout) as Readonly<
    Record<
      string,
      readonly { readonly due?: string; readonly date?: string; readonly unread: string | null }[]
    >
  >;
  const dated = (list: typeof notes) =>
    list?.map(({ due, date, unread }) => due ?? date ?? (unread === null ? '-' : '?'));
  const isPromise = ({ what }: Row) => ['me', 'staff', 'patient'].includes(what);
  expect(dated(commitments)).toEqual(rows.filter(isPromise).map(({ date }) => date));
  expect(dated(notes)).toEqual(rows.filter((row) => !isPromise(row)).map(({ date }) => date));
});
