/** Each look at patients' records is logged. If the log cannot be written, the result stands and a warning says so. */

import type { Context, Store } from '../context.ts';

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
