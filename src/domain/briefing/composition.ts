/** composeBriefing: pure and deterministic, the same bytes for the same input. */
import { count, daysBetween, howLong, monthsBetween, shortDate, spanOf, yearOf } from '../../dates/civil.ts';
import { sectionOf } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';
import type { AskableField, NoteKind, Patient } from '../records.ts';
import { countWords, cutToWidth, fold, foldedWords, present, printable, widthOf } from '../text.ts';
import {
  type BriefingFacts,
  type BriefingOptions,
  type BriefingSection,
  caps,
  type Item,
  type Section,
} from './briefing.ts';
import { ageUnder18, type BriefingContext, briefingContext } from './context.ts';
import { gentleSection } from './gentle-section.ts';
import {
  askSection,
  couldAskSection,
  explainSection,
  lifeSection,
  mattersSection,
  openSection,
} from './note-sections.ts';
import { promisedSection, sinceSection } from './promised.ts';
import { fitWithinCaps, itemOf, type Layout } from './selection.ts';

export const headingOf = ({ title, more }: BriefingSection): string =>
  title + (more > 0 ? `  +${more} more` : '');

const hasCautionLine = ({ id, private: hidden }: Pick<Section, 'id' | 'private'>): boolean =>
  id === 'gentle' && hidden > 0;

interface BriefingLine {
  readonly item: Item | undefined;
  readonly line: string;
  readonly why: string;
}

/** Bullet and text; the second line of a caution is indented. */
export function linesOf(section: BriefingSection, handle: string): readonly BriefingLine[] {
  const lines: BriefingLine[] = section.items.flatMap((item): readonly BriefingLine[] => {
    const [first = '', ...rest] = item.text.split('\n');
    const score = item.score === null ? '' : `; score ${Math.round(item.score * 10) / 10}`;
    return [
      { item, line: ` ${item.bullet} ${first}`, why: item.why + score },
      ...rest.map((text) => ({ item: undefined, line: `   ${text}`, why: '' })),
    ];
  });
  if (hasCautionLine(section))
    lines.push({
      item: undefined,
      line: ` · ${count(section.private, 'private caution')}: rapport brief ${handle} --sensitive`,
      why: 'sensitive, so it is only counted',
    });
  const isNothing = section.id === 'promised' && section.more === 0 && section.items.length === 0;
  return isNothing ? [{ item: undefined, line: ' · Nothing open', why: 'no promise is open' }] : lines;
}

