/**
 * The one real composition: from an Outside and the flags to a Context, every part of it lazy. What it opened is closed
 * by `close`, whatever happened between.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import type { Reading } from '../commands/command.ts';
import type { Context } from '../context.ts';
import { lazy } from '../dates/vocabulary.ts';
import { cancelled, type Failure } from '../errors.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { startProgress } from '../terminal/progress.ts';
import { terminalQuestions } from '../terminal/questions.ts';
import { removeAllEarlier } from '../vault/pre-migration-copy.ts';
import { createCaretaker } from './caretaker.ts';
import { createClock } from './clock.ts';
import { createDailyMark } from './daily-mark.ts';
import { demoPassphrase } from './demonstrations.ts';
import { createFiles } from './files.ts';
import { settingsFolder } from './folders.ts';
import { createKeeper, type OpenedVault } from './keeper.ts';
import { createLocksmith } from './locksmith.ts';
import { settingsOf } from './old-settings.ts';
import type { Globals, Outside, TerminalStreams } from './outside.ts';
import { rescuing } from './rescuing.ts';
import { watchRollback } from './rollback.ts';
import { createRunFolders, type RunFolders } from './run-folders.ts';
import { createSettings } from './settings.ts';
import { createNotices, createOutput, createStandardInput, styleFor } from './text-streams.ts';
import { rememberTyped } from './typed-text.ts';

export interface Composed {
  readonly ctx: Context;
  readonly reading: Reading;
  /** To be called where the run came to its own end: says what waited for it. */
  readonly tellHeld: () => void;
  /** After a command has failed: see rememberTyped. */
  giveBack(error: unknown): void;
  close(): void;
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** Five characters from thirty-two: each takes five bits of a byte, so none is likelier than another. */
const newRef = (random: Outside['random']): string =>
  Array.from(random(5), (byte) => crockford[byte % crockford.length]).join('');

const pickClock = ({ now, env, wallClock, machineZone }: Outside) => ({ now, env, wallClock, machineZone });

