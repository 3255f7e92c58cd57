/** TREAD GENTLY: losses, the days that recall them, and what to avoid. */
import { type CivilDate, distance, readCivilDate } from '../../dates/civil.ts';
import { type Loss, when } from '../loss-list.ts';
import { latestDay } from '../note-rules.ts';
import type { Note } from '../records.ts';
import { compareText, pick } from '../text.ts';
import { type Entry, entry, type Section } from './briefing.ts';
import { type BriefingContext, isIn, lastingEntry, section } from './context.ts';

const longAgo = (date: Note['date'], on: CivilDate): string => {
  const full = readCivilDate(date);
  return full === undefined ? '' : `, ${distance(full, on)}`;
};

function firstVisitSince({ date, day }: Loss, { heldVisits, on }: BriefingContext): string {
  if (date === null || day === undefined || heldVisits.length === 0) return '';
  return heldVisits.some((visit) => visit >= day && visit < on) ? '' : '. First visit since';
}

const nobody = { id: null, ref: null };

interface Gentle {
  readonly day: string;
  readonly entry: Entry;
}

function lossEntry(loss: Loss, context: BriefingContext): Entry {
  const { note, person, kind, date, line } = loss;
  const { isRecent } = context.world;
  return entry({
    ...pick(note ?? person ?? nobody, 'id', 'ref'),
    kind: note === undefined ? kind : 'loss',
    state: note?.status ?? person?.status ?? 'died',
    lead: line + longAgo(date, context.on) + firstVisitSince(loss, context),
    date,
    why: `a ${kind === 'other' ? 'loss' : kind} ${isRecent(loss) ? 'within 13 months' : 'told since the last visit'}`,
  });
}

/** Losses within 13 months; on the days around an anniversary its line stands in the place of the death's own. */
function lossLines(context: BriefingContext): readonly Gentle[] {
  const { world, recentLosses } = context;
  const days = world.dayLines.filter(({ isPrivate }) => !isPrivate);
  const anniversaries = new Set(days.filter(({ loss, note }) => loss.note === note).map(({ loss }) => loss));
  return [
    ...days.map(({ text, day, note, loss }) => ({
      day: loss.note === note ? day : (loss.day ?? day),
      entry: entry({
        ...pick(note ?? loss.person ?? nobody, 'id', 'ref'),
        kind: note?.kind ?? 'death',
        state: note?.status ?? 'died',
        lead: text,
        date: day,
        why: 'on these days of the year',
      }),
    })),
    ...[...recentLosses]
      .filter((loss) => !loss.isPrivate && !anniversaries.has(loss))
      .map((loss) => ({ day: loss.day ?? '', entry: lossEntry(loss, context) })),
  ].sort((left, right) => compareText(right.day, left.day));
}

/** After these 'Avoid: ' would say the opposite: 'Only with the daughter', 'dont mention the dog'. */
const saysWhatToAvoid =
  /[:;]|\b(?:no|not|cannot|never|nothing|nobody|none|neither|without|avoid|careful(?:ly)?|only|always|please|make sure|(?:do|does|did|is|are|was|were|ca|wo|should|must|has|have|had|would|could)nt)\b|n['’]t\b/iu;

export function gentleSection(context: BriefingContext): Section {
  const { patient, visible, world, on } = context;
  const named = { id: 'gentle', title: 'TREAD GENTLY' } as const;
  if (patient.status === 'died') {
    const date = patient.died_on;
    const lead = `Died${when(date, on)}${longAgo(date, on)}`;
    const own = { kind: 'death', state: 'died', lead, date, why: 'the patient died' };
    return { ...named, entries: [entry(own)], more: 0, private: 0 };
  }
  const isCaution = isIn('gentle');
  const losses = lossLines(context);
  const cautionEntry = (note: Note): Gentle => ({
    day: latestDay(note) ?? '',
    entry: lastingEntry(note, context, {
      label: saysWhatToAvoid.test(note.text) ? '' : 'Avoid: ',
      why: note.pinned ? 'to avoid, pinned' : 'to avoid',
    }),
  });
  const cautions = visible.filter(isCaution);
  const pinned = cautions.filter((note) => note.pinned).map(cautionEntry);
  const others = cautions.filter((note) => !note.pinned).map(cautionEntry);
  const rest = [...losses.slice(1), ...others.slice(1)].sort((left, right) =>
    compareText(right.day, left.day),
  );
  const privateLosses = new Set(
    [...context.recentLosses, ...world.dayLines.map(({ loss }) => loss)]
      .filter(({ isPrivate }) => isPrivate)
      .map(({ note }) => note?.id),
  );
  return section(
    {
      ...named,
      belongs: (note) => isCaution(note) || privateLosses.has(note.id),
      ordered: [...pinned, ...losses.slice(0, 1), ...others.slice(0, 1), ...rest],
      entryOf: ({ entry: one }) => one,
      limit: 2,
      unread: 0,
    },
    context,
  );
}
