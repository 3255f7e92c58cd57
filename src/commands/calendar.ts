/** `rapport calendar`: the days that are closed. "In 3 business days" skips them, and `due` looks over them. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { weekdayWords } from '../dates/vocabulary.ts';
import { fullDate } from '../dates/wording.ts';
import { nameLimit } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { type ExitName, notFound, usage } from '../errors.ts';
import type { Away, CalendarRecords, ClosedDay } from '../store/store.ts';
import { renderCalendar, spanWords, weekendWords } from '../terminal/day-view.ts';
import type { Store, World } from '../world.ts';
import { defineCommand, type RawInput, type Reading } from './command.ts';

type CalendarNeeds = Pick<World, 'openStore' | 'output' | 'globals' | 'clock'>;

/** Ahead unless it is written in full. @throws usage */
const readDay = (text: string, { today, dateStyle, weekStart }: Reading): CivilDate =>
  readCivilDate(text) ?? readDate(text, { today: today(), direction: 'forward', dateStyle, weekStart });

/** A last day: what would lie before the first is read from that on ('mon' to 'fri', said on a Thursday). @throws usage */
function readLastDay(text: string, from: CivilDate, reading: Reading): CivilDate {
  const plain = readCivilDate(text);
  const day =
    plain ??
    [readDay(text, reading), readDate(text, { ...reading, today: from, direction: 'forward' })].find(
      (one) => one >= from,
    );
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

interface Change {
  readonly verb: string;
  /** @returns what was done, in a sentence */
  readonly work: (store: Store) => string;
}

/** One operation, said in a sentence. */
async function change({ verb, work }: Change, needs: CalendarNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const { value: sentence, operation } = store.write({ verb }, () => work(store));
  if (needs.globals.json)
    needs.output.json({
      schema: `rapport.${verb.replace(' ', '-')}/1`,
      operation: operation ?? null,
      calendar: store.calendar.read(),
    });
  else needs.output.print(operation === undefined ? `nothing changed. ${sentence}` : sentence);
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
  access: 'unlocked',
  parse: (raw) => ({ on: readDay(raw.text('date') ?? '', raw.reading), name: nameOf(raw, 'name') }),
  run: (day, needs: CalendarNeeds) =>
    change(
      {
        verb: 'calendar add',
        work: ({ calendar }) => {
          calendar.merge({ closed_days: [day] });
          return `closed: ${named(fullDate(day.on), day.name)}`;
        },
      },
      needs,
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
  access: 'unlocked',
  parse: (raw) => {
    const from = readDay(raw.text('from') ?? '', raw.reading);
    return { from, to: readLastDay(raw.text('to') ?? '', from, raw.reading), reason: nameOf(raw, 'reason') };
  },
  run: (away, needs: CalendarNeeds) =>
    change(
      {
        verb: 'calendar away',
        work: ({ calendar }) => {
          calendar.merge({ away: [away] });
          return `away: ${named(spanWords(away.from, away.to), away.reason)}`;
        },
      },
      needs,
    ),
});

/** ISO weekdays, in order. @throws usage */
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
  access: 'unlocked',
  parse: (raw) => readWeekend(raw.words('days')),
  run: (weekend, needs: CalendarNeeds) =>
    change(
      {
        verb: 'calendar weekend',
        work: ({ calendar }) => {
          calendar.merge({ weekend });
          return `closed every week: ${weekendWords(weekend)}`;
        },
      },
      needs,
    ),
});

/** What a day names: the closed day, else the spans away that hold it. */
function entriesAt(
  on: CivilDate,
  { closed_days, away }: CalendarRecords,
): Pick<CalendarRecords, 'closed_days' | 'away'> {
  const closed = closed_days.filter((day) => day.on === on);
  return {
    closed_days: closed,
    away: closed.length > 0 ? [] : away.filter(({ from, to }) => from <= on && on <= to),
  };
}

export const calendarRemove = defineCommand<CivilDate>({
  path: 'calendar remove',
  summary: 'take a closed day out, or the time away that holds the day',
  group: 'More',
  arguments: [{ name: 'date', help: 'the closed day, or a day of the time away' }],
  examples: ['rapport calendar remove 2026-12-25', 'rapport calendar remove "3 aug"'],
  access: 'unlocked',
  parse: (raw) => readDay(raw.text('date') ?? '', raw.reading),
  run: (on, needs: CalendarNeeds) =>
    change(
      {
        verb: 'calendar remove',
        work: ({ calendar }) => {
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
      },
      needs,
    ),
});

export const calendarList = defineCommand<boolean>({
  path: 'calendar list',
  summary: 'closed days, time away and the weekend',
  group: 'More',
  options: [{ flags: '--all', help: 'those that have passed, too' }],
  examples: ['rapport calendar list', 'rapport calendar list --all'],
  access: 'unlocked',
  parse: (raw) => raw.flag('all'),
  run: async (all, { openStore, output, globals, clock }: CalendarNeeds) => {
    const store = await openStore();
    const calendar = store.calendar.read();
    if (globals.json) {
      output.json({ schema: 'rapport.calendar-list/1', ...calendar });
      return 'ok';
    }
    const today = clock.today();
    const ahead = {
      ...calendar,
      closed_days: calendar.closed_days.filter(({ on }) => all || on >= today),
      away: calendar.away.filter(({ to }) => all || to >= today),
    };
    const count = ({ closed_days, away }: CalendarRecords): number => closed_days.length + away.length;
    await output.page(renderCalendar(ahead, count(calendar) - count(ahead), output));
    return 'ok';
  },
});
