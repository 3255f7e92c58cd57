/** Looks at patients' records leave a row in the log; where that can't be written, the result stands and a warning says so. */
import type { Shown } from '../store/store.ts';
import type { Store, World } from '../world.ts';

const unwritten = 'rapport: this look could not be written to the log';

type LookNeeds = Pick<World, 'notices'>;

/** A list over patients was shown. */
export function recordList(verb: string, count: number, store: Store, { notices }: LookNeeds): void {
  if (!store.log.listed(verb, count)) notices.warn(unwritten);
}

/** A patient's notes were shown; of a briefing, with those that its ranking chose. */
export function recordOpening(
  verb: string,
  patientId: string,
  store: Store,
  { notices }: LookNeeds,
  shown?: Shown,
): void {
  if (!store.log.opened(verb, patientId, shown)) notices.warn(unwritten);
}
