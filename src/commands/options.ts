/** Options that several commands take: text, days, times and pages. */

import type { Context } from '../context.ts';
import type { WorkCalendar } from '../dates/business-days.ts';
import { type CivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { type Direction, readDate } from '../dates/grammar.ts';
import { toneHints } from '../domain/capture-hints.ts';
import { textLimit } from '../domain/records.ts';
import { usage } from '../errors.ts';
import type { RawInput } from './command.ts';

const longestInput = 4 * textLimit + 1024;

/** The text without blanks around it. @throws usage where it is empty or too long */
export function checkText(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw usage(`${what} is empty`);
  if (trimmed.length > textLimit)
    throw usage(`${what} has ${trimmed.length} characters; the limit is ${textLimit}`);
  return trimmed;
}

/** Soft hints on labels and on what belongs in the chart; they stop nothing. */
export function textHints(texts: readonly string[], { notices }: Pick<Context, 'notices'>): void {
  for (const hint of new Set(texts.flatMap(toneHints))) notices.say(`hint: ${hint}`);
}

const refusal = (answer: string, needed: boolean): string | undefined => {
  const { length } = answer.trim();
  if (length > textLimit) return `at most ${textLimit} characters, please`;
  return needed && length === 0 ? 'a few words, please; Ctrl-C leaves it' : undefined;
};

export async function askText(
  question: string,
  prefill: string,
  { questions }: Pick<Context, 'questions'>,
): Promise<string> {
  const typed = await questions.text(question, { prefill, check: (answer) => refusal(answer, true) });
  return typed.trim();
}

async function resolveText(
  option: string | undefined,
  what: string,
  question: string | undefined,
  needed: boolean,
  { stdin, questions }: Context,
): Promise<string | null> {
  if (option === '-') return checkText(await stdin.readText(longestInput), what);
  if (option !== undefined) return checkText(option, what);
  if (question === undefined || !questions.possible) return null;
  const typed = await questions.text(question, { check: (answer) => refusal(answer, needed) });
  return typed.trim() === '' ? null : typed.trim();
}

/**
 * The text that an option gives, standard input holds, or a person types; null where nothing is typed or nobody is there.
 * @param what names it in errors: 'the reason'
 * @param question asked where the option was left out; undefined asks nothing
 */
export async function optionalText(
  option: string | undefined,
  what: string,
  question: string | undefined,
  ctx: Context,
): Promise<string | null> {
  const text = await resolveText(option, what, question, false, ctx);
  if (text !== null) textHints([text], ctx);
  return text;
}

export async function neededText(
  option: string | undefined,
  what: string,
  flag: string,
  question: string,
  ctx: Context,
): Promise<string> {
  const text = await resolveText(option, what, question, true, ctx);
  if (text === null) throw usage(`${what} is missing`, `add ${flag} - and pipe it in, or ${flag} TEXT`);
  return text;
}

export function dayOption(raw: RawInput, name: string, direction: Direction): CivilDate | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  return readDate(text, { ...raw.reading, today: raw.reading.today(), direction });
}

/** A day that is read again with the vault's own calendar once that is open: '3 business days ago' rests on it. */
export type AskedDay = (calendar?: WorkCalendar) => CivilDate;

/** As dayOption, for a day that closed days may shift. @throws usage */
export function askedDay(raw: RawInput, name: string, direction: Direction): AskedDay | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  const { today, dateStyle, weekStart } = raw.reading;
  const read: AskedDay = (calendar) =>
    readDate(text, { today: today(), direction, dateStyle, weekStart, calendar });
  read();
  return read;
}

export function timeOption(raw: RawInput, name: string): TimeOfDay | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  const time = readTimeOfDay(text);
  if (time === undefined) throw usage(`'${text.slice(0, 40)}' is not a time of day`, 'write 14:40');
  return time;
}

/** From 1 on; undefined where --all wants one list. @throws usage */
export function readPage(raw: RawInput): number | undefined {
  if (raw.flag('all')) {
    if (raw.option('page') === undefined) return undefined;
    throw usage("--all and --page don't go together", 'use one of them');
  }
  const text = raw.option('page') ?? '1';
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(`'${text.slice(0, 40)}' is not a page`, 'use --page 2');
  return Number(text);
}
