/** The recovery code on a sheet of paper. */
import { rmSync } from 'node:fs';
import { printable } from '../domain/text.ts';
import { conflict, Failure, OutcomeUnknown } from '../errors.ts';

/** One page of A4 or Letter; all lines but the code's begin with '#'. @param day YYYY-MM-DD */
export const sheetText = (code: string, folder: string, day: string): string =>
  [
    '# RAPPORT RECOVERY CODE',
    '#',
    `# made on ${day} for the vault in ${printable(folder)}`,
    '#',
    '',
    `    ${code}`,
    '',
    '#',
    '# What it is for',
    '#   It opens the vault and its backups without the passphrase, for whoever has it. Without passphrase and code',
    '#   nobody can open them ever again: there is no other way in.',
    '#',
    '# What to do with it',
    '#   Print it or write it down, then remove the file. Keep the sheet where only you can get at it, as you would',
    '#   a passport, and away from the computer. It holds the digits 0 and 1, and no letters I, L, O or U.',
    '#',
    '# How to use it',
    '#   Passphrase forgotten:    rapport key passphrase --recovery',
    '#   Computer lost or broken: rapport restore BACKUP --recovery',
    '#   Sheet lost or seen:      rapport key recovery, which makes another code; this one then opens old backups only',
    '#',
    '# Kept at: ________________________________    checked on: ________________',
    '',
  ].join('\n');

/** @throws conflict where the file exists, not-found, usage, failed */
export type WritePrivate = (path: string, text: string) => Promise<void>;

interface Sheet {
  readonly code: string;
  readonly folder: string;
  readonly day: string;
  /** Undefined where no sheet is wanted. */
  readonly path: string | undefined;
}

/**
 * Writes the sheet before the work, so that no code is in force that was never written down; removes it where the work
 * fails.
 */
export async function withSheet<T>(
  { path, code, folder, day }: Sheet,
  write: WritePrivate,
  work: () => Promise<T>,
): Promise<T> {
  if (path === undefined) return work();
  try {
    await write(path, sheetText(code, folder, day));
  } catch (error) {
    if (error instanceof Failure && error.exit === 'conflict')
      throw conflict(error.message, 'name another file');
    throw error;
  }
  try {
    return await work();
  } catch (error) {
    // The code may be in force.
    if (error instanceof OutcomeUnknown) throw new OutcomeUnknown(error, `the sheet in ${path} stays`);
    rmSync(path, { force: true });
    throw error;
  }
}
