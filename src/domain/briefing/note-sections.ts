/** The sections made of notes: ASKED, MATTERS, LIFE or SAID SO FAR, EXPLAIN, ASK or COULD ASK. */
import {
  type CivilDate,
  count,
  distance,
  partialDate,
  readCivilDate,
  shortDate,
  weekdayDate,
  yearOf,
} from '../../dates/civil.ts';
import { meaningOf } from '../about.ts';
import { isNear } from '../loss-list.ts';
import { compareIds, latestDay, occurrences } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';
import type { Note } from '../records.ts';
import { compareText, present } from '../text.ts';
import { comparedConcerns, type Entry, entry, type Section } from './briefing.ts';
import {
  ageSuffix,
  type BriefingContext,
  isIn,
  isOneOf,
  lastingEntry,
  noteEntry,
  section,
  yearSuffix,
} from './context.ts';
import { byScore, type Ranked, rank } from './selection.ts';

/** Keeps the order of those that are alike. */
const pinnedFirst = (notes: readonly Note[]): readonly Note[] =>
  notes.toSorted((left, right) => Number(right.pinned) - Number(left.pinned));

const openWhy = { question: 'not answered yet', concern: 'still a concern', decision: 'not decided yet' };

/** Open concerns that share a word that carries meaning are one, the newest. @param concerns newest first */
function groupsOf(concerns: readonly Note[], context: BriefingContext): ReadonlyMap<string, readonly Note[]> {
  const groups: { readonly notes: Note[]; words: ReadonlySet<string> }[] = [];
  for (const note of concerns) {
    const words = meaningOf(note.text, context);
    const group = groups.find((one) => [...words].some((word) => one.words.has(word)));
    group?.notes.push(note);
    if (group === undefined) groups.push({ notes: [note], words });
    else group.words = new Set([...group.words, ...words]);
  }
  return new Map(groups.map(({ notes }) => [notes[0]?.id ?? '', notes]));
}

/** These are the clinician's words for what they saw; what was typed as said is quoted. */
const isSaid = ({ kind, text }: Note): boolean =>
  kind === 'question' ||
  kind === 'matters' ||
  (kind === 'concern' &&
    !/^(?:(?:very|quite|still|also) )?(?:concerned|worried|afraid|anxious|scared)\b/iu.test(text));

/** The newest question or concern, the newest decision, what has waited longest; then the next newest. */
export function openSection(context: BriefingContext): Section {
  const { visible, on, options } = context;
  const said = (note: Note): CivilDate | null => note.said_on ?? note.recorded_on;
  const newestFirst = (notes: readonly Note[]): readonly Note[] =>
    notes.toSorted(
      (left, right) => compareText(said(right) ?? '', said(left) ?? '') || compareIds(left, right),
    );
  const concerns = newestFirst(visible.filter(isOneOf('concern')));
  // Those between the newest and the oldest are not compared, and stand alone.
  const alone = concerns.filter(({ pinned, sensitive }) => !pinned && !sensitive).slice(comparedConcerns, -1);
  const groups = groupsOf(
    concerns.filter((note) => !alone.includes(note)),
    context,
  );
  const open = newestFirst(
    visible.filter(
      (note) =>
        isOneOf('question', 'decision')(note) || groups.has(note.id) || (options.all && alone.includes(note)),
    ),
  );
  const askeds = open.filter(({ kind }) => kind !== 'decision');
  const firsts = present(
    askeds[0],
    open.find(({ kind }) => kind === 'decision'),
    open.at(-1),
  );
  const ordered = [...new Set([...firsts, ...open])];
  const entryOf = (note: Note): Entry => {
    const day = said(note);
    const group = groups.get(note.id) ?? [note];
    const since = group.at(-1);
    const first = since === undefined ? null : said(since);
    const times =
      group.length > 1 && first !== null
        ? `${group.length > comparedConcerns ? `over ${comparedConcerns}` : group.length} times since ${shortDate(first, on)}`
        : undefined;
    const when = times ?? (day === null ? undefined : shortDate(day, on));
    return noteEntry(note, context, {
      quoted: isSaid(note),
      tails: present(when && ` (${when})`, ageSuffix(note, context)),
      date: day,
      why: openWhy[note.kind as keyof typeof openWhy],
    });
  };
  const belongs = isIn('open');
  const unread = (context.unread?.open ?? 0) + (options.all ? 0 : alone.length);
  return section(
    { id: 'open', title: 'ASKED, STILL OPEN', belongs, ordered, entryOf, limit: 3, unread },
    context,
  );
}

export function mattersSection(context: BriefingContext): Section {
  const belongs = isIn('matters');
  const entryOf = (note: Note): Entry =>
    lastingEntry(note, context, {
      quoted: true,
      why: note.pinned ? 'pinned' : 'the newest of what matters',
    });
  const ordered = pinnedFirst(context.visible.filter(belongs));
  return section({ id: 'matters', title: 'WHAT MATTERS', belongs, ordered, entryOf, limit: 1 }, context);
}

