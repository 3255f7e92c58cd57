/** `rapport due`: what was promised and is due, every morning. */
import { type Ctx, command, type Given, type Outcome } from '../cli/command.ts';
import { dayOrToday, flag, numeric, oneOf } from '../cli/kinds.ts';
import type { Store } from '../context.ts';
import { addDays, type CivilDate, daysBetween, shortDate } from '../dates/civil.ts';
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
import { lastAttempt } from '../domain/note-rules.ts';
import type { Contact, Person } from '../domain/records.ts';
import { groupBy, present } from '../domain/text.ts';
import { Failure } from '../errors.ts';
import { type DueNames, type DueView, dueLine, patientIdOf, renderDue } from '../terminal/due-view.ts';
import { draftLines } from './drafts.ts';
import { nextFrom, onePatient, turningFacts } from './lookup.ts';
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

const options = {
  on: dayOrToday('nearest', 'as of that day'),
  days: numeric(
    { usual: 0, from: 0, to: 3660 },
    ['a number of days', 'use --days 14'],
    'what falls due in the days ahead, too',
  ),
  patient: onePatient('the same as the name alone'),
  by: oneOf(['patient'], '<what>', 'patient by patient: one call instead of three'),
  all: flag('everything ahead, undated, and what patients themselves undertook'),
  check: flag('exit with 10 when a promise is due'),
  line: flag('counts without names, for a shell prompt; never asks'),
  daily: flag("once a day, for a shell's start-up file; never asks"),
  sensitive: flag('with the texts of private promises'),
  namesOnly: flag('without the texts'),
};

export const due = command({
  arguments: {
    name: { ...onePatient('of this patient alone'), optional: true, variadic: true, takes: 'patient' },
  },
  options,
  apart: {
    name: ['patient', 'line', 'daily'],
    line: ['days', 'patient', 'by', 'all', 'daily', 'namesOnly', 'sensitive'],
    daily: ['line', 'on', 'patient', 'check'],
    sensitive: ['namesOnly'],
  },
  vault: (has) => (has('line') || has('daily') ? 'at once' : 'open'),
  examples: ['', 'malu', '--by patient', '--days 7', 'malu --all', '--line', '--daily --names-only'],
  run(given, ctx): Outcome {
    const { name, patient = name, by, all, check, line, daily, sensitive, namesOnly } = given;
    const { store, clock, settings, output } = ctx;
    const today = clock.today();
    const isOver = daily && ctx.daily().read() === today;
    if (store instanceof Failure) return isOver && store.exit === 'locked' ? nothing : unopened(store, line);
    if (isOver) return nothing;
    const quietDays = settings.read().dueQuietDays;
    const screen = screens({ store, settings }, sensitive);
    const gather = () => gatherDue(store, { ...given, patient, today, quietDays, screen });
    const exitOf = (list: DueList) => (check && howManyDue(list) > 0 ? 'due' : 'ok');
    if (line) {
      const list = gather();
      return { text: dueLine(list), exit: exitOf(list) };
    }
    const { list, names, drafts } = store.reading(() => {
      const list = gather();
      return {
        list,
        names: namesOf(list, store, screen),
        drafts: draftLines(store, today, patient && store.drafts.of(patient.id)),
      };
    });
    const byPatient = by !== undefined;
    const view: DueView = { ...names, list, zone: clock.zone, today, namesOnly, only: patient, byPatient };
    const reminder = backupReminder(store, ctx);
    const step = all ? 'rapport commit NAME' : 'rapport due --days 14, or --all';
    if (daily) ctx.daily().write(today);
    return {
      json: async () => (await import('../terminal/due-document.ts')).dueDocument(view),
      text: async () => {
        const linesOf = byPatient ? (await import('../terminal/due-document.ts')).patientLines : undefined;
        return [await renderDue(view, output, linesOf), ...drafts].join('\n');
      },
      ...(!daily && {
        paged: true,
        looked: patient === undefined ? { count: list.items.length } : { patientId: patient.id },
      }),
      notices: present(list.items.length === 0 && !daily && nextFrom(store, step), reminder),
      exit: exitOf(list),
    };
  },
});

/** What was asked for, of which others leave out all but the day. */
interface DueScope extends Partial<Given<typeof options>> {
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly quietDays: number | undefined;
  readonly screen: ReturnType<typeof screens>;
}

