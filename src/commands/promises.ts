/** `rapport done`, `tried`, `told`, `snooze` and `drop`: what becomes of a promise. */

import type { Context, Store } from '../context.ts';
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
import { displayName } from '../domain/patient-names.ts';
import { type Commitment, type Owner, owners } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { cancelled, type ExitName, faultOf, usage } from '../errors.ts';
import {
  type ArgumentDeclaration,
  type CellParts,
  defineCommand,
  type OptionDeclaration,
  type RawInput,
  type Reading,
} from './command.ts';
import { findMilestones, recordReachingOut } from './contact.ts';
import { findRecords } from './lookup.ts';
import { type AskedDay, askedDay, checkText, neededText, optionalText, textHints } from './options.ts';
import { changeRecords } from './record-changes.ts';

const ids: ArgumentDeclaration = {
  name: 'id',
  help: 'ref of the promise, as rapport due shows it',
  optional: true,
  variadic: true,
  takes: 'promise',
};

async function findOpen(
  named: readonly string[],
  ctx: Context,
  instead?: { readonly note: string },
): Promise<readonly Commitment[]> {
  const commitments = await findRecords(named, 'commitment', ctx, instead);
  (await ctx.openStore()).checkWritable();
  for (const commitment of commitments) {
    const refusal = refuseClosed(commitment);
    if (refusal !== undefined) throw refusal;
  }
  return commitments;
}

const change = (
  verb: string,
  seen: readonly Commitment[],
  patch: (fresh: Commitment) => CommitmentPatch,
  outcome: (changed: Commitment) => string,
  ctx: Context,
) =>
  changeRecords(verb, ({ commitments }) => seen.map((one) => commitments.change(one, patch)), outcome, ctx);

interface OutcomeRequest {
  readonly ids: readonly string[];
  readonly on: AskedDay | undefined;
  readonly text: string | undefined;
  readonly who: Owner | undefined;
}

const onOption: OptionDeclaration = { flags: '--on <date>', help: 'the day that it was; today unless given' };

function parseOutcome(raw: RawInput): OutcomeRequest {
  const [how, note] = [raw.option('how'), raw.option('note')];
  if (how !== undefined && note !== undefined) throw usage('--how and --note say the same: give one');
  return {
    ids: raw.words('id'),
    on: askedDay(raw, 'on', 'back'),
    text: how ?? note,
    who: raw.oneOf('who', owners),
  };
}

const outcomeCommand = (
  path: string,
  parts: Pick<CellParts<OutcomeRequest>, 'summary' | 'options' | 'examples'>,
  run: (request: OutcomeRequest, on: CivilDate, ctx: Context) => Promise<unknown>,
) =>
  defineCommand<OutcomeRequest>({
    path,
    group: 'Every day',
    arguments: [ids],
    access: 'unlocked',
    parse: parseOutcome,
    ...parts,
    run: async (request, ctx) => {
      const store = await ctx.openStore();
      await run(request, request.on?.(store.calendar.read()) ?? ctx.clock.today(), ctx);
      return 'ok';
    },
  });

export const done = outcomeCommand(
  'done',
  {
    summary: 'a promise was kept',
    options: [
      { flags: '--how <text>', help: 'how it was kept; - reads standard input' },
      { flags: '--note <text>', help: 'the same as --how' },
      { flags: '--who <owner>', help: 'who kept it', choices: owners },
      onOption,
    ],
    examples: [
      'rapport done k7m2q',
      'rapport done k7m2q --how -',
      'rapport done k7m2q h3p8t --who staff --on yesterday',
    ],
  },
  async ({ ids, text, who }, on, ctx) => {
    const store = await ctx.openStore();
    const milestones = findMilestones(ids, store);
    if (milestones !== undefined) {
      store.checkWritable();
      if (who !== undefined) throw usage('--who is for promises; reaching out is your own');
      const gist = await optionalText(text, 'what was done', 'What did you do? Enter skips', ctx);
      recordReachingOut(milestones, { on, gist }, store, ctx);
      return;
    }
    const commitments = await findOpen(ids, ctx, { note: 'rapport answer' });
    const how = await optionalText(text, 'how it was kept', 'How was it kept? Enter skips', ctx);
    const outcome = `kept ${weekdayDate(on, ctx.clock.today())}`;
    await change(
      'done',
      commitments,
      (one) => keep(one, { on, how, who }),
      () => outcome,
      ctx,
    );
  },
);

export const tried = outcomeCommand(
  'tried',
  {
    summary: 'a promise was attempted, and is still open',
    options: [
      { flags: '--note <text>', help: 'what came of it; - reads standard input' },
      { flags: '--how <text>', help: 'the same as --note' },
      onOption,
    ],
    examples: ['rapport tried k7m2q', 'rapport tried k7m2q --note -'],
  },
  async ({ ids, text }, on, ctx) => {
    const commitments = await findOpen(ids, ctx);
    const note = await optionalText(text, 'the note', 'What came of it? Enter skips', ctx);
    const day = weekdayDate(on, ctx.clock.today());
    const outcome = ({ attempts }: Commitment): string =>
      `tried ${day}${attempts.length > 1 ? `, ${attempts.length} times now` : ''}, still open`;
    await change('tried', commitments, (one) => attempt(one, { on, note }), outcome, ctx);
  },
);

