/** The clinic day: visits with counts and marks, no text, so that it may stay on a screen between visits. */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import type { Briefing } from './briefing/composition.ts';
import { byTime } from './contact-plan.ts';
import { type DueList, isPromise } from './due-list.ts';
import type { ImportPlan } from './import-plan.ts';
import type { GivenDocument } from './interchange.ts';
import { type Contact, isVisit, type Patient } from './records.ts';

interface DayFacts {
  readonly contacts: readonly Contact[];
  readonly patients: ReadonlyMap<string, Patient>;
  readonly briefings: ReadonlyMap<string, Briefing>;
  readonly due: DueList;
  readonly drafts: ReadonlySet<string>;
}

/** `today` and `now` are in the configured time zone. */
interface DayMoment {
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly now: TimeOfDay;
}

export type DayVisit = ReturnType<typeof composeDay>[number];

type VisitState = 'ahead' | 'not_written_up' | 'held' | 'missed';

/** A planned visit without a time is not late before its day ends. */
function visitState({ state, at }: Contact, { on, today, now }: DayMoment): VisitState {
  if (state === 'held' || state === 'missed') return state;
  const hasCome = on < today || (on === today && at !== null && at <= now);
  return hasCome ? 'not_written_up' : 'ahead';
}

/** Visits and planned contacts; not calls or letters that just happened. */
const belongs = (contact: Contact): boolean =>
  contact.state !== 'cancelled' && (isVisit(contact) || contact.state !== 'held');

export function composeDay(facts: DayFacts, moment: DayMoment) {
  const { contacts, patients, briefings, due, drafts } = facts;
  const countOf = (patientId: string, group: 'overdue' | 'today' | 'closed_day'): number =>
    due.items.filter(
      (item) =>
        isPromise(item) &&
        item.group === group &&
        item.commitment.patient_id === patientId &&
        item.commitment.owner !== 'patient',
    ).length;
  return contacts.filter(belongs).flatMap((contact) => {
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

/** `ref` of a contact that is only in the file. */
export const notStored = '';

/** `held` contacts as the plan changes them, and those it adds to known patients; nothing is stored. */
export function contactsAfter(
  { patients }: Pick<ImportPlan, 'patients'>,
  held: readonly Contact[],
  heldById: (id: string) => Contact | undefined,
): readonly Contact[] {
  const after = new Map(held.map((contact) => [contact.id, contact]));
  for (const [number, { known, contacts }] of patients.entries()) {
    for (const { id, patch } of contacts.change) {
      const before = heldById(id);
      if (before !== undefined) after.set(id, { ...before, ...patch });
    }
    if (known === undefined) continue;
    for (const [place, contact] of contacts.add.entries()) {
      const id = `planned ${number} ${place}`;
      after.set(id, { ...contact, id, ref: notStored, patient_id: known.id });
    }
  }
  return [...after.values()];
}

export type UnmatchedEvent = ReturnType<typeof unmatchedOn>[number];

export function unmatchedOn(on: CivilDate, { patients }: GivenDocument, { refuse }: ImportPlan) {
  const reasons = new Map(refuse.map(({ path, what }) => [path, what]));
  return byTime(
    patients.flatMap(({ path, pointer, contacts }) => {
      const why = reasons.get(path);
      if (why === undefined) return [];
      return contacts
        .filter(({ fields }) => fields.on === on)
        .map(({ fields }) => ({ path, at: fields.at ?? null, text: pointer?.event?.text ?? null, why }));
    }),
  );
}
