/** `rapport review`: what became of promises, which questions wait, and what nobody has confirmed for long. */

import type { Context, Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { composeRetention, type Retention } from '../domain/last-contact.ts';
import { lastingKinds, lastStaleDay } from '../domain/note-threads.ts';
import { composeReview, usualSince } from '../domain/practice-review.ts';
import type { Patient } from '../domain/records.ts';
import type { ExitName } from '../errors.ts';
import { renderReview, reviewDocument, speakReview } from '../terminal/review-view.ts';
import { recordWhile } from './access-log.ts';
import { defineCommand } from './command.ts';
import { dayOption } from './options.ts';

interface ReviewRequest {
  readonly since: CivilDate | undefined;
  readonly all: boolean;
}

/** What has been kept for as long as `retention.review` says; undefined where it says nothing. */
function gatherRetention(
  patients: readonly Patient[],
  store: Store,
  { clock, settings }: Context,
): Retention | undefined {
  const { retentionDays } = settings.read();
  if (retentionDays === undefined) return undefined;
  const on = clock.today();
  const ids = patients.map(({ id }) => id);
  const lastHeld = store.contacts.lastHeld(ids, on);
  const nextContacts = store.contacts.nextPlanned(ids, on);
  return composeRetention({ patients, lastHeld, nextContacts }, on, retentionDays);
}

async function runReview(request: ReviewRequest, ctx: Context): Promise<ExitName> {
  const { output, globals, clock } = ctx;
  const store = await ctx.openStore();
  const on = clock.today();
  const since = request.since ?? usualSince(on);
  const records = store.reviewRecords({ since, kinds: lastingKinds, lastConfirmed: lastStaleDay(on) });
  const retention = gatherRetention(records.patients, store, ctx);
  const review = { ...composeReview(records, { on, since }), retention };
  let showing: Promise<void> | undefined;
  if (globals.json) output.json(reviewDocument(review));
  else {
    const { columns, style } = output;
    const look = { columns, style, all: request.all };
    showing = output.page(output.screenReader ? speakReview(review, look) : renderReview(review, look));
  }
  const count = review.questions.length + review.unconfirmed.length + (retention?.patients.length ?? 0);
  await recordWhile(showing, () => store.log.listed('review', count), ctx);
  return 'ok';
}

export const review = defineCommand<ReviewRequest>({
  path: 'review',
  summary: 'promises kept, late and open by month; questions that wait; notes to confirm; records kept long',
  group: 'Every day',
  options: [
    { flags: '--since <date>', help: 'from that day on; twelve months unless given' },
    { flags: '--all', help: 'every question and every patient, however many' },
  ],
  examples: ['rapport review', 'rapport review --since 2025-01-01', 'rapport review --screen-reader'],
  parse: (raw) => ({
    since: dayOption(raw, 'since', 'back'),
    all: raw.flag('all'),
  }),
  run: runReview,
});
