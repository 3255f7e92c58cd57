/** A calendar file as one day of it: whose events are whose, and what is nobody's. Nothing is stored. */
import type { CivilDate } from '../dates/civil.ts';
import type { ImportIssue } from '../domain/import-issues.ts';
import { type ImportPlan, planImport } from '../domain/import-plan.ts';
import { type UnmatchedEvent, unmatchedOn } from '../domain/import-shape.ts';
import { type GivenPatient, isOfEvent } from '../domain/interchange.ts';
import { allBytes, peekChunks } from '../formats/bytes.ts';
import type { Store, World } from '../world.ts';
import { readCalendar, settleIncoming } from './import-reading.ts';
import { heldBy } from './importing.ts';

export interface DaySchedule {
  readonly plan: ImportPlan;
  readonly unmatched: readonly UnmatchedEvent[];
  /** Bad events, of any day. */
  readonly skipped: readonly ImportIssue[];
}

/** Bytes. */
const largestSchedule = 50 * 1024 * 1024;

/** @throws usage for a file of another format, not-found */
export async function readScheduleFile(
  source: string,
  { stdin, files }: Pick<World, 'stdin' | 'files'>,
): Promise<Uint8Array> {
  const arriving =
    source === '-' ? stdin.readChunks(largestSchedule) : files.readChunks(source, largestSchedule);
  return peekChunks(arriving, (head, chunks) => {
    settleIncoming(head, undefined, 'ics');
    return allBytes(chunks);
  });
}

export async function planDay(
  bytes: Uint8Array,
  on: CivilDate,
  match: readonly string[],
  store: Store,
  needs: Pick<World, 'clock' | 'settings'>,
): Promise<DaySchedule> {
  // Events of other days are read as well: one may have been moved away from this day.
  const request = { match, since: undefined, until: undefined, encoding: undefined };
  const read = await readCalendar(bytes, request, needs, { from: on, until: on });
  const uids = store.contacts.on(on).flatMap((contact) => contact.uid ?? []);
  const concerns = ({ contacts, pointer }: GivenPatient): boolean => {
    const uid = pointer?.event?.uid;
    return (
      contacts.some(({ fields }) => fields.on === on) ||
      (uid != null && uids.some((known) => isOfEvent(known, uid)))
    );
  };
  const document = { ...read, patients: read.patients.filter(concerns) };
  const plan = planImport(document, heldBy(store), { today: needs.clock.today(), skipBad: true });
  return { plan, unmatched: unmatchedOn(on, document, plan), skipped: document.faults };
}
