/** `rapport import FILE|-`: reads a file, plans, shows the plan, asks where it can, and applies it in one operation. */
import { type Outcome, type Raw, talk } from '../cli/command.ts';
import { fileToRead, flag, type Reading, refuseUnreadable } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { type CivilDate, count } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { refusalOf } from '../domain/import-issues.ts';
import { type ImportPlan, type PlanOptions, planImport, sizeOf } from '../domain/import-plan.ts';
import type { Decision, Doubt, GivenDocument, Held, PatientPlan, RecordPlan } from '../domain/interchange.ts';
import type { Commitment, Contact, New, Note, Patch, Person } from '../domain/records.ts';
import { cancelled, conflict, usage } from '../errors.ts';
import { importSentence, renderImportPlan, renderRefused } from '../terminal/import-summary.ts';
import type { Choice } from '../terminal/line-prompts.ts';
import { withBar } from './backups.ts';
import { type ReadingRequest, readImport, readingOptions } from './import-source.ts';
import { newestChange } from './lookup.ts';
import { passToPeople } from './patient-fields.ts';

export const heldBy = (store: Store, { wasForgotten }: Pick<Held, 'wasForgotten'>): Held => ({
  patients: store.patients.all(),
  records: {
    person: store.people,
    note: store.notes,
    commitment: store.commitments,
    contact: store.contacts,
  },
  contactsOfEvent: store.contacts.ofEvent,
  calendar: store.calendar.read(),
  wasForgotten,
});

/** What of a patient passes over to who is the same around another one. */
const passed = ['status', 'died_on', 'name', 'goes_by'] as const;

/**
 * Applies a plan in one operation, all or nothing.
 * @param plannedAt what newestChange gave when the plan was made
 * @param advance told how many records are in
 * @returns the operation's id, undefined where there was nothing to do
 * @throws conflict where the vault has changed since the plan was made
 */
export function applyImport(
  plan: ImportPlan,
  store: Store,
  plannedAt: string | undefined,
  advance: (done: number) => void = () => undefined,
): string | undefined {
  let done = 0;
  const step = (): void => {
    done += 1;
    advance(done);
  };
  const applyRecords = <R extends Person | Note | Commitment | Contact>(
    { add, change }: RecordPlan<R>,
    patientId: string,
    repository: { insert(record: New<R>): R; update(id: string, patch: Patch<R>): R },
  ): void => {
    for (const record of add) {
      repository.insert({ ...record, patient_id: patientId } as unknown as New<R>);
      step();
    }
    for (const { id, patch } of change) {
      repository.update(id, patch);
      step();
    }
  };
  const applyPatient = (records: PatientPlan): void => {
    const { known, whole, patch } = records;
    const { id } = known ?? store.patients.insert(whole);
    if (patch !== undefined) {
      const changed = store.patients.update(id, patch);
      if (known !== undefined && passed.some((field) => field in patch)) passToPeople(store, known, changed);
    }
    if (known === undefined || patch !== undefined) step();
    applyRecords(records.people, id, store.people);
    applyRecords(records.notes, id, store.notes);
    applyRecords(records.commitments, id, store.commitments);
    applyRecords(records.contacts, id, store.contacts);
  };
  return store.write({ verb: 'import' }, () => {
    if (newestChange(store) !== plannedAt)
      throw conflict('the vault was changed after the import was planned', 'import the file again');
    for (const patient of plan.patients) applyPatient(patient);
    if (plan.calendar !== undefined) store.calendar.merge(plan.calendar);
  }).operation;
}

const planDocument = ({ add, change, skip, refuse, moreRefused, notices }: ImportPlan) => ({
  add,
  change,
  skip,
  refuse: refuse.map(({ path, what }) => ({ path, what })),
  more_refused: moreRefused,
  notices,
});

function refuseTurned(since: CivilDate | undefined, until: CivilDate | undefined): void {
  if (since !== undefined && until !== undefined && until < since) throw usage('--until is before --since');
}

/** Reads and plans. The document itself ends here: a long one takes as much memory as its plan. */
async function prepare(request: ReadingRequest & { readonly dryRun: boolean }, ctx: Context) {
  refuseTurned(request.since, request.until);
  if (ctx.globals.passphraseStdin && request.file === '-') await ctx.openStore();
  const { document, ...read } = await readImport(request, ctx, ctx.openStore);
  const { dryRun, skipBad } = request;
  if (document.patients.length === 0 && document.faults.length > 0 && !skipBad)
    throw refusalOf(document.faults, document.moreFaults);
  const store = await ctx.openStore();
  const plannedAt = newestChange(store);
  const options = { today: ctx.clock.today(), skipBad, dryRun };
  const plan = await planWithDoubts(document, store, options, ctx);
  return { ...read, faults: document.faults, store, plannedAt, plan };
}

