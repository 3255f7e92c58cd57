/**
 * A real vault in a temporary folder and the whole program run on it in-process: real files, real encryption (with a
 * cheap key derivation), a clock that the test sets, and the same refs at every run.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { settingDeclaration } from '../../src/domain/settings.ts';
import { composeContext } from '../../src/host/compose.ts';
import type { Globals } from '../../src/host/process.ts';
import { makeTables } from '../../src/store/migrations.ts';
import type { Store } from '../../src/store/store.ts';
import type { Questions } from '../../src/terminal/questions.ts';
import { createVault } from '../../src/vault/create.ts';
import type { VaultDatabase } from '../../src/vault/open.ts';
import { type Answer, scriptedQuestions } from './answers.ts';
import { temporaryFolder } from './folders.ts';
import { passphrase, seededRandom, testOutside } from './outside.ts';

export { passphrase } from './outside.ts';

export interface RunOptions {
  /** Answers to questions, in order; without any there is no terminal to ask on. */
  readonly answers?: readonly Answer[];
  readonly stdin?: string | Buffer;
  /** Width of a terminal that stdout is; a pipe unless given. */
  readonly terminal?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called before each chunk on standard output. */
  readonly printing?: () => void;
  /** Runs without the passphrase in the environment. */
  readonly locked?: boolean;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** Questions with their answers, and what was told between them. */
  readonly asked: readonly string[];
}

export interface TestPlace {
  /** The temporary folder that holds everything. */
  readonly root: string;
  /** Where the vault is, or would be. */
  readonly folder: string;
  /** The person's own settings. */
  readonly ownSettings: string;
  /** The folder that relative paths start from. */
  readonly work: string;
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The same for a run that must succeed: its JSON. */
  json(argv: readonly string[], options?: RunOptions): Promise<unknown>;
  /** Works on the vault's store directly, to set things up or to look at them. */
  withStore<T>(work: (store: Store) => T | Promise<T>): Promise<T>;
  /** The same below the store: the open, keyed database. */
  withDatabase<T>(work: (database: VaultDatabase) => T | Promise<T>): Promise<T>;
  /** Sets the real clock: an ISO instant. It goes on by a millisecond at each reading. */
  at(instant: string): void;
  /** Takes it away before the test file ends, which does so anyway. */
  remove(): void;
}

export interface PlaceOptions {
  /** What the clock says first. */
  readonly at?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export const noGlobals: Globals = {
  vault: undefined,
  color: 'auto',
  json: false,
  quiet: false,
  yes: false,
  noInput: true,
  debug: false,
  passphraseStdin: false,
  screenReader: false,
};

/** A place without a vault in it. */
export function makePlace(options: PlaceOptions = {}): TestPlace {
  const root = temporaryFolder();
  const folder = join(root, 'vault');
  const work = join(root, 'work');
  for (const name of ['home', 'temporary', 'runtime', 'state', 'work'])
    mkdirSync(join(root, name), { mode: 0o700 });
  let instant = Date.parse(options.at ?? '2026-03-12T08:30:00Z');
  const random = seededRandom('rapport');
  const outsideFor = (more: RunOptions, questions?: Questions) =>
    testOutside({
      root,
      env: {
        RAPPORT_VAULT: folder,
        ...(!more.locked && { RAPPORT_PASSPHRASE: passphrase }),
        ...more.env,
      },
      ...(more.stdin !== undefined && { stdin: more.stdin }),
      ...(questions && { questions }),
      ...(more.printing && { printing: more.printing }),
      ...(more.terminal !== undefined && { terminal: more.terminal }),
      now: () => {
        instant += 1;
        return instant;
      },
      random,
    });
  const run: TestPlace['run'] = async (argv, more = {}) => {
    const questions = more.answers && scriptedQuestions(more.answers, argv.includes('--yes'));
    const outside = outsideFor(more, argv.includes('--no-input') ? undefined : questions);
    const code = await main(argv, outside);
    questions?.verify();
    return { ...outside.printed, code, asked: questions?.asked ?? [] };
  };
  return {
    root,
    folder,
    ownSettings: join(root, 'home', '.config', 'rapport', 'config.json'),
    work,
    run,
    async json(argv, more) {
      const { stdout, stderr, code } = await run([...argv, '--json'], more);
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async withStore(work) {
      const composed = composeContext(outsideFor({}), noGlobals);
      try {
        return await work(await composed.ctx.openStore());
      } finally {
        composed.close();
      }
    },
    async withDatabase(work) {
      const composed = composeContext(outsideFor({}), noGlobals);
      const { database } = await composed.ctx.vault.open();
      try {
        return await work(database);
      } finally {
        database.close();
        composed.close();
      }
    },
    at: (when) => {
      instant = Date.parse(when);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A place with an empty vault, in Madrid on 12 March 2026 unless told. */
export async function makeVault(options: PlaceOptions = {}): Promise<TestPlace> {
  const place = makePlace(options);
  // Idle 0: no agent outlives a test.
  const entries = Object.entries({ 'time-zone': 'Europe/Madrid', idle: '0', ...options.settings });
  const ofVault = entries.filter(([key]) => !settingDeclaration(key)?.isOwn);
  const made = await createVault({
    folder: place.folder,
    uid: process.getuid?.(),
    passphrase,
    recoverySecret: Buffer.alloc(20, 5),
    madeOn: '2026-01-01',
    cost: 2,
    prepare: (database) => makeTables(database, Object.fromEntries(ofVault)),
  });
  made.keys.wipe();
  const own = entries.filter(([key]) => settingDeclaration(key)?.isOwn);
  mkdirSync(dirname(place.ownSettings), { recursive: true, mode: 0o700 });
  writeFileSync(place.ownSettings, JSON.stringify(Object.fromEntries(own)), { mode: 0o600 });
  return place;
}
