/** `rapport init`, `unlock`, `lock` and `status`. */

import type { Context } from '../context.ts';
import { readMinutes } from '../domain/setting-values.ts';
import { printable, wrapToWidth } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import { defineCommand } from './command.ts';
import { confirmRecoveryCode, newPassphrase, showRecoveryCode, slotNames } from './keys.ts';

interface InitRequest {
  readonly recoveryOut: string | undefined;
}

const conduct =
  'A memory aid, not the medical record. Assume that a patient, a court or an employer may read it. ' +
  'Not legal advice: ask your employer before using it.';

async function runInit({ recoveryOut }: InitRequest, ctx: Context): Promise<ExitName> {
  const { keeper, questions, notices, output, globals } = ctx;
  keeper.refuseExisting();
  if (recoveryOut === undefined && !questions.possible)
    throw usage(
      'the recovery code needs a place: nobody is there to note it',
      'rapport init --recovery-out FILE writes it to a private file',
    );
  const given = await keeper.givenPassphrase();
  if (given === undefined && !questions.possible)
    throw new Failure('locked', 'a new vault needs a passphrase, and there is nobody to ask', [
      'give it by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
    ]);
  notices.say(wrapToWidth(conduct, output.columns).join('\n'));
  const passphrase = await newPassphrase(given, ctx);
  const recoveryCode = keeper.newRecoveryCode();
  if (recoveryOut === undefined) {
    showRecoveryCode(recoveryCode, 'Your recovery code', ctx);
    await confirmRecoveryCode(recoveryCode, ctx);
  }
  await keeper.create({ passphrase, recoveryCode, ...(recoveryOut !== undefined && { recoveryOut }) });
  const store = await ctx.openStore();
  if (!store.log.listed('init', 0)) notices.warn('rapport: the log could not be begun yet');
  if (globals.json) output.json({ schema: 'rapport.init/1', folder: keeper.folder });
  else {
    output.print(`Your vault is in ${printable(keeper.folder)}`);
    if (recoveryOut !== undefined)
      output.print(`Its recovery code is in ${recoveryOut}: keep it away from this computer.`);
    output.print('Next: rapport patient add, or rapport import FILE');
  }
  return 'ok';
}

export const init = defineCommand<InitRequest>({
  path: 'init',
  summary: 'make your vault',
  group: 'The vault',
  options: [{ flags: '--recovery-out <file>', help: 'write the recovery code to a new private file' }],
  examples: ['rapport init', 'rapport init --recovery-out recovery.txt --no-input --passphrase-stdin'],
  parse: (raw) => {
    const recoveryOut = raw.option('recovery-out');
    if (recoveryOut?.trim() === '') throw usage('--recovery-out needs a file');
    return { recoveryOut };
  },
  run: runInit,
});

const longestMinutes = 12 * 60;

const timeOf = (moment: number, { zone }: Pick<Context['clock'], 'zone'>): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(moment);

const isoOf = (moment: number | undefined): string | null =>
  moment === undefined ? null : new Date(moment).toISOString();

/** 'until 11:42', or where it is longer when used: 'until 11:42, or 20:30 if used meanwhile'. */
function spanOf(
  { until, end }: { readonly until: number; readonly end: number },
  clock: Context['clock'],
): string {
  const [first, last] = [timeOf(until, clock), timeOf(end, clock)];
  return first === last ? `until ${first}` : `until ${first}, and while it is used, ${last} at the latest`;
}

interface UnlockRequest {
  readonly minutes: number | undefined;
  readonly recovery: boolean;
}

async function runUnlock({ minutes, recovery }: UnlockRequest, ctx: Context): Promise<ExitName> {
  const { keeper, output, globals, clock } = ctx;
  const held = await keeper.unlock(recovery ? 'recovery' : 'passphrase', minutes);
  if (globals.json)
    output.json({ schema: 'rapport.unlock/1', until: isoOf(held?.until), end: isoOf(held?.end) });
  else if (held === undefined) output.print('The demonstration vault is never locked.');
  else output.print(`Unlocked ${spanOf(held, clock)}. rapport lock ends it.`);
  return 'ok';
}

export const unlock = defineCommand<UnlockRequest>({
  path: 'unlock',
  summary: 'keep the key in memory for a while',
  group: 'The vault',
  options: [
    { flags: '--for <duration>', help: 'for how long, whether used or not: 8h, 90m; 12h at most' },
    { flags: '--recovery', help: 'with the recovery code' },
  ],
  examples: ['rapport unlock', 'rapport unlock --for 8h', 'rapport unlock --recovery'],
  parse: (raw) => {
    const duration = raw.option('for');
    const minutes = duration === undefined ? undefined : readMinutes(duration, longestMinutes);
    if (minutes === 0) throw usage('--for 0 unlocks nothing', 'use 8h or 90m');
    return { minutes, recovery: raw.flag('recovery') };
  },
  run: runUnlock,
});

interface LockRequest {
  readonly all: boolean;
}

export const lock = defineCommand<LockRequest>({
  path: 'lock',
  summary: 'forget the key at once',
  group: 'The vault',
  options: [{ flags: '--all', help: 'the keys of every vault' }],
  examples: ['rapport lock', 'rapport lock --all', 'rapport lock --vault ~/second-practice'],
  parse: (raw) => ({ all: raw.flag('all') }),
  run: async ({ all }, { keeper, output, globals }: Pick<Context, 'keeper' | 'output' | 'globals'>) => {
    const agents = await keeper.lock(all);
    if (globals.json) output.json({ schema: 'rapport.lock/1', locked: true, agents });
    else if (agents === 0) output.print('No agent was found here, so none holds a key.');
    else output.print(all ? 'Locked, every vault.' : 'Locked.');
    return 'ok';
  },
});

export const status = defineCommand<undefined>({
  path: 'status',
  summary: 'locked or not, until when, and what opens the vault',
  group: 'The vault',
  examples: ['rapport status', 'rapport status --json'],
  parse: () => undefined,
  run: async (_, { keeper, output, globals, clock }: Context) => {
    const { slots, agent, obstacle, sources } = await keeper.status();
    if (globals.json) {
      output.json({
        schema: 'rapport.status/1',
        folder: keeper.folder,
        locked: agent === undefined && !keeper.isDemo,
        unlocked_by: agent === undefined ? null : 'agent',
        until: isoOf(agent?.until),
        end: isoOf(agent?.end),
        no_agent: obstacle ?? null,
        slots,
        keyring: slots.some(({ type }) => type === 'keyring'),
        sources,
      });
      return 'ok';
    }
    const isSilent = slots.some(({ type }) => type === 'keyring');
    const closed = keeper.isDemo ? 'never locked: the patients are fictional' : 'locked';
    output.print(
      [
        agent === undefined ? closed : `unlocked by the agent ${spanOf(agent, clock)}`,
        `vault: ${printable(keeper.folder)}`,
        ...(obstacle === undefined ? [] : [`no agent can be trusted: ${printable(obstacle)}`]),
        `opens with: ${slots.map(({ type, made_on }) => `${slotNames[type]} (of ${made_on})`).join(', ')}`,
        ...(isSilent ? ["the system's keyring is on: rapport key keyring --remove ends that"] : []),
        `without a question: ${sources.length === 0 ? 'only while unlocked' : sources.join(', ')}`,
      ].join('\n'),
    );
    return 'ok';
  },
});
