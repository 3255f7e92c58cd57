/**
 * All that a command is given, as types. A command takes a Pick of it, which is its
 * permission slip. `host/` holds the one real composition; only `host/process.ts` there reads the process and the clock.
 * Everything is lazy: nothing is opened, loaded or asked until a command calls for it.
 */
import type { CivilDate, TimeOfDay } from './dates/civil.ts';
import type { OwnSettings, Settings } from './domain/settings.ts';
import type { Caretaker } from './host/caretaker.ts';
import type { VaultKeeper } from './host/keeper.ts';
import type { Locksmith } from './host/locksmith.ts';
import type { Store } from './store/store.ts';
import type { Keeping } from './terminal/editor.ts';
import type { Progress } from './terminal/progress.ts';
import type { TextStyle } from './terminal/styles.ts';

export type { Check } from './host/caretaker.ts';
export type { Store } from './store/store.ts';

/** The flags that every command takes. */
export interface Globals {
  readonly vault: string | undefined;
  readonly color: 'auto' | 'always' | 'never';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly yes: boolean;
  readonly noInput: boolean;
  readonly debug: boolean;
  readonly passphraseStdin: boolean;
  readonly screenReader: boolean;
}

export interface Output {
  /** Writes text and a line end to stdout. Control characters other than line ends and our own colours never get through. */
  print(text: string): void;
  /** The same for what may be long: on a terminal that it does not fit, through the person's pager on the alternate screen. */
  page(text: string): Promise<void>;
  /**
   * Shows it on a terminal's other screen until a key, or so many seconds, and leaves nothing of it. It stands there when
   * this returns; the promise is its end. Only where `hasScreen`.
   */
  glance(text: string, seconds: number): Promise<void>;
  /** stdout is a terminal that has another screen. */
  readonly hasScreen: boolean;
  /** Writes one JSON document; adds `"clock": "fixed"` where the domain's clock is. */
  json(document: { readonly schema: string; readonly [field: string]: unknown }): void;
  readonly isTerminal: boolean;
  /** A screen reader reads it out: plain lines, nothing drawn or redrawn. */
  readonly screenReader: boolean;
  /** Width to lay out for: the terminal's, within 40 to 200, or 80 without one. */
  readonly columns: number;
  readonly style: TextStyle;
}

export interface Notices {
  /** One line for the person on stderr; silent under --quiet. */
  say(text: string): void;
  /** The same, but also under --quiet. */
  warn(text: string): void;
  readonly style: TextStyle;
}

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
}

/** Questions on the terminal. They vanish when answered; Ctrl-C and Ctrl-D end in a `cancelled` failure. */
export interface Questions {
  /** False where there is no terminal, or under --no-input: then every question fails with `usage`. */
  readonly possible: boolean;
  text(
    question: string,
    options?: { readonly prefill?: string; readonly check?: (answer: string) => string | undefined },
  ): Promise<string>;
  secret(question: string): Promise<string>;
  /** Yes or no; --yes answers yes without asking. */
  confirm(question: string, fallback: boolean): Promise<boolean>;
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** Lines shown above or between questions, on the terminal. */
  tell(text: string): void;
}

export interface Clock {
  /** Today in the vault's time zone (before it is open: the machine's), or as RAPPORT_TODAY says. */
  today(): CivilDate;
  /** The time of day in the configured time zone. */
  time(): TimeOfDay;
  /** True where RAPPORT_TODAY or RAPPORT_NOW fixes the domain's dates. */
  readonly isFixed: boolean;
  /** IANA name. */
  readonly zone: string;
  /** The civil date and time of an ISO instant in the configured time zone. */
  local(instant: string): { readonly date: CivilDate; readonly time: TimeOfDay };
  /** The real instant, ISO, UTC, whatever fixes the domain's dates. */
  instant(): string;
}

export interface StandardInput {
  readonly isTerminal: boolean;
  /** All of standard input as text (UTF-8). @throws usage above the limit in bytes or on invalid UTF-8 */
  readText(limit: number): Promise<string>;
  /** The same as bytes, as they come. @throws usage above the limit */
  readChunks(limit: number): AsyncIterable<Uint8Array>;
}

export interface Files {
  /** @throws not-found, usage (not a regular file, too large) */
  readBytes(path: string, limit: number): Promise<Buffer>;
  /** The same a chunk at a time. @throws also where the file changes while it is read */
  readChunks(path: string, limit: number): AsyncIterable<Uint8Array>;
  /** Writes a new file with mode 0600, whole or in chunks. @throws conflict where it exists and `replace` is not set */
  writePrivate(
    path: string,
    text: string | Iterable<string>,
    options?: { readonly replace?: boolean },
  ): Promise<void>;
}

export interface Editor {
  /** Opens the person's editor on a private file in memory, and returns the text as saved, which was kept by then. */
  edit(initial: string, keeping: Keeping): Promise<string>;
}

export interface SettingsAccess {
  /** The person's own. @throws usage, conflict where others can write them */
  own(): OwnSettings;
  /** The vault's. Once it is open: before that nothing knows them. */
  read(): Settings;
  /** Whether they are known. */
  readonly isOpen: boolean;
  /** The keys that are set, as written; those of the vault once it is open. */
  values(): Readonly<Record<string, string>>;
  /** Sets one key where it belongs, or unsets it with undefined. @throws usage, failed, conflict, busy */
  write(key: string, value: string | undefined): void;
}

/** Remembers, outside of the vault, the day that was last shown by `due --daily`. */
export interface DailyMark {
  last(): CivilDate | undefined;
  set(on: CivilDate): void;
}

export interface Asking {
  /** False asks no person: locked where no source has the key. */
  readonly ask: boolean;
  /** A shell's prompt or a Tab waits for it. */
  readonly hurries?: boolean;
}

export interface Context {
  readonly globals: Globals;
  readonly output: Output;
  readonly notices: Notices;
  readonly questions: Questions;
  readonly clock: Clock;
  readonly stdin: StandardInput;
  readonly files: Files;
  readonly editor: Editor;
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
