/** `rapport due`: what was promised and is due, every morning; and `rapport` alone, the day at a glance. */
import { type Ctx, command, type Outcome, opened } from '../cli/command.ts';
import { dayOrToday, flag, numeric } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { type CivilDate, daysBetween, fullDate, shortDate } from '../dates/civil.ts';
import {
  type DueList,
  howManyDue,
  isPromise,
  lastDueListed,
  listDue,
  type OutreachOptions,
  timeToReachOut,
} from '../domain/due-list.ts';
import { worldOf } from '../domain/losses.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Contact, Patient } from '../domain/records.ts';
import { groupBy, pick, present, printable, wrapToWidth } from '../domain/text.ts';
import { Failure, shellQuoted } from '../errors.ts';

import { type DueNames, dueDocument, dueLine, patientIdOf, renderDue } from '../terminal/due-view.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import { draftLines } from './drafts.ts';
import { nextFrom, onePatient, plannedVisits, turningFacts } from './lookup.ts';
import { screens } from './sight.ts';

function backupReminder(store: Store, { settings, clock }: Ctx<unknown>): string | undefined {
  const { backupRemindDays: longest } = settings.read();
  if (longest === undefined) return undefined;
  const last = store.backups.last();
  if (last === undefined) return 'No backup was made yet. rapport backup';
  // By the real clock, whatever fixes the domain's dates.
  const today = clock.local(clock.instant()).date;
  const { date } = clock.local(last);
  const days = daysBetween(date, today);
  const made = `The last backup is ${days} days old, of ${shortDate(date, today)}. rapport backup`;
  return days > longest ? made : undefined;
}

const nothing: Outcome = { text: undefined };

/** A locked vault is no error in a shell's prompt or start-up file; in a prompt, neither is one that is missing. */
function unopened(failure: Failure, isLine: boolean): Outcome {
  const { exit } = failure;
  if (exit === 'locked')
    return isLine ? { text: 'locked' } : { json: { locked: true }, text: 'locked: rapport due' };
  if (isLine && exit === 'busy') return { text: 'busy', exit };
  if (isLine && exit === 'not-found') return nothing;
  throw failure;
}

export const due = command({
  options: {
    on: dayOrToday('nearest', 'as of that day'),
    days: numeric(
      { usual: 0, from: 0, to: 3660 },
      ['a number of days', 'use --days 14'],
      'what falls due in the days ahead, too',
    ),
    patient: onePatient('of one patient'),
    all: flag('everything ahead, undated, and what patients themselves undertook'),
    check: flag('exit with 10 when anything is due'),
    line: flag('counts without names, for a shell prompt; never asks'),
    daily: flag("once a day, for a shell's start-up file; never asks"),
    sensitive: flag('with the texts of private promises'),
    namesOnly: flag('without the texts'),
  },
  apart: {
    line: ['days', 'patient', 'all', 'daily', 'namesOnly', 'sensitive'],
    daily: ['line', 'on', 'patient', 'check'],
    sensitive: ['namesOnly'],
  },
  vault: (has) => (has('line') || has('daily') ? 'at once' : 'open'),
  examples: ['', '--days 7', '--patient malu --all', '--line', '--daily --names-only'],
  run({ on, days, patient, all, check, line, daily, sensitive, namesOnly }, ctx): Outcome {
    const { store, clock, settings, output } = ctx;
    const today = clock.today();
    const isOver = daily && ctx.daily.last() === today;
    if (store instanceof Failure) return isOver && store.exit === 'locked' ? nothing : unopened(store, line);
    if (isOver) return nothing;
    const quietDays = settings.read().dueQuietDays;
    const screen = screens({ store, settings }, sensitive);
    const gather = () => gatherDue(store, { on, days, all, patientId: patient?.id, quietDays, screen });
    const exitOf = (list: DueList) => (check && howManyDue(list) > 0 ? 'due' : 'ok');
    if (line) {
      const list = gather();
      return { text: dueLine(list), exit: exitOf(list) };
    }
    const { list, names, drafts } = store.reading(() => {
      const list = gather();
      return { list, names: namesOf(list, store), drafts: draftLines(store, today) };
    });
    const { zone } = clock;
    const reminder = backupReminder(store, ctx);
    const step = all ? 'rapport commit NAME' : 'rapport due --days 14, or --all';
    if (daily) ctx.daily.set(today);
    return {
      json: () => dueDocument({ ...names, list, zone, namesOnly }),
      text: async () => [await renderDue({ ...names, list, zone, namesOnly }, output), ...drafts].join('\n'),
      ...(!daily && { paged: true, looked: { count: list.items.length } }),
      notices: present(list.items.length === 0 && !daily && nextFrom(store, step), reminder),
      exit: exitOf(list),
    };
  },
});

