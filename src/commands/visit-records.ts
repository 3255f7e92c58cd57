/** A visit as `commit` saves it, and what is said of it. */
import type { Ctx } from '../cli/command.ts';
import type { Store } from '../context.ts';
import { type CivilDate, everyWords, fullDate, weekdayDate } from '../dates/civil.ts';
import type { CaptureOptions, Entry } from '../domain/capture.ts';
import { type ContactPlan, planContact } from '../domain/contact-plan.ts';
import { worldOf } from '../domain/losses.ts';
import { nextOf } from '../domain/note-rules.ts';
import { displayName } from '../domain/patient-names.ts';
import {
  type Channel,
  type Commitment,
  type Contact,
  channelNames,
  isVisit,
  type Note,
  type Patient,
  type Person,
} from '../domain/records.ts';
import { cutToWidth, fold, pick, present, printable } from '../domain/text.ts';
import { hintsFor } from '../domain/wording-hints.ts';
import { type OpenItem, openItemsOf, type SummaryLine, type WriteUp } from '../domain/write-up.ts';
import {
  bereavedOf,
  commitmentOf,
  hardOffers,
  lossOffers,
  noteOf,
  offerWords,
  type PersonPlan,
  type PlannedNote,
  planClosed,
} from '../domain/write-up-plan.ts';
import type { OwnDraft } from '../store/drafts.ts';
import type { Screen } from '../terminal/list-view.ts';
import { renderSaved, type SavedLine, type WriteUpDay } from '../terminal/write-up-view.ts';
import { passToPatient } from './patient-fields.ts';
import { screenFor } from './sight.ts';

export interface Visit {
  readonly patient: Patient;
  readonly on: CivilDate;
  readonly channel: Channel | 'none' | undefined;
  /** It was a hard one: a call is offered. */
  readonly isHard: boolean;
}

/** How lines of a day are read: what has no mark is a story, relative dates count from that day. */
export function captureOn(on: CivilDate, { store, settings, clock }: Ctx, patient?: Patient) {
  const { dateStyle, weekStart, verbs } = settings.read();
  const circle = patient && { patient, people: store.people.of(patient.id) };
  const days = { on, now: clock.today(), calendar: store.calendar.read(), dateStyle, weekStart };
  return { ...days, defaultKind: 'story', verbs, circle } as const;
}
export type Capture = CaptureOptions & WriteUpDay;

type SavedVisit = ReturnType<typeof saveVisit>;

/** What is open on the day of a visit, and what was sent since the one before it. */
export function openItemsIn(patient: Patient, on: CivilDate, ctx: Ctx) {
  const { store } = ctx;
  const before = store.contacts
    .of(patient.id)
    .find((one) => isVisit(one) && one.state === 'held' && one.on < on);
  const notes = store.notes.of(patient.id, { status: ['current'] });
  const world = worldOf({ patient, people: store.people.of(patient.id), notes }, on);
  return openItemsOf(
    store.commitments.of(patient.id),
    notes.filter((note) => world.holdsNote(note) === undefined),
    screenFor(patient, ctx),
    before?.on,
    on,
  );
}

/** Whoever died is marked, and who is not on file added; who is a patient too, but where that is private. */
export function settlePerson(
  store: Store,
  person: PersonPlan | undefined,
  isPrivate: boolean,
): string | undefined {
  if (person?.change === 'patch') {
    const before = store.people.byId(person.id);
    const after = store.people.update(person.id, person.patch);
    if (!isPrivate) passToPatient(store, before, after);
  }
  return person?.change === 'add' ? store.people.insert(person.record).id : person?.id;
}

type Facts = Pick<Parameters<typeof noteOf>[1], 'patientId' | 'on' | 'today'>;

/**
 * A line, and who is new with it. Only inside `write`.
 * @param isPrivate whether that was said beside its text. @param besides what else was said of a note
 */
