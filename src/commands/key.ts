/** `rapport key …`: what opens the vault, and changing it. Always asks for the old secret, unlocked or not. */
import { type ExitName, usage } from '../errors.ts';
import { renderTable } from '../terminal/columns.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { openForKeys, recordKeyChange } from './key-changes.ts';
import { newPassphrase } from './new-passphrase.ts';
import { slotNames } from './slot-names.ts';

export const keyList = defineCommand<undefined>({
  path: 'key list',
  summary: 'what opens the vault, and since when',
  group: 'The vault',
  examples: ['rapport key list', 'rapport key list --json'],
  access: 'none',
  parse: () => undefined,
  run: async (_, { keeper, output, globals }: Pick<World, 'keeper' | 'output' | 'globals'>) => {
    const slots = keeper.slots();
    if (globals.json) {
      output.json({ schema: 'rapport.key-list/1', slots });
      return 'ok';
    }
    const rows = slots.map(({ type, made_on }) => [slotNames[type], made_on]);
    const head = ['opens with', 'made on'];
    const columns = [{ fit: 'keep' }, { fit: 'keep' }] as const;
    output.print(await renderTable(rows, { head, columns, width: output.columns, style: output.style }));
    return 'ok';
  },
});

interface PassphraseRequest {
  /** Asks for the recovery code instead of the old passphrase. */
  readonly recovery: boolean;
}

type PassphraseNeeds = Pick<
  World,
  'keeper' | 'locksmith' | 'questions' | 'notices' | 'output' | 'globals' | 'openStore'
>;

async function changePassphrase({ recovery }: PassphraseRequest, needs: PassphraseNeeds): Promise<ExitName> {
  const { keeper, locksmith, output, globals } = needs;
  const given = keeper.givenNewPassphrase();
  if (given === undefined && !needs.questions.possible)
    throw usage(
      'there is nobody to ask for the new passphrase',
      'put it into a private file and name it in RAPPORT_NEW_PASSPHRASE_FILE',
    );
  await locksmith.authorise(recovery ? 'recovery' : 'passphrase');
  const store = await openForKeys('key passphrase', needs);
  await locksmith.replacePassphrase(await newPassphrase(given, needs));
  recordKeyChange('key passphrase', store, needs);
  if (globals.json) output.json({ schema: 'rapport.key-passphrase/1', changed: true });
  else
    output.print(
      'The new passphrase opens the vault from now on. Backups made before still open with the old one.',
    );
  return 'ok';
}

export const keyPassphrase = defineCommand<PassphraseRequest>({
  path: 'key passphrase',
  summary: 'set a new passphrase',
  group: 'The vault',
  options: [{ flags: '--recovery', help: 'with the recovery code instead of the old passphrase' }],
  examples: ['rapport key passphrase', 'rapport key passphrase --recovery'],
  access: 'unlocked',
  parse: (raw) => ({ recovery: raw.flag('recovery') }),
  run: changePassphrase,
});
