/** `rapport day`: the clinic day by time. `--schedule` shows it as it would be after importing a calendar. */

import type { Context, Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import type { Briefing } from '../domain/briefing/briefing.ts';
import { composeBriefing } from '../domain/briefing/composition.ts';
import {
  composeDay,
  contactsAfter,
  type DayVisit,
  inOrderOfTime,
  type UnmatchedEvent,
  unmatchedOn,
} from '../domain/clinic-day.ts';
import { readEventRules } from '../domain/event-rules.ts';
import { type ImportIssue, issueLine } from '../domain/import-issues.ts';
import { planImport } from '../domain/import-plan.ts';
import { type GivenPatient, type ImportPlan, isOfEvent } from '../domain/interchange.ts';
import type { Contact, Patient } from '../domain/records.ts';
import { type ExitName, usage } from '../errors.ts';
import { allBytes, peekChunks } from '../formats/bytes.ts';
import { briefingDocument, renderBriefing } from '../terminal/briefing-view.ts';
import { renderDay, visitDocument } from '../terminal/day-view.ts';
import { recordList, refuseLeak } from './access-log.ts';
import { defineCommand } from './command.ts';
import { draftLines } from './drafts.ts';
import { gatherDue } from './due-records.ts';
import { readCalendar, settleIncoming } from './import-source.ts';
import { heldBy } from './import-store.ts';
import { suggestNextFrom } from './lookup.ts';
import { type AskedDay, askedDay } from './options.ts';

interface DayRequest {
  readonly on: AskedDay | undefined;
  readonly full: boolean;
  readonly sensitive: boolean;
  readonly force: boolean;
  /** '-' is standard input. */
  readonly schedule: string | undefined;
  readonly match: readonly string[];
}

interface Day {
  readonly on: CivilDate;
  readonly visits: readonly DayVisit[];
  readonly briefings: ReadonlyMap<string, Briefing>;
  readonly schedule: DaySchedule | undefined;
}

function gatherDay(
  store: Store,
  request: DayRequest,
  { on, schedule }: Pick<Day, 'on' | 'schedule'>,
  { clock, settings }: Context,
): Day {
  const today = clock.today();
  const after = (
    contacts: readonly Contact[],
    patients = schedule?.plan.patients ?? [],
  ): readonly Contact[] =>
    schedule === undefined
      ? contacts
      : contactsAfter({ patients }, contacts, (id) => store.contacts.byId(id));
  const contacts = inOrderOfTime(after(store.contacts.on(on)).filter((contact) => contact.on === on));
  const ids = [...new Set(contacts.map(({ patient_id }) => patient_id))];
  const patients = new Map(
    ids.flatMap((id): readonly (readonly [string, Patient])[] => {
      const patient = store.patients.byId(id);
      return patient === undefined ? [] : [[id, patient]];
    }),
  );
  const options = { on, all: false, sensitive: request.sensitive, ownLanguage: settings.read().language };
  const briefings = new Map(
    [...patients.keys()].map((id) => {
      const records = store.briefingRecords(id, on);
      const plans = schedule?.plan.patients.filter(({ known }) => known?.id === id);
      return [id, composeBriefing({ ...records, contacts: after(records.contacts, plans) }, options)];
    }),
  );
  const due = gatherDue(store, { on, quietDays: undefined });
  const writeUps = store.drafts.all().filter((draft) => draft.task === 'commit' && draft.on === on);
  const drafts = new Set(writeUps.map(({ patient_id }) => patient_id));
  const visits = composeDay({ contacts, patients, briefings, due, drafts }, { on, today, now: clock.time() });
  const seen = new Set(visits.map(({ patient }) => patient.id));
  return { on, visits, briefings: new Map([...briefings].filter(([id]) => seen.has(id))), schedule };
}

const documentOf = (
  { on, visits, briefings, schedule }: Day,
  isFull: boolean,
  drafts: number,
  zone: string,
) => ({
  schema: 'rapport.day/1',
  on,
  time_zone: zone,
  visits: visits.map((visit) => {
    const briefing = isFull ? briefings.get(visit.patient.id) : undefined;
    return { ...visitDocument(visit), ...(briefing && { briefing: briefingDocument(briefing) }) };
  }),
  drafts,
  ...(schedule && { unmatched: schedule.unmatched, skipped: schedule.skipped }),
});

/** A row in the log for each briefing. What the ranking chose counts as shown only where `brief` shows it. */
function recordBriefings({ briefings }: Day, store: Store, { notices }: Context): void {
  const areWritten = [...briefings.keys()].map((id) => store.log.opened('brief', id));
  if (areWritten.includes(false)) notices.warn('rapport: this look could not be written to the log');
}

async function runDay(request: DayRequest, ctx: Context): Promise<ExitName> {
  const { output, clock, globals } = ctx;
  if (request.full) refuseLeak(request.force, ctx);
  // The passphrase is standard input's first line.
  if (globals.passphraseStdin && request.schedule === '-') await ctx.openStore();
  const bytes = request.schedule === undefined ? undefined : await readScheduleFile(request.schedule, ctx);
  const store = await ctx.openStore();
  const on = request.on?.(store.calendar.read()) ?? clock.today();
  const schedule = bytes && (await planDay(bytes, on, request.match, store, ctx));
  for (const line of schedule?.skipped ?? []) ctx.notices.warn(`skipped: ${issueLine(line)}`);
  const day = gatherDay(store, request, { on, schedule }, ctx);
  const { style, columns } = output;
  if (globals.json) output.json(documentOf(day, request.full, store.drafts.all().length, clock.zone));
  else {
    const briefings = request.full
      ? [...day.briefings.values()].map((briefing) =>
          renderBriefing(briefing, { style, columns, why: false }),
        )
      : [];
    const unmatched = schedule?.unmatched ?? [];
    const list = renderDay({ ...day, unmatched, zone: clock.zone, columns, style });
    const text = [list, ...draftLines(store, clock.today())].join('\n');
    await output.page([text, ...briefings].join('\n\n'));
  }
  if (day.visits.length === 0) suggestNextFrom(store, 'rapport contact NAME --planned --at HH:MM', ctx);
  recordList('day', day.visits.length, store, ctx);
  if (request.full) recordBriefings(day, store, ctx);
  return 'ok';
}

export const day = defineCommand<DayRequest>({
  path: 'day',
  summary: "the day's visits, with what must not be missed",
  group: 'Every day',
  options: [
    { flags: '--on <date>', help: 'another day' },
    {
      flags: '--schedule <file>',
      help: 'the day as an .ics calendar has it, nothing of it stored; - reads standard input',
    },
    {
      flags: '--match <rule>',
      help: 'with --schedule: where an event names its patient, as for import; else as config ics.match says',
      repeat: true,
    },
    { flags: '--full', help: 'every briefing below' },
    { flags: '--sensitive', help: 'with --full: sensitive notes as well' },
    { flags: '--force', help: 'with --full: even into a pipe or a file' },
  ],
  examples: [
    'rapport day',
    'rapport day --on tomorrow',
    'rapport day --schedule clinic.ics',
    'rapport day --full',
  ],
  parse: (raw) => {
    const full = raw.flag('full');
    for (const name of ['sensitive', 'force'])
      if (raw.flag(name) && !full) throw usage(`--${name} is for --full`);
    const match = raw.options('match');
    const schedule = raw.option('schedule');
    readEventRules(match);
    if (match.length > 0 && schedule === undefined) throw usage('--match is for --schedule');
    return {
      schedule,
      match,
      on: askedDay(raw, 'on', 'nearest'),
      full,
      sensitive: raw.flag('sensitive'),
      force: raw.flag('force'),
    };
  },
  run: runDay,
});

interface DaySchedule {
  readonly plan: ImportPlan;
  readonly unmatched: readonly UnmatchedEvent[];
  readonly skipped: readonly ImportIssue[];
}

const largestSchedule = 50 * 1024 * 1024;

/** @throws usage for a file of another format, not-found */
async function readScheduleFile(
  source: string,
  { stdin, files }: Pick<Context, 'stdin' | 'files'>,
): Promise<Uint8Array> {
  const arriving =
    source === '-' ? stdin.readChunks(largestSchedule) : files.readChunks(source, largestSchedule);
  return peekChunks(arriving, (head, chunks) => {
    settleIncoming(head, undefined, 'ics');
    return allBytes(chunks);
  });
}

async function planDay(
  bytes: Uint8Array,
  on: CivilDate,
  match: readonly string[],
  store: Store,
  ctx: Context,
): Promise<DaySchedule> {
  // Events of other days are read as well: one may have been moved away from this day.
  const request = { match, since: undefined, until: undefined, encoding: undefined };
  const read = await readCalendar(bytes, request, ctx, { from: on, until: on });
  const uids = store.contacts.on(on).flatMap((contact) => contact.uid ?? []);
  const concerns = ({ contacts, pointer }: GivenPatient): boolean => {
    const uid = pointer?.event?.uid;
    return (
      contacts.some(({ fields }) => fields.on === on) ||
      (uid != null && uids.some((known) => isOfEvent(known, uid)))
    );
  };
  const document = { ...read, patients: read.patients.filter(concerns) };
  const plan = planImport(document, heldBy(store), { today: ctx.clock.today(), skipBad: true });
  return { plan, unmatched: unmatchedOn(on, document, plan), skipped: document.faults };
}
