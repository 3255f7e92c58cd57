/**
 * Options that hold text. They may be left out, and are then asked for in a terminal, or be `-`, and are then read from
 * standard input: what is on the command line, shell history and `ps` show.
 */
import { toneHints } from '../domain/capture-hints.ts';
import { textLimit } from '../domain/records.ts';
import { usage } from '../errors.ts';
import type { World } from '../world.ts';

type TextNeeds = Pick<World, 'stdin' | 'questions'>;

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
export function textHints(texts: readonly string[], { notices }: Pick<World, 'notices'>): void {
  for (const hint of new Set(texts.flatMap(toneHints))) notices.say(`hint: ${hint}`);
}

/** What a prompt says of a text that it can't take; undefined where it can. */
const refusal = (answer: string, needed: boolean): string | undefined => {
  const { length } = answer.trim();
  if (length > textLimit) return `at most ${textLimit} characters, please`;
  return needed && length === 0 ? 'a few words, please; Ctrl-C leaves it' : undefined;
};

/** A text to type over another one; asked again while it is empty or too long. */
export async function askText(
  question: string,
  prefill: string,
  { questions }: Pick<World, 'questions'>,
): Promise<string> {
  const typed = await questions.text(question, { prefill, check: (answer) => refusal(answer, true) });
  return typed.trim();
}

async function resolveText(
  option: string | undefined,
  what: string,
  question: string | undefined,
  needed: boolean,
  { stdin, questions }: TextNeeds,
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
  needs: TextNeeds & Pick<World, 'notices'>,
): Promise<string | null> {
  const text = await resolveText(option, what, question, false, needs);
  if (text !== null) textHints([text], needs);
  return text;
}

/** The same for a text that must be there. @throws usage */
export async function neededText(
  option: string | undefined,
  what: string,
  flag: string,
  question: string,
  needs: TextNeeds,
): Promise<string> {
  const text = await resolveText(option, what, question, true, needs);
  if (text === null) throw usage(`${what} is missing`, `add ${flag} - and pipe it in, or ${flag} TEXT`);
  return text;
}
