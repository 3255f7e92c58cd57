/** From the store to what is due: used wherever the day is shown. */

import type { Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { type DueFacts, type DueList, isPromise, lastDueListed, listDue } from '../domain/due-list.ts';
import { listQuiet } from '../domain/last-contact.ts';
import { type OutreachOptions, timeToReachOut } from '../domain/milestones.ts';
import { type DueNames, recordOf } from '../terminal/due-view.ts';

interface DueScope {
  readonly on: CivilDate;
  readonly days?: number;
  readonly all?: boolean;
  readonly patientId?: string | undefined;
  readonly quietDays: number | undefined;
}

function gatherOutreach(
  store: Store,
  patientId: string | undefined,
  options: OutreachOptions,
): DueFacts['outreach'] {
  return store.notes
    .reachingOut(patientId)
    .filter((note) => timeToReachOut(note, options) !== undefined)
    .flatMap((note) => {
      const patient = store.patients.byId(note.patient_id);
      if (patient === undefined) return [];
      return [
        { note, patient, people: store.people.of(patient.id), contacts: store.contacts.of(patient.id) },
      ];
    });
}

function gatherQuiet(
  store: Store,
  { on, patientId, quietDays }: DueScope,
): Required<Pick<DueFacts, 'inTouch' | 'lastHeld'>> {
  const active = store.patients.all({
    status: ['active'],
    ...(quietDays === undefined && { inTouch: true as const }),
  });
  const patients = patientId === undefined ? active : active.filter(({ id }) => id === patientId);
  const lastHeld = store.contacts.lastHeld(
    patients.map(({ id }) => id),
    on,
  );
  const quiet = listQuiet({ patients, lastHeld, nextContacts: new Map() }, { on, after: quietDays });
  return { inTouch: quiet.map(({ patient }) => patient), lastHeld };
}

export function gatherDue(store: Store, scope: DueScope): DueList {
  const { on, days = 0, all = false, patientId, quietDays } = scope;
  const calendar = store.calendar.read();
  const options = { on, days, all, quietDays };
  const dueUntil = lastDueListed(options, calendar);
  const wanted = {
    status: ['open'] as const,
    ...(!all && { owners: ['me', 'staff'] as const }),
    ...(patientId !== undefined && { patientId }),
  };
  const commitments = store.commitments.matching({ ...wanted, ...(dueUntil !== undefined && { dueUntil }) });
  const undatedBesides = dueUntil === undefined ? 0 : store.commitments.count({ ...wanted, undated: true });
  const outreach = gatherOutreach(store, patientId, { on, days, calendar });
  const quiet = gatherQuiet(store, scope);
  const patientIds = new Set([
    ...commitments.map(({ patient_id }) => patient_id),
    ...quiet.inTouch.map(({ id }) => id),
  ]);
  const nextContacts = store.contacts.nextPlanned([...patientIds], on);
  return listDue(
    {
      commitments,
      undatedBesides,
      nextContacts,
      calendar,
      ...(outreach && { outreach }),
      ...quiet,
    },
    options,
  );
}

const named = ['ref', 'name', 'goes_by', 'handle', 'status', 'died_on'] as const;

export function namesOf(list: DueList, store: Store): DueNames {
  const people = list.items.flatMap((item) => (isPromise(item) ? (item.commitment.for_person ?? []) : []));
  return {
    patients: store.patients.byIds(new Set(list.items.map((item) => recordOf(item).patientId)), named),
    people: people.length === 0 ? new Map() : store.people.byIds(new Set(people), ['name']),
  };
}
