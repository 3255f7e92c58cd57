/** What becomes of a promise: `rapport done`, `tried`, `told`, `snooze`, `drop`. */
import { type Ctx, command, type Outcome } from '../cli/command.ts';
import {
  agree,
  askedText,
  askRead,
  day,
  dayOrToday,
  neededText,
  oneOf,
  readingOf,
  text,
} from '../cli/kinds.ts';
import { type CivilDate, shortDate, weekdayDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { keep, nextPlannedVisit, refuseClosed, snooze as snoozed, wantsTelling } from '../domain/due-list.ts';
import { firstDue } from '../domain/note-rules.ts';
import { type Commitment, owners } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { usage } from '../errors.ts';
import { findMilestones, milestonesNow, recordReachingOut } from './contacts.ts';
import { nameOf } from './lookup.ts';
import { calledRecord, change, changeable, changeEach, findChangeable, named } from './refs.ts';
import { nextWords, openNext } from './visit-records.ts';

const open = { what: 'open promise' };
const idHelp = 'ref of the promise, as rapport due shows it';
const id = changeable('commitment', open, idHelp, refuseClosed);
/** What was stored beside it: an answer that was typed ahead is seen. */
const quoted = (words: string | null | undefined): string =>
  words ? `: '${cutToWidth(printable(words), 60)}'` : '';
const on = dayOrToday('back', 'the day that it was; today unless given');

export const done = command({
  arguments: {
    // A milestone to reach out for may be done as well.
    id: { ...named({ ...open, tables: ['commitment'], besides: milestonesNow }, idHelp), takes: 'promise' },
  },
  options: {
    how: text('how it was kept', 'how it was kept; - reads standard input'),
    note: text('how it was kept', 'the same as --how'),
    who: oneOf(owners, '<owner>', 'who kept it'),
    on,
  },
  apart: { how: ['note'] },
  examples: ['k7m2q', 'eileen', 'eileen mri --how -', 'k7m2q h3p8t --who staff --on yesterday'],
  async run({ id: ids, how: said, note = said, who, on }, ctx): Promise<Outcome> {
    const milestones = findMilestones(ids, ctx.store);
    if (milestones !== undefined) {
      ctx.store.checkWritable();
      if (who !== undefined) throw usage('--who is for promises; reaching out is your own');
      const gist = await askedText(note, 'What did you do? Enter skips', ctx);
      return recordReachingOut(milestones, on, gist, ctx);
    }
    const promises = findChangeable(ids, 'commitment', refuseClosed, ctx, { note: 'rapport answer' });
    const how = await askedText(note, 'How was it kept? Enter skips', ctx);
    const today = ctx.clock.today();
    const outcome = (one: Commitment, _: boolean, shown: Commitment | undefined): string =>
      one.status === 'open'
        ? `Open again, ${nextWords(one, today)}`
        : `Kept ${weekdayDate(on, today)}${quoted(shown?.how)}`;
    const work = () =>
      promises.flatMap((one) => {
        const kept = ctx.store.commitments.change(one, (fresh) => keep(fresh, { on, how, who }));
        return [kept, ...openNext(ctx.store, kept, today)];
      });
    return change('done', work, outcome, ctx, how);
  },
});

export const tried = command({
  arguments: { id },
  options: {
    note: text('the note', 'what came of it; - reads standard input'),
    how: text('the note', 'the same as --note'),
    on,
  },
  apart: { how: ['note'] },
  examples: ['k7m2q', 'k7m2q --note -'],
  async run({ id: promises, note: said, how = said, on }, ctx) {
    const note = await askedText(how, 'What came of it? Enter skips', ctx);
    const day = weekdayDate(on, ctx.clock.today());
    const outcome = ({ attempts }: Commitment, _: boolean, shown: Commitment | undefined): string => {
      const times = attempts.length > 1 ? `, ${attempts.length} times now` : '';
      return `Tried ${day}${times}, still open${quoted(shown?.attempts.at(-1)?.note)}`;
    };
    const patch = ({ attempts }: Commitment) => ({ attempts: [...attempts, { on, note }] });
    return changeEach('tried', ctx.store.commitments, promises, patch, outcome, ctx, note);
  },
});

export const told = command({
  arguments: { id },
  options: { on },
  examples: ['k7m2q', 'k7m2q --on yesterday'],
  run({ id: promises, on }, ctx) {
    const outcome = `Told the patient ${weekdayDate(on, ctx.clock.today())}`;
    return changeEach('told', ctx.store.commitments, promises, () => ({ told_on: on }), outcome, ctx);
  },
});

/** Past the patient's next planned visit it is not put off without a yes. */
async function confirmBeyondVisit(commitment: Commitment, to: CivilDate, ctx: Ctx): Promise<void> {
  const { store, clock } = ctx;
  const today = clock.today();
  const visit = nextPlannedVisit(store.contacts.of(commitment.patient_id), today);
  const patient = store.patients.byId(commitment.patient_id);
  if (visit === undefined || visit.on >= to || patient === undefined) return;
  const when = weekdayDate(visit.on, today);
  const beyond = `${calledRecord(commitment, ctx)} would be put off beyond their next visit, ${when}`;
  const question = `${nameOf(patient)} comes ${when}. Put it off beyond that?`;
  await agree(question, usage(beyond, 'add --yes to do so'), ctx);
}

export const snooze = command({
  arguments: { id },
  options: {
    to: { ...day('forward', 'the new day'), asked: ['until when?', 'add --to fri'] },
    reason: text('the reason', 'why; wanted from the second time on; - reads standard input'),
  },
  examples: ['k7m2q --to fri', 'k7m2q --to "in 3 business days" --reason -'],
  async run({ id: promises, to: day, reason: why }, ctx) {
    const on = ctx.clock.today();
    const read = (answer: string) => readDate(answer, { ...readingOf(ctx), direction: 'forward' });
    const to = day ?? (await askRead('Until when?', read, ctx));
    for (const promise of promises) await confirmBeyondVisit(promise, to, ctx);
    const again = promises.find(({ snoozes }) => snoozes.length > 0);
    const what = `${again && calledRecord(again, ctx)} was put off before: the reason`;
    const question = 'It was put off before. Why this time?';
    const reason =
      again === undefined ? (why ?? null) : await neededText(why, what, '--reason', question, ctx);
    const outcome = (one: Commitment): string => {
      const first = firstDue(one);
      return `Put off to ${weekdayDate(to, on)}${first === null ? '' : `, first due ${shortDate(first, on)}`}`;
    };
    const patch = (one: Commitment) => snoozed(one, calledRecord(one, ctx), { on, to, reason });
    const made = changeEach('snooze', ctx.store.commitments, promises, patch, outcome, ctx, reason);
    const untold = made.items
      .filter(wantsTelling)
      .map(
        (one) =>
          `${calledRecord(one, ctx)} was put off ${one.snoozes.length} times: do they know? then rapport told ${one.ref}`,
      );
    return { ...made, notices: [...made.notices, ...untold] };
  },
});

export const drop = command({
  arguments: { id: changeable('commitment', open, idHelp, refuseClosed, { note: 'rapport retire' }) },
  options: { reason: text('the reason', 'why; - reads standard input') },
  examples: ['k7m2q', 'k7m2q h3p8t --reason -'],
  async run({ id: promises, reason: why }, ctx) {
    const reason = await neededText(why, 'the reason', '--reason', 'Why is it given up?', ctx);
    const on = ctx.clock.today();
    const patch = { status: 'dropped', closed_on: on, reason } as const;
    return changeEach('drop', ctx.store.commitments, promises, () => patch, 'Dropped', ctx, reason);
  },
});
