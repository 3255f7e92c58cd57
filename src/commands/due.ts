/** `rapport due`: what was promised and is due, every morning. */

import type { Context, Store } from '../context.ts';
import { daysBetween } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import { type DueList, howManyDue } from '../domain/due-list.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import { dueDocument, dueLine } from '../terminal/documents.ts';
import { renderDue } from '../terminal/due-view.ts';
import { recordWhile } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { draftLines } from './drafts.ts';
import { gatherDue, namesOf } from './due-records.ts';
import { findPatient, suggestNextFrom } from './lookup.ts';
import { type AskedDay, askedDay } from './options.ts';
import { openQuietly } from './preparation.ts';

interface DueRequest {
  readonly on: AskedDay | undefined;
  readonly days: number;
  readonly patient: string | undefined;
  readonly all: boolean;
  readonly check: boolean;
  readonly line: boolean;
  readonly daily: boolean;
  readonly namesOnly: boolean;
}

const farthestDays = 3660;

const exitOf = (list: DueList, check: boolean): ExitName => (check && howManyDue(list) > 0 ? 'due' : 'ok');

const gather = (store: Store, request: DueRequest, patientId: string | undefined, ctx: Context): DueList =>
  gatherDue(store, {
    on: request.on?.(store.calendar.read()) ?? ctx.clock.today(),
    days: request.days,
    all: request.all,
    patientId,
    quietDays: ctx.settings.read().dueQuietDays,
  });

/** One line where the vault has not been backed up for as long as `backup.remind` allows. */
function backupReminder(store: Store, { settings, clock }: Context): string | undefined {
  const { backupRemindDays: longest } = settings.read();
  if (longest === undefined) return undefined;
  const last = store.backups.last();
  if (last === undefined) return 'No backup was made yet. rapport backup';
  // By the real clock, whatever fixes the domain's dates.
  const today = clock.local(clock.instant()).date;
  const { date } = clock.local(last);
  const days = daysBetween(date, today);
  return days > longest
    ? `The last backup is ${days} days old, of ${shortDate(date, today)}. rapport backup`
    : undefined;
}

/** For a shell's prompt: never asks, names nobody, and a locked vault is no error. Whoever does not answer is busy. */
async function runLine(request: DueRequest, ctx: Context): Promise<ExitName> {
  const store = await openQuietly(ctx, { hurries: true }).catch((error: unknown) => {
    if (error instanceof Failure && (error.exit === 'not-found' || error.exit === 'busy')) return error.exit;
    throw error;
  });
  if (store === 'not-found') return 'ok';
  if (store === 'busy') {
    ctx.output.print('busy');
    return store;
  }
  if (store === undefined) {
    ctx.output.print('locked');
    return 'ok';
  }
  const list = gather(store, request, undefined, ctx);
  ctx.output.print(dueLine(list));
  return exitOf(list, request.check);
}

function listText(list: DueList, store: Store, request: DueRequest, ctx: Context): string {
  const { output, clock } = ctx;
  const { columns, style } = output;
  const names = namesOf(list, store);
  const text = renderDue({ ...names, list, zone: clock.zone, columns, style, namesOnly: request.namesOnly });
  return [text, ...draftLines(store, clock.today())].join('\n');
}

const jsonOf = (list: DueList, store: Store, { namesOnly }: DueRequest, { clock }: Context) =>
  dueDocument(list, { ...namesOf(list, store), zone: clock.zone, namesOnly });

const makeList = (store: Store, request: DueRequest, patientId: string | undefined, ctx: Context) =>
  store.reading(() => {
    const list = gather(store, request, patientId, ctx);
    return ctx.globals.json
      ? { list, document: jsonOf(list, store, request, ctx) }
      : { list, text: listText(list, store, request, ctx) };
  });

