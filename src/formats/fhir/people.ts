/** Patient, its contacts and RelatedPerson as fields of ours. */
import type { CivilDate } from '../../dates/civil.ts';
import type { Given, GivenRecord, PatientFields, PersonFields } from '../../domain/interchange.ts';
import { type Identifier, nameLimit, unconfirmedAmong } from '../../domain/records.ts';
import { foldedWords } from '../../domain/text.ts';
import { type Complain, textFault } from '../fields.ts';
import type { NameCleaning } from '../name-cleaning.ts';
import { pastDate } from './dates.ts';
import { keptId, keptIdentifiers } from './identifiers.ts';
import type { Resource } from './shapes.ts';
import { chooseNames, isPast, personName, preferredLanguage, pronounsOf, relationOf } from './wording.ts';

export interface PeopleOptions {
  readonly today: CivilDate;
  readonly identifierSystems: ReadonlySet<string>;
  readonly names: NameCleaning;
}

const short = (text: string | undefined, complain: Complain, below: string): string | undefined => {
  const fault = text === undefined ? undefined : textFault(text, nameLimit);
  if (fault !== undefined) complain(fault, below);
  return fault === undefined ? text : undefined;
};

/** The patient's fields, without a name where they have none. */
export function patientFieldsOf(
  patient: Resource<'Patient'>,
  { today, identifierSystems, names }: PeopleOptions,
  complain: Complain,
): Given<PatientFields> {
  const below =
    (path: string): Complain =>
    (what) =>
      complain(what, path);
  const chosen = chooseNames(patient.name ?? [], today);
  const given: readonly Identifier[] = keptIdentifiers(patient.identifier ?? [], identifierSystems);
  const { birthDate, deceasedDateTime } = patient;
  const diedOn =
    deceasedDateTime === undefined
      ? undefined
      : pastDate(deceasedDateTime, today, below('.deceasedDateTime'));
  const isDead = patient.deceasedBoolean === true || deceasedDateTime !== undefined;
  const fields: { [K in keyof Given<PatientFields>]: Given<PatientFields>[K] | undefined } = {
    id: keptId(patient.id, patient.identifier ?? [], given),
    name:
      short(chosen.name === undefined ? undefined : names.clean(chosen.name), complain, '.name') || undefined,
    goes_by: short(chosen.goesBy, complain, '.name') && names.clean(chosen.goesBy ?? ''),
    pronouns: short(pronounsOf(patient.extension ?? [], today), complain, '.extension'),
    language: short(preferredLanguage(patient.communication ?? []), complain, '.communication'),
    birth_date: birthDate === undefined ? undefined : pastDate(birthDate, today, below('.birthDate')),
    status: isDead ? 'died' : patient.active === false ? 'archived' : undefined,
    died_on: diedOn,
    identifiers: given.length > 0 ? given : undefined,
  };
  const known = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
  return { ...known, unconfirmed: unconfirmedAmong(known) };
}

/** People of Patient.contact; organisations and those whose time is over are none. */
export function contactPeople(
  { contact = [] }: Resource<'Patient'>,
  path: string,
  options: PeopleOptions,
): readonly GivenRecord<PersonFields>[] {
  return contact.flatMap(({ name, relationship = [], period }, index) => {
    const called = name === undefined ? undefined : personName(name);
    if (called === undefined || isPast(period, options.today)) return [];
    const fields = personFields(called, relationOf(relationship), options);
    return fields === undefined ? [] : [{ path: `${path}.contact[${index}]`, fields }];
  });
}

function personFields(
  name: string,
  relation: string | undefined,
  { names }: PeopleOptions,
): Given<PersonFields> | undefined {
  const cleaned = names.clean(name).slice(0, nameLimit);
  return cleaned === ''
    ? undefined
    : { name: cleaned, ...(relation === undefined ? {} : { relation: relation.slice(0, nameLimit) }) };
}

/** Undefined where nobody is named. */
export function relatedPerson(
  person: Resource<'RelatedPerson'>,
  options: PeopleOptions,
  complain: Complain,
): Given<PersonFields> | undefined {
  const { name } = chooseNames(person.name ?? [], options.today);
  const fields =
    name === undefined ? undefined : personFields(name, relationOf(person.relationship ?? []), options);
  if (fields === undefined || person.birthDate === undefined) return fields;
  const birthDate = pastDate(person.birthDate, options.today, (what) => complain(what, '.birthDate'));
  return birthDate === undefined ? fields : { ...fields, birth_date: birthDate };
}

const key = ({ fields }: GivenRecord<PersonFields>): string => foldedWords(fields.name ?? '').join(' ');

/** Patient.contact and RelatedPerson may be the same person: then one is kept, with the second's words first. */
export function joinPeople(
  contacts: readonly GivenRecord<PersonFields>[],
  related: readonly GivenRecord<PersonFields>[],
): readonly GivenRecord<PersonFields>[] {
  const joined = new Map<string, GivenRecord<PersonFields>>();
  for (const record of contacts) if (!joined.has(key(record))) joined.set(key(record), record);
  const people = related.map((record) => {
    const contact = joined.get(key(record));
    joined.delete(key(record));
    return contact === undefined ? record : { ...record, fields: { ...contact.fields, ...record.fields } };
  });
  return [...joined.values(), ...people];
}