export function insertEntry(
  store: Store,
  entry: Entry,
  given: Facts,
  isPrivate: boolean,
  besides: (planned: PlannedNote, people: readonly Person[]) => PlannedNote,
): Note | Commitment {
  const people = store.people.of(given.patientId);
  const facts = { ...given, people };
  if (entry.type === 'commitment') {
    const { record, person } = commitmentOf(entry, facts);
    const sensitive = isPrivate || record.sensitive;
    const for_person = settlePerson(store, person, sensitive) ?? null;
    return store.commitments.insert({ ...record, sensitive, for_person });
  }
  const { record, person, others } = besides(noteOf(entry, facts), people);
  for (const other of others) settlePerson(store, other, record.sensitive);
  return store.notes.insert({
    ...record,
    person: settlePerson(store, person, record.sensitive) ?? record.person,
  });
}

/** Keeping a promise that repeats opens the next one. Only inside `write`. */
export function openNext(store: Store, kept: Commitment, today: CivilDate): readonly Commitment[] {
  const patient = store.patients.byId(kept.patient_id);
  const next = patient && nextOf(kept, store.commitments.of(patient.id), { patient, today });
  return next === undefined ? [] : [store.commitments.insert(next)];
}

/** 'next Tue 12 May, every month'. */
export const nextWords = ({ due, every }: Commitment, today: CivilDate): string =>
  present(due && `next ${weekdayDate(due, today)}`, every && everyWords(every)).join(', ');

function applyContact(store: Store, plan: ContactPlan): Contact | undefined {
  if (plan.action === 'none') return undefined;
  if (plan.action === 'add') return store.contacts.insert(plan.record);
  return plan.action === 'hold' ? store.contacts.update(plan.id, plan.patch) : store.contacts.byId(plan.id);
}

/** What was marked as done, as it is now: closed or moved meanwhile by another command, it is left alone. */
function fresh(store: Store, line: SummaryLine): SummaryLine {
  if (line.type !== 'done' || line.item.type === 'sent') return line;
  const { type } = line.item;
  const { id, ref, patient_id } = line.item.record;
  const record = store[type === 'note' ? 'notes' : 'commitments'].byId(id);
  const isOpen = record?.status === 'open' || record?.status === 'current';
  return isOpen && record.patient_id === patient_id
    ? { ...line, item: { type, record } as OpenItem }
    : { type: 'gone', ref, words: line.words };
}

/** In their order: whom one adds the next may be about. Only inside `write`. */
const insertLines = (store: Store, writeUp: WriteUp, facts: Facts) =>
  new Map<SummaryLine, Note | Commitment>(
    writeUp.flatMap((line) => {
      if (line.type !== 'entry') return [];
      const marked = ({ record, ...whom }: PlannedNote) => ({
        ...whom,
        record: { ...record, ...line.marks },
      });
      return [[line, insertEntry(store, line.entry, facts, false, marked)]];
    }),
  );

/** One transaction and one operation; the draft that it was typed in, and no other, goes with it. */
export function saveVisit(visit: Visit, writeUp: WriteUp, draft: OwnDraft, { store, clock }: Ctx) {
  const { on, channel } = visit;
  const today = clock.today();
  const { value, operation } = store.write({ verb: 'commit' }, () => {
    const patient = store.patients.present(visit.patient);
    const lines = writeUp.flatMap((line) => (line.isDropped ? [] : [fresh(store, line)]));
    const now = on === today ? clock.time() : undefined;
    const contacts = store.contacts.of(patient.id);
    const planned = planContact({ patientId: patient.id, on, contacts, channel, now });
    const plan = planClosed(lines, { on });
    const contact = applyContact(store, planned);
    const records = insertLines(store, lines, { patientId: patient.id, on, today });
    const kept = plan.kept.map(({ id, patch }) => store.commitments.update(id, patch));
    const next = kept.flatMap((one) => openNext(store, one, today));
    const answered = plan.answered.map(({ id, patch }) => store.notes.update(id, patch));
    store.drafts.setAside(draft.id);
    draft.discard();
    return { contact, joined: planned.action === 'join', records, kept, next, answered, writeUp: lines };
  });
  const records = [...value.records.values()];
  return {
    ...value,
    operation,
    notes: records.filter((record) => 'pinned' in record),
    commitments: records.filter((record) => 'owner' in record),
  };
}

