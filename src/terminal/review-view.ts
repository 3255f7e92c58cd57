/** The review as counts, bars and lists, as spoken lines, and as JSON. Names and dates, no note's text. */
import {
  type CivilDate,
  count,
  distance,
  fullDate,
  monthName,
  partialDate,
  readCivilDate,
  shortDate,
  shortMonthName,
} from '../dates/civil.ts';
import type { KeptLong, Retention } from '../domain/contact-plan.ts';
import { displayName, patientDocument } from '../domain/patient-names.ts';
import { joinYears, type Lateness, type Review, type ReviewMonth } from '../domain/practice-review.ts';
import type { Patient } from '../domain/records.ts';
import { pick, present, printable, wrapToWidth } from '../domain/text.ts';
import { shellQuoted } from '../errors.ts';
import { type Column, listLines, type Screen } from './list-view.ts';

const mostMonths = 24;
const mostListed = 20;
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

function periodCounts({ kept, keptLate, late }: ReviewMonth): string {
  const parts = present(
    kept > 0 && `${kept} kept`,
    keptLate > 0 && `${keptLate} kept late`,
    late > 0 && `${late} open`,
  );
  return parts.join(', ') || '0';
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

const countColumns: readonly Column<Count>[] = [
  { cell: ({ name }) => name },
  { align: 'right', cell: ({ number }) => String(number) },
  { fit: 'wrap', cell: ({ remark }) => remark, tone: 'quiet' },
];

interface Section {
  readonly title: string;
  readonly draw: (screen: Screen) => Promise<readonly string[]>;
  readonly spoken: readonly string[];
}

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
      return [...lines, '', ...(await barLines(review, screen))];
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

interface Listing<R> {
  readonly title: string;
  readonly count: number;
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
  readonly say: (row: R) => string;
  /** What stands below the rows. @param more how many rows are not shown */
  readonly below: (more: readonly string[]) => readonly string[];
}

function listing<R>(all: boolean, { title, count, rows, columns, say, below }: Listing<R>): Section {
  const shown = all ? rows : rows.slice(0, mostListed);
  const hidden = rows.length - shown.length;
  const rest = below(present(hidden > 0 && `+ ${hidden} more: rapport review --all`));
  return {
    title,
    draw: async (screen) => [
      ...(await listLines(shown, columns, screen, { indent: 1 })),
      ...rest.flatMap((line) => wrapToWidth(line, screen.columns)).map(screen.style.quiet),
    ],
    spoken: [`${title}: ${count}`, ...shown.map(say), ...rest],
  };
}

const nameOf = (patient: Patient): string => printable(displayName(patient));

function questionSection({ questions, privateQuestions, on }: Review, all: boolean): Section {
  type Question = Review['questions'][number];
  const asked = ({ askedOn }: Question): string =>
    askedOn === null
      ? 'asked, no date'
      : `asked ${shortDate(askedOn, on)}, ${distance(askedOn < on ? askedOn : on, on)}`;
  return listing<Question>(all, {
    title: 'Questions waiting for an answer',
    count: questions.length + privateQuestions,
    rows: questions,
    columns: [
      { cell: ({ note }) => note.ref, tone: 'ref' },
      { fit: 'cut', cell: ({ patient }) => nameOf(patient) },
      { fit: 'wrap', cell: asked },
    ],
    say: (one) => `${nameOf(one.patient)}, ${asked(one)}, ref ${one.note.ref}`,
    below: (more) => present(...more, privateQuestions > 0 && `+ ${privateQuestions} private`),
  });
}

function unconfirmedSection({ unconfirmed }: Review, all: boolean): Section {
  type Unconfirmed = Review['unconfirmed'][number];
  const number = ({ notes }: Unconfirmed): string => count(notes, 'note');
  const showing = ({ patient }: Unconfirmed): string =>
    `rapport notes ${shellQuoted(patient.handle)} --unconfirmed`;
  return listing<Unconfirmed>(all, {
    title: 'Not confirmed for two years',
    count: unconfirmed.reduce((sum, one) => sum + one.notes, 0),
    rows: unconfirmed,
    columns: [
      { fit: 'cut', cell: ({ patient }) => nameOf(patient) },
      { align: 'right', cell: number },
      { fit: 'wrap', cell: showing, tone: 'quiet' },
    ],
    say: (one) => `${nameOf(one.patient)}, ${number(one)}: ${showing(one)}`,
    below: (more) => more,
  });
}

const advice =
  'Read over, then rapport patient archive NAME or rapport patient forget NAME. Nothing goes by itself.';

/** Patients whose records are old. */
function retentionSection({ until, patients, onHold }: Retention, on: CivilDate, all: boolean): Section {
  const name = ({ patient }: KeptLong): string =>
    `${nameOf(patient)}${patient.status === 'active' ? '' : `, ${patient.status}`}`;
  const last = ({ since }: KeptLong): string => {
    const day = readCivilDate(since);
    return day === undefined
      ? `first met ${partialDate(since, on)}`
      : `last contact ${shortDate(day, on)}, ${distance(day, on)}`;
  };
  const reading = ({ patient }: KeptLong): string => `rapport notes ${shellQuoted(patient.handle)}`;
  return listing<KeptLong>(all, {
    title: `No contact since ${fullDate(until)}`,
    count: patients.length,
    rows: patients,
    columns: [
      { fit: 'cut', cell: name },
      { fit: 'wrap', cell: last },
      { fit: 'wrap', cell: reading, tone: 'quiet' },
    ],
    say: (one) => `${name(one)}, ${last(one)}: ${reading(one)}`,
    below: (more) => present(onHold > 0 && `+ ${onHold} on hold`, patients.length > 0 && advice, ...more),
  });
}

const sectionsOf = (review: Review, all: boolean): readonly Section[] =>
  present(
    promiseSection(review),
    questionSection(review, all),
    unconfirmedSection(review, all),
    review.retention && retentionSection(review.retention, review.on, all),
  );

export async function renderReview(review: Review, all: boolean, screen: Screen): Promise<string> {
  const { style } = screen;
  const lines = [`${style.title(fullDate(review.on))}, since ${fullDate(review.since)}`];
  for (const { title, draw } of sectionsOf(review, all)) {
    const drawn = await draw(screen);
    lines.push('', style.heading(title.toUpperCase()), ...(drawn.length === 0 ? [' None'] : drawn));
  }
  return lines.join('\n');
}

export const speakReview = (review: Review, all: boolean): string =>
  [
    `Review of ${fullDate(review.on)}, since ${fullDate(review.since)}`,
    ...sectionsOf(review, all).flatMap(({ spoken }) => spoken),
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
  })),
  private_questions: lists.privateQuestions,
  unconfirmed: lists.unconfirmed.map(({ patient, notes: number }) => ({
    patient: patientDocument(patient),
    notes: number,
  })),
  retention: lists.retention ? retentionDocument(lists.retention) : null,
});
