/** `rapport review`: what became of promises, which questions wait, and what nobody has confirmed for long. */
import { type Ctx, command } from '../cli/command.ts';
import { day, flag } from '../cli/kinds.ts';
import { composeRetention, type Retention } from '../domain/contact-plan.ts';
import { lastingKinds, lastStaleDay } from '../domain/note-rules.ts';
import { composeReview, usualSince } from '../domain/practice-review.ts';
import type { Commitment, Note, Patient } from '../domain/records.ts';
import { renderReview, reviewDocument, speakReview } from '../terminal/review-view.ts';
import { screens } from './sight.ts';

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

type Found = Awaited<ReturnType<Ctx['store']['reviewRecords']>>;

/** What of it may be shown, and counted: private promises of a discreet patient are in no sum. */
function shownOf({ patients, commitments, questions, unconfirmed }: Found, ctx: Ctx) {
  const screen = screens(ctx);
  const known = new Map(patients.map((patient) => [patient.id, screen(patient)]));
  const isCounted = (one: Commitment | Note): boolean => known.get(one.patient_id)?.counts(one) ?? false;
  const open = questions.flatMap((note) => known.get(note.patient_id)?.note(note) ?? []);
  return {
    patients,
    commitments: commitments.filter((one) => known.get(one.patient_id)?.isThere(one)),
    questions: open,
    privateQuestions: questions.filter(isCounted).length,
    unconfirmed: new Map(
      [...unconfirmed].map(([id, { notes, private: hidden }]) => [
        id,
        known.get(id)?.counts({ sensitive: true }) ? notes : notes - hidden,
      ]),
    ),
  };
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
    const records = shownOf(await store.reviewRecords(request), ctx);
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
