/** How a vault is unlocked, and what could do it. */
import type { SlotType } from '../vault/slots.ts';

/** A key slot as `key list` shows it: nothing in it is secret. */
export interface SlotSummary {
  readonly id: string;
  readonly type: SlotType;
  /** YYYY-MM-DD. */
  readonly made_on: string;
}

/** When the agent forgets; milliseconds since 1970. */
export interface Unlocking {
  /** Unless the vault is used before. */
  readonly until: number;
  /** In any case. */
  readonly end: number;
}

export interface VaultStatus {
  readonly slots: readonly SlotSummary[];
  /** Undefined where the agent does not hold this vault's keys. */
  readonly agent: Unlocking | undefined;
  /** Why no agent can hold them, where something stands in its place. */
  readonly obstacle: string | undefined;
  /** Sources that would open it without a question, by name; whether they work is not tried. */
  readonly sources: readonly string[];
}
