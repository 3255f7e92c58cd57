/** How contacts would stand after an import, without doing it: a day can be shown from a file alone. */
import type { CivilDate } from '../dates/civil.ts';
import type { ImportPlan } from './import-shape.ts';
import type { GivenDocument } from './interchange.ts';
import type { Contact } from './records.ts';

/** `ref` of a contact that is in the file alone. */
export const notStored = '';

/**
 * @param held some contacts of the vault
 * @param heldById finds any of them
 * @returns these and what the plan adds to them, changed as planned
 */
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

/** In order of time, those without one last. */
export const inOrderOfTime = <T extends { readonly at: string | null }>(list: readonly T[]): readonly T[] =>
  list.toSorted((left, right) => {
    const [one, other] = [left.at ?? '~', right.at ?? '~'];
    return one < other ? -1 : one > other ? 1 : 0;
  });

export interface UnmatchedEvent {
  /** Where it stands in the file. */
  readonly path: string;
  readonly at: string | null;
  /** As the file says it; null where it says nothing. */
  readonly text: string | null;
  /** Why it is nobody's. */
  readonly why: string;
}

/** The events of a day that are nobody's in the vault, in order of time. */
export function unmatchedOn(
  on: CivilDate,
  { patients }: GivenDocument,
  { refuse }: ImportPlan,
): readonly UnmatchedEvent[] {
  const reasons = new Map(refuse.map(({ path, what }) => [path, what]));
  return inOrderOfTime(
    patients.flatMap(({ path, pointer, contacts }): readonly UnmatchedEvent[] => {
      const why = reasons.get(path);
      if (why === undefined) return [];
      return contacts
        .filter(({ fields }) => fields.on === on)
        .map(({ fields }) => ({ path, at: fields.at ?? null, text: pointer?.event?.text ?? null, why }));
    }),
  );
}
