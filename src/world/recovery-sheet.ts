/** The recovery code on a sheet of its own: what is printed or written down, and read back whole. */
import { conflict, Failure } from '../errors.ts';
import { createFiles } from './files.ts';

/** @param day YYYY-MM-DD */
export const sheetText = (code: string, folder: string, day: string): string =>
  [
    `# rapport recovery code, made on ${day} for the vault in ${folder}`,
    '# It opens the vault without the passphrase. Print it, keep it where only you can get at it, and away from',
    '# the computer; then remove this file. To use it: rapport key passphrase --recovery',
    code,
    '',
  ].join('\n');

/** Writes a new private file. @throws conflict where one of that name exists, not-found, usage, failed */
export async function writeSheet(path: string, text: string): Promise<void> {
  try {
    await createFiles('/').writePrivate(path, text);
  } catch (error) {
    if (error instanceof Failure && error.exit === 'conflict')
      throw conflict(error.message, 'name another file');
    throw error;
  }
}
