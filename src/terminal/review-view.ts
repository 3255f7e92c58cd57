/** The review as counts, bars and lists, as spoken lines, and as JSON. Names and dates, no note's text. */
import type { CivilDate } from '../dates/civil.ts';
import { distance, fullDate, monthName, shortDate, shortMonthName } from '../dates/wording.ts';
import type { Retention } from '../domain/contact-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import { joinYears, type Lateness, type Review, type ReviewMonth } from '../domain/practice-review.ts';
import type { Patient } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { shellQuoted } from '../errors.ts';
import { type Column, listLines, type Screen } from './list-view.ts';
import { patientDocument } from './record-lists.ts';
import { retentionDocument, retentionLines, retentionTitle, spokenRetention } from './retention.ts';

const mostMonths = 24;
const mostListed = 20;
const narrowestBar = 8;

const days = (number: number): string => `${number} ${number === 1 ? 'day' : 'days'}`;
const notes = (number: number): string => `${number} ${number === 1 ? 'note' : 'notes'}`;

/** 'median 3 days, longest 20 days', 'by 3 days' for one alone, or nothing for none. */
function howLate({ count, medianDays, longestDays }: Lateness): string {
  if (medianDays === null || longestDays === null) return '';
  return count === 1 ? `by ${days(longestDays)}` : `median ${days(medianDays)}, longest ${days(longestDays)}`;
}

interface Count {
  readonly name: string;
  readonly number: number;
  readonly remark: string;
}

function promiseCounts({ promises }: Review): readonly Count[] {
  const { keptByDate, keptLate, keptUndated, dropped, open, openLate, putOff } = promises;
  const count = (name: string, number: number, remark = ''): Count => ({ name, number, remark });
  const when = (counted: Count): readonly Count[] => (counted.number > 0 ? [counted] : []);
  return [
    count('kept by their date', keptByDate),
    count('kept late', keptLate.count, howLate(keptLate)),
    ...when(count('kept, without a date', keptUndated)),
    ...when(count('dropped', dropped)),
    count('open', open),
    ...when(count('open and late', openLate.count, howLate(openLate))),
    ...when(count('put off at least once', putOff)),
  ];
}

const isEmpty = ({ promises, months }: Review): boolean =>
  promises.open + promises.dropped === 0 &&
  months.every(({ kept, keptLate, late }) => kept + keptLate + late === 0);

const periodsOf = ({ months }: Review): readonly ReviewMonth[] =>
  months.length > mostMonths ? joinYears(months) : months;

const periodName = (period: string, name: (month: number) => string): string =>
  period.length === 4 ? period : `${name(Number(period.slice(5)))} ${period.slice(0, 4)}`;

function periodCounts({ kept, keptLate, late }: ReviewMonth): string {
  const parts = [
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(keptLate > 0 ? [`${keptLate} kept late`] : []),
    ...(late > 0 ? [`${late} open`] : []),
  ];
  return parts.length === 0 ? '0' : parts.join(', ');
}

const barColumns: readonly Column<readonly [name: string, signs: string, count: string]>[] = [
  { cell: ([name]) => name },
  { cell: ([, signs]) => signs },
  { fit: 'cut', cell: ([, , count]) => count, tone: 'quiet' },
];

/** One sign per promise where the longest bar fits; else one sign for several. */
async function barLines(review: Review, screen: Screen): Promise<readonly string[]> {
  const { columns, style } = screen;
  const periods = periodsOf(review);
  const names = periods.map(({ month }) => periodName(month, shortMonthName));
  const counts = periods.map(periodCounts);
  const widest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
  const room = Math.max(narrowestBar, columns - 1 - widest(names) - 2 - 2 - widest(counts));
  const most = Math.max(...periods.map(({ kept, keptLate, late }) => kept + keptLate + late));
  // Rounding up may add one sign to each of the three parts.
  const each = most <= room ? 1 : Math.ceil(most / (room - 3));
  const signs = (sign: string, number: number): string => sign.repeat(Math.ceil(number / each));
  const bars = periods.map(({ kept, keptLate, late }, at) => {
    const bar = signs('+', kept) + signs('~', keptLate) + signs('!', late);
    return [names[at] ?? '', bar, counts[at] ?? ''] as const;
  });
  return [
    ...(await listLines(bars, barColumns, screen, { indent: 1 })),
    style.quiet(' + kept   ~ kept late   ! open'),
    ...(each === 1 ? [] : [style.quiet(` each sign for ${each}`)]),
  ];
}

const name = (patient: Patient): string => printable(displayName(patient));
const asked = (askedOn: CivilDate | null, on: CivilDate): string =>
  askedOn === null
    ? 'asked, no date'
    : `asked ${shortDate(askedOn, on)}, ${distance(askedOn < on ? askedOn : on, on)}`;

const moreLine = (total: number, shown: number): readonly string[] =>
  total > shown ? [`+ ${total - shown} more: rapport review --all`] : [];

const privateLine = (count: number): readonly string[] => (count > 0 ? [`+ ${count} private`] : []);

const listed = <T>(list: readonly T[], all: boolean): readonly T[] =>
  all ? list : list.slice(0, mostListed);

const questionColumns = (on: CivilDate): readonly Column<Review['questions'][number]>[] => [
  { cell: ({ note }) => note.ref, tone: 'ref' },
  { fit: 'cut', cell: ({ patient }) => name(patient) },
  { fit: 'wrap', cell: ({ askedOn }) => asked(askedOn, on) },
];

async function questionLines(review: Review, all: boolean, screen: Screen): Promise<readonly string[]> {
  const shown = listed(review.questions, all);
  return [
    ...(await listLines(shown, questionColumns(review.on), screen, { indent: 1 })),
    ...[...moreLine(review.questions.length, shown.length), ...privateLine(review.privateQuestions)].map(
      screen.style.quiet,
    ),
  ];
}

