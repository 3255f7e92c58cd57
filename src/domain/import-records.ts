/** Plans what belongs to one patient: people, notes, commitments, contacts, and the links between them. */
import type { CivilDate } from '../dates/civil.ts';
import { commitmentKindOf } from './capture.ts';
import { isSameItem } from './fields.ts';
import type { ImportIssues } from './import-issues.ts';
import type {
  Given,
  GivenPatient,
  GivenRecord,
  Held,
  HeldById,
  PatientPlan,
  RecordPlan,
} from './interchange.ts';
import { inOrderOfReplacing, knownCommitments, knownContacts, knownPeople } from './record-match.ts';
import {
  type Fields,
  type New,
  type Note,
  newCommitment,
  newContact,
  newNote,
  newPerson,
  type Patch,
  type RecordName,
  type RecordOf,
} from './records.ts';

interface RecordContext {
  readonly held: Held;
  /** Undefined where the patient has no id yet, and so nothing in the vault. */
  readonly patientId: string | undefined;
  readonly today: CivilDate;
  readonly faults: ImportIssues;
  /** The file is another program's, without ids of ours. */
  readonly isForeign: boolean;
}

type Owned = Exclude<RecordName, 'patient'>;
type Make<T extends Owned> = (fields: Partial<Fields<T>>, today: CivilDate) => New<RecordOf<T>>;

/** The fields of which a new record has one, and how it is made whole; the fields of a known one include its patient. */
const kinds: {
  readonly [T in Owned]: {
    readonly required: readonly [keyof Fields<T> & string, ...(keyof Fields<T>)[]];
    readonly make: Make<T>;
  };
} = {
  person: { required: ['name', 'relation'], make: (fields) => newPerson({ patient_id: '', ...fields }) },
  note: {
    required: ['text'],
    make: (fields) =>
      newNote({ kind: 'story', text: '', recorded_on: null, source: 'imported', patient_id: '', ...fields }),
  },
  commitment: {
    required: ['text'],
    make: (fields) =>
      newCommitment({
        text: '',
        owner: 'me',
        kind: commitmentKindOf(fields.text ?? '', {}),
        made_on: null,
        patient_id: '',
        ...fields,
      }),
  },
  contact: {
    required: ['on'],
    make: (fields, today) => {
      const on = fields.on ?? today;
      const state = on > today ? 'planned' : 'held';
      return newContact({ channel: 'visit', state, source: 'imported', patient_id: '', ...fields, on });
    },
  },
};

/** Lists in which the file's replaces the vault's; the items of other lists are joined. */
const replacedLists: readonly string[] = ['unconfirmed', 'declined'];

export function mergeFields<F extends object>(known: Partial<F> | undefined, given: Given<F>): Partial<F> {
  const merged: Record<string, unknown> = { ...known };
  for (const [key, value] of Object.entries(given)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (Array.isArray(before) && Array.isArray(value) && !replacedLists.includes(key))
      merged[key] = [...before, ...value.filter((item) => !before.some((one) => isSameItem(one, item)))];
    else merged[key] = value;
  }
  return merged as Partial<F>;
}

const isSame = (left: unknown, right: unknown): boolean =>
  Object.is(left, right) ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right));

export function patchOf<R extends { readonly id: string; readonly ref: string }>(
  known: R,
  whole: New<R>,
): Patch<R> | undefined {
  const after = whole as Readonly<Record<string, unknown>>;
  const changed = Object.keys(known).filter(
    (key) => key !== 'id' && key !== 'ref' && key in after && !isSame(known[key as keyof R], after[key]),
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((key) => [key, after[key]])) as Patch<R>;
}

interface Candidate<T extends Owned> {
  readonly path: string;
  readonly known: RecordOf<T> | undefined;
  readonly whole: New<RecordOf<T>>;
}

function candidatesOf<T extends Owned>(
  table: T,
  given: readonly GivenRecord<Fields<T>>[],
  { held, patientId, today, faults }: RecordContext,
): readonly Candidate<T>[] {
  const { required, make } = kinds[table];
  const heldById: HeldById[T] = held[table];
  return given.flatMap(({ path, fields }) => {
    const { id } = fields;
    const known = typeof id === 'string' ? heldById(id) : undefined;
    if (known !== undefined && known.patient_id !== patientId) {
      faults.add(`${path}.id`, `"${id}" belongs to another patient`);
      return [];
    }
    if (known === undefined && required.every((field) => fields[field] == null)) {
      faults.add(`${path}.${required[0]}`, 'missing');
      return [];
    }
    return [{ path, known, whole: make(mergeFields<Fields<T>>(known, fields), today) }];
  });
}

