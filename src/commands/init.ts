/** `rapport init`: makes the vault. Three questions at most: a passphrase, the same again, a piece of the recovery code. */

import { printable, wrapToWidth } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { newPassphrase } from './new-passphrase.ts';
import { confirmRecoveryCode, showRecoveryCode } from './recovery-code.ts';

interface InitRequest {
  /** Where the recovery code is written; asked to be noted where absent. */
  readonly recoveryOut: string | undefined;
}

type InitNeeds = Pick<World, 'keeper' | 'questions' | 'notices' | 'output' | 'globals' | 'openStore'>;

export const conduct =
  'A memory aid, not the medical record. Assume that a patient, a court or an employer may read it. ' +
  'Not legal advice: ask your employer before using it.';

async function runInit({ recoveryOut }: InitRequest, needs: InitNeeds): Promise<ExitName> {
  const { keeper, questions, notices, output, globals } = needs;
  keeper.refuseExisting();
  if (recoveryOut === undefined && !questions.possible)
    throw usage(
      'the recovery code needs a place: nobody is there to note it',
      'rapport init --recovery-out FILE writes it to a private file',
    );
  const given = await keeper.givenPassphrase();
  if (given === undefined && !questions.possible)
    throw new Failure('locked', 'a new vault needs a passphrase, and there is nobody to ask', [
      'give it by --passphrase-stdin, RAPPORT_PASSPHRASE_FILE or RAPPORT_PASSPHRASE_COMMAND',
    ]);
  notices.say(wrapToWidth(conduct, output.columns).join('\n'));
  const passphrase = await newPassphrase(given, needs);
  const recoveryCode = keeper.newRecoveryCode();
  if (recoveryOut === undefined) {
    showRecoveryCode(recoveryCode, 'Your recovery code', needs);
    await confirmRecoveryCode(recoveryCode, needs);
  }
  await keeper.create({ passphrase, recoveryCode, ...(recoveryOut !== undefined && { recoveryOut }) });
  const store = await needs.openStore();
  if (!store.log.listed('init', 0)) notices.warn('rapport: the log could not be begun yet');
  if (globals.json) output.json({ schema: 'rapport.init/1', folder: keeper.folder });
  else {
    output.print(`Your vault is in ${printable(keeper.folder)}`);
    if (recoveryOut !== undefined)
      output.print(`Its recovery code is in ${recoveryOut}: keep it away from this computer.`);
    output.print('Next: rapport patient add, or rapport import FILE');
  }
  return 'ok';
}

export const init = defineCommand<InitRequest>({
  path: 'init',
  summary: 'make your vault',
  group: 'The vault',
  options: [{ flags: '--recovery-out <file>', help: 'write the recovery code to a new private file' }],
  examples: ['rapport init', 'rapport init --recovery-out recovery.txt --no-input --passphrase-stdin'],
  access: 'none',
  parse: (raw) => {
    const recoveryOut = raw.option('recovery-out');
    if (recoveryOut?.trim() === '') throw usage('--recovery-out needs a file');
    return { recoveryOut };
  },
  run: runInit,
});
