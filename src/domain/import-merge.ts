/** What becomes of a known patient or record by what a file says of it, and of a new one; the links between them. */
import type { CivilDate } from '../dates/civil.ts';
import type { Circle } from './circle.ts';
import { differing, isSameItem } from './fields.ts';
import type { ImportIssues } from './import-issues.ts';
import { type Candidate, withLosses } from './import-losses.ts';
import type { Given, GivenDocument, Held, Owned, PatientPlan, RecordPlan } from './interchange.ts';
import { commitmentKindOf } from './line-kinds.ts';
import type { MatchedRecord, matchRecords } from './record-match.ts';
import {
  askableFields,
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

/** Lists in which the file's replaces the vault's; the items of other lists are joined. */
const replacedLists: readonly string[] = ['unconfirmed', 'declined'];

function mergeFields<T extends RecordName>(
  before: Partial<Fields<T>> | undefined,
  given: Given<T>,
): Partial<Fields<T>> {
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(given)) {
    const known = merged[key];
    if (value === null) delete merged[key];
    else if (Array.isArray(known) && Array.isArray(value) && !replacedLists.includes(key))
      merged[key] = [...known, ...value.filter((item) => !known.some((one) => isSameItem(one, item)))];
    else merged[key] = value;
  }
  return merged as Partial<Fields<T>>;
}

export function patchOf<R extends { readonly id: string; readonly ref: string }>(
  known: R,
  { id: _, ...whole }: New<R>,
): Patch<R> | undefined {
  const patch = differing(whole, known);
  return Object.keys(patch).length === 0 ? undefined : (patch as Patch<R>);
}

/** Of a patient who is known, lists and other programs say what is not yet known. `kept` fields differ, and stay. */
function politely(
  given: Given<'patient'>,
  before: Partial<Fields<'patient'>>,
  isForeign: boolean,
): { readonly fields: Given<'patient'>; readonly kept: number } {
  const open = before.unconfirmed ?? [];
  const settled = askableFields.filter(
    (field) => before.declined?.includes(field) || (before[field] != null && !open.includes(field)),
  );
  // Name and status stay as first imported; of a status only a death is news.
  const fixed: readonly string[] = [
    ...settled,
    'id',
    ...(isForeign ? ['name'] : []),
    ...(isForeign && (before.status === 'died' || given.status !== 'died') ? ['status'] : []),
    ...(isForeign && before.died_on != null ? ['died_on'] : []),
  ];
  const news = (given.unconfirmed ?? []).filter((field) => !settled.includes(field) && !open.includes(field));
  return {
    fields: {
      ...Object.fromEntries(Object.entries(given).filter(([key]) => !fixed.includes(key))),
      unconfirmed: [...open, ...news],
    },
    kept: settled.filter((field) => given[field] != null && given[field] !== before[field]).length,
  };
}

export function mergePatient(
  given: Given<'patient'>,
  before: Partial<Fields<'patient'>> | undefined,
  matching: GivenDocument['matching'],
): { readonly merged: Partial<Fields<'patient'>>; readonly kept: number } {
  const { fields, kept } =
    matching === 'id-only' || before === undefined
      ? { fields: given, kept: 0 }
      : politely(given, before, matching === 'identifier');
  const merged = mergeFields<'patient'>(before, fields);
  const isDead = fields.status == null && fields.died_on != null;
  if (!isDead && !before?.hold) return { merged, kept };
  return {
    merged: { ...merged, ...(isDead && { status: 'died' }), ...(before?.hold && { hold: true }) },
    kept,
  };
}

interface RecordContext {
  readonly held: Held;
  /** Undefined where the patient has no id yet, and so nothing in the vault. */
  readonly patientId: string | undefined;
  readonly patient: Circle['patient'];
  readonly today: CivilDate;
  readonly issues: ImportIssues;
}

type Make<T extends Owned> = (fields: Partial<Fields<T>>, today: CivilDate) => New<RecordOf<T>>;

