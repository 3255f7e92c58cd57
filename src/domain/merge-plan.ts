/**
 * Joins two entries of one patient: each field from the entry that knows it better, else from the kept one. Nothing
 * is lost: names become aliases, other differences a note that asks.
 */
import { type CivilDate, type PartialDate, readPartialDate, spanOf } from '../dates/civil.ts';
import { differing, isSameItem } from './fields.ts';
import type { WholePatient } from './interchange.ts';
import { stateOf } from './patient-changes.ts';
import { formerWords } from './privacy.ts';
import {
  type AskableField,
  askableFields,
  isVisit,
  newNote,
  type Patch,
  type Patient,
  type Person,
} from './records.ts';
import { foldedWords, present } from './text.ts';

interface Difference {
  readonly what: string;
  readonly kept: string | null;
  readonly other: string;
}

const strength = { known: 3, unconfirmed: 2, declined: 1, 'not asked': 0 } as const;

function moreExact(left: PartialDate, right: PartialDate): PartialDate | undefined {
  if (left.startsWith(right)) return left;
  return right.startsWith(left) ? right : undefined;
}

function betterOf(field: AskableField, from: Patient, into: Patient): Patient {
  // `say` belongs to its `goes_by`.
  const names = present(from.goes_by, into.goes_by);
  if (field === 'say' && names.length === 2 && names[0] !== names[1]) return betterOf('goes_by', from, into);
  if (field === 'birth_date' && from.birth_date !== null && into.birth_date !== null) {
    const exact = moreExact(into.birth_date, from.birth_date);
    if (exact !== undefined && exact !== into.birth_date) return from;
  }
  return strength[stateOf(from, field)] > strength[stateOf(into, field)] ? from : into;
}

const askableWords: Readonly<Record<AskableField, string>> = {
  goes_by: 'goes by',
  say: 'said',
  pronouns: 'pronouns',
  language: 'language',
  birth_date: 'born',
};

function askablesOf(from: Patient, into: Patient) {
  const chosen = askableFields.map((field) => ({ field, source: betterOf(field, from, into) }));
  const differences = chosen.flatMap(({ field, source }): readonly Difference[] => {
    const kept = source[field];
    const other = (source === from ? into : from)[field];
    // A lost name becomes an alias; a less exact date is no difference.
    if (field === 'goes_by' || other === null || other === kept) return [];
    if (field === 'birth_date' && kept?.startsWith(other)) return [];
    return [{ what: askableWords[field], kept, other }];
  });
  const marked = (list: 'unconfirmed' | 'declined'): readonly AskableField[] =>
    chosen.flatMap(({ field, source }) => (source[list].includes(field) ? [field] : []));
  const values = Object.fromEntries(chosen.map(({ field, source }) => [field, source[field]]));
  return {
    fields: {
      ...(values as Pick<Patient, AskableField>),
      unconfirmed: marked('unconfirmed'),
      declined: marked('declined'),
    },
    differences,
  };
}

function lifeOf(from: Patient, into: Patient) {
  const isDead = from.status === 'died' || into.status === 'died';
  const isActive = from.status === 'active' || into.status === 'active';
  const status: Patient['status'] = isDead ? 'died' : isActive ? 'active' : 'archived';
  const [own, theirs] = [into.died_on, from.died_on];
  if (own === null || theirs === null) return { fields: { status, died_on: own ?? theirs }, differences: [] };
  const exact = moreExact(own, theirs);
  return {
    fields: { status, died_on: exact ?? own },
    differences: exact === undefined ? [{ what: 'died', kept: own, other: theirs }] : [],
  };
}

const startOf = (date: PartialDate): string => spanOf(date)?.first ?? date;

function firstMet(from: Patient, into: Patient): PartialDate | null {
  const [own, theirs] = [into.first_met, from.first_met];
  if (own === null || theirs === null) return own ?? theirs;
  return moreExact(own, theirs) ?? (startOf(theirs) < startOf(own) ? theirs : own);
}

/** Other names become aliases, or former ones where they are such; the old handle too where its words would lead nowhere else. */
function namesOf(from: Patient, into: Patient, goesBy: string | null) {
  const former = [...into.former_names, ...from.former_names];
  const gone = formerWords({ ...into, goes_by: goesBy, former_names: former });
  const isFormer = (name: string): boolean => foldedWords(name).some((word) => gone.has(word));
  const names = [into.goes_by, from.name, from.goes_by, ...from.aliases].filter(
    (name) => name !== null && name !== into.name && name !== goesBy,
  ) as readonly string[];
  const aliases = [...into.aliases, ...names.filter((name) => !isFormer(name))];
  const known = [into.name, into.handle, goesBy ?? '', ...aliases].flatMap(foldedWords);
  const leads = foldedWords(from.handle).every((word) => known.some((own) => own.startsWith(word)));
  const handles = leads ? [] : [from.handle];
  return {
    aliases: [...new Set([...aliases, ...handles.filter((handle) => !isFormer(handle))])],
    former_names: [...new Set([...former, ...names.filter(isFormer), ...handles.filter(isFormer)])],
  };
}

