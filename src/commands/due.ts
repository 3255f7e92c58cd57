/** `rapport due`: what was promised and is due, every morning. */
import type { CivilDate } from '../dates/civil.ts';
import { type DueList, howManyDue, lastDueListed, listDue } from '../domain/due.ts';
import type { Commitment, Patient, Person } from '../domain/records.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import { type DueNames, dueDocument, dueLine, renderDue } from '../terminal/due.ts';
import type { Store, World } from '../world.ts';
import { defineCommand, type RawInput } from './command.ts';
import { dayOption } from './day-options.ts';
import { draftLines } from './drafts.ts';
import { findPatient } from './finding.ts';
import { recordList } from './looks.ts';

interface DueRequest {
  readonly on: CivilDate | undefined;
  readonly days: number;
  readonly patient: string | undefined;
  readonly all: boolean;
  readonly check: boolean;
  readonly line: boolean;
  readonly namesOnly: boolean;
}

type DueNeeds = Pick<World, 'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals'>;

const farthestDays = 3660;

export interface DueScope {
  readonly on: CivilDate;
  readonly days?: number;
  readonly all?: boolean;
  readonly patientId?: string | undefined;
}

/** Gathers what the list of a day is made of, and makes it. */
export function gatherDue(store: Store, { on, days = 0, all = false, patientId }: DueScope): DueList {
  const calendar = store.calendar.read();
  const options = { on, days, all };
  const dueUntil = lastDueListed(options, calendar);
  const commitments = store.commitments.matching({
    status: ['open'],
    ...(!all && { owners: ['me', 'staff'] as const }),
    ...(patientId !== undefined && { patientId }),
    ...(dueUntil !== undefined && { dueUntil }),
  });
  const patientIds = [...new Set(commitments.map(({ patient_id }) => patient_id))];
  return listDue(
    { commitments, nextContacts: store.contacts.nextPlanned(patientIds, on), calendar },
    options,
  );
}

const found = <R extends { readonly id: string }>(
  ids: readonly (string | null)[],
  byId: (id: string) => R | undefined,
): ReadonlyMap<string, R> =>
  new Map(
    [...new Set(ids)].flatMap((id) => {
      const record = id === null ? undefined : byId(id);
      return record === undefined ? [] : [[record.id, record] as const];
    }),
  );

function namesOf(list: DueList, store: Store): DueNames {
  const commitments: readonly Commitment[] = list.items.map(({ commitment }) => commitment);
  return {
    patients: found<Patient>(
      commitments.map(({ patient_id }) => patient_id),
      (id) => store.patients.byId(id),
    ),
    people: found<Person>(
      commitments.map(({ for_person }) => for_person),
      (id) => store.people.byId(id),
    ),
  };
}

const exitOf = (list: DueList, check: boolean): ExitName => (check && howManyDue(list) > 0 ? 'due' : 'ok');

/** For a shell's prompt: never asks, names nobody, and a locked vault is no error. */
async function runLine(request: DueRequest, needs: DueNeeds): Promise<ExitName> {
  let store: Store;
  try {
    store = await needs.openStore({ ask: false });
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 'locked') throw error;
    needs.output.print('locked');
    return 'ok';
  }
  const list = gatherDue(store, { on: request.on ?? needs.clock.today() });
  needs.output.print(dueLine(list));
  return exitOf(list, request.check);
}

async function runDue(request: DueRequest, needs: DueNeeds): Promise<ExitName> {
  if (request.line) return runLine(request, needs);
  const { output, clock, globals } = needs;
  const store = await needs.openStore();
  const patient = request.patient === undefined ? undefined : await findPatient([request.patient], needs);
  const today = clock.today();
  const on = request.on ?? today;
  const list = gatherDue(store, { on, days: request.days, all: request.all, patientId: patient?.id });
  const names = namesOf(list, store);
  if (globals.json) output.json(dueDocument(list, clock.zone, names));
  else {
    const { columns, style } = output;
    const text = renderDue({
      ...names,
      list,
      zone: clock.zone,
      columns,
      style,
      namesOnly: request.namesOnly,
    });
    await output.page([text, ...draftLines(store, today)].join('\n'));
  }
  recordList('due', list.items.length, store, needs);
  return exitOf(list, request.check);
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
    { flags: '--names-only', help: 'without the texts' },
  ],
  examples: ['rapport due', 'rapport due --days 7', 'rapport due --patient malu --all', 'rapport due --line'],
  access: 'unlocked',
  parse: (raw) => {
    const request = {
      on: dayOption(raw, 'on', 'nearest'),
      days: readDays(raw),
      patient: raw.option('patient'),
      all: raw.flag('all'),
      check: raw.flag('check'),
      line: raw.flag('line'),
      namesOnly: raw.flag('names-only'),
    };
    const spoiling = ['days', 'patient', 'all', 'names-only'].find(
      (name) => raw.flag(name) || raw.option(name) !== undefined,
    );
    if (request.line && spoiling !== undefined) throw usage(`--line and --${spoiling} don't go together`);
    return request;
  },
  run: runDue,
});
