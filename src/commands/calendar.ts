/** `rapport calendar`: the weekend, closed days and time away. */

import type { Context, Store } from '../context.ts';
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { weekdayWords } from '../dates/vocabulary.ts';
import { fullDate } from '../dates/wording.ts';
import { nameLimit } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { cancelled, type ExitName, Failure, notFound, usage } from '../errors.ts';
import { decodeText } from '../formats/guess.ts';
import { type HolidayFile, readHolidays } from '../formats/holidays.ts';
import type { Away, CalendarRecords, ClosedDay } from '../store/store.ts';
import { dayLines, faultLines, renderCalendar, spanWords, weekendWords } from '../terminal/day-view.ts';
import { defineCommand, type RawInput, type Reading } from './command.ts';

const readDay = (text: string, { today, dateStyle, weekStart }: Reading): CivilDate =>
  readCivilDate(text) ?? readDate(text, { today: today(), direction: 'forward', dateStyle, weekStart });

/** A last day: what would lie before the first is read from that on ('mon' to 'fri', said on a Thursday). @throws usage */
function readLastDay(text: string, from: CivilDate, reading: Reading): CivilDate {
  const near = () => [
    readDay(text, reading),
    readDate(text, { ...reading, today: from, direction: 'forward' }),
  ];
  const day = readCivilDate(text) ?? near().find((one) => one >= from);
  if (day === undefined || day < from)
    throw usage(
      `'${text.slice(0, 40)}' is before the first day, ${from}`,
      'give the first day, then the last',
    );
  return day;
}

function nameOf(raw: RawInput, argument: string): string | null {
  const name = raw.text(argument);
  if (name !== undefined && name.length > nameLimit)
    throw usage(`the ${argument} has ${name.length} characters; the limit is ${nameLimit}`);
  return name ?? null;
}

const named = (text: string, name: string | null): string =>
  name === null ? text : `${text}, ${printable(name)}`;

async function change(verb: string, work: (store: Store) => string, ctx: Context): Promise<ExitName> {
  const store = await ctx.openStore();
  const { value: sentence, operation } = store.write({ verb }, () => work(store));
  const schema = `rapport.${verb.replace(' ', '-')}/1`;
  if (ctx.globals.json)
    ctx.output.json({ schema, operation: operation ?? null, calendar: store.calendar.read() });
  else ctx.output.print(operation === undefined ? `nothing changed. ${sentence}` : sentence);
  return 'ok';
}

export const calendarAdd = defineCommand<ClosedDay>({
  path: 'calendar add',
  summary: 'a day that is closed, a holiday',
  group: 'More',
  arguments: [
    { name: 'date', help: '2026-12-25, or quoted: "25 dec"' },
    { name: 'name', help: 'what it is', optional: true, variadic: true },
  ],
  examples: ['rapport calendar add 2026-12-25 Christmas', 'rapport calendar add "25 dec"'],
  parse: (raw) => ({ on: readDay(raw.text('date') ?? '', raw.reading), name: nameOf(raw, 'name') }),
  run: (day, ctx: Context) =>
    change(
      'calendar add',
      ({ calendar }) => {
        calendar.merge({ closed_days: [day] });
        return `closed: ${named(fullDate(day.on), day.name)}`;
      },
      ctx,
    ),
});

export const calendarAway = defineCommand<Away>({
  path: 'calendar away',
  summary: 'days that you are away: closed, from the first to the last',
  group: 'More',
  arguments: [
    { name: 'from', help: 'the first day' },
    { name: 'to', help: 'the last day' },
    { name: 'reason', help: 'why', optional: true, variadic: true },
  ],
  examples: ['rapport calendar away 2026-08-03 2026-08-21 leave', 'rapport calendar away "3 aug" "21 aug"'],
  parse: (raw) => {
    const from = readDay(raw.text('from') ?? '', raw.reading);
    return { from, to: readLastDay(raw.text('to') ?? '', from, raw.reading), reason: nameOf(raw, 'reason') };
  },
  run: (away, ctx: Context) =>
    change(
      'calendar away',
      ({ calendar }) => {
        calendar.merge({ away: [away] });
        return `away: ${named(spanWords(away.from, away.to), away.reason)}`;
      },
      ctx,
    ),
});