function planOf<T extends Owned>(candidates: readonly Candidate<T>[]): RecordPlan<RecordOf<T>> {
  const add: New<RecordOf<T>>[] = [];
  const change: { readonly id: string; readonly patch: Patch<RecordOf<T>> }[] = [];
  for (const { known, whole } of candidates) {
    if (known === undefined) add.push(whole);
    else {
      const patch = patchOf(known, whole);
      if (patch !== undefined) change.push({ id: known.id, patch });
    }
  }
  return { add, change, same: candidates.length - add.length - change.length };
}

function linked<T extends Owned>(
  candidates: readonly Candidate<T>[],
  field: 'person' | 'for_person',
  link: (whole: New<RecordOf<T>>) => string | null,
  isAround: (personId: string) => boolean,
  faults: ImportIssues,
): readonly Candidate<T>[] {
  return candidates.filter(({ path, whole }) => {
    const personId = link(whole);
    if (personId === null || isAround(personId)) return true;
    faults.add(`${path}.${field}`, `"${personId}" leads to nobody around this patient`);
    return false;
  });
}

/** Notes that others replace become superseded where nothing else was said of them. */
function planNotes(
  candidates: readonly Candidate<'note'>[],
  given: GivenPatient['notes'],
  { held, patientId, faults }: RecordContext,
): RecordPlan<Note> {
  const heldNote = (id: string): Note | undefined => {
    const note = patientId === undefined ? undefined : held.note(id);
    return note?.patient_id === patientId ? note : undefined;
  };
  const byWhole = new Map(candidates.map((candidate) => [candidate.whole, candidate]));
  const { ordered, failing } = inOrderOfReplacing([...byWhole.keys()], heldNote);
  for (const { path, whole } of candidates)
    if (failing.has(whole)) faults.add(`${path}.replaces`, `"${whole.replaces}" ${failing.get(whole)}`);
  const good = ordered.flatMap((whole) => byWhole.get(whole) ?? []);
  const replaced = new Set(
    good.flatMap(({ known, whole }) =>
      whole.replaces !== null && known?.replaces !== whole.replaces ? [whole.replaces] : [],
    ),
  );
  const spoken = new Set(given.flatMap(({ fields }) => (fields.status == null ? [] : [fields.id])));
  const settled = good.map((candidate): Candidate<'note'> => {
    const { whole } = candidate;
    const isReplaced = whole.id !== undefined && replaced.delete(whole.id);
    if (!isReplaced || spoken.has(whole.id) || whole.status !== 'current') return candidate;
    return { ...candidate, whole: { ...whole, status: 'superseded' } };
  });
  const alsoReplaced = [...replaced].flatMap((id): readonly Candidate<'note'>[] => {
    const known = heldNote(id);
    return known?.status === 'current'
      ? [{ path: '', known, whole: { ...known, status: 'superseded' } }]
      : [];
  });
  return planOf([...settled, ...alsoReplaced]);
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
  const people = candidatesOf('person', given.people, context).filter(({ path, whole }) => {
    const wrong = (field: 'died_on' | 'apart_since', status: string): boolean => {
      if (whole[field] !== null) faults.add(`${path}.${field}`, `given, but status is not "${status}"`);
      return whole[field] !== null;
    };
    if (whole.status !== 'died' && wrong('died_on', 'died')) return false;
    return whole.status !== 'living' || !wrong('apart_since', 'apart');
  });
  const named = new Set(people.flatMap(({ whole }) => whole.id ?? []));
  const isAround = (id: string): boolean =>
    named.has(id) || (patientId !== undefined && held.person(id)?.patient_id === patientId);
  const notes = candidatesOf('note', given.notes, context);
  const commitments = candidatesOf('commitment', given.commitments, context);
  return {
    people: planOf(people),
    notes: planNotes(
      linked(notes, 'person', (note) => note.person, isAround, faults),
      given.notes,
      context,
    ),
    commitments: planOf(linked(commitments, 'for_person', (promise) => promise.for_person, isAround, faults)),
    contacts: planOf(candidatesOf('contact', given.contacts, context)),
  };
}
