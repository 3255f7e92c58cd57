/** The one composition: from an Outside and the flags to a Context, all of it lazy. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { createAgents } from '../agent/client.ts';
import type { Context } from '../context.ts';
import { lazy } from '../dates/civil.ts';
import { cancelled } from '../errors.ts';
import { digestOf } from '../keys.ts';
import { recordDigest } from '../store/record-digest.ts';
import { Sql } from '../store/sql.ts';
import { openStore, type Store } from '../store/store.ts';
import { rememberTyped, startProgress, terminalQuestions } from '../terminal/questions.ts';
import { createNotices, createOutput, failureLines, isDumb, styleFor } from '../terminal/styles.ts';
import { createAccess, type OpenedVault } from '../vault/access.ts';
import type { CareParts } from '../vault/backup.ts';
import { removeCopies } from '../vault/open.ts';
import { rollbackGuard } from '../vault/rollback-guard.ts';
import type { VaultRun } from '../vault/unlock.ts';
import { orElse, realPath } from '../vault/vault-folder.ts';
import { createRunFolders, exclusively, type RunFolders } from '../vault/work-folder.ts';
import { createClock } from './clock.ts';
import { agentFolders, createSettings, stateFile, stateFolder, stateOf, vaultFolder } from './folders.ts';
import type { Globals, Outside } from './process.ts';

const editing = () => import('../terminal/editor.ts');

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** Five bits of a byte each, so that no character is likelier. */
const newRef = (random: Outside['random']): string =>
  Array.from(random(5), (byte) => crockford[byte % crockford.length]).join('');

