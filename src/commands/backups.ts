/** `rapport backup`, `restore` and `doctor`: the vault in one file and back, and whether it is well. */

import type { Context } from '../context.ts';
import { printable } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, usage } from '../errors.ts';
import type { TextStyle } from '../terminal/styles.ts';
import type { Check } from '../vault/doctor.ts';
import { defineCommand } from './command.ts';

const acceptRollback = '--accept-rollback';

function sizeOf(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 10_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.round(bytes / 1_000_000)} MB`;
}

interface BackupRequest {
  readonly file: string | undefined;
  readonly acceptRollback: boolean;
}

async function runBackup(request: BackupRequest, ctx: Context): Promise<ExitName> {
  const { caretaker, output, globals } = ctx;
  const progress = ctx.startProgress('backing up');
  const made = await caretaker
    .backUp({ ...request, advance: (done, whole) => progress.advance(done, whole) })
    .finally(() => progress.end());
  if (globals.json) output.json({ schema: 'rapport.backup/1', ...made });
  else {
    const lines = [
      `Backed up to ${made.file}, ${sizeOf(made.bytes)}.`,
      "It opens with today's passphrase or recovery code, whatever they become later.",
      'Keep it on another disk. To bring it back: rapport restore FILE',
    ];
    output.print(lines.join('\n'));
  }
  return 'ok';
}

export const backup = defineCommand<BackupRequest>({
  path: 'backup',
  summary: 'write the whole vault, encrypted, to one file',
  group: 'The vault',
  arguments: [{ name: 'file', help: 'where to; rapport-DATE.backup here unless given', optional: true }],
  options: [{ flags: acceptRollback, help: 'take an older copy of the vault that was put back as it is' }],
  examples: ['rapport backup', 'rapport backup /media/stick/', 'rapport backup rapport.backup --yes'],
  parse: (raw) => ({ file: raw.text('file'), acceptRollback: raw.flag('accept-rollback') }),
  run: runBackup,
});

interface RestoreRequest {
  readonly file: string;
  readonly recovery: boolean;
}

async function runRestore(request: RestoreRequest, ctx: Context): Promise<ExitName> {
  const { caretaker, output, notices, questions, globals, clock } = ctx;
  return caretaker.withBackup(request.file, async (found): Promise<ExitName> => {
    const { date, time } = clock.local(found.made_at);
    if (found.replaces && !globals.yes) {
      if (!questions.possible)
        throw conflict(
          `a vault is in ${found.folder}`,
          '--yes puts the backup in its place and keeps the old one aside',
          'or restore to another folder with --vault',
        );
      const question = `A vault is there. Put the backup of ${date}, ${time}, in its place and keep the old one aside?`;
      if (!(await questions.confirm(question, false))) throw cancelled();
    }
    notices.say(`The backup of ${date}, ${time}, opens with the passphrase or recovery code of that day.`);
    const progress = ctx.startProgress('restoring');
    const { aside } = await caretaker
      .restore(found, {
        by: request.recovery ? 'recovery' : undefined,
        advance: (done, whole) => progress.advance(done, whole),
      })
      .finally(() => progress.end());
    const { made_at, folder } = found;
    if (globals.json)
      output.json({ schema: 'rapport.restore/1', folder, made_at, kept_aside: aside ?? null });
    else {
      output.print(`Restored the backup of ${date}, ${time}, to ${printable(folder)}`);
      if (aside !== undefined) output.print(`The vault that was there is now ${aside}`);
      output.print('A passphrase that is forgotten: rapport key passphrase --recovery');
    }
    return 'ok';
  });
}

export const restore = defineCommand<RestoreRequest>({
  path: 'restore',
  summary: 'bring the vault back from a backup',
  group: 'The vault',
  arguments: [{ name: 'file', help: 'what rapport backup wrote' }],
  options: [
    { flags: '--recovery', help: 'open it with its recovery code' },
    { flags: acceptRollback, help: 'a restored vault is always taken as it is: this says so in scripts' },
  ],
  examples: [
    'rapport restore rapport-2026-03-12.backup',
    'rapport restore rapport-2026-03-12.backup --recovery',
    'rapport restore rapport-2026-03-12.backup --vault elsewhere',
  ],
  parse: (raw) => {
    const file = raw.text('file');
    if (file === undefined) throw usage('which backup?', 'rapport restore FILE');
    return { file, recovery: raw.flag('recovery') };
  },
  run: runRestore,
});

interface DoctorRequest {
  readonly acceptRollback: boolean;
}

const words: Readonly<Record<Check['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  damaged: 'DAMAGED',
  rolled_back: 'OLDER',
  unchecked: 'not tried',
};
const wordWidth = 10;

const toneOf = (state: Check['state'], style: TextStyle): ((text: string) => string) => {
  if (state === 'ok') return style.good;
  if (state === 'unchecked') return style.quiet;
  return state === 'warning' ? style.caution : style.error;
};

const linesOf = ({ state, finding, advice }: Check, style: TextStyle): readonly string[] => [
  `${toneOf(state, style)(words[state].padEnd(wordWidth))}${finding}`,
  ...advice.map((line) => `${''.padEnd(wordWidth)}${style.hint('hint:')} ${line}`),
];

const has = (checks: readonly Check[], state: Check['state']): boolean =>
  checks.some((check) => check.state === state);

const outcomes = {
  damaged: { state: 'damaged', exit: 'damaged', text: 'The vault is damaged.' },
  rolledBack: {
    state: 'rolled_back',
    exit: 'conflict',
    text: 'The vault may be an older copy: it is read, not written.',
  },
  warnings: { state: 'warnings', exit: 'ok', text: 'No damage; see the warnings.' },
  unchecked: { state: 'unchecked', exit: 'ok', text: 'No damage in what could be looked at.' },
  well: { state: 'ok', exit: 'ok', text: 'The vault is well.' },
} as const;

function outcomeOf(checks: readonly Check[]): (typeof outcomes)[keyof typeof outcomes] {
  if (has(checks, 'damaged')) return outcomes.damaged;
  if (has(checks, 'rolled_back')) return outcomes.rolledBack;
  if (has(checks, 'unchecked')) return outcomes.unchecked;
  return has(checks, 'warning') ? outcomes.warnings : outcomes.well;
}

async function runDoctor(request: DoctorRequest, ctx: Context): Promise<ExitName> {
  const { caretaker, keeper, output, globals } = ctx;
  const progress = ctx.startProgress('examining');
  const { checks, refusal } = await caretaker
    .examine({ ...request, advance: (done, whole) => progress.advance(done, whole) })
    .finally(() => progress.end());
  const { state, exit, text } = outcomeOf(checks);
  if (globals.json) output.json({ schema: 'rapport.doctor/1', folder: keeper.folder, state, checks });
  else output.print([...checks.flatMap((check) => linesOf(check, output.style)), text].join('\n'));
  if (exit === 'ok' && refusal !== undefined) throw refusal;
  return exit;
}

export const doctor = defineCommand<DoctorRequest>({
  path: 'doctor',
  summary: 'look whether the vault is whole and private',
  group: 'The vault',
  options: [
    {
      flags: '--accept-rollback',
      help: 'take an older copy of the vault that was put back as it is',
    },
  ],
  examples: ['rapport doctor', 'rapport doctor --json', 'rapport doctor --accept-rollback'],
  parse: (raw) => ({ acceptRollback: raw.flag('accept-rollback') }),
  run: runDoctor,
});