export function composeContext(outside: Outside, globals: Globals): Composed {
  const notices = createNotices(outside, globals);
  const settings = createSettings(() => join(settingsFolder(outside), 'config.json'), outside.uid);
  const clock = createClock({
    ...pickClock(outside),
    zone: () => (settings.isOpen ? settings.read().timeZone : undefined),
  });
  const screenReader = (): boolean => {
    try {
      return globals.screenReader || settings.own().screenReader;
    } catch {
      // Whoever needs the settings says what is wrong with them; doctor goes on without.
      return false;
    }
  };
  const opening: TerminalStreams[] = [];
  const terminal = lazy(() => {
    const streams = outside.openTerminal();
    if (streams !== undefined) opening.push(streams);
    return streams;
  });
  const questions =
    outside.questions ??
    terminalQuestions({
      open: terminal,
      get style() {
        return styleFor(outside.stderr, outside, globals);
      },
      allowed: !globals.noInput,
      assumeYes: globals.yes,
      screenReader,
      jobs: outside.jobs,
    });
  const output = createOutput({
    outside,
    globals,
    marks: () => ({
      ...(clock.isFixed && { clock: 'fixed' }),
      ...(keeper.isDemoInUse && { demonstration: true }),
    }),
    warn: notices.warn,
    settings: settings.own,
    screenReader,
    terminal: () => (globals.noInput ? undefined : terminal()),
  });
  const keeper = createKeeper({
    outside,
    globals,
    questions,
    notices,
    settings: settings.own,
    clock,
  });
  let store: Promise<Store> | undefined;
  const opened: Store[] = [];
  const runs = new Map<string, RunFolders>();
  const runOf = (vaultId: string): RunFolders => {
    const run = runs.get(vaultId) ?? createRunFolders(outside, vaultId);
    runs.set(vaultId, run);
    return run;
  };
  const storeOver = (vault: OpenedVault): Store => {
    const { database, vaultId, logKey, whyUnreadable, beforeMigration, isDemonstration } = vault;
    // Draws chance once a millisecond, and ids stay in the order that they were made in.
    const nextId = monotonicFactory(outside.chance);
    const needs = {
      instant: clock.instant,
      newId: () => nextId(outside.now()),
      newRef: () => newRef(outside.random),
      logKey,
      run: runOf(vaultId),
      whyUnreadable,
      report: ({ message, hints }: Failure) => {
        notices.warn(`rapport: ${message}`);
        for (const hint of hints) notices.warn(`hint: ${hint}`);
      },
      erasing: () => removeAllEarlier(keeper.folder),
      ...(!isDemonstration && {
        guard: watchRollback({ outside, notices, vaultId, vaultFolder: keeper.folder, logKey }),
      }),
    };
    return openStore(database, needs, { beforeMigration });
  };
  const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    const end = outside.onInterrupt(() => controller.abort(cancelled()));
    try {
      return await work(controller.signal);
    } finally {
      end();
    }
  };
  let typing: RunFolders | undefined;
  const open = async (how: Parameters<Context['openStore']>[0]): Promise<Store> => {
    // What is wrong with them is told before anything is shown or asked.
    settings.own();
    const vault = await keeper.openDatabase(how);
    const made = typed.watch(storeOver(vault));
    opened.push(made);
    settings.open(made, settingsOf(made, { folder: keeper.folder, uid: outside.uid, notices }));
    if (vault.isDemonstration && !globals.json)
      notices.say('rapport: a demonstration: these patients are fictional');
    typing = runOf(vault.vaultId);
    if (how?.ask !== false) await typing.sweep(rescuing(made, questions, notices));
    return made;
  };
  const editor: Context['editor'] = {
    async edit(initial, keeping) {
      const run = typing;
      if (run === undefined) throw new Error('what is typed has no vault to go to');
      const { editText } = await import('../terminal/editor.ts');
      return editText(initial, keeping, {
        ...outside,
        editor: settings.own().editor,
        terminal: () => (globals.noInput ? undefined : terminal()?.descriptors),
        folder: run.own,
        warn: notices.warn,
      });
    },
  };
  const stdin = lazy(() => createStandardInput(outside));
  const typed = rememberTyped(questions);
  const ctx: Context = {
    globals,
    output,
    notices,
    questions: typed.questions,
    clock,
    get stdin() {
      return stdin();
    },
    files: createFiles(outside.workingFolder, () => keeper.folder, outside.onInterrupt, outside.uid),
    editor,
    settings,
    startProgress: (label) =>
      startProgress(label, {
        stream: outside.stderr,
        wanted: !globals.quiet && !globals.json,
        screenReader: screenReader(),
      }),
    openStore: (how) => {
      store ??= open(how);
      return store;
    },
    daily: createDailyMark(outside, () => keeper.folder),
    keeper,
    caretaker: createCaretaker({
      outside,
      globals,
      questions,
      notices,
      keeper,
      clock,
      settings: settings.own,
      openStore: () => ctx.openStore(),
      storeOver,
      interruptible,
    }),
    locksmith: createLocksmith({ outside, keeper, clock, openStore: () => ctx.openStore() }),
    get isDemo() {
      return keeper.isDemo;
    },
    async throwaway() {
      const folder = mkdtempSync(join(outside.temporary, 'rapport-demo-'));
      const inner = composeContext({ ...outside, questions }, { ...globals, vault: folder, quiet: true });
      inners.push(inner);
      const passphrase = demoPassphrase;
      await inner.ctx.keeper.create({ passphrase, recoveryCode: keeper.newRecoveryCode(), isDemo: true });
      return inner.ctx;
    },
  };
  const inners: Composed[] = [];
  if (clock.isFixed && !globals.json)
    notices.say(`rapport: the clock is fixed (RAPPORT_TODAY or RAPPORT_NOW)`);
  return {
    ctx,
    reading: {
      today: clock.today,
      get dateStyle() {
        return settings.read().dateStyle;
      },
      get weekStart() {
        return settings.read().weekStart;
      },
    },
    tellHeld() {
      for (const { tellHeld } of [notices, ...inners]) tellHeld();
    },
    giveBack: typed.giveBack,
    close() {
      for (const one of [...opened, ...runs.values(), ...inners, ...opening]) one.close();
    },
  };
}
