/** `rapport done`, `tried`, `told`, `snooze` and `drop`: what becomes of a promise. */

import type { CivilDate } from '../dates/civil.ts';
import { type DateOptions, readDate } from '../dates/grammar.ts';
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
import { answerOf, timeToReachOut } from '../domain/milestones.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Commitment, type Note, newContact, type Owner, owners } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, faultOf, usage } from '../errors.ts';
import type { Store, World } from '../world.ts';
import {
  type ArgumentDeclaration,
  type CellParts,
  defineCommand,
  type OptionDeclaration,
  type RawInput,
} from './command.ts';
import { type FindingNeeds, findRecords } from './lookup.ts';
import { type AskedDay, askedDay, checkText, neededText, optionalText, textHints } from './options.ts';

export type PromiseNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'stdin'
>;

export const commitmentIds: ArgumentDeclaration = {
  name: 'id',
  help: 'ref of the promise, as rapport due shows it',
  optional: true,
  variadic: true,
  takes: 'promise',
};

/** The open commitments behind the refs. @throws not-found, ambiguous, conflict where one is closed */
export async function findOpen(
  ids: readonly string[],
  needs: FindingNeeds,
  instead?: Parameters<typeof findRecords>[3],
): Promise<readonly Commitment[]> {
  const commitments = await findRecords(ids, 'commitment', needs, instead);
  (await needs.openStore()).checkWritable();
  for (const commitment of commitments) {
    const refusal = refuseClosed(commitment);
    if (refusal !== undefined) throw refusal;
  }
  return commitments;
}

export interface PromiseChange {
  /** The command's name, which is the operation's. */
  readonly verb: string;
  readonly commitments: readonly Commitment[];
  readonly patch: (commitment: Commitment) => CommitmentPatch;
  /** What became of it: 'kept Thu 12 Mar'. */
  readonly outcome: (changed: Commitment) => string;
}

const summary = (commitment: Commitment, outcome: string, store: Store): string => {
  const patient = store.patients.byId(commitment.patient_id);
  const name = patient === undefined ? '' : `${printable(displayName(patient))}: `;
  return `${commitment.ref} ${outcome}. ${name}${cutToWidth(printable(commitment.text), 60)}`;
};

/** Changes all of them or none, and says what they are now. */
export function changePromises(
  change: PromiseChange,
  store: Store,
  needs: PromiseNeeds,
): readonly Commitment[] {
  const { value: changed, operation } = store.write({ verb: change.verb }, () =>
    change.commitments.map((commitment) => store.commitments.change(commitment, change.patch)),
  );
  const { output, globals } = needs;
  if (globals.json)
    output.json({ schema: `rapport.${change.verb}/1`, operation: operation ?? null, items: changed });
  else output.print(changed.map((one) => summary(one, change.outcome(one), store)).join('\n'));
  return changed;
}

interface OutcomeRequest {
  readonly ids: readonly string[];
  readonly on: AskedDay | undefined;
  readonly text: string | undefined;
  readonly who: Owner | undefined;
}

const onOption: OptionDeclaration = { flags: '--on <date>', help: 'the day that it was; today unless given' };

function parse(raw: RawInput): OutcomeRequest {
  const how = raw.option('how');
  const note = raw.option('note');
  if (how !== undefined && note !== undefined) throw usage('--how and --note say the same: give one');
  return {
    ids: raw.words('id'),
    on: askedDay(raw, 'on', 'back'),
    text: how ?? note,
    who: raw.oneOf('who', owners),
  };
}

const outcomeCommand = (
  verb: string,
  parts: Pick<CellParts<OutcomeRequest>, 'summary' | 'options' | 'examples' | 'run'>,
) =>
  defineCommand<OutcomeRequest>({
    path: verb,
    group: 'Every day',
    arguments: [commitmentIds],
    access: 'unlocked',
    parse,
    ...parts,
  });

async function runDone(request: OutcomeRequest, needs: PromiseNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const today = needs.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  const milestones = findMilestones(request.ids, store);
  if (milestones !== undefined) {
    store.checkWritable();
    if (request.who !== undefined) throw usage('--who is for promises; reaching out is your own');
    const gist = await optionalText(request.text, 'what was done', 'What did you do? Enter skips', needs);
    recordReachingOut(milestones, { on, gist }, store, needs);
    return 'ok';
  }
  const commitments = await findOpen(request.ids, needs, { note: 'rapport answer' });
  const how = await optionalText(request.text, 'how it was kept', 'How was it kept? Enter skips', needs);
  const patch = { on, how, who: request.who };
  changePromises(
    {
      verb: 'done',
      commitments,
      patch: (commitment) => keep(commitment, patch),
      outcome: () => `kept ${weekdayDate(on, today)}`,
    },
    store,
    needs,
  );
  return 'ok';
}

