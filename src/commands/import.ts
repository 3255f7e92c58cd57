/** `rapport import FILE|-`: reads a file, plans, shows the plan, asks where it can, and applies it in one operation. */
import { type Outcome, type Raw, talk } from '../cli/command.ts';
import { flag, plain, type Reading, refuseUnreadable, wordsOf } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { type CivilDate, count } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { refusalOf } from '../domain/import-issues.ts';
import { type PlanOptions, planImport, sizeOf } from '../domain/import-plan.ts';
import type { Decision, Doubt, GivenDocument, ImportPlan } from '../domain/interchange.ts';
import { cancelled, usage } from '../errors.ts';
import { importSentence, renderImportPlan, renderRefused } from '../terminal/import-summary.ts';
import type { Choice } from '../terminal/questions.ts';
import { type ReadingRequest, readImport, readingOptions } from './import-source.ts';
import { applyImport, heldBy, newestChange } from './import-store.ts';

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
  arguments: { file: plain('- reads standard input', (raw) => wordsOf(raw)[0] ?? '-') },
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
    const progress = ctx.startProgress('importing');
    let operation: string | undefined;
    try {
      operation = applyImport(plan, store, plannedAt, (done) => progress.advance(done, size));
    } finally {
      progress.end();
    }
    remember?.();
    const sentence = importSentence(plan, format === 'ics' ? faults : []);
    return {
      json: { format, dry_run: false, operation: operation ?? null, ...planDocument(plan) },
      text: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    };
  },
});
