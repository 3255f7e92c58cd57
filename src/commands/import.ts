/**
 * `rapport import FILE|-`: reads a file, plans, shows the plan, applies it in one operation. In a terminal it asks
 * before it applies; without one, under --no-input or with --yes it goes ahead.
 */
import { planImport, sizeOf } from '../domain/import-plan.ts';
import type { ImportPlan } from '../domain/import-shape.ts';
import type { GivenDocument } from '../domain/interchange.ts';
import { cancelled, type ExitName, usage } from '../errors.ts';
import { importSentence, renderImportPlan, renderRefused } from '../terminal/import-plan.ts';
import { readCsv } from '../transfer/csv.ts';
import { type Mapping, readMappings } from '../transfer/csv-mapping.ts';
import { decodeText, type ImportFormat, importFormats, settleFormat } from '../transfer/guess.ts';
import { readRapport } from '../transfer/rapport.ts';
import type { World } from '../world.ts';
import { defineCommand, type RawInput } from './command.ts';
import { applyImport, heldBy, newestChange } from './importing.ts';
import { recordList } from './looks.ts';

interface ImportRequest {
  /** '-' is standard input. */
  readonly source: string;
  readonly format: ImportFormat | undefined;
  readonly mappings: readonly Mapping[];
  readonly cleanNames: boolean;
  readonly skipBad: boolean;
  readonly dryRun: boolean;
}

type ImportNeeds = Pick<
  World,
  | 'openStore'
  | 'questions'
  | 'clock'
  | 'output'
  | 'notices'
  | 'globals'
  | 'settings'
  | 'stdin'
  | 'files'
  | 'startProgress'
>;

/** Bytes; a text can hardly be longer in memory. A million notes have about 440 MB. */
const largestFile = 500 * 1024 * 1024;

async function readText(source: string, { files, stdin }: ImportNeeds): Promise<string> {
  if (source !== '-') return decodeText(await files.readBytes(source, largestFile));
  return stdin.readText(largestFile);
}

async function readDocument(
  text: string,
  format: ImportFormat,
  request: ImportRequest,
  needs: ImportNeeds,
): Promise<GivenDocument> {
  const { skipBad, mappings, cleanNames } = request;
  if (format === 'csv')
    return readCsv(text, {
      mappings,
      cleanNames,
      skipBad,
      today: needs.clock.today(),
      dateStyle: needs.settings.read().dateStyle,
    });
  if (mappings.length > 0 || cleanNames)
    throw usage(
      `--${mappings.length > 0 ? 'map' : 'clean-names'} is for csv, and this is a rapport document`,
    );
  return readRapport(text, { skipBad });
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

async function runImport(request: ImportRequest, needs: ImportNeeds): Promise<ExitName> {
  const { output, notices, questions, globals } = needs;
  // The passphrase is standard input's first line.
  if (globals.passphraseStdin && request.source === '-') await needs.openStore();
  const text = await readText(request.source, needs);
  const format = settleFormat(text, request.format ?? (request.mappings.length > 0 ? 'csv' : undefined));
  const document = await readDocument(text, format, request, needs);
  const store = await needs.openStore();
  const plannedAt = newestChange(store);
  const plan = planImport(document, heldBy(store), { today: needs.clock.today(), skipBad: request.skipBad });
  const lines = renderImportPlan(plan, { columns: output.columns, style: output.style });
  if (!globals.json) for (const line of renderRefused(plan)) notices.warn(line);
  if (request.dryRun) {
    if (globals.json) output.json(documentOf(plan, format, { dry_run: true, operation: null }));
    else output.print([...lines, 'Nothing was imported: this was a dry run'].join('\n'));
    recordList('import', plan.patients.length, store, needs);
    return 'ok';
  }
  const size = sizeOf(plan);
  const mayAsk = questions.possible && !globals.yes && size > 0;
  if (mayAsk) {
    questions.tell(lines.join('\n'));
    if (!(await questions.confirm('Import this?', true))) throw cancelled();
  }
  const progress = needs.startProgress('importing');
  let operation: string | undefined;
  try {
    operation = applyImport(plan, store, plannedAt, (done) => progress.advance(done, size));
  } finally {
    progress.end();
  }
  if (globals.json) output.json(documentOf(plan, format, { dry_run: false, operation: operation ?? null }));
  else {
    const sentence = importSentence(plan);
    const headline = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
    output.print((mayAsk ? [headline] : [...lines, headline]).join('\n'));
  }
  return 'ok';
}

function parse(raw: RawInput): ImportRequest {
  const [source = '-'] = raw.words('file');
  return {
    source,
    format: raw.oneOf('format', importFormats),
    mappings: readMappings(raw.options('map')),
    cleanNames: raw.flag('clean-names'),
    skipBad: raw.flag('skip-bad'),
    dryRun: raw.flag('dry-run'),
  };
}

export const importCommand = defineCommand<ImportRequest>({
  path: 'import',
  summary: 'bring in patients from a file',
  group: 'In and out',
  arguments: [{ name: 'file', help: '- reads standard input' }],
  options: [
    { flags: '--format <format>', help: 'guessed from the file unless given', choices: importFormats },
    {
      flags: '--map <field=column>',
      help: 'csv: a field and its column, or columns joined by +',
      repeat: true,
    },
    { flags: '--clean-names', help: 'csv: cut digits from names' },
    { flags: '--skip-bad', help: 'leave out bad records instead of stopping' },
    { flags: '--dry-run', help: 'show what would be imported, and stop' },
  ],
  examples: [
    'rapport import patients.json --dry-run',
    'rapport import list.csv --format csv --map name=FIRST+LAST --map birth_date=BORN',
    'rapport import - < patients.json',
  ],
  access: 'unlocked',
  parse,
  run: runImport,
});
