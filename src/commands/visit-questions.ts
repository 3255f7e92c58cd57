/** What is asked of a visit itself, its day and channel, and what every prompt of `commit` understands. */
import type { Talk } from '../cli/command.ts';
import { readingOf } from '../cli/kinds.ts';
import { type CivilDate, fullDate } from '../dates/civil.ts';
import { readDate } from '../dates/grammar.ts';
import { channels, channelWords } from '../domain/records.ts';
import type { WriteUp } from '../domain/write-up.ts';
import { bereavedOf, hardOffers, lossOffers } from '../domain/write-up-plan.ts';
import { Failure, faultOf, usage } from '../errors.ts';
import type { Visit } from './visit-records.ts';

/** Why it is asked for again; anything else ends the questions. */
export function refusalOf(failure: unknown): string {
  if (!(failure instanceof Failure) || failure.exit !== 'usage') throw failure;
  return [failure.message, ...failure.hints.map((hint) => `hint: ${hint}`)].join('\n');
}

export const readBack = (typed: string, ctx: Talk): CivilDate =>
  readDate(typed, { ...readingOf(ctx), direction: 'back' });

export async function askVisitDay(day: CivilDate, ctx: Talk): Promise<CivilDate> {
  const prefill = fullDate(day);
  const read = (answer: string): CivilDate => {
    // Typed behind the day that stands there, instead of over it.
    const typed = answer.startsWith(prefill) ? answer.slice(prefill.length).trim() : answer.trim();
    return typed === '' ? day : readBack(typed, ctx);
  };
  return read(
    await ctx.questions.text('Visit on', { prefill, check: (answer) => faultOf(() => read(answer)) }),
  );
}

export const isSkipped = (answer: string): boolean => /^(?:none|no|-)?$/i.test(answer.trim());
/** '?' alone shows the language. */
export const isHelp = (answer: string): boolean => answer.trim() === '?';
export const isHard = (answer: string): boolean => /^hard$/i.test(answer.trim());

/** @throws usage */
export function readChannel(typed: string): Visit['channel'] {
  const word = typed.toLowerCase();
  const known = [...channels, 'none' as const].find((channel) => channel === word) ?? channelWords.get(word);
  if (known === undefined) throw usage('that is no channel', `one of ${[...channels, 'none'].join(', ')}`);
  return known;
}

export const summaryHelp = `'3 family' another kind     '3 due fri' another date    '3 text' to reword it
'3 private'  '3 pin'  '3 reach'  '3 for ana'            each with 'no' behind takes it back
'3 drop' and '3 keep'       'day 3 mar' and 'channel call' change the visit   'hard'`;

/** What a draft holds beside its day and lines. */
export const draftOptions = ({ channel, isHard }: Pick<Visit, 'channel' | 'isHard'>): string =>
  JSON.stringify({ channel, isHard });

interface Offers {
  readonly why: string;
  readonly offers: ReturnType<typeof lossOffers>;
}

/** What could be promised after losses and a hard visit. */
export function offersAfter(writeUp: WriteUp, { on, isHard, patient }: Visit): readonly Offers[] {
  const losses = writeUp.flatMap((line) =>
    line.type === 'entry' && !line.isDropped && line.entry.type === 'loss' ? [line.entry] : [],
  );
  return [
    ...losses.map((loss): Offers => {
      const died = loss.date === null || loss.loss !== 'death' ? '' : ' died';
      return {
        why: `${loss.whom?.name ?? loss.text}${died}`,
        offers: lossOffers(loss, on, bereavedOf(loss, patient)),
      };
    }),
    { why: 'A hard visit', offers: isHard ? hardOffers(on) : [] },
  ];
}
