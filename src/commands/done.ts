/** `rapport done`, `tried` and `told`: what became of a promise. */
import { weekdayDate } from '../dates/wording.ts';
import { attempt, keep, tell } from '../domain/commitment-changes.ts';
import { type Owner, owners } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import { type CellParts, defineCommand, type OptionDeclaration, type RawInput } from './command.ts';
import { type AskedDay, askedDay } from './day-options.ts';
import { changePromises, commitmentIds, findOpen, type PromiseNeeds } from './promises.ts';
import { findMilestones, recordReachingOut } from './reached-out.ts';
import { optionalText } from './text-options.ts';

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
