/** `rapport key`: what opens the vault, a new vault key, and the key itself in hex. */
import { command, talk } from '../cli/command.ts';
import { flag, newFile } from '../cli/kinds.ts';
import type { Context, Store } from '../context.ts';
import { present } from '../domain/text.ts';
import { asFailure, cancelled, usage } from '../errors.ts';
import { type Column, listLines } from '../terminal/list-view.ts';
import type { KeySlots } from '../vault/key-slots.ts';
import type { Authority } from '../vault/unlock.ts';
import { sizeOf } from './backups.ts';

export const slotNames = {
  passphrase: 'passphrase',
  recovery: 'recovery code',
  keyring: "the system's keyring",
} as const;

/** Verbs of the log that say that the keys were changed. None of them can be undone. */
export const keyChanges = ['key passphrase', 'key recovery', 'key rotate', 'key keyring'] as const;
type KeyChange = (typeof keyChanges)[number];

/** Opens the vault, and checks that its log can be written before any key is changed. @throws conflict, busy, failed */
async function openForKeys(verb: KeyChange, { openStore, notices }: Context): Promise<Store> {
  const store = await openStore();
  store.write({ verb }, () => undefined);
  notices.say('A change of the keys cannot be undone.');
  return store;
}

async function changeKeys(
  verb: KeyChange,
  by: Authority,
  ctx: Context,
  work: (keySlots: KeySlots) => Promise<unknown>,
): Promise<void> {
  const keySlots = await ctx.keySlots();
  await keySlots.authorise(by);
  const store = await openForKeys(verb, ctx);
  await work(keySlots);
  try {
    store.log.happened(verb);
  } catch (error) {
    asFailure(error);
    // They are changed already.
    ctx.notices.warn('rapport: the keys are changed, but that could not be written to the log');
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
    return asFailure(error, 'usage').message;
  }
}

async function askTwice(ctx: Context): Promise<string> {
  for (let left = 3; ; left -= 1) {
    const passphrase = await ctx.questions.secret('New passphrase');
    let fault = await refusalOf(passphrase, ctx);
    if (fault === undefined) {
      const again = await ctx.questions.secret('The same again');
      if (again === passphrase) return passphrase;
      fault = again === '' ? 'another one, then' : 'the two passphrases differ';
    }
    if (left === 1) throw usage(fault);
    ctx.questions.tell(fault);
  }
}

export async function newPassphrase(given: string | undefined, ctx: Context): Promise<string> {
  if (given === undefined) return askTwice(ctx);
  const advice = (await ctx.session()).adviceOn(given);
  if (advice !== undefined) ctx.notices.say(`rapport: the passphrase is weak: ${advice}`);
  return given;
}

