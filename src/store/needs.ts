/** What the store needs from outside: real instants and new ids, never the domain's clock. */
import type { Failure } from '../errors.ts';

/** Of the newest row of the log. */
export interface LogHead {
  readonly sequence: number;
  readonly mac: Buffer;
}

/** Remembers, outside of the vault, how far its log had come. */
interface HeadGuard {
  /** Asked once at opening, before anything is written. @returns why nothing may be written, or undefined */
  refusal(log: {
    head(): LogHead | undefined;
    macAt(sequence: number): Buffer | undefined;
  }): Failure | undefined;
  /** Told of the log's new head after each commit that moved it. Never throws. */
  moved(head: LogHead): void;
}

export interface StoreNeeds {
  /** ISO instant with milliseconds, UTC. */
  readonly instant: () => string;
  /** A new ULID. */
  readonly newId: () => string;
  /** Five characters of Crockford's base32, lower case, drawn at random. */
  readonly newRef: () => string;
  /** 32 bytes for the log's MAC chain. */
  readonly logKey: Buffer;
  readonly run: {
    /** This run's name; from then on others know that it is there. */
    readonly id: () => string;
    /** Whether another run of that name is still there. */
    readonly isAnother: (id: string) => boolean;
  };
  /** Called before an older vault's first migration, so that a copy can be set aside. Not for a new vault. */
  readonly beforeMigration?: ((from: number, to: number) => void) | undefined;
  /** Tells an older copy that was put back; without one every vault is taken as it is. */
  readonly guard?: HeadGuard;
  /** Tells what else than damage may have made the database unreadable: another key. */
  readonly whyUnreadable?: (() => Failure | undefined) | undefined;
  /** Told of what was saved although the disk reported an error. */
  readonly report?: (warning: Failure) => void;
  /** Called before text that was taken out for good is so: nothing beside the database may go on to hold it. */
  readonly erasing?: () => void;
}