const savedLines = ({ writeUp, records }: SavedVisit): readonly SavedLine[] =>
  writeUp.flatMap((line) => {
    const record = line.type === 'done' ? line.item.record : records.get(line);
    return record === undefined ? [] : [{ ref: record.ref, line }];
  });

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

const commitmentFields = ['id', 'ref', 'text', 'owner', 'kind', 'for_person', 'made_on', 'due'] as const;
const noteFields = ['id', 'ref', 'kind', 'text', 'date', 'yearly', 'person'] as const;

function visitDocument(saved: SavedVisit, { patient, on }: Visit) {
  const { contact, joined, records, kept, next, answered, operation = null } = saved;
  const entries = [...records].map(([line, record]) => ({
    record,
    guessed: line.type === 'entry' && line.entry.guessed,
  }));
  return {
    on,
    patient: pick(patient, 'id', 'ref', 'name', 'handle', 'goes_by'),
    contact: contact ? { ...pick(contact, 'id', 'ref', 'channel', 'state', 'at'), joined } : null,
    commitments: entries.flatMap(({ record, guessed }) =>
      'owner' in record
        ? [{ ...pick(record, ...commitmentFields, 'every', 'unread', 'sensitive'), guessed }]
        : [],
    ),
    notes: entries.flatMap(({ record, guessed }) =>
      'pinned' in record ? [{ ...pick(record, ...noteFields, 'unread', 'sensitive'), guessed }] : [],
    ),
    kept: kept.map((one) => pick(one, 'id', 'ref')),
    next: next.map((one) => pick(one, 'id', 'ref', 'text', 'due', 'every')),
    answered: answered.map((one) => pick(one, 'id', 'ref')),
    operation,
  };
}

export async function visitReport(saved: SavedVisit, visit: Visit, day: WriteUpDay, screen: Screen) {
  return {
    json: visitDocument(saved, visit),
    text: [
      contactLine(saved, visit),
      ...(await renderSaved(savedLines(saved), day, screen)),
      ...saved.next.map(
        (one) => ` ${one.ref}  ${nextWords(one, day.on)}: ${cutToWidth(printable(one.text), 60)}`,
      ),
    ].join('\n'),
  };
}

/** What was kept without a date, since its words of time could not be read. */
export const unreadNotices = (records: readonly (Note | Commitment)[]): readonly string[] =>
  records.flatMap((record) => {
    if (record.unread === null) return [];
    const how = 'owner' in record ? '--due DATE, or --undated' : '--date DATE';
    return [`no date was read in '${printable(record.unread)}': rapport edit ${record.ref} ${how}`];
  });

/** What is promised already: its text, folded, with the day where it has one. */
export const promisedTo = ({ id }: Patient, { commitments }: Store): readonly string[] =>
  commitments
    .of(id)
    .flatMap(({ status, text, due }) => (status === 'open' ? [present(fold(text), due).join(' ')] : []));

/** Soft hints on entries that nobody is asked about, and what a loss would otherwise offer. */
export function wordingHints(
  entries: readonly Entry[],
  options: CaptureOptions,
  promised: readonly string[],
  isHard = false,
): readonly string[] {
  const { on } = options;
  const offered = [
    ...entries.flatMap((entry) =>
      entry.type === 'loss'
        ? offerWords(lossOffers(entry, on, bereavedOf(entry, options.circle?.patient), promised), on)
        : [],
    ),
    ...(isHard ? offerWords(hardOffers(on), on, '', 'a hard visit') : []),
  ];
  const hints = new Set(entries.flatMap((entry) => hintsFor(entry, options)));
  return [...hints, ...offered].map((hint) => `hint: ${hint}`);
}