export function readWeekend(words: readonly string[]): readonly number[] {
  const days = words
    .flatMap((word) => word.toLowerCase().split(/[\s,]+/))
    .filter((word) => word !== '' && word !== 'none')
    .map((word) => {
      const weekday = weekdayWords().get(word);
      if (weekday === undefined)
        throw usage(`'${word.slice(0, 40)}' is not a weekday`, 'use sat sun, or none');
      return weekday;
    });
  if (words.join('').trim() === '') throw usage('which weekdays?', 'use sat sun, or none');
  const weekend = [...new Set(days)].sort((left, right) => left - right);
  if (weekend.length === 7) throw usage('a week needs an open day');
  return weekend;
}

export const calendarWeekend = defineCommand<readonly number[]>({
  path: 'calendar weekend',
  summary: 'the weekdays that are closed every week',
  group: 'More',
  arguments: [{ name: 'days', help: 'sat sun unless changed; none', variadic: true }],
  examples: ['rapport calendar weekend fri sat', 'rapport calendar weekend none'],
  parse: (raw) => readWeekend(raw.words('days')),
  run: (weekend, ctx: Context) =>
    change(
      'calendar weekend',
      ({ calendar }) => {
        calendar.merge({ weekend });
        return `closed every week: ${weekendWords(weekend)}`;
      },
      ctx,
    ),
});

/** The closed day itself, or else the time away that contains it. */
function entriesAt(day: CivilDate, calendar: CalendarRecords) {
  const closed_days = calendar.closed_days.filter(({ on }) => on === day);
  const holds = ({ from, to }: Away): boolean => closed_days.length === 0 && from <= day && day <= to;
  return { closed_days, away: calendar.away.filter(holds) };
}

export const calendarRemove = defineCommand<CivilDate>({
  path: 'calendar remove',
  summary: 'take a closed day out, or the time away that holds the day',
  group: 'More',
  arguments: [{ name: 'date', help: 'the closed day, or a day of the time away' }],
  examples: ['rapport calendar remove 2026-12-25', 'rapport calendar remove "3 aug"'],
  parse: (raw) => readDay(raw.text('date') ?? '', raw.reading),
  run: (on, ctx: Context) =>
    change(
      'calendar remove',
      ({ calendar }) => {
        const { closed_days, away } = entriesAt(on, calendar.read());
        if (closed_days.length + away.length === 0)
          throw notFound(`nothing in the calendar closes ${on}`, 'rapport calendar list');
        calendar.remove({ closed_days, away });
        const words = [
          ...closed_days.map(({ name }) => named(fullDate(on), name)),
          ...away.map(({ from, to, reason }) => named(spanWords(from, to), reason)),
        ];
        return `open again: ${words.join('; ')}`;
      },
      ctx,
    ),
});

export const calendarList = defineCommand<boolean>({
  path: 'calendar list',
  summary: 'closed days, time away and the weekend',
  group: 'More',
  options: [{ flags: '--all', help: 'those that have passed, too' }],
  examples: ['rapport calendar list', 'rapport calendar list --all'],
  parse: (raw) => raw.flag('all'),
  run: async (all, { openStore, output, globals, clock }: Context) => {
    const store = await openStore();
    const calendar = store.calendar.read();
    if (globals.json) {
      output.json({ schema: 'rapport.calendar-list/1', ...calendar });
      return 'ok';
    }
    const today = clock.today();
    const closed_days = calendar.closed_days.filter(({ on }) => all || on >= today);
    const away = calendar.away.filter(({ to }) => all || to >= today);
    const past = calendar.closed_days.length + calendar.away.length - closed_days.length - away.length;
    await output.page(renderCalendar({ ...calendar, closed_days, away }, past, output));
    return 'ok';
  },
});

/** @param source '-' is standard input */
type ImportRequest = Readonly<{ source: string; dryRun: boolean }>;

const largestFile = 8 * 1024 * 1024;

const count = (size: number, noun: string): string => `${size} ${noun}${size === 1 ? '' : 's'}`;

