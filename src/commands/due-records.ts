/** From the store to what is due: used wherever the day is shown. */
import type { CivilDate } from '../dates/civil.ts';
import { type DueList, lastDueListed, listDue } from '../domain/due.ts';
import type { Commitment, Patient, Person } from '../domain/records.ts';
import { Failure } from '../errors.ts';
import type { DueNames } from '../terminal/due.ts';
import type { Store, World } from '../world.ts';

/** The store where a key is at hand; undefined where the vault is locked. Nobody is asked. */
export async function openQuietly({ openStore }: Pick<World, 'openStore'>): Promise<Store | undefined> {
  try {
    return await openStore({ ask: false });
  } catch (error) {
    if (error instanceof Failure && error.exit === 'locked') return undefined;
    throw error;
  }
}

export interface DueScope {
  readonly on: CivilDate;
  readonly days?: number;
  readonly all?: boolean;
  readonly patientId?: string | undefined;
}

/** Gathers what the list of a day is made of, and makes it. */
export function gatherDue(store: Store, { on, days = 0, all = false, patientId }: DueScope): DueList {
  const calendar = store.calendar.read();
  const options = { on, days, all };
  const dueUntil = lastDueListed(options, calendar);
  const commitments = store.commitments.matching({
    status: ['open'],
    ...(!all && { owners: ['me', 'staff'] as const }),
    ...(patientId !== undefined && { patientId }),
    ...(dueUntil !== undefined && { dueUntil }),
  });
  const patientIds = [...new Set(commitments.map(({ patient_id }) => patient_id))];
  return listDue(
    { commitments, nextContacts: store.contacts.nextPlanned(patientIds, on), calendar },
    options,
  );
}

const found = <R extends { readonly id: string }>(
  ids: readonly (string | null)[],
  byId: (id: string) => R | undefined,
): ReadonlyMap<string, R> =>
  new Map(
    [...new Set(ids)].flatMap((id) => {
      const record = id === null ? undefined : byId(id);
      return record === undefined ? [] : [[record.id, record] as const];
    }),
  );

/** The patients and persons that a list names. */
export function namesOf(list: DueList, store: Store): DueNames {
  const commitments: readonly Commitment[] = list.items.map(({ commitment }) => commitment);
  return {
    patients: found<Patient>(
      commitments.map(({ patient_id }) => patient_id),
      (id) => store.patients.byId(id),
    ),
    people: found<Person>(
      commitments.map(({ for_person }) => for_person),
      (id) => store.people.byId(id),
    ),
  };
}