interface DueScope {
  readonly on: CivilDate;
  readonly days?: number;
  readonly all?: boolean;
  readonly patientId?: string | undefined;
  readonly quietDays: number | undefined;
  readonly screen: ReturnType<typeof screens>;
}

function gatherOutreach(store: Store, { patientId, screen }: DueScope, options: OutreachOptions) {
  return store.notes.reachingOut(patientId).flatMap((note) => {
    if (timeToReachOut(note, options) === undefined) return [];
    const patient = store.patients.byId(note.patient_id);
    const shown = patient && screen(patient).milestoneInDue(note);
    if (patient === undefined || shown === undefined) return [];
    const facts = turningFacts(store, patient);
    const contacts = store.contacts.of(patient.id);
    return [{ note, shown, ...facts, contacts: screen(patient).records({ ...facts, contacts }).contacts }];
  });
}

function gatherQuiet(store: Store, { on, patientId, quietDays }: DueScope) {
  const active = store.patients.all({
    status: ['active'],
    ...(quietDays === undefined && { inTouch: true }),
  });
  const inTouch = active.filter(({ id }) => patientId === undefined || id === patientId);
  const ids = inTouch.map(({ id }) => id);
  return { inTouch, lastHeld: store.contacts.lastHeld(ids, on) };
}

export function gatherDue(store: Store, scope: DueScope): DueList {
  const { on, days = 0, all = false, patientId, quietDays } = scope;
  const calendar = store.calendar.read();
  const options = { on, days, all, quietDays };
  const dueUntil = lastDueListed(options, calendar);
  const wanted = {
    status: ['open'] as const,
    ...(!all && { owners: ['me', 'staff'] as const }),
    ...(patientId !== undefined && { patientId }),
  };
  const promised =
    dueUntil === undefined
      ? store.commitments.matching(wanted)
      : [
          ...store.commitments.matching({ ...wanted, dueUntil }),
          ...store.commitments.matching({ ...wanted, unread: true }),
        ];
  const whose = store.patients.byIds(new Set(promised.map(({ patient_id }) => patient_id)), screened);
  const commitments = promised.flatMap((one) => {
    const patient = whose.get(one.patient_id);
    return patient === undefined ? [] : [scope.screen(patient).promiseInDue(one)];
  });
  const undatedBesides =
    dueUntil === undefined ? 0 : store.commitments.count({ ...wanted, undated: true, unread: false });
  const outreach = gatherOutreach(store, scope, { on, days, calendar });
  const quiet = gatherQuiet(store, scope);
  const patientIds = new Set([
    ...commitments.map(({ patient_id }) => patient_id),
    ...quiet.inTouch.map(({ id }) => id),
  ]);
  const nextContacts = store.contacts.nextPlanned([...patientIds], on);
  return listDue({ commitments, undatedBesides, nextContacts, calendar, outreach, ...quiet }, options);
}

/** What decides how a patient's records are shown. */
const screened = ['name', 'goes_by', 'handle', 'aliases', 'former_names', 'quiet'] as const;
const named = ['ref', 'name', 'goes_by', 'handle', 'status', 'died_on'] as const;

