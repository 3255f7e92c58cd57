/**
 * From words to a request that can run. How a date is read depends on settings that are in the vault: words with a date
 * are read once the vault is open, unless no settings could make sense of them. So a slip still asks for nothing.
 */

import type { Context, Store } from '../context.ts';
import { addDays } from '../dates/civil.ts';
import { Failure } from '../errors.ts';
import type { Cell, RawInput, Reading } from './command.ts';

/**
 * The store where a key is at hand; undefined where the vault is locked. Nobody is asked.
 * @param how `hurries: true` where a shell's prompt or a Tab waits for it
 */
export async function openQuietly(
  { openStore }: Pick<Context, 'openStore'>,
  how: { readonly hurries?: boolean } = {},
): Promise<Store | undefined> {
  try {
    return await openStore({ ask: false, ...how });
  } catch (error) {
    if (error instanceof Failure && error.exit === 'locked') return undefined;
    throw error;
  }
}

type Run = (ctx: Context) => ReturnType<ReturnType<Cell['prepare']>>;
type Words = (reading: Reading) => RawInput;

const styles = [undefined, 'day-first', 'month-first'] as const;
/** The vault's zone may be a day ahead of the machine's, or behind it. */
const shifts = [0, -1, 1] as const;

/** Flags under which nobody is asked for a key. */
const unasking = ['line', 'daily'] as const;

/** @throws usage for what can't be read; and as opening the vault does, where that tells how it is read */
export async function prepare(
  cell: Cell,
  words: Words,
  { ctx, reading }: { readonly ctx: Context; readonly reading: Reading },
): Promise<Run> {
  let isDated = false;
  let failure: unknown;
  const attempt = (dateStyle: Reading['dateStyle'], shift: number): Run | undefined => {
    const supposed: Reading = {
      today: () => {
        isDated = true;
        return addDays(ctx.clock.today(), shift);
      },
      get dateStyle() {
        isDated = true;
        return dateStyle;
      },
      get weekStart() {
        isDated = true;
        return 1;
      },
    };
    try {
      return cell.prepare(words(supposed));
    } catch (error) {
      failure ??= error;
      return undefined;
    }
  };
  const run = attempt(undefined, 0);
  if (!isDated) {
    if (run === undefined) throw failure;
    return run;
  }
  const isReadable =
    run !== undefined || styles.some((style) => shifts.some((shift) => attempt(style, shift) !== undefined));
  if (!isReadable) throw failure;
  const input = words(reading);
  if (!unasking.some((flag) => input.flag(flag))) await ctx.openStore();
  else if ((await openQuietly(ctx, { hurries: true })) === undefined) {
    if (run === undefined) throw failure;
    return run;
  }
  return cell.prepare(input);
}
