/** Plans what belongs to one patient: people, notes, commitments, contacts, and the links between them. */
import type { CivilDate } from '../dates/civil.ts';
import type { ImportIssues } from './import-issues.ts';
import {
  commitmentKind,
  contactKind,
  mergeFields,
  noteKind,
  patchOf,
  personKind,
  type RecordKind,
} from './import-merge.ts';
import type { Alteration, Held, PatientPlan, RecordPlan, Unplaced } from './import-shape.ts';
import type { GivenPatient, GivenRecord } from './interchange.ts';
import {
  failingLinks,
  inOrderOfReplacing,
  knownCommitments,
  knownContacts,
  knownPeople,
} from './record-match.ts';
import type { Note } from './records.ts';

interface RecordContext {
  readonly held: Held;
  /** Undefined where the patient has no id yet, and so nothing in the vault. */
  readonly patientId: string | undefined;
  readonly today: CivilDate;
  readonly faults: ImportIssues;
  /** The file is another program's, without ids of ours. */
  readonly isForeign: boolean;
}

interface Owned {
  readonly id: string;
  readonly ref: string;
  readonly patient_id: string;
}

/** A record that may go in: whole, with what is known of it. */
interface Candidate<R extends Owned> {
  readonly path: string;
  readonly known: R | undefined;
  readonly whole: Unplaced<R>;
}

function candidatesOf<F extends { readonly id: string }, R extends Owned & F>(
  given: readonly GivenRecord<F>[],
  kind: RecordKind<F, R>,
  heldById: (id: string) => R | undefined,
  { patientId, today, faults }: RecordContext,
): readonly Candidate<R>[] {
  return given.flatMap(({ path, fields }) => {
    const { id } = fields;
    const known = typeof id === 'string' ? heldById(id) : undefined;
    if (known !== undefined && known.patient_id !== patientId) {
      faults.add(`${path}.id`, `"${id}" belongs to another patient`);
      return [];
    }
    if (known === undefined && fields[kind.required] == null) {
      faults.add(`${path}.${kind.required}`, 'missing');
      return [];
    }
    return [{ path, known, whole: kind.make(mergeFields<F>(known, fields), today) }];
  });
}

function planOf<R extends Owned>(candidates: readonly Candidate<R>[]): RecordPlan<R> {
  const add: Unplaced<R>[] = [];
  const change: Alteration<R>[] = [];
  for (const { known, whole } of candidates) {
    if (known === undefined) add.push(whole);
    else {
      const patch = patchOf(known, whole);
      if (patch !== undefined) change.push({ id: known.id, patch });
    }
  }
  return { add, change, same: candidates.length - add.length - change.length };
}

/** Leaves out those whose link leads to nobody around this patient. */
function linked<R extends Owned>(
  candidates: readonly Candidate<R>[],
  field: 'person' | 'for_person',
  link: (whole: Unplaced<R>) => string | null,
  isAround: (personId: string) => boolean,
  faults: ImportIssues,
): readonly Candidate<R>[] {
  return candidates.filter(({ path, whole }) => {
    const personId = link(whole);
    if (personId === null || isAround(personId)) return true;
    faults.add(`${path}.${field}`, `"${personId}" leads to nobody around this patient`);
    return false;
  });
}

