/** The sections made of notes: ASKED, MATTERS, LIFE or SAID SO FAR, EXPLAIN, ASK or COULD ASK. */
import type { CivilDate } from '../../dates/civil.ts';
import { distance, partialDate, shortDate, weekdayDate } from '../../dates/wording.ts';
import { withoutWords } from '../milestones.ts';
import { byNewest, compareIds, latestDay } from '../note-rules.ts';
import type { Note, NoteKind } from '../records.ts';
import { compareText } from '../text.ts';
import {
  ageSuffix,
  type BriefingContext,
  type Entry,
  entry,
  noteEntry,
  type Section,
  type SectionId,
  staleSuffix,
} from './briefing.ts';
import { isRecent, lossLead } from './gentle.ts';
import { byScore, type Ranked, rank } from './selection.ts';

const limits = { open: 3, life: 3, matters: 1, explain: 1, ask: 1 } as const;

const isOneOf = (...kinds: readonly NoteKind[]) => {
  const set: ReadonlySet<NoteKind> = new Set(kinds);
  return (note: Note): boolean => set.has(note.kind);
};

const openWhy = { question: 'not answered yet', concern: 'still a concern', decision: 'not decided yet' };
const isOpenKind = isOneOf('question', 'concern', 'decision');
const isExplainKind = isOneOf('explain', 'preference');

/** All about the person but cautions; a recent loss is under TREAD GENTLY. */
const isLifeNote = (note: Note, on: CivilDate): boolean =>
  isOneOf('story', 'interest', 'family', 'milestone')(note) || (note.kind === 'loss' && !isRecent(note, on));

interface Parts<T> {
  readonly id: SectionId;
  readonly title: string;
  readonly belongs: (note: Note) => boolean;
  readonly ordered: readonly T[];
  /** Called only for entries that are shown; there may be thousands of notes. */
  readonly entryOf: (one: T) => Entry;
  readonly limit: number;
  /** The heading counts what exceeds the limit; else the footer does. */
  readonly isNeverSilent?: boolean;
  readonly unread?: number;
}

function section<T>(parts: Parts<T>, { private: hidden, options }: BriefingContext): Section {
  const limit = options.all ? parts.ordered.length : parts.limit;
  return {
    id: parts.id,
    title: parts.title,
    entries: parts.ordered.slice(0, limit).map(parts.entryOf),
    more: parts.isNeverSilent ? Math.max(0, parts.ordered.length - limit) + (parts.unread ?? 0) : 0,
    private: hidden.filter(parts.belongs).length,
  };
}

/** Longest waiting questions first; then concerns and decisions, newest first. */
export function openSection(context: BriefingContext): Section {
  const { visible, on } = context;
  const said = (note: Note): CivilDate | null => note.said_on ?? note.recorded_on;
  const ordered = [
    ...visible
      .filter(isOneOf('question'))
      .sort((left, right) => compareText(said(left) ?? '', said(right) ?? '') || compareIds(left, right)),
    ...visible.filter(isOneOf('concern')),
    ...visible.filter(isOneOf('decision')),
  ];
  const entryOf = (note: Note): Entry => {
    const day = said(note);
    const asTyped = note.kind === 'decision';
    return noteEntry(note, {
      quoted: !asTyped,
      tail: (asTyped || day === null ? '' : ` (${shortDate(day, on)})`) + ageSuffix(note, context),
      date: day,
      why: openWhy[note.kind as keyof typeof openWhy],
    });
  };
  return section(
    {
      id: 'open',
      title: 'ASKED, STILL OPEN',
      belongs: isOpenKind,
      ordered,
      entryOf,
      limit: limits.open,
      isNeverSilent: true,
      unread: context.unread?.open ?? 0,
    },
    context,
  );
}

export function mattersSection(context: BriefingContext): Section {
  const belongs = isOneOf('matters');
  const ordered = pinnedFirst(context.visible.filter(belongs));
  const entryOf = (note: Note): Entry =>
    noteEntry(note, {
      quoted: true,
      tail: staleSuffix(note, context.on) + ageSuffix(note, context),
      why: note.pinned ? 'pinned' : 'the newest of what matters',
    });
  return section(
    { id: 'matters', title: 'WHAT MATTERS', belongs, ordered, entryOf, limit: limits.matters },
    context,
  );
}

