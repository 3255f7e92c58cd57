/** YOU PROMISED: open promises (mine, staff's, the patient's), and those kept since the last visit. */
import { type CivilDate, daysBetween } from '../../dates/civil.ts';
import { daysLate, shortDate, weekdayDate } from '../../dates/words.ts';
import { compareIds } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';
import type { Commitment } from '../records.ts';
import { compareText, sortedBy } from '../text.ts';
import { type BriefingContext, type Entry, entry, type Section } from './briefing.ts';

const itemLimit = 4;
const keptLimit = 2;
const never = '9999-12-31';

type Standing = 'overdue' | 'today' | 'ahead' | 'undated';
const standings: readonly Standing[] = ['overdue', 'today', 'ahead', 'undated'];

/** A date-only promise is due, not overdue, on its day. */
function standingOf(due: CivilDate | null, on: CivilDate): Standing {
  if (due === null) return 'undated';
  return due < on ? 'overdue' : due === on ? 'today' : 'ahead';
}

const ownerOrder = ['me', 'staff', 'patient'];
const prefixes = { me: '', staff: 'staff: ', patient: 'theirs: ' } as const;

function rightEdge(commitment: Commitment, standing: Standing, on: CivilDate): string {
  const { due, owner } = commitment;
  if (due === null) return '';
  if (standing === 'today') return 'due today';
  if (standing === 'ahead') return `due ${weekdayDate(due, on)}`;
  const since = `due ${shortDate(due, on)}`;
  return owner === 'patient' ? since : `${since}, ${daysLate(daysBetween(due, on))}`;
}

function promiseEntry(commitment: Commitment, context: BriefingContext): Entry {
  const { on, personById } = context;
  const standing = standingOf(commitment.due, on);
  const isLate = standing === 'overdue' && commitment.owner !== 'patient';
  const person = commitment.for_person === null ? undefined : personById.get(commitment.for_person);
  const late = commitment.due === null || !isLate ? null : daysBetween(commitment.due, on);
  return entry({
    id: commitment.id,
    ref: commitment.ref,
    kind: commitment.kind,
    state: standing,
    lead: prefixes[commitment.owner] + commitment.text,
    tail: person === undefined ? '' : ` (for ${personFirstName(person)})`,
    aligned: rightEdge(commitment, standing, on),
    bullet: isLate ? '!' : '·',
    due: commitment.due,
    daysLate: late,
    date: commitment.made_on,
    why: `promised by ${commitment.owner}, ${late === null ? standing : daysLate(late)}`,
  });
}

const inOrder = (commitments: readonly Commitment[], on: CivilDate): readonly Commitment[] =>
  sortedBy(commitments, ({ owner, due, made_on, id }) => [
    ownerOrder.indexOf(owner),
    standings.indexOf(standingOf(due, on)),
    due ?? never,
    made_on ?? never,
    id,
  ]);

/** The first four; one place is reserved for a promise due today. */
function choose(ordered: readonly Commitment[], on: CivilDate): readonly Commitment[] {
  const chosen = ordered.slice(0, itemLimit);
  const isToday = (commitment: Commitment): boolean => commitment.due === on;
  const dueToday = ordered.slice(itemLimit).find(isToday);
  return dueToday === undefined || chosen.some(isToday) ? chosen : [...chosen.slice(0, -1), dueToday];
}

function keptEntries({ commitments, lastVisit, on }: BriefingContext): readonly Entry[] {
  return commitments
    .filter((commitment) => commitment.status === 'kept' && commitment.owner !== 'patient')
    .filter(({ closed_on }) => closed_on !== null && closed_on <= on && closed_on >= (lastVisit ?? ''))
    .sort(
      (left, right) => compareText(right.closed_on ?? '', left.closed_on ?? '') || compareIds(left, right),
    )
    .slice(0, keptLimit)
    .map((commitment) =>
      entry({
        id: commitment.id,
        ref: commitment.ref,
        kind: commitment.kind,
        state: 'kept',
        lead:
          commitment.how ??
          `${commitment.text}${commitment.closed_on === null ? '' : `, ${shortDate(commitment.closed_on, on)}`}`,
        bullet: ' ',
        due: commitment.due,
        date: commitment.closed_on,
        why: 'kept since the last visit',
      }),
    );
}

export function promisedSection(context: BriefingContext): Section {
  const { commitments, on, options } = context;
  const open = inOrder(
    commitments.filter(({ status }) => status === 'open'),
    on,
  );
  const chosen = options.all ? open : choose(open, on);
  return {
    id: 'promised',
    title: 'YOU PROMISED',
    entries: [...chosen.map((commitment) => promiseEntry(commitment, context)), ...keptEntries(context)],
    more: open.length - chosen.length,
    private: 0,
  };
}
