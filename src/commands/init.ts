/** `rapport init`: makes the vault. Three questions at most: a passphrase, the same again, a piece of the recovery code. */

import { wrapToWidth } from '../domain/text.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { newPassphrase } from './new-passphrase.ts';

interface InitRequest {
  /** Where the recovery code is written; asked to be noted where absent. */
  readonly recoveryOut: string | undefined;
}

type InitNeeds = Pick<World, 'keeper' | 'questions' | 'notices' | 'output' | 'globals' | 'openStore'>;

export const conduct =
  'A memory aid, not the medical record. Assume that a patient, a court or an employer may read it. ' +
  'Not legal advice: ask your employer before using it.';

/** Which of the eight groups to type again: drawn with the code itself. */
const groupToType = (code: string): number => 1 + (code.charCodeAt(0) % 8);

async function showRecoveryCode(code: string, { questions }: InitNeeds): Promise<void> {
  questions.tell(
    [
      'Your recovery code, shown only now. It opens the vault when the passphrase is forgotten:',
      '',
      `    ${code}`,
      '',
      'Write it down, and keep it away from this computer.',
      'Whoever has neither passphrase nor code can never open the vault again.',
    ].join('\n'),
  );
  const place = groupToType(code);
  const group = code.split('-')[place - 1];
  await questions.text(`To be sure that you have it: type its group ${place} of 8`, {
    check: (answer) => (answer.trim().toUpperCase() === group ? undefined : `that is not group ${place}`),
  });
}

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
  if (recoveryOut === undefined) await showRecoveryCode(recoveryCode, needs);
  await keeper.create({ passphrase, recoveryCode, ...(recoveryOut !== undefined && { recoveryOut }) });
  const store = await needs.openStore();
  store.log.happened('init');
  if (globals.json) output.json({ schema: 'rapport.init/1', folder: keeper.folder });
  else {
    output.print(`Your vault is in ${keeper.folder}`);
    if (recoveryOut !== undefined)
      output.print(`Its recovery code is in ${recoveryOut}: keep it away from this computer.`);
    output.print("Next: rapport patient add 'First Last', or rapport import FILE");
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
