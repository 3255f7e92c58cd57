/** Looks at patients' records leave a row in the log; where that can't be written, the result stands and a warning says so. */
import type { Store, World } from '../world.ts';

const unwritten = 'rapport: this look could not be written to the log';

type LookNeeds = Pick<World, 'notices'>;

/** A list over patients was shown. */
export function recordList(verb: string, count: number, store: Store, { notices }: LookNeeds): void {
  if (!store.log.listed(verb, count)) notices.warn(unwritten);
}

/** A patient's notes were shown. @returns whether the row was written */
export function recordOpening(
  verb: string,
  patientId: string,
  store: Store,
  { notices }: LookNeeds,
): boolean {
  const isWritten = store.log.opened(verb, patientId);
  if (!isWritten) notices.warn(unwritten);
  return isWritten;
}
