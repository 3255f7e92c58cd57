/** `rapport backup` and `rapport restore`: the vault in one file, and back; and from one machine to another. */
import { type Ctx, command, type Outcome, type Talk, talk } from '../cli/command.ts';
import { agree, flag, optionalArgument, word } from '../cli/kinds.ts';
import { count } from '../dates/civil.ts';
import { groupBy, printable, textOfLines } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import type { Progress } from '../terminal/questions.ts';
import type { Newest } from '../vault/newest.ts';
import type { Authority } from '../vault/unlock.ts';

export const acceptRollback = flag('take an older copy of the vault that was put back as it is');

export async function withBar<T>(
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
  arguments: {
    file: optionalArgument('a new file, or a folder, where it gets a name of its own; here unless given'),
  },
  options: { acceptRollback },
  vault: 'none',
  examples: ['', '/media/stick/', '~/Sync/rapport/', 'rapport.backup --yes'],
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

/** The vault from one file. */
async function restoreFile(file: string, by: Authority | undefined, ctx: Talk<undefined>): Promise<Outcome> {
  const { care, notices, clock } = ctx;
  return care.withBackup(file, async (found) => {
    const { made_at, folder } = found;
    const { date, time } = clock.local(made_at);
    const question = `A vault is there. Put the backup of ${date}, ${time}, in its place and keep the old one aside?`;
    const refusal = conflict(
      `a vault is in ${folder}`,
      '--yes puts the backup in its place and keeps the old one aside',
      'or restore to another folder with --vault',
    );
    if (found.replaces) await agree(question, refusal, ctx);
    notices.say(`The backup of ${date}, ${time}, opens with the passphrase or recovery code of that day.`);
    const aside = await withBar('restoring', ctx, (advance) => care.restore(found, { by, advance }));
    return {
      json: { folder, made_at, kept_aside: aside ?? null },
      text: textOfLines(
        `Restored the backup of ${date}, ${time}, to ${printable(folder)}`,
        aside && `The vault that was there is now ${aside}`,
        'A passphrase that is forgotten: rapport key passphrase --recovery',
      ),
    };
  });
}

/** 'passed over a, b and 2 more: they are of another vault' */
const passedLines = (passed: Newest['passedOver']): readonly string[] =>
  [...groupBy(passed, ({ reason }) => [reason])].map(([reason, all]) => {
    const names = all.slice(0, 3).map(({ file }) => printable(file));
    return `passed over ${names.join(', ')}${all.length > 3 ? ` and ${all.length - 3} more` : ''}: ${reason}`;
  });

/** What the other machine wrote last, where it goes on from this one. */
async function restoreNewest(
  from: string,
  by: Authority | undefined,
  ctx: Talk<undefined>,
): Promise<Outcome> {
  const { care, clock, vault } = ctx;
  const { taken, passedOver } = await withBar('restoring', ctx, (advance) =>
    care.newest({ from, by, advance }),
  );
  const { file, made_at, aside, hasErased, hasNewKeys, carried } = taken ?? {};
  const { date, time } = clock.local(made_at ?? clock.instant());
  const { drafts = 0, left = 0, settings = [] } = carried ?? {};
  return {
    json: {
      folder: vault.folder,
      made_at: made_at ?? null,
      kept_aside: aside ?? null,
      file: file ?? null,
      carried: carried ?? null,
      passed_over: passedOver,
    },
    notices: passedLines(passedOver),
    text:
      file === undefined
        ? `Nothing newer: this vault has every change ${passedOver.length === 0 ? 'that is in that folder' : 'of the other backups there'}.`
        : textOfLines(
            `This vault now has every change of ${printable(file)}, made ${date}, ${time}.`,
            drafts > 0 && `${count(drafts, 'draft')} of this machine went along: rapport due names them.`,
            left > 0 &&
              `${count(left, 'draft')} did not go along: the patient or the note was removed on the other machine.`,
            settings.length > 0 &&
              `Set on both machines, and kept as set here: ${settings.join(', ')} (rapport config)`,
            hasNewKeys &&
              'It opens with the passphrase and the recovery code that the other machine has now.',
            aside && `The vault as it was here is kept until the next backup: ${aside}`,
            hasErased &&
              'Something was erased on the other machine, so the vault as it was here is not kept.',
          ),
  };
}

export const restore = talk({
  arguments: { file: optionalArgument('what rapport backup wrote') },
  options: {
    newest: word('<folder>', 'what another machine backed up there, where it goes on from this vault', {
      takes: 'folder',
    }),
    recovery: flag('open it with its recovery code'),
    acceptRollback: flag('a restored vault is always taken as it is: this says so in scripts'),
  },
  apart: { newest: ['file'] },
  refuse(has) {
    if (!has('file') && !has('newest'))
      throw usage('which backup?', 'rapport restore FILE', 'rapport restore --newest FOLDER');
  },
  vault: 'none',
  examples: [
    'rapport-2026-03-12-0830-4f2a1c.backup',
    'clinic.backup --recovery',
    'clinic.backup --vault elsewhere',
    '--newest ~/Sync/rapport/',
  ],
  run({ file, newest, recovery }, ctx) {
    const by = recovery ? 'recovery' : undefined;
    return newest === undefined ? restoreFile(file ?? '', by, ctx) : restoreNewest(newest, by, ctx);
  },
});
