/**
 * All that a command is given, as types. A command takes a Pick of it, which is its
 * permission slip. `host/` holds the one real composition; only `host/process.ts` there reads the process and the clock.
 * Everything is lazy: nothing is opened, loaded or asked until a command calls for it.
 */
import type { Caretaker } from './host/caretaker.ts';
import type { Clock } from './host/clock.ts';
import type { DailyMark } from './host/daily-mark.ts';
import type { Files } from './host/files.ts';
import type { VaultKeeper } from './host/keeper.ts';
import type { Locksmith } from './host/locksmith.ts';
import type { Globals } from './host/outside.ts';
import type { SettingsAccess } from './host/settings.ts';
import type { Notices, Output, StandardInput } from './host/text-streams.ts';
import type { Asking } from './host/unlocking.ts';
import type { Store } from './store/store.ts';
import type { Keeping } from './terminal/editor.ts';
import type { Progress } from './terminal/progress.ts';
import type { Questions } from './terminal/questions.ts';

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
  readonly keeper: VaultKeeper;
  /** Backing the vault up, bringing it back, examining it. */
  readonly caretaker: Caretaker;
  /** Changing what opens the vault. */
  readonly locksmith: Locksmith;
  /** True in the demonstration vault, whose patients are fictional: a briefing may go into a pipe there. */
  readonly isDemo: boolean;
  /** A context whose vault is new, in a folder of its own among the temporary files, for fictional patients. */
  readonly throwaway: () => Promise<Context>;
}
