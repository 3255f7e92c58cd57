/** TREAD GENTLY: the patient's own death, losses within 13 months, and what to avoid. */
import { type CivilDate, readCivilDate, spanOf } from '../../dates/civil.ts';
import { distance, partialDate, shortDate } from '../../dates/wording.ts';
import { isDeath, latestDay } from '../note-rules.ts';
import type { Note, Person } from '../records.ts';
import { compareText } from '../text.ts';
import {
  ageSuffix,
  type BriefingContext,
  entry,
  firstDay,
  isRecentLoss,
  noteEntry,
  type Section,
} from './briefing.ts';

const itemLimit = 2;

const capitalised = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

function when(date: Note['date'], on: CivilDate): string {
  if (date === null) return '';
  const full = readCivilDate(date);
  return full === undefined ? ` ${partialDate(date, on)}` : ` ${shortDate(full, on)}, ${distance(full, on)}`;
}

/** 'Wife June died 2 Feb, 38 days ago'; a loss that is no death keeps its own words. */
export function lossText(text: string, date: Note['date'], death: boolean, on: CivilDate): string {
  const said = capitalised(text.trim());
  if (death && !/\b(?:died|dead|death|passed)\b/i.test(said)) return `${said} died${when(date, on)}`;
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

export const lossLead = (note: Note, { personById, on }: BriefingContext): string =>
  lossText(note.text, note.date, isDeath(note, personById.get(note.person ?? '')), on);

const lossEntry = (note: Note, context: BriefingContext) => ({
  ...noteEntry(note, {
    lead: lossLead(note, context) + firstVisitSince(firstDay(note.date), context),
    why: 'a loss within 13 months',
  }),
  day: lossDay(note) ?? '',
});

function deathEntry({ id, ref, status, relation, name, died_on }: Person, context: BriefingContext) {
  const who = [relation, name].filter((part) => part !== null).join(' ');
  const day = firstDay(died_on);
  const lead = lossText(who, died_on, true, context.on) + firstVisitSince(day, context);
  const why = died_on === null ? 'a death without a date' : 'a death within 13 months';
  return { ...entry({ id, ref, kind: 'death', state: status, lead, date: died_on, why }), day: day ?? '' };
}

const isCaution = (note: Note, on: CivilDate): boolean =>
  note.kind === 'avoid' || (note.kind === 'loss' && isRecent(note, on));

export function gentleSection(context: BriefingContext): Section {
  const { patient, people, visible, on, options } = context;
  const section = { id: 'gentle', title: 'TREAD GENTLY', more: 0, private: 0 } as const;
  if (patient.status === 'died') {
    const lead = capitalised(lossText('', patient.died_on, true, on).trim());
    const own = { kind: 'death', state: 'died', lead, date: patient.died_on, why: 'the patient died' };
    return { ...section, entries: [entry(own)] };
  }
  const told = new Set(context.notes.flatMap((note) => (note.kind === 'loss' ? [note.person] : [])));
  const losses = [
    ...visible
      .filter((note) => note.kind === 'loss' && isRecent(note, on))
      .map((note) => lossEntry(note, context)),
    ...people
      .filter((person) => person.status === 'died' && !told.has(person.id))
      // A death without a date may be a fresh one.
      .filter(({ died_on }) => died_on === null || isRecentLoss(firstDay(died_on) ?? on, on))
      .map((person) => deathEntry(person, context)),
  ].sort((left, right) => compareText(right.day, left.day));
  const cautions = visible
    .filter((note) => note.kind === 'avoid')
    .sort((left, right) => Number(right.pinned) - Number(left.pinned))
    .map((note) =>
      noteEntry(note, {
        tail: ageSuffix(note, context),
        why: note.pinned ? 'to avoid, pinned' : 'to avoid',
      }),
    );
  // One of each kind first: a fresh loss must not hide what to avoid.
  const ordered = [...losses.slice(0, 1), ...cautions.slice(0, 1), ...losses.slice(1), ...cautions.slice(1)];
  const limit = options.all ? ordered.length : itemLimit;
  return {
    ...section,
    entries: ordered.slice(0, limit),
    more: Math.max(0, ordered.length - limit),
    private: context.private.filter((note) => isCaution(note, on)).length,
  };
}
