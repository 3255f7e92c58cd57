/** `rapport calendar`: the weekend, closed days and time away. */
import { type Ctx, command, type Kind, type Notice, type Outcome, warning } from '../cli/command.ts';
import { dated, fileToRead, flag, plain, textOf, wordsOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, count, fullDate, readCivilDate, weekdays } from '../dates/civil.ts';
import type { DateOptions } from '../dates/date-context.ts';
import { readDate } from '../dates/grammar.ts';
import { type Away, type CalendarRecords, nameLimit } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { cancelled, Failure, notFound, usage } from '../errors.ts';
import { decodeText } from '../formats/bytes.ts';
import { type HolidayFile, readHolidays } from '../formats/holidays.ts';
import { dayLines, faultLines, renderCalendar, spanWords, weekendWords } from '../terminal/day-view.ts';

type Reading = Omit<DateOptions, 'direction'>;

const readDay = (text: string, reading: Reading): CivilDate =>
  readCivilDate(text) ?? readDate(text, { ...reading, direction: 'forward' });

/** A last day: what would lie before the first is read from that on ('mon' to 'fri', said on a Thursday). @throws usage */
function readLastDay(text: string, from: CivilDate, reading: Reading): CivilDate {
  const near = () => [readDay(text, reading), readDay(text, { ...reading, today: from })];
  const day = readCivilDate(text) ?? near().find((one) => one >= from);
  if (day === undefined || day < from)
    throw usage(
      `'${text.slice(0, 40)}' is before the first day, ${from}`,
      'give the first day, then the last',
    );
  return day;
}

/** The parser tells where it is left out. */
const needed = <T>(kind: Kind<T | undefined>) => kind as Kind<T>;
const date = (help: string): Kind<CivilDate> => needed(dated(help, readDay));

/** The words that are left, for a name. @param what names it in errors */
const label = (what: string, help: string): Kind<string | null> =>
  plain(
    help,
    (raw) => {
      const name = textOf(raw) ?? null;
      if (name !== null && name.length > nameLimit)
        throw usage(`the ${what} has ${name.length} characters; the limit is ${nameLimit}`);
      return name;
    },
    { optional: true, variadic: true },
  );

const named = (text: string, name: string | null): string =>
  name === null ? text : `${text}, ${printable(name)}`;

function change(verb: string, work: (calendar: Store['calendar']) => string, { store }: Ctx): Outcome {
  const { value: sentence, operation } = store.write({ verb }, () => work(store.calendar));
  return {
    json: { operation: operation ?? null, calendar: store.calendar.read() },
    text: operation === undefined ? `nothing changed. ${sentence}` : sentence,
  };
}

const enter = (verb: string, records: Partial<CalendarRecords>, sentence: string, ctx: Ctx): Outcome =>
  change(
    verb,
    (calendar) => {
      calendar.merge(records);
      return sentence;
    },
    ctx,
  );

export const calendarAdd = command({
  arguments: { date: date('2026-12-25, or quoted: "25 dec"'), name: label('name', 'what it is') },
  examples: ['2026-12-25 Christmas', '"25 dec"'],
  run: ({ date: on, name }, ctx) =>
    enter('calendar add', { closed_days: [{ on, name }] }, `closed: ${named(fullDate(on), name)}`, ctx),
});

export const calendarAway = command({
  arguments: {
    from: date('the first day'),
    to: needed(
      dated('the last day', (text, reading) => {
        readDay(text, reading);
        return (from: CivilDate) => readLastDay(text, from, reading);
      }),
    ),
    reason: label('reason', 'why'),
  },
  examples: ['2026-08-03 2026-08-21 leave', '"3 aug" "21 aug"'],
  run({ from, to: lastFrom, reason }, ctx) {
    const to = lastFrom(from);
    const sentence = `away: ${named(spanWords(from, to), reason)}`;
    return enter('calendar away', { away: [{ from, to, reason }] }, sentence, ctx);
  },
});

export function readWeekend(words: readonly string[]): readonly number[] {
  const days = words
    .flatMap((word) => word.toLowerCase().split(/[\s,]+/))
    .filter((word) => word !== '' && word !== 'none')
    .map((word) => {
      const weekday = weekdays.get(word);
      if (weekday === undefined)
        throw usage(`'${word.slice(0, 40)}' is not a weekday`, 'use sat sun, or none');
      return weekday;
    });
  if (words.join('').trim() === '') throw usage('which weekdays?', 'use sat sun, or none');
  const weekend = [...new Set(days)].sort((left, right) => left - right);
  if (weekend.length === 7) throw usage('one weekday at least has to stay open');
  return weekend;
}

