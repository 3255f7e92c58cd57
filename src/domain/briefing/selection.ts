/**
 * Ranks what of a life to show by a score that can be worked out by hand, and drops or shortens entries until a
 * briefing is within its caps.
 */
import { addDays, type CivilDate, daysBetween } from '../../dates/civil.ts';
import { distance } from '../../dates/words.ts';
import { compareIds, exactDay, latestDay, occurrences } from '../note-rules.ts';
import type { Note } from '../records.ts';
import { compareText, countWords, cutToWidth, cutToWords, printable, widthOf, wrapToWidth } from '../text.ts';
import {
  type BriefingContext,
  caps,
  type Entry,
  type Item,
  type Section,
  type SectionId,
} from './briefing.ts';

const pinnedScore = 100;
const nearScore = 70;
const nearDays = 30;
const justPassedScore = 60;
const passedDays = 400;
const freshScore = 40;
const halfLifeDays = 180;
const undatedScore = 10;
const shownOften = 2;

export interface Ranked {
  readonly note: Note;
  readonly score: number;
  /** Called only for entries that are shown. */
  readonly why: () => string;
  readonly day: CivilDate | undefined;
}

type Score = Omit<Ranked, 'note'>;

function milestoneScore(note: Note, { on, lastVisit }: BriefingContext): Score | undefined {
  const times = occurrences(note, on);
  const next = times.find((time) => time.last >= on);
  if (next !== undefined) {
    const days = Math.max(0, daysBetween(on, next.first));
    if (days <= nearDays)
      return {
        score: nearScore - days,
        why: () => (days === 0 ? 'a milestone now' : `a milestone in ${days} days`),
        day: exactDay(next),
      };
  }
  const past = times.filter((time) => time.last < on).at(-1);
  if (
    past !== undefined &&
    lastVisit !== undefined &&
    past.last >= lastVisit &&
    past.last >= addDays(on, -passedDays)
  )
    return { score: justPassedScore, why: () => 'a milestone since the last visit', day: exactDay(past) };
  return undefined;
}

function freshness(note: Note, on: CivilDate): Score {
  const latest = latestDay(note);
  const near = occurrences(note, on);
  const time = near.find((one) => one.last >= on) ?? near.at(-1);
  const day = time === undefined ? undefined : exactDay(time);
  if (latest === undefined) return { score: undatedScore, why: () => 'undated', day };
  const age = Math.max(0, daysBetween(latest, on));
  return {
    score: freshScore * 0.5 ** (age / halfLifeDays),
    why: () => `noted ${distance(latest < on ? latest : on, on)}`,
    day,
  };
}

export function rank(note: Note, context: BriefingContext): Ranked {
  const { on, shown } = context;
  const plain = freshness(note, on);
  const milestone = note.kind === 'milestone' ? milestoneScore(note, context) : undefined;
  const own = milestone ?? plain;
  if (note.pinned) return { note, score: pinnedScore, why: () => 'pinned', day: own.day };
  const isWorn = (shown.get(note.id) ?? 0) >= shownOften;
  return isWorn
    ? { note, score: own.score / 2, why: () => `${own.why()}, halved: shown in two briefings`, day: own.day }
    : { note, ...own };
}

/** Ties: newer, then id. */
export const byScore = (left: Ranked, right: Ranked): number =>
  right.score - left.score ||
  compareText(latestDay(right.note) ?? '', latestDay(left.note) ?? '') ||
  compareIds(left.note, right.note);

const fewestWords = 6;
const bulletWidth = 3;
const room = caps.columns - bulletWidth;
const gentleLines = 2;

export interface Layout {
  readonly sections: readonly Section[];
  readonly privateGivenUp: number;
  readonly wordLimits: ReadonlyMap<Entry, number>;
}

/** Removes outer quotes; new ones are added after the cut. */
const unquoted = (text: string): string => /^["“”](.*)["“”]$/u.exec(text)?.[1] ?? text;

const singleLine = (text: string): string => printable(text).replace(/\s+/gu, ' ').trim();

const leads = new WeakMap<Entry, string>();

/** Cut to what can ever be visible, so that long texts cost no more than short ones. */
function seen(entry: Entry): string {
  let lead = leads.get(entry);
  if (lead === undefined) {
    lead = cutToWidth(singleLine(entry.lead), gentleLines * room + 1);
    leads.set(entry, lead);
  }
  return lead;
}

function leadOf(entry: Entry, layout: Layout): string {
  const lead = seen(entry);
  const limit = layout.wordLimits.get(entry);
  return limit === undefined ? lead : cutToWords(lead, limit);
}

