/**
 * Plans an import from a file's document and the vault; the plan that is shown is the one that is applied. An
 * import never deletes a record and never lifts a hold.
 */
import type { CivilDate } from '../dates/civil.ts';
import { ImportIssues } from './import-issues.ts';
import { planPatients } from './import-patients.ts';
import { patchOf, planRecords } from './import-records.ts';
import {
  type Counts,
  type Decision,
  type GivenCalendar,
  type GivenDocument,
  type Held,
  type ImportPlan,
  type PatientPlan,
  plannedTables,
} from './interchange.ts';
import { displayName } from './patient-names.ts';
import type { CalendarRecords } from './records.ts';

export interface PlanOptions {
  readonly today: CivilDate;
  readonly skipBad: boolean;
  readonly decisions?: ReadonlyMap<string, Decision>;
}

/** A closed day is identified by its date, an absence by its first and last day. */
function planCalendar(given: GivenCalendar | undefined, held: CalendarRecords) {
  const names = new Map(held.closed_days.map(({ on, name }) => [on, name]));
  const absences = new Set(held.away.map(({ from, to }) => `${from} ${to}`));
  const { closed_days: days = [], away = [], weekend } = given ?? {};
  const news = days.filter(({ on }) => !names.has(on));
  const renamed = days.filter(
    ({ on, name }) => names.has(on) && name !== undefined && names.get(on) !== name,
  );
  const absent = away.filter(({ from, to }) => !absences.has(`${from} ${to}`));
  const isOther = weekend !== undefined && weekend.toSorted().join() !== held.weekend.toSorted().join();
  const changed = renamed.length + (isOther ? 1 : 0);
  const added = news.length + absent.length;
  const changes = {
    ...(news.length + renamed.length > 0
      ? { closed_days: [...news, ...renamed].map(({ on, name = null }) => ({ on, name })) }
      : {}),
    ...(absent.length > 0
      ? { away: absent.map(({ from, to, reason = null }) => ({ from, to, reason })) }
      : {}),
    ...(isOther ? { weekend } : {}),
  };
  return {
    changes: added + changed > 0 ? changes : undefined,
    added,
    changed,
    same: days.length + away.length - added - renamed.length,
  };
}

function deathNotice(plan: PatientPlan, held: Held): string | undefined {
  if (plan.whole.status !== 'died' || plan.known?.status === 'died') return undefined;
  const isOpen = new Map(
    plan.known === undefined
      ? []
      : held.commitmentsOf(plan.known.id).map(({ id, status }) => [id, status === 'open'] as const),
  );
  for (const { id, patch } of plan.commitments.change)
    if (patch.status !== undefined) isOpen.set(id, patch.status === 'open');
  const open =
    [...isOpen.values()].filter(Boolean).length +
    plan.commitments.add.filter(({ status }) => status === 'open').length;
  if (open === 0) return undefined;
  const promises = open === 1 ? '1 open promise' : `${open} open promises`;
  return `${displayName(plan.whole)} died with ${promises}: rapport patient died ${plan.whole.handle}`;
}

const recordTables = ['people', 'notes', 'commitments', 'contacts'] as const;

function counted(
  plans: readonly PatientPlan[],
  { patients, calendar }: Pick<Counts, 'patients' | 'calendar'>,
  count: (records: PatientPlan[(typeof recordTables)[number]]) => number,
): Counts {
  const total = (table: (typeof recordTables)[number]) =>
    plans.reduce((sum, plan) => sum + count(plan[table]), 0);
  const records = Object.fromEntries(recordTables.map((table) => [table, total(table)]));
  return { patients, ...(records as Omit<Counts, 'patients' | 'calendar'>), calendar };
}

export function planImport(document: GivenDocument, held: Held, options: PlanOptions): ImportPlan {
  const { today, skipBad, decisions = new Map() } = options;
  const faults = new ImportIssues(skipBad);
  const { drafts, doubts, notices } = planPatients(document, held, faults, decisions);
  const isForeign = document.matching === 'identifier';
  const plans = drafts.map(({ givens, known, whole }): PatientPlan => {
    const context = { held, patientId: known?.id, today, faults, isForeign };
    const patch = known === undefined ? undefined : patchOf(known, whole);
    return { path: givens[0]?.path ?? '', known, whole, patch, ...planRecords(givens, context) };
  });
  faults.settle();
  const calendar = planCalendar(document.calendar, held.calendar);
  const added = plans.filter(({ known }) => known === undefined).length;
  const changed = plans.filter(({ patch }) => patch !== undefined).length;
  const same = plans.length - added - changed;
  return {
    patients: plans,
    calendar: calendar.changes,
    add: counted(plans, { patients: added, calendar: calendar.added }, ({ add }) => add.length),
    change: counted(plans, { patients: changed, calendar: calendar.changed }, ({ change }) => change.length),
    skip: counted(plans, { patients: same, calendar: calendar.same }, (records) => records.same),
    doubts,
    refuse: [...document.faults, ...faults.list],
    moreRefused: document.moreFaults + faults.more,
    notices: [...document.remarks, ...notices, ...plans.flatMap((plan) => deathNotice(plan, held) ?? [])],
  };
}

export const sizeOf = (plan: ImportPlan): number =>
  plannedTables.reduce((sum, table) => sum + plan.add[table] + plan.change[table], 0);
