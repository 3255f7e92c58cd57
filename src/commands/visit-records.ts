/** A visit as `commit` saves it, and what is said of it. */
import type { Ctx } from '../cli/command.ts';
import type { Store } from '../context.ts';
import type { CivilDate } from '../dates/civil.ts';
import { fullDate, shortDate } from '../dates/words.ts';
import { type CaptureOptions, type Entry, hintsFor } from '../domain/capture.ts';
import { type ContactPlan, planContact } from '../domain/contact-plan.ts';
import { displayName } from '../domain/patient-names.ts';
import { type Channel, type Contact, channelNames, type Note, type Patient } from '../domain/records.ts';
import { pick } from '../domain/text.ts';
import { type OpenItem, openItemsOf, type SummaryLine, type WriteUp } from '../domain/write-up.ts';
import { lossOffers, type PlannedNote, planWriteUp } from '../domain/write-up-plan.ts';
import type { OwnDraft } from '../store/drafts.ts';
import type { Screen } from '../terminal/list-view.ts';
import { renderSaved, type SavedLine, type WriteUpDay } from '../terminal/write-up-view.ts';
import { screenFor } from './sight.ts';

export interface Visit {
  readonly patient: Patient;
  readonly on: CivilDate;
  readonly channel: Channel | 'none' | undefined;
}

/** How lines of a day are read: what has no mark is a story, relative dates count from that day. */
export function captureOn(on: CivilDate, { store, settings }: Pick<Ctx, 'store' | 'settings'>) {
  const { dateStyle, weekStart, verbs } = settings.read();
  return { on, calendar: store.calendar.read(), defaultKind: 'story', dateStyle, weekStart, verbs } as const;
}
export type Capture = CaptureOptions & WriteUpDay;

type SavedVisit = ReturnType<typeof saveVisit>;

export const openItemsIn = (patient: Patient, ctx: Pick<Ctx, 'store' | 'settings'>) =>
  openItemsOf(
    ctx.store.commitments.of(patient.id),
    ctx.store.notes.of(patient.id, { status: ['current'] }),
    screenFor(patient, ctx),
  );

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
  const { type } = line.item;
  const { id, ref, patient_id } = line.item.record;
  const record = store[type === 'note' ? 'notes' : 'commitments'].byId(id);
  const isOpen = record?.status === 'open' || record?.status === 'current';
  return isOpen && record.patient_id === patient_id
    ? { ...line, item: { type, record } as OpenItem }
    : { type: 'gone', ref, words: line.words };
}

/** One transaction and one operation; the draft that it was typed in, and no other, goes with it. */
export function saveVisit(visit: Visit, writeUp: WriteUp, draft: OwnDraft, { store, clock }: Ctx) {
  const { on, channel } = visit;
  const today = clock.today();
  const { value, operation } = store.write({ verb: 'commit' }, () => {
    const patient = store.patients.present(visit.patient);
    const lines = writeUp.map((line) => fresh(store, line));
    const contact = planContact({
      patientId: patient.id,
      on,
      contacts: store.contacts.of(patient.id),
      channel,
      now: on === today ? clock.time() : undefined,
    });
    const people = store.people.of(patient.id);
    const plan = planWriteUp(lines, { patientId: patient.id, on, today, people });
    const saved = {
      contact: applyContact(store, contact),
      joined: contact.action === 'join',
      commitments: plan.commitments.map((record) => store.commitments.insert(record)),
      notes: plan.notes.map((note) => insertNote(store, note)),
      kept: plan.kept.map(({ id, patch }) => store.commitments.update(id, patch)),
      answered: plan.answered.map(({ id, patch }) => store.notes.update(id, patch)),
      writeUp: lines,
    };
    draft.discard();
    return saved;
  });
  return { ...value, operation };
}

function savedLines(saved: SavedVisit): readonly { readonly ref: string; readonly line: SummaryLine }[] {
  const commitments = [...saved.commitments];
  const notes = [...saved.notes];
  return saved.writeUp.flatMap((line): readonly SavedLine[] => {
    if (line.type === 'gone') return [];
    if (line.type === 'done') return [{ ref: line.item.record.ref, line }];
    const record = line.entry.type === 'commitment' ? commitments.shift() : notes.shift();
    return record === undefined ? [] : [{ ref: record.ref, line }];
  });
}

/** 'Malu Razo, Thu 12 Mar 2026, visit'. */
export function visitTitle({ patient, on, channel }: Visit): string {
  const what = channel === 'none' ? 'no contact' : channelNames[channel ?? 'visit'];
  return `${displayName(patient)}, ${fullDate(on)}, ${what}`;
}

function contactLine({ contact, joined }: SavedVisit, { patient, on }: Visit): string {
  const whose = `${displayName(patient)}, ${fullDate(on)}`;
  if (contact === undefined) return `${whose}: no contact recorded`;
  return `${whose}: ${channelNames[contact.channel]} ${joined ? 'recorded before' : 'recorded'}`;
}

function visitDocument(saved: SavedVisit, { patient, on }: Visit) {
  const { contact, joined, commitments, notes, kept, answered, operation = null } = saved;
  return {
    on,
    patient: pick(patient, 'id', 'ref', 'name', 'handle', 'goes_by'),
    contact: contact ? { ...pick(contact, 'id', 'ref', 'channel', 'state', 'at'), joined } : null,
    commitments: commitments.map((one) => pick(one, 'id', 'ref', 'text', 'owner', 'kind', 'made_on', 'due')),
    notes: notes.map((one) => pick(one, 'id', 'ref', 'kind', 'text', 'date', 'yearly', 'person')),
    kept: kept.map((one) => pick(one, 'id', 'ref')),
    answered: answered.map((one) => pick(one, 'id', 'ref')),
    operation,
  };
}

export async function visitReport(saved: SavedVisit, visit: Visit, day: WriteUpDay, screen: Screen) {
  return {
    json: visitDocument(saved, visit),
    text: [contactLine(saved, visit), ...(await renderSaved(savedLines(saved), day, screen))].join('\n'),
  };
}

/** Soft hints on entries that nobody is asked about, and what a loss would otherwise offer. */
export function wordingHints(entries: readonly Entry[], options: CaptureOptions): readonly string[] {
  const offered = entries.flatMap((entry) => {
    const offers = entry.type === 'loss' ? lossOffers(entry, options.on) : [];
    const lines = offers.map(({ line, due }) => line.replace(due, shortDate(due, options.on).toLowerCase()));
    return lines.length > 0 ? [`after a loss you could add: ${lines.join(', or ')}`] : [];
  });
  const hints = new Set(entries.flatMap((entry) => hintsFor(entry, options)));
  return [...hints, ...offered].map((hint) => `hint: ${hint}`);
}
