/**
 * The clinic day: each visit with what must not be missed about it, as counts and marks. Nothing that anybody said or
 * promised is in it, so that it may stand on a screen between visits.
 */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import type { Briefing } from './briefing/briefing.ts';
import { type DueList, isPromise } from './due-list.ts';
import { type Contact, isVisit, type Patient } from './records.ts';

export interface DayFacts {
  /** Of the day, in order of time. */
  readonly contacts: readonly Contact[];
  readonly patients: ReadonlyMap<string, Patient>;
  /** As of the day, by patient id. */
  readonly briefings: ReadonlyMap<string, Briefing>;
  /** As of the day. */
  readonly due: DueList;
  /** Ids of the patients of whom a write-up of the day is not saved yet. */
  readonly drafts: ReadonlySet<string>;
}

/** When it is looked at; `today` and `now` in the configured zone. */
export interface DayMoment {
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly now: TimeOfDay;
}

export type VisitState = 'ahead' | 'not_written_up' | 'held' | 'missed';

export interface DayVisit {
  readonly contact: Contact;
  readonly patient: Patient;
  readonly state: VisitState;
  readonly isFirstVisit: boolean;
  /** Lines under TREAD GENTLY, private ones included. */
  readonly gentle: number;
  /** Mine and staff's. */
  readonly overdue: number;
  readonly dueToday: number;
  readonly closedDayAhead: number;
  /** A write-up of that day was begun and not saved. */
  readonly hasDraft: boolean;
}

/** A visit whose time has come and that nobody wrote up; one without a time waits for the end of its day. */
export function visitState({ state, at }: Contact, { on, today, now }: DayMoment): VisitState {
  if (state === 'held' || state === 'missed') return state;
  const hasCome = on < today || (on === today && at !== null && at <= now);
  return hasCome ? 'not_written_up' : 'ahead';
}

/** Visits, and what else was planned for the day; calls and letters that came up by themselves are no part of it. */
const belongs = (contact: Contact): boolean =>
  contact.state !== 'cancelled' && (isVisit(contact) || contact.state !== 'held');

export function composeDay(facts: DayFacts, moment: DayMoment): readonly DayVisit[] {
  const { contacts, patients, briefings, due, drafts } = facts;
  const countOf = (patientId: string, group: 'overdue' | 'today' | 'closed_day'): number =>
    due.items.filter(
      (item) =>
        isPromise(item) &&
        item.group === group &&
        item.commitment.patient_id === patientId &&
        item.commitment.owner !== 'patient',
    ).length;
  return contacts.filter(belongs).flatMap((contact): readonly DayVisit[] => {
    const patient = patients.get(contact.patient_id);
    if (patient === undefined) return [];
    const briefing = briefings.get(patient.id);
    const gentle = briefing?.sections.find(({ id }) => id === 'gentle');
    return [
      {
        contact,
        patient,
        state: visitState(contact, moment),
        isFirstVisit: briefing?.isFirstVisit ?? false,
        gentle: gentle === undefined ? 0 : gentle.items.length + gentle.more + gentle.private,
        overdue: countOf(patient.id, 'overdue'),
        dueToday: countOf(patient.id, 'today'),
        closedDayAhead: countOf(patient.id, 'closed_day'),
        hasDraft: drafts.has(patient.id),
      },
    ];
  });
}
