/** What a user can meet is a Failure: one cause, hints for a way out, an exit name. All else is a defect: exit 1. */
// Trap: no message or hint may carry a patient's text.

/** Code, name, and what it means. */
export const exits = [
  [0, 'ok', 'it worked; also an empty list'],
  [1, 'failed', 'anything not below'],
  [
    2,
    'usage',
    'unknown command or option, bad value, missing argument, a briefing into a pipe, a fault in an import file, a passphrase file that others can read',
  ],
  [3, 'not-found', 'no such patient, id, file or vault'],
  [4, 'locked', 'no key: no agent, no source, no terminal to ask'],
  [5, 'wrong-key', 'passphrase or recovery code refused'],
  [6, 'ambiguous', 'several patients or ids match, or words stand in place of a ref; candidates on stderr'],
  [7, 'damaged', 'the vault, key file or backup fails its checks; nothing was changed'],
  [8, 'busy', 'another rapport holds the vault beyond the timeout, or the agent does not answer'],
  [
    9,
    'conflict',
    'would overwrite; blocked by a hold, a later operation, an older or newer format, a rolled-back vault, modes that let others read it',
  ],
  [10, 'due', '`due --check` with something due'],
  [130, 'cancelled', 'Ctrl-C or an answer of "no"; nothing was changed but a kept draft'],
] as const;

export type ExitName = (typeof exits)[number][1];
type FailureName = Exclude<ExitName, 'ok' | 'due'>;

export const exitCodes = Object.fromEntries(exits.map(([code, name]) => [name, code])) as Readonly<
  Record<ExitName, number>
>;

export class Failure extends Error {
  readonly exit: FailureName;
  readonly hints: readonly string[];
  readonly details: readonly string[];

  constructor(
    exit: FailureName,
    message: string,
    hints: readonly string[] = [],
    details: readonly string[] = [],
  ) {
    super(message);
    this.name = 'Failure';
    this.exit = exit;
    this.hints = hints;
    this.details = details;
  }
}

/** `now` is a patient's text, for the terminal alone. */
export class ChangedMeanwhile extends Failure {
  readonly now: readonly string[];

  constructor(message: string, hints: readonly string[], now: readonly string[]) {
    super('conflict', message, hints);
    this.now = now;
  }
}

const failing =
  (exit: FailureName) =>
  (message: string, ...hints: readonly string[]): Failure =>
    new Failure(exit, message, hints);
export const usage = failing('usage');
export const notFound = failing('not-found');
export const conflict = failing('conflict');
export const damaged = failing('damaged');
export const failed = failing('failed');
export const busy = failing('busy');
export const cancelled = (message = 'cancelled, nothing was changed'): Failure =>
  new Failure('cancelled', message);

/** Refused by a disk or the database. Does not say what came of it: whoever tried looks, and says that. */
export class StorageFailure extends Failure {
  saying(outcome: string, ...hints: readonly string[]): Failure {
    return new Failure(this.exit, `${this.message}; ${outcome}`, [...hints, ...this.hints]);
  }
}

/** What stands could not be looked at: keep all that was prepared. */
export class OutcomeUnknown extends Failure {
  constructor({ exit, message, hints }: Failure, either: string, ...wayOut: readonly string[]) {
    super(exit, `${message}; ${either}`, [...wayOut, ...hints]);
  }
}

/** System and SQLite codes; the first that fits. The only such table. */
const refusals: readonly (readonly [RegExp, FailureName, string, ...(readonly string[])])[] = [
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