/** The newest on how to explain and the newest preference; pinned ones first, two pinned preferences both. */
export function explainSection(context: BriefingContext): Section {
  const belongs = isIn('explain');
  const all = context.visible.filter(belongs);
  const newest = present(all.find(isOneOf('explain')), all.find(isOneOf('preference')));
  const ordered = [...new Set([...all.filter(({ pinned }) => pinned), ...newest, ...all])];
  const newestWhy = { explain: 'the newest on how to explain', preference: 'the newest preference' };
  const entryOf = (note: Note): Entry =>
    lastingEntry(note, context, {
      why: note.pinned ? 'pinned' : newestWhy[note.kind as keyof typeof newestWhy],
    });
  const shown = ordered.slice(0, 2);
  // Of the two, what helped to explain stands first.
  const inOrder = [
    ...shown.filter(isOneOf('explain')),
    ...shown.filter(({ kind }) => kind !== 'explain'),
    ...ordered.slice(2),
  ];
  return section({ id: 'explain', title: 'EXPLAIN', belongs, ordered: inOrder, entryOf, limit: 2 }, context);
}

/** ', Sat 21 Mar, in 9 days', ', 7 years, Wed 18 Mar, in 6 days', ', in May', ', Sat 28 Mar, first without June'. */
function milestoneTail({ note, day }: Ranked, { on, world, personById }: BriefingContext): string {
  if (day === undefined) return note.date === null ? '' : `, ${partialDate(note.date, on)}`;
  const person = personById.get(note.person);
  // Of the dead no years are counted.
  if (person !== undefined && world.isDead(person)) {
    const without = world.without(note, day);
    return `, ${weekdayDate(day, on)}${without ? `, ${without}` : ` (${personFirstName(person)} died)`}`;
  }
  const first = note.yearly ? readCivilDate(note.date) : undefined;
  const years = first === undefined ? 0 : yearOf(day) - yearOf(first);
  const age = years < 1 ? '' : `, ${count(years, 'year')}`;
  return `${age}, ${weekdayDate(day, on)}, ${distance(day, on)}`;
}

/** What says since when, or that somebody died, tells more than the year it was noted. */
const saysSince = /, 1 year,|\d years,|without | died\)$/u;

/** All about the person but cautions: LIFE, ranked; SAID SO FAR, newest first, where no visit was held yet. */
export function lifeSection(context: BriefingContext): Section {
  const { visible, on, heldVisits, world, recentLosses } = context;
  const dayLines = new Set(world.dayLines.map(({ note }) => note?.id));
  /** An older loss comes back on the days around its own. */
  const olderLosses = new Map(
    world.losses
      .filter((loss) => !loss.isPrivate && !recentLosses.has(loss) && !dayLines.has(loss.note?.id))
      .filter(({ date }) => occurrences({ date, yearly: true }, on).some(({ first }) => isNear(first, on)))
      .map((loss) => [loss.note?.id, loss]),
  );
  const belongs = (note: Note): boolean => isIn('life')(note) || olderLosses.has(note.id);
  const ranked = visible
    .filter((note) => belongs(note) && !(note.kind === 'milestone' && dayLines.has(note.id)))
    .map((note) => rank(note, context));
  const isEarly = heldVisits.length === 0;
  const entryOf = (one: Ranked): Entry => {
    const { note, score } = one;
    const day = note.kind === 'milestone' ? milestoneTail(one, context) : '';
    const loss = olderLosses.get(note.id);
    return noteEntry(note, context, {
      score,
      why: isEarly ? 'newest first' : one.why(),
      tails: present(
        day,
        !saysSince.test(day) && yearSuffix(note, on, day + (loss?.line ?? '')),
        ageSuffix(note, context),
      ),
      ...(loss && { lead: loss.line }),
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

const suggestion = (lead: string, why: string, state = 'suggested'): Entry =>
  entry({ kind: 'suggestion', state, lead, why });
const somethingElse = 'Is there something else you want to cover today?';

/** 'Not asked yet: name to use, pronouns'; what is among the questions already is left out. */
function notAsked({ patient }: BriefingContext, isNameAsked: boolean): readonly Entry[] {
  const { goes_by, pronouns, declined } = patient;
  const left = present(
    goes_by === null && !declined.includes('goes_by') && !isNameAsked && 'name to use',
    pronouns === null && !declined.includes('pronouns') && 'pronouns',
  );
  return left.length === 0
    ? []
    : [suggestion(`Not asked yet: ${left.join(', ')}`, 'never asked', 'not asked')];
}

/** The newest `next` written at the last visit or later, else a suggestion. */
export function askSection(context: BriefingContext): Section {
  const { lastVisit, on, world } = context;
  const belongs = isIn('ask');
  const ordered = context.visible
    .filter(belongs)
    .filter((note) => lastVisit === undefined || (latestDay(note) ?? '') >= lastVisit);
  const entryOf = (note: Note): Entry => {
    const mark = world.markOfNext(note);
    return noteEntry(note, context, {
      tails: present(mark && ` ${mark}`, yearSuffix(note, on, mark, 12), ageSuffix(note, context)),
      why: 'to ask, written at the last visit or later',
    });
  };
  const made = section({ id: 'ask', title: 'ASK', belongs, ordered, entryOf, limit: 1 }, context);
  const other = made.entries.length > 0 ? [] : [suggestion(somethingElse, 'nothing was noted to ask')];
  return { ...made, entries: [...made.entries, ...other, ...notAsked(context, false)] };
}

export function couldAskSection(context: BriefingContext): Section {
  const { goes_by, declined } = context.patient;
  const isNameAsked = goes_by !== null || declined.includes('goes_by');
  const questions = present(
    !isNameAsked && 'What would you like me to call you?',
    'What should I know about you as a person?',
    somethingElse,
  );
  const entries = questions.map((lead) => suggestion(lead, 'a first visit'));
  const all = [...entries, ...notAsked(context, true)];
  return { id: 'could_ask', title: 'COULD ASK', entries: all, more: 0, private: 0 };
}
