/** Dates counted from today: 'tomorrow', 'next fri', 'in 3 business days', '2 weeks ago', 'end of month'. */

import { distance } from 'fastest-levenshtein';
import { usage } from '../errors.ts';
import { addBusinessDays, type WorkCalendar } from './business-days.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  dayOf,
  daysInMonth,
  firstYear,
  lastYear,
  monthOf,
  weekdayOf,
  yearOf,
} from './civil.ts';
import { choose, type DateForm, noSuchDay, yearsAround } from './date-form.ts';
import { dateWordsOf, lazy, monthWords, plainWords, readCount, weekdayWords } from './vocabulary.ts';

const daysAway: ReadonlyMap<string, number> = new Map([
  ['today', 0],
  ['tonight', 0],
  ['tomorrow', 1],
  ['yesterday', -1],
  ['day after tomorrow', 2],
  ['day before yesterday', -2],
]);

export const dayWords: DateForm = (text, { today }) => {
  const days = daysAway.get(text.replace(/^the /, ''));
  return days === undefined ? undefined : addDays(today, days);
};

const firstOfWeek = (day: CivilDate, weekStart: number): CivilDate =>
  addDays(day, -((weekdayOf(day) - weekStart + 7) % 7));

/** 'fri', 'this fri', 'next fri' (of next week), 'last fri' (before today). */
export const weekdays: DateForm = (text, { today, direction, weekStart }) => {
  const match = /^(?:(this|next|last) )?(\p{L}+)$/u.exec(text);
  const weekday = weekdayWords().get(match?.[2] ?? '');
  if (!match || weekday === undefined) return undefined;
  const now = weekdayOf(today);
  const ahead = (weekday - now + 7) % 7;
  const back = (now - weekday + 7) % 7;
  if (match[1] === 'next') return addDays(firstOfWeek(today, weekStart), 7 + ((weekday - weekStart + 7) % 7));
  if (match[1] === 'last') return addDays(today, -(back === 0 ? 7 : back));
  if (direction === 'nearest') return addDays(today, ahead <= back ? ahead : -back);
  // Today's own weekday is a week away, except after 'this'.
  const same = match[1] === 'this' ? 0 : 7;
  return direction === 'forward'
    ? addDays(today, ahead === 0 ? same : ahead)
    : addDays(today, -(back === 0 ? same : back));
};

