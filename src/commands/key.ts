/** `rapport key`: what opens the vault. */
import { command, talk } from '../cli/command.ts';
import { flag, newFile } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { Failure, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';

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

/** What is wrong with it, in words, or undefined; advice is told, and stops nobody. */
async function refusalOf(passphrase: string, { session, questions }: Context): Promise<string | undefined> {
  try {
    const advice = (await session()).adviceOn(passphrase);
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
  for (let left = 3; ; left -= 1) {
    const passphrase = await questions.secret('New passphrase');
    let fault = await refusalOf(passphrase, ctx);
    if (fault === undefined) {
      const again = await questions.secret('The same again');
      if (again === passphrase) return passphrase;
      fault = again === '' ? 'another one, then' : 'the two passphrases differ';
    }
    if (left === 1) throw usage(fault);
    questions.tell(fault);
  }
}

export async function newPassphrase(given: string | undefined, ctx: Context): Promise<string> {
  if (given === undefined) return askTwice(ctx);
  const advice = (await ctx.session()).adviceOn(given);
  if (advice !== undefined) ctx.notices.say(`rapport: the passphrase is weak: ${advice}`);
  return given;
}

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
  const place = 1 + (code.charCodeAt(0) % 8);
  const group = code.split('-')[place - 1];
  await questions.text(`To be sure that you have it: type its group ${place} of 8`, {
    check: (answer) => (answer.trim().toUpperCase() === group ? undefined : `that is not group ${place}`),
  });
}

const slotColumns: readonly Column<ReturnType<Context['vault']['slots']>[number]>[] = [
  { title: 'opens with', cell: ({ type }) => slotNames[type] },
  { title: 'made on', cell: ({ made_on }) => made_on },
];

export const keyList = command({
  vault: 'none',
  examples: ['', '--json'],
  run(_, { vault, output }) {
    const slots = vault.slots();
    return {
      json: { slots },
      text: async () => (await listLines(slots, slotColumns, output, { head: true })).join('\n'),
    };
  },
});

export const keyPassphrase = talk({
  options: { recovery: flag('with the recovery code instead of the old passphrase') },
  vault: 'none',
  examples: ['', '--recovery'],
  async run({ recovery }, ctx) {
    const keySlots = await ctx.keySlots();
    const given = await (await ctx.session()).givenNewPassphrase();
    if (given === undefined && !ctx.questions.possible)
      throw usage(
        'there is nobody to ask for the new passphrase',
        'put it into a private file and name it in RAPPORT_NEW_PASSPHRASE_FILE',
      );
    await keySlots.authorise(recovery ? 'recovery' : 'passphrase');
    const store = await openForKeys('key passphrase', ctx);
    await keySlots.replacePassphrase(await newPassphrase(given, ctx));
    recordKeyChange('key passphrase', store, ctx);
    return {
      json: { changed: true },
      text: 'The new passphrase opens the vault from now on. Backups made before still open with the old one.',
    };
  },
});

export const keyRecovery = talk({
  options: {
    out: newFile('--out', 'write its sheet to a new private file'),
    print: flag('print its sheet: the code, what it is for, what to do with it'),
  },
  apart: { out: ['print'] },
  refuse(has, { globals, questions }) {
    if (has('print') && globals.json) throw usage('--print gives a page, and no JSON');
    if (!has('out') && !has('print') && !questions.possible)
      throw usage(
        'the new recovery code needs a place: nobody is there to note it',
        'rapport key recovery --out FILE writes it to a private file',
        'rapport key recovery --print | lp prints it',
      );
  },
  vault: 'none',
  examples: ['', '--print | lp', '--out sheet.txt'],
  async run({ out, print }, ctx) {
    const { questions, output } = ctx;
    const keySlots = await ctx.keySlots();
    await keySlots.authorise('passphrase');
    const store = await openForKeys('key recovery', ctx);
    const code = (await ctx.session()).newRecoveryCode();
    if (print) output.print(keySlots.recoverySheet(code));
    else if (out === undefined) showRecoveryCode(code, 'Your new recovery code', ctx);
    if (out === undefined && questions.possible) await confirmRecoveryCode(code, ctx);
    await keySlots.replaceRecoveryCode({ code, out });
    recordKeyChange('key recovery', store, ctx);
    const says = [
      ...(out === undefined
        ? []
        : [`The new recovery code is in ${out}: print it, and keep it away from this computer.`]),
      'It opens the vault from now on, and the old one no more. Backups made before still open with the old one.',
    ];
    return {
      json: { changed: true, out: out ?? null },
      ...(print ? { text: undefined, notices: says } : { text: says.join('\n') }),
    };
  },
});

export const keyKeyring = talk({
  options: { remove: flag('the keyring opens the vault no longer') },
  vault: 'none',
  examples: ['', '--remove'],
  async run({ remove }, ctx) {
    const keySlots = await ctx.keySlots();
    await keySlots.authorise('passphrase');
    const store = await openForKeys('key keyring', ctx);
    if (remove) {
      const left = await keySlots.removeKeyring();
      if (left !== undefined)
        ctx.notices.warn(
          `rapport: the system's keyring still holds its secret, which opens nothing any more: ${left}`,
        );
    } else await keySlots.addKeyring();
    recordKeyChange('key keyring', store, ctx);
    return {
      json: { on: !remove },
      text: remove
        ? "The system's keyring opens the vault no more."
        : [
            "From now on the vault opens without a question while the system's keyring is unlocked: for whoever sits",
            'down where you are logged in, and for every program that runs as you. rapport status says that it is on,',
            'rapport key keyring --remove ends it. The passphrase and the recovery code stay as they are.',
          ].join('\n'),
    };
  },
});