export const told = outcomeCommand(
  'told',
  {
    summary: 'the patient knows where a promise stands',
    options: [onOption],
    examples: ['rapport told k7m2q', 'rapport told k7m2q --on yesterday'],
  },
  async ({ ids }, on, ctx) => {
    const outcome = `told the patient ${weekdayDate(on, ctx.clock.today())}`;
    const promises = await findOpen(ids, ctx);
    const [patch, line] = [() => tell(on), () => outcome];
    await change('told', promises, patch, line, ctx);
  },
);

interface SnoozeRequest {
  readonly ids: readonly string[];
  readonly to: AskedDay | undefined;
  readonly reading: Reading;
  readonly reason: string | undefined;
}

async function newDay({ to, reading }: SnoozeRequest, store: Store, ctx: Context): Promise<CivilDate> {
  const calendar = store.calendar.read();
  if (to !== undefined) return to(calendar);
  if (!ctx.questions.possible) throw usage('until when?', 'add --to fri');
  const read = (answer: string): CivilDate =>
    readDate(answer, { ...reading, today: reading.today(), direction: 'forward', calendar });
  const check = (answer: string): string | undefined => faultOf(() => read(answer));
  return read(await ctx.questions.text('Until when?', { check }));
}

/** Past the patient's next planned visit it is not put off without a yes. */
async function confirmBeyondVisit(
  commitment: Commitment,
  to: CivilDate,
  store: Store,
  { questions, globals, clock }: Context,
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
  const name = printable(displayName(patient));
  const question = `${name} comes ${weekdayDate(visit.on, today)}. Put it off beyond that?`;
  if (!(await questions.confirm(question, false))) throw cancelled();
}

async function runSnooze(request: SnoozeRequest, ctx: Context): Promise<ExitName> {
  const store = await ctx.openStore();
  const today = ctx.clock.today();
  const commitments = await findOpen(request.ids, ctx);
  const to = await newDay(request, store, ctx);
  for (const commitment of commitments) await confirmBeyondVisit(commitment, to, store, ctx);
  const again = commitments.find(wantsReason);
  const what = `${again?.ref} was put off before: the reason`;
  const question = 'It was put off before. Why this time?';
  const reason =
    again === undefined
      ? await optionalText(request.reason, 'the reason', undefined, ctx)
      : await neededText(request.reason, what, '--reason', question, ctx);
  if (again !== undefined && reason !== null) textHints([reason], ctx);
  const outcome = (one: Commitment): string => {
    const first = firstDue(one);
    const since = first === null ? '' : `, first due ${shortDate(first, today)}`;
    return `put off to ${weekdayDate(to, today)}${since}`;
  };
  const patch = (one: Commitment): CommitmentPatch => snoozed(one, { on: today, to, reason });
  const changed = await change('snooze', commitments, patch, outcome, ctx);
  for (const { ref, snoozes } of changed.filter(wantsTelling))
    ctx.notices.say(
      `${ref} was put off ${snoozes.length} times: does the patient know? then rapport told ${ref}`,
    );
  return 'ok';
}

export const snooze = defineCommand<SnoozeRequest>({
  path: 'snooze',
  summary: 'put a promise off; its first date stays',
  group: 'Every day',
  arguments: [ids],
  options: [
    { flags: '--to <date>', help: 'the new day' },
    { flags: '--reason <text>', help: 'why; wanted from the second time on; - reads standard input' },
  ],
  examples: ['rapport snooze k7m2q --to fri', 'rapport snooze k7m2q --to "in 3 business days" --reason -'],
  access: 'unlocked',
  parse: (raw) => ({
    ids: raw.words('id'),
    to: askedDay(raw, 'to', 'forward'),
    reading: raw.reading,
    reason: raw.option('reason'),
  }),
  run: runSnooze,
});

export const drop = defineCommand<{ readonly named: readonly string[]; readonly reason: string | undefined }>(
  {
    path: 'drop',
    summary: 'give a promise up, with the reason',
    group: 'Every day',
    arguments: [ids],
    options: [{ flags: '--reason <text>', help: 'why; - reads standard input' }],
    examples: ['rapport drop k7m2q', 'rapport drop k7m2q h3p8t --reason -'],
    access: 'unlocked',
    parse: (raw) => {
      const reason = raw.option('reason');
      if (reason !== undefined && reason !== '-') checkText(reason, 'the reason');
      return { named: raw.words('id'), reason };
    },
    run: async (request, ctx) => {
      const commitments = await findOpen(request.named, ctx, { note: 'rapport retire' });
      const reason = await neededText(request.reason, 'the reason', '--reason', 'Why is it given up?', ctx);
      textHints([reason], ctx);
      const on = ctx.clock.today();
      await change(
        'drop',
        commitments,
        () => dropped({ on, reason }),
        () => 'dropped',
        ctx,
      );
      return 'ok';
    },
  },
);
