/** What a terminal asks of a typed line: which of two things it is, and when its words of time are. */
import type { Talk } from '../cli/command.ts';
import { type CivilDate, shortDate } from '../dates/civil.ts';
import { type CaptureOptions, captureLine, doubtOf, type Entry } from '../domain/capture.ts';
import type { Doubt } from '../domain/line-kinds.ts';
import { printable } from '../domain/text.ts';
import { withDate } from '../domain/write-up-lines.ts';
import { faultOf } from '../errors.ts';

type Asking = Pick<Talk, 'questions'>;

/** The line as it was meant, written so that it is read as that again. */
export const askDoubt = ({ question, choices }: Doubt, { questions }: Asking): Promise<string> =>
  questions.choose(
    question,
    choices.map(({ name, line }) => ({ name, value: line })),
  );

/**
 * A date as it is typed, or 'none'. @param check what is wrong with an answer
 * @param on the day that dates are shown from
 */
export async function askUnread(
  { unread, about }: Entry,
  check: (answer: string) => string | undefined,
  on: CivilDate,
  { questions }: Asking,
): Promise<string> {
  const meant = (answer: string): string => answer.trim() || 'none';
  const none = about === undefined ? 'Enter for none' : 'none';
  const answer = await questions.text(`when is '${printable(unread ?? '')}'? a date, or ${none}`, {
    check: (typed) => check(meant(typed)),
    prefill: about === undefined ? '' : shortDate(about, on),
  });
  return meant(answer);
}

/** A line alone; what is to be asked of it is asked where there is a terminal. @throws usage */
export async function captureAsked(text: string, capture: CaptureOptions, ctx: Asking) {
  const { questions } = ctx;
  const doubt = questions.possible ? doubtOf(text, capture) : undefined;
  const entry = captureLine(doubt === undefined ? text : await askDoubt(doubt, ctx), capture);
  if (entry.type === 'empty' || entry.unread === null || !questions.possible) return entry;
  const check = (answer: string) => faultOf(() => withDate(entry, answer, capture));
  return withDate(entry, await askUnread(entry, check, capture.on, ctx), capture);
}
