/** `rapport export`: everything, or one patient, as a document that import takes back. It is not encrypted. */
import type { Patient } from '../domain/records.ts';
import type { ExitName } from '../errors.ts';
import { writeRapport } from '../transfer/rapport-writer.ts';
import type { Store, World } from '../world.ts';
import { defineCommand } from './command.ts';
import { findPatient } from './finding.ts';
import { wholePatient } from './importing.ts';
import { recordList, recordOpening } from './looks.ts';

interface ExportRequest {
  readonly patient: string | undefined;
  readonly out: string | undefined;
}

type ExportNeeds = Pick<
  World,
  'openStore' | 'questions' | 'clock' | 'output' | 'notices' | 'globals' | 'files' | 'startProgress'
>;

const exportFormats = ['rapport'] as const;

/** Whole patients, gathered one at a time. */
function* gathered(patients: readonly Patient[], store: Store, needs: ExportNeeds) {
  const progress = needs.startProgress('exporting');
  try {
    for (const [done, patient] of patients.entries()) {
      progress.advance(done, patients.length);
      yield wholePatient(store, patient);
    }
  } finally {
    progress.end();
  }
}

function* withLineEnds(pieces: Iterable<string>): Iterable<string> {
  for (const piece of pieces) yield `${piece}\n`;
}

async function runExport(request: ExportRequest, needs: ExportNeeds): Promise<ExitName> {
  const { output, notices, globals, files } = needs;
  const one = request.patient === undefined ? undefined : await findPatient([request.patient], needs);
  const store = await needs.openStore();
  const patients = one === undefined ? store.patients.all() : [one];
  const pieces = writeRapport({
    exportedAt: needs.clock.instant(),
    patients: gathered(patients, store, needs),
    calendar: one === undefined ? store.calendar.read() : undefined,
  });
  if (request.out === undefined) for (const piece of pieces) output.print(piece);
  else {
    await files.writePrivate(request.out, withLineEnds(pieces), { replace: globals.yes });
    if (globals.json)
      output.json({
        schema: 'rapport.export/1',
        format: 'rapport',
        file: request.out,
        patients: patients.length,
      });
    else
      output.print(`${patients.length} ${patients.length === 1 ? 'patient' : 'patients'} in ${request.out}`);
    notices.say('that file is not encrypted: keep it where only you can read it, and no longer than needed');
  }
  if (one === undefined) recordList('export', patients.length, store, needs);
  else recordOpening('export', one.id, store, needs);
  return 'ok';
}

export const exportCommand = defineCommand<ExportRequest>({
  path: 'export',
  summary: 'write everything, or one patient, to a file that import takes back',
  group: 'In and out',
  options: [
    { flags: '--format <format>', help: 'rapport: without loss', choices: exportFormats },
    { flags: '--patient <patient>', help: 'one patient only' },
    { flags: '--out <file>', help: 'a private file; standard output unless given' },
  ],
  examples: ['rapport export --out all.json', 'rapport export --patient malu --out malu.json'],
  access: 'unlocked',
  parse: (raw) => {
    raw.oneOf('format', exportFormats);
    return { patient: raw.option('patient'), out: raw.option('out') };
  },
  run: runExport,
});