/** Notes in an order that can be stored; those that others replace become superseded where nothing else was said of them. */
function planNotes(
  candidates: readonly Candidate<Note>[],
  given: GivenPatient['notes'],
  { held, patientId, faults }: RecordContext,
): RecordPlan<Note> {
  const heldNote = (id: string): Note | undefined => {
    const note = patientId === undefined ? undefined : held.note(id);
    return note?.patient_id === patientId ? note : undefined;
  };
  const failing = failingLinks(
    candidates.map(({ whole }) => whole),
    (id) => heldNote(id) !== undefined,
    (id) => heldNote(id)?.replaces ?? null,
  );
  const good = candidates.filter(({ path, whole }) => {
    const reason = failing.get(whole);
    if (reason !== undefined) faults.add(`${path}.replaces`, `"${whole.replaces}" ${reason}`);
    return reason === undefined;
  });
  const replaced = new Set(
    good.flatMap(({ known, whole }) =>
      whole.replaces !== null && known?.replaces !== whole.replaces ? [whole.replaces] : [],
    ),
  );
  const spoken = new Set(given.flatMap(({ fields }) => (fields.status == null ? [] : [fields.id])));
  const settled = good.map((candidate): Candidate<Note> => {
    const { whole } = candidate;
    const isReplaced = whole.id !== undefined && replaced.delete(whole.id);
    if (!isReplaced || spoken.has(whole.id) || whole.status !== 'current') return candidate;
    return { ...candidate, whole: { ...whole, status: 'superseded' } };
  });
  // What is left is in the vault alone.
  const alsoReplaced = [...replaced].flatMap((id): readonly Candidate<Note>[] => {
    const known = heldNote(id);
    return known?.status === 'current'
      ? [{ path: '', known, whole: { ...known, status: 'superseded' } }]
      : [];
  });
  const byWhole = new Map(settled.map((candidate) => [candidate.whole, candidate]));
  const ordered = inOrderOfReplacing([...byWhole.keys()]).flatMap((whole) => byWhole.get(whole) ?? []);
  return planOf([...ordered, ...alsoReplaced]);
}

const isBare = ({ people, notes, commitments, contacts, pointer }: GivenPatient): boolean =>
  pointer?.event === undefined && people.length + notes.length + commitments.length + contacts.length === 0;

const nothing: RecordPlan<never> = { add: [], change: [], same: 0 };
/** Shared: a long list has many patients who are nothing but a name. */
const nothingPlanned = { people: nothing, notes: nothing, commitments: nothing, contacts: nothing };

/** All that a file gives of one patient, in one or several places; what another program gives is known again by what it says. */
function gathered(
  givens: readonly GivenPatient[],
  { held, patientId, isForeign }: RecordContext,
): Pick<GivenPatient, 'people' | 'notes' | 'commitments' | 'contacts'> {
  const people = givens.flatMap((given) => given.people);
  const commitments = givens.flatMap((given) => given.commitments);
  const contacts = givens.flatMap((given) => given.contacts);
  const notes = givens.flatMap((given) => given.notes);
  const events = givens.filter(({ pointer }) => pointer?.event !== undefined);
  if (!isForeign) return { people, notes, commitments, contacts };
  const of = <R>(records: readonly unknown[], look: (id: string) => readonly R[]): readonly R[] =>
    patientId === undefined || records.length === 0 ? [] : look(patientId);
  return {
    people: knownPeople(people, of(people, held.peopleOf)),
    notes,
    commitments: knownCommitments(commitments, held.commitment, patientId),
    contacts: knownContacts(contacts, of([...contacts, ...events], held.contactsOf), events),
  };
}

export function planRecords(
  givens: readonly GivenPatient[],
  context: RecordContext,
): Pick<PatientPlan, 'people' | 'notes' | 'commitments' | 'contacts'> {
  const { held, patientId, faults } = context;
  if (givens.every(isBare)) return nothingPlanned;
  const given = gathered(givens, context);
  const people = candidatesOf(given.people, personKind, held.person, context).filter(({ path, whole }) => {
    const isRight = whole.died_on === null || whole.status === 'died';
    if (!isRight) faults.add(`${path}.died_on`, 'given, but status is not "died"');
    return isRight;
  });
  const named = new Set(people.flatMap(({ whole }) => whole.id ?? []));
  const isAround = (id: string): boolean =>
    named.has(id) || (patientId !== undefined && held.person(id)?.patient_id === patientId);
  const notes = candidatesOf(given.notes, noteKind, held.note, context);
  const commitments = candidatesOf(given.commitments, commitmentKind, held.commitment, context);
  return {
    people: planOf(people),
    notes: planNotes(
      linked(notes, 'person', (note) => note.person, isAround, faults),
      given.notes,
      context,
    ),
    commitments: planOf(linked(commitments, 'for_person', (promise) => promise.for_person, isAround, faults)),
    contacts: planOf(candidatesOf(given.contacts, contactKind, held.contact, context)),
  };
}