const showing = (patient: Patient): string => `rapport notes ${shellQuoted(patient.handle)} --unconfirmed`;

const unconfirmedColumns: readonly Column<Review['unconfirmed'][number]>[] = [
  { fit: 'cut', cell: ({ patient }) => name(patient) },
  { align: 'right', cell: (one) => notes(one.notes) },
  { fit: 'wrap', cell: ({ patient }) => showing(patient), tone: 'quiet' },
];

async function unconfirmedLines(review: Review, all: boolean, screen: Screen): Promise<readonly string[]> {
  const shown = listed(review.unconfirmed, all);
  return [
    ...(await listLines(shown, unconfirmedColumns, screen, { indent: 1 })),
    ...moreLine(review.unconfirmed.length, shown.length).map(screen.style.quiet),
  ];
}

const titles = {
  promises: "Promises, yours and staff's",
  questions: 'Questions waiting for an answer',
  unconfirmed: 'Not confirmed for two years',
} as const;

const hasQuestions = ({ questions, privateQuestions }: Review): boolean =>
  questions.length + privateQuestions > 0;

async function keptLongLines(
  review: Review,
  retention: Retention,
  all: boolean,
  screen: Screen,
): Promise<readonly string[]> {
  const shown = listed(retention.patients, all);
  return [
    ...(await retentionLines(retention, shown, review.on, screen)),
    ...moreLine(retention.patients.length, shown.length).map(screen.style.quiet),
  ];
}

const countColumns: readonly Column<Count>[] = [
  { cell: ({ name: what }) => what },
  { align: 'right', cell: ({ number }) => String(number) },
  { fit: 'wrap', cell: ({ remark }) => remark, tone: 'quiet' },
];

export async function renderReview(review: Review, all: boolean, screen: Screen): Promise<string> {
  const { style } = screen;
  const counts = await listLines(promiseCounts(review), countColumns, screen, { indent: 1 });
  const section = (title: string, lines: readonly string[]): readonly string[] => [
    '',
    style.heading(title.toUpperCase()),
    ...lines,
  ];
  return [
    `${style.title(fullDate(review.on))}, since ${fullDate(review.since)}`,
    ...section(
      titles.promises,
      isEmpty(review) ? [' None'] : [...counts, '', ...(await barLines(review, screen))],
    ),
    ...section(titles.questions, hasQuestions(review) ? await questionLines(review, all, screen) : [' None']),
    ...section(
      titles.unconfirmed,
      review.unconfirmed.length > 0 ? await unconfirmedLines(review, all, screen) : [' None'],
    ),
    ...(review.retention === undefined
      ? []
      : section(
          retentionTitle(review.retention),
          await keptLongLines(review, review.retention, all, screen),
        )),
  ].join('\n');
}

export function speakReview(review: Review, all: boolean): string {
  const questions = listed(review.questions, all);
  const unconfirmed = listed(review.unconfirmed, all);
  const { retention } = review;
  const keptLong = listed(retention?.patients ?? [], all);
  return [
    `Review of ${fullDate(review.on)}, since ${fullDate(review.since)}`,
    titles.promises,
    ...promiseCounts(review).map(
      ({ name: what, number, remark }) => `${what}: ${number}${remark === '' ? '' : `, ${remark}`}`,
    ),
    ...periodsOf(review)
      .filter((period) => periodCounts(period) !== '0')
      .map((period) => `${periodName(period.month, monthName)}: ${periodCounts(period)}`),
    `${titles.questions}: ${review.questions.length + review.privateQuestions}`,
    ...questions.map(
      ({ note, patient, askedOn }) => `${name(patient)}, ${asked(askedOn, review.on)}, ref ${note.ref}`,
    ),
    ...moreLine(review.questions.length, questions.length),
    ...privateLine(review.privateQuestions),
    `${titles.unconfirmed}: ${review.unconfirmed.reduce((sum, one) => sum + one.notes, 0)}`,
    ...unconfirmed.map(
      ({ patient, notes: number }) => `${name(patient)}, ${notes(number)}: ${showing(patient)}`,
    ),
    ...moreLine(review.unconfirmed.length, unconfirmed.length),
    ...(retention === undefined ? [] : spokenRetention(retention, keptLong, review.on)),
    ...moreLine(retention?.patients.length ?? 0, keptLong.length),
  ].join('\n');
}

const latenessDocument = ({ count, medianDays, longestDays }: Lateness) => ({
  count,
  median_days: medianDays,
  longest_days: longestDays,
});

export const reviewDocument = ({ on, since, promises, months, ...lists }: Review) => ({
  schema: 'rapport.review/1',
  on,
  since,
  promises: {
    kept_by_date: promises.keptByDate,
    kept_late: latenessDocument(promises.keptLate),
    kept_undated: promises.keptUndated,
    dropped: promises.dropped,
    open: promises.open,
    open_late: latenessDocument(promises.openLate),
    put_off: promises.putOff,
  },
  months: months.map(({ month, kept, keptLate, late }) => ({ month, kept, kept_late: keptLate, open: late })),
  questions: lists.questions.map(({ note, patient, askedOn }) => ({
    id: note.id,
    ref: note.ref,
    patient: patientDocument(patient),
    asked_on: askedOn,
  })),
  private_questions: lists.privateQuestions,
  unconfirmed: lists.unconfirmed.map(({ patient, notes: number }) => ({
    patient: patientDocument(patient),
    notes: number,
  })),
  retention: lists.retention === undefined ? null : retentionDocument(lists.retention),
});
