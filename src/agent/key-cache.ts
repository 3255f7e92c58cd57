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

export type KeyCache = ReturnType<typeof keyCache>;

export function keyCache(clocks: Clocks) {
  const entries = new Map<string, Entry>();
  const read = (): Moment => ({ wall: clocks.wall(), monotonic: clocks.monotonic() });
  let latest = read();

  /** @param vault undefined forgets all */
  function forget(vault?: string): void {
    for (const name of vault === undefined ? [...entries.keys()] : [vault]) {
      wipe(entries.get(name)?.bytes);
      entries.delete(name);
    }
  }

  function moment(): Moment {
    const now = read();
    if (now.wall < latest.wall - ordinaryStep) forget();
    latest = now;
    return now;
  }

  function expire(): void {
    const now = moment();
    for (const { vault, used, put, idle, total } of [...entries.values()])
      if (elapsed(used, now) >= idle || elapsed(put, now) >= total) forget(vault);
  }

  return {
    /** Takes the bytes over. @returns whether there was room */
    put({ vault, generation }: KeysName, times: Times, bytes: Buffer): boolean {
      const now = moment();
      forget(vault);
      if (entries.size >= mostVaults) {
        wipe(bytes);
        return false;
      }
      const total = Math.min(times.total, longestTotal);
      const idle = Math.min(times.idle, total);
      entries.set(vault, { vault, generation, bytes, idle, total, put: now, used: now });
      return true;
    },
    /** A copy for the caller to wipe. Counts as use. */
    get({ vault, generation }: KeysName): Buffer | undefined {
      expire();
      const entry = entries.get(vault);
      // Trap: nobody vouches for the generation that is asked for. A copy's key file may claim any.
      if (entry?.generation !== generation) return undefined;
      entry.used = moment();
      return Buffer.from(entry.bytes);
    },
    forget,
    expire,
    list(): readonly HeldKeys[] {
      expire();
      const now = moment();
      return [...entries.values()].map(({ vault, generation, idle, total, put, used }) => {
        const end = Math.round(now.wall + total - elapsed(put, now));
        const until = Math.min(end, Math.round(now.wall + idle - elapsed(used, now)));
        return { vault, generation, until, end };
      });
    },
    isEmpty: (): boolean => entries.size === 0,
  };
}
