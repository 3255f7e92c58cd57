/** An agent's keys, forgotten by the clock that ran further: only the wall clock runs on while the machine sleeps. */
import { wipe } from '../keys.ts';
import { type HeldKeys, type KeysName, longestTotal } from './protocol.ts';

export interface Clocks {
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds, never set back. */
  readonly monotonic: () => number;
}

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

interface Entry extends KeysName {
  readonly bytes: Buffer;
  readonly idle: number;
  readonly total: number;
  readonly put: Moment;
  used: Moment;
}

const mostVaults = 16;
/** Milliseconds by which clocks are usually corrected; a wall clock set back further makes it forget everything. */
const ordinaryStep = 10_000;

export class KeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clocks: Clocks;
  #latest: Moment;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#latest = { wall: clocks.wall(), monotonic: clocks.monotonic() };
  }

  /** Takes the bytes over. @returns whether there was room */
  put(name: KeysName, times: { readonly idle: number; readonly total: number }, bytes: Buffer): boolean {
    const now = this.#now();
    this.forget(name.vault);
    if (this.#entries.size >= mostVaults) {
      wipe(bytes);
      return false;
    }
    const total = Math.min(times.total, longestTotal);
    const idle = Math.min(times.idle, total);
    const { vault, generation } = name;
    this.#entries.set(vault, { vault, generation, bytes, idle, total, put: now, used: now });
    return true;
  }

  /** A copy for the caller to wipe. Counts as use. */
  get({ vault, generation }: KeysName): Buffer | undefined {
    this.expire();
    const entry = this.#entries.get(vault);
    // Trap: nobody vouches for the generation that is asked for. A copy's key file may claim any.
    if (entry?.generation !== generation) return undefined;
    entry.used = this.#now();
    const copy = Buffer.alloc(entry.bytes.length);
    entry.bytes.copy(copy);
    return copy;
  }

  forget(vault: string): void {
    const entry = this.#entries.get(vault);
    wipe(entry?.bytes);
    this.#entries.delete(vault);
  }

  forgetAll(): void {
    for (const vault of [...this.#entries.keys()]) this.forget(vault);
  }

  expire(): void {
    const now = this.#now();
    for (const entry of [...this.#entries.values()])
      if (elapsed(entry.used, now) >= entry.idle || elapsed(entry.put, now) >= entry.total)
        this.forget(entry.vault);
  }

  list(): readonly HeldKeys[] {
    this.expire();
    const now = this.#now();
    return [...this.#entries.values()].map(({ vault, generation, idle, total, put, used }) => {
      const end = Math.round(now.wall + total - elapsed(put, now));
      return {
        vault,
        generation,
        until: Math.min(end, Math.round(now.wall + idle - elapsed(used, now))),
        end,
      };
    });
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  #now(): Moment {
    const now = { wall: this.#clocks.wall(), monotonic: this.#clocks.monotonic() };
    if (now.wall < this.#latest.wall - ordinaryStep) this.forgetAll();
    this.#latest = now;
    return now;
  }
}

const elapsed = (from: Moment, to: Moment): number =>
  Math.max(to.wall - from.wall, to.monotonic - from.monotonic);
