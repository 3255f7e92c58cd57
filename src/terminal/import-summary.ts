/** An import's plan for people: a table of counts, the first names, notices. */
import { type ImportIssue, issueLine } from '../domain/import-issues.ts';
import type { ImportPlan } from '../domain/import-plan.ts';
import { type Counts, type PatientPlan, plannedTables } from '../domain/interchange.ts';
import { displayName } from '../domain/patient-names.ts';
import { printable, wrapToWidth } from '../domain/text.ts';
import { type Column, listLines, type Screen } from './list-view.ts';
import { nouns } from './record-lists.ts';

const shownNames = 8;
const shownNotices = 20;
const shownFaults = 100;
const shownSkipped = 3;

const count = (number: number): string => (number === 0 ? '' : number.toLocaleString('en'));

const called: Readonly<Record<keyof Counts, readonly [one: string, many: string]>> = {
  patients: nouns.patient,
  people: nouns.person,
  notes: nouns.note,
  commitments: nouns.commitment,
  contacts: nouns.contact,
  calendar: ['calendar entry', 'calendar entries'],
};

function listed(counts: Counts): string {
  const parts = plannedTables.flatMap((table) =>
    counts[table] === 0 ? [] : [`${count(counts[table])} ${called[table][counts[table] === 1 ? 0 : 1]}`],
  );
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** ': imported 41, skipped 2 (line 118: an event without a start, …)', or nothing. */
function skippedOf({ add, change }: ImportPlan, skipped: readonly ImportIssue[]): string {
  if (skipped.length === 0) return '';
  const more = skipped.length > shownSkipped ? [`${count(skipped.length - shownSkipped)} more`] : [];
  const shown = [...skipped.slice(0, shownSkipped).map(issueLine), ...more].join('; ');
  return `: imported ${count(add.contacts + change.contacts)}, skipped ${count(skipped.length)} (${shown})`;
}

/**
 * What was done, in one sentence: 'added 12 patients and 40 notes, changed 1 patient'.
 * @param skipped events of a calendar that were bad
 */
export function importSentence(plan: ImportPlan, skipped: readonly ImportIssue[] = []): string {
  const parts = [
    ...(listed(plan.add) === '' ? [] : [`added ${listed(plan.add)}`]),
    ...(listed(plan.change) === '' ? [] : [`changed ${listed(plan.change)}`]),
  ];
  if (parts.length > 0) return parts.join(', ') + skippedOf(plan, skipped);
  const leftOut = plan.refuse.length + plan.moreRefused;
  const isKnown = listed(plan.skip) !== '';
  if (leftOut > 0)
    return isKnown
      ? `nothing to import: all of it is in the vault already, but for ${count(leftOut)} left out`
      : `nothing to import: what is in the file was left out, ${count(leftOut)} in all`;
  return isKnown
    ? 'nothing to import: all of it is in the vault already'
    : 'nothing to import: nothing in it is for rapport, 0 patients';
}

function names(
  title: string,
  plans: readonly PatientPlan[],
  name: (plan: PatientPlan) => string,
  columns: number,
): readonly string[] {
  if (plans.length === 0) return [];
  const more = plans.length > shownNames ? ` and ${count(plans.length - shownNames)} more` : '';
  const text = `${title}: ${plans.slice(0, shownNames).map(name).map(printable).join(', ')}${more}`;
  return wrapToWidth(text, columns);
}

function capped(lines: readonly string[], most: number, more = 0): readonly string[] {
  const left = lines.length - most + more;
  return left > 0 ? [...lines.slice(0, most), `and ${count(left)} more`] : lines;
}

const tableColumns = ({ add, change, skip }: ImportPlan): readonly Column<keyof Counts>[] => [
  { title: '', cell: (table) => called[table][1] },
  { title: 'new', align: 'right', cell: (table) => count(add[table]) },
  { title: 'changed', align: 'right', cell: (table) => count(change[table]) },
  { title: 'as it is', align: 'right', cell: (table) => count(skip[table]) },
];

export async function renderImportPlan(plan: ImportPlan, screen: Screen): Promise<readonly string[]> {
  const { style, columns } = screen;
  const tables = plannedTables.filter((table) => plan.add[table] + plan.change[table] + plan.skip[table] > 0);
  return [
    ...(await listLines(tables, tableColumns(plan), screen, { head: true })),
    ...names(
      'New',
      plan.patients.filter(({ known }) => known === undefined),
      ({ whole }) => `${displayName(whole)} (${whole.handle})`,
      columns,
    ),
    ...names(
      'Changed',
      plan.patients.filter(({ patch }) => patch !== undefined),
      ({ known, patch }) => `${known?.handle ?? ''} (${Object.keys(patch ?? {}).join(', ')})`,
      columns,
    ),
    ...capped(plan.notices.map(printable), shownNotices).map((line) => style.caution(line)),
  ];
}

export const renderRefused = ({ refuse, moreRefused }: ImportPlan): readonly string[] =>
  capped(
    refuse.map((fault) => `left out: ${issueLine(fault)}`),
    shownFaults,
    moreRefused,
  );
