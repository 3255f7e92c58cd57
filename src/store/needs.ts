/** What the store needs from outside: real instants and new ids, never the domain's clock. */
import type { Failure } from '../errors.ts';

export interface LogHead {
  readonly sequence: number;
  readonly mac: Buffer;
}

interface HeadGuard {
  /** Called once, before anything is written. @returns why nothing may be written, or undefined */
  refusal(log: {
    head(): LogHead | undefined;
    macAt(sequence: number): Buffer | undefined;
  }): Failure | undefined;
  /** Called after each commit that appended to the log. Never throws. */
  moved(head: LogHead): void;
}

export interface StoreNeeds {
  /** ISO instant with milliseconds, UTC. */
  readonly instant: () => string;
  readonly newId: () => string;
  /** Five random characters of Crockford's base32, lower case. */
  readonly newRef: () => string;
  readonly logKey: Buffer;
  readonly run: {
    /** This run's name; once asked for, other runs see it. */
    readonly id: () => string;
    /** Another run of that name is still there. */
    readonly isAnother: (id: string) => boolean;
  };
  /** Called before an older vault's first migration; not for a new vault. */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
  readonly guard?: HeadGuard;
  /** Asked before an unreadable database is called damaged. */
  readonly whyUnreadable?: (() => Failure | undefined) | undefined;
  /** Called with what was saved although the disk reported an error. */
  readonly report?: (warning: Failure) => void;
  /** Called before an erasure commits: no other file may keep the erased text. */
  readonly erasing?: () => void;
}
