/** `rapport done`, `tried`, `told`, `snooze` and `drop`: what becomes of a promise. */

import { type Ctx, command, type Outcome } from '../cli/command.ts';
import {
  askedText,
  askRead,
  day,
  dayOrToday,
  neededText,
  oneOf,
  readingOf,
  text,
  words,
} from '../cli/kinds.ts';
import type { CivilDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { shortDate, weekdayDate } from '../dates/wording.ts';
import {
  attempt,
  type CommitmentPatch,
  drop as dropped,
  firstDue,
  keep,
  nextPlannedVisit,
  refuseClosed,
  snooze as snoozed,
  tell,
  wantsReason,
  wantsTelling,
} from '../domain/commitment-changes.ts';
import { type Commitment, owners } from '../domain/records.ts';
import { cancelled, usage } from '../errors.ts';
import { findMilestones, recordReachingOut } from './contact.ts';
import { nameOf } from './lookup.ts';
import { change, changeable, findChangeable } from './refs.ts';

const idHelp = 'ref of the promise, as rapport due shows it';
const id = changeable('commitment', idHelp, refuseClosed);
const on = dayOrToday('back', 'the day that it was; today unless given');

const changePromises = (
  verb: string,
  seen: readonly Commitment[],
  patch: (fresh: Commitment) => CommitmentPatch,
  outcome: string | ((changed: Commitment) => string),
  ctx: Ctx,
  said?: string | null,
) => change(verb, () => seen.map((one) => ctx.store.commitments.change(one, patch)), outcome, ctx, said);

export const done = command({
  path: 'done',
  // A milestone to reach out for may be done as well.
  arguments: { id: words(idHelp, { takes: 'promise' }) },
  options: {
    how: text('how it was kept', 'how it was kept; - reads standard input'),
    note: text('how it was kept', 'the same as --how'),
    who: oneOf(owners, '<owner>', 'who kept it'),
    on,
  },
  apart: { how: ['note'] },
  examples: [
    'rapport done k7m2q',
    'rapport done k7m2q --how -',
    'rapport done k7m2q h3p8t --who staff --on yesterday',
  ],
  async run({ id: ids, how: said, note = said, who, on }, ctx): Promise<Outcome> {
    const milestones = findMilestones(ids, ctx.store);
    if (milestones !== undefined) {
      ctx.store.checkWritable();
      if (who !== undefined) throw usage('--who is for promises; reaching out is your own');
      const gist = await askedText(note, 'What did you do? Enter skips', ctx);
      return recordReachingOut(milestones, { on, gist }, ctx);
    }
    const promises = await findChangeable(ids, 'commitment', refuseClosed, ctx, { note: 'rapport answer' });
    const how = await askedText(note, 'How was it kept? Enter skips', ctx);
    const outcome = `kept ${weekdayDate(on, ctx.clock.today())}`;
    return changePromises('done', promises, (one) => keep(one, { on, how, who }), outcome, ctx, how);
  },
});

export const tried = command({
  path: 'tried',
  arguments: { id },
  options: {
    note: text('the note', 'what came of it; - reads standard input'),
    how: text('the note', 'the same as --note'),
    on,
  },
  apart: { how: ['note'] },
  examples: ['rapport tried k7m2q', 'rapport tried k7m2q --note -'],
  async run({ id: promises, note: said, how = said, on }, ctx) {
    const note = await askedText(how, 'What came of it? Enter skips', ctx);
    const day = weekdayDate(on, ctx.clock.today());
    const outcome = ({ attempts }: Commitment): string =>
      `tried ${day}${attempts.length > 1 ? `, ${attempts.length} times now` : ''}, still open`;
    return changePromises('tried', promises, (one) => attempt(one, { on, note }), outcome, ctx, note);
  },
});

export const told = command({
  path: 'told',
  arguments: { id },
  options: { on },
  examples: ['rapport told k7m2q', 'rapport told k7m2q --on yesterday'],
  run({ id: promises, on }, ctx) {
    const outcome = `told the patient ${weekdayDate(on, ctx.clock.today())}`;
    return changePromises('told', promises, () => tell(on), outcome, ctx);
  },
});

async function askDay(ctx: Ctx): Promise<CivilDate> {
  if (!ctx.questions.possible) throw usage('until when?', 'add --to fri');
  const options = { ...readingOf(ctx), direction: 'forward' } as const;
  return askRead('Until when?', (answer) => readDate(answer, options), ctx);
}

/** Past the patient's next planned visit it is not put off without a yes. */
async function confirmBeyondVisit(
  commitment: Commitment,
  to: CivilDate,
  { store, questions, globals, clock }: Ctx,
): Promise<void> {
  const today = clock.today();
  const visit = nextPlannedVisit(store.contacts.of(commitment.patient_id), today);
  const patient = store.patients.byId(commitment.patient_id);
  if (visit === undefined || visit.on >= to || patient === undefined) return;
  if (!globals.yes && !questions.possible)
    throw usage(
      `${commitment.ref} would be put off beyond the patient's next visit, ${weekdayDate(visit.on, today)}`,
      'add --yes to do so',
    );
  const question = `${nameOf(patient)} comes ${weekdayDate(visit.on, today)}. Put it off beyond that?`;
  if (!(await questions.confirm(question, false))) throw cancelled();
}

export const snooze = command({
  path: 'snooze',
  arguments: { id },
  options: {
    to: day('forward', 'the new day'),
    reason: text('the reason', 'why; wanted from the second time on; - reads standard input'),
  },
  examples: ['rapport snooze k7m2q --to fri', 'rapport snooze k7m2q --to "in 3 business days" --reason -'],
  async run({ id: promises, to: day, reason: why }, ctx) {
    const on = ctx.clock.today();
    const to = day ?? (await askDay(ctx));
    for (const promise of promises) await confirmBeyondVisit(promise, to, ctx);
    const again = promises.find(wantsReason);
    const what = `${again?.ref} was put off before: the reason`;
    const question = 'It was put off before. Why this time?';
    const reason =
      again === undefined ? (why ?? null) : await neededText(why, what, '--reason', question, ctx);
    const outcome = (one: Commitment): string => {
      const first = firstDue(one);
      const since = first === null ? '' : `, first due ${shortDate(first, on)}`;
      return `put off to ${weekdayDate(to, on)}${since}`;
    };
    const patch = (one: Commitment): CommitmentPatch => snoozed(one, { on, to, reason });
    const made = changePromises('snooze', promises, patch, outcome, ctx, reason);
    const untold = made.items
      .filter(wantsTelling)
      .map(
        ({ ref, snoozes }) =>
          `${ref} was put off ${snoozes.length} times: does the patient know? then rapport told ${ref}`,
      );
    return { ...made, notices: [...made.notices, ...untold] };
  },
});

export const drop = command({
  path: 'drop',
  arguments: { id: changeable('commitment', idHelp, refuseClosed, { note: 'rapport retire' }) },
  options: { reason: text('the reason', 'why; - reads standard input') },
  examples: ['rapport drop k7m2q', 'rapport drop k7m2q h3p8t --reason -'],
  async run({ id: promises, reason: why }, ctx) {
    const reason = await neededText(why, 'the reason', '--reason', 'Why is it given up?', ctx);
    const on = ctx.clock.today();
    return changePromises('drop', promises, () => dropped({ on, reason }), 'dropped', ctx, reason);
  },
});