const born = (date: string | null): string => (date === null ? 'birth date not known' : `born ${date}`);

async function decide(doubt: Doubt, { questions }: Context): Promise<Decision | 'leave all'> {
  const choices: Choice<Decision | 'leave all'>[] = [
    ...doubt.candidates.map((patient) => ({
      name: `${patient.handle}: ${patient.name}, ${born(patient.birth_date)}`,
      value: { id: patient.id },
    })),
    ...(doubt.mayBeNew ? [{ name: 'Somebody new', value: 'new' as const }] : []),
    { name: 'Leave this one out', value: 'leave' },
    { name: 'Leave out all that are in doubt', value: 'leave all' },
  ];
  const called = doubt.called === '' ? 'No name' : doubt.called;
  const who = doubt.mayBeNew ? `${called}, ${born(doubt.birth_date)}` : called;
  return questions.choose(`${who} (${doubt.why}): who is it?`, choices);
}

async function planWithDoubts(
  document: GivenDocument,
  store: Store,
  options: PlanOptions & { readonly dryRun: boolean },
  ctx: Context,
): Promise<ImportPlan> {
  const decisions = new Map<string, Decision>();
  const erasing = await store.erasing();
  const planned = (): ImportPlan =>
    store.reading(() => planImport(document, heldBy(store, erasing), { ...options, decisions }));
  let plan = planned();
  if (options.dryRun || ctx.globals.yes || plan.doubts.length === 0 || !ctx.questions.possible) return plan;
  let isEnough = false;
  while (plan.doubts.length > 0) {
    for (const doubt of plan.doubts) {
      const answer: Decision | 'leave all' = isEnough ? 'leave' : await decide(doubt, ctx);
      isEnough ||= answer === 'leave all';
      decisions.set(doubt.path, answer === 'leave all' ? 'leave' : answer);
    }
    plan = planned();
  }
  return plan;
}

export const importCommand = talk({
  arguments: { file: fileToRead },
  options: { ...readingOptions, dryRun: flag('show what would be imported, and stop') },
  refuse(has, shut, { since, until }) {
    const read = (raw: Raw, reading: Reading) => readDate(String(raw), { ...reading, direction: 'nearest' });
    if (has('since') && has('until'))
      refuseUnreadable((reading) => refuseTurned(read(since, reading), read(until, reading)), shut);
  },
  // Without dates, it is opened as the file is read, where what is in that asks for it.
  vault: (has) => (has('since') || has('until') ? 'open' : 'none'),
  examples: [
    'patients.json --dry-run',
    'list.csv --format csv --map name=FIRST+LAST --map birth_date=BORN',
    'list.csv --map-name clinic',
    'bundle.json --format fhir --identifier-system https://clinic.example/mrn',
    'contacts.vcf --dry-run',
    'clinic.ics --match attendee --dry-run',
    '- < patients.json',
  ],
  async run(request, ctx): Promise<Outcome> {
    const { output, notices, questions, globals } = ctx;
    const { format, remember, faults, store, plannedAt, plan } = await prepare(request, ctx);
    const lines = await renderImportPlan(plan, output);
    if (!globals.json) for (const line of renderRefused(plan)) notices.warn(line);
    if (plan.doubts.length > 0)
      notices.say(
        `${count(plan.doubts.length, 'entry', 'entries')} could be of several patients, or of none here: import the file in a terminal to say whose${
          format === 'ics' ? ', or say where the name stands: rapport help calendars' : ''
        }`,
      );
    if (request.dryRun)
      return {
        json: { format, dry_run: true, operation: null, ...planDocument(plan) },
        text: [...lines, 'Nothing was imported: this was a dry run'].join('\n'),
        looked: { count: plan.patients.length },
      };
    const size = sizeOf(plan);
    if (questions.possible && !globals.yes && size > 0) {
      questions.tell(lines.join('\n'));
      if (!(await questions.confirm('Import this?', true))) throw cancelled();
    } else if (!globals.json && lines.length > 0) output.print(lines.join('\n'));
    const operation = await withBar('importing', ctx, async (advance) =>
      applyImport(plan, store, plannedAt, (done) => advance(done, size)),
    );
    remember?.();
    const sentence = importSentence(plan, format === 'ics' ? faults : []);
    return {
      json: { format, dry_run: false, operation: operation ?? null, ...planDocument(plan) },
      text: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    };
  },
});