/** The fields of which a new record has one, and how it is made whole; the fields of a known one include its patient. */
const kinds: {
  readonly [T in Owned]: { readonly required: readonly (keyof Fields<T> & string)[]; readonly make: Make<T> };
} = {
  person: { required: ['name', 'relation'], make: (fields) => newPerson({ patient_id: '', ...fields }) },
  note: {
    required: ['text'],
    make: (fields) =>
      newNote({ kind: 'story', text: '', recorded_on: null, source: 'imported', patient_id: '', ...fields }),
  },
  commitment: {
    required: ['text'],
    make: (fields) => {
      const kind = commitmentKindOf(fields.text ?? '', {});
      return newCommitment({ text: '', owner: 'me', kind, made_on: null, patient_id: '', ...fields });
    },
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

/** @param refuse says what is wrong with a record as it would be: ['died_on', 'given, but …'] */
function candidatesOf<T extends Owned>(
  table: T,
  matched: readonly MatchedRecord<T>[],
  { patientId, today, issues }: RecordContext,
  refuse: (whole: New<RecordOf<T>>) => readonly [field: string, what: string] | undefined,
): readonly Candidate<T>[] {
  const { required, make } = kinds[table];
  return matched.flatMap(({ path, fields, known }): readonly Candidate<T>[] => {
    const whole = make(mergeFields<T>(known, fields), today);
    const fault =
      known !== undefined && known.patient_id !== patientId
        ? (['id', `"${fields.id}" belongs to another patient`] as const)
        : known === undefined && required.every((field) => fields[field] == null)
          ? ([required[0] ?? '', 'missing'] as const)
          : refuse(whole);
    if (fault === undefined) return [{ path, known, whole }];
    issues.add(`${path}.${fault[0]}`, fault[1]);
    return [];
  });
}

export const nothing: RecordPlan<never> = { add: [], change: [], same: 0 };

function planOf<T extends Owned>(candidates: readonly Candidate<T>[]): RecordPlan<RecordOf<T>> {
  const change = candidates.flatMap(({ known, whole }) => {
    const patch: Patch<RecordOf<T>> | undefined = known && patchOf<RecordOf<T>>(known, whole);
    return known === undefined || patch === undefined ? [] : [{ id: known.id, patch }];
  });
  const add = candidates.flatMap(({ known, whole }) => (known === undefined ? [whole] : []));
  return { add, change, same: candidates.length - add.length - change.length };
}

/** Why notes can't be kept: what they replace is not there, is left out, or leads in a circle. */
function brokenLinks(
  notes: readonly New<Note>[],
  heldNote: (id: string) => Note | undefined,
): ReadonlyMap<New<Note>, string> {
  const byId = new Map(notes.flatMap((note) => (note.id === undefined ? [] : [[note.id, note] as const])));
  const broken = new Map<New<Note>, string>();
  const walked = new Set<New<Note> | string>();
  for (const start of notes) {
    const chain: New<Note>[] = [];
    let next: New<Note> | undefined = start;
    while (next !== undefined && !walked.has(next)) {
      walked.add(next);
      chain.push(next);
      let link: string | null = next.replaces;
      // Through notes of the vault, each of which is walked once.
      for (; link !== null && !byId.has(link) && !walked.has(link); link = heldNote(link)?.replaces ?? null)
        walked.add(link);
      next = link === null ? undefined : byId.get(link);
    }
    const circle = next === undefined ? -1 : chain.indexOf(next);
    for (const [place, note] of [...chain.entries()].reverse()) {
      const { replaces } = note;
      const target = replaces === null ? undefined : byId.get(replaces);
      const isThere = replaces === null || heldNote(replaces) !== undefined;
      if (circle >= 0 && place >= circle) broken.set(note, 'leads in a circle');
      else if (!isThere && target === undefined) broken.set(note, 'leads to no note of this patient');
      else if (!isThere && target !== undefined && broken.has(target))
        broken.set(note, 'leads to a note that is left out');
    }
  }
  return broken;
}

/** Notes that others replace become superseded where nothing else was said of them. */
function planNotes(
  candidates: readonly Candidate<'note'>[],
  given: readonly MatchedRecord<'note'>[],
  { held, patientId, issues }: RecordContext,
): RecordPlan<Note> {
  const heldNote = (id: string): Note | undefined => {
    const note = patientId === undefined ? undefined : held.records.note.byId(id);
    return note?.patient_id === patientId ? note : undefined;
  };
  const broken = brokenLinks(
    candidates.map(({ whole }) => whole),
    heldNote,
  );
  for (const { path, whole } of candidates)
    if (broken.has(whole)) issues.add(`${path}.replaces`, `"${whole.replaces}" ${broken.get(whole)}`);
  const good = candidates.filter(({ whole }) => !broken.has(whole));
  const replaced = new Set(
    good.flatMap(({ known, whole: { replaces } }) =>
      replaces !== null && known?.replaces !== replaces ? [replaces] : [],
    ),
  );
  const spoken = new Set(given.flatMap(({ fields }) => (fields.status == null ? [] : [fields.id])));
  const superseded = (note: New<Note>): New<Note> => ({ ...note, status: 'superseded' });
  const settled = good.map((candidate): Candidate<'note'> => {
    const { whole } = candidate;
    const isReplaced = whole.id !== undefined && replaced.delete(whole.id);
    const isOpen = isReplaced && !spoken.has(whole.id) && whole.status === 'current';
    return isOpen ? { ...candidate, whole: superseded(whole) } : candidate;
  });
  const others = [...replaced].flatMap((id): readonly Candidate<'note'>[] => {
    const known = heldNote(id);
    return known?.status === 'current' ? [{ path: '', known, whole: superseded(known) }] : [];
  });
  return planOf([...settled, ...others]);
}

/** What is added and changed of one patient's records, with the links between them. */
export function mergeRecords(
  matched: ReturnType<typeof matchRecords>,
  context: RecordContext,
): Pick<PatientPlan, 'people' | 'notes' | 'commitments' | 'contacts'> {
  const { held, patientId } = context;
  const around = candidatesOf('person', matched.person, context, ({ died_on, apart_since, status }) => {
    if (died_on !== null && status !== 'died') return ['died_on', 'given, but status is not "died"'];
    const isLiving = apart_since !== null && status === 'living';
    return isLiving ? ['apart_since', 'given, but status is not "apart"'] : undefined;
  });
  const named = new Set(around.flatMap(({ whole }) => whole.id ?? []));
  const isAround = (id: string): boolean =>
    named.has(id) || (patientId !== undefined && held.records.person.byId(id)?.patient_id === patientId);
  const linkFault = (field: 'person' | 'for_person', id: string | null) =>
    id === null || isAround(id)
      ? undefined
      : ([field, `"${id}" leads to nobody around this patient`] as const);
  const notes = candidatesOf('note', matched.note, context, ({ person }) => linkFault('person', person));
  const commitments = candidatesOf('commitment', matched.commitment, context, ({ for_person }) =>
    linkFault('for_person', for_person),
  );
  return {
    people: planOf<'person'>(
      withLosses(
        around,
        matched,
        context.patient,
        patientId === undefined ? [] : held.records.person.of(patientId),
      ),
    ),
    notes: planNotes(notes, matched.note, context),
    commitments: planOf(commitments),
    contacts: planOf(candidatesOf('contact', matched.contact, context, () => undefined)),
  };
}
