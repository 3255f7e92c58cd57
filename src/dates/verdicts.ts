/** What each phrase of a line does there: it is the date, it is asked about, or it is the topic, the past or plain text. */
import { addDays, type CivilDate, daysBetween, lazy } from './civil.ts';
import type { DateContext } from './date-context.ts';
import { around, letters } from './english.ts';
import { dueIn } from './grammar.ts';
import type { Phrase } from './phrases.ts';

export interface Verdict {
  readonly is: 'date' | 'asked' | 'none' | 'hour' | 'soon' | 'every' | 'part' | 'text';
  readonly phrase: Phrase;
  /** With what leads to it: 'by fri at the latest'. */
  readonly start: number;
  readonly end: number;
  readonly date?: CivilDate;
  /** 'at the latest' beats all others, 'by' beats what is asked about. */
  readonly rank?: 'latest' | 'certain' | undefined;
  /** The day before what was named. */
  readonly isShifted?: boolean;
  /** Gives way to a day. */
  readonly isWeak?: boolean;
  readonly every?: string;
}

const farthest = 40;

const leadPatterns = lazy(() =>
  Object.entries(around.leads).map(([kind, words]) => ({
    kind,
    pattern: new RegExp(`(?<![${letters}\\d'/])((?:${words.replaceAll(' ', ' +')})[ :]+(?:the +)?)$`, 'u'),
  })),
);

/** The longest that ends where the phrase begins; its words without the article. */
function leadOf(text: string, start: number) {
  const head = text.slice(Math.max(0, start - farthest), start);
  const [best] = leadPatterns()
    .flatMap(({ kind, pattern }) => {
      const said = pattern.exec(head)?.[1];
      return said === undefined ? [] : [{ kind, said }];
    })
    .sort((one, other) => other.said.length - one.said.length);
  if (best === undefined) return { kind: undefined, words: '', start };
  const words = best.said.replace(/(?<![ :])[ :]+(?:the +)?$/, '');
  return { kind: best.kind, words, start: start - best.said.length };
}

/** A clause is no longer: a line of ten thousand characters is read in no time. */
const longestClause = 300;
const headOf = (text: string, start: number): string =>
  text.slice(Math.max(0, start - longestClause), start).replace(/ {2,}/g, ' ');

function clauseBefore(text: string, start: number): string {
  let begin = 0;
  const head = headOf(text, start);
  for (const end of head.matchAll(around.clauseEnds)) begin = end.index + 1;
  return head.slice(begin);
}

const isAdjacent = (text: string, one: Phrase | undefined, other: Phrase | undefined): boolean =>
  one !== undefined && other !== undefined && /^[ ,]*$/.test(text.slice(one.end, other.start));

const isOfDay = (phrase: Phrase | undefined): boolean =>
  phrase?.meaning.is === 'part' || phrase?.meaning.is === 'hour';

const noWord = lazy(() => new RegExp(`^[^${letters}\\d]*$`, 'u'));

/** 'monthly from 1 apr': another phrase follows with what leads to it. */
const leadsOn = (text: string, phrase: Phrase, next: Phrase | undefined): boolean =>
  next !== undefined && noWord().test(text.slice(phrase.end, leadOf(text, next.start).start));

