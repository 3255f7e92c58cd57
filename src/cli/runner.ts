/** The one way that a command runs: read words, open, look up, run, print or page, log the look, say the notices. */
import type { Context, Store } from '../context.ts';
import { asFailure, type ExitName, Failure } from '../errors.ts';
import type { Look, Notice, Opening, Outcome, Runnable, Words } from './command.ts';

async function open(opening: Opening, { openStore }: Context): Promise<Store | Failure | undefined> {
  if (opening === 'none') return undefined;
  if (opening === 'open') return openStore();
  try {
    return await openStore({ ask: false, hurries: opening === 'at once' });
  } catch (error) {
    return asFailure(error);
  }
}

/** The context with what is known of the vault. Its own parts stay lazy. */
const within = <S>(ctx: Context, store: S): Context & { readonly store: S } =>
  Object.assign(Object.create(ctx) as Context, { store });

/**
 * The promise stands in an object: to wait for this is not to wait for the pager.
 * @returns the end of what stands on the terminal until a key; `showing` is undefined where nothing does
 */
export async function print(path: string, outcome: Outcome, { globals, output }: Context) {
  const { json, text: given, paged, glance } = outcome;
  if (globals.json && json !== undefined) {
    const document = typeof json === 'function' ? await json() : json;
    output.json({ schema: `rapport.${path.replace(' ', '-')}/1`, ...document });
    return { showing: undefined };
  }
  const text = typeof given === 'function' ? await given() : given;
  if (typeof text !== 'string') for (const chunk of text ?? []) output.print(chunk);
  else if (glance !== undefined) return { showing: output.glance(text, glance) };
  else if (paged) return { showing: output.page(text) };
  else output.printText(text);
  return { showing: undefined };
}

export const unwritten = 'rapport: this look could not be written to the log';

function record(path: string, look: Look, { log }: Store): boolean {
  const { verb = path } = look;
  return 'count' in look ? log.listed(verb, look.count) : log.opened(verb, look.patientId, look.shown);
}

function say(notice: Notice, { notices, output, globals }: Context): void {
  if (typeof notice === 'string') notices.say(notice);
  else if (notice.when === 'warning') notices.warn(notice.text);
  else if (!globals.json && (notice.when === 'text' || output.isTerminal)) notices.say(notice.text);
}

async function tell(path: string, outcome: Outcome, ctx: Context): Promise<ExitName> {
  const { looked = [], notices = [], failure, exit = 'ok' } = outcome;
  const looks = [looked].flat();
  const store = looks.length > 0 ? await ctx.openStore() : undefined;
  const { showing } = await print(path, outcome, ctx);
  let isWritten = true;
  try {
    // While the pager is still open: a run that is killed meanwhile has shown the records all the same.
    if (store !== undefined) isWritten = !looks.map((look) => record(path, look, store)).includes(false);
  } finally {
    if (showing !== undefined) ctx.vault.rest();
    await showing;
  }
  if (!isWritten) ctx.notices.warn(unwritten);
  for (const notice of typeof notices === 'function' ? notices() : notices) say(notice, ctx);
  if (failure !== undefined) throw failure;
  return exit;
}

/** @throws usage, and as opening the vault does */
export async function runCommand(command: Runnable, words: Words, ctx: Context): Promise<ExitName> {
  const { opening, run } = await command.read(words, within(ctx, undefined));
  const outcome = await run(within(ctx, await open(opening, ctx)));
  return tell(command.path, outcome, ctx);
}

/** Whether words where a command was expected name a patient, where that is known at once: nobody is asked for a key. */
export async function namesPatient(words: readonly string[], ctx: Context): Promise<boolean> {
  const store = words.length === 0 ? undefined : await open('at once', ctx);
  if (store === undefined || store instanceof Failure) return false;
  return (await import('../commands/lookup.ts')).matchesOf(words.join(' '), store).length > 0;
}
