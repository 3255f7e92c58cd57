/** `rapport backup`, `restore` and `doctor`: the vault in one file and back, and whether it is well. */

import { type Ctx, command, talk } from '../cli/command.ts';
import { flag, optionalArgument, plain, textOf } from '../cli/kinds.ts';
import { printable, textOfLines } from '../domain/text.ts';
import { cancelled, conflict, type ExitName, usage } from '../errors.ts';
import type { Progress } from '../terminal/progress.ts';
import type { TextStyle } from '../terminal/styles.ts';
import type { Check } from '../vault/doctor-files.ts';

const acceptRollback = flag('take an older copy of the vault that was put back as it is');

async function withBar<T>(
  label: string,
  { startProgress }: Pick<Ctx, 'startProgress'>,
  work: (advance: Progress['advance']) => Promise<T>,
): Promise<T> {
  const progress = startProgress(label);
  try {
    return await work((done, whole) => progress.advance(done, whole));
  } finally {
    progress.end();
  }
}

export function sizeOf(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 10_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.round(bytes / 1_000_000)} MB`;
}

export const backup = command({
  path: 'backup',
  arguments: { file: optionalArgument('where to; rapport-DATE.backup here unless given') },
  options: { acceptRollback },
  vault: 'none',
  examples: ['rapport backup', 'rapport backup /media/stick/', 'rapport backup rapport.backup --yes'],
  async run(request, ctx) {
    const made = await withBar('backing up', ctx, (advance) => ctx.care.backUp({ ...request, advance }));
    return {
      json: made,
      text: [
        `Backed up to ${made.file}, ${sizeOf(made.bytes)}.`,
        "It opens with today's passphrase or recovery code, whatever they become later.",
        'Keep it on another disk. To bring it back: rapport restore FILE',
      ].join('\n'),
    };
  },
});

export const restore = talk({
  path: 'restore',
  arguments: {
    file: plain('what rapport backup wrote', (raw) => {
      const file = textOf(raw);
      if (file === undefined) throw usage('which backup?', 'rapport restore FILE');
      return file;
    }),
  },
  options: {
    recovery: flag('open it with its recovery code'),
    acceptRollback: flag('a restored vault is always taken as it is: this says so in scripts'),
  },
  vault: 'none',
  examples: [
    'rapport restore rapport-2026-03-12.backup',
    'rapport restore rapport-2026-03-12.backup --recovery',
    'rapport restore rapport-2026-03-12.backup --vault elsewhere',
  ],
  run: ({ file, recovery }, ctx) =>
    ctx.care.withBackup(file, async (found) => {
      const { care, notices, questions, globals, clock } = ctx;
      const { made_at, folder } = found;
      const { date, time } = clock.local(made_at);
      if (found.replaces && !globals.yes) {
        if (!questions.possible)
          throw conflict(
            `a vault is in ${folder}`,
            '--yes puts the backup in its place and keeps the old one aside',
            'or restore to another folder with --vault',
          );
        const question = `A vault is there. Put the backup of ${date}, ${time}, in its place and keep the old one aside?`;
        if (!(await questions.confirm(question, false))) throw cancelled();
      }
      notices.say(`The backup of ${date}, ${time}, opens with the passphrase or recovery code of that day.`);
      const { aside } = await withBar('restoring', ctx, (advance) =>
        care.restore(found, { by: recovery ? 'recovery' : undefined, advance }),
      );
      return {
        json: { folder, made_at, kept_aside: aside ?? null },
        text: textOfLines(
          `Restored the backup of ${date}, ${time}, to ${printable(folder)}`,
          aside && `The vault that was there is now ${aside}`,
          'A passphrase that is forgotten: rapport key passphrase --recovery',
        ),
      };
    }),
});

const shown: Readonly<Record<Check['state'], readonly [word: string, tone: keyof TextStyle]>> = {
  ok: ['ok', 'good'],
  warning: ['warning', 'caution'],
  damaged: ['DAMAGED', 'error'],
  rolled_back: ['OLDER', 'error'],
  unchecked: ['not tried', 'quiet'],
};
const wordWidth = 10;

function linesOf({ state, finding, advice }: Check, style: TextStyle): readonly string[] {
  const [word, tone] = shown[state];
  return [
    `${style[tone](word.padEnd(wordWidth))}${finding}`,
    ...advice.map((line) => `${''.padEnd(wordWidth)}${style.hint('hint:')} ${line}`),
  ];
}

/** The first that any check found. */
const verdicts: readonly (readonly [Check['state'], state: string, exit: ExitName, text: string])[] = [
  ['damaged', 'damaged', 'damaged', 'The vault is damaged.'],
  ['rolled_back', 'rolled_back', 'conflict', 'The vault may be an older copy: it is read, not written.'],
  ['unchecked', 'unchecked', 'ok', 'No damage in what could be looked at.'],
  ['warning', 'warnings', 'ok', 'No damage; see the warnings.'],
];

const verdictOn = (checks: readonly Check[]) =>
  verdicts.find(([found]) => checks.some(({ state }) => state === found)) ??
  (['ok', 'ok', 'ok', 'The vault is well.'] as const);

export const doctor = command({
  path: 'doctor',
  options: { acceptRollback },
  vault: 'none',
  examples: ['rapport doctor', 'rapport doctor --json', 'rapport doctor --accept-rollback'],
  async run(request, ctx) {
    const { care, vault, output } = ctx;
    const { checks, refusal } = await withBar('examining', ctx, (advance) =>
      care.examine({ ...request, advance }),
    );
    const [, state, exit, text] = verdictOn(checks);
    return {
      json: { folder: vault.folder, state, checks },
      text: () => [...checks.flatMap((check) => linesOf(check, output.style)), text].join('\n'),
      exit,
      failure: exit === 'ok' ? refusal : undefined,
    };
  },
});
