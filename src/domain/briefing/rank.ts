/**
 * What of a life to bring back before a visit. A score that anyone can work out by hand: pinned notes first, then
 * milestones that are near, then what was recorded, said or confirmed lately. No chance in it, and no guess.
 */

import { addDays, type CivilDate, daysBetween } from '../../dates/civil.ts';
import { distance } from '../../dates/wording.ts';
import { exactDay, occurrences } from '../milestones.ts';
import type { Note } from '../records.ts';
import { compareText } from '../text.ts';
import { compareIds, latestDay, type Situation } from './facts.ts';

export const pinnedScore = 100;
const nearScore = 70;
const nearDays = 30;
const justPassedScore = 60;
const passedDays = 400;
const freshScore = 40;
const halfLifeDays = 180;
const undatedScore = 10;
const shownOften = 2;

export interface Ranked {
  readonly note: Note;
  readonly score: number;
  /** In words, made for those that are shown. */
  readonly why: () => string;
  /** The day of the milestone that is meant: the coming one, or the one just passed. */
  readonly day: CivilDate | undefined;
}

interface Score {
  readonly score: number;
  readonly why: () => string;
  readonly day: CivilDate | undefined;
}

function milestoneScore(note: Note, { on, lastVisit }: Situation): Score | undefined {
  const times = occurrences(note, on);
  const next = times.find((time) => time.last >= on);
  if (next !== undefined) {
    const days = Math.max(0, daysBetween(on, next.first));
    if (days <= nearDays)
      return {
        score: nearScore - days,
        why: () => (days === 0 ? 'a milestone now' : `a milestone in ${days} days`),
        day: exactDay(next),
      };
  }
  const past = times.filter((time) => time.last < on).at(-1);
  if (
    past !== undefined &&
    lastVisit !== undefined &&
    past.last >= lastVisit &&
    past.last >= addDays(on, -passedDays)
  )
    return { score: justPassedScore, why: () => 'a milestone since the last visit', day: exactDay(past) };
  return undefined;
}

function freshness(note: Note, on: CivilDate): Score {
  const latest = latestDay(note);
  const near = occurrences(note, on);
  const time = near.find((one) => one.last >= on) ?? near.at(-1);
  const day = time === undefined ? undefined : exactDay(time);
  if (latest === undefined) return { score: undatedScore, why: () => 'undated', day };
  const age = Math.max(0, daysBetween(latest, on));
  return {
    score: freshScore * 0.5 ** (age / halfLifeDays),
    why: () => `noted ${distance(latest < on ? latest : on, on)}`,
    day,
  };
}

/** The score of one note, why it is so, and the day to print for a milestone. */
export function rank(note: Note, situation: Situation): Ranked {
  const { on, shown } = situation;
  const plain = freshness(note, on);
  const milestone = note.kind === 'milestone' ? milestoneScore(note, situation) : undefined;
  const own = milestone ?? plain;
  if (note.pinned) return { note, score: pinnedScore, why: () => 'pinned', day: own.day };
  const isWorn = (shown.get(note.id) ?? 0) >= shownOften;
  return isWorn
    ? { note, score: own.score / 2, why: () => `${own.why()}, halved: shown in two briefings`, day: own.day }
    : { note, ...own };
}

/** Highest score first; ties: newer, then id. */
export const byScore = (left: Ranked, right: Ranked): number =>
  right.score - left.score ||
  compareText(latestDay(right.note) ?? '', latestDay(left.note) ?? '') ||
  compareIds(left.note, right.note);
