/** `rapport snooze` and `rapport drop`: a promise is put off, or given up, with its reason. */
import type { CivilDate } from '../dates/civil.ts';
import { type DateOptions, readDate } from '../dates/grammar.ts';
import { shortDate, weekdayDate } from '../dates/wording.ts';
import {
  drop as dropped,
  firstDue,
  nextPlannedVisit,
  snooze as snoozed,
  wantsReason,
  wantsTelling,
} from '../domain/commitment-changes.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Commitment } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { cancelled, type ExitName, faultOf, usage } from '../errors.ts';
import type { Store } from '../world.ts';
import { defineCommand, type RawInput } from './command.ts';
import { changePromises, commitmentIds, findOpen, type PromiseNeeds } from './promises.ts';
import { checkText, neededText, optionalText, textHints } from './text-options.ts';

interface SnoozeRequest {
  readonly ids: readonly string[];
  readonly to: string | undefined;
  /** Reads a day ahead; the vault's own closed days are known only once it is open. @throws usage */
  readonly readDay: (text: string, calendar?: DateOptions['calendar']) => CivilDate;
  readonly reason: string | undefined;
}

function parseSnooze(raw: RawInput): SnoozeRequest {
  const { reading } = raw;
  const readDay: SnoozeRequest['readDay'] = (text, calendar) =>
    readDate(text, { ...reading, today: reading.today(), direction: 'forward', calendar });
  const to = raw.option('to');
  if (to !== undefined) readDay(to);
  return { ids: raw.words('id'), to, readDay, reason: raw.option('reason') };
}

async function newDay({ to, readDay }: SnoozeRequest, store: Store, needs: PromiseNeeds): Promise<CivilDate> {
  const calendar = store.calendar.read();
  if (to !== undefined) return readDay(to, calendar);
  if (!needs.questions.possible) throw usage('until when?', 'add --to fri');
  const check = (answer: string): string | undefined => faultOf(() => readDay(answer, calendar));
  return readDay(await needs.questions.text('Until when?', { check }), calendar);
}

/** Past the patient's next planned visit it is not put off without a yes. */
async function confirmBeyondVisit(
  commitment: Commitment,
  to: CivilDate,
  store: Store,
  { questions, globals, clock }: PromiseNeeds,
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

async function runSnooze(request: SnoozeRequest, needs: PromiseNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const today = needs.clock.today();
  const commitments = await findOpen(request.ids, needs);
  const to = await newDay(request, store, needs);
  for (const commitment of commitments) await confirmBeyondVisit(commitment, to, store, needs);
  const again = commitments.find(wantsReason);
  const reason =
    again === undefined
      ? await optionalText(request.reason, 'the reason', undefined, needs)
      : await neededText(
          request.reason,
          `${again.ref} was put off before: the reason`,
          '--reason',
          'It was put off before. Why this time?',
          needs,
        );
  if (again !== undefined && reason !== null) textHints([reason], needs);
  const changed = changePromises(
    {
      verb: 'snooze',
      commitments,
      patch: (commitment) => snoozed(commitment, { on: today, to, reason }),
      outcome: (one) => {
        const first = firstDue(one);
        const since = first === null ? '' : `, first due ${shortDate(first, today)}`;
        return `put off to ${weekdayDate(to, today)}${since}`;
      },
    },
    store,
    needs,
  );
  for (const { ref, snoozes } of changed.filter(wantsTelling))
    needs.notices.say(
      `${ref} was put off ${snoozes.length} times: does the patient know? then rapport told ${ref}`,
    );
  return 'ok';
}

export const snooze = defineCommand<SnoozeRequest>({
  path: 'snooze',
  summary: 'put a promise off; its first date stays',
  group: 'Every day',
  arguments: [commitmentIds],
  options: [
    { flags: '--to <date>', help: 'the new day' },
    { flags: '--reason <text>', help: 'why; wanted from the second time on; - reads standard input' },
  ],
  examples: ['rapport snooze k7m2q --to fri', 'rapport snooze k7m2q --to "in 3 business days" --reason -'],
  access: 'unlocked',
  parse: parseSnooze,
  run: runSnooze,
});

interface DropRequest {
  readonly ids: readonly string[];
  readonly reason: string | undefined;
}

async function runDrop(request: DropRequest, needs: PromiseNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const on = needs.clock.today();
  const commitments = await findOpen(request.ids, needs, { note: 'rapport retire' });
  const reason = await neededText(request.reason, 'the reason', '--reason', 'Why is it given up?', needs);
  textHints([reason], needs);
  changePromises(
    {
      verb: 'drop',
      commitments,
      patch: () => dropped({ on, reason }),
      outcome: () => 'dropped',
    },
    store,
    needs,
  );
  return 'ok';
}

export const drop = defineCommand<DropRequest>({
  path: 'drop',
  summary: 'give a promise up, with the reason',
  group: 'Every day',
  arguments: [commitmentIds],
  options: [{ flags: '--reason <text>', help: 'why; - reads standard input' }],
  examples: ['rapport drop k7m2q', 'rapport drop k7m2q h3p8t --reason -'],
  access: 'unlocked',
  parse: (raw) => {
    const reason = raw.option('reason');
    if (reason !== undefined && reason !== '-') checkText(reason, 'the reason');
    return { ids: raw.words('id'), reason };
  },
  run: runDrop,
});
