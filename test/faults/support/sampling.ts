/** Chance that can be had again: all suites of a run have one seed, which is told and RAPPORT_FAULTS_SEED takes back. */
import { inject } from 'vitest';

export const seed: number = inject('seed');

/** Mulberry32: from 0 up to 1. Whoever goes on beside others has one of their own. */
export function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of this suite. */
export const draw = chance(seed);

/** So many of all, in their order; all where there are no more. */
export function chosen<T>(all: readonly T[], most: number): readonly T[] {
  let [left, wanted] = [all.length, Math.min(most, all.length)];
  return all.filter(() => {
    const isTaken = draw() * left < wanted;
    left -= 1;
    if (isTaken) wanted -= 1;
    return isTaken;
  });
}
