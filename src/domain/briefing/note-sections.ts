/** The sections made of notes and losses: TREAD GENTLY, ASKED, MATTERS, LIFE or SAID SO FAR, EXPLAIN, ASK or COULD ASK. */
import { type CivilDate, readCivilDate, spanOf } from '../../dates/civil.ts';
import { distance, partialDate, shortDate, weekdayDate } from '../../dates/words.ts';
import { compareIds, isDeath, latestDay, withoutWords } from '../note-rules.ts';
import type { Note, NoteKind, Person } from '../records.ts';
import { compareText, present } from '../text.ts';
import {
  ageSuffix,
  type BriefingContext,
  type Entry,
  entry,
  firstDay,
  isRecentLoss,
  noteEntry,
  type Section,
  type SectionId,
  staleSuffix,
} from './briefing.ts';
import { byScore, type Ranked, rank } from './selection.ts';

interface Parts<T> {
  readonly id: SectionId;
  readonly title: string;
  /** Which private notes its heading counts. */
  readonly belongs: (note: Note) => boolean;
  readonly ordered: readonly T[];
  /** Called only for entries that are shown; there may be thousands of notes. */
  readonly entryOf: (one: T) => Entry;
  readonly limit: number;
  /** The heading counts what exceeds the limit, and so many more; else the footer does. */
  readonly unread?: number;
}

function section<T>(parts: Parts<T>, { private: hidden, options }: BriefingContext): Section {
  const { id, title, belongs, ordered, entryOf, unread } = parts;
  const limit = options.all ? ordered.length : parts.limit;
  return {
    id,
    title,
    entries: ordered.slice(0, limit).map(entryOf),
    more: unread === undefined ? 0 : Math.max(0, ordered.length - limit) + unread,
    private: hidden.filter(belongs).length,
  };
}

const isOneOf = (...kinds: readonly NoteKind[]) => {
  const set: ReadonlySet<NoteKind> = new Set(kinds);
  return (note: Note): boolean => set.has(note.kind);
};

/** Keeps the order of those that are alike. */
const pinnedFirst = (notes: readonly Note[]): readonly Note[] =>
  notes.toSorted((left, right) => Number(right.pinned) - Number(left.pinned));

const capitalised = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

function when(date: Note['date'], on: CivilDate): string {
  if (date === null) return '';
  const full = readCivilDate(date);
  return full === undefined ? ` ${partialDate(date, on)}` : ` ${shortDate(full, on)}, ${distance(full, on)}`;
}

/** 'Wife June died 2 Feb, 38 days ago'; a loss that is no death keeps its own words. */
export function lossText(text: string, date: Note['date'], death: boolean, on: CivilDate): string {
  const said = capitalised(text.trim());
  if (death && !/\b(?:died|dead|death|deceased|passed)\b/i.test(said)) return `${said} died${when(date, on)}`;
  return date === null ? said : `${said},${when(date, on)}`;
}

/** The last possible day of the loss; without a date, the day it was recorded. */
const lossDay = (note: Note): CivilDate | undefined =>
  note.date === null ? latestDay(note) : (spanOf(note.date)?.last ?? latestDay(note));

export const isRecent = (note: Note, on: CivilDate): boolean => {
  const day = lossDay(note);
  const first = firstDay(note.date) ?? day;
  if (day === undefined || first === undefined) return false;
  // A month or year that is not over may already contain the loss.
  return isRecentLoss(day < on ? day : first, on);
};

function firstVisitSince(day: CivilDate | undefined, { heldVisits, on }: BriefingContext): string {
  if (day === undefined || heldVisits.length === 0) return '';
  return heldVisits.some((visit) => visit >= day && visit < on) ? '' : '. First visit since';
}

const lossLead = (note: Note, { personById, on }: BriefingContext): string =>
  lossText(note.text, note.date, isDeath(note, personById.get(note.person ?? '')), on);

const lossEntry = (note: Note, context: BriefingContext) => ({
  ...noteEntry(note, {
    lead: lossLead(note, context) + firstVisitSince(firstDay(note.date), context),
    why: 'a loss within 13 months',
  }),
  day: lossDay(note) ?? '',
});

function deathEntry({ id, ref, status, relation, name, died_on }: Person, context: BriefingContext) {
  const who = present(relation, name).join(' ');
  const day = firstDay(died_on);
  const lead = lossText(who, died_on, true, context.on) + firstVisitSince(day, context);
  const why = died_on === null ? 'a death without a date' : 'a death within 13 months';
  return { ...entry({ id, ref, kind: 'death', state: status, lead, date: died_on, why }), day: day ?? '' };
}

