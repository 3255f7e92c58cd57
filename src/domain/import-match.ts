/**
 * Finds the patient of the vault, or of the file so far, for an entry of a file: by id or identifier, else by name and
 * birth date. Contradicting ones make a doubt for a person to settle, never a guess.
 */
import { type CivilDate, lazy, readCivilDate } from '../dates/civil.ts';
import { doubt, type EventMatch, nameIndex } from './event-names.ts';
import type { GivenDocument, GivenEvent, GivenPatient, Held } from './interchange.ts';
import { nameKey } from './patient-names.ts';
import type { Identifier, Patient } from './records.ts';
import { agree } from './same-person.ts';
import { foldedWords, groupBy, onlyOne } from './text.ts';

type Match = EventMatch | { readonly kind: 'new' };
type Matching = GivenDocument['matching'];
type Identity = Pick<Patient, 'name' | 'birth_date' | 'identifiers'>;

const known = (patient: Patient): Match => ({ kind: 'known', patient });
const identifierKey = ({ system, value }: Identifier): string => `${system}\n${value}`;

const isFullDate = (date: string | null): date is CivilDate => readCivilDate(date) !== undefined;

const areNumberedApart = (left: Identity, right: Identity): boolean =>
  left.identifiers.some(
    ({ system, value }) =>
      right.identifiers.some((other) => other.system === system) &&
      !right.identifiers.some((other) => other.system === system && other.value === value),
  );

/** As long as a UUID or ULID, so no other server can have given it. */
const isUnique = (id: string): boolean => id.length >= 22 && /\d/.test(id);

/** 'Peter Chalmers' is part of 'Peter James Chalmers'. */
function isPartOfName(left: string, right: string): boolean {
  const [one, other] = [foldedWords(left), foldedWords(right)];
  const [few, many] = one.length < other.length ? [one, other] : [other, one];
  return few.length > 1 && few.every((word) => many.includes(word));
}

const identityOf = ({ fields, pointer }: GivenPatient): Identity => ({
  name: fields.name ?? pointer?.called ?? '',
  birth_date: fields.birth_date ?? null,
  identifiers: fields.identifiers ?? [],
});

