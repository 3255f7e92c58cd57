/** `rapport day`: the clinic day by time, or several. `--schedule` shows one as it would be after importing a calendar. */
import { type Ctx, command, type Kind, type Outcome, warning } from '../cli/command.ts';
import { dayOrToday, flag, numeric, word } from '../cli/kinds.ts';
import { addDays, type CivilDate } from '../dates/civil.ts';
import { closedTest } from '../dates/work-calendar.ts';
import { composeBriefing } from '../domain/briefing/composition.ts';
import { composeDay, contactsAfter, unmatchedOn } from '../domain/clinic-day.ts';
import { byTime } from '../domain/contact-plan.ts';
import { type DueItem, isPromise } from '../domain/due-list.ts';
import type { EventRule } from '../domain/event-rules.ts';
import { issueLine } from '../domain/import-issues.ts';
import { planImport } from '../domain/import-plan.ts';
import type { GivenPatient } from '../domain/interchange.ts';
import { type Contact, isOfEvent } from '../domain/records.ts';
import { present } from '../domain/text.ts';
import { peekChunks } from '../formats/bytes.ts';
import { formats } from '../formats/registry.ts';
import { briefingDocument, renderBriefing } from '../terminal/briefing-view.ts';
import { renderDays, visitDocument } from '../terminal/day-view.ts';
import { refuseLeak } from './brief.ts';
import { draftLines } from './drafts.ts';
import { gatherDue } from './due.ts';
import { heldBy } from './import.ts';
import { calendarOptions, eventRules, settleIncoming } from './import-source.ts';
import { nextFrom, patientsOf } from './lookup.ts';
import { screens } from './sight.ts';

const largestSchedule = 50 * 1024 * 1024;

/** @param source '-' is standard input. @throws usage for a file of another format, not-found */
async function planDay(
  source: string,
  on: CivilDate,
  match: readonly EventRule[],
  { store, clock, settings, files }: Ctx,
) {
  const arriving = (await files()).readChunks(source, largestSchedule);
  // Events of other days are read as well: one may have been moved away from this day.
  const request = { match, since: undefined, until: undefined };
  const read = await peekChunks(arriving, (head, chunks) => {
    settleIncoming(head, undefined, 'ics');
    const options = calendarOptions(request, { clock, settings }, { from: on, until: on });
    return formats.ics.read(chunks, options);
  });
  const uids = store.contacts.on(on).flatMap((contact) => contact.uid ?? []);
  const concerns = ({ contacts, pointer }: GivenPatient): boolean => {
    const uid = pointer?.event?.uid;
    return (
      contacts.some(({ fields }) => fields.on === on) ||
      (uid != null && uids.some((known) => isOfEvent(known, uid)))
    );
  };
  const document = { ...read, patients: read.patients.filter(concerns) };
  const held = heldBy(store, await store.erasing());
  const plan = planImport(document, held, { today: clock.today(), skipBad: true });
  return { plan, unmatched: unmatchedOn(on, document, plan), skipped: document.faults };
}

function gatherDay(
  on: CivilDate,
  sensitive: boolean,
  schedule: Awaited<ReturnType<typeof planDay>> | undefined,
  ctx: Ctx,
) {
  const { store, clock, settings } = ctx;
  const today = clock.today();
  const plans = schedule?.plan.patients ?? [];
  const after = (contacts: readonly Contact[], patients = plans): readonly Contact[] =>
    contactsAfter({ patients }, contacts, (id) => store.contacts.byId(id));
  const ofDay = byTime(after(store.contacts.on(on)).filter((contact) => contact.on === on));
  const patients = patientsOf(ofDay, store);
  const screen = screens(ctx, sensitive);
  const contacts = ofDay.flatMap((contact) => {
    const patient = patients.get(contact.patient_id);
    return (patient && screen(patient).contact(contact)) ?? [];
  });
  const { language: ownLanguage, privateCounts } = settings.read();
  const options = { on, all: false, sensitive, ownLanguage, privateCounts };
  const briefings = new Map(
    [...patients.keys()].map((id) => {
      const records = store.briefingRecords(id, on);
      const own = plans.filter(({ known }) => known?.id === id);
      return [id, composeBriefing({ ...records, contacts: after(records.contacts, own) }, options)];
    }),
  );
  const all = gatherDue(store, { on, today, quietDays: undefined, screen });
  const isCounted = (item: DueItem): boolean => {
    const patient = isPromise(item) ? patients.get(item.commitment.patient_id) : undefined;
    return isPromise(item) && patient !== undefined && screen(patient).isThere(item.commitment);
  };
  const due = { ...all, items: all.items.filter(isCounted) };
  const writeUps = store.drafts.all().filter((draft) => draft.task === 'commit' && draft.on === on);
  const drafts = new Set(writeUps.map(({ patient_id }) => patient_id));
  const visits = composeDay({ contacts, patients, briefings, due, drafts }, { on, today, now: clock.time() });
  const seen = new Set(visits.map(({ patient }) => patient.id));
  return { visits, briefings: new Map([...briefings].filter(([id]) => seen.has(id))) };
}

