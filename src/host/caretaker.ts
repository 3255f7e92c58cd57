/** Looking after a vault as it is: each work is loaded when it is called for. */
import { sweepWork } from '../vault/work-folder.ts';
import type { BackupMade, BackupWanted, CaretakerParts } from './backing-up.ts';
import type { Examination, ExaminationWanted } from './examining.ts';
import type { BackupFound, Restored, RestoreWanted } from './restoring.ts';

export type Caretaker = ReturnType<typeof createCaretaker>;

export const createCaretaker = (parts: CaretakerParts) => ({
  /** Writes a backup. @throws conflict, usage, not-found, damaged, busy, failed, cancelled, and as opening does */
  async backUp(wanted: BackupWanted): Promise<BackupMade> {
    const { backUp } = await import('./backing-up.ts');
    return backUp(parts, wanted);
  },
  /**
   * Looks at a backup and at the place that it would be restored to, and gives both to the work.
   * @throws not-found, usage, damaged, conflict (a newer version; other files in the vault's folder)
   */
  async withBackup<T>(file: string, work: (found: BackupFound) => Promise<T>): Promise<T> {
    const { withBackup } = await import('./restoring.ts');
    return withBackup(parts, file, work);
  },
  /** Restores it, asking for its passphrase or recovery code. @throws locked, wrong-key, damaged, conflict, failed, cancelled */
  async restore(found: BackupFound, wanted: RestoreWanted): Promise<Restored> {
    const { restore } = await import('./restoring.ts');
    return restore(parts, found, wanted);
  },
  /** Looks at everything that can be looked at. @throws not-found, cancelled */
  async examine(wanted: ExaminationWanted): Promise<Examination> {
    const { examine } = await import('./examining.ts');
    sweepWork(parts.outside.workingFolder, parts.outside.uid);
    // Nothing is to be cleaned up: Ctrl-C may end it at once.
    return examine(parts, wanted);
  },
});