/** Until one group of it was typed. @param title undefined where the code is on paper already */
export async function noteRecoveryCode(
  code: string,
  title: string | undefined,
  { questions }: Context,
): Promise<void> {
  if (title !== undefined)
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
    const given = await (await ctx.session()).givenNewPassphrase();
    if (given === undefined && !ctx.questions.possible)
      throw usage(
        'there is nobody to ask for the new passphrase',
        'put it into a private file and name it in RAPPORT_NEW_PASSPHRASE_FILE',
      );
    await changeKeys('key passphrase', recovery ? 'recovery' : 'passphrase', ctx, async (keySlots) =>
      keySlots.replacePassphrase(await newPassphrase(given, ctx)),
    );
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
    await changeKeys('key recovery', 'passphrase', ctx, async (keySlots) => {
      const code = (await ctx.session()).newRecoveryCode();
      if (print) output.print(keySlots.recoverySheet(code));
      if (out === undefined && questions.possible)
        await noteRecoveryCode(code, print ? undefined : 'Your new recovery code', ctx);
      await keySlots.replaceRecoveryCode({ code, out });
    });
    const says = present(
      out !== undefined &&
        `The new recovery code is in ${out}: print it, and keep it away from this computer.`,
      'It opens the vault from now on, and the old one no more. Backups made before still open with the old one.',
    );
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
    await changeKeys('key keyring', 'passphrase', ctx, async (keySlots) => {
      if (!remove) return keySlots.addKeyring();
      const left = await keySlots.removeKeyring();
      if (left !== undefined)
        ctx.notices.warn(
          `rapport: the system's keyring still holds its secret, which opens nothing any more: ${left}`,
        );
    });
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

/** Nobody can wrap the new master for a code that is not there: it is given, or another one is made. */
async function chooseCode(out: string | undefined, keySlots: KeySlots, ctx: Context) {
  const given = await keySlots.givenRecoveryCode();
  if (given !== undefined) {
    if (out !== undefined)
      throw usage(
        '--out is for a new recovery code, and RAPPORT_RECOVERY_FILE gives the old one',
        'leave one out',
      );
    await keySlots.checkRecoveryCode(given);
    return { code: given, isNew: false };
  }
  if (out === undefined && !ctx.questions.possible)
    throw usage(
      'the recovery code has to be given, or a new one written down: nobody is there to do it',
      'name a private file with the code in RAPPORT_RECOVERY_FILE',
      'or rapport key rotate --out FILE writes a new one to a private file',
    );
  const question = 'Recovery code, to go on using it (Enter alone makes another one)';
  const typed = out === undefined ? await keySlots.typedRecoveryCode(question) : undefined;
  if (typed !== undefined) return { code: typed, isNew: false };
  const code = (await ctx.session()).newRecoveryCode();
  if (out === undefined) await noteRecoveryCode(code, 'Your new recovery code', ctx);
  return { code, isNew: true };
}

export const keyRotate = talk({
  options: { out: newFile('--out', 'make a new recovery code, and write its sheet to a new private file') },
  vault: 'none',
  examples: ['', '--out sheet.txt'],
  async run({ out }, ctx) {
    const { notices } = ctx;
    const keySlots = await ctx.keySlots();
    await keySlots.authorise('passphrase');
    await openForKeys('key rotate', ctx);
    const { code, isNew } = await chooseCode(out, keySlots, ctx);
    notices.say(
      `A new vault is made beside this one, and takes its place: ${sizeOf(keySlots.room())} more of the disk for a while.`,
    );
    const { unremembered, keyringLost } = await keySlots.rotate({ code, out });
    if (unremembered !== undefined)
      notices.warn(`rapport: the vault has its new keys, but its log was not read: ${unremembered.message}`);
    if (keyringLost !== undefined) {
      notices.warn(`rapport: the system's keyring opens the vault no more: ${keyringLost}`);
      notices.warn('hint: rapport key keyring makes it do so again');
    }
    const recovery = `the ${isNew ? 'new ' : ''}recovery code${isNew && out !== undefined ? ` in ${out}` : ''}`;
    return {
      json: { recovery_code: isNew ? 'new' : 'kept', out: out ?? null },
      text: [
        `The vault has a new master key; your passphrase and ${recovery} open it.`,
        'Backups made before still open with the passphrase and the recovery code of their day: where somebody else may',
        'have those, make a new backup and destroy the old ones.',
      ].join('\n'),
    };
  },
});

const warning = [
  'The raw key opens this vault, and every backup of it since its master key was last changed, without a passphrase.',
  'Whoever reads it can read every note. rapport key rotate makes it useless for the vault from then on.',
];

async function confirm({ questions, notices, globals }: Context): Promise<void> {
  if (!globals.yes && !questions.possible)
    throw usage('there is no terminal to confirm this on', 'add --yes if you mean it');
  for (const line of warning) notices.warn(line);
  if (globals.yes) return;
  const typed = await questions.text("Type 'export' to go on");
  if (typed.trim().toLowerCase() !== 'export') throw cancelled('cancelled, no key was shown');
}

export const keyExportRaw = talk({
  options: { out: newFile('--out', 'write it to a new private file') },
  vault: 'none',
  examples: ['', '--out key.sql --yes'],
  async run({ out }, ctx) {
    const keySlots = await ctx.keySlots();
    await confirm(ctx);
    await keySlots.authorise('passphrase');
    const store = await ctx.openStore();
    // Before anything is shown: what cannot be logged is not shown.
    store.log.happened('key export-raw');
    const { key, script } = await keySlots.exportPageKey();
    if (out !== undefined) await (await ctx.files()).writePrivate(out, `${script}\n`);
    const where = `The raw key is in ${out}: sqlcipher -init ${out} COPY-OF-vault.db`;
    return {
      json: { format: 'sqlcipher-4', ...(out === undefined ? { key } : { out }) },
      text: out === undefined ? script.split('\n') : where,
    };
  },
});