/** Or '-' for standard input. A file that can't be read is told before anybody is asked for a key. */
const schedule: Kind<string | undefined> = {
  ...word('<file>', 'the day as an .ics calendar has it, nothing of it stored; - reads standard input'),
  async check(raw, { files }) {
    if (typeof raw !== 'string' || raw === '-') return;
    for await (const _ of (await files()).readChunks(raw, largestSchedule)) return;
  },
};

export const day = command({
  options: {
    on: dayOrToday('nearest', 'another day'),
    days: numeric(
      { usual: 1, from: 1, to: 31 },
      ['a number of days up to 31', 'use --days 5'],
      'so many days, from that one on',
    ),
    schedule,
    match: eventRules(
      'with --schedule: where an event names its patient, as for import; else as config ics.match says',
    ),
    full: flag('every briefing below'),
    sensitive: flag('with --full: private notes as well'),
    force: flag('with --full: even into a pipe or a file'),
  },
  apart: { schedule: ['days'] },
  needs: { match: 'schedule', sensitive: 'full', force: 'full' },
  refuse: (has, ctx) => (has('full') ? refuseLeak(has('force'), ctx) : undefined),
  examples: ['', '--on tomorrow', '--days 5', '--schedule clinic.ics', '--full'],
  async run({ on, days: length, schedule: source, match, full, sensitive }, ctx): Promise<Outcome> {
    const { store, clock, output } = ctx;
    const { zone } = clock;
    const schedule = source === undefined ? undefined : await planDay(source, on, match, ctx);
    const isClosed = closedTest(store.calendar.read());
    const dayOf = (date: CivilDate) => ({
      on: date,
      isClosed: isClosed(date),
      ...gatherDay(date, sensitive, schedule, ctx),
    });
    const later = Array.from({ length: length - 1 }, (_, at) => dayOf(addDays(on, at + 1)));
    const days = [dayOf(on), ...later] as const;
    const visits = days.flatMap((one) => one.visits);
    const briefings = full ? days.flatMap((one) => [...one.briefings]) : [];
    return {
      json: () => ({
        on,
        until: addDays(on, length - 1),
        time_zone: zone,
        visits: days.flatMap((one) =>
          one.visits.map((visit) => {
            const briefing = full ? one.briefings.get(visit.patient.id) : undefined;
            return { ...visitDocument(visit), ...(briefing && { briefing: briefingDocument(briefing) }) };
          }),
        ),
        drafts: store.drafts.all().length,
        ...(schedule && {
          unmatched: schedule.unmatched,
          skipped: schedule.skipped.map(({ path, what }) => ({ path, what })),
        }),
      }),
      text: async () => {
        const unmatched = schedule?.unmatched ?? [];
        const list = await renderDays({ days, unmatched, zone }, output);
        return [
          [list, ...draftLines(store, clock.today())].join('\n'),
          ...briefings.map(([, briefing]) => renderBriefing(briefing, false, output)),
        ].join('\n\n');
      },
      paged: true,
      looked: [
        { count: visits.length },
        // What the ranking chose counts as shown only where `brief` shows it.
        ...briefings.map(([patientId]) => ({ verb: 'brief', patientId })),
      ],
      notices: present(
        ...(schedule?.skipped ?? []).map((line) => warning(`skipped: ${issueLine(line)}`)),
        visits.length === 0 && nextFrom(store, 'rapport contact NAME --planned --at HH:MM'),
      ),
    };
  },
});
