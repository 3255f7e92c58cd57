/**
 * Finds the vault's patient for a patient of a file: by identifier, else by name and birth date. Contradicting ones
 * make a doubt for a person to settle, never a guess.
 */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { lazy } from '../dates/words.ts';
import { doubt, type EventMatch, nameIndex } from './event-names.ts';
import type { GivenEvent, GivenPatient } from './interchange.ts';
import { nameKey } from './patient-names.ts';
import type { Identifier, Patient } from './records.ts';
import { foldedWords, groupBy } from './text.ts';

type Match = EventMatch | { readonly kind: 'new' };

type Identity = Pick<Patient, 'name' | 'birth_date' | 'identifiers'>;

const known = (patient: Patient): Match => ({ kind: 'known', patient });

export const birthKey = (name: string, birthDate: string | null | undefined): string =>
  `${nameKey(name)}\n${birthDate ?? ''}`;
export const identifierKey = ({ system, value }: Identifier): string => `${system}\n${value}`;

const isFullDate = (date: string | null): date is CivilDate =>
  date !== null && readCivilDate(date) !== undefined;

const agree = (left: string | null, right: string | null): boolean =>
  left === null || right === null || left.startsWith(right) || right.startsWith(left);

export const areNumberedApart = (left: Identity, right: Identity): boolean =>
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

export function patientIndex(patients: readonly Patient[]) {
  const byIds = new Map(patients.map((patient) => [patient.id, patient]));
  const byName = groupBy(patients, ({ name, aliases }) => [name, ...aliases].map(nameKey));
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

  const byItself = (given: Identity, id: string | null | undefined): Match => {
    const { name, birth_date } = given;
    const holder = byId(id);
    const isHolder =
      holder !== undefined &&
      agree(birth_date, holder.birth_date) &&
      !areNumberedApart(given, holder) &&
      (isNamed(holder, name) || (birth_date !== null && birth_date === holder.birth_date));
    if (isHolder) return known(holder);
    const namesakes = calledSo(name).filter((patient) => agree(birth_date, patient.birth_date));
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
  };

  /** For a reference: an id counts if it is unique or comes with the right name. */
  const pointed = (name: string, id: string | null | undefined): Match => {
    const holder = byId(id);
    if (holder === undefined) {
      const namesakes = calledSo(name);
      return namesakes.length > 0
        ? doubt(namesakes, 'the same name, and nothing else to know')
        : { kind: 'none' };
    }
    return (name !== '' && isNamed(holder, name)) || isUnique(holder.id)
      ? known(holder)
      : doubt([holder], name === '' ? 'the same id, and no name' : 'the same id, but another name');
  };

  return {
    byId,
    namesake: (name: string): Patient | undefined => calledSo(name).find((patient) => isNamed(patient, name)),
    byNameAndBirth: (name: string, birthDate: string | null | undefined): readonly Patient[] =>
      calledSo(name).filter(
        (patient) => isNamed(patient, name) && (patient.birth_date ?? '') === (birthDate ?? ''),
      ),
    match({ fields, pointer }: GivenPatient): Match {
      const name = fields.name ?? pointer?.called ?? '';
      const { birth_date = null, identifiers = [] } = fields;
      const given: Identity = { name, birth_date, identifiers: identifiers ?? [] };
      const numbered = new Set(
        given.identifiers.flatMap((one) => byIdentifier().get(identifierKey(one)) ?? []),
      );
      if (numbered.size > 1) return doubt(numbered, 'its identifiers belong to several patients');
      const [holder] = numbered;
      if (pointer !== undefined) return holder === undefined ? pointed(name, fields.id) : known(holder);
      if (holder === undefined) return byItself(given, fields.id);
      return agree(birth_date, holder.birth_date) || isNamed(holder, name)
        ? known(holder)
        : doubt([holder], 'the same identifier, but another name and birth date');
    },
    matchEvent({ said }: GivenEvent, holders: ReadonlySet<string>): Match {
      const match = names()(said);
      const [holder, another] = [...holders].flatMap((id) => byId(id) ?? []);
      if (holder === undefined || another !== undefined) return match;
      const isOther = match.kind === 'known' && match.patient !== holder;
      return isOther ? doubt([holder, match.patient], 'it named another patient before') : known(holder);
    },
  };
}
