/** The end of a restore, which whoever looks for the vault next brings about where it was killed. Apart, since every command does. */
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './files.ts';

/** Where a checked vault waits to take the folder's place. */
export const ready = (folder: string): string => `${folder}.restored`;

/** Finishes a restore that was killed between its two renames. @returns the folder */
export function finishRestore(folder: string): string {
  if (!existsSync(folder) && existsSync(ready(folder))) {
    try {
      renameSync(ready(folder), folder);
      syncFolder(dirname(folder));
    } catch {
      // Another rapport was faster, or nothing may be changed there.
    }
  }
  return folder;
}
