/** composeBriefing: pure and deterministic, the same bytes for the same input. */

import { personFirstName } from '../patient-names.ts';

import type { NoteKind } from '../records.ts';
import { countWords, cutToWidth, present, printable } from '../text.ts';
import {
  type Briefing,
  type BriefingContext,
  type BriefingFacts,
  type BriefingOptions,
  type BriefingSection,
  briefingContext,
  caps,
  type Item,
  nameLine,
  type Section,
  timeLine,
  visitTime,
} from './briefing.ts';
import {
  askSection,
  couldAskSection,
  explainSection,
  gentleSection,
  isRecent,
  lifeSection,
  mattersSection,
  openSection,
} from './note-sections.ts';
import { promisedSection } from './promised.ts';
import { fitWithinCaps, itemOf, type Layout } from './selection.ts';

const privateCaution = (count: number, handle: string): string =>
  `${count} private ${count === 1 ? 'caution' : 'cautions'}: rapport brief ${handle} --sensitive`;

export function headingOf(section: BriefingSection): string {
  const more = section.more > 0 ? `  +${section.more} more` : '';
  const hidden = section.private > 0 && !hasCautionLine(section) ? `  +${section.private} private` : '';
  return section.title + more + hidden;
}

const gentleRoom = 4;

function hasCautionLine({ id, items, private: hidden }: BriefingSection): boolean {
  if (id !== 'gentle' || hidden === 0) return false;
  return items.reduce((lines, item) => lines + item.text.split('\n').length, 0) < gentleRoom;
}

const reasonOf = ({ why, score }: Item): string =>
  score === null ? why : `${why}; score ${Math.round(score * 10) / 10}`;

interface BriefingLine {
  readonly item: Item | undefined;
  readonly line: string;
  readonly why: string;
}

/** Bullet and text; the second line of a caution is indented. */
export function linesOf(section: BriefingSection, handle: string): readonly BriefingLine[] {
  const lines: BriefingLine[] = section.items.flatMap((item): readonly BriefingLine[] => {
    const [first = '', ...rest] = item.text.split('\n');
    return [
      { item, line: ` ${item.bullet} ${first}`, why: reasonOf(item) },
      ...rest.map((text) => ({ item: undefined, line: `   ${text}`, why: '' })),
    ];
  });
  if (hasCautionLine(section))
    lines.push({
      item: undefined,
      line: ` · ${privateCaution(section.private, handle)}`,
      why: 'sensitive, so it is only counted',
    });
  const isNothing =
    section.id === 'promised' && section.more === 0 && !section.items.some((item) => item.state !== 'kept');
  return isNothing
    ? [{ item: undefined, line: ' · Nothing open', why: 'no promise is open' }, ...lines]
    : lines;
}

function briefingLines(
  briefing: Pick<Briefing, 'header' | 'sections' | 'footer' | 'patient'>,
): readonly string[] {
  const { header, sections, footer, patient } = briefing;
  return [
    ...header,
    '',
    ...sections.flatMap((section) => [
      headingOf(section),
      ...linesOf(section, printable(patient.handle)).map(({ line }) => line),
    ]),
    ...present(footer !== '' && footer),
  ];
}

const countedOnHeadings: readonly NoteKind[] = ['question', 'concern', 'decision', 'avoid'];

/** Ids of notes that no heading counts; the footer counts those that are not shown. */
const silentNotes = ({ visible, on, patient }: BriefingContext): ReadonlySet<string | null> =>
  new Set(
    visible
      .filter(({ kind }) => patient.status !== 'died' && !countedOnHeadings.includes(kind))
      .filter((note) => !(note.kind === 'loss' && isRecent(note, on)))
      .map(({ id }) => id),
  );

function countHidden(
  context: BriefingContext,
  silent: ReadonlySet<string | null>,
  { sections }: Layout,
): number {
  const shown = new Set(sections.flatMap(({ entries }) => entries.map(({ id }) => id)));
  const unread = context.patient.status === 'died' ? 0 : (context.unread?.silent ?? 0);
  return silent.size + unread - [...shown].filter((id) => silent.has(id)).length;
}

function footerOf(context: BriefingContext, hidden: number, privateCount: number): string {
  const handle = printable(context.patient.handle);
  const held = context.heldBack.length;
  const notes = (count: number): string => (count === 1 ? 'note' : 'notes');
  const dead = context.heldBack.flatMap((note) => {
    const held = context.world.holdsNote(note);
    return held?.person === undefined || held.isPrivate ? [] : personFirstName(held.person);
  });
  const parts = [hidden > 0, held > 0, privateCount > 0].filter(Boolean).length;
  const command = parts > 1 ? '' : `rapport brief ${handle} `;
  const names = printable([...new Set(dead)].join(', '));
  const back =
    parts > 1
      ? `${held} held back: --all`
      : `Held back: ${held} ${notes(held)}${names === '' ? '' : ` naming ${names}`}. ${command}--all`;
  const shown = present(
    hidden > 0 && `+ ${hidden} older ${notes(hidden)}: rapport notes ${handle}`,
    held > 0 && back,
    privateCount > 0 && `+${privateCount} private: ${command}--sensitive`,
  );
  return cutToWidth(shown.join(' · '), caps.columns);
}

function sectionsOf(context: BriefingContext): readonly Section[] {
  const { patient, isFirstVisit } = context;
  const ofNotes = [
    openSection,
    mattersSection,
    lifeSection,
    explainSection,
    isFirstVisit ? couldAskSection : askSection,
  ];
  const all = [gentleSection, promisedSection, ...(patient.status === 'died' ? [] : ofNotes)];
  return all
    .map((make) => make(context))
    .filter(
      (section) =>
        section.id === 'promised' || section.entries.length > 0 || section.private > 0 || section.more > 0,
    );
}

function lay(context: BriefingContext, silent: ReadonlySet<string | null>, layout: Layout) {
  const hidden = countHidden(context, silent, layout);
  return {
    patient: context.patient,
    hidden,
    header: [nameLine(context), timeLine(context)] as const,
    sections: layout.sections.map(({ entries, ...section }) => ({
      ...section,
      items: entries.map((one) => itemOf(one, section.id, layout)),
    })),
    footer: context.patient.status === 'died' ? '' : footerOf(context, hidden, layout.privateGivenUp),
  };
}

const sum = (lines: readonly string[]): number => lines.reduce((words, line) => words + countWords(line), 0);

export function composeBriefing(facts: BriefingFacts, options: BriefingOptions): Briefing {
  const context = briefingContext(facts, options);
  const silent = silentNotes(context);
  const isOver = (layout: Layout): boolean => {
    const lines = briefingLines(lay(context, silent, layout));
    return lines.length > caps.lines || sum(lines) > caps.words;
  };
  const layout = fitWithinCaps(sectionsOf(context), options.all ? () => false : isOver);
  const laid = lay(context, silent, layout);
  const lines = briefingLines(laid);
  return {
    ...laid,
    on: options.on,
    lastSeen: context.lastVisit,
    visitAt: visitTime(context),
    isFirstVisit: context.isFirstVisit,
    heldBack: context.heldBack.length,
    lines: lines.length,
    words: sum(lines),
  };
}