/** @throws usage for a day that cannot be */
export function judged(text: string, phrase: Phrase, phrases: readonly Phrase[], ctx: DateContext): Verdict {
  const at = phrases.indexOf(phrase);
  const { meaning } = phrase;
  const head = headOf(text, phrase.start);
  const lead = leadOf(text, phrase.start);
  const behind = text.slice(phrase.end);
  const [tail = '', fromThen] = around.rankTail.exec(behind) ?? [];
  const polite = around.politeTail.exec(behind.slice(tail.length))?.[0] ?? '';
  const base = { phrase, start: lead.start, end: phrase.end + tail.length + polite.length };
  const is = (kind: Verdict['is'], more: Partial<Verdict> = {}): Verdict => ({ ...base, is: kind, ...more });
  const clause = clauseBefore(text, lead.start);
  // 'of friday' is its topic; 'of next week' is a part of it.
  const isPart = lead.words === 'of' && meaning.is !== 'day';
  const isCertain = around.certain.test(lead.words);
  const isTopic =
    (lead.kind === 'topic' && !isPart) ||
    (around.past.test(clause) && !isCertain) ||
    around.afterTopic.test(behind);
  const isFirst = noWord().test(text.slice(0, phrase.start));
  const isLast = noWord().test(behind.replace(around.politeTail, ''));
  switch (meaning.is) {
    case 'impossible':
      throw meaning.failure;
    case 'hour':
      return is(isTopic ? 'none' : 'hour');
    case 'part':
      return is('part');
    case 'soon':
      if (isFirst || isLast || around.goesWith.test(behind)) return is('soon');
      return /^a/.test(phrase.text) ? is('asked', { isWeak: true }) : is('text');
    case 'every':
      if (meaning.last && !isLast && !leadsOn(text, phrase, phrases[at + 1]))
        return is('asked', { isWeak: true });
      return is('every', { every: meaning.every, date: meaning.date });
    case 'yearly':
      return is(ctx.direction === 'milestone' ? 'date' : 'asked');
    case 'asked':
      if (meaning.failure === undefined || meaning.either !== undefined)
        return is(isTopic ? 'none' : 'asked', { isWeak: meaning.weak ?? false });
      // What is no day is a value.
      if (/^(?:on|by|before|due)$/.test(lead.words)) throw meaning.failure;
      return is('text');
    case 'day':
    case 'stretch':
      break;
    default:
      return is('text');
  }
  const isSure =
    (around.sure.test(lead.words) && !(lead.words === 'in' && meaning.is === 'day')) ||
    (isAdjacent(text, phrases[at - 1], phrase) && isOfDay(phrases[at - 1])) ||
    (isAdjacent(text, phrase, phrases[at + 1]) && isOfDay(phrases[at + 1]));
  if (around.titles.test(head)) return is('text');
  if (ctx.names.has(phrase.text) && !around.surest.test(lead.words)) return is('none');
  const hasRepeat = phrases.some((one) => one.meaning.is === 'every');
  const isSince = ctx.direction === 'milestone' && /^(?:since|from|starting|as of)$/.test(lead.words);
  const begins = hasRepeat && /^(?:from|starting|as of|first on)$/.test(lead.words);
  // 'weekly until may' goes on; where it ends stays in the text.
  if (hasRepeat && /^(?:until|till|til)$/.test(lead.words)) return is('text');
  if (hasRepeat && !begins && meaning.is === 'stretch') return is('asked');
  const beside = isCertain ? undefined : around.besideEvent.exec(head)?.[1];
  const isBefore = lead.kind === 'before' || beside === 'before' || beside === 'b4';
  const isAfter = beside !== undefined && !isBefore;
  if (around.anotherDay.test(clause) || around.joined.test(text.slice(phrases[at - 1]?.end ?? 0, lead.start)))
    return is('asked');
  // 'stitches out in 10 days'
  const isLength = /^(?:off|out)$/.test(lead.words) && /\d/.test(phrase.text);
  if (
    (lead.kind === 'asked' && !begins && !isSince && !isLength) ||
    isPart ||
    isAfter ||
    fromThen !== undefined
  )
    return is('asked');
  if (isTopic) return is('none');
  // 'may' and 'march' are verbs, too.
  if (meaning.doubtful && !isSure)
    return around.freeEnd.test(behind) || !around.verbs.has(phrase.text) || around.beforeNoun.test(head)
      ? is('asked', { isWeak: true })
      : is('text');
  if (meaning.is === 'day' && meaning.bare && (around.boundLength.test(head) || !around.freeEnd.test(behind)))
    return is('asked', { isWeak: true });
  if (lead.words === 'for' && around.aboutFor.test(clause)) return is('none');
  if (lead.words === 'for' && meaning.is === 'day' && meaning.bare) return is('asked', { isWeak: true });
  if (!isCertain && around.perhapsNot.some((one) => one.test(clause))) return is('asked');
  const first = meaning.is === 'day' ? meaning.date : meaning.first;
  const plain = meaning.is === 'day' ? meaning.date : dueIn(meaning, ctx);
  const isShifted = isBefore && !(meaning.is === 'stretch' && meaning.end);
  const date = isShifted ? addDays(first, -1) : plain;
  if (ctx.direction === 'forward' ? date < ctx.today : lead.words === 'since' && date > ctx.today)
    return is('asked');
  // '2 march' on 12 March: it was then, rather than that it is to be in a year.
  const isJustPast = !isCertain && daysBetween(ctx.today, date) > 335 && around.yearless.test(phrase.text);
  if (ctx.direction === 'forward' && isJustPast) return is('asked');
  const isLatest = lead.kind === 'latest' || tail !== '';
  const rank = isLatest ? 'latest' : isCertain ? 'certain' : undefined;
  return is('date', { date, rank, isShifted });
}

/** 'after the op': it has no day, and so it is asked about. */
export function eventsIn(text: string, phrases: readonly Phrase[]): readonly Verdict[] {
  return [...text.matchAll(around.events)].flatMap((match): readonly Verdict[] => {
    const start = match.index;
    const end = start + match[0].trimEnd().length;
    const isTaken = phrases.some(
      (one) =>
        (one.start <= start && start < one.end) ||
        (one.start >= end &&
          /^ +(?:(?:the|on) +)*$|^ (?:\S+ ){1,4}(?:on )?$/.test(text.slice(end, one.start))),
    );
    if (isTaken) return [];
    const phrase: Phrase = {
      start,
      end,
      text: text.slice(start, end),
      meaning: { is: 'asked', event: true },
    };
    return [{ is: 'asked', phrase, start, end, isWeak: true }];
  });
}
