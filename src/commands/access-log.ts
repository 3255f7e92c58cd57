/** Each look at patients' records is logged. If the log cannot be written, the result stands and a warning says so. */

import type { Context, Store } from '../context.ts';
import type { Briefing } from '../domain/briefing/briefing.ts';
import { usage } from '../errors.ts';

const unwritten = 'rapport: this look could not be written to the log';

/** Logs while the pager is still open: a run that is killed meanwhile has shown the records all the same. */
export async function recordWhile(
  showing: Promise<void> | undefined,
  record: () => boolean,
  { notices }: Context,
): Promise<void> {
  let isWritten = true;
  try {
    isWritten = record();
  } finally {
    await showing;
  }
  if (!isWritten) notices.warn(unwritten);
}

export function recordList(verb: string, count: number, store: Store, { notices }: Context): void {
  if (!store.log.listed(verb, count)) notices.warn(unwritten);
}

export function recordOpening(verb: string, patientId: string, store: Store, { notices }: Context): void {
  if (!store.log.opened(verb, patientId)) notices.warn(unwritten);
}

/** @throws usage for a pipe or a file, unless it is forced, JSON, or about fictional patients */
export function refuseLeak(
  isForced: boolean,
  { output, globals, isDemo }: Pick<Context, 'output' | 'globals' | 'isDemo'>,
): void {
  if (!output.isTerminal && !globals.json && !isForced && !isDemo)
    throw usage('a briefing in a pipe or a file is a leak', 'add --force, or --json for a script');
}

/** The notes about the person's life: of these, ranking counts how often they were shown. */
export const lifeOf = ({ sections }: Briefing): readonly string[] =>
  sections
    .filter(({ id }) => id === 'life' || id === 'said')
    .flatMap((section) => section.items.flatMap((item) => item.id ?? []));
