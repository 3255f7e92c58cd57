/** What may become of a commitment: each function returns the changed fields, or refuses. */
import { type CivilDate, daysBetween } from '../dates/civil.ts';
import { conflict, type Failure, usage } from '../errors.ts';
import { type Commitment, type Contact, isVisit, type Owner, type Patch } from './records.ts';
import { sortedBy } from './text.ts';

export type CommitmentPatch = Patch<Commitment>;

export const firstDue = ({ due, snoozes }: Commitment): CivilDate | null => {
  const [first] = snoozes;
  return first === undefined ? due : first.from;
};

/** How late a promise was kept, or is on a day. Null where it is not: a patient's own is never late. */
export function daysOver({ owner, due, status, closed_on }: Commitment, on: CivilDate): number | null {
  const until = status === 'open' ? on : status === 'kept' ? closed_on : null;
  return owner !== 'patient' && due !== null && until !== null && until > due
    ? daysBetween(due, until)
    : null;
}

export function refuseClosed({ ref, status, closed_on }: Commitment): Failure | undefined {
  if (status === 'open') return undefined;
  const when = closed_on === null ? '' : `, on ${closed_on}`;
  return conflict(`${ref} was ${status} already${when}`, 'rapport undo takes the newest change back');
}

export const keep = (
  commitment: Commitment,
  { on, how, who }: { readonly on: CivilDate; readonly how: string | null; readonly who: Owner | undefined },
): CommitmentPatch => ({
  status: 'kept',
  closed_on: on,
  how,
  who: who ?? commitment.owner,
});

/** After two snoozes the patient should be told. */
export const wantsTelling = ({ snoozes }: Pick<Commitment, 'snoozes'>): boolean => snoozes.length >= 2;

export const nextPlannedVisit = (contacts: readonly Contact[], from: CivilDate): Contact | undefined =>
  sortedBy(
    contacts.filter((contact) => contact.state === 'planned' && isVisit(contact) && contact.on >= from),
    ({ on }) => [on],
  )[0];

/** @throws usage for a past day, the same day, or a missing reason */
export function snooze(
  commitment: Commitment,
  { on, to, reason }: { readonly on: CivilDate; readonly to: CivilDate; readonly reason: string | null },
): CommitmentPatch {
  if (to < on) throw usage(`${to} has passed: a promise is put off to a day ahead`);
  if (to === commitment.due) throw usage(`${commitment.ref} is due on ${to} already`);
  if (reason === null && commitment.snoozes.length > 0)
    throw usage(`${commitment.ref} was put off before: say why this time`, 'add --reason -');
  return { due: to, snoozes: [...commitment.snoozes, { on, from: commitment.due, to, reason }] };
}
