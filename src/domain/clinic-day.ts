/** The clinic day: visits with counts and marks, no text, so that it may stay on a screen between visits. */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import type { Briefing } from './briefing/briefing.ts';
import { type DueList, isPromise } from './due-list.ts';
import { type Contact, isVisit, type Patient } from './records.ts';

interface DayFacts {
  /** By time. */
  readonly contacts: readonly Contact[];
  readonly patients: ReadonlyMap<string, Patient>;
  /** By patient id, as of the day. */
  readonly briefings: ReadonlyMap<string, Briefing>;
  readonly due: DueList;
  /** Ids of patients with an unsaved write-up of that day. */
  readonly drafts: ReadonlySet<string>;
}

/** `today` and `now` are in the configured time zone. */
interface DayMoment {
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly now: TimeOfDay;
}

type VisitState = 'ahead' | 'not_written_up' | 'held' | 'missed';

export interface DayVisit {
  readonly contact: Contact;
  readonly patient: Patient;
  readonly state: VisitState;
  readonly isFirstVisit: boolean;
  /** Lines under TREAD GENTLY, private ones included. */
  readonly gentle: number;
  /** Counts mine and staff's promises. */
  readonly overdue: number;
  readonly dueToday: number;
  readonly closedDayAhead: number;
  readonly hasDraft: boolean;
}

/** A planned visit without a time is not late before its day ends. */
function visitState({ state, at }: Contact, { on, today, now }: DayMoment): VisitState {
  if (state === 'held' || state === 'missed') return state;
  const hasCome = on < today || (on === today && at !== null && at <= now);
  return hasCome ? 'not_written_up' : 'ahead';
}

/** Visits and planned contacts; not calls or letters that just happened. */
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
