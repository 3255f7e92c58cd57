/** `rapport key recovery`: another recovery code. The one before opens the vault no more, and old backups still. */
import { type ExitName, usage } from '../errors.ts';
import type { World } from '../world.ts';
import { defineCommand } from './command.ts';
import { openForKeys, recordKeyChange } from './key-changes.ts';
import { confirmRecoveryCode, showRecoveryCode } from './recovery-code.ts';

interface RecoveryRequest {
  /** A new private file for the sheet. */
  readonly out: string | undefined;
  /** Prints the sheet. */
  readonly print: boolean;
}

type RecoveryNeeds = Pick<
  World,
  'keeper' | 'locksmith' | 'questions' | 'notices' | 'output' | 'globals' | 'openStore'
>;

async function runRecovery({ out, print }: RecoveryRequest, needs: RecoveryNeeds): Promise<ExitName> {
  const { keeper, locksmith, questions, notices, output, globals } = needs;
  if (print && globals.json) throw usage('--print gives a page, and no JSON');
  if (out === undefined && !print && !questions.possible)
    throw usage(
      'the new recovery code needs a place: nobody is there to note it',
      'rapport key recovery --out FILE writes it to a private file',
      'rapport key recovery --print | lp prints it',
    );
  await locksmith.authorise('passphrase');
  const store = await openForKeys('key recovery', needs);
  const code = keeper.newRecoveryCode();
  if (print) output.print(locksmith.recoverySheet(code));
  else if (out === undefined) showRecoveryCode(code, 'Your new recovery code', needs);
  if (out === undefined && questions.possible) await confirmRecoveryCode(code, needs);
  await locksmith.replaceRecoveryCode({ code, out });
  recordKeyChange('key recovery', store, needs);
  if (globals.json) {
    output.json({ schema: 'rapport.key-recovery/1', changed: true, out: out ?? null });
    return 'ok';
  }
  const say = print ? notices.say : output.print;
  if (out !== undefined)
    say(`The new recovery code is in ${out}: print it, and keep it away from this computer.`);
  say(
    'It opens the vault from now on, and the old one no more. Backups made before still open with the old one.',
  );
  return 'ok';
}

export const keyRecovery = defineCommand<RecoveryRequest>({
  path: 'key recovery',
  summary: 'make a new recovery code',
  group: 'The vault',
  options: [
    { flags: '--out <file>', help: 'write its sheet to a new private file' },
    { flags: '--print', help: 'print its sheet: the code, what it is for, what to do with it' },
  ],
  examples: [
    'rapport key recovery',
    'rapport key recovery --print | lp',
    'rapport key recovery --out sheet.txt',
  ],
  access: 'unlocked',
  parse: (raw) => {
    const [out, print] = [raw.option('out'), raw.flag('print')];
    if (out?.trim() === '') throw usage('--out needs a file');
    if (out !== undefined && print)
      throw usage(
        "--out and --print don't go together",
        '--out writes the sheet to a file, --print shows it',
      );
    return { out, print };
  },
  run: runRecovery,
});
