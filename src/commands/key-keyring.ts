/** `rapport key keyring`: lets the system's keyring open the vault, and ends that. */
import type { ExitName } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { openForKeys, recordKeyChange } from './key-changes.ts';

interface KeyringRequest {
  readonly remove: boolean;
}

type KeyringNeeds = Pick<World, 'locksmith' | 'notices' | 'output' | 'globals' | 'openStore'>;

async function runKeyring({ remove }: KeyringRequest, needs: KeyringNeeds): Promise<ExitName> {
  const { locksmith, notices, output, globals } = needs;
  await locksmith.authorise('passphrase');
  const store = await openForKeys('key keyring', needs);
  if (remove) {
    const left = await locksmith.removeKeyring();
    if (left !== undefined)
      notices.warn(
        `rapport: the system's keyring still holds its secret, which opens nothing any more: ${left}`,
      );
  } else await locksmith.addKeyring();
  recordKeyChange('key keyring', store, needs);
  if (globals.json) output.json({ schema: 'rapport.key-keyring/1', on: !remove });
  else
    output.print(
      remove
        ? "The system's keyring opens the vault no more."
        : [
            "From now on the vault opens without a question while the system's keyring is unlocked: for whoever sits",
            'down where you are logged in, and for every program that runs as you. rapport status says that it is on,',
            'rapport key keyring --remove ends it. The passphrase and the recovery code stay as they are.',
          ].join('\n'),
    );
  return 'ok';
}

export const keyKeyring = defineCommand<KeyringRequest>({
  path: 'key keyring',
  summary: "let the system's keyring open the vault without a question",
  group: 'The vault',
  options: [{ flags: '--remove', help: 'no longer' }],
  examples: ['rapport key keyring', 'rapport key keyring --remove'],
  access: 'unlocked',
  parse: (raw) => ({ remove: raw.flag('remove') }),
  run: runKeyring,
});
