/** All that commands are given, as types; `host/compose.ts` makes it. Everything is lazy. */
import type { Clock } from './host/clock.ts';
import type { Files } from './host/files.ts';
import type { SettingsAccess, StateFile } from './host/folders.ts';
import type { Globals } from './host/process.ts';
import type { Store } from './store/store.ts';
import type { Keeping } from './terminal/editor.ts';
import type { Progress, Questions } from './terminal/questions.ts';
import type { Notices, Output } from './terminal/styles.ts';
import type { VaultOfRun } from './vault/access.ts';
import type { BackupMade, BackupWanted } from './vault/backup.ts';
import type { Examination, ExaminationWanted } from './vault/doctor.ts';
import type { KeySlots } from './vault/key-slots.ts';
import type { Newest, NewestWanted } from './vault/newest.ts';
import type { BackupFound, RestoreWanted } from './vault/restore.ts';
import type { Session } from './vault/session.ts';
import type { Asking } from './vault/unlock.ts';

export type { Store } from './store/store.ts';

export interface Context {
  readonly globals: Globals;
  readonly output: Output;
  readonly notices: Notices;
  readonly questions: Questions;
  readonly clock: Clock;
  /** @throws usage above the limit in bytes, or for a text that is not UTF-8 */
  readonly stdin: { readText(limit: number): Promise<string> };
  readonly files: () => Promise<Files>;
  /** @returns the text as saved, which was kept by then */
  readonly editor: { edit(initial: string, keeping: Keeping): Promise<string> };
  readonly settings: SettingsAccess;
  readonly startProgress: (label: string) => Progress;
  /** Once a run. @throws not-found, locked, wrong-key, damaged, busy, conflict */
  readonly openStore: (how?: Asking) => Promise<Store>;
  /** The day on which `due --daily` was last shown. */
  readonly daily: () => Pick<StateFile, 'read' | 'write'>;
  readonly vault: VaultOfRun;
  readonly care: {
    backUp(wanted: BackupWanted): Promise<BackupMade>;
    withBackup<T>(file: string, work: (found: BackupFound) => Promise<T>): Promise<T>;
    restore(found: BackupFound, wanted: RestoreWanted): Promise<string | undefined>;
    newest(wanted: NewestWanted): Promise<Newest>;
    examine(wanted: ExaminationWanted): Promise<Examination>;
  };
  readonly keySlots: () => Promise<KeySlots>;
  readonly session: () => Promise<Session>;
  /** Makes a demonstration vault in a new folder, which is this run's from then on. */
  readonly throwaway: () => Promise<void>;
}
