/** `rapport review`: what became of promises, which questions wait, and what nobody has confirmed for long. */
import { type Ctx, command } from '../cli/command.ts';
import { day, flag } from '../cli/kinds.ts';
import { composeRetention, type Retention } from '../domain/contact-plan.ts';
import { lastingKinds, lastStaleDay } from '../domain/note-rules.ts';
import { composeReview, usualSince } from '../domain/practice-review.ts';
import type { Patient } from '../domain/records.ts';
import { renderReview, reviewDocument, speakReview } from '../terminal/review-view.ts';

/** What has been kept for as long as `retention.review` says; undefined where it says nothing. */
function gatherRetention(
  patients: readonly Patient[],
  { store, clock, settings }: Ctx,
): Retention | undefined {
  const { retentionDays } = settings.read();
  if (retentionDays === undefined) return undefined;
  const on = clock.today();
  const ids = patients.map(({ id }) => id);
  const lastHeld = store.contacts.lastHeld(ids, on);
  const nextContacts = store.contacts.nextPlanned(ids, on);
  return composeRetention({ patients, lastHeld, nextContacts }, on, retentionDays);
}

export const review = command({
  options: {
    since: day('back', 'from that day on; twelve months unless given'),
    all: flag('every question and every patient, however many'),
  },
  examples: ['', '--since 2025-01-01', '--screen-reader'],
  async run({ since: asked, all }, ctx) {
    const { store, output } = ctx;
    const on = ctx.clock.today();
    const since = asked ?? usualSince(on);
    const request = { since, kinds: lastingKinds, lastConfirmed: lastStaleDay(on) };
    const records = await store.reviewRecords(request);
    const retention = gatherRetention(records.patients, ctx);
    const review = { ...composeReview(records, { on, since }), retention };
    const { questions, unconfirmed } = review;
    return {
      json: () => reviewDocument(review),
      text: () => (output.screenReader ? speakReview(review, all) : renderReview(review, all, output)),
      paged: true,
      looked: { count: questions.length + unconfirmed.length + (retention?.patients.length ?? 0) },
    };
  },
});