function briefingLines({ header, sections, footer, patient }: ReturnType<typeof lay>): readonly string[] {
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

/** Ids of notes that no heading counts; the footer counts those that are not shown. What was learned is for `review`. */
function silentNotes({ visible, recentLosses, patient }: BriefingContext): ReadonlySet<string | null> {
  const told = new Set([...recentLosses].map(({ note }) => note?.id));
  const isSilent = (kind: NoteKind): boolean => ![null, 'open', 'gentle'].includes(sectionOf(kind));
  return new Set(
    visible
      .filter(({ kind, id }) => patient.status !== 'died' && isSilent(kind) && !told.has(id))
      .map(({ id }) => id),
  );
}

function countHidden(
  context: BriefingContext,
  silent: ReadonlySet<string | null>,
  { sections }: Layout,
): number {
  const shown = new Set(sections.flatMap(({ entries }) => entries.map(({ id }) => id)));
  const unread = context.patient.status === 'died' ? 0 : (context.unread?.silent ?? 0);
  return silent.size + unread - [...shown].filter((id) => silent.has(id)).length;
}

/** '3 notes naming June' */
function heldWords({ heldBack }: BriefingContext): string {
  const names = heldBack.flatMap(({ person }) => (person === undefined ? [] : personFirstName(person)));
  const named = [...new Set(names)].map(printable);
  const isCaution = heldBack.every(({ because }) => because === 'avoid');
  const before = isCaution ? 'from before the caution' : 'from before the loss';
  const what = named.length === 0 ? before : `naming ${named.join(', ')}`;
  return `${count(heldBack.length, 'note')} ${what}`;
}

/** Whether no visit was held since somebody died. */
const isFirstSinceDeath = ({ world, heldVisits, on }: BriefingContext): boolean =>
  world.losses.some(
    ({ kind, from, isPrivate }) =>
      kind === 'death' && !isPrivate && !heldVisits.some((visit) => visit >= from && visit < on),
  );

function footerOf(context: BriefingContext, hidden: number, privateCount: number): string {
  const handle = printable(context.patient.handle);
  if (context.isDiscreet) return `More: rapport notes ${handle}`;
  const held = context.heldBack.length;
  const isFirst = isFirstSinceDeath(context);
  const back = `${isFirst ? 'Read first, held back' : 'Held back'}: ${heldWords(context)}. rapport brief ${handle} --all`;
  const parts = present(
    hidden > 0 && `+ ${count(hidden, 'more note')}`,
    held > 0 && (isFirst ? `read first, ${held} held back` : `${held} held back`),
    privateCount > 0 && `${privateCount} private`,
  );
  const command =
    parts.length > 1 || held > 0
      ? `brief ${handle} --all`
      : hidden > 0
        ? `notes ${handle}`
        : `brief ${handle} --sensitive`;
  if (parts.length === 0) return '';
  // With long names the counts alone, so that the command is never cut.
  if (parts.length === 1 && held > 0 && widthOf(back) <= caps.columns) return back;
  const line = `${parts.join(' · ')}: rapport ${command}`;
  return cutToWidth(line.replace(/^read/, 'Read'), caps.columns);
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
  const isAlive = patient.status !== 'died';
  const all = [
    gentleSection,
    ...(isAlive ? [sinceSection] : []),
    promisedSection,
    ...(isAlive ? ofNotes : []),
  ];
  return all
    .map((make) => make(context))
    .filter(
      (section) =>
        section.id === 'promised' ||
        section.entries.length > 0 ||
        section.more > 0 ||
        hasCautionLine(section),
    );
}

function lay(context: BriefingContext, silent: ReadonlySet<string | null>, layout: Layout) {
  const { patient, isDiscreet, privateCount } = context;
  const hidden = countHidden(context, silent, layout);
  const cautions = layout.sections.find(({ id }) => id === 'gentle')?.private ?? 0;
  const counted = isDiscreet ? 0 : privateCount - cautions;
  return {
    patient,
    hidden: isDiscreet ? 0 : hidden,
    header: [nameLine(context), timeLine(context)] as const,
    sections: layout.sections.map(
      ({ entries, ...section }): BriefingSection => ({
        ...section,
        items: entries.map((one) => itemOf(one, section.id, layout)),
      }),
    ),
    footer: patient.status === 'died' ? '' : footerOf(context, hidden, counted),
  };
}

const sum = (lines: readonly string[]): number => lines.reduce((words, line) => words + countWords(line), 0);

export type Briefing = ReturnType<typeof composeBriefing>;

export function composeBriefing(facts: BriefingFacts, options: BriefingOptions) {
  const context = briefingContext(facts, options);
  const silent = silentNotes(context);
  const isOver = (layout: Layout): boolean => {
    const lines = briefingLines(lay(context, silent, layout));
    return lines.length > caps.lines || sum(lines) > caps.words;
  };
  const layout = fitWithinCaps(sectionsOf(context), options.on, options.all ? () => false : isOver);
  const laid = lay(context, silent, layout);
  const lines = briefingLines(laid);
  return {
    ...laid,
    on: options.on,
    lastSeen: context.lastVisit,
    visitAt: visitTime(context),
    isFirstVisit: context.isFirstVisit,
    heldBack: context.isDiscreet ? 0 : context.heldBack.length,
    lines: lines.length,
    words: sum(lines),
  };
}

const doubt = (patient: Patient, field: AskableField): string =>
  patient.unconfirmed.includes(field) ? ' (imported, not confirmed)' : '';

const shortestName = 16;

/** 'MALU ("ma-LOO") · María Luisa Razo · she/her'; only the full name is ever cut. */
function nameLine({ patient, hasNamesake, on }: BriefingContext): string {
  const { name, goes_by, say, pronouns, birth_date } = patient;
  const used = goes_by ?? name;
  const isWhole = fold(foldedWords(name)[0] ?? '') === foldedWords(used).join(' ') || used === name;
  const spoken = say === null ? '' : ` ("${printable(say)}")${doubt(patient, 'say')}`;
  const called = printable(isWhole ? name : used).toUpperCase();
  const rest = present(
    pronouns !== null && pronouns + doubt(patient, 'pronouns'),
    hasNamesake && birth_date !== null && birth_date <= on && `born ${yearOf(birth_date)}`,
  ).map((part) => ` · ${printable(part)}`);
  const end = rest.join('');
  const roomFor = (text: string): number => Math.max(shortestName, caps.columns - widthOf(text));
  if (isWhole) return cutToWidth(cutToWidth(called, roomFor(spoken + end)) + spoken + end, caps.columns);
  const start = `${called}${doubt(patient, 'goes_by')}${spoken} · `;
  return cutToWidth(start + cutToWidth(printable(name), roomFor(start + end)) + end, caps.columns);
}

function together(context: BriefingContext): string | undefined {
  const held = context.contacts.filter((contact) => contact.state === 'held').map((contact) => contact.on);
  const first = spanOf(context.patient.first_met)?.first ?? held.sort()[0];
  if (first === undefined || first >= context.on) return undefined;
  const months = monthsBetween(first, context.on);
  const years = Math.floor(months / 12);
  if (years >= 1) return `With you ${count(years, 'year')}`;
  return `With you ${months >= 2 ? count(months, 'month') : howLong(first, context.on)}`;
}

function seen({ lastVisit, isFirstVisit, on }: BriefingContext): string {
  if (lastVisit === undefined) return isFirstVisit ? 'First visit' : 'No visit recorded here yet';
  const days = daysBetween(lastVisit, on);
  return `last seen ${['today', 'yesterday'][days] ?? shortDate(lastVisit, on)}`;
}

const visitTime = ({ options, planned }: BriefingContext): string | undefined =>
  options.at ?? planned?.at ?? undefined;

function visitToday(context: BriefingContext): string | undefined {
  const at = visitTime(context);
  return context.planned === undefined && at === undefined ? undefined : present('today', at).join(' ');
}

function language({ patient, options }: BriefingContext): string | undefined {
  if (patient.language === null || fold(patient.language) === fold(options.ownLanguage)) return undefined;
  return patient.language + doubt(patient, 'language');
}

/** 'With you 6 years · last seen 9 Dec · today 10:20 · Spanish for numbers' */
function timeLine(context: BriefingContext): string {
  const isAlive = context.patient.status !== 'died';
  const age = isAlive && ageUnder18(context.patient, context.on);
  const first = [
    context.isFirstVisit ? undefined : together(context),
    seen(context),
    isAlive && visitToday(context),
  ];
  const last = present(age && `age ${age}`, isAlive && language(context)).map(printable);
  const joined = (parts: readonly string[]): string => parts.map(printable).join(' · ');
  const gist = context.planned?.gist ?? null;
  const whatFor = gist === null ? '' : `: ${printable(gist).trim()}`;
  const lineOf = (left: typeof first, purpose: string): string =>
    joined(present(...left.slice(0, 2), left[2] && left[2] + purpose, ...last));
  const shorter = [first, [undefined, ...first.slice(1)], [undefined, undefined, first[2]]];
  const fitting = shorter.find((left) => widthOf(lineOf(left, whatFor)) <= caps.columns);
  if (fitting !== undefined) return lineOf(fitting, whatFor);
  const least = shorter.at(-1) ?? first;
  const room = Math.max(0, caps.columns - widthOf(lineOf(least, '')));
  return cutToWidth(lineOf(least, cutToWidth(whatFor, room)), caps.columns);
}