function joinPatients(
  from: Patient,
  into: Patient,
  wasSeen: boolean,
): { readonly patch: Patch<Patient>; readonly differences: readonly Difference[] } {
  const askables = askablesOf(from, into);
  const life = lifeOf(from, into);
  const cadences = [from.cadence_days, into.cadence_days].filter((days) => days !== null);
  const after: Omit<Patient, 'id' | 'ref' | 'name' | 'handle'> = {
    ...askables.fields,
    ...life.fields,
    ...namesOf(from, into, askables.fields.goes_by),
    first_met: firstMet(from, into),
    new: (from.new || into.new) && !wasSeen && [from, into].every((one) => one.new || one.first_met === null),
    cadence_days: cadences.length === 0 ? null : Math.min(...cadences),
    identifiers: [
      ...into.identifiers,
      ...from.identifiers.filter(
        ({ system, value }) => !into.identifiers.some((own) => own.system === system && own.value === value),
      ),
    ],
    hold: from.hold || into.hold,
    quiet: from.quiet || into.quiet,
  };
  return {
    patch: differing<Patch<Patient>>(after, into),
    differences: [...askables.differences, ...life.differences],
  };
}

export type MergePlan = ReturnType<typeof planMerge>;

const isDate = (value: unknown): value is PartialDate =>
  typeof value === 'string' && readPartialDate(value) !== undefined;

function agreed(theirs: unknown, own: unknown): unknown {
  if (theirs === null || own === null) return own ?? theirs;
  if (isDate(own) && isDate(theirs)) return moreExact(own, theirs);
  return isSameItem(own, theirs) ? own : undefined;
}

function samePerson(from: Person, into: Person): Patch<Person> | undefined {
  const status = (['died', 'apart', 'living'] as const).find((one) =>
    [from, into].some((person) => person.status === one),
  );
  const { id: _, ref: __, patient_id: ___, ...theirs } = from;
  const joined = Object.entries(theirs).map(
    ([field, value]) =>
      [field, field === 'status' ? status : agreed(value, into[field as keyof Person])] as const,
  );
  if (joined.some(([, value]) => value === undefined)) return undefined;
  return differing(Object.fromEntries(joined), into);
}

function samePeople(from: readonly Person[], into: readonly Person[]) {
  const taken = new Set<string>();
  return from.flatMap((person) => {
    for (const own of into) {
      const patch = taken.has(own.id) ? undefined : samePerson(person, own);
      if (patch === undefined) continue;
      taken.add(own.id);
      return [{ from: person.id, into: own.id, patch }];
    }
    return [];
  });
}

export const differenceText = ({ what, kept, other }: Difference): string =>
  kept === null ? `${what} ${other}` : `${what} ${kept} or ${other}`;

export function planMerge(from: WholePatient, into: WholePatient, on: CivilDate) {
  const wasSeen = [...from.contacts, ...into.contacts].some(
    (contact) => contact.state === 'held' && isVisit(contact),
  );
  const { patch, differences } = joinPatients(from.patient, into.patient, wasSeen);
  const same = samePeople(from.people, into.people);
  const nowOf = new Map(same.map((pair) => [pair.from, pair.into]));
  const personNow = (id: string | null): string | null => (id === null ? null : (nowOf.get(id) ?? id));
  const question = newNote({
    patient_id: into.patient.id,
    kind: [from, into].some(({ patient }) => patient.status === 'died') ? 'story' : 'next',
    text: `Two entries were joined. Which is right: ${differences.map(differenceText).join('; ')}?`,
    recorded_on: on,
  });
  return {
    from: from.patient,
    into: into.patient,
    patch,
    same,
    people: from.people.flatMap(({ id }) => (nowOf.has(id) ? [] : [id])),
    notes: from.notes.map(({ id, person }) => ({ id, person: personNow(person) })),
    commitments: from.commitments.map(({ id, for_person }) => ({ id, for_person: personNow(for_person) })),
    contacts: from.contacts.map(({ id }) => id),
    differences,
    note: differences.length > 0 ? question : undefined,
  };
}

export function bornApart(from: Patient, into: Patient): boolean {
  const [one, other] = [from.birth_date, into.birth_date];
  return one !== null && other !== null && one.slice(0, 4) !== other.slice(0, 4);
}
