/** The draft that `u` left behind, when its commit is redone: what is saved again is not offered a second time. */
import { openItemsOf } from '../domain/open-items.ts';
import { type SummaryLine, steps, type WriteUp, withLine } from '../domain/write-up.ts';
import { Failure } from '../errors.ts';
import type { Operation } from '../store/store.ts';
import type { Store, World } from '../world.ts';

interface DraftedWriteUp {
  readonly id: string;
  readonly writeUp: WriteUp;
}

/** Drafts of the operation's patients as the write-ups that they would be now. One that can't be read is left alone. */
export function draftsOf(
  operation: Operation,
  store: Store,
  { settings }: Pick<World, 'settings'>,
): readonly DraftedWriteUp[] {
  if (operation.verb !== 'commit') return [];
  const { dateStyle, weekStart, verbs } = settings.read();
  const ids = new Set(store.history.records(operation.id).flatMap(({ patient_id }) => patient_id ?? []));
  return [...ids].flatMap((patientId) => {
    const patient = store.patients.byId(patientId);
    if (patient === undefined) return [];
    const notes = store.notes.of(patientId, { status: ['current'] });
    const { items } = openItemsOf(store.commitments.of(patientId), notes);
    return store.drafts.of(patientId).flatMap((draft) => {
      if (draft.task !== 'commit' || draft.isOpen) return [];
      const capture = { on: draft.on, dateStyle, weekStart, verbs, calendar: store.calendar.read() };
      try {
        const writeUp = draft.lines.reduce<WriteUp>((before, { place, text }) => {
          const known = steps.find((one) => one === place) ?? 'learn';
          return withLine(before, { place: known, text }, { patient, capture, items });
        }, []);
        return [{ id: draft.id, writeUp }];
      } catch (failure) {
        if (failure instanceof Failure) return [];
        throw failure;
      }
    });
  });
}

/** Discards those whose every line stands in the records that the operation brought back. Only inside `write`. */
export function discardSaved(drafts: readonly DraftedWriteUp[], operation: Operation, store: Store): void {
  const ids = store.history.records(operation.id).map(({ id }) => id);
  const notes = ids.flatMap((id) => store.notes.byId(id) ?? []);
  const commitments = ids.flatMap((id) => store.commitments.byId(id) ?? []);
  const isSaved = (line: SummaryLine): boolean => {
    if (line.type === 'gone') return false;
    if (line.type === 'done') {
      const saved = [...notes, ...commitments].find(({ id }) => id === line.item.record.id);
      return saved !== undefined && JSON.stringify(saved).includes(JSON.stringify(line.words ?? saved.id));
    }
    const { entry } = line;
    if (entry.type === 'commitment')
      return commitments.some(
        ({ text, owner, due }) => text === entry.text && owner === entry.owner && due === entry.due,
      );
    const kind = entry.type === 'loss' ? 'loss' : entry.kind;
    return notes.some((note) => note.text === entry.text && note.kind === kind && note.date === entry.date);
  };
  for (const { id, writeUp } of drafts) if (writeUp.every(isSaved)) store.drafts.discard(id);
}
