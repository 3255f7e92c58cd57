/** `rapport review`: what became of promises, which questions wait, and what nobody has confirmed for long. */
import type { CivilDate } from '../dates/civil.ts';
import { lastingKinds, lastStaleDay } from '../domain/confirming.ts';
import { composeReview, usualSince } from '../domain/review.ts';
import type { ExitName } from '../errors.ts';
import { renderReview, reviewDocument, speakReview } from '../terminal/review.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { dayOption } from './day-options.ts';
import { typed } from './finding.ts';
import { recordWhile } from './looks.ts';

interface ReviewRequest {
  readonly since: CivilDate | undefined;
  readonly screenReader: boolean;
  readonly all: boolean;
}

type ReviewNeeds = Pick<World, 'openStore' | 'clock' | 'output' | 'notices' | 'globals'>;

async function runReview(request: ReviewRequest, needs: ReviewNeeds): Promise<ExitName> {
  const { output, globals, clock } = needs;
  const store = await needs.openStore();
  const on = clock.today();
  const since = request.since ?? usualSince(on);
  const records = store.reviewRecords({ since, kinds: lastingKinds, lastConfirmed: lastStaleDay(on) });
  const review = composeReview(records, { on, since });
  let showing: Promise<void> | undefined;
  if (globals.json) output.json(reviewDocument(review));
  else {
    const { columns, style } = output;
    const look = { columns, style, typed, all: request.all };
    showing = output.page(request.screenReader ? speakReview(review, look) : renderReview(review, look));
  }
  const count = review.questions.length + review.unconfirmed.length;
  await recordWhile(showing, () => store.log.listed('review', count), needs);
  return 'ok';
}

export const review = defineCommand<ReviewRequest>({
  path: 'review',
  summary: 'promises kept, late and open by month; questions that wait; notes to confirm',
  group: 'Every day',
  options: [
    { flags: '--since <date>', help: 'from that day on; twelve months unless given' },
    { flags: '--all', help: 'every question and every patient, however many' },
    { flags: '--screen-reader', help: 'the same in lines, nothing drawn' },
  ],
  examples: ['rapport review', 'rapport review --since 2025-01-01', 'rapport review --screen-reader'],
  access: 'unlocked',
  parse: (raw) => ({
    since: dayOption(raw, 'since', 'back'),
    screenReader: raw.flag('screen-reader'),
    all: raw.flag('all'),
  }),
  run: runReview,
});