function gatherOutreach(store: Store, { patient: only, screen }: DueScope, options: OutreachOptions) {
  return store.notes.reachingOut(only?.id).flatMap((note) => {
    if (timeToReachOut(note, options) === undefined) return [];
    const patient = store.patients.byId(note.patient_id);
    const shown = patient && screen(patient).milestoneInDue(note);
    if (patient === undefined || shown === undefined) return [];
    const facts = turningFacts(store, patient);
    const contacts = store.contacts.of(patient.id);
    return [{ note, shown, ...facts, contacts: screen(patient).records({ ...facts, contacts }).contacts }];
  });
}

function gatherQuiet(store: Store, { on, patient, quietDays }: DueScope) {
  const active = store.patients.all(['active'], quietDays === undefined);
  const inTouch = active.filter(({ id }) => patient === undefined || id === patient.id);
  const ids = inTouch.map(({ id }) => id);
  return { inTouch, lastHeld: store.contacts.lastHeld(ids, on) };
}

const writeUpDays = 7;

/** Of the last days before the one asked about, as far as they are over: what is planned there still. */
function gatherStillPlanned(store: Store, { on, today, patient }: DueScope): readonly Contact[] {
  const lastDay = addDays(on < today ? on : today, -1);
  const contacts = store.contacts.on(addDays(on, -writeUpDays), lastDay);
  return contacts.filter(
    ({ state, patient_id }) => state === 'planned' && (patient === undefined || patient_id === patient.id),
  );
}

export function gatherDue(store: Store, scope: DueScope): DueList {
  const calendar = store.calendar.read();
  const asked = { days: 0, all: false, ...scope };
  const { on, days, all, patient } = asked;
  const dueUntil = lastDueListed(asked, calendar);
  const wanted = {
    status: ['open'] as const,
    owners: all ? undefined : (['me', 'staff'] as const),
    patientId: patient?.id,
  };
  const promised =
    dueUntil === undefined
      ? store.commitments.matching(wanted)
      : [
          ...store.commitments.matching({ ...wanted, dueUntil }),
          ...store.commitments.matching({ ...wanted, unread: true }),
        ];
  const planned = gatherStillPlanned(store, scope);
  const concerned = new Set([...promised, ...planned].map(({ patient_id }) => patient_id));
  const whose = store.patients.byIds(concerned, screened);
  const stillPlanned = planned.flatMap((contact) => {
    const patient = whose.get(contact.patient_id);
    return patient === undefined ? [] : [{ contact, patient }];
  });
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
  const facts = { commitments, undatedBesides, nextContacts, calendar, outreach, stillPlanned, ...quiet };
  return listDue(facts, asked);
}

/** What decides whether and how a patient's records are shown. */
const screened = [
  'ref',
  'name',
  'goes_by',
  'handle',
  'aliases',
  'former_names',
  'quiet',
  'status',
  'died_on',
] as const;

/** What a death or a loss says of promises from before it, and holds back of what came of their last attempt. */
function turnsOf({ items, on }: DueList, store: Store): Pick<DueNames, 'marks' | 'untold'> {
  const promises = groupBy(items.filter(isPromise), ({ commitment }) => [commitment.patient_id]);
  const [marks, untold] = [new Map<string, string>(), new Set<string>()];
  for (const id of store.notes.turned([...promises.keys()])) {
    const patient = store.patients.byId(id);
    if (patient === undefined) continue;
    const world = worldOf(turningFacts(store, patient), on);
    for (const { commitment } of promises.get(id) ?? []) {
      const mark = world.markOfPromise(commitment);
      if (mark !== undefined) marks.set(commitment.id, mark);
      const { on: day, note: text = null } = lastAttempt(commitment) ?? { on: null };
      const came = { kind: 'how', person: commitment.for_person, day, confirmed: null } as const;
      if (text !== null && world.holds({ ...came, text }) !== undefined) untold.add(commitment.id);
    }
  }
  return { marks, untold };
}

function namesOf(list: DueList, store: Store, screen: DueScope['screen']): DueNames {
  const people = list.items.flatMap((item) => (isPromise(item) ? (item.commitment.for_person ?? []) : []));
  const around = people.length === 0 ? [] : store.people.byIds(new Set(people));
  const patients = store.patients.byIds(new Set(list.items.map((item) => patientIdOf(item))), screened);
  const renamed = (person: Person): Person => {
    const patient = patients.get(person.patient_id);
    return patient === undefined ? person : screen(patient).renamed(person);
  };
  return {
    patients,
    people: new Map([...around].map(([id, person]) => [id, renamed(person)])),
    ...turnsOf(list, store),
  };
}
