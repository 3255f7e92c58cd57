/**
 * `rapport import FILE|-`: reads a file, plans, shows the plan, applies it in one operation. In a terminal it asks
 * before it applies; without one, under --no-input or with --yes it goes ahead.
 */

import type { Context, Store } from '../context.ts';
import { type ImportIssue, refusalOf } from '../domain/import-issues.ts';
import { type PlanOptions, planImport, sizeOf } from '../domain/import-plan.ts';
import type { Decision, Doubt, GivenDocument, ImportPlan } from '../domain/interchange.ts';
import type { Patient } from '../domain/records.ts';
import { cancelled, type ExitName } from '../errors.ts';
import { csvFields } from '../formats/csv-mapping.ts';
import { readIdentifierSystems } from '../formats/fhir/fhir-people.ts';
import { type ImportFormat, importFormats } from '../formats/guess.ts';
import { importSentence, renderImportPlan, renderRefused } from '../terminal/import-summary.ts';
import type { Choice } from '../terminal/questions.ts';
import { recordList } from './access-log.ts';
import { defineCommand, type RawInput } from './command.ts';
import { checkListOptions, type ReadImport, type ReadingRequest, readImport } from './import-source.ts';
import { applyImport, heldBy, newestChange } from './import-store.ts';
import { dayOption } from './options.ts';

interface ImportRequest extends ReadingRequest {
  readonly dryRun: boolean;
}

const documentOf = (
  plan: ImportPlan,
  format: ImportFormat,
  outcome: { readonly dry_run: boolean; readonly operation: string | null },
) => ({
  schema: 'rapport.import/1',
  format,
  ...outcome,
  add: plan.add,
  change: plan.change,
  skip: plan.skip,
  refuse: plan.refuse,
  more_refused: plan.moreRefused,
  notices: plan.notices,
});

interface Prepared extends Omit<ReadImport, 'document'> {
  readonly faults: readonly ImportIssue[];
  readonly store: Store;
  readonly plannedAt: string | undefined;
  readonly plan: ImportPlan;
}

/** Reads and plans. The document itself ends here: a long one takes as much memory as its plan. */
async function prepare(request: ImportRequest, ctx: Context): Promise<Prepared> {
  // The passphrase is standard input's first line.
  if (ctx.globals.passphraseStdin && request.source === '-') await ctx.openStore();
  const { document, ...read } = await readImport(request, ctx, ctx.openStore);
  const { dryRun, skipBad } = request;
  // A file of nothing but what is refused is no import.
  if (document.patients.length === 0 && document.faults.length > 0 && !skipBad)
    throw refusalOf(document.faults, document.moreFaults);
  const store = await ctx.openStore();
  const plannedAt = newestChange(store);
  const options = { today: ctx.clock.today(), skipBad, dryRun };
  const plan = await planWithDoubts(document, store, options, ctx);
  return { ...read, faults: document.faults, store, plannedAt, plan };
}

