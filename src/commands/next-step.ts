/** Where a list on the terminal is empty, what could be done about it. */
import type { Store, World } from '../world.ts';

type StepNeeds = Pick<World, 'output' | 'notices' | 'globals'>;

export const firstPatient = 'rapport patient add, or rapport import FILE';

/** A line for the person; none for a script, to which an empty list is as good as any. */
export function suggestNext(step: string, { output, notices, globals }: StepNeeds): void {
  if (output.isTerminal && !globals.json) notices.say(`next: ${step}`);
}

/** The same; where there is no patient yet, the first one comes first. */
export const suggestNextFrom = (store: Store, step: string, needs: StepNeeds): void =>
  suggestNext(store.patients.isEmpty() ? firstPatient : step, needs);
