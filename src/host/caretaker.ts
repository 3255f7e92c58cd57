/**
 * Looking after the vault as a whole: backing it up, bringing it back, examining it. What commands get of that; the
 * three works are loaded when one of them is called for.
 */

import type { Clock, Globals, Notices, Questions } from '../context.ts';
import type { OwnSettings } from '../domain/settings.ts';
import { cancelled } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Check } from '../vault/doctor.ts';
import type { OpenedBackup } from '../vault/restore.ts';
import { sweepWork } from '../vault/work-folder.ts';
import type { KeyAccess, OpenedVault, VaultKeeper } from './keeper.ts';
import type { Authority } from './key-ring.ts';
import type { Outside } from './process.ts';

export type { Check } from '../vault/doctor.ts';

/** So much of the whole is done, in any one unit. */
export type Advance = (done: number, whole: number) => void;

export interface BackupWanted {
  /** A file or a folder, from the working folder; undefined makes up a name there. */
  readonly file: string | undefined;
  /** Takes an older copy of the vault that was put back as it is. */
  readonly acceptRollback: boolean;
  readonly advance: Advance;
}

export interface BackupMade {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** ISO instant. */
  readonly made_at: string;
}

/** A backup that may be restored: its head is whole, and nothing was changed yet. */
export interface BackupFound {
  /** ISO instant. */
  readonly made_at: string;
  /** The folder that it would be restored to. */
  readonly folder: string;
  /** Whether a vault stands there. */
  readonly replaces: boolean;
  readonly opened: OpenedBackup;
}

export interface RestoreWanted {
  /** 'recovery' asks for the code; undefined takes either. */
  readonly by: Authority | undefined;
  readonly advance: Advance;
}

export interface Restored {
  /** Where the vault that stood there is now. */
  readonly aside: string | undefined;
}

export interface ExaminationWanted {
  readonly acceptRollback: boolean;
  readonly advance: Advance;
}

export interface Examination {
  readonly checks: readonly Check[];
  /** Why the key could not be had, where that is worth an error. */
  readonly refusal: Error | undefined;
}

export interface Caretaker {
  /** Writes a backup. @throws conflict, usage, not-found, damaged, busy, failed, cancelled, and as opening does */
  backUp(wanted: BackupWanted): Promise<BackupMade>;
  /**
   * Looks at a backup and at the place that it would be restored to, and gives both to the work.
   * @throws not-found, usage, damaged, conflict (a newer version; other files in the vault's folder)
   */
  withBackup<T>(file: string, work: (found: BackupFound) => Promise<T>): Promise<T>;
  /** Restores it, asking for its passphrase or recovery code. @throws locked, wrong-key, damaged, conflict, failed, cancelled */
  restore(found: BackupFound, wanted: RestoreWanted): Promise<Restored>;
  /** Looks at everything that can be looked at. @throws not-found, cancelled */
  examine(wanted: ExaminationWanted): Promise<Examination>;
}

export interface CaretakerParts {
  readonly outside: Pick<
    Outside,
    'env' | 'platform' | 'home' | 'workingFolder' | 'uid' | 'onInterrupt' | 'nodePath' | 'copierPath'
  >;
  readonly globals: Pick<Globals, 'yes'>;
  readonly questions: Questions;
  readonly notices: Pick<Notices, 'say' | 'warn'>;
  readonly keeper: VaultKeeper & KeyAccess;
  readonly clock: Pick<Clock, 'instant' | 'local'>;
  /** The person's own. */
  readonly settings: () => OwnSettings;
  readonly openStore: () => Promise<Store>;
  /** The store over another database than the run's own. The caller closes it. */
  readonly storeOver: (vault: OpenedVault) => Store;
}

/**
 * Ends the work with `cancelled` at a signal, so that it can clean up. Nothing is asked in it: a question ends the
 * process by the signal itself.
 */
export type Interruptible = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

const interruptibleBy =
  ({ onInterrupt }: CaretakerParts['outside']): Interruptible =>
  async (work) => {
    const controller = new AbortController();
    const end = onInterrupt(() => controller.abort(cancelled()));
    try {
      return await work(controller.signal);
    } finally {
      end();
    }
  };

export const createCaretaker = (parts: CaretakerParts): Caretaker => ({
  async backUp(wanted) {
    const { backUp } = await import('./backing-up.ts');
    return backUp(parts, wanted, interruptibleBy(parts.outside));
  },
  async withBackup(file, work) {
    const { withBackup } = await import('./restoring.ts');
    return withBackup(parts, file, work);
  },
  async restore(found, wanted) {
    const { restore } = await import('./restoring.ts');
    return restore(parts, found, wanted, interruptibleBy(parts.outside));
  },
  async examine(wanted) {
    const { examine } = await import('./examining.ts');
    sweepWork(parts.outside.workingFolder, parts.outside.uid);
    // There is nothing to clean up: Ctrl-C may end it at once.
    return examine(parts, wanted);
  },
});