async function readFile(source: string, { files, stdin, clock }: Context): Promise<HolidayFile> {
  const text =
    source === '-'
      ? await stdin.readText(largestFile)
      : decodeText(await files.readBytes(source, largestFile));
  const file = await readHolidays(text, clock.today());
  if (file.days.length > 0) return file;
  if (file.faults.length > 0)
    throw new Failure(
      'usage',
      'nothing in the file can be read as a closed day',
      ['a line is 2026-12-25 Christmas; an .ics file is read as well'],
      faultLines(file.faults),
    );
  throw usage(
    'the file holds no closed day',
    file.leftOut > 0 ? 'its events have a time of day, or were called off' : 'a line is 2026-12-25 Christmas',
  );
}

async function agreeToRest({ days, faults }: HolidayFile, ctx: Context): Promise<void> {
  if (faults.length === 0) return;
  const { questions, globals, notices } = ctx;
  const what = `${count(faults.length, 'entry').replace('entrys', 'entries')} of the file can't be read`;
  const lines = faultLines(faults);
  if (globals.yes) for (const line of [`${what}:`, ...lines]) notices.warn(line);
  else if (!questions.possible)
    throw new Failure('usage', what, [`add --yes to take the other ${count(days.length, 'day')}`], lines);
  else {
    questions.tell([`${what}:`, ...lines].join('\n'));
    if (!(await questions.confirm(`Take the other ${count(days.length, 'day')}?`, true))) throw cancelled();
  }
}

/** A day that is closed already keeps its name where the file has none. */
function sortOut({ days }: HolidayFile, { calendar }: Store) {
  const known = new Map(calendar.read().closed_days.map(({ on, name }) => [on, name]));
  const added = days.filter(({ on }) => !known.has(on));
  const renamed = days.filter(({ on, name }) => known.has(on) && name !== null && known.get(on) !== name);
  return { added, renamed, same: days.length - added.length - renamed.length };
}

function sentenceOf({ added, renamed, same }: ReturnType<typeof sortOut>, { leftOut }: HolidayFile): string {
  return [
    `${count(added.length, 'closed day')} added`,
    ...(renamed.length > 0 ? [`${renamed.length} renamed`] : []),
    ...(same > 0 ? [`${same} there already`] : []),
    ...(leftOut > 0 ? [`${count(leftOut, 'event')} with a time of day or called off left out`] : []),
  ].join(', ');
}

async function runImport({ source, dryRun }: ImportRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  // Which day it is depends on the vault's zone; and a passphrase may be standard input's first line.
  const store = await ctx.openStore();
  const file = await readFile(source, ctx);
  if (!dryRun) await agreeToRest(file, ctx);
  const work = () => {
    const sorted = sortOut(file, store);
    if (!dryRun) store.calendar.merge({ closed_days: [...sorted.added, ...sorted.renamed] });
    return sorted;
  };
  const { value, operation = null } = dryRun
    ? { value: work() }
    : store.write({ verb: 'calendar import' }, work);
  const { leftOut: left_out, faults } = file;
  if (globals.json) {
    output.json({
      schema: 'rapport.calendar-import/1',
      dry_run: dryRun,
      operation,
      ...value,
      left_out,
      faults,
    });
    return 'ok';
  }
  const sentence = sentenceOf(value, file);
  output.print(
    [
      ...(dryRun && faults.length > 0 ? ["can't be read:", ...faultLines(faults)] : []),
      ...dayLines([...value.added, ...value.renamed], output),
      dryRun ? `${sentence.replace(' added', ' to add')}; nothing was changed: this was a dry run` : sentence,
    ].join('\n'),
  );
  return 'ok';
}

export const calendarImport = defineCommand<ImportRequest>({
  path: 'calendar import',
  summary: 'closed days from a file: lines such as 2026-12-25 Christmas, or .ics',
  group: 'More',
  arguments: [{ name: 'file', help: '- reads standard input' }],
  options: [{ flags: '--dry-run', help: 'show what would be added, and stop' }],
  examples: ['rapport calendar import holidays.txt', 'rapport calendar import holidays.ics --dry-run'],
  parse: (raw) => ({ source: raw.text('file') ?? '-', dryRun: raw.flag('dry-run') }),
  run: runImport,
});
