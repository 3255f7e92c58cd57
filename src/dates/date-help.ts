/** `help dates`: what is read of a promise's line on one day, computed by the grammar itself. */
import { faultOf } from '../errors.ts';
import { type CivilDate, everyWords, weekdayDate } from './civil.ts';
import { readPromise } from './line-date.ts';

const day = '2026-03-12' as CivilDate;

/** Lines of what is said alike, as they end a promise. */
const said: readonly (readonly string[])[] = [
  ['fri', 'by 2 apr', 'apr 2', '2 apr 2027', '2026-04-02', 'the 14th', 'on 3rd', 'fri 13th', 'on 14.3'],
  ['today', 'tmrw', 'this fri', 'next fri', 'mon next week', 'the day after tomorrow'],
  ['in 2 weeks', '6/52', 'rv in 3/12', 'in a fortnight', 'in 2-3 weeks', 'within 48h', 'in 3 business days'],
  ['a week on Tuesday', 'fri week', 'a week before 2 apr', 'first Monday in April', 'before 2 apr'],
  ['this week', 'EOW', 'next week', 'EOM', 'in May', 'mid April', 'before Jan', 'by the weekend'],
  ['tonight', 'by COB', 'asap', 'in the morning', 'fri am', 'by 5pm mon'],
  ['xmas eve', 'Good Friday', 'Easter Monday'],
  ['every 2 wks', 'every Friday', 'q3mo', 'monthly', 'every month from 1 apr'],
  ['mon, fri at the latest', 'if no letter by fri', 'before the wedding on 21 mar'],
];
const unsaid = [
  'after Easter',
  'not before fri',
  'from monday',
  'fri or mon',
  'by 3/4',
  '3 days before the op',
  'about fri',
  'how church was sunday',
  'when the MRI is back',
  'by 31 feb',
  'by wed 19',
];

const width = 30;

function row(words: string): string {
  const { date, every } = readPromise(`call ${words}`, { today: day });
  const read = date === null ? '' : weekdayDate(date, day);
  return `  ${words.padEnd(width)}${every === null ? read : `${read}, ${everyWords(every)}`}`;
}

type Outcome = 'asked' | 'none' | 'refused';
function outcomeOf(words: string): Outcome {
  const read = () => readPromise(`call ${words}`, { today: day });
  if (faultOf(read) !== undefined) return 'refused';
  return read().unread === null ? 'none' : 'asked';
}
const listed = (outcome: Outcome): string =>
  unsaid
    .filter((words) => outcomeOf(words) === outcome)
    .map((words) => `'${words}'`)
    .join(', ');

export const dateHelp = (): string =>
  [
    `A promise on Thu 12 Mar 2026:`,
    '',
    ...said.flatMap((group) => group.map(row)),
    '',
    'A date that ends the line is cut off it; anywhere else the text stays whole. A time of day stays in the text.',
    "A stretch of days is due on its last open day. Today's own weekday means next week.",
    '',
    `Asked about, and from a pipe kept with these words as "unread": ${listed('asked')}.`,
    '',
    `No date is meant by a topic, the past or an event: ${listed('none')}. The echo says "no date".`,
    '',
    `What cannot be a day is an error: ${listed('refused')}. Nothing typed is lost.`,
    '',
    'Losses look back. Milestones look forward, but for the last 30 days, and keep a month as a month: @2026-05, @2026,',
    '@--06-14 (every year); birthdays and anniversaries return every year.',
    '',
    'Slash dates that could mean two days are asked about unless `rapport config date-style` says which.',
    'Today is that of `rapport config time-zone`; --on DATE overrides it.',
  ].join('\n');
