/** Looks at patients' records leave a row in the log; where that can't be written, the result stands and a warning says so. */

import type { Briefing } from '../domain/briefing/briefing.ts';
import { usage } from '../errors.ts';
import type { Store, World } from '../world.ts';

const unwritten = 'rapport: this look could not be written to the log';

type LookNeeds = Pick<World, 'notices'>;

/**
 * Records a look while what was looked at stands on the screen: a pager or a glance may take long, and a run that is
 * killed meanwhile has shown it all the same. The warning waits for the screen to be free.
 */
export async function recordWhile(
  showing: Promise<void> | undefined,
  record: () => boolean,
  { notices }: LookNeeds,
): Promise<void> {
  let isWritten = true;
  try {
    isWritten = record();
  } finally {
    await showing;
  }
  if (!isWritten) notices.warn(unwritten);
}

/** A list over patients was shown. */
export function recordList(verb: string, count: number, store: Store, { notices }: LookNeeds): void {
  if (!store.log.listed(verb, count)) notices.warn(unwritten);
}

/** A patient's notes were shown. */
export function recordOpening(verb: string, patientId: string, store: Store, { notices }: LookNeeds): void {
  if (!store.log.opened(verb, patientId)) notices.warn(unwritten);
}

/** @throws usage for a pipe or a file, unless it is forced, JSON, or about fictional patients */
export function refuseLeak(
  isForced: boolean,
  { output, globals, isDemo }: Pick<World, 'output' | 'globals' | 'isDemo'>,
): void {
  if (!output.isTerminal && !globals.json && !isForced && !isDemo)
    throw usage('a briefing in a pipe or a file is a leak', 'add --force, or --json for a script');
}

/** The notes about the person's life: of these, ranking counts how often they were shown. */
export const lifeOf = ({ sections }: Briefing): readonly string[] =>
  sections
    .filter(({ id }) => id === 'life' || id === 'said')
    .flatMap((section) => section.items.flatMap((item) => item.id ?? []));
