/** `rapport demo`: a throwaway vault of fictional patients, and the main job shown on it. */
import { demoDocument } from '../domain/demo-patients.ts';
import { planImport } from '../domain/import-plan.ts';
import { readRapport } from '../transfer/rapport.ts';
import type { World } from '../world.ts';
import { brief } from './brief.ts';
import { type Cell, defineCommand, RawInput } from './command.ts';
import { due } from './due.ts';
import { typed } from './finding.ts';
import { applyImport, heldBy, newestChange } from './importing.ts';

async function fill({ openStore, clock }: Pick<World, 'openStore' | 'clock'>): Promise<void> {
  const store = await openStore();
  const today = clock.today();
  const document = readRapport(demoDocument(today), { skipBad: false });
  applyImport(planImport(document, heldBy(store), { today, skipBad: false }), store, newestChange(store));
}

export const demo = defineCommand<null>({
  path: 'demo',
  summary: 'a throwaway vault of fictional patients, to look around in',
  group: 'More',
  examples: ['rapport demo'],
  access: 'none',
  parse: () => null,
  run: async (_, { output, globals, throwaway }: Pick<World, 'output' | 'globals' | 'throwaway'>) => {
    const world = await throwaway();
    await fill(world);
    const { folder } = world.keeper;
    if (globals.json) {
      output.json({ schema: 'rapport.demo/1', vault: folder });
      return 'ok';
    }
    const show = async (cell: Cell, words: readonly string[]): Promise<void> => {
      output.print(output.style.hint(`$ rapport ${[cell.path, ...words].join(' ')}`));
      const reading = { today: world.clock.today, dateStyle: undefined };
      await cell.prepare(new RawInput({ patient: words }, {}, reading))(world);
      output.print('');
    };
    await show(due, []);
    await show(brief, ['henrik']);
    output.print(
      [
        'These patients are fictional, and so is their vault. To go on playing in it:',
        '',
        `  export RAPPORT_VAULT=${typed(folder)}`,
        '  rapport brief amara --why     rapport brief tomas         rapport brief george',
        '  rapport commit leila          rapport search choir        rapport undo',
        '',
        `Remove it with: rm -r ${typed(folder)}`,
        'Your own vault begins with: unset RAPPORT_VAULT; rapport init',
      ].join('\n'),
    );
    return 'ok';
  },
});
