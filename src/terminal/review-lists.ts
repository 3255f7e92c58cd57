/** The lists of a review: what waits, what to confirm, to ask or to let go, and what was learned. A row each, drawn or said. */
import {
  type CivilDate,
  count,
  distance,
  fullDate,
  lateWords,
  partialDate,
  readCivilDate,
  shortDate,
  weekdayDate,
} from '../dates/civil.ts';
import type { KeptLong, Retention } from '../domain/contact-plan.ts';
import { latestDay } from '../domain/note-rules.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Review } from '../domain/practice-review.ts';
import type { Note, Patient } from '../domain/records.ts';
import { pick, present, printable, shellQuoted, wrapToWidth } from '../domain/text.ts';
import { type Column, listLines, type Screen } from './list-view.ts';

export interface Section {
  readonly title: string;
  readonly draw: (screen: Screen) => Promise<readonly string[]>;
  readonly spoken: readonly string[];
}

interface Row {
  /** Of what it is about; of a patient none. */
  readonly ref?: string;
  readonly patient: Patient;
  readonly text: string;
  readonly remark?: string;
}

interface Listing {
  readonly title: string;
  readonly count: number;
  readonly rows: readonly Row[];
  /** What stands below the rows. */
  readonly below?: readonly (string | false)[];
}

const mostListed = 20;

const nameOf = (patient: Patient): string => printable(displayName(patient));

const columns: readonly Column<Row>[] = [
  { cell: ({ ref = '' }) => ref, tone: 'ref' },
  { fit: 'cut', cell: ({ patient }) => nameOf(patient) },
  { fit: 'wrap', cell: ({ text }) => text },
  { fit: 'wrap', cell: ({ remark = '' }) => remark, tone: 'quiet' },
];

const say = ({ ref, patient, text, remark }: Row): string =>
  present(nameOf(patient), printable(text), remark, ref !== undefined && `ref ${ref}`).join(', ');

function section({ title, count: number, rows, below = [] }: Listing, all: boolean): Section {
  const shown = all ? rows : rows.slice(0, mostListed);
  const hidden = rows.length - shown.length;
  const rest = present(hidden > 0 && `+ ${hidden} more: rapport review --all`, ...below);
  return {
    title,
    draw: async (screen) => [
      ...(await listLines(shown, columns, screen, { indent: 1 })),
      ...rest.flatMap((line) => wrapToWidth(line, screen.columns)).map(screen.style.quiet),
    ],
    spoken: [`${title}: ${number}`, ...shown.map(say), ...rest],
  };
}

/** @param remark a day, or what else stands beside it */
const row = (record: Pick<Note, 'ref' | 'text'>, patient: Patient, remark = ''): Row => ({
  ...pick(record, 'ref', 'text'),
  patient,
  remark,
});

const overAYear = ({ overAYear: rows, on }: Review): Listing => ({
  title: 'Late for over a year: tell, or drop',
  count: rows.length,
  rows: rows.map(({ patient, promise }) =>
    row(promise, patient, promise.due ? lateWords(promise.due, on) : ''),
  ),
  below: ['rapport told REF, or rapport drop REF'],
});

function askedWords(askedOn: CivilDate | null, on: CivilDate): string {
  if (askedOn === null) return 'asked, no date';
  return `asked ${shortDate(askedOn, on)}, ${distance(askedOn < on ? askedOn : on, on)}`;
}

const questions = ({ questions: rows, privateQuestions, on }: Review): Listing => ({
  title: 'Questions waiting for an answer',
  count: rows.length + privateQuestions,
  rows: rows.map(({ patient, note, askedOn }) => row(note, patient, askedWords(askedOn, on))),
  below: [privateQuestions > 0 && `+ ${privateQuestions} private`],
});

const again = ({ again: rows, on }: Review): Listing => ({
  title: 'Decisions to look at again',
  count: rows.length,
  rows: rows.map(({ patient, promise: { ref, due }, decision: text }) =>
    row({ ref, text }, patient, due === null ? 'no date' : weekdayDate(due, on)),
  ),
});

const dayWords = (day: CivilDate | null | undefined, on: CivilDate): string =>
  day ? shortDate(day, on) : '';

function toConfirm({ toConfirm: rows, unconfirmed, on }: Review, all: boolean): Listing {
  const number = unconfirmed.reduce((sum, one) => sum + one.notes, 0);
  const more = number - rows.length;
  return {
    title: 'Worth confirming first',
    count: number,
    rows: rows.map(({ patient, note }) => row(note, patient, dayWords(latestDay(note), on))),
    below: [
      rows.length > 0 && 'rapport confirm REF, or rapport edit REF',
      more > 0 && !all && `+ ${more} more: rapport review --all`,
    ],
  };
}

const unconfirmed = ({ unconfirmed: rows }: Review): Listing => ({
  title: 'Not confirmed for two years',
  count: rows.length,
  rows: rows.map(({ patient, notes }) => ({
    patient,
    text: count(notes, 'note'),
    remark: `rapport notes ${shellQuoted(patient.handle)} --unconfirmed`,
  })),
});

const unasked = ({ unasked: rows, on }: Review): Listing => ({
  title: 'Nobody asked what matters to them',
  count: rows.length,
  rows: rows.map(({ patient, seenOn }) => ({ patient, text: `last seen ${shortDate(seenOn, on)}` })),
});

const learned = ({ learned: rows, on }: Review): Listing => ({
  title: 'Learned from patients',
  count: rows.length,
  rows: rows.map(({ patient, note }) => row(note, patient, dayWords(note.recorded_on, on))),
});

const advice =
  'Read over, then rapport patient archive NAME or rapport patient forget NAME. Nothing goes by itself.';

/** Patients whose records are old. */
function keptLong({ until, patients, onHold }: Retention, { on }: Review): Listing {
  const last = ({ since }: KeptLong): string => {
    const day = readCivilDate(since);
    return day === undefined
      ? `first met ${partialDate(since, on)}`
      : `last contact ${shortDate(day, on)}, ${distance(day, on)}`;
  };
  return {
    title: `No contact since ${fullDate(until)}`,
    count: patients.length,
    rows: patients.map((one) => ({
      patient: one.patient,
      text: present(one.patient.status !== 'active' && one.patient.status, last(one)).join(', '),
      remark: `rapport notes ${shellQuoted(one.patient.handle)}`,
    })),
    below: [onHold > 0 && `+ ${onHold} on hold`, patients.length > 0 && advice],
  };
}

/** Those that always stand there, and of the others those that have rows. */
export function listSections(review: Review, all: boolean): readonly Section[] {
  const whereAny = (listing: Listing) => listing.rows.length > 0 && listing;
  const { retention } = review;
  return present(
    whereAny(overAYear(review)),
    questions(review),
    whereAny(again(review)),
    toConfirm(review, all),
    all && whereAny(unconfirmed(review)),
    whereAny(unasked(review)),
    whereAny(learned(review)),
    retention && keptLong(retention, review),
  ).map((listing) => section(listing, all));
}
