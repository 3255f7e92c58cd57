/** What comes from outside has a budget: whatever a file asks for, each command comes to an end, and keeps what is whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BinaryResult, runBinary } from './support/binary.ts';
import { makeVault, passphrase, type TestPlace } from './support/vault.ts';

let place: TestPlace;

beforeAll(async () => {
  place = await makeVault();
  await place.run(['patient', 'add', 'Ana Berg', '--yes']);
});

const limit = 25_000;
const today = '2026-03-12';
const run = (argv: readonly string[], stdin = ''): Promise<BinaryResult> =>
  runBinary(argv, {
    root: place.root,
    env: { RAPPORT_PASSPHRASE: passphrase, RAPPORT_TODAY: today },
    stdin,
    limit,
  });

const eventOf = (lines: readonly string[]): readonly string[] => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'];
const calendarOf = (...parts: readonly (readonly string[])[]): string =>
  ['BEGIN:VCALENDAR', ...parts.flat(), 'END:VCALENDAR', ''].join('\r\n');
const visit = eventOf(['UID:good', 'SUMMARY:Ana Berg', 'DTSTART:20260312T100000']);
const closed = eventOf(['SUMMARY:Fair', 'DTSTART;VALUE=DATE:20260501']);
const ruled = (rule: string, start = 'DTSTART:20260201T100000'): readonly string[] =>
  eventOf(['UID:bad', 'SUMMARY:Ana Berg', start, `RRULE:${rule}`]);

const zoned = (name: string): readonly string[] =>
  eventOf([`UID:${name}`, 'SUMMARY:Ana Berg', `DTSTART;TZID=${name}:20260312T120000`]);

const never = 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=1';
const calendars: Readonly<Record<string, string>> = {
  'a rule of 193 bytes': calendarOf(ruled('FREQ=MONTHLY;INTERVAL=4800;BYDAY=5MO'), visit, closed),
  'an interval of ages': calendarOf(ruled('FREQ=DAILY;INTERVAL=999999999999'), visit, closed),
  'weeks of ages': calendarOf(ruled('FREQ=WEEKLY;INTERVAL=999999999999;COUNT=5'), visit, closed),
  'a day of no month': calendarOf(ruled('FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'), visit, closed),
  'a count of ages': calendarOf(ruled('FREQ=SECONDLY;COUNT=999999999999'), visit, closed),
  'five hundred rules that fit no day': calendarOf(
    ...Array.from({ length: 500 }, () => ruled(never, 'DTSTART:19000201T100000')),
    visit,
    closed,
  ),
  'a thousand zones that nobody knows': calendarOf(
    ...Array.from({ length: 1000 }, (_, index) => zoned(`Its own ${index}`)),
    visit,
    closed,
  ),
  'a zone with a path of fifty thousand steps': calendarOf(zoned('/a'.repeat(49_000)), visit, closed),
  'days of ages': calendarOf(
    eventOf(['DTSTART;VALUE=DATE:20260101', `DURATION:P${10 ** 15}W`]),
    visit,
    closed,
  ),
  'more days than there are': calendarOf(
    ...Array.from({ length: 3000 }, () =>
      eventOf(['DTSTART;VALUE=DATE:20260101', 'DTEND;VALUE=DATE:20261231', 'RRULE:FREQ=DAILY;COUNT=20']),
    ),
    visit,
    closed,
  ),
};

describe('a calendar with', () => {
  it.each(Object.entries(calendars))('%s keeps what is whole', { timeout: 120_000 }, async (_, text) => {
    writeFileSync(join(place.work, 'bad.ics'), text);
    const imported = await run(['import', 'bad.ics', '--skip-bad', '--dry-run', '--json']);
    expect([imported.code, imported.stdout]).toEqual([0, expect.stringContaining('"contacts"')]);
    const shown = await run(['day', '--schedule', 'bad.ics', '--json']);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('"at": "10:00"')]);
    const holidays = await run(['calendar', 'import', 'bad.ics', '--dry-run', '--yes', '--json']);
    expect([holidays.code, holidays.stdout]).toEqual([0, expect.stringContaining('"2026-05-01"')]);
  });
});

describe('a list with', () => {
  it('a thread of fifty thousand notes is walked once', { timeout: 60_000 }, async () => {
    const notes = Array.from({ length: 50_000 }, (_, index) => ({
      id: `x${index}`,
      text: 'x',
      replaces: index === 49_999 ? null : `x${index + 1}`,
    }));
    const document = { format: 'rapport', version: 1, patients: [{ name: 'Bo Dahl', notes }] };
    const { code, stdout } = await run(['import', '-', '--dry-run', '--json'], JSON.stringify(document));
    expect([code, stdout]).toEqual([0, expect.stringContaining('"notes": 50000')]);
  });

  it.each([
    ['blanks in a name', `name\n"Ana${' '.repeat(130_000)}Berg"\nBo Dahl\n`],
    ['blanks and line ends in a name', `name\n"Ana${' \n'.repeat(90_000)}Berg"\nBo Dahl\n`],
    ['a quote left open', `name\nBo Dahl\n"${'a,'.repeat(90_000)}"\n`],
    ['a column of commas', `name\n"${', '.repeat(90_000)}"\nBo Dahl\n`],
  ])('%s is read to its end', { timeout: 60_000 }, async (_, text) => {
    const { code, stdout } = await run(
      ['import', '-', '--format', 'csv', '--map', 'name=name', '--skip-bad', '--dry-run', '--json'],
      text,
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('"schema": "rapport.import/1"')]);
  });
});

describe('what is typed', () => {
  const words = (count: number): string =>
    Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

  it('is searched for by thirty words at most', { timeout: 60_000 }, async () => {
    expect((await run(['search', '-'], words(30))).code).toBe(0);
    const many = await run(['search', '-'], words(1000));
    expect([many.code, many.stderr]).toEqual([2, expect.stringContaining('the limit is 30')]);
  });

  it.each([
    ['ten thousand words', words(10_000)],
    ['one long word', 'a'.repeat(100_000)],
  ])('as a name of %s is nobody', { timeout: 60_000 }, async (_, name) => {
    const { code, stderr } = await run(['notes', name]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('no patient matches')]);
  });

  it.each([
    ['blanks', ' '],
    ['commas', ', '],
    ['stops', '.'],
    ['digits', '1'],
    ['dates', ' by fri'],
    ['quotes', '"\\'],
    ['brackets', '(['],
    ['marks of letters', 'e\u0301\u0301'],
    ['labels', 'mrn '],
  ])('as a note full of %s is refused or kept at once', { timeout: 60_000 }, async (_, part) => {
    for (const size of [9_900, 100_000]) {
      const text = `! call${part.repeat(Math.floor(size / part.length))}x`;
      const { code } = await run(['note', 'ana', '--stdin'], text);
      expect([0, 2]).toContain(code);
    }
  });
});

it('a key file asks for no more derivations than anybody waits for', { timeout: 60_000 }, async () => {
  const other = await makeVault();
  const path = join(other.folder, 'vault.keys');
  const [line = '', mac] = readFileSync(path, 'utf8').split('\n');
  const payload = JSON.parse(line);
  const slot = payload.slots.find(({ type }: { type: string }) => type === 'passphrase');
  const slots = Array.from({ length: 16 }, (_, index) => ({
    ...slot,
    id: `000000${(16 + index).toString(16)}`,
    kdf: { ...slot.kdf, n: 2 ** 20 },
  }));
  for (const name of ['vault.keys', 'vault.keys.copy'])
    writeFileSync(join(other.folder, name), `${JSON.stringify({ ...payload, slots })}\n${mac}\n`);
  const { code, stderr } = await runBinary(['patient', 'list'], {
    root: other.root,
    env: { RAPPORT_PASSPHRASE: passphrase },
    limit,
  });
  expect([code, stderr]).toEqual([7, expect.stringContaining('key derivations')]);
});
