/**
 * Ranks what of a life to show by a score that can be worked out by hand, and gives entries up, or words of them, by one
 * table until a briefing is within its caps.
 */
import { addDays, type CivilDate, daysBetween, distance } from '../../dates/civil.ts';
import { compareIds, exactDay, latestDay, occurrences } from '../note-rules.ts';
import type { Note } from '../records.ts';
import { compareText, countWords, cutToWidth, cutToWords, printable, widthOf, wrapToWidth } from '../text.ts';
import { caps, type Entry, type Item, type Section, type SectionId } from './briefing.ts';
import type { BriefingContext } from './context.ts';

const pinnedScore = 100;
const nearScore = 70;
const nearDays = 30;
const justPassedScore = 60;
const passedDays = 400;
const freshScore = 40;
const halfLifeDays = 180;
const undatedScore = 10;
const shownOften = 2;
const daysOfRest = 3;

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
        why: () =>
          days === 0 ? 'a milestone now' : `a milestone ${distance(next.first < on ? on : next.first, on)}`,
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

/** From three days before a milestone to the first visit on a later day, it is told as if it were new. */
const isNearItsDay = (note: Note, { on, lastVisit }: BriefingContext): boolean =>
  note.kind === 'milestone' &&
  occurrences(note, on).some(
    ({ first, last }) => on >= addDays(first, -daysOfRest) && (lastVisit === undefined || lastVisit <= last),
  );

export function rank(note: Note, context: BriefingContext): Ranked {
  const { on, shown } = context;
  const plain = freshness(note, on);
  const milestone = note.kind === 'milestone' ? milestoneScore(note, context) : undefined;
  const own = milestone ?? plain;
  if (note.pinned) return { note, score: pinnedScore, why: () => 'pinned', day: own.day };
  const isWorn = (shown.get(note.id) ?? 0) >= shownOften && !isNearItsDay(note, context);
  return isWorn
    ? { note, score: own.score / 2, why: () => `${own.why()}, halved: shown in two briefings`, day: own.day }
    : { note, ...own };
}

/** Ties: newer, then id. */
export const byScore = (left: Ranked, right: Ranked): number =>
  right.score - left.score ||
  compareText(latestDay(right.note) ?? '', latestDay(left.note) ?? '') ||
  compareIds(left.note, right.note);

const bulletWidth = 3;
const room = caps.columns - bulletWidth;
const gentleLines = 2;
/** In columns: what stays of a text beside its dates and brackets. */
const shortestText = 16;

export interface Layout {
  readonly sections: readonly Section[];
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
  const tail = singleLine(entry.tails.join(''));
  const lines = wrapToWidth(`${entry.label}${leadOf(entry, layout)}${tail === '' ? '' : ` ${tail}`}`, room);
  if (lines.length <= gentleLines) return lines.join('\n');
  const last = lines.slice(gentleLines - 1).join(' ');
  return [...lines.slice(0, gentleLines - 1), cutToWidth(last, room)].join('\n');
}

function lineText(entry: Entry, layout: Layout): string {
  const label = printable(entry.label);
  const edge = entry.aligned === '' ? 0 : widthOf(entry.aligned) + 2;
  const besides = room - widthOf(label) - edge - (entry.quoted ? 2 : 0);
  const whole = leadOf(entry, layout);
  const least = Math.min(widthOf(whole), shortestText);
  let tail = '';
  for (const one of entry.tails.map(printable)) if (widthOf(tail + one) <= besides - least) tail += one;
  const lead = cutToWidth(entry.quoted ? unquoted(whole) : whole, besides - widthOf(tail));
  const text = label + (entry.quoted ? `"${lead}"` : lead) + tail;
  return entry.aligned === ''
    ? text
    : text + ' '.repeat(room - widthOf(text) - widthOf(entry.aligned)) + entry.aligned;
}

export const itemOf = (entry: Entry, section: SectionId, layout: Layout): Item => ({
  ...entry,
  text: section === 'gentle' ? gentleText(entry, layout) : lineText(entry, layout),
});

