/** What a user can meet is a Failure: one cause, hints for a way out, an exit name. All else is a defect: exit 1. */

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  'not-found': 3,
  locked: 4,
  'wrong-key': 5,
  ambiguous: 6,
  damaged: 7,
  busy: 8,
  conflict: 9,
  due: 10,
  cancelled: 130,
} as const;

export type ExitName = keyof typeof exitCodes;
type FailureName = Exclude<ExitName, 'ok' | 'due'>;
type Lines = readonly string[];

export class Failure extends Error {
  readonly exit: FailureName;
  readonly hints: Lines;
  readonly details: Lines;
  /** On the terminal alone. Trap: only here may a patient's text stand. */
  readonly shown: Lines;

  constructor(exit: FailureName, message: string, hints: Lines = [], details: Lines = [], shown: Lines = []) {
    super(message);
    this.exit = exit;
    this.hints = hints;
    this.details = details;
    this.shown = shown;
  }

  /** The same, with other ways out. */
  hinting(hints: Lines): Failure {
    return new Failure(this.exit, this.message, hints, this.details, this.shown);
  }

  /** The same, and what came of it. */
  saying(outcome: string, ...hints: Lines): Failure {
    return new Failure(this.exit, `${this.message}; ${outcome}`, [...hints, ...this.hints]);
  }
}

const failing =
  (exit: FailureName) =>
  (message: string, ...hints: Lines) =>
    new Failure(exit, message, hints);
export const usage = failing('usage');
export const notFound = failing('not-found');
export const conflict = failing('conflict');
export const damaged = failing('damaged');
export const failed = failing('failed');
export const busy = failing('busy');
export const cancelled = (message = 'cancelled, nothing was changed') => new Failure('cancelled', message);

/** Ctrl-C, Ctrl-D or a closed terminal at a question. */
export class Left extends Failure {
  /** What stood on the line, or was refused last. Trap: it may be a patient's text. */
  readonly unfinished: string;

  constructor(unfinished = '') {
    super('cancelled', cancelled().message);
    this.unfinished = unfinished;
  }
}

/** Refused by a disk or the database. Does not say what came of it: whoever tried looks, and says that. */
export class StorageFailure extends Failure {}

/** System and SQLite codes; the first that fits. The only such table. */
const refusals: readonly (readonly [RegExp, FailureName, string, ...Lines])[] = [
  [/^SQLITE_READONLY_DBMOVED$/, 'busy', 'the vault was replaced meanwhile', 'run the command again'],
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, 'busy', 'another rapport holds the vault', 'try again in a moment'],
  [/^SQLITE_(CORRUPT|NOTADB|FORMAT)/, 'damaged', 'vault.db is damaged', 'rapport doctor'],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)/, 'failed', 'the disk is full', 'make room, then try again'],
  [
    /^SQLITE_READONLY_(ROLLBACK|RECOVERY)/,
    'failed',
    'an interrupted write has to be undone first, and the vault is read-only',
  ],
  [/^EROFS$/, 'failed', 'the disk is read-only'],
  [/^(EACCES|EPERM)$/, 'failed', 'permission denied'],
  [
    /^SQLITE_(READONLY|PERM|AUTH|CANTOPEN)/,
    'failed',
    'the vault cannot be written here',
    'check that its folder and file are yours to write: rapport doctor',
  ],
  [/^SQLITE_IOERR/, 'failed', 'the disk failed to read or write the vault', 'rapport doctor'],
  [
    /^SQLITE_CONSTRAINT_FOREIGNKEY$/,
    'conflict',
    'what it belongs to is gone, or other records still rest on it',
    'another rapport may have changed it meanwhile: run the command again',
  ],
];

/** @param code 'ENOSPC', 'SQLITE_FULL'; undefined for those not in the table */
export function refusalOf(code: string | undefined): StorageFailure | undefined {
  const [, exit, message = '', ...hints] = refusals.find(([form]) => form.test(code ?? '')) ?? [];
  return exit && new StorageFailure(exit, message, hints);
}

/** Where a `using` could not close either, of the work's own error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('suppressed' in error) return errorCode(error.suppressed);
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export const systemReason = (error: unknown): string =>
  refusalOf(errorCode(error))?.message ?? errorCode(error) ?? 'it failed';

/** What was caught, where it is a failure, and of that exit if one is named. @throws anything else */
export function asFailure(error: unknown, exit?: FailureName): Failure {
  if (error instanceof Failure && [undefined, error.exit].includes(exit)) return error;
  throw error;
}

export function faultOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const { message, hints } = asFailure(error);
    return hints[0] === undefined ? message : `${message}; ${hints[0]}`;
  }
}
