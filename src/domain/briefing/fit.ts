/**
 * The caps. A briefing is laid out, measured and, while it is over, gives something up: kept lines, LIFE to one,
 * EXPLAIN, ASK; then the longest items lose words, down to six; then whole items go, always counted on their heading.
 */
import { countWords, cutToWidth, cutToWords, printable, widthOf, wrapToWidth } from '../text.ts';
import { caps, type Entry, type Item, type Section, type SectionId } from './view.ts';

const fewestWords = 6;
const bulletWidth = 3;
const room = caps.columns - bulletWidth;
const gentleLines = 2;

export interface Layout {
  readonly sections: readonly Section[];
  /** Notes that were given up to fit, to be counted in the footer. */
  readonly givenUp: number;
  /** Private notes whose heading was given up. */
  readonly privateGivenUp: number;
  /** How many words of each entry's lead may stay. */
  readonly wordLimits: ReadonlyMap<Entry, number>;
}

/** Text that is quoted whole loses its own outer quotes; ours are put around what is left of it after a cut. */
const unquoted = (text: string): string => /^["“”](.*)["“”]$/u.exec(text)?.[1] ?? text;

const singleLine = (text: string): string => printable(text).replace(/\s+/gu, ' ').trim();

const leads = new WeakMap<Entry, string>();

/** No more of a text than could ever be seen of it, so that a long one costs no more than a short one. */
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

/** An entry's line as it will be printed, without its bullet. */
export const itemOf = (entry: Entry, section: SectionId, layout: Layout): Item => ({
  ...entry,
  text: section === 'gentle' ? gentleText(entry, layout) : lineText(entry, layout),
});

const without = (sections: readonly Section[], id: SectionId): readonly Section[] =>
  sections.filter((section) => section.id !== id);

const shortened = (
  sections: readonly Section[],
  id: SectionId,
  entries: readonly Entry[],
  more = 0,
): readonly Section[] =>
  sections.map((section) =>
    section.id === id ? { ...section, entries, more: section.more + more } : section,
  );

type Step = (layout: Layout) => Layout | undefined;

const entriesOf = (layout: Layout, id: SectionId): readonly Entry[] | undefined =>
  layout.sections.find((section) => section.id === id)?.entries;

const dropKept: Step = (layout) => {
  const entries = entriesOf(layout, 'promised') ?? [];
  const last = entries.findLastIndex((entry) => entry.state === 'kept');
  return last === -1
    ? undefined
    : { ...layout, sections: shortened(layout.sections, 'promised', entries.toSpliced(last, 1)) };
};

/** Leaves out the last entry of a section while it has more than so many; such notes are counted in the footer. */
const dropNote =
  (id: SectionId, atLeast: number): Step =>
  (layout) => {
    const section = layout.sections.find((one) => one.id === id);
    if (section === undefined || section.entries.length <= atLeast) return undefined;
    const givenUp = layout.givenUp + (section.entries.at(-1)?.id === null ? 0 : 1);
    if (section.entries.length > 1)
      return { ...layout, givenUp, sections: shortened(layout.sections, id, section.entries.slice(0, -1)) };
    const privateGivenUp = layout.privateGivenUp + section.private;
    return { ...layout, givenUp, privateGivenUp, sections: without(layout.sections, id) };
  };

/** Leaves out the last entry of a section whose overflow is counted on its heading. */
const dropCounted =
  (id: SectionId, atLeast: number): Step =>
  (layout) => {
    const entries = entriesOf(layout, id) ?? [];
    if (entries.length <= atLeast) return undefined;
    return { ...layout, sections: shortened(layout.sections, id, entries.slice(0, -1), 1) };
  };

/** Takes one word off the entry with the most, never below six, and never off TREAD GENTLY. */
const shortenLongest: Step = (layout) => {
  let longest: { readonly entry: Entry; readonly words: number } | undefined;
  for (const section of layout.sections) {
    if (section.id === 'gentle') continue;
    for (const entry of section.entries) {
      const words = countWords(leadOf(entry, layout));
      if (words > fewestWords && words >= (longest?.words ?? 0)) longest = { entry, words };
    }
  }
  if (longest === undefined) return undefined;
  return { ...layout, wordLimits: new Map(layout.wordLimits).set(longest.entry, longest.words - 1) };
};

/** The last resort, so that the caps hold whatever was typed: cautions lose their last words. */
const shortenGentle: Step = (layout) => {
  const longest = (entriesOf(layout, 'gentle') ?? [])
    .map((entry) => ({ entry, words: countWords(leadOf(entry, layout)) }))
    .sort((left, right) => right.words - left.words)[0];
  if (longest === undefined || longest.words <= fewestWords) return undefined;
  return { ...layout, wordLimits: new Map(layout.wordLimits).set(longest.entry, longest.words - 1) };
};

const steps: readonly Step[] = [
  dropKept,
  dropNote('life', 1),
  dropNote('said', 1),
  dropNote('explain', 0),
  dropNote('ask', 0),
  dropNote('could_ask', 0),
  shortenLongest,
  dropNote('life', 0),
  dropNote('said', 0),
  dropNote('matters', 0),
  dropCounted('open', 1),
  dropCounted('promised', 1),
  dropCounted('gentle', 1),
  dropCounted('open', 0),
  dropCounted('promised', 0),
  shortenGentle,
];

/** Gives up what must go until `isOver` is false, each step as often as it helps before the next. */
export function fitWithinCaps(sections: readonly Section[], isOver: (layout: Layout) => boolean): Layout {
  let layout: Layout = { sections, givenUp: 0, privateGivenUp: 0, wordLimits: new Map() };
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
