/** Kills a command at its steps, each time on a fresh copy of a vault, and has the remains looked at. */
import { expect } from 'vitest';
import type { BinaryResult } from '../../support/binary.ts';
import { copyOf, type Place } from './clinic.ts';
import { inTurns, samples, type Tally } from './counting.ts';
import { type Fault, faulted, type Injection, traced } from './injection.ts';
import { chosen } from './sampling.ts';

export interface Killing {
  readonly template: Place;
  readonly injection: (place: Place) => Injection;
  /** Looks at what is left; `step` is what it was killed at, as in 'write /vault/vault.db'. */
  readonly look: (place: Place, killed: BinaryResult, step: string) => Promise<void>;
  /** At most so many moments of writing, by chance; every one unless given. Other steps are never left out. */
  readonly mostWrites?: number;
  readonly tally: Tally;
}

/** Two at a time, as many as the smallest machine has cores. */
const width = 2;

interface Moment {
  readonly at: number;
  readonly does: Fault;
  readonly step: string;
}

/** Every step that is no write, and of the writes and their middles at most so many, by chance. */
function momentsOf(steps: readonly string[], mostWrites: number): readonly Moment[] {
  const all = steps.map((step, index) => ({ at: index + 1, step }));
  const writes = all
    .filter(({ step }) => step.startsWith('write '))
    .flatMap((one): readonly Moment[] => [
      { ...one, does: 'kill' },
      { ...one, does: 'torn' },
    ]);
  const others = all.filter(({ step }) => !step.startsWith('write '));
  return [
    ...others.map((one): Moment => ({ ...one, does: 'kill' })),
    ...chosen(writes, samples(Math.min(mostWrites, writes.length))),
  ];
}

/** @returns the steps of the command, of a run that was left alone */
export async function killEverywhere(killing: Killing): Promise<readonly string[]> {
  const { template, injection, look, tally, mostWrites = Number.POSITIVE_INFINITY } = killing;
  const whole = copyOf(template);
  const { result, steps } = await traced(whole, injection(whole));
  expect(result, 'left alone').toMatchObject({ code: 0 });
  whole.remove();
  await inTurns(momentsOf(steps, mostWrites), width, async ({ at, does, step }) => {
    const place = copyOf(template);
    const where = `${does} at step ${at} of ${steps.length}, ${step}`;
    const killed = await faulted(place, injection(place), { at, does });
    expect(killed.code, where).toBe('SIGKILL');
    tally.add('kills');
    try {
      await look(place, killed, step);
    } catch (error) {
      throw new Error(`after ${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    tally.add('whole');
    place.remove();
  });
  return steps;
}