function gentleText(entry: Entry, layout: Layout): string {
  const lines = wrapToWidth(leadOf(entry, layout) + singleLine(entry.tail), room);
  if (lines.length <= gentleLines) return lines.join('\n');
  const last = lines.slice(gentleLines - 1).join(' ');
  return [...lines.slice(0, gentleLines - 1), cutToWidth(last, room)].join('\n');
}

function lineText(entry: Entry, layout: Layout): string {
  const label = entry.state === 'kept' ? 'kept: ' : '';
  const tail = entry.tail === '' ? '' : cutToWidth(printable(entry.tail), 48);
  const edge = entry.aligned === '' ? 0 : widthOf(entry.aligned) + 2;
  const quotes = entry.quoted ? 2 : 0;
  const free = room - widthOf(label) - widthOf(tail) - edge - quotes;
  const whole = leadOf(entry, layout);
  const lead = cutToWidth(entry.quoted ? unquoted(whole) : whole, free);
  const text = label + (entry.quoted ? `"${lead}"` : lead) + tail;
  return entry.aligned === ''
    ? text
    : text + ' '.repeat(room - widthOf(text) - widthOf(entry.aligned)) + entry.aligned;
}

export const itemOf = (entry: Entry, section: SectionId, layout: Layout): Item => ({
  ...entry,
  text: section === 'gentle' ? gentleText(entry, layout) : lineText(entry, layout),
});

type Step = (layout: Layout) => Layout | undefined;

const sectionOf = ({ sections }: Layout, id: SectionId): Section | undefined =>
  sections.find((section) => section.id === id);

const replaced = (layout: Layout, section: Section, ...by: readonly Section[]): Layout => ({
  ...layout,
  sections: layout.sections.flatMap((one) => (one === section ? by : [one])),
});

const dropKept: Step = (layout) => {
  const section = sectionOf(layout, 'promised');
  const last = section?.entries.findLastIndex((entry) => entry.state === 'kept') ?? -1;
  return section === undefined || last === -1
    ? undefined
    : replaced(layout, section, { ...section, entries: section.entries.toSpliced(last, 1) });
};

/** Drops the last entry while there are more than `atLeast`. The heading counts it, or the footer does. */
const drop =
  (id: SectionId, atLeast: number, isCounted = false): Step =>
  (layout) => {
    const section = sectionOf(layout, id);
    if (section === undefined || section.entries.length <= atLeast) return undefined;
    const entries = section.entries.slice(0, -1);
    return entries.length === 0 && !isCounted
      ? { ...replaced(layout, section), privateGivenUp: layout.privateGivenUp + section.private }
      : replaced(layout, section, { ...section, entries, more: section.more + (isCounted ? 1 : 0) });
  };

/** Takes a word from the first of the longest entries, never below six words. */
function shorten(layout: Layout, entries: readonly Entry[]): Layout | undefined {
  const [longest] = entries
    .map((entry) => ({ entry, words: countWords(leadOf(entry, layout)) }))
    .sort((left, right) => right.words - left.words);
  if (longest === undefined || longest.words <= fewestWords) return undefined;
  return { ...layout, wordLimits: new Map(layout.wordLimits).set(longest.entry, longest.words - 1) };
}

/** Of equally long ones, the last. */
const shortenLongest: Step = (layout) => {
  const sections = layout.sections.filter(({ id }) => id !== 'gentle');
  return shorten(layout, sections.flatMap(({ entries }) => entries).reverse());
};

/** Last resort: shortens cautions, so that the caps always hold. */
const shortenGentle: Step = (layout) => shorten(layout, sectionOf(layout, 'gentle')?.entries ?? []);

const steps: readonly Step[] = [
  dropKept,
  drop('life', 1),
  drop('said', 1),
  drop('explain', 0),
  drop('ask', 0),
  drop('could_ask', 0),
  shortenLongest,
  drop('life', 0),
  drop('said', 0),
  drop('matters', 0),
  drop('open', 1, true),
  drop('promised', 1, true),
  drop('gentle', 1, true),
  drop('open', 0, true),
  drop('promised', 0, true),
  shortenGentle,
];

/** Applies each step as often as it helps before the next, until `isOver` is false. */
export function fitWithinCaps(sections: readonly Section[], isOver: (layout: Layout) => boolean): Layout {
  let layout: Layout = { sections, privateGivenUp: 0, wordLimits: new Map() };
  const left = [...steps];
  while (isOver(layout)) {
    let next: Layout | undefined;
    while (next === undefined && left[0] !== undefined) {
      next = left[0](layout);
      if (next === undefined) left.shift();
    }
    if (next === undefined) break;
    layout = next;
  }
  return layout;
}
