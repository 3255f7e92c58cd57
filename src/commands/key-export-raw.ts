/** `rapport key export-raw`: the way out. The database's own key, for any tool that reads SQLCipher 4. */
import { cancelled, type ExitName, usage } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';

interface ExportRequest {
  /** A new private file. */
  readonly out: string | undefined;
}

type ExportNeeds = Pick<
  World,
  'locksmith' | 'questions' | 'notices' | 'output' | 'globals' | 'files' | 'openStore'
>;

const warning = [
  'The raw key opens this vault, and every backup of it since its master key was last changed, without a passphrase.',
  'Whoever reads it can read every note. rapport key rotate makes it useless for the vault from then on.',
];
const word = 'export';

async function confirm({ questions, notices, globals }: ExportNeeds): Promise<void> {
  if (!globals.yes && !questions.possible)
    throw usage('nobody is there to confirm that', 'add --yes where you mean it');
  for (const line of warning) notices.warn(line);
  if (globals.yes) return;
  const typed = await questions.text(`Type '${word}' to go on`);
  if (typed.trim().toLowerCase() !== word) throw cancelled('cancelled, no key was shown');
}

async function runExport({ out }: ExportRequest, needs: ExportNeeds): Promise<ExitName> {
  const { locksmith, output, globals, files } = needs;
  await confirm(needs);
  await locksmith.authorise('passphrase');
  const store = await needs.openStore();
  // Before anything is shown: what cannot be logged is not shown.
  store.log.happened('key export-raw');
  const { key, script } = await locksmith.exportPageKey();
  if (out !== undefined) await files.writePrivate(out, `${script}\n`);
  if (globals.json)
    output.json({
      schema: 'rapport.key-export-raw/1',
      format: 'sqlcipher-4',
      ...(out === undefined ? { key } : { out }),
    });
  else
    output.print(
      out === undefined ? script : `The raw key is in ${out}: sqlcipher -init ${out} COPY-OF-vault.db`,
    );
  return 'ok';
}

export const keyExportRaw = defineCommand<ExportRequest>({
  path: 'key export-raw',
  summary: 'the raw key of vault.db, for a standard SQLCipher 4',
  group: 'The vault',
  options: [{ flags: '--out <file>', help: 'write it to a new private file' }],
  examples: ['rapport key export-raw', 'rapport key export-raw --out key.sql --yes'],
  access: 'unlocked',
  parse: (raw) => {
    const out = raw.option('out');
    if (out?.trim() === '') throw usage('--out needs a file');
    return { out };
  },
  run: runExport,
});
