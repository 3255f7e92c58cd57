/** An agent's keys, forgotten by the clock that ran further: only the wall clock runs on while the machine sleeps. */
import { wipe } from '../keys.ts';
import { type HeldKeys, type KeysName, longestTotal } from './protocol.ts';

/** In milliseconds: since 1970, and never set back. */
type Moment = Readonly<Record<'wall' | 'monotonic', number>>;
export type Clocks = Readonly<Record<keyof Moment, () => number>>;
type Times = Readonly<Record<'idle' | 'total', number>>;

interface Entry extends KeysName, Times {
  readonly bytes: Buffer;
  readonly put: Moment;
  used: Moment;
}

const mostVaults = 16;
/** Milliseconds by which clocks are usually corrected; a wall clock set back further makes it forget everything. */
const ordinaryStep = 10_000;

const elapsed = (from: Moment, to: Moment): number =>
  Math.max(to.wall - from.wall, to.monotonic - from.monotonic);

export class KeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clocks: Clocks;
  #latest: Moment;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#latest = { wall: clocks.wall(), monotonic: clocks.monotonic() };
  }

  /** Takes the bytes over. @returns whether there was room */
  put({ vault, generation }: KeysName, times: Times, bytes: Buffer): boolean {
    const now = this.#now();
    this.forget(vault);
    if (this.#entries.size >= mostVaults) {
      wipe(bytes);
      return false;
    }
    const total = Math.min(times.total, longestTotal);
    const idle = Math.min(times.idle, total);
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
    return Buffer.from(entry.bytes);
  }

  /** @param vault undefined forgets all */
  forget(vault?: string): void {
    for (const name of vault === undefined ? [...this.#entries.keys()] : [vault]) {
      wipe(this.#entries.get(name)?.bytes);
      this.#entries.delete(name);
    }
  }

  expire(): void {
    const now = this.#now();
    for (const { vault, used, put, idle, total } of [...this.#entries.values()])
      if (elapsed(used, now) >= idle || elapsed(put, now) >= total) this.forget(vault);
  }

  list(): readonly HeldKeys[] {
    this.expire();
    const now = this.#now();
    return [...this.#entries.values()].map(({ vault, generation, idle, total, put, used }) => {
      const end = Math.round(now.wall + total - elapsed(put, now));
      const until = Math.min(end, Math.round(now.wall + idle - elapsed(used, now)));
      return { vault, generation, until, end };
    });
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  #now(): Moment {
    const now = { wall: this.#clocks.wall(), monotonic: this.#clocks.monotonic() };
    if (now.wall < this.#latest.wall - ordinaryStep) this.forget();
    this.#latest = now;
    return now;
  }
}