async function runImport(request: ImportRequest, ctx: Context): Promise<ExitName> {
  const { output, notices, questions, globals } = ctx;
  const { format, remember, faults, store, plannedAt, plan } = await prepare(request, ctx);
  const lines = renderImportPlan(plan, { columns: output.columns, style: output.style });
  if (!globals.json) for (const line of renderRefused(plan)) notices.warn(line);
  if (plan.doubts.length > 0)
    notices.say(
      `${plan.doubts.length} in doubt: import the file in a terminal to say who they are${
        format === 'ics' ? ', or say where the name stands: rapport help calendars' : ''
      }`,
    );
  if (request.dryRun) {
    if (globals.json) output.json(documentOf(plan, format, { dry_run: true, operation: null }));
    else output.print([...lines, 'Nothing was imported: this was a dry run'].join('\n'));
    recordList('import', plan.patients.length, store, ctx);
    return 'ok';
  }
  const size = sizeOf(plan);
  const mayAsk = questions.possible && !globals.yes && size > 0;
  if (mayAsk) {
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
  if (globals.json) output.json(documentOf(plan, format, { dry_run: false, operation: operation ?? null }));
  else {
    const sentence = importSentence(plan, format === 'ics' ? faults : []);
    output.print(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`);
  }
  return 'ok';
}

function parse(raw: RawInput): ImportRequest {
  const [source = '-'] = raw.words('file');
  const request = {
    source,
    format: raw.oneOf('format', importFormats),
    map: raw.options('map'),
    mapName: raw.option('map-name'),
    separator: raw.option('separator'),
    encoding: raw.option('encoding'),
    cleanNames: raw.flag('clean-names'),
    identifierSystems: readIdentifierSystems(raw.options('identifier-system')),
    withTasks: raw.flag('with-tasks'),
    match: raw.options('match'),
    since: dayOption(raw, 'since', 'nearest'),
    until: dayOption(raw, 'until', 'nearest'),
    skipBad: raw.flag('skip-bad'),
    dryRun: raw.flag('dry-run'),
  };
  checkListOptions(request);
  return request;
}

export const importCommand = defineCommand<ImportRequest>({
  path: 'import',
  summary: 'bring in patients, and their visits, from a file',
  group: 'In and out',
  arguments: [{ name: 'file', help: '- reads standard input' }],
  options: [
    { flags: '--format <format>', help: 'guessed from the file unless given', choices: importFormats },
    {
      flags: '--map <field=column>',
      help: `csv: a field and its column, or columns joined by +; fields: ${csvFields.join(', ')}`,
      repeat: true,
    },
    {
      flags: '--map-name <name>',
      help: 'csv: remember --map, --separator and --encoding under a name, or use what is remembered',
    },
    {
      flags: '--separator <mark>',
      help: 'csv: comma, semicolon, tab, pipe or the character; found out unless given',
    },
    { flags: '--encoding <name>', help: 'csv, ics: utf-8, utf-16, windows-1252, …; found out unless given' },
    { flags: '--clean-names', help: 'csv, fhir, vcard: cut digits from names' },
    {
      flags: '--identifier-system <uri>',
      help: 'fhir: keep identifiers of this system, to know patients by; others are dropped',
      repeat: true,
    },
    { flags: '--with-tasks', help: 'fhir: Task and CommunicationRequest as commitments' },
    {
      flags: '--match <rule>',
      help: 'ics: where an event names its patient: summary, attendee, X-PATIENT, summary=Visit: {patient}*',
      repeat: true,
    },
    { flags: '--since <date>', help: 'ics: nothing before; recurring events from here, else from today' },
    { flags: '--until <date>', help: 'ics: nothing after; recurring events to here, else for a year' },
    { flags: '--skip-bad', help: 'leave out bad records instead of stopping' },
    { flags: '--dry-run', help: 'show what would be imported, and stop' },
  ],
  examples: [
    'rapport import patients.json --dry-run',
    'rapport import list.csv --format csv --map name=FIRST+LAST --map birth_date=BORN',
    'rapport import list.csv --map-name clinic',
    'rapport import bundle.json --format fhir --identifier-system https://clinic.example/mrn',
    'rapport import contacts.vcf --dry-run',
    'rapport import clinic.ics --match attendee --dry-run',
    'rapport import - < patients.json',
  ],
  parse,
  run: runImport,
});

const born = (date: string | null): string => (date === null ? 'birth date not known' : `born ${date}`);

const candidateName = ({ handle, name, birth_date }: Patient): string =>
  `${handle}: ${name}, ${born(birth_date)}`;

async function decide(doubt: Doubt, { questions }: Context): Promise<Decision | 'leave all'> {
  const choices: Choice<Decision | 'leave all'>[] = [
    ...doubt.candidates.map((patient) => ({ name: candidateName(patient), value: { id: patient.id } })),
    ...(doubt.mayBeNew ? [{ name: 'Somebody new', value: 'new' as const }] : []),
    { name: 'Leave this one out', value: 'leave' },
    { name: 'Leave out all that are in doubt', value: 'leave all' },
  ];
  const called = doubt.called === '' ? 'No name' : doubt.called;
  const who = doubt.mayBeNew ? `${called}, ${born(doubt.birth_date)}` : called;
  return questions.choose(`${who} (${doubt.why}): who is it?`, choices);
}

/** Plans an import, with doubts settled as far as there is somebody to ask. */
async function planWithDoubts(
  document: GivenDocument,
  store: Store,
  options: PlanOptions & { readonly dryRun: boolean },
  ctx: Context,
): Promise<ImportPlan> {
  const decisions = new Map<string, Decision>();
  const planned = (): ImportPlan =>
    store.reading(() => planImport(document, heldBy(store), { ...options, decisions }));
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
