/**
 * Plans an import from a file's document and the vault; the plan that is shown is the one that is applied. An
 * import never deletes a record and never lifts a hold.
 */
import { type CivilDate, count } from '../dates/civil.ts';
import { ImportIssues } from './import-issues.ts';
import { fileIndex, patientIndex } from './import-match.ts';
import { mergePatient, mergeRecords, nothing, patchOf } from './import-merge.ts';
import {
  type Counts,
  type Decision,
  type Doubt,
  type GivenCalendar,
  type GivenDocument,
  type GivenPatient,
  type Held,
  type PatientPlan,
  plannedTables,
} from './interchange.ts';
import { createHandleMaker, displayName, lookKey, nameKey, unseenNames } from './patient-names.ts';
import { matchRecords } from './record-match.ts';
import { type CalendarRecords, type Fields, type New, newPatient, type Patient } from './records.ts';
import { withoutLostLinks } from './same-person.ts';
import { fold, present } from './text.ts';
import { hintsOn, pinHint } from './wording-hints.ts';

export interface PlanOptions {
  readonly today: CivilDate;
  readonly skipBad: boolean;
  readonly decisions?: ReadonlyMap<string, Decision>;
}

/** A patient of the file, new or known, with all the entries that are about them. */
interface PatientDraft {
  readonly givens: GivenPatient[];
  readonly known: Patient | undefined;
  whole: New<Patient>;
}

/** The handles of an import: one that is taken gives way, one that an entry asks for is left for it. */
function handlesOf({ patients }: GivenDocument, held: Held) {
  const holders = new Map(held.patients.map((patient) => [fold(patient.handle), patient]));
  const asked = new Set(patients.flatMap(({ fields: { handle } }) => (handle == null ? [] : [fold(handle)])));
  const make = createHandleMaker((handle) => holders.has(handle) || asked.has(handle));
  const used = new Set<string>();
  return {
    make: ({ name = '', goes_by = null }: Partial<Fields<'patient'>>): string => make({ name, goes_by }),
    /** False where another patient has it. */
    take(handle: string, known: Patient | undefined): boolean {
      const folded = fold(handle);
      const holder = holders.get(folded);
      if ((holder !== undefined && holder !== known) || used.has(folded)) return false;
      used.add(folded);
      return true;
    },
  };
}

/** What is worth saying of the name of a new patient. */
function nameNotices(held: Held, namesakeOf: (name: string) => Patient | undefined) {
  /** By how names look: the first of the vault or the file. */
  const looks = new Map<string, Pick<Patient, 'name' | 'handle'>>(
    held.patients.map((patient) => [lookKey(patient.name), patient]),
  );
  return (whole: New<Patient>): readonly string[] => {
    const [look, namesake] = [lookKey(whole.name), namesakeOf(whole.name)];
    const alike = looks.get(look) ?? whole;
    looks.set(look, alike);
    return present(
      namesake && `a patient of that name is there already (${namesake.handle})`,
      alike !== whole &&
        nameKey(alike.name) !== nameKey(whole.name) &&
        `the name looks like that of ${alike.handle}, and is spelled with other letters`,
      held.wasForgotten(whole.name, whole.birth_date) && 'a patient of that name was forgotten here before',
    ).map((what) => `${displayName(whole)}: ${what}`);
  };
}

const shownRepeats = 10;

