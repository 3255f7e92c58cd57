/** `rapport init`, `unlock`, `lock` and `status`. */

import { command, talk } from '../cli/command.ts';
import { flag, newFile, parsed } from '../cli/kinds.ts';
import type { Context } from '../context.ts';
import { readMinutes } from '../domain/settings.ts';
import { printable, textOfLines, wrapToWidth } from '../domain/text.ts';
import { Failure, usage } from '../errors.ts';
import { confirmRecoveryCode, newPassphrase, showRecoveryCode, slotNames } from './key.ts';

const conduct =
  'A memory aid, not the medical record. Assume that a patient, a court or an employer may read it. ' +
  'Not legal advice: ask your employer before using it.';

export const init = talk({
  path: 'init',
  options: { recoveryOut: newFile('--recovery-out', 'write the recovery code to a new private file') },
  vault: 'none',
  examples: ['rapport init', 'rapport init --recovery-out recovery.txt --no-input --passphrase-stdin'],
  async run({ recoveryOut }, ctx) {
    const { vault, questions, notices, output } = ctx;
    vault.refuseExisting();
    if (recoveryOut === undefined && !questions.possible)
      throw usage(
        'the recovery code needs a place: nobody is there to note it',
        'rapport init --recovery-out FILE writes it to a private file',
      );
    const given = await vault.givenPassphrase();
    if (given === undefined && !questions.possible)
      throw new Failure('locked', 'a new vault needs a passphrase, and there is nobody to ask', [
        'give it by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
      ]);
    notices.say(wrapToWidth(conduct, output.columns).join('\n'));
    const passphrase = await newPassphrase(given, ctx);
    const recoveryCode = vault.newRecoveryCode();
    if (recoveryOut === undefined) {
      showRecoveryCode(recoveryCode, 'Your recovery code', ctx);
      await confirmRecoveryCode(recoveryCode, ctx);
    }
    await vault.create({ passphrase, recoveryCode, ...(recoveryOut !== undefined && { recoveryOut }) });
    return {
      json: { folder: vault.folder },
      text: textOfLines(
        `Your vault is in ${printable(vault.folder)}`,
        recoveryOut && `Its recovery code is in ${recoveryOut}: keep it away from this computer.`,
        'Next: rapport patient add, or rapport import FILE',
      ),
      // The first row of its log.
      looked: { count: 0 },
    };
  },
});

const longestMinutes = 12 * 60;

const timeOf = (moment: number, { zone }: Pick<Context['clock'], 'zone'>): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(moment);

/** How long an agent holds a key, in milliseconds. */
interface Span {
  readonly until: number;
  readonly end: number;
}

const spanDocument = (span: Span | undefined) => ({
  until: span ? new Date(span.until).toISOString() : null,
  end: span ? new Date(span.end).toISOString() : null,
});

/** 'until 11:42', or where it is longer when used: 'until 11:42, or 20:30 if used meanwhile'. */
function spanOf({ until, end }: Span, clock: Context['clock']): string {
  const [first, last] = [timeOf(until, clock), timeOf(end, clock)];
  return first === last ? `until ${first}` : `until ${first}, and while it is used, ${last} at the latest`;
}

export const unlock = command({
  path: 'unlock',
  options: {
    for: parsed('<duration>', 'for how long, whether used or not: 8h, 90m; 12h at most', (typed) => {
      const minutes = readMinutes(typed, longestMinutes);
      if (minutes === 0) throw usage('--for 0 unlocks nothing', 'use 8h or 90m');
      return minutes;
    }),
    recovery: flag('with the recovery code'),
  },
  vault: 'none',
  examples: ['rapport unlock', 'rapport unlock --for 8h', 'rapport unlock --recovery'],
  async run({ for: minutes, recovery }, { vault, clock }) {
    const held = await vault.unlock(recovery ? 'recovery' : 'passphrase', minutes);
    return {
      json: spanDocument(held),
      text:
        held === undefined
          ? 'The demonstration vault is never locked.'
          : `Unlocked ${spanOf(held, clock)}. rapport lock ends it.`,
    };
  },
});

export const lock = command({
  path: 'lock',
  options: { all: flag('the keys of every vault') },
  vault: 'none',
  examples: ['rapport lock', 'rapport lock --all', 'rapport lock --vault ~/second-practice'],
  async run({ all }, { vault }) {
    const agents = await vault.lock(all);
    const locked = all ? 'Locked, every vault.' : 'Locked.';
    return {
      json: { locked: true, agents },
      text: agents === 0 ? 'No agent was found here, so none holds a key.' : locked,
    };
  },
});

type AgentStatus = Awaited<ReturnType<Context['vault']['status']>>['agents'][number];

function agentLine({ folder, isAsked, held }: AgentStatus, clock: Context['clock']): string {
  if (held === undefined) return `agent in ${printable(folder)}: does not hold the key of this vault`;
  const until = `${spanOf(held, clock)}; commands here do not ask it, rapport lock ends it`;
  return `agent in ${printable(folder)}: holds the key${isAsked ? '' : ` ${until}`}`;
}

export const status = command({
  path: 'status',
  vault: 'none',
  examples: ['rapport status', 'rapport status --json'],
  async run(_, { vault, clock }) {
    const { slots, agents, obstacle, sources } = await vault.status();
    const agent = agents.find(({ isAsked }) => isAsked)?.held;
    const keyring = slots.some(({ type }) => type === 'keyring');
    const isElsewhere = agent === undefined && agents.some(({ held }) => held !== undefined);
    const closed = isElsewhere ? 'locked here' : 'locked';
    return {
      json: {
        folder: vault.folder,
        locked: agent === undefined && !vault.isDemo,
        unlocked_by: agent === undefined ? null : 'agent',
        ...spanDocument(agent),
        no_agent: obstacle ?? null,
        agents: agents.map(({ folder, isAsked, held }) => ({
          folder,
          asked: isAsked,
          holds: held !== undefined,
          ...spanDocument(held),
        })),
        slots,
        keyring,
        sources,
      },
      text: textOfLines(
        vault.isDemo
          ? 'never locked: the patients are fictional'
          : agent === undefined
            ? closed
            : `unlocked by the agent ${spanOf(agent, clock)}`,
        `vault: ${printable(vault.folder)}`,
        obstacle !== undefined && `no agent can be trusted: ${printable(obstacle)}`,
        agents.length === 0 && !vault.isDemo && 'no agent was found here',
        ...agents.map((one) => agentLine(one, clock)),
        `opens with: ${slots.map(({ type, made_on }) => `${slotNames[type]} (of ${made_on})`).join(', ')}`,
        keyring && "the system's keyring is on: rapport key keyring --remove ends that",
        `without a question: ${sources.length === 0 ? 'only while unlocked' : sources.join(', ')}`,
      ),
    };
  },
});