export const calendarWeekend = command({
  arguments: {
    days: plain('sat sun unless changed; none', (raw) => readWeekend(wordsOf(raw)), { variadic: true }),
  },
  examples: ['fri sat', 'none'],
  run: ({ days: weekend }, ctx) =>
    enter('calendar weekend', { weekend }, `closed every week: ${weekendWords(weekend)}`, ctx),
});

function entriesAt(day: CivilDate, calendar: CalendarRecords) {
  const closed_days = calendar.closed_days.filter(({ on }) => on === day);
  const holds = ({ from, to }: Away): boolean => closed_days.length === 0 && from <= day && day <= to;
  return { closed_days, away: calendar.away.filter(holds) };
}

export const calendarRemove = command({
  arguments: { date: date('the closed day, or a day of the time away') },
  examples: ['2026-12-25', '"3 aug"'],
  run: ({ date: on }, ctx) =>
    change(
      'calendar remove',
      (calendar) => {
        const { closed_days, away } = entriesAt(on, calendar.read());
        if (closed_days.length + away.length === 0)
          throw notFound(`${on} is neither a closed day nor time away`, 'rapport calendar list');
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

export const calendarList = command({
  options: { all: flag('those that have passed, too') },
  examples: ['', '--all'],
  run({ all }, { store, clock, output }) {
    const calendar = store.calendar.read();
    const today = clock.today();
    const closed_days = calendar.closed_days.filter(({ on }) => all || on >= today);
    const away = calendar.away.filter(({ to }) => all || to >= today);
    const past = calendar.closed_days.length + calendar.away.length - closed_days.length - away.length;
    return {
      json: calendar,
      text: () => renderCalendar({ ...calendar, closed_days, away }, past, output),
      paged: true,
    };
  },
});

const largestFile = 8 * 1024 * 1024;

async function readFile(source: string, { files, clock }: Ctx): Promise<HolidayFile> {
  const bytes = await (await files()).readBytes(source, largestFile);
  const file = await readHolidays(decodeText(bytes), clock.today());
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

/** @returns what is said of the entries that can't be read, where the others are taken all the same */
async function agreeToRest({ days, faults }: HolidayFile, ctx: Ctx): Promise<readonly Notice[]> {
  if (faults.length === 0) return [];
  const { questions, globals } = ctx;
  const what = `${count(faults.length, 'entry', 'entries')} of the file can't be read`;
  const lines = faultLines(faults);
  if (globals.yes) return [`${what}:`, ...lines].map(warning);
  if (!questions.possible)
    throw new Failure('usage', what, [`add --yes to take the other ${count(days.length, 'day')}`], lines);
  questions.tell([`${what}:`, ...lines].join('\n'));
  if (!(await questions.confirm(`Take the other ${count(days.length, 'day')}?`, true))) throw cancelled();
  return [];
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

export const calendarImport = command({
  arguments: { file: fileToRead },
  options: { dryRun: flag('show what would be added, and stop') },
  examples: ['holidays.txt', 'holidays.ics --dry-run'],
  async run({ file: source, dryRun }, ctx) {
    const { store, output } = ctx;
    const file = await readFile(source, ctx);
    const notices = dryRun ? [] : await agreeToRest(file, ctx);
    const work = () => {
      const sorted = sortOut(file, store);
      if (!dryRun) store.calendar.merge({ closed_days: [...sorted.added, ...sorted.renamed] });
      return sorted;
    };
    const { value, operation = null } = dryRun
      ? { value: work() }
      : store.write({ verb: 'calendar import' }, work);
    const { leftOut: left_out, faults } = file;
    const sentence = sentenceOf(value, file);
    return {
      json: { dry_run: dryRun, operation, ...value, left_out, faults },
      text: [
        ...(dryRun && faults.length > 0 ? ["can't be read:", ...faultLines(faults)] : []),
        ...(await dayLines([...value.added, ...value.renamed], output)),
        dryRun
          ? `${sentence.replace(' added', ' to add')}; nothing was changed: this was a dry run`
          : sentence,
      ].join('\n'),
      notices,
    };
  },
});
