/** The kinds of words that several commands take: flags, choices, texts, days, times, numbers and pages. */
import { addDays, type CivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import type { DateOptions, Direction } from '../dates/date-context.ts';
import { channelWords, textLimit } from '../domain/records.ts';
import { cancelled, Failure, faultOf, usage } from '../errors.ts';
import type { Ctx, Kind, Raw, Settled } from './command.ts';

export function textOf(raw: Raw): string | undefined {
  const joined = wordsOf(raw).join(' ').trim();
  return joined === '' ? undefined : joined;
}

export const wordsOf = (raw: Raw): readonly string[] =>
  typeof raw === 'string' ? [raw] : raw === undefined || raw === true ? [] : raw;

type More = Omit<Kind<unknown>, 'help' | 'read'>;

/** What needs no vault to be read. @param read throws usage */
export const plain = <T>(help: string, read: (raw: Raw) => T, more: More = {}): Kind<T> => ({
  help,
  ...more,
  read(raw) {
    const value = read(raw);
    return () => value;
  },
});

export const flag = (help: string): Kind<boolean> => plain(help, (raw) => raw === true);

export const words = (help: string): Kind<readonly string[]> =>
  plain(help, wordsOf, { optional: true, variadic: true });

export const optionalArgument = (help: string, more?: More): Kind<string | undefined> =>
  plain(help, textOf, { optional: true, ...more });

export const fileToRead: Kind<string> = plain('- reads standard input', (raw) => wordsOf(raw)[0] ?? '-');

export const oneOf = <T extends string>(
  choices: readonly T[],
  value: string,
  help: string,
): Kind<T | undefined> => plain(help, (raw) => choices.find((one) => one === raw), { value, choices });

export const channel = <T extends string>(choices: readonly T[], help: string): Kind<T | undefined> => ({
  ...oneOf(choices, '<channel>', help),
  near: channelWords,
});

const given = (raw: Raw): string | undefined => (typeof raw === 'string' ? raw : undefined);

export const word = (value: string, help: string, more?: More): Kind<string | undefined> =>
  plain(help, given, { value, ...more });

export const parsed = <T>(value: string, help: string, parse: (typed: string) => T): Kind<T | undefined> =>
  plain(help, (raw) => (typeof raw === 'string' ? parse(raw) : undefined), { value });

export const repeated = (value: string, help: string, more?: More): Kind<readonly string[]> =>
  plain(help, wordsOf, { value, repeat: true, ...more });

export const checked = <T>(kind: Kind<T>, check: (typed: readonly string[]) => unknown): Kind<T> => ({
  ...kind,
  read(raw, shut, has) {
    check(wordsOf(raw));
    return kind.read(raw, shut, has);
  },
});

export const newFile = (flag: string, help: string): Kind<string | undefined> =>
  checked(word('<file>', help), ([file]) => {
    if (file?.trim() === '') throw usage(`${flag} needs a file`);
  });

export const numeric = (
  { usual, from, to }: { readonly usual: number; readonly from: number; readonly to: number },
  [what, hint]: readonly [what: string, hint: string],
  help: string,
): Kind<number> =>
  plain(
    help,
    (raw) => {
      if (typeof raw !== 'string') return usual;
      const number = /^\d{1,6}$/.test(raw) ? Number(raw) : Number.NaN;
      if (!(number >= from && number <= to)) throw usage(`'${raw.slice(0, 40)}' is not ${what}`, hint);
      return number;
    },
    { value: '<number>' },
  );

export const page = (length: number): Kind<number> =>
  numeric({ usual: 1, from: 1, to: 999_999 }, ['a page', 'use --page 2'], `the next ${length}, and so on`);

export const time = (help: string): Kind<TimeOfDay | undefined> =>
  parsed('<time>', help, (typed) => {
    const read = readTimeOfDay(typed);
    if (read === undefined) throw usage(`'${typed.slice(0, 40)}' is not a time of day`, 'write 14:40');
    return read;
  });

export type Reading = Omit<DateOptions, 'direction'>;

export function readingOf({ clock, settings, store }: Settled): Reading {
  const today = clock.today();
  if (store === undefined || store instanceof Failure) return { today };
  const { dateStyle, weekStart } = settings.read();
  return { today, dateStyle, weekStart, calendar: store.calendar.read() };
}

const styles = [undefined, 'day-first', 'month-first'] as const;
/** The vault's zone may be a day ahead of the machine's, or behind it. */
const shifts = [0, -1, 1] as const;

/** Refuses what no vault could make sense of: how dates are read is among its settings. @throws what `read` does */
export function refuseUnreadable(read: (reading: Reading) => unknown, { clock }: Pick<Ctx, 'clock'>): void {
  let failure: unknown;
  const isReadable = styles.some((dateStyle) =>
    shifts.some((shift) => {
      try {
        read({ today: addDays(clock.today(), shift), dateStyle, weekStart: 1 });
        return true;
      } catch (error) {
        failure ??= error;
        return false;
      }
    }),
  );
  if (!isReadable) throw failure;
}

export const dated = <T>(help: string, read: (text: string, reading: Reading) => T): Kind<T | undefined> => ({
  help,
  value: '<date>',
  read(raw, shut) {
    const text = given(raw);
    if (text === undefined) return () => undefined;
    refuseUnreadable((reading) => read(text, reading), shut);
    return (ctx) => read(text, readingOf(ctx));
  },
});

/** The date grammar, which most runs need not load. */
const grammar = () => import('../dates/grammar.ts');

export const day = (direction: Direction, help: string): Kind<CivilDate | undefined> => ({
  help,
  value: '<date>',
  async check(raw, shut) {
    const text = given(raw);
    if (text === undefined) return;
    const { readDate } = await grammar();
    refuseUnreadable((reading) => readDate(text, { ...reading, direction }), shut);
  },
  read(raw) {
    const text = given(raw);
    return async (ctx) =>
      text === undefined ? undefined : (await grammar()).readDate(text, { ...readingOf(ctx), direction });
  },
});

/** The same, with what is made of it once the vault is open. */
export const andThen = <T, U>(kind: Kind<T>, make: (value: T, ctx: Settled) => U | Promise<U>): Kind<U> => ({
  ...kind,
  read(raw, shut, has) {
    const resolve = kind.read(raw, shut, has);
    return async (ctx) => make(await resolve(ctx), ctx);
  },
});

/** The same, where it is left out what `usual` says. */
export const orElse = <T>(kind: Kind<T | undefined>, usual: (ctx: Settled) => T): Kind<T> =>
  andThen(kind, (value, ctx) => value ?? usual(ctx));

export const dayOrToday = (direction: Direction, help: string): Kind<CivilDate> =>
  orElse(day(direction, help), ({ clock }) => clock.today());

const longestInput = 4 * textLimit + 1024;

/** The text without blanks around it. @throws usage where it is empty or too long */
export function checkText(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw usage(`${what} is empty`);
  if (trimmed.length > textLimit)
    throw usage(`${what} has ${trimmed.length} characters; the limit is ${textLimit}`);
  return trimmed;
}

/** A text that is given, or that '-' reads from standard input. @param what names it in errors: 'the reason' */
export const text = (what: string, help: string): Kind<string | undefined> => ({
  help,
  value: '<text>',
  input: true,
  read(raw) {
    const typed = given(raw) ?? textOf(raw);
    if (typed === '-') return async ({ stdin }) => checkText(await stdin.readText(longestInput), what);
    const checked = typed === undefined ? undefined : checkText(typed, what);
    return () => checked;
  },
});

const readAnswer = (answer: string): string => {
  const text = answer.trim();
  if (text.length > textLimit) throw usage(`at most ${textLimit} characters, please`);
  return text;
};

const readNeeded = (answer: string): string => {
  if (answer.trim() === '') throw usage('a few words, please; Ctrl-C leaves it');
  return readAnswer(answer);
};

/** Asks until `read` makes something of the answer. @param read throws usage */
export async function askRead<T>(
  question: string,
  read: (answer: string) => T,
  { questions }: Ctx,
  prefill = '',
): Promise<T> {
  return read(await questions.text(question, { prefill, check: (answer) => faultOf(() => read(answer)) }));
}

export const askedText = async (
  known: string | undefined,
  question: string,
  ctx: Ctx,
): Promise<string | null> =>
  known ?? ((ctx.questions.possible && (await askRead(question, readAnswer, ctx))) || null);

export async function neededText(
  known: string | undefined,
  what: string,
  flag: string,
  question: string,
  ctx: Ctx,
  prefill?: string,
): Promise<string> {
  if (known === undefined && !ctx.questions.possible)
    throw usage(`${what} is missing`, `add ${flag} - and pipe it in, or ${flag} TEXT`);
  return known ?? askRead(question, readNeeded, ctx, prefill);
}

/** A yes, of --yes or of somebody. @param refusal where nobody can be asked. @param told above it. @throws cancelled */
export async function agree(
  question: string,
  refusal: Failure,
  { questions, globals }: Pick<Ctx, 'questions' | 'globals'>,
  told = '',
): Promise<void> {
  if (globals.yes) return;
  if (!questions.possible) throw refusal;
  if (told !== '') questions.tell(told);
  if (!(await questions.confirm(question, false))) throw cancelled();
}
