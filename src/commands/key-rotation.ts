/** `rapport key rotate` and `key export-raw`: a new vault key, and the key itself in hex. */
import { talk } from '../cli/command.ts';
import { newFile } from '../cli/kinds.ts';
import type { Context } from '../context.ts';
import { cancelled, usage } from '../errors.ts';
import { sizeOf } from './backups.ts';
import { confirmRecoveryCode, openForKeys, showRecoveryCode } from './key.ts';

/** Nobody can wrap the new master for a code that is not there: it is given, or another one is made. */
async function chooseCode(out: string | undefined, ctx: Context) {
  const keySlots = await ctx.keySlots();
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
  if (out !== undefined) return { code: (await ctx.session()).newRecoveryCode(), isNew: true };
  if (!ctx.questions.possible)
    throw usage(
      'the recovery code has to be given, or a new one written down: nobody is there to do it',
      'name a private file with the code in RAPPORT_RECOVERY_FILE',
      'or rapport key rotate --out FILE writes a new one to a private file',
    );
  const question = 'Recovery code, to go on using it (Enter alone makes another one)';
  const typed = await keySlots.typedRecoveryCode(question);
  if (typed !== undefined) return { code: typed, isNew: false };
  const code = (await ctx.session()).newRecoveryCode();
  showRecoveryCode(code, 'Your new recovery code', ctx);
  await confirmRecoveryCode(code, ctx);
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
    const { code, isNew } = await chooseCode(out, ctx);
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
    const made = out === undefined ? 'the new recovery code' : `the new recovery code in ${out}`;
    const recovery = isNew ? made : 'the recovery code';
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
const word = 'export';

async function confirm({ questions, notices, globals }: Context): Promise<void> {
  if (!globals.yes && !questions.possible)
    throw usage('there is no terminal to confirm this on', 'add --yes if you mean it');
  for (const line of warning) notices.warn(line);
  if (globals.yes) return;
  const typed = await questions.text(`Type '${word}' to go on`);
  if (typed.trim().toLowerCase() !== word) throw cancelled('cancelled, no key was shown');
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
    return {
      json: { format: 'sqlcipher-4', ...(out === undefined ? { key } : { out }) },
      text: out === undefined ? script : `The raw key is in ${out}: sqlcipher -init ${out} COPY-OF-vault.db`,
    };
  },
});
