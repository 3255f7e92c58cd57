/** What the losses of a file say of the people around a patient: who died or left, and who is not among them yet. */
import type { Circle } from './circle.ts';
import type { Owned } from './interchange.ts';
import { fateOf } from './loss-list.ts';
import { readLoss } from './loss-reading.ts';
import type { MatchedRecord } from './record-match.ts';
import { type New, newPerson, type Person, type RecordOf } from './records.ts';

/** A record of a file as it would be, and as it is in the vault. */
export interface Candidate<T extends Owned> extends Pick<MatchedRecord<T>, 'path' | 'known'> {
  readonly whole: New<RecordOf<T>>;
}

/**
 * Of losses that are new and whose person the file leaves open. Whom the file says to be living, lives.
 * @param held those in the vault
 * @returns the people of the file, and whom the losses change or add
 */
export function withLosses(
  around: readonly Candidate<'person'>[],
  {
    person: given,
    note: notes,
  }: { readonly person: readonly MatchedRecord<'person'>[]; readonly note: readonly MatchedRecord<'note'>[] },
  patient: Circle['patient'],
  held: readonly Person[],
): readonly Candidate<'person'>[] {
  const losses = notes.filter(
    ({ known, fields: { kind, person, status } }) =>
      known === undefined && kind === 'loss' && person === undefined && (status ?? 'current') === 'current',
  );
  if (losses.length === 0) return around;
  const isSettled = new Set(given.flatMap(({ path, fields }) => (fields.status == null ? [] : [path])));
  const inFile = new Set(around.flatMap(({ known }) => known?.id ?? []));
  const all: Candidate<'person'>[] = [
    ...around,
    ...held.filter(({ id }) => !inFile.has(id)).map((known) => ({ path: '', known, whole: known })),
  ];
  for (const { path, fields } of losses) {
    const people = all.map(({ whole }, place): Person => ({ ...whole, id: String(place), ref: '' }));
    const { kind, people: whom, unknown } = readLoss(fields.text ?? '', { patient, people });
    const fate = fateOf(kind, fields.date ?? null);
    const [who, another] = whom;
    const one = who === undefined ? undefined : all[Number(who.id)];
    if (fate.status === undefined || another !== undefined) continue;
    if (one === undefined) {
      if (unknown !== undefined)
        all.push({ path, known: undefined, whole: newPerson({ patient_id: '', ...unknown, ...fate }) });
    } else if (one.whole.status !== 'died' && one.whole.status !== fate.status && !isSettled.has(one.path))
      all[all.indexOf(one)] = { ...one, whole: { ...one.whole, ...fate } };
  }
  return all.filter(({ path, known, whole }) => path !== '' || whole !== known);
}
