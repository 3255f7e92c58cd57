/** `rapport init`, `unlock`, `lock`, `status` and `doctor`: the vault as a whole. */
import { command, talk } from '../cli/command.ts';
import { flag, newFile, parsed } from '../cli/kinds.ts';
import type { Context } from '../context.ts';
import { readMinutes } from '../domain/settings.ts';
import { printable, textOfLines, wrapToWidth } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import type { TextStyle } from '../terminal/styles.ts';
import type { Check } from '../vault/doctor-files.ts';
import type { Session } from '../vault/session.ts';
import { acceptRollback, withBar } from './backups.ts';
import { newPassphrase, noteRecoveryCode, slotNames } from './key.ts';

const conduct =
  'A memory aid, not the medical record. Assume that a patient, a court or an employer may read it. ' +
  'Not legal advice: ask your employer before using it.';

export const init = talk({
  options: { recoveryOut: newFile('--recovery-out', 'write the recovery code to a new private file') },
  vault: 'none',
  examples: ['', '--recovery-out recovery.txt --no-input --passphrase-stdin'],
  async run({ recoveryOut }, ctx) {
    const { vault, questions, notices, output } = ctx;
    const session = await ctx.session();
    session.refuseExisting();
    if (recoveryOut === undefined && !questions.possible)
      throw usage(
        'the recovery code needs a place: nobody is there to note it',
        'rapport init --recovery-out FILE writes it to a private file',
      );
    const given = await session.givenPassphrase();
    if (given === undefined && !questions.possible)
      throw new Failure('locked', 'a new vault needs a passphrase, and there is nobody to ask', [
        'give it by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
      ]);
    notices.say(wrapToWidth(conduct, output.columns).join('\n'));
    const passphrase = await newPassphrase(given, ctx);
    const recoveryCode = session.newRecoveryCode();
    if (recoveryOut === undefined) await noteRecoveryCode(recoveryCode, 'Your recovery code', ctx);
    await session.create({ passphrase, recoveryCode, recoveryOut });
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

/** How long an agent holds a key, in milliseconds. */
type Span = Readonly<Record<'until' | 'end', number>>;

const spanDocument = (span: Span | undefined) => ({
  until: span ? new Date(span.until).toISOString() : null,
  end: span ? new Date(span.end).toISOString() : null,
});

/** 'until 11:42', or where it is longer when used: 'until 11:42, or 20:30 if used meanwhile'. */
function spanOf({ until, end }: Span, clock: Context['clock']): string {
  const [first, last] = [until, end].map((moment) => clock.local(new Date(moment).toISOString()).time);
  return first === last ? `until ${first}` : `until ${first}, and while it is used, ${last} at the latest`;
}

export const unlock = command({
  options: {
    for: parsed('<duration>', 'for how long, whether used or not: 8h, 90m; 12h at most', (typed) => {
      const minutes = readMinutes(typed, 12 * 60);
      if (minutes === 0) throw usage('--for 0 unlocks nothing', 'use 8h or 90m');
      return minutes;
    }),
    recovery: flag('with the recovery code'),
  },
  vault: 'none',
  examples: ['', '--for 8h', '--recovery'],
  async run({ for: minutes, recovery }, { session, clock }) {
    const held = await (await session()).unlock(recovery ? 'recovery' : 'passphrase', minutes);
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
  options: { all: flag('the keys of every vault') },
  vault: 'none',
  examples: ['', '--all', '--vault ~/second-practice'],
  async run({ all }, { session }) {
    const agents = await (await session()).lock(all);
    const locked = all ? 'Locked, every vault.' : 'Locked.';
    return {
      json: { locked: true, agents },
      text: agents === 0 ? 'No agent was found here, so none holds a key.' : locked,
    };
  },
});

type AgentStatus = Awaited<ReturnType<Session['status']>>['agents'][number];

function agentLine({ folder, isAsked, held }: AgentStatus, clock: Context['clock']): string {
  if (held === undefined) return `agent in ${printable(folder)}: does not hold the key of this vault`;
  const until = `${spanOf(held, clock)}; commands here do not ask it, rapport lock ends it`;
  return `agent in ${printable(folder)}: holds the key${isAsked ? '' : ` ${until}`}`;
}

export const status = command({
  vault: 'none',
  examples: ['', '--json'],
  async run(_, { vault, session, clock }) {
    const { slots, agents, obstacle, sources } = await (await session()).status();
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

const shown: Readonly<Record<Check['state'], readonly [word: string, tone: keyof TextStyle]>> = {
  ok: ['ok', 'good'],
  warning: ['warning', 'caution'],
  damaged: ['DAMAGED', 'error'],
  rolled_back: ['OLDER', 'error'],
  unchecked: ['not tried', 'quiet'],
};
const wordWidth = 10;

function linesOf({ state, finding, advice }: Check, style: TextStyle): readonly string[] {
  const [word, tone] = shown[state];
  return [
    `${style[tone](word.padEnd(wordWidth))}${finding}`,
    ...advice.map((line) => `${''.padEnd(wordWidth)}${style.hint('hint:')} ${line}`),
  ];
}

/** The first that any check found. */
const verdicts: readonly (readonly [Check['state'], state: string, exit: ExitName, text: string])[] = [
  ['damaged', 'damaged', 'damaged', 'The vault is damaged.'],
  ['rolled_back', 'rolled_back', 'conflict', 'The vault may be an older copy: it is read, not written.'],
  ['unchecked', 'unchecked', 'ok', 'No damage in what could be looked at.'],
  ['warning', 'warnings', 'ok', 'No damage; see the warnings.'],
];

const verdictOn = (checks: readonly Check[]) =>
  verdicts.find(([found]) => checks.some(({ state }) => state === found)) ??
  (['ok', 'ok', 'ok', 'The vault is well.'] as const);

export const doctor = command({
  options: {
    acceptRollback,
    acceptDamage: flag('take records as they are that are not those of the last change'),
  },
  vault: 'none',
  examples: ['', '--json', '--accept-rollback'],
  async run(request, ctx) {
    const { care, vault, output } = ctx;
    const { checks, refusal } = await withBar('examining', ctx, (advance) =>
      care.examine({ ...request, advance }),
    );
    const [, state, exit, text] = verdictOn(checks);
    return {
      json: { folder: vault.folder, state, checks },
      text: () => [...checks.flatMap((check) => linesOf(check, output.style)), text].join('\n'),
      exit,
      failure: exit === 'ok' ? refusal : undefined,
    };
  },
});