export const done = outcomeCommand('done', {
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
  run: runDone,
});

async function runTried(request: OutcomeRequest, needs: PromiseNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const today = needs.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  const commitments = await findOpen(request.ids, needs);
  const note = await optionalText(request.text, 'the note', 'What came of it? Enter skips', needs);
  changePromises(
    {
      verb: 'tried',
      commitments,
      patch: (commitment) => attempt(commitment, { on, note }),
      outcome: ({ attempts }) =>
        `tried ${weekdayDate(on, today)}${attempts.length > 1 ? `, ${attempts.length} times now` : ''}, still open`,
    },
    store,
    needs,
  );
  return 'ok';
}

export const tried = outcomeCommand('tried', {
  summary: 'a promise was attempted, and is still open',
  options: [
    { flags: '--note <text>', help: 'what came of it; - reads standard input' },
    { flags: '--how <text>', help: 'the same as --note' },
    onOption,
  ],
  examples: ['rapport tried k7m2q', 'rapport tried k7m2q --note -'],
  run: runTried,
});

async function runTold(request: OutcomeRequest, needs: PromiseNeeds): Promise<ExitName> {
  const store = await needs.openStore();
  const today = needs.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  const commitments = await findOpen(request.ids, needs);
  changePromises(
    {
      verb: 'told',
      commitments,
      patch: () => tell(on),
      outcome: () => `told the patient ${weekdayDate(on, today)}`,
    },
    store,
    needs,
  );
  return 'ok';
}

export const told = outcomeCommand('told', {
  summary: 'the patient knows where a promise stands',
  options: [onOption],
  examples: ['rapport told k7m2q', 'rapport told k7m2q --on yesterday'],
  run: runTold,
});

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

/** The milestones that the refs name, where they name such; undefined where they name anything else. @throws usage for some of both */
export function findMilestones(ids: readonly string[], store: Store): readonly Note[] | undefined {
  const notes = [...new Set(ids)].map((id) => {
    const [only, ...others] = store.find(id);
    const note = only?.table === 'note' && others.length === 0 ? store.notes.byId(only.id) : undefined;
    return note?.kind === 'milestone' && note.reach_out && note.status === 'current' ? note : undefined;
  });
  const milestones = notes.filter((note) => note !== undefined);
  if (milestones.length === 0) return undefined;
  if (milestones.length < notes.length)
    throw usage('these are promises and milestones to reach out for', 'give them one after the other');
  return milestones;
}

/** @throws usage where the milestone is not near on that day, conflict where it was answered */
function refuseUnasked(note: Note, on: CivilDate, today: CivilDate, store: Store): void {
  const calendar = store.calendar.read();
  const time = timeToReachOut(note, { on: today, days: 0, calendar });
  if (time === undefined || on < time.from)
    throw usage(
      `nothing is asked of ${note.ref} on ${on}: its time is the week before it`,
      'rapport contact --out records that you got in touch',
    );
  const answer = answerOf(store.contacts.of(note.patient_id), time.from, today);
  if (answer !== undefined)
    throw conflict(
      `you got in touch about ${note.ref} already, on ${answer.on}`,
      'rapport undo takes the newest change back',
    );
}

/** Records one contact that went out to each of the patients: other milestones of theirs that are near are answered by it as well. */
export function recordReachingOut(
  milestones: readonly Note[],
  { on, gist }: { readonly on: CivilDate; readonly gist: string | null },
  store: Store,
  { output, globals, clock }: Pick<World, 'output' | 'globals' | 'clock'>,
): void {
  const today = clock.today();
  const patientIds = [...new Set(milestones.map(({ patient_id }) => patient_id))];
  const { value: contacts, operation } = store.write({ verb: 'done' }, () => {
    for (const note of milestones) refuseUnasked(store.notes.asSeen(note), on, today, store);
    return patientIds.map((patient_id) =>
      store.contacts.insert(
        newContact({ patient_id, on, channel: 'other', direction: 'out', state: 'held', gist }),
      ),
    );
  });
  if (globals.json) {
    output.json({ schema: 'rapport.done/1', operation: operation ?? null, items: [], contacts });
    return;
  }
  const lines = contacts.map((contact) => {
    const patient = store.patients.byId(contact.patient_id);
    const name = patient === undefined ? '' : printable(displayName(patient));
    return `${contact.ref} reached out ${weekdayDate(on, today)}. ${name}`;
  });
  output.print(lines.join('\n'));
}
