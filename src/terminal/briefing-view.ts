/** A briefing as text: adds tones, reasons and folding to the laid-out lines. */
import type { BriefingSection, Item } from '../domain/briefing/briefing.ts';
import { type Briefing, headingOf, linesOf } from '../domain/briefing/composition.ts';
import { cutToWidth, pick, widthOf, wrapToWidth } from '../domain/text.ts';
import type { Screen } from './list-view.ts';
import type { TextStyle } from './styles.ts';

type BriefingScreen = Pick<Screen, 'style' | 'columns'>;
type Tone = (text: string) => string;

const plain: Tone = (text) => text;

/** Of what is late the bullet has its tone as well, whatever the day beside it says. */
function toneOf(item: Item | undefined, section: BriefingSection, style: TextStyle): Tone {
  if (section.id === 'gentle') return style.caution;
  if (item?.state === 'kept') return style.quiet;
  if (item?.state === 'today') return style.due;
  return item?.bullet === '!' ? style.overdue : plain;
}

function toned(line: string, item: Item | undefined, section: BriefingSection, style: TextStyle): string {
  const tone = toneOf(item, section, style);
  if (item === undefined || section.id === 'gentle' || item.state === 'kept' || tone === plain)
    return tone(line);
  const edge = line.length - item.aligned.length;
  const bullet = item.bullet === '!' ? style.overdue(' !') : ' ·';
  return bullet + line.slice(2, edge) + tone(line.slice(edge));
}

/** On a narrow terminal: wraps the line, with a comma in place of the padding before the date. */
function folded(
  line: string,
  item: Item | undefined,
  section: BriefingSection,
  { style, columns }: BriefingScreen,
): string {
  const [start, indent] = item === undefined ? ['', ''] : [' ', '   '];
  const text = line.trim().replace(/ {2,}/g, ', ');
  return wrapToWidth(text, columns - indent.length)
    .map((part, place) => toneOf(item, section, style)((place === 0 ? start : indent) + part))
    .join('\n');
}

/** @param why whether the reason stands beside each line */
export function renderBriefing(briefing: Briefing, why: boolean, screen: BriefingScreen): string {
  const { style, columns } = screen;
  const fitting = (line: string): readonly string[] =>
    widthOf(line) <= columns ? [line] : wrapToWidth(line, columns);
  const [names, times] = briefing.header;
  const lines = briefing.sections.flatMap((section) => [
    style.heading(headingOf(section)),
    ...linesOf(section, briefing.patient.handle).map(({ item, line, why: reason }) => {
      const isNarrow = widthOf(line) > columns;
      const text = isNarrow ? folded(line, item, section, screen) : toned(line, item, section, style);
      if (!why || reason === '') return text;
      const isLong = isNarrow || widthOf(line) + widthOf(reason) + 4 > columns;
      return isLong
        ? `${text}\n     ${style.why(`[${cutToWidth(reason, columns - 7)}]`)}`
        : `${text}  ${style.why(`[${reason}]`)}`;
    }),
  ]);
  return [
    ...fitting(names).map(style.title),
    ...fitting(times),
    '',
    ...lines,
    ...(briefing.footer === '' ? [] : fitting(briefing.footer).map(style.quiet)),
  ].join('\n');
}

export function briefingDocument(briefing: Briefing) {
  const { patient, sections } = briefing;
  return {
    schema: 'rapport.brief/1',
    on: briefing.on,
    patient: {
      ...pick(patient, 'id', 'ref', 'name', 'handle', 'goes_by', 'say', 'pronouns', 'language', 'status'),
      first_met: patient.first_met,
      last_seen: briefing.lastSeen ?? null,
      visit_at: briefing.visitAt ?? null,
      first_visit: briefing.isFirstVisit,
    },
    sections: sections.map(({ id, title, items, more, private: hidden }) => ({
      id,
      title,
      items: items.map(({ daysLate: days_late, ...item }) => ({
        ...pick(item, 'id', 'ref', 'text', 'kind', 'state', 'due'),
        days_late,
        ...pick(item, 'date', 'why', 'score'),
      })),
      more,
      private: hidden,
    })),
    held_back: briefing.heldBack,
    ...pick(briefing, 'hidden', 'lines', 'words'),
  };
}