/** Of promises that were made before somebody died or was lost. */
function marksOf({ items, on }: DueList, store: Store): DueNames['marks'] {
  const promises = groupBy(items.filter(isPromise), ({ commitment }) => [commitment.patient_id]);
  const turned = [...store.notes.turned([...promises.keys()])].flatMap((id) => store.patients.byId(id) ?? []);
  return new Map(
    turned.flatMap((patient) => {
      const world = worldOf(turningFacts(store, patient), on);
      return (promises.get(patient.id) ?? []).flatMap(({ commitment }) => {
        const mark = world.markOfPromise(commitment);
        return mark === undefined ? [] : [[commitment.id, mark] as const];
      });
    }),
  );
}

function namesOf(list: DueList, store: Store): DueNames {
  const people = list.items.flatMap((item) => (isPromise(item) ? (item.commitment.for_person ?? []) : []));
  return {
    patients: store.patients.byIds(new Set(list.items.map((item) => patientIdOf(item))), named),
    people: people.length === 0 ? new Map() : store.people.byIds(new Set(people), ['name', 'relation']),
    marks: marksOf(list, store),
  };
}

const welcome = (folder: string): Outcome => ({
  json: { vault: null },
  text: [
    'What your patients told you, and what you promised them, in an encrypted vault.',
    'A memory aid, not the medical record.',
    '',
    `There is no vault in ${printable(folder)} yet.`,
    '  rapport demo      try it first, with fictional patients',
    '  rapport init      make your own vault',
    '  rapport --help    all commands',
  ].join('\n'),
});

const visitColumns: readonly Column<{ readonly visit: Contact; readonly patient: Patient }>[] = [
  { cell: ({ visit }) => visit.at ?? '     ' },
  { fit: 'cut', cell: ({ patient }) => displayName(patient) },
  { fit: 'wrap', cell: ({ patient }) => `rapport brief ${shellQuoted(patient.handle)}`, tone: 'quiet' },
];

function dayAtAGlance(ctx: Ctx): Outcome {
  const { store, clock, settings, vault, output } = ctx;
  const today = clock.today();
  const { dueQuietDays: quietDays } = settings.read();
  const list = gatherDue(store, { on: today, quietDays, screen: screens(ctx) });
  const visits = plannedVisits(store, today);
  const isNothingDue = howManyDue(list) === 0;
  return {
    json: () => ({
      vault: vault.folder,
      locked: false,
      on: today,
      time_zone: clock.zone,
      due: list.counts,
      visits: visits.map(({ visit, patient }) => ({
        at: visit.at,
        patient: pick(patient, 'id', 'ref', 'name', 'handle'),
      })),
      drafts: store.drafts.all().length,
    }),
    text: async () => {
      const { style, columns } = output;
      const due = wrapToWidth(`Due: ${dueLine(list)}. rapport due`, columns);
      return [
        `${style.title(fullDate(today))}, ${clock.zone}, unlocked`,
        '',
        ...(isNothingDue ? ['Nothing due'] : due),
        visits.length === 0 ? 'No visits planned today' : style.heading('VISITS TODAY'),
        ...(await listLines(visits, visitColumns, output, { indent: 1 })),
        ...draftLines(store, today),
      ].join('\n');
    },
    notices: present(
      isNothingDue && visits.length === 0 && nextFrom(store, 'rapport due --days 14, or rapport commit NAME'),
    ),
    looked: { count: visits.length },
  };
}

export const glance = command({
  vault: 'at hand',
  examples: [''],
  run(_, ctx): Outcome {
    const { vault, store } = ctx;
    if (!(store instanceof Failure)) return dayAtAGlance(opened(ctx));
    if (!vault.exists()) return welcome(vault.folder);
    if (store.exit !== 'locked') throw store;
    return {
      json: { vault: vault.folder, locked: true },
      text: 'Locked. rapport due asks for the passphrase and shows what is due.',
    };
  },
});
