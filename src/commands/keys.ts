/** `rapport key`: what opens the vault. */

import type { Context, Store } from '../context.ts';
import { type ExitName, Failure, usage } from '../errors.ts';
import { renderTable } from '../terminal/columns.ts';
import { defineCommand } from './command.ts';

export const slotNames = {
  passphrase: 'passphrase',
  recovery: 'recovery code',
  keyring: "the system's keyring",
} as const;

/** Verbs of the log that say that the keys were changed. None of them can be undone. */
export const keyChanges = ['key passphrase', 'key recovery', 'key rotate', 'key keyring'] as const;

/** Opens the vault, and checks that its log can be written before any key is changed. @throws conflict, busy, failed */
export async function openForKeys(
  verb: (typeof keyChanges)[number],
  { openStore, notices }: Pick<Context, 'openStore' | 'notices'>,
): Promise<Store> {
  const store = await openStore();
  store.write({ verb }, () => undefined);
  notices.say('A change of the keys cannot be undone.');
  return store;
}

/** The keys are changed already, so a log that cannot be written is a warning and no error. */
function recordKeyChange(
  verb: (typeof keyChanges)[number],
  store: Store,
  { notices }: Pick<Context, 'notices'>,
): void {
  try {
    store.log.happened(verb);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notices.warn('rapport: the keys are changed, but that could not be written to the log');
  }
}

const tries = 3;

/** What is wrong with it, in words, or undefined; advice is told, and stops nobody. */
function refusalOf(passphrase: string, { keeper, questions }: Context): string | undefined {
  try {
    const advice = keeper.adviceOn(passphrase);
    if (advice !== undefined)
      questions.tell(`Weak: ${advice}. Type it again to keep it, or Enter alone for another one.`);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.exit === 'usage') return error.message;
    throw error;
  }
}

async function askTwice(ctx: Context): Promise<string> {
  const { questions } = ctx;
  for (let left = tries; ; left -= 1) {
    const passphrase = await questions.secret('New passphrase');
    let fault = refusalOf(passphrase, ctx);
    if (fault === undefined) {
      const again = await questions.secret('The same again');
      if (again === passphrase) return passphrase;
      fault = again === '' ? 'another one, then' : 'the two passphrases differ';
    }
    if (left === 1) throw usage(fault);
    questions.tell(fault);
  }
}

/** Takes what was given, warning where it is weak, or asks. @throws usage, cancelled */
export async function newPassphrase(given: string | undefined, ctx: Context): Promise<string> {
  if (given === undefined) return askTwice(ctx);
  const advice = ctx.keeper.adviceOn(given);
  if (advice !== undefined) ctx.notices.say(`rapport: the passphrase is weak: ${advice}`);
  return given;
}

/** Which of the eight groups to type again: drawn with the code itself. */
const groupToType = (code: string): number => 1 + (code.charCodeAt(0) % 8);

export function showRecoveryCode(code: string, title: string, { questions }: Context): void {
  questions.tell(
    [
      `${title}, shown only now. It opens the vault when the passphrase is forgotten:`,
      '',
      `    ${code}`,
      '',
      'Write it down, and keep it away from this computer.',
      'Whoever has neither passphrase nor code can never open the vault again.',
    ].join('\n'),
  );
}

export async function confirmRecoveryCode(code: string, { questions }: Context): Promise<void> {
  const place = groupToType(code);
  const group = code.split('-')[place - 1];
  await questions.text(`To be sure that you have it: type its group ${place} of 8`, {
    check: (answer) => (answer.trim().toUpperCase() === group ? undefined : `that is not group ${place}`),
  });
}

export const keyList = defineCommand<undefined>({
  path: 'key list',
  summary: 'what opens the vault, and since when',
  group: 'The vault',
  examples: ['rapport key list', 'rapport key list --json'],
  parse: () => undefined,
  run: async (_, { keeper, output, globals }: Pick<Context, 'keeper' | 'output' | 'globals'>) => {
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
  readonly recovery: boolean;
}

async function changePassphrase({ recovery }: PassphraseRequest, ctx: Context): Promise<ExitName> {
  const { keeper, locksmith, output, globals } = ctx;
  const given = keeper.givenNewPassphrase();
  if (given === undefined && !ctx.questions.possible)
    throw usage(
      'there is nobody to ask for the new passphrase',
      'put it into a private file and name it in RAPPORT_NEW_PASSPHRASE_FILE',
    );
  await locksmith.authorise(recovery ? 'recovery' : 'passphrase');
  const store = await openForKeys('key passphrase', ctx);
  await locksmith.replacePassphrase(await newPassphrase(given, ctx));
  recordKeyChange('key passphrase', store, ctx);
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
  parse: (raw) => ({ recovery: raw.flag('recovery') }),
  run: changePassphrase,
});

interface RecoveryRequest {
  readonly out: string | undefined;
  readonly print: boolean;
}

async function runRecovery({ out, print }: RecoveryRequest, ctx: Context): Promise<ExitName> {
  const { keeper, locksmith, questions, notices, output, globals } = ctx;
  if (print && globals.json) throw usage('--print gives a page, and no JSON');
  if (out === undefined && !print && !questions.possible)
    throw usage(
      'the new recovery code needs a place: nobody is there to note it',
      'rapport key recovery --out FILE writes it to a private file',
      'rapport key recovery --print | lp prints it',
    );
  await locksmith.authorise('passphrase');
  const store = await openForKeys('key recovery', ctx);
  const code = keeper.newRecoveryCode();
  if (print) output.print(locksmith.recoverySheet(code));
  else if (out === undefined) showRecoveryCode(code, 'Your new recovery code', ctx);
  if (out === undefined && questions.possible) await confirmRecoveryCode(code, ctx);
  await locksmith.replaceRecoveryCode({ code, out });
  recordKeyChange('key recovery', store, ctx);
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

interface KeyringRequest {
  readonly remove: boolean;
}

async function runKeyring({ remove }: KeyringRequest, ctx: Context): Promise<ExitName> {
  const { locksmith, notices, output, globals } = ctx;
  await locksmith.authorise('passphrase');
  const store = await openForKeys('key keyring', ctx);
  if (remove) {
    const left = await locksmith.removeKeyring();
    if (left !== undefined)
      notices.warn(
        `rapport: the system's keyring still holds its secret, which opens nothing any more: ${left}`,
      );
  } else await locksmith.addKeyring();
  recordKeyChange('key keyring', store, ctx);
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
  parse: (raw) => ({ remove: raw.flag('remove') }),
  run: runKeyring,
});
