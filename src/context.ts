/**
 * All that a command is given, as types. A command takes a Pick of it, which is its
 * permission slip. `host/` holds the one real composition; only `host/process.ts` there reads the process and the clock.
 * Everything is lazy: nothing is opened, loaded or asked until a command calls for it.
 */
import type { Clock } from './host/clock.ts';
import type { Files } from './host/files.ts';
import type { Globals } from './host/outside.ts';
import type { SettingsAccess } from './host/settings.ts';
import type { DailyMark } from './host/state-files.ts';
import type { Notices, Output, StandardInput } from './host/text-streams.ts';
import type { Store } from './store/store.ts';
import type { Keeping } from './terminal/editor.ts';
import type { Progress } from './terminal/progress.ts';
import type { Questions } from './terminal/questions.ts';
import type { VaultOfRun } from './vault/access.ts';
import type { BackupMade, BackupWanted } from './vault/backup.ts';
import type { Examination, ExaminationWanted } from './vault/doctor.ts';
import type { KeySlots } from './vault/key-slots.ts';
import type { BackupFound, Restored, RestoreWanted } from './vault/restore.ts';
import type { Asking } from './vault/unlock.ts';

export type { Store } from './store/store.ts';

export interface Context {
  readonly globals: Globals;
  readonly output: Output;
  readonly notices: Notices;
  readonly questions: Questions;
  readonly clock: Clock;
  readonly stdin: StandardInput;
  readonly files: Files;
  /** The person's editor on a private file in memory. @returns the text as saved, which was kept by then */
  readonly editor: { edit(initial: string, keeping: Keeping): Promise<string> };
  readonly settings: SettingsAccess;
  /** A bar on the terminal's stderr for work that takes long; writes nothing without one, under --quiet and --json. */
  readonly startProgress: (label: string) => Progress;
  /**
   * Opens the vault once a run, asking for the key where it must.
   * @throws not-found, locked, wrong-key, damaged, busy, conflict
   */
  readonly openStore: (how?: Asking) => Promise<Store>;
  readonly daily: DailyMark;
  /** Making, unlocking and looking after the vault itself. */
  readonly keeper: VaultOfRun;
  /** Backing the vault up, bringing it back, examining it. */
  readonly caretaker: {
    backUp(wanted: BackupWanted): Promise<BackupMade>;
    withBackup<T>(file: string, work: (found: BackupFound) => Promise<T>): Promise<T>;
    restore(found: BackupFound, wanted: RestoreWanted): Promise<Restored>;
    examine(wanted: ExaminationWanted): Promise<Examination>;
  };
  /** Changing what opens the vault. */
  readonly locksmith: KeySlots;
  /** True in the demonstration vault, whose patients are fictional: a briefing may go into a pipe there. */
  readonly isDemo: boolean;
  /** A context whose vault is new, in a folder of its own among the temporary files, for fictional patients. */
  readonly throwaway: () => Promise<Context>;
}