/** What becomes of texts between the lines that go: cut to so many words at once, or word by word. */
interface Shortening {
  readonly words: number;
  readonly atOnce: boolean;
  readonly of: 'gentle' | 'others';
}
interface Line {
  readonly section: SectionId;
  readonly place: number;
  readonly entry: Entry;
}
type Rank = Shortening | ((line: Line) => boolean);

const beyond =
  (count: number, ...ids: readonly SectionId[]) =>
  ({ section, place }: Line): boolean =>
    ids.includes(section) && place >= count;

const soonDays = 14;

/** From what is given up first to what is given up last; a line goes by the first rank that it has. */
const ranks = (on: CivilDate): readonly Rank[] => [
  ({ section, entry }) => entry.kind === 'suggestion' && (section === 'ask' || entry.state === 'not asked'),
  beyond(2, 'life', 'said'),
  { words: 14, atOnce: true, of: 'others' },
  beyond(2, 'since'),
  (line) => beyond(2, 'promised')(line) && line.entry.due !== null && line.entry.due > addDays(on, soonDays),
  beyond(1, 'life', 'said'),
  (line) => !line.entry.isPinned && beyond(1, 'explain')(line),
  { words: 6, atOnce: false, of: 'others' },
  ({ section, entry }) => section === 'explain' && !entry.isPinned,
  beyond(1, 'since'),
  beyond(0, 'life', 'said'),
  beyond(1, 'could_ask'),
  (line) => beyond(3, 'promised')(line) || beyond(2, 'open')(line),
  beyond(0, 'since'),
  beyond(0, 'matters'),
  beyond(0, 'ask', 'could_ask'),
  (line) => beyond(2, 'promised')(line) || beyond(1, 'open')(line),
  // Who interprets, who may hear: that is safety, not style.
  beyond(0, 'explain'),
  { words: 2, atOnce: false, of: 'gentle' },
];

const counted: readonly SectionId[] = ['gentle', 'since', 'promised', 'open'];
/** Their heading stays and counts what is gone. */
const lasting: readonly SectionId[] = ['gentle', 'promised', 'open'];

function without(layout: Layout, { section: id, entry }: Line): Layout {
  const sections = layout.sections.flatMap((section): readonly Section[] => {
    if (section.id !== id) return [section];
    const entries = section.entries.filter((one) => one !== entry);
    if (entries.length === 0 && !lasting.includes(id)) return [];
    return [{ ...section, entries, more: section.more + (counted.includes(id) ? 1 : 0) }];
  });
  return { ...layout, sections };
}

/** The longest text, of equally long ones the lowest on the screen. */
function shorten(layout: Layout, { words, atOnce, of }: Shortening): Layout | undefined {
  const [longest] = layout.sections
    .filter(({ id }) => (id === 'gentle') === (of === 'gentle'))
    .flatMap(({ entries }) => entries)
    .reverse()
    .map((entry) => ({ entry, words: countWords(leadOf(entry, layout)) }))
    .sort((left, right) => right.words - left.words);
  if (longest === undefined || longest.words <= words) return undefined;
  const limit = atOnce ? words : longest.words - 1;
  return { ...layout, wordLimits: new Map(layout.wordLimits).set(longest.entry, limit) };
}

/** Goes down the table while `isOver`: of lines of one rank the lowest on the screen goes first. */
export function fitWithinCaps(
  sections: readonly Section[],
  on: CivilDate,
  isOver: (layout: Layout) => boolean,
): Layout {
  let layout: Layout = { sections, wordLimits: new Map() };
  let left = sections.flatMap(({ id, entries }) =>
    entries.map((entry, place): Line => ({ section: id, place, entry })),
  );
  for (const rank of ranks(on)) {
    if (typeof rank === 'function') {
      for (const line of left.filter(rank).reverse()) {
        if (!isOver(layout)) return layout;
        layout = without(layout, line);
        left = left.filter((one) => one !== line);
      }
      continue;
    }
    for (let next: Layout | undefined = layout; next !== undefined && isOver(layout); ) {
      next = shorten(layout, rank);
      layout = next ?? layout;
    }
  }
  return layout;
}
