/**
 * Saves a write-up: the plan is made from the records as they are inside the store's one transaction, so that nothing
 * that happened while the clinician typed is overwritten.
 */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { type ContactPlan, planContact } from '../domain/contact-plan.ts';
import type { Channel, Commitment, Contact, Note, Patient } from '../domain/records.ts';
import type { SummaryLine, WriteUp } from '../domain/write-up.ts';
import { type PlannedNote, planWriteUp } from '../domain/write-up-plan.ts';
import type { OwnDraft } from '../store/drafts.ts';
import type { SavedLine } from '../terminal/write-up-view.ts';
import type { Store } from '../world.ts';

export interface Visit {
  readonly patient: Patient;
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly now: TimeOfDay;
  readonly channel: Channel | 'none' | undefined;
}

export interface SavedVisit {
  /** Undefined for `--channel none`. */
  readonly contact: Contact | undefined;
  readonly joined: boolean;
  readonly commitments: readonly Commitment[];
  readonly notes: readonly Note[];
  readonly kept: readonly Commitment[];
  readonly answered: readonly Note[];
  /** What of the write-up was saved. */
  readonly writeUp: WriteUp;
  /** Undefined where nothing had to be changed. */
  readonly operation: string | undefined;
}

/** A note with whoever died marked or added. Only inside `write`. */
export function insertNote(store: Store, { record, person }: PlannedNote): Note {
  if (person === undefined) return store.notes.insert(record);
  if (person.change === 'patch') store.people.update(person.id, person.patch);
  const id = person.change === 'add' ? store.people.insert(person.record).id : person.id;
  return store.notes.insert({ ...record, person: id });
}

function applyContact(store: Store, plan: ContactPlan): Contact | undefined {
  if (plan.action === 'none') return undefined;
  if (plan.action === 'add') return store.contacts.insert(plan.record);
  return plan.action === 'hold' ? store.contacts.update(plan.id, plan.patch) : store.contacts.byId(plan.id);
}

/** What was marked as done, as it is now: closed or moved meanwhile by another command, it is left alone. */
function fresh(store: Store, line: SummaryLine): SummaryLine {
  if (line.type !== 'done') return line;
  const { item, words } = line;
  const { id, ref, patient_id } = item.record;
  if (item.type === 'commitment') {
    const record = store.commitments.byId(id);
    if (record?.status === 'open' && record.patient_id === patient_id)
      return { ...line, item: { type: item.type, record } };
  } else {
    const record = store.notes.byId(id);
    if (record?.status === 'current' && record.patient_id === patient_id)
      return { ...line, item: { type: item.type, record } };
  }
  return { type: 'gone', ref, words };
}

/** One transaction and one operation; the draft that it was typed in, and no other, goes with it. */
export function saveVisit(
  store: Store,
  visit: Visit,
  writeUp: WriteUp,
  draft: OwnDraft | undefined,
): SavedVisit {
  const { on, today, now, channel } = visit;
  const { value, operation } = store.write({ verb: 'commit' }, () => {
    const patient = store.patients.present(visit.patient);
    const lines = writeUp.map((line) => fresh(store, line));
    const contact = planContact({
      patientId: patient.id,
      on,
      contacts: store.contacts.of(patient.id),
      channel,
      now: on === today ? now : undefined,
    });
    const people = store.people.of(patient.id);
    const plan = planWriteUp(lines, contact, { patientId: patient.id, on, today, people });
    const saved = {
      contact: applyContact(store, plan.contact),
      joined: plan.contact.action === 'join',
      commitments: plan.commitments.map((record) => store.commitments.insert(record)),
      notes: plan.notes.map((note) => insertNote(store, note)),
      kept: plan.kept.map(({ id, patch }) => store.commitments.update(id, patch)),
      answered: plan.answered.map(({ id, patch }) => store.notes.update(id, patch)),
      writeUp: lines,
    };
    draft?.discard();
    return saved;
  });
  return { ...value, operation };
}

/** Each saved line with its ref, in the order of the write-up. */
export function savedLines(
  saved: SavedVisit,
): readonly { readonly ref: string; readonly line: SummaryLine }[] {
  const commitments = [...saved.commitments];
  const notes = [...saved.notes];
  return saved.writeUp.flatMap((line): readonly SavedLine[] => {
    if (line.type === 'gone') return [];
    if (line.type === 'done') return [{ ref: line.item.record.ref, line }];
    const record = line.entry.type === 'commitment' ? commitments.shift() : notes.shift();
    return record === undefined ? [] : [{ ref: record.ref, line }];
  });
}
