/** What a suite tried, told in one line when it ends. Samples can be made fewer for a quick look, never by default. */
import { appendFileSync } from 'node:fs';
import { afterAll, inject } from 'vitest';

/** Of many samples, the share that RAPPORT_FAULTS_SHARE asks for ('0.1'); at least one. */
export function samples(usual: number): number {
  const share = Number(process.env['RAPPORT_FAULTS_SHARE'] ?? 1);
  return Math.max(1, Math.round(usual * (share > 0 && share <= 1 ? share : 1)));
}

export interface Tally {
  readonly add: (what: string, by?: number) => void;
  readonly of: (what: string) => number;
}

/** Counts by name; `line` makes the suite's line of them once all of its tests have run. */
export function tally(line: (of: Tally['of']) => string): Tally {
  const counted = new Map<string, number>();
  const of = (what: string): number => counted.get(what) ?? 0;
  afterAll(() => {
    if (counted.size > 0) appendFileSync(inject('counts'), `${line(of)}\n`);
  });
  return { of, add: (what, by = 1) => void counted.set(what, of(what) + by) };
}

/** Runs the work on all items, so many at a time; the first failure is thrown when those under way have ended. */
export async function inTurns<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>) {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await work(item);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: width }, lane));
  for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason;
}
