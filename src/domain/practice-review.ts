/** Looking back over all patients: promises, what waits, what to confirm or to ask, what was learned. */
import { addMonths, type CivilDate } from '../dates/civil.ts';
import type { Retention } from './contact-plan.ts';
import { daysOver, toLookAgain } from './note-rules.ts';
import type { Commitment, Note, Patient } from './records.ts';
import { groupBy, pick, sortedBy } from './text.ts';

export type Lateness = ReturnType<typeof latenessOf>;

const nothing = { kept: 0, keptLate: 0, late: 0 };
export type ReviewMonth = Readonly<typeof nothing> & { readonly month: string };

export type Review = Readonly<ReturnType<typeof composeReview>> & {
  readonly retention?: Retention | undefined;
};

interface ReviewFacts {
  readonly patients: readonly Patient[];
  readonly commitments: readonly Commitment[];
  /** Those that may be shown, and how many more may be counted. */
  readonly questions: readonly Note[];
  readonly privateQuestions: number;
  readonly unconfirmed: ReadonlyMap<string, number>;
  /** What may be shown of it, in the order in which it is worth confirming. */
  readonly toConfirm: readonly Note[];
  readonly learned: readonly Note[];
  /** Of what is listed, texts from before a loss. */
  readonly heldBack: number;
  /** The patients of whom it is known what matters to them. */
  readonly matters: ReadonlySet<string>;
  /** The last visit of active patients. */
  readonly lastSeen: ReadonlyMap<string, CivilDate>;
}

const usualMonths = 12;
const mostToConfirm = 10;

export const usualSince = (on: CivilDate): CivilDate =>
  addMonths(`${on.slice(0, 7)}-01` as CivilDate, 1 - usualMonths);

function latenessOf(days: readonly number[]) {
  const sorted = [...days].sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return {
    count: sorted.length,
    medianDays: below === undefined || above === undefined ? null : (below + above) / 2,
    longestDays: sorted.at(-1) ?? null,
  };
}

function monthsOf(
  kept: readonly Commitment[],
  open: readonly Commitment[],
  { on, since }: { readonly on: CivilDate; readonly since: CivilDate },
): readonly ReviewMonth[] {
  const counts = new Map<string, typeof nothing>();
  const first = `${since.slice(0, 7)}-01` as CivilDate;
  for (let month = first; month <= on; month = addMonths(month, 1))
    counts.set(month.slice(0, 7), { ...nothing });
  const add = (day: CivilDate | null, what: keyof typeof nothing): void => {
    const month = day === null ? undefined : counts.get(day.slice(0, 7));
    if (month !== undefined) month[what] += 1;
  };
  for (const one of kept) add(one.closed_on, daysOver(one, on) === null ? 'kept' : 'keptLate');
  for (const one of open)
    if (one.due !== null && one.due >= since && daysOver(one, on) !== null) add(one.due, 'late');
  const months = [...counts].map(([month, count]) => ({ month, ...count }));
  const begin = months.findIndex((month) => month.kept + month.keptLate + month.late > 0);
  return months.slice(Math.max(0, Math.min(begin < 0 ? months.length : begin, months.length - usualMonths)));
}

export function joinYears(months: readonly ReviewMonth[]): readonly ReviewMonth[] {
  return [...groupBy(months, ({ month }) => [month.slice(0, 4)])].map(([month, ofYear]) => {
    const sum = (what: keyof typeof nothing) => ofYear.reduce((total, one) => total + one[what], 0);
    return { month, kept: sum('kept'), keptLate: sum('keptLate'), late: sum('late') };
  });
}

export function composeReview(
  facts: ReviewFacts,
  { on, since }: { readonly on: CivilDate; readonly since: CivilDate },
) {
  const patients = new Map(facts.patients.map((patient) => [patient.id, patient]));
  const ours = facts.commitments.filter(({ owner }) => owner !== 'patient');
  const closed = ours.filter(({ closed_on }) => closed_on !== null && closed_on >= since && closed_on <= on);
  const kept = closed.filter(({ status }) => status === 'kept');
  const open = ours.filter(({ status }) => status === 'open');
  const late = (list: readonly Commitment[]): Lateness =>
    latenessOf(list.flatMap((one) => daysOver(one, on) ?? []));
  const keptLate = late(kept);
  const keptUndated = kept.filter(({ due }) => due === null).length;
  const ofPatient = <R extends { readonly patient_id: string }, T>(record: R, more: (record: R) => T) => {
    const patient = patients.get(record.patient_id);
    return patient === undefined ? [] : [{ patient, ...more(record) }];
  };
  const asked = facts.questions.flatMap((one) =>
    ofPatient(one, (note) => ({ note, askedOn: note.said_on ?? note.recorded_on })),
  );
  const promised = sortedBy(open, ({ due, id }) => [due ?? '~', id]);
  const unseen = facts.patients.flatMap((patient) => {
    const seenOn = facts.lastSeen.get(patient.id);
    return seenOn === undefined || facts.matters.has(patient.id) ? [] : [{ patient, seenOn }];
  });
  return {
    on,
    since,
    promises: {
      keptByDate: kept.length - keptLate.count - keptUndated,
      keptLate,
      keptUndated,
      dropped: closed.length - kept.length,
      open: open.length,
      openLate: late(open),
      /** Kept or open, and snoozed at least once. */
      putOff: [...kept, ...open].filter(({ snoozes }) => snoozes.length > 0).length,
    },
    months: monthsOf(kept, open, { on, since }),
    /** Late by a year and more: the patient is told, or it is dropped. */
    overAYear: promised
      .filter(({ due }) => due !== null && due <= addMonths(on, -12))
      .flatMap((one) => ofPatient(one, (promise) => ({ promise }))),
    questions: sortedBy(asked, ({ askedOn, note }) => [askedOn ?? '~', note.id]),
    ...pick(facts, 'privateQuestions', 'heldBack'),
    /** Decisions that are to be looked at again, by the promise to do so. */
    again: promised.flatMap((one) => {
      const decision = toLookAgain(one.text);
      return decision === undefined ? [] : ofPatient(one, (promise) => ({ promise, decision }));
    }),
    toConfirm: facts.toConfirm.slice(0, mostToConfirm).flatMap((one) => ofPatient(one, (note) => ({ note }))),
    /** Whom nobody asked what matters, the last seen first. */
    unasked: sortedBy(unseen, ({ seenOn, patient }) => [seenOn, patient.id]).toReversed(),
    learned: sortedBy(facts.learned, ({ recorded_on, id }) => [recorded_on ?? '', id])
      .toReversed()
      .flatMap((one) => ofPatient(one, (note) => ({ note }))),
    unconfirmed: facts.patients.flatMap((patient) => {
      const notes = facts.unconfirmed.get(patient.id) ?? 0;
      return notes === 0 ? [] : [{ patient, notes }];
    }),
  };
}