/** The patient's own death, losses within 13 months, and what to avoid. */
export function gentleSection(context: BriefingContext): Section {
  const { patient, people, visible, on } = context;
  const isCaution = ({ kind }: Note): boolean => kind === 'avoid';
  const isFresh = (note: Note): boolean => note.kind === 'loss' && isRecent(note, on);
  const named = { id: 'gentle', title: 'TREAD GENTLY' } as const;
  if (patient.status === 'died') {
    const lead = capitalised(lossText('', patient.died_on, true, on).trim());
    const own = { kind: 'death', state: 'died', lead, date: patient.died_on, why: 'the patient died' };
    return { ...named, entries: [entry(own)], more: 0, private: 0 };
  }
  const told = new Set(context.notes.flatMap((note) => (note.kind === 'loss' ? [note.person] : [])));
  const losses = [
    ...visible.filter(isFresh).map((note) => lossEntry(note, context)),
    ...people
      .filter((person) => person.status === 'died' && !told.has(person.id))
      // A death without a date may be a fresh one.
      .filter(({ died_on }) => died_on === null || isRecentLoss(firstDay(died_on) ?? on, on))
      .map((person) => deathEntry(person, context)),
  ].sort((left, right) => compareText(right.day, left.day));
  const cautions = pinnedFirst(visible.filter(isCaution)).map((note) =>
    noteEntry(note, { tail: ageSuffix(note, context), why: note.pinned ? 'to avoid, pinned' : 'to avoid' }),
  );
  return section(
    {
      ...named,
      belongs: (note) => isCaution(note) || isFresh(note),
      // One of each kind first: a fresh loss must not hide what to avoid.
      ordered: [...losses.slice(0, 1), ...cautions.slice(0, 1), ...losses.slice(1), ...cautions.slice(1)],
      entryOf: (one) => one,
      limit: 2,
      unread: 0,
    },
    context,
  );
}

const openWhy = { question: 'not answered yet', concern: 'still a concern', decision: 'not decided yet' };

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
  const belongs = isOneOf('question', 'concern', 'decision');
  const unread = context.unread?.open ?? 0;
  return section(
    { id: 'open', title: 'ASKED, STILL OPEN', belongs, ordered, entryOf, limit: 3, unread },
    context,
  );
}

const newestOf =
  (id: SectionId, title: string, kinds: readonly NoteKind[], look: Pick<Entry, 'quoted' | 'why'>) =>
  (context: BriefingContext): Section => {
    const belongs = isOneOf(...kinds);
    const ordered = pinnedFirst(context.visible.filter(belongs));
    const entryOf = (note: Note): Entry =>
      noteEntry(note, {
        ...look,
        tail: staleSuffix(note, context.on) + ageSuffix(note, context),
        ...(note.pinned && { why: 'pinned' }),
      });
    return section({ id, title, belongs, ordered, entryOf, limit: 1 }, context);
  };

export const mattersSection = newestOf('matters', 'WHAT MATTERS', ['matters'], {
  quoted: true,
  why: 'the newest of what matters',
});
export const explainSection = newestOf('explain', 'EXPLAIN', ['explain', 'preference'], {
  quoted: false,
  why: 'the newest on how to explain',
});

/** ', Sat 21 Mar, in 9 days', ', in May', ', Sat 28 Mar, first without June'. */
function milestoneTail({ note, day }: Ranked, { on, personById }: BriefingContext): string {
  if (day === undefined) return note.date === null ? '' : `, ${partialDate(note.date, on)}`;
  const without = withoutWords(note, day, personById.get(note.person ?? ''));
  return `, ${weekdayDate(day, on)}, ${without ?? distance(day, on)}`;
}

/** All about the person but cautions: LIFE, ranked; SAID SO FAR, newest first, where no visit was held yet. */
export function lifeSection(context: BriefingContext): Section {
  const { visible, on, heldVisits } = context;
  const isAboutLife = isOneOf('story', 'interest', 'family', 'milestone');
  // A recent loss is under TREAD GENTLY.
  const belongs = (note: Note): boolean => isAboutLife(note) || (note.kind === 'loss' && !isRecent(note, on));
  const ranked = visible.filter(belongs).map((note) => rank(note, context));
  const isEarly = heldVisits.length === 0;
  const entryOf = (one: Ranked): Entry => {
    const { note, score } = one;
    const end = staleSuffix(note, on) + ageSuffix(note, context);
    return noteEntry(note, {
      score,
      why: isEarly ? 'newest first' : one.why(),
      tail: (note.kind === 'milestone' ? milestoneTail(one, context) : '') + end,
      ...(note.kind === 'loss' && { lead: lossLead(note, context) }),
    });
  };
  return section(
    {
      id: isEarly ? 'said' : 'life',
      title: isEarly ? 'SAID SO FAR' : 'LIFE',
      belongs,
      ordered: isEarly ? ranked : ranked.toSorted(byScore),
      entryOf,
      limit: 3,
    },
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
  return section({ id: 'ask', title: 'ASK', belongs, ordered, entryOf, limit: 1 }, context);
}

export function couldAskSection({ patient }: BriefingContext): Section {
  const isNameAsked = patient.goes_by !== null || patient.declined.includes('goes_by');
  const questions = present(
    !isNameAsked && 'What would you like me to call you?',
    'What should I know about you as a person?',
    'Is there something else you want to cover today?',
  );
  const entries = questions.map((lead) =>
    entry({ kind: 'suggestion', state: 'suggested', lead, why: 'a first visit' }),
  );
  return { id: 'could_ask', title: 'COULD ASK', entries, more: 0, private: 0 };
}