/** Who of the file is added or changed, in its order; who is in doubt; and what is worth saying of it. */
function planPatients(
  document: GivenDocument,
  held: Held,
  issues: ImportIssues,
  decisions: ReadonlyMap<string, Decision>,
) {
  const { matching } = document;
  const vault = patientIndex(held, matching);
  const file = fileIndex<PatientDraft>(matching);
  const handles = handlesOf(document, held);
  const noticesOf = nameNotices(held, vault.namesake);
  const drafts: PatientDraft[] = [];
  const byKnown = new Map<Patient, PatientDraft>();
  const usedIds = new Set<string>();
  const doubts: Doubt[] = [];
  const notices: string[] = [];
  const repeats: string[] = [];
  let kept = 0;

  const merge = (
    { path, fields }: GivenPatient,
    before: Partial<Fields<'patient'>> | undefined,
  ): Partial<Fields<'patient'>> | undefined => {
    const { merged, kept: more } = mergePatient(fields, before, matching);
    kept += more;
    if (merged.died_on == null || merged.status === 'died') return merged;
    issues.add(`${path}.died_on`, 'given, but status is not "died"');
    return undefined;
  };

  const keep = (draft: PatientDraft): void => {
    drafts.push(draft);
    file.keep(draft);
    if (draft.known !== undefined) byKnown.set(draft.known, draft);
    else notices.push(...noticesOf(draft.whole));
  };

  const join = (draft: PatientDraft, given: GivenPatient): void => {
    const [first] = draft.givens;
    draft.givens.push(given);
    if (given.pointer !== undefined) return;
    if (first !== undefined && first.pointer === undefined)
      repeats.push(`${displayName(draft.whole)}: ${given.path} repeats ${first.path} and was joined with it`);
    const { handle: _, ...fields } = given.fields;
    const merged = merge({ ...given, fields }, draft.whole);
    if (merged !== undefined)
      draft.whole = { ...draft.whole, ...newPatient({ name: '', handle: '', ...merged }) };
  };

  /** Another server's id that the vault or the file has for somebody else is dropped: the store makes a new one. */
  const withFreeId = (given: GivenPatient): GivenPatient => {
    const { id, ...others } = given.fields;
    if (matching !== 'identifier' || id == null) return given;
    const isFree = vault.byId(id) === undefined && !usedIds.has(id);
    usedIds.add(id);
    return isFree ? given : { ...given, fields: others };
  };

  const begin = (given: GivenPatient, known: Patient | undefined): void => {
    const { path, fields } = given;
    const asked = fields.handle ?? known?.handle;
    const merged = merge(known === undefined ? withFreeId(given) : given, known);
    const isTaken = asked !== undefined && asked !== known?.handle && !handles.take(asked, known);
    if (known === undefined && fields.name == null) issues.add(`${path}.name`, 'missing');
    else if (merged !== undefined) {
      const handle = asked === undefined || isTaken ? (known?.handle ?? handles.make(merged)) : asked;
      const instead = known === undefined ? 'is given instead' : 'stays';
      if (isTaken) notices.push(`the handle ${asked} is taken: ${handle} ${instead}`);
      keep({ givens: [given], known, whole: newPatient({ name: '', ...merged, handle }) });
    }
  };

  /** The patient of the vault, undefined for a new one, false where the entry is left out. */
  const knownOf = (given: GivenPatient): Patient | undefined | false => {
    const { path, fields, pointer } = given;
    const match = vault.match(given);
    if (match.kind === 'known') return match.patient;
    if (match.kind === 'new') return undefined;
    if (match.kind === 'none') {
      if (pointer?.event === undefined) issues.add(path, 'leads to no patient in the file or the vault');
      else issues.leaveOut(path, 'names no patient of the vault', pointer.called);
      return false;
    }
    const { candidates, why } = match;
    const mayBeNew = pointer === undefined;
    const decision = decisions.get(path);
    if (decision === 'new' && mayBeNew) return undefined;
    const chosen = typeof decision === 'object' ? vault.byId(decision.id) : undefined;
    if (chosen !== undefined) return chosen;
    const refs = candidates.map(({ ref }) => ref).join(' or ');
    const called = fields.name ?? pointer?.called ?? '';
    const title = pointer?.event === undefined ? undefined : called;
    issues.leaveOut(
      path,
      decision === 'leave' ? 'left out as asked' : `may be patient ${refs}: ${why}`,
      title,
    );
    if (decision === undefined)
      doubts.push({ path, called, birth_date: fields.birth_date ?? null, candidates, why, mayBeNew });
    return false;
  };

  for (const given of document.patients) {
    const unseen = unseenNames(given);
    for (const path of unseen) issues.add(path, 'no letter that can be seen');
    if (unseen.length > 0) continue;
    const earlier = file.find(given);
    const known = earlier === undefined && knownOf(given);
    if (earlier === undefined && known === false) continue;
    const draft = earlier ?? (known ? byKnown.get(known) : undefined);
    if (draft !== undefined) join(draft, given);
    else if (given.pointer === undefined) begin(given, known || undefined);
    else if (known) keep({ givens: [given], known, whole: known });
  }
  if (repeats.length > shownRepeats)
    notices.push(`${repeats.length} entries repeat a patient of an earlier entry and were joined with it`);
  else notices.push(...repeats);
  const stay = kept === 1 ? 'stays as it is' : 'stay as they are';
  const differing = count(kept, 'field differs', 'fields differ');
  if (kept > 0) notices.push(`${differing} from what is confirmed in the vault and ${stay}`);
  return { drafts, doubts, notices };
}

