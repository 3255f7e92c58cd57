/** The review as counts, bars and lists, as spoken lines, and as JSON. */
import { type CivilDate, count, fullDate, monthName, shortMonthName } from '../dates/civil.ts';
import type { Retention } from '../domain/contact-plan.ts';
import { daysOver, latestDay } from '../domain/note-rules.ts';
import { patientDocument } from '../domain/patient-names.ts';
import { joinYears, type Lateness, type Review, type ReviewMonth } from '../domain/practice-review.ts';
import { pick, present, wrapToWidth } from '../domain/text.ts';
import { type Column, listLines, type Screen } from './list-view.ts';
import { listSections, type Section } from './review-lists.ts';

const mostMonths = 24;
const narrowestBar = 8;

const days = (number: number): string => count(number, 'day');

/** 'median 3 days, longest 20 days', 'by 3 days' for one alone, or nothing for none. */
function howLate({ count: number, medianDays, longestDays }: Lateness): string {
  if (medianDays === null || longestDays === null) return '';
  return number === 1
    ? `by ${days(longestDays)}`
    : `median ${days(medianDays)}, longest ${days(longestDays)}`;
}

interface Count {
  readonly name: string;
  readonly number: number;
  readonly remark: string;
}

function promiseCounts({ promises }: Review): readonly Count[] {
  const { keptByDate, keptLate, keptUndated, dropped, open, openLate, putOff } = promises;
  const row = (name: string, number: number, remark = ''): Count => ({ name, number, remark });
  const always = ['kept by their date', 'kept late', 'open'];
  return [
    row('kept by their date', keptByDate),
    row('kept late', keptLate.count, howLate(keptLate)),
    row('kept, without a date', keptUndated),
    row('dropped', dropped),
    row('open', open),
    row('open and late', openLate.count, howLate(openLate)),
    row('put off at least once', putOff),
  ].filter(({ name, number }) => number > 0 || always.includes(name));
}

const periodsOf = ({ months }: Review): readonly ReviewMonth[] =>
  months.length > mostMonths ? joinYears(months) : months;

const periodName = (period: string, name: (month: number) => string): string =>
  period.length === 4 ? period : `${name(Number(period.slice(5)))} ${period.slice(0, 4)}`;

function periodCounts({ kept, keptLate, late }: Omit<ReviewMonth, 'month'>): string {
  const parts = present(
    kept > 0 && `${kept} kept`,
    keptLate > 0 && `${keptLate} kept late`,
    late > 0 && `${late} open`,
  );
  return parts.join(', ') || '0';
}

type Bar = Omit<ReviewMonth, 'month'> & { readonly name: string };

/** Periods next to each other without any promise are one row: '8 months'. */
function foldedBars(review: Review): readonly Bar[] {
  const bars: Bar[] = [];
  let empty = 0;
  for (const { month, ...counts } of periodsOf(review)) {
    empty = counts.kept + counts.keptLate + counts.late > 0 ? 0 : empty + 1;
    if (empty > 1) bars.pop();
    const run = count(empty, month.length === 4 ? 'year' : 'month');
    bars.push({ ...counts, name: empty > 1 ? run : periodName(month, shortMonthName) });
  }
  return bars;
}

const barColumns: readonly Column<readonly [name: string, signs: string, count: string]>[] = [
  { cell: ([name]) => name },
  { cell: ([, signs]) => signs },
  { fit: 'cut', cell: ([, , count]) => count, tone: 'quiet' },
];