/** The patients of a vault, and who of them an entry of a file is. */
export function patientIndex(
  { patients, contactsOfEvent }: Pick<Held, 'patients' | 'contactsOfEvent'>,
  matching: Matching,
) {
  const byIds = new Map(patients.map((patient) => [patient.id, patient]));
  const byName = groupBy(patients, ({ name, aliases, former_names }) =>
    [name, ...aliases, ...former_names].map(nameKey),
  );
  // Lazy: long in a large vault, and not needed for a plain list of names.
  const byIdentifier = lazy(() => groupBy(patients, ({ identifiers }) => identifiers.map(identifierKey)));
  const byBirth = lazy(() =>
    groupBy(patients, ({ birth_date }) => (isFullDate(birth_date) ? [birth_date] : [])),
  );
  const names = lazy(() => nameIndex(patients));
  const isNamed = (patient: Patient, name: string): boolean => nameKey(patient.name) === nameKey(name);
  /** Called so, or once so. */
  const calledSo = (name: string): readonly Patient[] =>
    name === '' ? [] : (byName.get(nameKey(name)) ?? []);
  const byId = (id: string | null | undefined): Patient | undefined =>
    id == null ? undefined : byIds.get(id);

  /** Our own ids are sure; without one, only who says exactly the same is. */
  function asOurs(
    given: Identity,
    { id, handle }: GivenPatient['fields'],
    namesakes: readonly Patient[],
  ): Match | undefined {
    const holder = byId(id);
    if (holder !== undefined) return known(holder);
    if (id != null) return matching === 'id-only' ? { kind: 'new' } : undefined;
    const same = namesakes.filter(
      (patient) => patient.birth_date === given.birth_date && isNamed(patient, given.name),
    );
    const only = onlyOne(same.length > 1 ? same.filter((one) => one.handle === handle) : same);
    return only && known(only);
  }

  function byItself(given: Identity, id: string | null | undefined, called: readonly Patient[]): Match {
    const { name, birth_date } = given;
    const holder = byId(id);
    const isHolder =
      holder !== undefined &&
      agree(birth_date, holder.birth_date) &&
      !areNumberedApart(given, holder) &&
      (isNamed(holder, name) || (birth_date !== null && birth_date === holder.birth_date));
    if (isHolder) return known(holder);
    const namesakes = called.filter((patient) => agree(birth_date, patient.birth_date));
    const same = namesakes.filter(
      (patient) => birth_date !== null && patient.birth_date === birth_date && isNamed(patient, name),
    );
    const [first] = same;
    if (first !== undefined && same.length === 1)
      return areNumberedApart(given, first)
        ? doubt(same, 'the same name and birth date, but another identifier')
        : known(first);
    if (same.length > 1) return doubt(same, 'the same name and birth date');
    if (namesakes.length > 0) return doubt(namesakes, 'the same name, and not both birth dates in full');
    const born = isFullDate(birth_date) ? (byBirth().get(birth_date) ?? []) : [];
    const alike = born.filter((patient) => isPartOfName(patient.name, name));
    return alike.length > 0 ? doubt(alike, 'the same birth date and part of the name') : { kind: 'new' };
  }

  /** For a reference: an id counts if it is unique or comes with the right name. */
  function pointed(name: string, id: string | null | undefined, called: readonly Patient[]): Match {
    const holder = byId(id);
    if (holder === undefined)
      return called.length > 0 ? doubt(called, 'the same name, and nothing else to know') : { kind: 'none' };
    return (name !== '' && isNamed(holder, name)) || isUnique(holder.id)
      ? known(holder)
      : doubt([holder], name === '' ? 'the same id, and no name' : 'the same id, but another name');
  }

  function ofEvent({ uid, said }: GivenEvent): Match {
    const match = names()(said);
    const holders = new Set(uid === null ? [] : contactsOfEvent(uid).map(({ patient_id }) => patient_id));
    const holder = onlyOne([...holders].flatMap((id) => byId(id) ?? []));
    if (holder === undefined) return match;
    const isOther = match.kind === 'known' && match.patient !== holder;
    return isOther ? doubt([holder, match.patient], 'it named another patient before') : known(holder);
  }

  return {
    byId,
    namesake: (name: string): Patient | undefined => calledSo(name).find((patient) => isNamed(patient, name)),
    match(entry: GivenPatient): Match {
      const { fields, pointer } = entry;
      if (pointer?.event !== undefined) return ofEvent(pointer.event);
      const given = identityOf(entry);
      const called = calledSo(given.name);
      const sure = matching === 'identifier' ? undefined : asOurs(given, fields, called);
      if (sure !== undefined) return sure;
      const numbered = new Set(
        given.identifiers.flatMap((one) => byIdentifier().get(identifierKey(one)) ?? []),
      );
      if (numbered.size > 1) return doubt(numbered, 'its identifiers belong to several patients');
      const [holder] = numbered;
      if (pointer !== undefined)
        return holder === undefined ? pointed(given.name, fields.id, called) : known(holder);
      if (holder === undefined) return byItself(given, fields.id, called);
      return agree(given.birth_date, holder.birth_date) || isNamed(holder, given.name)
        ? known(holder)
        : doubt([holder], 'the same identifier, but another name and birth date');
    },
  };
}

/** The entries of a file so far, by what a later one may repeat. */
export function fileIndex<D extends { readonly whole: Identity & { readonly id?: string } }>(
  matching: Matching,
) {
  const entries = new Map<string, D>();
  const keysOf = ({ name, birth_date, identifiers }: Identity, id: string | null | undefined) => {
    const keys = identifiers.map((identifier) => `identifier ${identifierKey(identifier)}`);
    if (id != null && matching === 'name-and-birth') keys.unshift(`id ${id}`);
    if (birth_date !== null || matching === 'name-and-birth')
      keys.push(`birth ${nameKey(name)}\n${birth_date ?? ''}`);
    return keys;
  };
  return {
    keep(entry: D): void {
      if (matching === 'id-only') return;
      for (const key of keysOf(entry.whole, entry.whole.id)) entries.set(key, entry);
    },
    find(given: GivenPatient): D | undefined {
      if (given.pointer !== undefined || matching === 'id-only') return undefined;
      const identity = identityOf(given);
      const { id } = given.fields;
      const keys = keysOf(identity, id);
      // Of a list that has ids, those alone are the same.
      if (id != null && matching === 'name-and-birth') keys.splice(1);
      return keys
        .flatMap((key) => entries.get(key) ?? [])
        .find(({ whole }) => !areNumberedApart(identity, whole));
    },
  };
}