/** A closed day is identified by its date, an absence by its first and last day. */
function planCalendar(given: GivenCalendar | undefined, held: CalendarRecords) {
  const names = new Map(held.closed_days.map(({ on, name }) => [on, name]));
  const absences = new Set(held.away.map(({ from, to }) => `${from} ${to}`));
  const { closed_days: days = [], away = [], weekend } = given ?? {};
  const closed = days.filter(({ on, name }) => !names.has(on) || (name ?? names.get(on)) !== names.get(on));
  const absent = away.filter(({ from, to }) => !absences.has(`${from} ${to}`));
  const isOther = weekend !== undefined && weekend.toSorted().join() !== held.weekend.toSorted().join();
  const add = closed.filter(({ on }) => !names.has(on)).length + absent.length;
  const change = closed.length + absent.length - add + Number(isOther);
  const changes = {
    ...(closed.length > 0 && { closed_days: closed.map(({ on, name = null }) => ({ on, name })) }),
    ...(absent.length > 0 && { away: absent.map(({ from, to, reason = null }) => ({ from, to, reason })) }),
    ...(isOther && { weekend }),
  };
  const skip = days.length + away.length - closed.length - absent.length;
  return { changes: add + change > 0 ? changes : undefined, add, change, skip };
}

function deathNotice({ known, whole, commitments: { add, change } }: PatientPlan, held: Held) {
  if (whole.status !== 'died' || known?.status === 'died') return [];
  const changed = new Map(change.map(({ id, patch }) => [id, patch.status]));
  const before = known === undefined ? [] : held.records.commitment.of(known.id);
  const statuses = [
    ...before.map(({ id, status }) => changed.get(id) ?? status),
    ...add.map((one) => one.status),
  ];
  const open = statuses.filter((status) => status === 'open').length;
  const promises = count(open, 'open promise');
  const notice = `${displayName(whole)} died with ${promises}: rapport patient died ${whole.handle}`;
  return open === 0 ? [] : [notice];
}

const isBare = ({ people, notes, commitments, contacts, pointer }: GivenPatient): boolean =>
  pointer?.event === undefined && people.length + notes.length + commitments.length + contacts.length === 0;

/** Shared: a long list has many patients who are nothing but a name. */
const nothingPlanned = { people: nothing, notes: nothing, commitments: nothing, contacts: nothing };

const recordTables = ['people', 'notes', 'commitments', 'contacts'] as const;
type Fate = 'add' | 'change' | 'skip';

const fateOf = ({ known, patch }: PatientPlan): Fate =>
  known === undefined ? 'add' : patch === undefined ? 'skip' : 'change';

export type ImportPlan = ReturnType<typeof planImport>;

export function planImport(document: GivenDocument, held: Held, options: PlanOptions) {
  const { today, skipBad, decisions = new Map() } = options;
  const issues = new ImportIssues(skipBad);
  const { drafts, doubts, notices } = planPatients(document, held, issues, decisions);
  const isForeign = document.matching === 'identifier';
  const planned = drafts.map(({ givens, known, whole }): PatientPlan => {
    const context = { held, patientId: known?.id, today, issues, patient: whole };
    const records = givens.every(isBare)
      ? nothingPlanned
      : mergeRecords(matchRecords(givens, held, known?.id, isForeign), context);
    return { known, whole, patch: known && patchOf(known, whole), ...records };
  });
  issues.settle();
  const { plans, notices: lost } = withoutLostLinks(planned, held.patients);
  const { changes: calendar, ...entries } = planCalendar(document.calendar, held.calendar);
  const counted = (fate: Fate): Counts => {
    const counts = { patients: 0, people: 0, notes: 0, commitments: 0, contacts: 0, calendar: entries[fate] };
    for (const plan of plans) {
      if (fateOf(plan) === fate) counts.patients += 1;
      for (const table of recordTables)
        counts[table] += fate === 'skip' ? plan[table].same : plan[table][fate].length;
    }
    return counts;
  };
  return {
    patients: plans,
    calendar,
    add: counted('add'),
    change: counted('change'),
    skip: counted('skip'),
    /** Also among the refused, until decided. */
    doubts,
    refuse: [...document.faults, ...issues.list],
    moreRefused: document.moreFaults + issues.more,
    /** One line each, for the person who imports; may name patients. */
    notices: [
      ...document.remarks,
      ...notices,
      ...lost,
      ...plans.flatMap((plan) => deathNotice(plan, held)),
      ...pinHint(plans.flatMap((plan) => plan.notes.add)),
      ...(isForeign ? hintsOn(...plans.flatMap((plan) => plan.commitments.add.map(({ text }) => text))) : []),
    ],
  };
}

export const sizeOf = (plan: ImportPlan): number =>
  plannedTables.reduce((sum, table) => sum + plan.add[table] + plan.change[table], 0);