const pinnedFirst = (notes: readonly Note[]): readonly Note[] =>
  [...notes].sort((left, right) => Number(right.pinned) - Number(left.pinned) || byNewest(left, right));

/** ', Sat 21 Mar, in 9 days', ', in May', ', Sat 28 Mar, first without June'. */
function milestoneTail({ note, day }: Ranked, { on, personById }: BriefingContext): string {
  const person = note.person === null ? undefined : personById.get(note.person);
  const without = withoutWords(note, day, person);
  if (day !== undefined && without !== undefined) return `, ${weekdayDate(day, on)}, ${without}`;
  if (day !== undefined) return `, ${weekdayDate(day, on)}, ${distance(day, on)}`;
  return note.date === null ? '' : `, ${partialDate(note.date, on)}`;
}

function lifeEntry(ranked: Ranked, context: BriefingContext): Entry {
  const { note, score } = ranked;
  const why = ranked.why();
  const end = staleSuffix(note, context.on) + ageSuffix(note, context);
  if (note.kind === 'loss') return noteEntry(note, { lead: lossLead(note, context), tail: end, score, why });
  const tail = note.kind === 'milestone' ? milestoneTail(ranked, context) : '';
  return noteEntry(note, { tail: tail + end, score, why });
}

/** LIFE, ranked; SAID SO FAR, newest first, where no visit was held yet. */
export function lifeSection(context: BriefingContext): Section {
  const { visible, on, heldVisits } = context;
  const belongs = (note: Note): boolean => isLifeNote(note, on);
  const ranked = visible.filter(belongs).map((note) => rank(note, context));
  const isEarly = heldVisits.length === 0;
  if (!isEarly) ranked.sort(byScore);
  return section(
    {
      id: isEarly ? 'said' : 'life',
      title: isEarly ? 'SAID SO FAR' : 'LIFE',
      belongs,
      ordered: ranked,
      entryOf: (one) => lifeEntry(isEarly ? { ...one, why: () => 'newest first' } : one, context),
      limit: limits.life,
    },
    context,
  );
}

export function explainSection(context: BriefingContext): Section {
  const ordered = pinnedFirst(context.visible.filter(isExplainKind));
  const entryOf = (note: Note): Entry =>
    noteEntry(note, {
      tail: staleSuffix(note, context.on) + ageSuffix(note, context),
      why: note.pinned ? 'pinned' : 'the newest on how to explain',
    });
  return section(
    { id: 'explain', title: 'EXPLAIN', belongs: isExplainKind, ordered, entryOf, limit: limits.explain },
    context,
  );
}

/** The newest `next` written at the last visit or later. */
export function askSection(context: BriefingContext): Section {
  const { lastVisit } = context;
  const belongs = isOneOf('next');
  const ordered = context.visible
    .filter(belongs)
    .filter((note) => lastVisit === undefined || (latestDay(note) ?? '') >= lastVisit);
  const entryOf = (note: Note): Entry =>
    noteEntry(note, { tail: ageSuffix(note, context), why: 'to ask, written at the last visit or later' });
  return section({ id: 'ask', title: 'ASK', belongs, ordered, entryOf, limit: limits.ask }, context);
}

export function couldAskSection({ patient }: BriefingContext): Section {
  const isNameAsked = patient.goes_by !== null || patient.declined.includes('goes_by');
  const questions = [
    ...(isNameAsked ? [] : ['What would you like me to call you?']),
    'What should I know about you as a person?',
    'Is there something else you want to cover today?',
  ];
  return {
    id: 'could_ask',
    title: 'COULD ASK',
    entries: questions.map((lead) =>
      entry({ kind: 'suggestion', state: 'suggested', lead, why: 'a first visit' }),
    ),
    more: 0,
    private: 0,
  };
}