export function composeContext(outside: Outside, globals: Globals) {
  const notices = createNotices(outside, globals);
  const settings = createSettings(outside);
  const clock = createClock(outside, settings, stateFile(outside, 'time-zone'));
  // Whoever needs the settings reports their fault; doctor goes on.
  const screenReader = (): boolean =>
    globals.screenReader || orElse(() => settings.own().screenReader, false);
  const opened: { close(): void }[] = [];
  const terminal = lazy(() => {
    const streams = outside.openTerminal();
    if (streams !== undefined) opened.push(streams);
    return streams;
  });
  const questions =
    outside.questions ??
    terminalQuestions({
      beforeAsking: () => access.rest(),
      open: terminal,
      style: () => styleFor(outside.stderr, outside.env, globals.color),
      allowed: !globals.noInput,
      assumeYes: globals.yes,
      screenReader,
      isDumb: isDumb(outside.env),
      jobs: outside.jobs,
    });
  const output = createOutput({
    outside,
    globals,
    marks: () => ({
      ...(clock.isFixed && { clock: 'fixed' }),
      ...(access.isDemoInUse && { demonstration: true }),
    }),
    warn: notices.warn,
    settings: settings.own,
    screenReader,
    terminal: () => (globals.noInput ? undefined : terminal()),
  });
  const files = lazy(async () => (await import('./files.ts')).createFiles(outside, access));
  /** Of the demonstration that this run makes. */
  let throwaway: string | undefined;
  const { uid } = outside;
  const vaultRun: VaultRun = {
    folder: () => throwaway ?? vaultFolder(outside, globals),
    workingFolder: outside.workingFolder,
    uid,
    random: outside.random,
    cost: outside.scryptCost,
    env: outside.env,
    stdin: () => outside.stdin,
    passphraseStdin: globals.passphraseStdin,
    outputOf: async (command) =>
      (await import('../terminal/subprocess.ts')).outputOf(command, outside.env, globals.json),
    agents: createAgents(outside, agentFolders(outside), () => questions.possible),
    osKeyring: async () => (await import('../vault/key-sources.ts')).createOsKeyring(outside),
    demonstrationIn: (folder) => stateOf(outside, folder, 'demo'),
    exclusively: (work) =>
      exclusively(join(stateFolder(outside), `${digestOf(realPath(access.folder)).slice(0, 32)}.lock`), work),
    guardOf: (vaultId, logKey) =>
      rollbackGuard({ folder: stateFolder(outside), uid, vaultId, vaultFolder: access.folder, logKey }),
    prompt: questions,
    writePrivate: async (path, text) => (await files()).writePrivate(path, text),
    say: notices.say,
    warn: notices.warn,
    report: (failure) => notices.warn(failureLines(failure, { json: false, debug: false })),
    idleMinutes: () => settings.own().idleMinutes,
    instant: clock.instant,
  };
  const access = createAccess(vaultRun);
  let store: Promise<Store> | undefined;
  let runFolders: RunFolders | undefined;
  const unsaved = rememberTyped(questions);
  const storeOver = (vault: OpenedVault): Store => {
    const { vaultId, logKey, whyUnreadable, beforeMigration, isDemonstration } = vault;
    // Draws randomness once a millisecond; ids stay in order.
    const nextId = monotonicFactory(outside.chance);
    const digest = recordDigest(logKey);
    const memories = [outside.env['XDG_RUNTIME_DIR'], outside.memory];
    const run = createRunFolders({ memories, temporary: outside.temporary, uid }, vaultId, notices.warn);
    opened.push(run, { close: () => digest[Symbol.dispose]() });
    runFolders = run;
    return openStore(new Sql(vault), {
      instant: clock.instant,
      newId: () => nextId(outside.now()),
      newRef: () => newRef(outside.random),
      logKey,
      run,
      whyUnreadable,
      beforeMigration,
      digest,
      report: vaultRun.report,
      erasing: () => removeCopies(vault.database, access.folder),
      ...(!isDemonstration && { guard: vaultRun.guardOf(vaultId, logKey) }),
    });
  };
  const interruptible: CareParts['interruptible'] = async (work) => {
    const controller = new AbortController();
    const end = outside.onInterrupt(() => controller.abort(cancelled()));
    return work(controller.signal).finally(end);
  };
  const open = async (how: Parameters<Context['openStore']>[0]): Promise<Store> => {
    // Reports a fault of theirs before anything is shown or asked.
    settings.own();
    const vault = await access.open(how);
    const made = unsaved.watch(storeOver(vault));
    await settings.open(made, access.folder, vaultRun.report);
    if (vault.isDemonstration && throwaway === undefined && !globals.json)
      notices.say('rapport: a demonstration: these patients are fictional');
    if (how?.ask !== false)
      await runFolders?.sweep({
        // A script's output may have no reader.
        take: async (draftId, path) =>
          questions.possible && (await editing()).rescue(draftId, path, made, notices.warn),
        tell: (path) => notices.warn(`a text that was typed and never saved lies in ${path}`),
      });
    return made;
  };
  const care: CareParts = {
    ...vaultRun,
    access,
    local: clock.local,
    replaces: globals.yes,
    powerlessSettings: () => settings.powerless(access.folder),
    openStore: () => ctx.openStore(),
    storeOver,
    interruptible,
  };
  const ctx: Context = {
    globals,
    output,
    notices,
    questions: unsaved.questions,
    clock,
    stdin: { readText: async (limit) => (await files()).readInputText(limit) },
    files,
    editor: {
      async edit(initial, keeping) {
        const run = runFolders;
        if (run === undefined) throw new Error('what is typed has no vault to go to');
        const { editText } = await editing();
        access.rest();
        return editText(initial, keeping, {
          ...outside,
          editor: settings.own().editor,
          terminal: () => (globals.noInput ? undefined : terminal()?.descriptors),
          folder: run.own,
          remove: run.remove,
          warn: notices.warn,
        });
      },
    },
    settings,
    startProgress: (label) =>
      startProgress(label, {
        stream: outside.stderr,
        wanted: !globals.quiet && !globals.json,
        screenReader: screenReader() || isDumb(outside.env),
      }),
    openStore: (how) => {
      store ??= open(how);
      return store;
    },
    daily: () => stateOf(outside, access.folder, 'daily'),
    vault: access,
    care: {
      backUp: async (wanted) => (await import('../vault/backup.ts')).backUp(care, wanted),
      withBackup: async (file, work) => (await import('../vault/restore.ts')).withBackup(care, file, work),
      restore: async (found, wanted) => (await import('../vault/restore.ts')).restore(care, found, wanted),
      newest: async (wanted) => (await import('../vault/newest.ts')).restoreNewest(care, wanted),
      examine: async (wanted) => (await import('../vault/doctor.ts')).examine(care, wanted),
    },
    keySlots: lazy(async () => (await import('../vault/key-slots.ts')).createKeySlots(vaultRun, access)),
    session: lazy(async () => (await import('../vault/session.ts')).createSession(vaultRun, access)),
    async throwaway() {
      throwaway = mkdtempSync(join(outside.temporary, 'rapport-demo-'));
      const { demoPassphrase } = await import('../vault/typed-secrets.ts');
      const { create, newRecoveryCode } = await ctx.session();
      await create({ passphrase: demoPassphrase, recoveryCode: newRecoveryCode(), isDemo: true });
    },
  };
  if (clock.isFixed && !globals.json)
    notices.say(`rapport: the clock is fixed (RAPPORT_TODAY or RAPPORT_NOW)`);
  return {
    ctx,
    tellHeld: notices.tellHeld,
    giveBack: unsaved.giveBack,
    close() {
      for (const one of [access, ...opened]) one.close();
    },
  };
}
