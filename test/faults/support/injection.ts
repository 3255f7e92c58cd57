/** Runs the built program with a fault in it: at one of the calls that change files, which are known by a first run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type BinaryResult, binary } from '../../support/binary.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { type Place, rapport } from './clinic.ts';

/** Why faults cannot be injected here, or undefined. */
export const injectionIsAbsent = (): string | undefined => {
  const faults = inject('faults');
  return 'absent' in faults ? faults.absent : undefined;
};

/** An error of the system. */
export type SystemError = 'ENOSPC' | 'EIO' | 'EROFS';
/** 'kill' before a step, or in the midst of its write; or an error of the system at it and all later ones that need room. */
export type Fault = 'kill' | 'torn' | SystemError;

/** What happens to a run; steps are counted from 1. */
export type Moment =
  | { readonly at: number; readonly does: Fault }
  /** One call fails once, whatever it is. */
  | { readonly at: number; readonly does: SystemError; readonly once: true }
  /** One file can't be changed, by no call of the run. It is named as the steps name it: '/vault/vault.keys'. */
  | { readonly file: string; readonly does: SystemError };

const numbers: Readonly<Record<Fault, string>> = {
  kill: 'kill',
  torn: 'torn',
  EIO: '5',
  ENOSPC: '28',
  EROFS: '30',
};

export interface Injection {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Another build of the program. */
  readonly script?: string;
  /** Where steps are counted; the place's root unless given. */
  readonly under?: string;
}

function environment({ root }: Place, { env, under = root }: Injection): Record<string, string> {
  const faults = inject('faults');
  if ('absent' in faults) throw new Error(faults.absent);
  return { ...env, LD_PRELOAD: faults.preload, FAULT_UNDER: under, UV_USE_IO_URING: '0' };
}

/** Runs it whole. @returns its steps: 'write /vault/vault.db', … */
export async function traced(
  place: Place,
  injection: Injection,
): Promise<{ readonly result: BinaryResult; readonly steps: readonly string[] }> {
  const file = join(temporaryFolder(), 'trace');
  const env = { ...environment(place, injection), FAULT_TRACE: file };
  const { argv, stdin = '', script = binary } = injection;
  const result = await rapport(place, argv, { env, stdin, script });
  return { result, steps: readFileSync(file, 'utf8').trimEnd().split('\n') };
}

const surroundings = (moment: Moment): Record<string, string> => ({
  FAULT_DO: numbers[moment.does],
  ...('file' in moment ? { FAULT_FILE: moment.file } : { FAULT_AT: String(moment.at) }),
  ...('once' in moment && { FAULT_ONCE: '1' }),
});

/** Runs it with a fault. */
export const faulted = (place: Place, injection: Injection, moment: Moment): Promise<BinaryResult> =>
  rapport(place, injection.argv, {
    env: { ...environment(place, injection), ...surroundings(moment) },
    stdin: injection.stdin ?? '',
    script: injection.script ?? binary,
  });