/** 'in 2 weeks', 'within a month', 'in 3 business days', '2 weeks ago', '3 days from now'. */
export const distances: DateForm = (text, { today, calendar }) => {
  const match =
    /^((?:in|within) (?:the next )?)?(\S+) ((?:business |working )?day|week|fortnight|month|year)s?(['’]? time| from (?:now|today)| ago)?$/.exec(
      text,
    );
  const [, lead, amount = '', unit, tail = ''] = match ?? [];
  const isWhole = lead === undefined ? /^ (?:from|ago)/.test(tail) : tail === '' || tail.endsWith(' time');
  const size = readCount(amount);
  if (!isWhole || size === undefined) return undefined;
  const count = tail === ' ago' ? -size : size;
  switch (unit) {
    case 'day':
      return addDays(today, count);
    case 'week':
      return addDays(today, 7 * count);
    case 'fortnight':
      return addDays(today, 14 * count);
    case 'month':
      return addMonths(today, count);
    case 'year':
      // Far beyond any valid date, within what Date can compute.
      return size > 500 ? noSuchDay(text) : addMonths(today, 12 * count);
    default:
      return addBusinessDays(today, count, calendar);
  }
};

function endOfWeek(first: CivilDate, { weekend }: WorkCalendar): CivilDate {
  const days = [6, 5, 4, 3, 2, 1, 0].map((later) => addDays(first, later));
  return days.find((day) => !weekend.includes(weekdayOf(day))) ?? addDays(first, 6);
}

const lastOfMonth = (year: number, month: number): CivilDate | undefined =>
  civilDate(year, month, daysInMonth(year, month));

/** 'end of week', 'end of next month', 'end of april', 'end of the year'. */
export const ends: DateForm = (text, context) => {
  const { today, calendar } = context;
  const match = /^(?:the )?end of (?:the )?(?:(this|next) )?(\p{L}+)(?: (\d{4}))?$/u.exec(text);
  if (!match) return undefined;
  const [, which, unit = '', year] = match;
  const month = monthWords().get(unit);
  if (month !== undefined) {
    if (which !== undefined) return undefined;
    const years = year === undefined ? yearsAround(today) : [Number(year)];
    const days = years.flatMap((of) =>
      of < firstYear || of > lastYear ? [] : (lastOfMonth(of, month) ?? []),
    );
    return year === undefined ? choose(days, context) : (days[0] ?? noSuchDay(text));
  }
  if (year !== undefined) return undefined;
  const next = which === 'next' ? 1 : 0;
  if (unit === 'week') {
    const thisWeek = endOfWeek(firstOfWeek(today, context.weekStart), calendar);
    const passed = which === undefined && thisWeek < today;
    return next || (passed && context.direction === 'forward') ? addDays(thisWeek, 7) : thisWeek;
  }
  if (unit === 'month') {
    const within = addMonths(addDays(today, 1 - dayOf(today)), next);
    return lastOfMonth(yearOf(within), monthOf(within));
  }
  return unit === 'year' ? civilDate(yearOf(today) + next, 12, 31) : undefined;
};

const vague =
  /^(?:(?:the |this |next )?weekend|(?:this|next|the next|last) (?:week|month|year)|(?:in |within )?(?:a few|a couple of|some|several) (?:business |working )?(?:day|week|month|year)s|(?:the )?(?:early|late|mid|beginning of|start of|middle of)[ -](?:next )?\p{L}+)$/u;

/** Stretches of time name no day; guessing one would break a promise. */
export const stretches: DateForm = (text) => {
  if (!vague.test(text)) return undefined;
  const named = /^(?:the )?(?:early|late|mid|beginning of|start of|middle of)[ -](?:next )?(\p{L}+)$/u.exec(
    text,
  )?.[1];
  if (named !== undefined && !monthWords().has(named) && !/^(?:week|month|year)$/.test(named))
    return undefined;
  return usage(`'${text}' names no day`, "write 'end of next week', 'next fri' or 'in 2 weeks'");
};

/** Edit distance, in which one pair of swapped letters is one edit. */
export const edits = (left: string, right: string): number =>
  Math.min(
    distance(left, right),
    ...Array.from({ length: Math.max(0, left.length - 1) }, (_, at) => {
      const [one = '', other = ''] = left.slice(at, at + 2);
      return 1 + distance(left.slice(0, at) + other + one + left.slice(at + 2), right);
    }),
  );

const meant = lazy((): readonly string[] => [
  ...weekdayWords().keys(),
  ...monthWords().keys(),
  ...['today', 'tomorrow', 'yesterday', 'next', 'week'],
]);
const exact = lazy(() => new Set([...meant(), 'month', 'year', 'weeks', 'weekend']));

const feasts: ReadonlySet<string> = new Set(['christmas', 'xmas', 'easter', 'thanksgiving']);

/** Words and names in their own right that are within a slip. */
const ordinary = lazy(
  () =>
    new Set(
      `air ape app apps apt august auk aught adjust angus augusta auguste augustin augusto agusta
   oat ocd ocp oft opt our out
   dec deb deck deco dee def del den dew dex dey doc decider deceiver
   fab fed fee feb fen fer few fey fez fib fob
   frida frieda friar fridge frilly frisky frizzy friary freddy fro fry frame frig frit fray
   jab jag jam jar jaw jay jean jeans jen jin joan jon juan jane jaguar judy jug juke junk juno jury jut
   mac mad mae mag mal mam man map mara marc mare mark marm mars marsh mart mary mas mash mass mat match max mags maya many maze
   mayday midday moan mob mod modal moe mom mona money monk monkey mono monty moo moody moon moor mop morn morning moss mow
   mandy moldy mondale moray
   neat nest net newt nod noe nor not now nos news
   sab sac sad sal sale sally salt sam sap saw sax say scat sea seat sec sect sed see seed seek seen seep sel self sen send
   sent set sets sew sex sit skip slat slept sip sin skat son sop spat spot spun stat step stem stun sub sud sue suk sum
   sunk sung sunlight sup sus sandal sandy sunda sundae sundar sundew sundial sunder sundry sunhat sunny sunray suntan sturdy subway swat swept shun
   tea tee the thee tho thou thud thug thus thy tia tie tier toe tour tours toes tree true tub tube tubes tug tums tun tuna tune tunes tut tux ties tins
   today toady toddy total
   wad web webs weed weeds wee weep weak wen wes wet weld well went wend`
        .trim()
        .split(/\s+/),
    ),
);

/** Two slips from six letters on, but never in the first letter. */
function isNear(word: string, target: string): boolean {
  const [first = '', second = ''] = target;
  if (!word.startsWith(first) && !(target.length > 4 && word.startsWith(second + first))) return false;
  const most = word.length > 4 && target.length > 5 ? 2 : 1;
  return Math.abs(word.length - target.length) <= most && edits(word, target) <= most;
}

const isPlural = (word: string): boolean => word.endsWith('s') && exact().has(word.slice(0, -1));

/** 'fir morning', 'fir at noon'; else a short word may begin a phrase: 'fir trees'. */
const followsDay = /^(?:(?:at|the|in|morning|afternoon|evening|night|noon|latest)(?: |$))*$/;

interface NearMiss {
  readonly word: string;
  readonly meant: string | undefined;
}

export const meantHint = ({ meant }: NearMiss): string =>
  meant === undefined ? 'write its day: 24 dec' : `did you mean ${meant}?`;

/** Days only: shorter words are too often words of their own. */
export function nearClosingDay(line: string): string | undefined {
  const last = /(?:^|\s)(\p{L}+)[.!;,?]*$/u.exec(line)?.[1] ?? '';
  const day = nearMiss(last)?.meant;
  return day !== undefined && /(?<!yester)day$|^tomorrow$/.test(day) ? day : undefined;
}

export function nearMiss(tail: string): NearMiss | undefined {
  const [word = '', ...others] = plainWords(tail).split(' ');
  if (others.length > 2) return undefined;
  if (feasts.has(word)) return others.length === 0 ? { word, meant: undefined } : undefined;
  if (!/^\p{L}{3,12}$/u.test(word) || exact().has(word) || ordinary().has(word) || isPlural(word))
    return undefined;
  const rest = others.join(' ');
  const isWhole = followsDay.test(rest) || !dateWordsOf(rest).includes('…');
  // A capitalised word may be a name near a month.
  const isName = /^\P{L}*\p{Lu}/u.test(tail);
  const near = meant()
    .filter((target) => target.length > (isName ? 5 : isWhole ? 0 : 4) && isNear(word, target))
    .map((target) => ({ target, away: edits(word, target) }))
    .sort((left, right) => left.away - right.away || right.target.length - left.target.length)[0];
  return near && { word, meant: near.target };
}
