/** `rapport review`: what became of promises, which questions wait, and what nobody has confirmed for long. */
import { type Ctx, command } from '../cli/command.ts';
import { day, flag } from '../cli/kinds.ts';
import { composeRetention, type Retention } from '../domain/contact-plan.ts';
import { worldOf } from '../domain/losses.ts';
import { lastingKinds, lastStaleDay } from '../domain/note-rules.ts';
import { composeReview, usualSince } from '../domain/practice-review.ts';
import type { Commitment, Note, Patient } from '../domain/records.ts';
import { renderReview, reviewDocument, speakReview } from '../terminal/review-view.ts';
import { turningFacts } from './lookup.ts';
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
function shownOf(found: Found, ctx: Ctx) {
  const { store, clock } = ctx;
  const { patients, commitments, questions, unconfirmed, matters } = found;
  const screen = screens(ctx);
  const known = new Map(patients.map((patient) => [patient.id, screen(patient)]));
  const listed = [questions, found.toConfirm, found.learned].flat();
  const turned = store.notes.turned([...new Set(listed.map((note) => note.patient_id))]);
  const worlds = new Map(
    patients
      .filter(({ id }) => turned.has(id))
      .map((patient) => [patient.id, worldOf(turningFacts(store, patient), clock.today())]),
  );
  const shown = (notes: readonly Note[]) =>
    notes.flatMap((note) => known.get(note.patient_id)?.note(note) ?? []);
  const holding = (note: Note) => worlds.get(note.patient_id)?.holdsNote(note, true);
  const free = (notes: readonly Note[]) => shown(notes).filter((note) => holding(note) === undefined);
  const masked = (one: Commitment): readonly Commitment[] => {
    const screening = known.get(one.patient_id);
    if (!screening?.isThere(one)) return [];
    return [screening.hides(one) ? { ...one, text: 'one promise' } : screening.renamed(one)];
  };
  const isCounted = (one: Commitment | Note): boolean => known.get(one.patient_id)?.counts(one) ?? false;
  const maySay = ({ patient_id: id }: Pick<Note, 'patient_id'>): boolean =>
    known.get(id)?.counts({ sensitive: true }) ?? false;
  const heldUnconfirmed = shown(found.toConfirm).filter((note) => holding(note) !== undefined);
  const heldSecretly = shown(questions).filter((note) => holding(note)?.isPrivate && maySay(note));
  return {
    patients,
    commitments: commitments.flatMap(masked),
    questions: free(questions),
    toConfirm: free(found.toConfirm),
    learned: free(found.learned),
    heldBack: shown(listed).filter((note) => holding(note)?.isPrivate === false).length,
    privateQuestions: questions.filter(isCounted).length + heldSecretly.length,
    unconfirmed: new Map(
      [...unconfirmed].map(([id, { notes, private: hidden }]) => [
        id,
        notes -
          (maySay({ patient_id: id }) ? 0 : hidden) -
          heldUnconfirmed.filter((note) => note.patient_id === id).length,
      ]),
    ),
    matters: new Set(
      [...matters].flatMap(([id, { isHidden }]) => (!isHidden || maySay({ patient_id: id }) ? [id] : [])),
    ),
    lastSeen: found.lastSeen,
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
    const records = shownOf(await store.reviewRecords(since, lastingKinds, lastStaleDay(on)), ctx);
    const retention = gatherRetention(records.patients, ctx);
    const review = { ...composeReview(records, { on, since }), retention };
    const { overAYear, questions, again, toConfirm, unconfirmed, unasked, learned } = review;
    const listed = [overAYear, questions, again, toConfirm, unconfirmed, unasked, learned];
    const count = (retention?.patients.length ?? 0) + listed.flat().length;
    return {
      json: () => reviewDocument(review),
      text: () => (output.screenReader ? speakReview(review, all) : renderReview(review, all, output)),
      paged: true,
      looked: { count },
    };
  },
});
