/** A briefing as text: adds tones, reasons and folding to the laid-out lines. */
import type { Briefing, BriefingSection, Item } from '../domain/briefing/briefing.ts';
import { headingOf, linesOf } from '../domain/briefing/composition.ts';
import { cutToWidth, widthOf, wrapToWidth } from '../domain/text.ts';
import type { TextStyle } from './styles.ts';

function toned(line: string, item: Item | undefined, section: BriefingSection, style: TextStyle): string {
  if (section.id === 'gentle') return style.caution(line);
  if (item === undefined) return line;
  if (item.state === 'kept') return style.quiet(line);
  if (item.bullet !== '!' && item.state !== 'today') return line;
  const edge = line.length - item.aligned.length;
  const tone = item.state === 'today' ? style.due : style.overdue;
  const bullet = item.bullet === '!' ? style.overdue(' !') : ' ·';
  return bullet + line.slice(2, edge) + tone(line.slice(edge));
}

/** On a narrow terminal: wraps the line, with a comma in place of the padding before the date. */
function folded(line: string, item: Item | undefined, section: BriefingSection, look: BriefingLook): string {
  const { style, columns } = look;
  const indent = item === undefined ? '' : '   ';
  const [first = '', ...rest] = wrapToWidth(line.trim().replace(/ {2,}/g, ', '), columns - indent.length);
  const tone =
    section.id === 'gentle'
      ? style.caution
      : item?.state === 'kept'
        ? style.quiet
        : item?.bullet === '!'
          ? style.overdue
          : item?.state === 'today'
            ? style.due
            : (text: string): string => text;
  const start = item === undefined ? '' : ' ';
  return [`${start}${first}`, ...rest.map((more) => `${indent}${more}`)].map(tone).join('\n');
}

interface BriefingLook {
  readonly style: TextStyle;
  readonly why: boolean;
  readonly columns: number;
}

export function renderBriefing(briefing: Briefing, look: BriefingLook): string {
  const { style, why, columns } = look;
  const fitting = (line: string): readonly string[] =>
    widthOf(line) <= columns ? [line] : wrapToWidth(line, columns);
  const [names, times] = briefing.header;
  const lines = briefing.sections.flatMap((section) => [
    style.heading(headingOf(section)),
    ...linesOf(section, briefing.patient.handle).map(({ item, line, why: reason }) => {
      const isNarrow = widthOf(line) > columns;
      const text = isNarrow ? folded(line, item, section, look) : toned(line, item, section, style);
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

const jsonItem = ({ id, ref, text, kind, state, due, daysLate, date, why, score }: Item) => ({
  id,
  ref,
  text,
  kind,
  state,
  due,
  days_late: daysLate,
  date,
  why,
  score,
});

export function briefingDocument(briefing: Briefing) {
  const { patient } = briefing;
  return {
    schema: 'rapport.brief/1',
    on: briefing.on,
    patient: {
      id: patient.id,
      ref: patient.ref,
      name: patient.name,
      handle: patient.handle,
      goes_by: patient.goes_by,
      say: patient.say,
      pronouns: patient.pronouns,
      language: patient.language,
      status: patient.status,
      first_met: patient.first_met,
      last_seen: briefing.lastSeen ?? null,
      visit_at: briefing.visitAt ?? null,
      first_visit: briefing.isFirstVisit,
    },
    sections: briefing.sections.map((section) => ({
      id: section.id,
      title: section.title,
      items: section.items.map(jsonItem),
      more: section.more,
      private: section.private,
    })),
    held_back: briefing.heldBack,
    hidden: briefing.hidden,
    lines: briefing.lines,
    words: briefing.words,
  };
}