/** One sign per promise where the longest bar fits; else one sign for several. */
async function barLines(review: Review, screen: Screen): Promise<readonly string[]> {
  const { columns, style } = screen;
  const periods = foldedBars(review);
  const names = periods.map(({ name }) => name);
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

const countColumns: readonly Column<Count>[] = [
  { cell: ({ name }) => name },
  { align: 'right', cell: ({ number }) => String(number) },
  { fit: 'wrap', cell: ({ remark }) => remark, tone: 'quiet' },
];

function promiseSection(review: Review): Section {
  const counts = promiseCounts(review);
  const title = "Promises, yours and staff's";
  return {
    title,
    async draw(screen) {
      const { promises, months } = review;
      const isEmpty = months.every((month) => periodCounts(month) === '0');
      if (isEmpty && promises.open + promises.dropped === 0) return [];
      const lines = await listLines(counts, countColumns, screen, { indent: 1 });
      return isEmpty ? lines : [...lines, '', ...(await barLines(review, screen))];
    },
    spoken: [
      title,
      ...counts.map(({ name, number, remark }) => `${name}: ${number}${remark === '' ? '' : `, ${remark}`}`),
      ...periodsOf(review)
        .filter((period) => periodCounts(period) !== '0')
        .map((period) => `${periodName(period.month, monthName)}: ${periodCounts(period)}`),
    ],
  };
}

const sectionsOf = (review: Review, all: boolean): readonly Section[] => [
  promiseSection(review),
  ...listSections(review, all),
];

const heldBack = ({ heldBack: number }: Review): readonly string[] =>
  number === 0 ? [] : [`${number} held back, from before a loss: rapport brief NAME --all`];

export async function renderReview(review: Review, all: boolean, screen: Screen): Promise<string> {
  const { style } = screen;
  const lines = [`${style.title(fullDate(review.on))}, since ${fullDate(review.since)}`];
  for (const { title, draw } of sectionsOf(review, all)) {
    const drawn = await draw(screen);
    lines.push('', style.heading(title.toUpperCase()), ...(drawn.length === 0 ? [' None'] : drawn));
  }
  const below = heldBack(review).flatMap((line) => wrapToWidth(line, screen.columns));
  return [...lines, ...below.map(style.quiet)].join('\n');
}

export const speakReview = (review: Review, all: boolean): string =>
  [
    `Review of ${fullDate(review.on)}, since ${fullDate(review.since)}`,
    ...sectionsOf(review, all).flatMap(({ spoken }) => spoken),
    ...heldBack(review),
  ].join('\n');

const latenessDocument = ({ count, medianDays: median_days, longestDays: longest_days }: Lateness) => ({
  count,
  median_days,
  longest_days,
});

const retentionDocument = ({ until, patients, onHold: on_hold }: Retention) => ({
  until,
  patients: patients.map(({ patient, since }) => ({
    patient: patientDocument(patient),
    status: patient.status,
    since,
  })),
  on_hold,
});

const noteDocument = ({ note, patient }: Review['learned'][number]) => ({
  ...pick(note, 'id', 'ref'),
  patient: patientDocument(patient),
  ...pick(note, 'kind', 'text', 'recorded_on'),
});

const promiseDocument = ({ promise, patient }: Review['overAYear'][number], on: CivilDate) => ({
  ...pick(promise, 'id', 'ref'),
  patient: patientDocument(patient),
  ...pick(promise, 'text', 'owner', 'due'),
  days_late: daysOver(promise, on),
});

export const reviewDocument = ({ on, since, promises, months, ...lists }: Review) => ({
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
    ...pick(note, 'id', 'ref'),
    patient: patientDocument(patient),
    asked_on: askedOn,
    text: note.text,
  })),
  private_questions: lists.privateQuestions,
  unconfirmed: lists.unconfirmed.map(({ patient, notes: number }) => ({
    patient: patientDocument(patient),
    notes: number,
  })),
  retention: lists.retention ? retentionDocument(lists.retention) : null,
  over_a_year: lists.overAYear.map((one) => promiseDocument(one, on)),
  look_again: lists.again.map((one) => promiseDocument(one, on)),
  to_confirm: lists.toConfirm.map((one) => ({
    ...noteDocument(one),
    last_confirmed: latestDay(one.note) ?? null,
  })),
  not_asked: lists.unasked.map(({ patient, seenOn: last_seen }) => ({
    patient: patientDocument(patient),
    last_seen,
  })),
  learned: lists.learned.map(noteDocument),
  held_back: lists.heldBack,
});
