/** What every command that shows briefings keeps to: where one may go, and what is remembered of it. */
import type { Briefing } from '../domain/briefing/briefing.ts';
import { usage } from '../errors.ts';
import type { World } from '../world.ts';

/** @throws usage for a pipe or a file, unless it is forced, JSON, or about fictional patients */
export function refuseLeak(
  isForced: boolean,
  { output, globals, isDemo }: Pick<World, 'output' | 'globals' | 'isDemo'>,
): void {
  if (!output.isTerminal && !globals.json && !isForced && !isDemo)
    throw usage('a briefing in a pipe or a file is a leak', 'add --force, or --json for a script');
}

/** The notes about the person's life: of these, ranking counts how often they were shown. */
export const lifeOf = ({ sections }: Briefing): readonly string[] =>
  sections
    .filter(({ id }) => id === 'life' || id === 'said')
    .flatMap((section) => section.items.flatMap((item) => item.id ?? []));
