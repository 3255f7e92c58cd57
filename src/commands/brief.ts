/** `rapport brief <patient>`: before the visit, in the doorway. */

import type { Context } from '../context.ts';
import type { TimeOfDay } from '../dates/civil.ts';
import type { Briefing } from '../domain/briefing/briefing.ts';
import { composeBriefing } from '../domain/briefing/composition.ts';
import { displayName } from '../domain/patient-names.ts';
import { isVisit, type Patient } from '../domain/records.ts';
import { readSeconds } from '../domain/setting-values.ts';
import { type ExitName, usage } from '../errors.ts';
import { briefingDocument, renderBriefing } from '../terminal/briefing-view.ts';
import { lifeOf, recordWhile, refuseLeak } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { findPatient } from './lookup.ts';
import { type AskedDay, askedDay, timeOption } from './options.ts';

interface BriefRequest {
  readonly words: readonly string[];
  readonly on: AskedDay | undefined;
  readonly at: TimeOfDay | undefined;
  readonly why: boolean;
  readonly all: boolean;
  readonly sensitive: boolean;
  readonly force: boolean;
  /** Seconds; undefined is as the settings say. */
  readonly glance: number | 'off' | undefined;
}

/** Without a name: today's visits, in order of time. */
async function offerPatient(ctx: Context): Promise<Patient> {
  if (!ctx.questions.possible) throw usage('which patient?', 'rapport brief <name, handle or ref>');
  const store = await ctx.openStore();
  const visits = store.contacts
    .on(ctx.clock.today())
    .filter((contact) => contact.state === 'planned' && isVisit(contact));
  const earliest = new Map(visits.toReversed().map((visit) => [visit.patient_id, visit]));
  const offered = visits.flatMap((visit) => {
    const patient = store.patients.byId(visit.patient_id);
    return patient === undefined || earliest.get(visit.patient_id) !== visit
      ? []
      : [{ name: `${visit.at ?? '     '}  ${displayName(patient)}`, value: patient }];
  });
  if (offered.length === 0) return findPatient([], ctx);
  const other = { name: 'somebody else', value: undefined };
  const chosen = await ctx.questions.choose<Patient | undefined>("Today's visits", [...offered, other]);
  return chosen ?? findPatient([], ctx);
}

function show(briefing: Briefing, request: BriefRequest, ctx: Context): Promise<void> | undefined {
  const { output, globals, settings } = ctx;
  const { glance = settings.own().glanceSeconds ?? 'off' } = request;
  if (globals.json) output.json(briefingDocument(briefing));
  else {
    const { style, columns } = output;
    const text = renderBriefing(briefing, { style, columns, why: request.why });
    if (glance !== 'off' && output.hasScreen) return output.glance(text, glance);
    output.print(text);
  }
  return undefined;
}

async function runBrief(request: BriefRequest, ctx: Context): Promise<ExitName> {
  const { output, globals } = ctx;
  const isScreen = output.isTerminal && !globals.json;
  refuseLeak(request.force, ctx);
  if (typeof request.glance === 'number' && !(isScreen && output.hasScreen))
    throw usage('--glance is for a terminal with a screen to go back to');
  const patient =
    request.words.length === 0 ? await offerPatient(ctx) : await findPatient(request.words, ctx);
  const store = await ctx.openStore();
  const today = ctx.clock.today();
  const on = request.on?.(store.calendar.read()) ?? today;
  const briefing = composeBriefing(store.briefingRecords(patient.id, on, request.all), {
    on,
    at: request.at,
    all: request.all,
    sensitive: request.sensitive,
    ownLanguage: ctx.settings.read().language,
  });
  const shown = isScreen && on === today ? { noteIds: lifeOf(briefing), on } : undefined;
  const record = (): boolean => store.log.opened('brief', patient.id, shown);
  await recordWhile(show(briefing, request, ctx), record, ctx);
  return 'ok';
}

function readGlance(raw: RawInput): BriefRequest['glance'] {
  const text = raw.option('glance');
  return text === undefined ? undefined : (readSeconds(text) ?? 'off');
}

export const brief = defineCommand<BriefRequest>({
  path: 'brief',
  summary: 'what to know before the visit, on one screen',
  group: 'Every day',
  arguments: [{ name: 'patient', help: 'name, handle or ref', optional: true, variadic: true }],
  options: [
    { flags: '--on <date>', help: 'as of that day' },
    { flags: '--at <time>', help: 'time of the visit, HH:MM' },
    { flags: '--why', help: 'the reason beside each line' },
    { flags: '--all', help: 'everything, what is held back too' },
    { flags: '--sensitive', help: 'show sensitive notes' },
    { flags: '--glance <seconds>', help: 'on a screen of its own, gone at a key or after so long; 0 not so' },
    { flags: '--force', help: 'even into a pipe or a file' },
  ],
  examples: [
    'rapport brief malu',
    'rapport brief mar raz --why',
    'rapport brief walt --glance 20',
    'rapport brief walt --json',
  ],
  parse: (raw) => ({
    words: raw.words('patient'),
    on: askedDay(raw, 'on', 'nearest'),
    at: timeOption(raw, 'at'),
    why: raw.flag('why'),
    all: raw.flag('all'),
    sensitive: raw.flag('sensitive'),
    force: raw.flag('force'),
    glance: readGlance(raw),
  }),
  run: runBrief,
});