/** For a shell's start-up file: shows the list once a day, never asks, and a locked vault does not use up the day. */
async function runDaily(request: DueRequest, ctx: Context): Promise<ExitName> {
  const { clock, daily, output, notices, globals } = ctx;
  const store = await openQuietly(ctx, { hurries: true });
  const today = clock.today();
  if (daily.last() === today) return 'ok';
  if (store === undefined) {
    if (globals.json) output.json({ schema: 'rapport.due/1', locked: true });
    else output.print('locked: rapport due');
    return 'ok';
  }
  const { list, document, text = '' } = makeList(store, request, undefined, ctx);
  if (document === undefined) output.print(text);
  else output.json(document);
  const reminder = backupReminder(store, ctx);
  if (reminder !== undefined) notices.say(reminder);
  daily.set(today);
  return exitOf(list, request.check);
}

async function runDue(request: DueRequest, ctx: Context): Promise<ExitName> {
  if (request.line) return runLine(request, ctx);
  if (request.daily) return runDaily(request, ctx);
  const store = await ctx.openStore();
  const patient = request.patient === undefined ? undefined : await findPatient([request.patient], ctx);
  const { list, document, text = '' } = makeList(store, request, patient?.id, ctx);
  let showing: Promise<void> | undefined;
  if (document === undefined) showing = ctx.output.page(text);
  else ctx.output.json(document);
  // Read before the log is written: after a write that the disk refused, nothing may be readable any more.
  const reminder = backupReminder(store, ctx);
  if (list.items.length === 0) {
    await showing;
    suggestNextFrom(store, request.all ? 'rapport commit NAME' : 'rapport due --days 14, or --all', ctx);
  }
  await recordWhile(showing, () => store.log.listed('due', list.items.length), ctx);
  if (reminder !== undefined) ctx.notices.say(reminder);
  return exitOf(list, request.check);
}

const spoiling = {
  line: ['days', 'patient', 'all', 'daily', 'names-only'],
  daily: ['line', 'on', 'patient', 'check'],
} as const;

function refuseSpoiled(raw: RawInput, flag: keyof typeof spoiling): void {
  if (!raw.flag(flag)) return;
  const other = spoiling[flag].find((name) => raw.flag(name) || raw.option(name) !== undefined);
  if (other !== undefined) throw usage(`--${flag} and --${other} don't go together`);
}

function readDays(raw: RawInput): number {
  const text = raw.option('days');
  if (text === undefined) return 0;
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(days <= farthestDays)) throw usage(`'${text.slice(0, 40)}' is not a number of days`, 'use --days 14');
  return days;
}

export const due = defineCommand<DueRequest>({
  path: 'due',
  summary: 'what you promised, overdue and for today',
  group: 'Every day',
  options: [
    { flags: '--on <date>', help: 'as of that day' },
    { flags: '--days <number>', help: 'what falls due in the days ahead, too' },
    { flags: '--patient <patient>', help: 'of one patient' },
    { flags: '--all', help: 'everything ahead, undated, and what patients themselves undertook' },
    { flags: '--check', help: 'exit with 10 when anything is due' },
    { flags: '--line', help: 'counts without names, for a shell prompt; never asks' },
    { flags: '--daily', help: "once a day, for a shell's start-up file; never asks" },
    { flags: '--names-only', help: 'without the texts' },
  ],
  examples: [
    'rapport due',
    'rapport due --days 7',
    'rapport due --patient malu --all',
    'rapport due --line',
    'rapport due --daily --names-only',
  ],
  access: 'unlocked',
  parse: (raw) => {
    refuseSpoiled(raw, 'line');
    refuseSpoiled(raw, 'daily');
    return {
      on: askedDay(raw, 'on', 'nearest'),
      days: readDays(raw),
      patient: raw.option('patient'),
      all: raw.flag('all'),
      check: raw.flag('check'),
      line: raw.flag('line'),
      daily: raw.flag('daily'),
      namesOnly: raw.flag('names-only'),
    };
  },
  run: runDue,
});
