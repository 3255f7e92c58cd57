/** What becomes of a promise: `rapport done`, `tried`, `told`, `snooze`, `drop`; and `contact`, which `done` may record. */
import { type Ctx, command, type Kind, type Outcome } from '../cli/command.ts';
import {
  agree,
  askedText,
  askRead,
  channel,
  dated,
  day,
  dayOrToday,
  flag,
  neededText,
  oneOf,
  orElse,
  readingOf,
  text,
  time,
} from '../cli/kinds.ts';
import { type CivilDate, fullDate, shortDate, weekdayDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { reported, sameContact } from '../domain/contact-plan.ts';
import {
  type CommitmentPatch,
  firstDue,
  keep,
  nextPlannedVisit,
  refuseClosed,
  snooze as snoozed,
  wantsTelling,
} from '../domain/due-list.ts';
import {
  type Commitment,
  type Contact,
  channelNames,
  channels,
  newContact,
  owners,
} from '../domain/records.ts';
import { hintsOn } from '../domain/wording-hints.ts';
import { Failure, usage } from '../errors.ts';
import { nameOf, patient } from './lookup.ts';
import { findMilestones, milestonesNow, recordReachingOut } from './reaching-out.ts';
import { calledRecord, change, changeable, findChangeable, named } from './refs.ts';
import { offerDiscretion } from './sight.ts';
import { nextWords, openNext } from './visit-records.ts';

const open = { what: 'open promise' };
const idHelp = 'ref of the promise, as rapport due shows it';
const id = changeable('commitment', open, idHelp, refuseClosed);
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
      return recordReachingOut(milestones, { on, gist }, ctx);
    }
    const promises = findChangeable(ids, 'commitment', refuseClosed, ctx, { note: 'rapport answer' });
    const how = await askedText(note, 'How was it kept? Enter skips', ctx);
    const today = ctx.clock.today();
    const outcome = (one: Commitment): string =>
      one.status === 'open' ? `Open again, ${nextWords(one, today)}` : `Kept ${weekdayDate(on, today)}`;
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
    const outcome = ({ attempts }: Commitment): string =>
      `Tried ${day}${attempts.length > 1 ? `, ${attempts.length} times now` : ''}, still open`;
    const patch = ({ attempts }: Commitment) => ({ attempts: [...attempts, { on, note }] });
    return changePromises('tried', promises, patch, outcome, ctx, note);
  },
});

export const told = command({
  arguments: { id },
  options: { on },
  examples: ['k7m2q', 'k7m2q --on yesterday'],
  run({ id: promises, on }, ctx) {
    const outcome = `Told the patient ${weekdayDate(on, ctx.clock.today())}`;
    return changePromises('told', promises, () => ({ told_on: on }), outcome, ctx);
  },
});

async function askDay(ctx: Ctx): Promise<CivilDate> {
  if (!ctx.questions.possible) throw usage('until when?', 'add --to fri');
  const options = { ...readingOf(ctx), direction: 'forward' } as const;
  return askRead('Until when?', (answer) => readDate(answer, options), ctx);
}

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
    to: day('forward', 'the new day'),
    reason: text('the reason', 'why; wanted from the second time on; - reads standard input'),
  },
  examples: ['k7m2q --to fri', 'k7m2q --to "in 3 business days" --reason -'],
  async run({ id: promises, to: day, reason: why }, ctx) {
    const on = ctx.clock.today();
    const to = day ?? (await askDay(ctx));
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
    const made = changePromises('snooze', promises, patch, outcome, ctx, reason);
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
    return changePromises('drop', promises, () => patch, 'Dropped', ctx, reason);
  },
});

const said = ['planned', 'missed', 'cancelled'] as const;

const stateOf = (is: (state: Contact['state']) => boolean): Contact['state'] => said.find(is) ?? 'held';

const directions = { held: 'back', missed: 'back', planned: 'forward', cancelled: 'nearest' } as const;

const dayOf = (state: Contact['state']): Kind<CivilDate | undefined> =>
  dated('the day; today unless given', (typed, reading) => {
    try {
      return readDate(typed, { ...reading, direction: directions[state] });
    } catch (error) {
      if (!(error instanceof Failure) || state !== 'held') throw error;
      throw usage(error.message, ...error.hints, 'what is still ahead is --planned');
    }
  });

export const contact = command({
  arguments: { patient },
  options: {
    channel: channel(channels, 'how; a visit unless given'),
    in: flag('they came to you or called'),
    out: flag('you went to them or called'),
    on: orElse(
      { ...dayOf('held'), read: (raw, shut, has) => dayOf(stateOf(has)).read(raw, shut, has) },
      ({ clock }) => clock.today(),
    ),
    at: time('the time, HH:MM'),
    planned: flag('it is still ahead'),
    missed: flag('it did not take place'),
    cancelled: flag('it was called off'),
    gist: text('the gist', 'what it was about; - reads standard input'),
    sensitive: flag('what it was about is shown only where it is asked for'),
  },
  apart: { in: ['out'], planned: ['missed', 'cancelled'], missed: ['cancelled'] },
  examples: ['malu --channel call --out', 'ned --planned --on fri --at 11:00', 'walt --missed'],
  async run(given, ctx) {
    const { store, clock } = ctx;
    const { patient, channel = 'visit', on, at } = given;
    const state = stateOf((one) => one !== 'held' && given[one]);
    store.checkWritable();
    const isAsked = state === 'held';
    const gist =
      (isAsked ? await askedText(given.gist, 'What was it about? Enter skips', ctx) : given.gist) ?? null;
    const wish = { channel, state, on, at };
    const direction = given.in ? 'in' : given.out ? 'out' : null;
    const { value: contact, operation = null } = store.write({ verb: 'contact' }, () => {
      store.patients.present(patient);
      const known = sameContact(store.contacts.of(patient.id), wish);
      const patch = {
        ...reported(wish, { direction, gist, zone: clock.zone }, known),
        ...(given.sensitive && { sensitive: true }),
      };
      if (known !== undefined) return store.contacts.update(known.id, patch);
      return store.contacts.insert(newContact({ patient_id: patient.id, on, channel, ...patch, state }));
    });
    await offerDiscretion(ctx, contact);
    const when = `${fullDate(contact.on)}${contact.at === null ? '' : ` ${contact.at}`}`;
    return {
      json: { operation, contact },
      text: `${nameOf(patient)}: ${channelNames[contact.channel]} ${contact.state}, ${when} (${contact.ref})`,
      notices: hintsOn(gist),
    };
  },
});
