/**
 * One patient out of two entries: for each field the entry that knows it better, else the one that is kept. What gives
 * way is an alias where it is a name, and a difference to ask about where it is anything else.
 */
import { type CivilDate, type PartialDate, readPartialDate, spanOf } from '../dates/civil.ts';
import { isSameItem } from './fields.ts';
import type { WholePatient } from './interchange.ts';
import { stateOf } from './patient-changes.ts';
import {
  type AskableField,
  askableFields,
  isVisit,
  type New,
  type Note,
  newNote,
  type Patch,
  type Patient,
  type Person,
} from './records.ts';
import { foldedWords } from './text.ts';

/** What the two entries say differently: 'pronouns', 'she/her', 'they/them'. */
export interface Difference {
  readonly what: string;
  /** Null where the kept entry says nothing, and the other's has no place in it. */
  readonly kept: string | null;
  readonly other: string;
}

const strength = { known: 3, unconfirmed: 2, declined: 1, 'not asked': 0 } as const;

/** The more exact of two dates that can be the same one; undefined where they can't. */
export function moreExact(left: PartialDate, right: PartialDate): PartialDate | undefined {
  if (left.startsWith(right)) return left;
  return right.startsWith(left) ? right : undefined;
}

const areApart = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one !== other;

/** Which entry a field is taken from. */
function betterOf(field: AskableField, from: Patient, into: Patient): Patient {
  // How a name is said belongs to that name.
  if (field === 'say' && areApart(from.goes_by, into.goes_by)) return betterOf('goes_by', from, into);
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
    // A name that gives way becomes an alias, a date that is less exact says the same.
    if (field === 'goes_by' || other === null || other === kept) return [];
    if (field === 'birth_date' && kept?.startsWith(other)) return [];
    return [{ what: askableWords[field], kept, other }];
  });
  const marked = (list: 'unconfirmed' | 'declined'): readonly AskableField[] => {
    const fields = chosen.flatMap(({ field, source }) => (source[list].includes(field) ? [field] : []));
    return [
      ...into[list].filter((field) => fields.includes(field)),
      ...fields.filter((field) => !into[list].includes(field)),
    ];
  };
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

/** The earlier one: that is when they first met. */
function firstMet(from: Patient, into: Patient): PartialDate | null {
  const [own, theirs] = [into.first_met, from.first_met];
  if (own === null || theirs === null) return own ?? theirs;
  return moreExact(own, theirs) ?? (startOf(theirs) < startOf(own) ? theirs : own);
}

/** All the names that lead to the patient; the handle that goes too, where its words would not. */
function aliasesOf(from: Patient, into: Patient, goesBy: string | null): readonly string[] {
  const names = [into.goes_by, from.name, from.goes_by, ...from.aliases].filter(
    (name) => name !== null && name !== into.name && name !== goesBy,
  ) as readonly string[];
  const aliases = [...into.aliases, ...names];
  const known = [into.name, into.handle, goesBy ?? '', ...aliases].flatMap(foldedWords);
  const leads = foldedWords(from.handle).every((word) => known.some((own) => own.startsWith(word)));
  return [...new Set(leads ? aliases : [...aliases, from.handle])];
}

const isKnown = (patient: Patient): boolean => !patient.new && patient.first_met !== null;

/** @param wasSeen whether a visit was held: then nobody is new, whatever an entry says */
export function joinPatients(
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
    aliases: aliasesOf(from, into, askables.fields.goes_by),
    first_met: firstMet(from, into),
    new: (from.new || into.new) && !wasSeen && ![from, into].some(isKnown),
    cadence_days: cadences.length === 0 ? null : Math.min(...cadences),
    identifiers: [
      ...into.identifiers,
      ...from.identifiers.filter(
        ({ system, value }) => !into.identifiers.some((own) => own.system === system && own.value === value),
      ),
    ],
    hold: from.hold || into.hold,
  };
  const changes = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(into[field as keyof typeof after]),
  );
  return {
    patch: Object.fromEntries(changes) as Patch<Patient>,
    differences: [...askables.differences, ...life.differences],
  };
}

export interface MergePlan {
  readonly from: Patient;
  readonly into: Patient;
  /** What changes in the entry that is kept. */
  readonly patch: Patch<Patient>;
  /** People who are in both: the one that is kept, and what it gains. */
  readonly same: readonly { readonly from: string; readonly into: string; readonly patch: Patch<Person> }[];
  /** Ids of the people who change hands. */
  readonly people: readonly string[];
  readonly notes: readonly { readonly id: string; readonly person: string | null }[];
  readonly commitments: readonly { readonly id: string; readonly for_person: string | null }[];
  readonly contacts: readonly string[];
  readonly differences: readonly Difference[];
  /** Asks next time which of two is right. */
  readonly note: New<Note> | undefined;
}

const isDate = (value: unknown): value is PartialDate =>
  typeof value === 'string' && readPartialDate(value) !== undefined;

/** What both can mean: one of them knows it, or knows a date more exactly; undefined where they disagree. */
function agreed(theirs: unknown, own: unknown): unknown {
  if (theirs === null || own === null) return own ?? theirs;
  if (isDate(own) && isDate(theirs)) return moreExact(own, theirs);
  return isSameItem(own, theirs) ? own : undefined;
}

/** What the kept person gains where both are the same one; undefined where anything speaks against that. */
function samePerson(from: Person, into: Person): Patch<Person> | undefined {
  // Who died in one entry is not alive in the other.
  const status = from.status === 'died' || into.status === 'died' ? 'died' : 'living';
  const { id: _, ref: __, patient_id: ___, ...theirs } = from;
  const joined = Object.entries(theirs).map(
    ([field, value]) =>
      [field, field === 'status' ? status : agreed(value, into[field as keyof Person])] as const,
  );
  if (joined.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(joined.filter(([field, value]) => into[field as keyof Person] !== value));
}

function samePeople(from: readonly Person[], into: readonly Person[]): MergePlan['same'] {
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

/** 'pronouns she/her or they/them'. */
export const differenceText = ({ what, kept, other }: Difference): string =>
  kept === null ? `${what} ${other}` : `${what} ${kept} or ${other}`;

function questionOf(
  differences: readonly Difference[],
  into: Patient,
  isDead: boolean,
  on: CivilDate,
): New<Note> | undefined {
  if (differences.length === 0) return undefined;
  return newNote({
    patient_id: into.id,
    // The dead are asked nothing.
    kind: isDead ? 'story' : 'next',
    text: `Two entries were joined. Which is right: ${differences.map(differenceText).join('; ')}?`,
    recorded_on: on,
  });
}

/** @param on the day of the merge, which the note about differences is dated by */
export function planMerge(from: WholePatient, into: WholePatient, on: CivilDate): MergePlan {
  const wasSeen = [...from.contacts, ...into.contacts].some(
    (contact) => contact.state === 'held' && isVisit(contact),
  );
  const { patch, differences } = joinPatients(from.patient, into.patient, wasSeen);
  const same = samePeople(from.people, into.people);
  const nowOf = new Map(same.map((pair) => [pair.from, pair.into]));
  const personNow = (id: string | null): string | null => (id === null ? null : (nowOf.get(id) ?? id));
  const isDead = [from, into].some(({ patient }) => patient.status === 'died');
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
    note: questionOf(differences, into.patient, isDead, on),
  };
}

/** Both birth years are known, and they are not the same: hardly one person. */
export function bornApart(from: Patient, into: Patient): boolean {
  const [one, other] = [from.birth_date, into.birth_date];
  return one !== null && other !== null && one.slice(0, 4) !== other.slice(0, 4);
}
