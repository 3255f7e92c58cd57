/**
 * Finds the vault's patient for a patient of a file: by identifier, else by name and birth date. Contradicting ones
 * make a doubt for a person to settle, never a guess.
 */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { doubt, type EventMatch, NameIndex } from './event-names.ts';
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

export class PatientIndex {
  readonly #patients: readonly Patient[];
  readonly #byId: ReadonlyMap<string, Patient>;
  readonly #byName: ReadonlyMap<string, readonly Patient[]>;
  #byIdentifier: ReadonlyMap<string, readonly Patient[]> | undefined;
  #byBirth: ReadonlyMap<string, readonly Patient[]> | undefined;
  #names: NameIndex | undefined;

  constructor(patients: readonly Patient[]) {
    this.#patients = patients;
    this.#byId = new Map(patients.map((patient) => [patient.id, patient]));
    this.#byName = groupBy(patients, ({ name, aliases }) => [name, ...aliases].map(nameKey));
  }

  // Lazy: long in a large vault, and not needed for a plain list of names.
  get #identified(): ReadonlyMap<string, readonly Patient[]> {
    this.#byIdentifier ??= groupBy(this.#patients, ({ identifiers }) => identifiers.map(identifierKey));
    return this.#byIdentifier;
  }

  get #born(): ReadonlyMap<string, readonly Patient[]> {
    this.#byBirth ??= groupBy(this.#patients, ({ birth_date }) =>
      isFullDate(birth_date) ? [birth_date] : [],
    );
    return this.#byBirth;
  }

  byId(id: string): Patient | undefined {
    return this.#byId.get(id);
  }

  namesake(name: string): Patient | undefined {
    return this.#byName.get(nameKey(name))?.find((patient) => nameKey(patient.name) === nameKey(name));
  }

  byNameAndBirth(name: string, birthDate: string | null | undefined): readonly Patient[] {
    const namesakes = this.#byName.get(nameKey(name)) ?? [];
    return namesakes.filter(
      (patient) =>
        nameKey(patient.name) === nameKey(name) && (patient.birth_date ?? '') === (birthDate ?? ''),
    );
  }

  match({ fields, pointer }: GivenPatient): Match {
    const given: Identity = {
      name: fields.name ?? pointer?.called ?? '',
      birth_date: fields.birth_date ?? null,
      identifiers: fields.identifiers ?? [],
    };
    const numbered = this.#numbered(given);
    if (numbered.length > 1) return doubt(numbered, 'its identifiers belong to several patients');
    const [holder] = numbered;
    if (pointer !== undefined) return holder === undefined ? this.#pointed(given, fields.id) : known(holder);
    if (holder !== undefined) {
      const isSame =
        agree(given.birth_date, holder.birth_date) || nameKey(given.name) === nameKey(holder.name);
      return isSame ? known(holder) : doubt([holder], 'the same identifier, but another name and birth date');
    }
    return this.#byItself(given, fields.id);
  }

  matchEvent({ said }: GivenEvent, holders: ReadonlySet<string>): Match {
    this.#names ??= new NameIndex(this.#patients);
    const match = this.#names.match(said);
    const [holder, another] = [...holders].flatMap((id) => this.#byId.get(id) ?? []);
    if (holder === undefined || another !== undefined) return match;
    const isOther = match.kind === 'known' && match.patient !== holder;
    return isOther ? doubt([holder, match.patient], 'it named another patient before') : known(holder);
  }

  #numbered({ identifiers }: Identity): readonly Patient[] {
    return [...new Set(identifiers.flatMap((one) => this.#identified.get(identifierKey(one)) ?? []))];
  }

  #byItself(given: Identity, id: string | null | undefined): Match {
    const { name, birth_date } = given;
    const holder = id == null ? undefined : this.#byId.get(id);
    const isHolder =
      holder !== undefined &&
      agree(birth_date, holder.birth_date) &&
      !areNumberedApart(given, holder) &&
      (nameKey(name) === nameKey(holder.name) || (birth_date !== null && birth_date === holder.birth_date));
    if (isHolder) return known(holder);
    const namesakes = (this.#byName.get(nameKey(name)) ?? []).filter((patient) =>
      agree(birth_date, patient.birth_date),
    );
    const same = namesakes.filter(
      (patient) =>
        birth_date !== null && patient.birth_date === birth_date && nameKey(patient.name) === nameKey(name),
    );
    const [first] = same;
    if (first !== undefined && same.length === 1)
      return areNumberedApart(given, first)
        ? doubt(same, 'the same name and birth date, but another identifier')
        : known(first);
    if (same.length > 1) return doubt(same, 'the same name and birth date');
    if (namesakes.length > 0) return doubt(namesakes, 'the same name, and not both birth dates in full');
    const born = isFullDate(birth_date) ? (this.#born.get(birth_date) ?? []) : [];
    const alike = born.filter((patient) => isPartOfName(patient.name, name));
    return alike.length > 0 ? doubt(alike, 'the same birth date and part of the name') : { kind: 'new' };
  }

  /** For a reference: an id counts if it is unique or comes with the right name. */
  #pointed({ name }: Identity, id: string | null | undefined): Match {
    const holder = id == null ? undefined : this.#byId.get(id);
    if (holder !== undefined) {
      const isNamed = name !== '' && nameKey(name) === nameKey(holder.name);
      return isNamed || isUnique(holder.id)
        ? known(holder)
        : doubt([holder], name === '' ? 'the same id, and no name' : 'the same id, but another name');
    }
    const namesakes = name === '' ? [] : (this.#byName.get(nameKey(name)) ?? []);
    return namesakes.length > 0
      ? doubt(namesakes, 'the same name, and nothing else to know')
      : { kind: 'none' };
  }
}
